"""Which row stays, between which corpora, and when a run stops: keep, across, protected, the guards."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from curate.cache import Cache, Step
from curate.dedupe import Dedupe, Source
from curate.dedupe.rank import quality
from curate.errors import GateFailed
from curate.rows import Table
from tests.dedupe.conftest import Run, table

SAME = "第九届中国西部农机展将于十月在西安国际会展中心举行，组委会预计展出面积达六万平方米。"
NEAR = SAME.replace("十月", "九月")


def survivor(run: Run, keep: list[Any] | None, **columns: list[Any]) -> str:
    """Of three rows with one text the key of the one that stays."""
    rows = table({"a": SAME, "b": SAME, "c": SAME}, **columns)
    found = run({"c": rows}, exact={}, **({"keep": keep} if keep is not None else {}))
    return str(found.kept["row_id"].item()).removeprefix("c:")


@pytest.mark.parametrize(
    ("keep", "columns", "stays"),
    [
        (None, {}, "a"),
        (None, {"updated_at": ["2024-01-01", "2025-01-01", None]}, "b"),
        (None, {"name": [None, None, "甲"]}, "c"),
        (["completeness", "updated_at"], {"updated_at": ["2024", "2025", "2023"], "x": [None, None, 1]}, "c"),
        ([{"column": "views"}], {"views": [3, 30, 4]}, "b"),
        ([{"column": "views", "smallest": True}], {"views": [3, 30, 4]}, "a"),
        ([{"column": "views"}], {"views": ["3", "30", None]}, "b"),
        ([{"column": "day"}], {"day": ["2024-09-30 10:00", "2025-01-02", "昨天"]}, "b"),
        ([{"column": "day"}], {"day": [date(2024, 9, 30), None, date(2024, 10, 1)]}, "c"),
        ([{"column": "source", "order": ["官网", "转载"]}], {"source": ["转载", None, "官网"]}, "c"),
        ([{"column": "source", "order": ["官网"]}, {"column": "views"}], {"source": ["x", "y", None], "views": [1, 2, 3]}, "c"),
        ([{"column": "no_such"}, "completeness"], {"x": [None, 1, None]}, "b"),
    ],
)  # fmt: skip
def test_the_row_that_stays_is_the_one_the_recipe_prefers(
    run: Run, keep: list[Any] | None, columns: dict[str, list[Any]], stays: str
) -> None:
    assert survivor(run, keep, **columns) == stays


def test_the_cleaner_text_stays_where_quality_is_asked_for(run: Run) -> None:
    dirty = SAME[:20] + "\ufffd@" + SAME[20:]
    rows = table({"a": dirty, "b": SAME})
    assert run({"c": rows}, minhash={}, keep=["quality"]).kept["row_id"].to_list() == ["c:b"]
    assert run({"c": rows}, minhash={}, keep=["length"]).kept["row_id"].to_list() == ["c:a"]


def test_quality_is_the_share_of_usual_characters() -> None:
    texts = pl.DataFrame({"text": ["展会，2026 年。", "展会\ufffd\ufffd", "", None]})
    assert texts.select(found=quality(pl.col("text")))["found"].to_list() == [100.0, 50.0, None, None]


def test_quality_is_the_score_where_rows_have_one_and_makes_no_row_more_complete(run: Run) -> None:
    rows = table({"a": SAME, "b": SAME}, quality=[0.4, 0.9], quality_why=["repeated_lines", None])
    assert run({"c": rows}, exact={}, keep=["quality"]).kept["row_id"].to_list() == ["c:b"]
    fuller = table({"a": SAME, "b": SAME}, quality=[0.4, None], quality_why=["menu", None], note=[None, "x"])
    assert run({"c": fuller}, exact={}, keep=["completeness"]).kept["row_id"].to_list() == ["c:b"]


def test_a_row_without_text_is_not_of_the_best_quality(run: Run) -> None:
    rows = table({"a": "", "b": "@#" + SAME}, number=["1", "1"])
    assert run({"c": rows}, same_key={}, key=["number"], keep=["quality"]).gone == {"c:a": "c:b"}


def test_a_column_is_preferred_by_an_order_or_by_its_size() -> None:
    with pytest.raises(ValidationError, match="order 和 smallest 只能写一个"):
        Dedupe(keep=[{"column": "views", "order": ["1", "2"], "smallest": True}])


def test_corpora_are_compared_only_where_the_recipe_says_across(run: Run) -> None:
    corpora = {"news": table({"n": SAME}, "news"), "posts": table({"p": SAME, "q": NEAR}, "posts")}
    alone = run(corpora, exact={}, minhash={})
    assert alone.gone == {"posts:q": "posts:p"}
    both = run(corpora, exact={}, minhash={}, across=[["news", "posts"]])
    assert both.gone == {"posts:p": "news:n", "posts:q": "news:n"}
    assert both.copies == {"news:n": 3}


def test_the_earlier_corpus_wins_unless_keep_says_otherwise(run: Run) -> None:
    corpora = {
        "news": table({"n": SAME}, "news", updated_at=["2024"]),
        "posts": table({"p": NEAR}, "posts", updated_at=["2025"]),
    }
    across = [["posts", "news"]]
    assert run(corpora, minhash={}, across=across).gone == {"posts:p": "news:n"}
    assert run(corpora, minhash={}, across=across, keep=["updated_at"]).gone == {"news:n": "posts:p"}


def test_a_corpus_is_in_one_group_of_across_only() -> None:
    with pytest.raises(ValidationError, match="news"):
        Dedupe(exact={}, across=[["news", "posts"], ["news", "comments"]])


def test_an_index_needs_minhash() -> None:
    with pytest.raises(ValidationError, match="minhash"):
        Dedupe(exact={}, index="news")


def dedupe(
    folder: Path, frames: dict[str, pl.DataFrame], protected: set[str], **options: Any
) -> tuple[Dedupe, Step, list[Step]]:
    sources = []
    for name, frame in frames.items():
        shard = folder / f"{name}.parquet"
        frame.write_parquet(shard)
        sources.append(Source(Table(name, (shard,)), name, protected=name in protected))
    unit = Dedupe(**options)
    decided, steps = unit.run(sources, Cache(folder / "cache"))
    return unit, decided, steps


def test_what_repeats_a_protected_row_goes_from_every_corpus_and_the_protected_stay(tmp_path: Path) -> None:
    frames = {
        "news": table({"n": SAME, "m": NEAR}, "news"),
        "exam": table({"e": NEAR, "f": NEAR}, "exam"),
    }
    _, _, (news, exam) = dedupe(tmp_path, frames, {"exam"}, exact={}, minhash={}, keep=["updated_at"])
    assert exam.dropped == 0
    gone = pl.concat([pl.read_parquet(file) for file in news.dropped_shards]).sort("row_id")
    assert gone.select("row_id", "reason", "of").rows() == [
        ("news:m", "protected", "exam:e"),
        ("news:n", "protected", "exam:e"),
    ]
    assert exam.table.narrow(["copies"])["copies"].to_list() == [1, 1]


def records(number: int, seed: int = 1) -> list[str]:
    """Texts that are much alike and all different."""
    draw = random.Random(seed)
    letters = [chr(code) for code in range(0x4E00, 0x5E00)]
    body = "".join(draw.choices(letters, k=120))
    return [f"{body}{number:04d}号" for number in range(number)]


def test_a_run_stops_when_one_row_would_take_in_more_than_the_recipe_allows(tmp_path: Path) -> None:
    draw = random.Random(2)
    different = ["".join(chr(draw.randrange(0x4E00, 0x9000)) for _ in range(60)) for _ in range(400)]
    frames = {"c": table(records(60) + different)}
    unit, decided, steps = dedupe(tmp_path, frames, set(), minhash={})
    with pytest.raises(GateFailed, match="max_group") as stopped:
        unit.guard(decided, steps)
    told = str(stopped.value)
    assert "59/460" in told
    assert told.count("c:000") >= 4, "the row that stays and three that went, with their texts"
    assert records(1)[0][:20] in told
    Dedupe(minhash={}, max_group=0.2).guard(decided, steps)


def test_a_run_stops_when_a_corpus_would_lose_more_than_the_recipe_allows(tmp_path: Path) -> None:
    pairs = [text for seed in range(60) for text in records(2, seed)]
    unit, decided, steps = dedupe(tmp_path, {"c": table(pairs)}, set(), minhash={}, max_loss=0.4)
    with pytest.raises(GateFailed, match=r"60/120.*max_loss: 0.4"):
        unit.guard(decided, steps)
    Dedupe(minhash={}, max_loss=0.5).guard(decided, steps)


def test_the_row_that_stays_is_shown_also_where_it_is_of_another_corpus(tmp_path: Path) -> None:
    frames = {"news": table(records(1), "news"), "posts": table(records(61)[1:], "posts")}
    unit, decided, steps = dedupe(tmp_path, frames, set(), minhash={}, across=[["news", "posts"]])
    with pytest.raises(GateFailed, match=r"60/60") as stopped:
        unit.guard(decided, steps)
    assert f"留下的 news:00000：{records(1)[0][:20]}" in str(stopped.value)
    assert "minhash.threshold" in stopped.value.hint
    assert "merge_above" not in stopped.value.hint


def test_of_entities_the_hint_names_what_tells_entities_apart(tmp_path: Path) -> None:
    pairs = [f"{chr(0x5100 + number // 2)}华展{number // 2}展览有限公司" for number in range(120)]
    companies = table(pairs, "c", name=pairs)
    rules = {"c": {"match": {"name": "company_name"}}}
    unit, decided, steps = dedupe(tmp_path, {"c": companies}, set(), records=rules, max_loss=0.4)
    with pytest.raises(GateFailed, match="max_loss") as stopped:
        unit.guard(decided, steps)
    assert "records.c.merge_above" in stopped.value.hint
    assert "threshold" not in stopped.value.hint


def test_neither_equal_texts_nor_a_handful_of_rows_stop_a_run(tmp_path: Path) -> None:
    unit, decided, steps = dedupe(tmp_path, {"c": table([SAME] * 500)}, set(), exact={}, minhash={})
    unit.guard(decided, steps)
    (tmp_path / "few").mkdir()
    unit, decided, steps = dedupe(tmp_path / "few", {"c": table(records(10))}, set(), minhash={})
    assert steps[0].dropped == 9
    unit.guard(decided, steps)


@pytest.mark.parametrize("text", ["好评", "哈哈哈哈", "1111", "棒棒棒", "很好很好很好"])
def test_very_short_texts_match_only_when_they_are_equal(run: Run, text: str) -> None:
    """Most of these have the same set of shingles, which says nothing about so short a text."""
    rows = table({"a": text, "b": text + text[0], "c": text + text, "d": text + "。"})
    assert run({"c": rows}, exact={}, minhash={}).gone == {"c:d": "c:a"}


@pytest.mark.parametrize("text", ["", None, "。。。", "　 ", "！？"])
def test_texts_of_nothing_never_match(run: Run, text: str | None) -> None:
    rows = table({"a": text, "b": text, "c": ""})
    assert not run({"c": rows}, exact={}, minhash={}).gone


def test_the_result_does_not_depend_on_shards_or_the_order_of_rows(run: Run) -> None:
    draw = random.Random(3)
    texts = records(40, 5) + ["".join(draw.choices(SAME + NEAR, k=40)) for _ in range(200)]
    texts += [text[:10] + "改" + text[11:] for text in draw.sample(texts, 80)]
    rows = table(texts, updated_at=[str(draw.randrange(5)) for _ in texts])
    first = run({"c": rows}, exact={}, minhash={})
    assert 50 < len(first.gone) < 200
    for shard_rows, order in (
        (10_000, rows.reverse()),
        (90, rows.sample(fraction=1, shuffle=True, seed=4)),
    ):
        again = run({"c": order}, exact={}, minhash={}, shard_rows=shard_rows)
        assert again.gone == first.gone
        assert again.groups == first.groups
        assert again.copies == first.copies
