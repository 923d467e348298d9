"""explain: what was removed because of what, and what was nearly removed."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from curate.dedupe.explain import (
    Decided,
    largest_groups,
    least_similar,
    most_similar_kept,
    pairs_between,
    standing,
    waiting,
)
from tests.dedupe.conftest import similarity, table
from tests.dedupe.decisions import decide
from tests.dedupe.test_minhash import edited, words


def between(draw: random.Random, text: str, least: float, most: float) -> str:
    """An edit of a text whose similarity to it is in a range."""
    while True:
        other = edited(draw, text, draw.uniform(0.005, 0.12))
        if least < similarity(text, other) < most:
            return other


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """One text and others at known distances from it."""
    draw = random.Random(37)
    text = words(draw, 120)
    return {
        "long": text + "。" + words(draw, 4),
        "same": text,
        "same2": text + "！",
        "near": between(draw, text, 0.85, 0.88),
        "far": between(draw, text, 0.6, 0.65),
        "other": words(draw, 120),
    }


@pytest.fixture(scope="module")
def decided(texts: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Decided:
    """``long`` takes in ``same``, which took in ``same2``, and ``near``; ``far`` is only alike."""
    return decide(
        tmp_path_factory.mktemp("explain"), {"c": table(texts)}, exact={}, minhash={}, keep=["length"]
    )


def test_a_group_is_all_that_went_because_of_a_row_also_by_way_of_another(
    decided: Decided, texts: dict[str, str]
) -> None:
    [group] = largest_groups(decided)
    assert (group.row, group.text, group.rows) == ("c:long", texts["long"], 3)
    assert group.reasons == {"near_duplicate": 2, "exact_duplicate": 1}
    first, *rest = group.members
    assert (first.row, first.of, first.text) == ("c:near", "c:long", texts["near"])
    assert first.similarity == pytest.approx(similarity(texts["near"], texts["long"]))
    exact = next(pair for pair in rest if pair.why == "exact_duplicate")
    assert {exact.row, exact.of} == {"c:same", "c:same2"}, "it went for a copy that went itself"


def test_groups_of_some_reasons_count_only_those_and_a_single_copy_is_no_group(decided: Decided) -> None:
    [near] = largest_groups(decided, reasons=("near_duplicate",))
    assert (near.row, near.rows, near.reasons) == ("c:long", 2, {"near_duplicate": 2})
    assert largest_groups(decided, reasons=("exact_duplicate",)) == []
    assert largest_groups(decided, number=0) == []


def test_the_largest_groups_come_first_and_ties_by_their_name(tmp_path: Path) -> None:
    rows = table(["物流很快"] * 2 + ["服务很好"] * 4 + ["下次还来"] * 2)
    groups = largest_groups(decide(tmp_path, {"c": rows}, exact={}, keep=[]), 5, 2)
    assert [(group.row, group.rows) for group in groups] == [("c:00002", 3), ("c:00000", 1), ("c:00006", 1)]
    assert [pair.row for pair in groups[0].members] == ["c:00003", "c:00004"]


def test_the_least_similar_removed_rows_come_first(decided: Decided, texts: dict[str, str]) -> None:
    pairs = least_similar(decided)
    assert (pairs[0].row, pairs[0].why) == ("c:near", "near_duplicate")
    assert [pair.similarity for pair in pairs] == sorted(pair.similarity or 0 for pair in pairs)
    assert pairs[0].of_text == texts["long"]
    assert len(least_similar(decided, 1)) == 1


def test_rows_that_stay_say_why(texts: dict[str, str], tmp_path: Path) -> None:
    chosen = {key: texts[key] for key in ("same", "near", "far")}
    news, posts = (
        table(chosen, "news", name=["甲", "乙", None]),
        table({"same": texts["same"]}, "posts", name=["甲"]),
    )
    exam = table({"a": texts["same"], "b": texts["near"]}, "exam", name=["丙", "丁"])
    found = decide(
        tmp_path, {"news": news, "posts": posts}, minhash={}, keep=["length"], identity={"news": ["name"]}
    )
    counts, pairs = most_similar_kept(found)
    told = {(pair.why, *sorted((pair.row, pair.of))): pair for pair in pairs}
    assert sum(counts.values()) == len(told)  # few enough for all to be examples
    assert ("identity", "news:near", "news:same") in told
    assert ("other_corpus", "news:same", "posts:same") in told
    assert ("below_threshold", "news:far", "news:same") in told
    assert set(told["identity", "news:near", "news:same"].detail.split(" ")) >= {"name", "≠"}
    alone = decide(tmp_path / "exam", {"exam": exam}, minhash={}, reference=frozenset({"exam"}))
    assert most_similar_kept(alone)[0] == {"reference": 1}


def test_a_row_that_outlives_its_neighbour_is_told_with_it(tmp_path: Path) -> None:
    draw = random.Random(41)
    best = words(draw, 150) + words(draw, 6)
    middle = between(draw, best, 0.82, 0.86)[:153]
    while True:
        last = between(draw, middle, 0.82, 0.86)[:150]
        if similarity(best, last) < 0.75 and similarity(middle, last) >= 0.8 <= similarity(best, middle):
            break
    found = decide(tmp_path, {"c": table({"1": best, "2": middle, "3": last})}, minhash={}, keep=["length"])
    counts, pairs = most_similar_kept(found)
    assert [pair.row for pair in least_similar(found)] == ["c:2"]
    assert counts == {"its_copy_went": 1, "below_threshold": 1}
    assert {pair.why: (pair.row, pair.of) for pair in pairs}["its_copy_went"] == ("c:3", "c:2")


def test_pairs_of_a_range_say_what_became_of_them(decided: Decided, texts: dict[str, str]) -> None:
    pairs = pairs_between(decided, 0.5, 1.0, 100)
    told = {(pair.row, pair.of): pair.why for pair in pairs}
    assert told["c:near", "c:long"] == "near_duplicate"
    assert told["c:far", "c:long"] == "below_threshold"
    same = "c:same" if ("c:same", "c:long") in told else "c:same2"  # the other went before the comparison
    assert told[same, "c:long"] == "near_duplicate"
    between_copies = [why for pair, why in told.items() if set(pair) == {"c:near", same}]
    assert between_copies in ([], ["went_for_another"])
    assert pairs_between(decided, 0.5, 1.0, 1)[0].similarity == max(pair.similarity or 0 for pair in pairs)
    low = pairs_between(decided, 0.5, 0.8, 100)
    assert {pair.row for pair in low} <= {"c:far"}
    assert all(pair.text == texts["far"] for pair in low)


def test_without_minhash_no_pair_was_kept(tmp_path: Path) -> None:
    found = decide(tmp_path, {"c": table(["物流很快", "物流很快！"])}, exact={})
    assert most_similar_kept(found) == ({}, [])
    assert least_similar(found) == []
    assert waiting(found) == (0, [])


def test_texts_are_found_in_any_shard_kept_or_removed(texts: dict[str, str], tmp_path: Path) -> None:
    found = decide(tmp_path, {"c": table(texts)}, exact={}, minhash={}, keep=["length"], shard_rows=1)
    rows = found.rows(["c:same", "c:long", "c:nobody", "d:same"], ["updated_at"])
    assert {name: row["text"] for name, row in rows.items()} == {
        "c:same": texts["same"],
        "c:long": texts["long"],
    }
    assert rows["c:same"].keys() == {"row_id", "text", "updated_at"}
    assert largest_groups(found)[0].rows == 3


def test_of_one_row_its_copies_are_told_with_those_of_its_copies(decided: Decided) -> None:
    copies = {copy["row_id"]: copy for copy in standing(decided, "c:long").copies}
    assert copies.keys() == {"c:same", "c:same2", "c:near"}
    assert copies["c:near"]["reason"] == "near_duplicate"
    assert standing(decided, "c:other").copies == []


RECORDS = {"companies": {"match": {"name": "company_name", "credit_code": "code", "phone": "phone"}}}


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    rows = table(
        {"1": "上海松塬展览服务有限公司主营展台搭建", "2": "松塬展览的介绍", "3": "杭州鲸野会展有限公司", "4": "杭州鲸野会展服务公司"},
        "companies",
        name=["上海松塬展览服务有限公司", "上海松塬展览服务有限公司", "杭州鲸野会展有限公司", "杭州鲸野会展服务有限公司"],
        credit_code=["91310115MA4FMMF54C", "91310115MA4FMMF54C", None, None],
        phone=[None, "13812345678", None, None],
    )  # fmt: skip
    return decide(tmp_path_factory.mktemp("records"), {"companies": rows}, records=RECORDS, keep=["length"])


def test_a_merged_record_tells_which_value_came_from_which_row(companies: Decided) -> None:
    found = standing(companies, "companies:1")
    assert [copy["reason"] for copy in found.copies] == ["same_entity"]
    assert {
        "field": "phone",
        "value": "13812345678",
        "was": None,
        "from_row_id": "companies:2",
        "rule": "best",
    } in found.values
    [pair] = least_similar(companies) or largest_groups(companies)[0].members
    assert (pair.row, pair.of, pair.why) == ("companies:2", "companies:1", "same_entity")
    assert "credit_code=" in pair.detail


def test_records_for_people_are_told_with_both_texts(companies: Decided) -> None:
    number, pairs = waiting(companies)
    assert number == len(pairs) == 1
    assert {pairs[0].row, pairs[0].of} == {"companies:3", "companies:4"}
    assert pairs[0].text is not None is not pairs[0].of_text
    assert pairs[0].why == "review"
    [review] = standing(companies, "companies:3").review
    assert review["row_id"] == "companies:4"
    assert review["score"] == pairs[0].similarity
    assert waiting(companies, 0) == (1, [])


def test_one_corpus_alone_is_told_alone(texts: dict[str, str], tmp_path: Path) -> None:
    both = {name: table(texts, name) for name in ("news", "posts")}
    found = decide(tmp_path, both, exact={}, minhash={}, keep=["length"])
    news = Decided(found.folder, found.steps[:1], found.form)
    assert {group.row for group in largest_groups(news)} == {"news:long"}
    assert {pair.row.partition(":")[0] for pair in least_similar(news)} == {"news"}
    assert news.removed.select(pl.len()).collect().item() == 3
