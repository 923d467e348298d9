"""chunk: pieces of the rows that are retrieved, each where it says it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
import pytest

from curate.rag import chunk
from curate.rows import CHUNK

LONG = "展会于三月开幕。共有五百家企业参展！观众超过十万人次，比上届多一成。\n第二段说的是论坛？是的。" * 4


def table(*texts: str | None, tier: str | list[str] = "secondary", **columns: list[Any]) -> pl.DataFrame:
    ids = [f"c:{number}" for number in range(len(texts))]
    tiers = [tier] * len(texts) if isinstance(tier, str) else tier
    columns.setdefault("updated_at", [None] * len(texts))
    return pl.DataFrame(
        {"row_id": ids, "corpus": "c", "tier": tiers, "text": texts, **columns},
        schema_overrides={"text": pl.String},
    )


@pytest.mark.parametrize("text", [LONG, f"  {LONG}\n\n", "没有句号的长文" * 40, "🎪展会👨‍👩‍👧。" * 20])
@pytest.mark.parametrize(("size", "overlap"), [(40, 0), (40, 15), (60, 30)])
def test_a_chunk_is_the_text_at_its_place(text: str, size: int, overlap: int) -> None:
    rows = table(text)
    found = chunk(rows, size, overlap)
    assert found.kept.height > 2
    assert found.dropped.is_empty()
    covered = [False] * len(text)
    for row in found.kept.iter_rows(named=True):
        assert row["text"] == text[row["start"] : row["end"]]
        assert 0 < len(row["text"]) <= size
        assert row["text"] == row["text"].strip()
        covered[row["start"] : row["end"]] = [True] * (row["end"] - row["start"])
    assert "".join(letter for letter, there in zip(text, covered, strict=True) if not there).strip() == ""
    shared = [max(0, a - b) for a, b in zip(found.kept["end"], found.kept["start"][1:], strict=False)]
    assert max(shared) <= overlap


def test_sentences_stay_whole_where_they_fit() -> None:
    assert all(text[-1] in "。！？" for text in chunk(table(LONG), 40, 0).kept["text"])


def test_a_short_text_is_one_chunk_with_its_title_and_date() -> None:
    rows = table("一句话。", title=["题目"], updated_at=[datetime(2026, 3, 5, 14, 30)])
    kept = chunk(rows, 700, 80).kept
    assert kept.schema == pl.Schema(CHUNK)
    assert kept.rows() == [("c:0#0", "c:0", "c", "题目", "一句话。", 0, 4, "2026-03-05 14:30:00")]


def test_title_and_date_that_are_absent_are_empty_and_not_null() -> None:
    without = chunk(table("一句话。"), 700, 80).kept
    empty = chunk(table("一句话。", title=pl.Series([None], dtype=pl.String)), 700, 80).kept
    assert without.equals(empty)
    assert without.select("title", "updated_at").rows() == [("", "")]


def test_only_retrieved_rows_give_chunks_and_each_other_row_says_why() -> None:
    rows = table(
        "训练。",
        "检索。",
        "两者。",
        "",
        None,
        " \n",
        "",
        tier=["primary", "secondary", "both", "both", "secondary", "secondary", "primary"],
    )
    found = chunk(rows, 700, 80)
    assert found.kept["parent_id"].to_list() == ["c:1", "c:2"]
    assert found.dropped.select("row_id", "reason").rows() == [
        ("c:0", "training_only"),
        ("c:3", "empty"),
        ("c:4", "empty"),
        ("c:5", "empty"),
        ("c:6", "training_only"),
    ]


def test_chunks_of_a_row_are_numbered() -> None:
    kept = chunk(table(LONG, "短。"), 40, 0).kept
    numbers = kept.filter(parent_id="c:0")["chunk_id"].to_list()
    assert numbers == [f"c:0#{number}" for number in range(len(numbers))]
    assert kept["chunk_id"].is_unique().all()


def test_no_rows_are_no_error() -> None:
    found = chunk(table("x").clear(), 40, 0)
    assert found.kept.schema == pl.Schema(CHUNK)
    assert found.dropped.is_empty()
