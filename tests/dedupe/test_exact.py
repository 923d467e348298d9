"""exact and same_key: one text, one record."""

from __future__ import annotations

import pytest

from curate.dedupe import Dedupe
from tests.dedupe.conftest import Run, table


def test_one_row_of_a_text_stays_and_counts_its_copies(run: Run) -> None:
    rows = table(
        {"a": "物流很快！", "b": "物流很快", "c": " 物流 很快。", "d": "物流很慢"},
        updated_at=["1", "3", "2", None],
    )
    found = run({"c": rows}, exact={})
    assert found.gone == {"c:a": "c:b", "c:c": "c:b"}
    assert found.copies == {"c:b": 3, "c:d": 1}
    assert set(found.dropped["reason"]) == {"exact_duplicate"}
    assert set(found.dropped["similarity"]) == {1.0}


def test_empty_texts_are_like_nothing(run: Run) -> None:
    rows = table({"a": "", "b": None, "c": "！", "d": "，"})
    assert run({"c": rows}, exact={}).gone == {}


def test_one_text_in_two_corpora_stays_twice(run: Run) -> None:
    found = run({"x": table({"a": "同一段话"}, "x"), "y": table({"a": "同一段话"}, "y")}, exact={})
    assert found.gone == {}


@pytest.mark.parametrize(
    ("names", "goes"),
    [(["甲", "乙"], False), (["甲", "甲"], True), (["甲", None], False), ([None, None], True)],
)
def test_rows_of_another_identity_are_no_copies(run: Run, names: list[str | None], goes: bool) -> None:
    rows = table({"a": "同一段话", "b": "同一段话"}, name=names)
    assert bool(run({"c": rows}, identity={"c": ["name"]}, exact={}).gone) is goes


def test_of_the_versions_of_a_record_the_newest_stays(run: Run) -> None:
    rows = table(
        {"1": "甲", "1~aaaaaaaa": "甲甲", "1~bbbbbbbb": "甲甲甲", "2": "乙", "~h": "丙", "~i": "丁"},
        k=["1", "1", "1", "2", None, None],
        updated_at=["2024-05-01", "2026-05-01", None, "2020-01-01", None, None],
    )
    found = run({"c": rows}, key=["k"], same_key={})
    assert found.gone == {"c:1": "c:1~aaaaaaaa", "c:1~bbbbbbbb": "c:1~aaaaaaaa"}
    assert set(found.dropped["reason"]) == {"older_version"}
    assert found.copies["c:1~aaaaaaaa"] == 3


def test_without_a_key_no_row_is_a_version(run: Run) -> None:
    assert run({"c": table({"1": "甲", "2": "甲"})}, same_key={}).gone == {}


def test_a_key_of_two_columns_is_compared_column_by_column(run: Run) -> None:
    rows = table({"1": "甲", "2": "乙", "3": "丙"}, k=["a", "a|b", "a"], j=["b|c", "c", "b|c"])
    assert len(run({"c": rows}, key=["k", "j"], same_key={}).gone) == 1


def test_copies_add_up_over_all_methods(run: Run) -> None:
    text = "第十二届中国国际家具及木工机械展览会将在上海新国际博览中心开幕"
    rows = table(
        {"a": text, "b": text + "！", "c": text + "了", "d": text + "了", "e": "别的"},
        k=["1", "2", "3", "4", "5"],
    )
    found = run({"c": rows}, key=["k"], same_key={}, exact={}, minhash={})
    assert sorted(found.copies.values()) == [1, 4]
    assert found.dropped["reason"].sort().to_list() == [
        "exact_duplicate",
        "exact_duplicate",
        "near_duplicate",
    ]
    survivor = max(found.copies, key=lambda row_id: found.copies[row_id])
    ends = {found.gone.get(of, of) for of in found.gone.values()}
    assert ends == {survivor}, "a copy of a copy leads to the row that stays"


def test_without_a_method_nothing_happens() -> None:
    assert list(Dedupe().methods) == []
