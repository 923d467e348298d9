"""The golden table: what must change, what must not, and not one difference. See README.md beside this file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from curate.algorithms.chinese_script import CONVERSIONS, converted
from curate.clean.cleaner import Cleaner
from curate.clean.convert_script import ConvertScript
from curate.clean.fold_punctuation import FoldPunctuation
from curate.clean.fold_space import FoldSpace
from curate.clean.fold_width import FoldWidth
from curate.clean.repair_text import RepairText
from curate.clean.strip_html import StripHtml

DEFAULT: list[Cleaner] = [
    RepairText(), StripHtml(), FoldWidth(), FoldPunctuation(), FoldSpace(), ConvertScript(),
]  # fmt: skip


def _rows(name: str) -> list[dict[str, Any]]:
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def _cleaned(texts: list[str], cleaners: list[Cleaner]) -> list[str]:
    rows = pl.DataFrame({"text": texts})
    for cleaner in cleaners:
        rows = cleaner.apply(rows).kept
    return rows["text"].to_list()


def _wrong(rows: list[dict[str, Any]], cleaners: list[Cleaner]) -> list[tuple[str, str, str]]:
    """(text, wanted, found) of the rows that come out otherwise than wanted, the first time or the second."""
    wanted = [row.get("ours", row.get("clean", row["text"])) for row in rows]
    once = _cleaned([row["text"] for row in rows], cleaners)
    twice = _cleaned(once, cleaners)
    return [
        (row["text"], want, found if found != want else again)
        for row, want, found, again in zip(rows, wanted, once, twice, strict=True)
        if not want == found == again
    ]


def test_our_own_cases_have_no_wrong_change() -> None:
    rows = _rows("own.jsonl")
    assert _wrong(rows, DEFAULT) == []
    assert sum("clean" in row for row in rows) > 60
    assert sum("clean" not in row for row in rows) > 90


def test_naughty_strings_lose_nothing_but_dirt() -> None:
    rows = _rows("naughty.jsonl")
    assert _wrong(rows, DEFAULT) == []
    assert len(rows) == 515


def test_ftfys_cases_come_out_as_upstream_or_as_listed() -> None:
    rows = _rows("ftfy.jsonl")
    assert _wrong(rows, [RepairText()]) == []
    listed = [row for row in rows if "ours" in row]
    assert (len(rows), len(listed)) == (151, 24)
    assert all(row["ours"] != row.get("clean", row["text"]) for row in listed)


def test_openccs_cases_come_out_as_upstream_or_unconverted() -> None:
    rows = _rows("opencc.jsonl")
    listed = 0
    for conversion in CONVERSIONS:
        cases = [
            {"text": row["text"], "clean": row.get("ours", {}).get(conversion, row["clean"][conversion])}
            for row in rows
            if conversion in row["clean"]
        ]
        assert _wrong(cases, [ConvertScript(conversion=conversion)]) == [], conversion
        left = [row for row in rows if conversion in row.get("ours", {})]
        assert all(row["ours"][conversion] == row["text"] != row["clean"][conversion] for row in left)
        listed += len(left)
    assert (len(rows), listed) == (232, 16)


def test_openccs_japanese_cases_come_out_as_upstream() -> None:
    rows = _rows("opencc.jsonl")
    for conversion in ("jp2t", "t2jp"):
        cases = [row for row in rows if conversion in row["clean"]]
        found = converted([row["text"] for row in cases], conversion)
        assert found == [row["clean"][conversion] for row in cases]
        assert cases
