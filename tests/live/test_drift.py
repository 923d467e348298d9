"""Drift on real texts: news beside comments, and news beside news."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from curate.drift import Limits, compare, judged
from curate.files import write_parquet
from curate.rows import Table

pytestmark = pytest.mark.live


def read(file: Path, column: str) -> list[str]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [re.sub(r"<[^>]+>", "", json.loads(line)[column] or "") for line in lines]


def table(folder: Path, name: str, texts: list[str]) -> Table:
    ids = [f"news:{name}{number}" for number in range(len(texts))]
    write_parquet(folder / f"{name}.parquet", pl.DataFrame({"row_id": ids, "text": texts}))
    return Table("news", (folder / f"{name}.parquet",))


def levels(one: Table, two: Table) -> dict[str, str]:
    return {measure.kind: measure.level for measure in judged(compare("news", one, two, Limits()), Limits())}


def test_comments_are_no_news(shared_data: Path, tmp_path: Path) -> None:
    news = table(tmp_path, "a", read(shared_data / "news/xwlb_html.jsonl.gz", "content_html"))
    comments = table(tmp_path, "b", read(shared_data / "comments/waimai_10k.jsonl.gz", "review"))
    assert levels(news, comments) == {"length": "alarm", "vocabulary": "alarm", "perplexity": "alarm"}


def test_random_halves_of_the_news_are_alike(shared_data: Path, tmp_path: Path) -> None:
    texts = np.array(read(shared_data / "news/xwlb_html.jsonl.gz", "content_html"))
    alarms = 0
    for seed in range(10):
        order = np.random.default_rng(seed).permutation(len(texts))
        halves = [table(tmp_path, name, texts[order[side::2]].tolist()) for side, name in enumerate("ab")]
        alarms += "alarm" in levels(*halves).values()
    assert alarms <= 2
