"""to_simplified: by phrase, and only where there is something to convert."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path

import polars as pl
import pytest

from tests.clean.tables import cleaner, rewritten

CONVERTED = {
    "hair": ("頭髮", "头发"),
    "develop, the same simplified character": ("發展", "发展"),
    "empress and afterwards": ("皇后後來", "皇后后来"),
    "dry": ("乾淨", "干净"),
    "an emperor's name within other words": ("乾隆時期", "乾隆时期"),
    "write": ("著名設計師", "著名设计师"),
    "prose": ("歡迎參觀上海國際汽車展覽會", "欢迎参观上海国际汽车展览会"),
    "mixed with Latin and emoji": ("展位A12，歡迎👨‍👩‍👧", "展位A12，欢迎👨‍👩‍👧"),
    "a word none of whose characters changes alone": ("不瞭解", "不了解"),
    "another such word": ("請回覆", "请回复"),
    "such a word and nothing else": ("反覆", "反复"),
    "a compatibility ideograph": ("\uf902", "车"),
    "a line feed within": ("發\n展", "发\n展"),
}
KEPT = {
    "simplified": "头发发展，皇后后来",
    "a name that phrases would change": "沈默与沈浸",
    "broken, which phrases take for a blank": "杯子打坏了",
    "cover": "全面覆盖",
    "look from afar": "瞭望塔",
    "the emperor": "乾隆",
    "Latin": "Booth A12",
    "empty": "",
    "null": None,
}


@pytest.mark.parametrize(("text", "expected"), CONVERTED.values(), ids=CONVERTED)
def test_traditional_text_is_converted_by_phrase(text: str, expected: str) -> None:
    assert rewritten("to_simplified", text) == [expected]


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_simplified_text_is_left_alone(text: str | None) -> None:
    assert rewritten("to_simplified", text) == [text]


def test_each_text_keeps_its_own_row_when_texts_hold_the_separator() -> None:
    texts = ["發\n\x1e", "展", "\x1e\n車", "後\n\x1e\n來", "\x00門"]
    assert rewritten("to_simplified", *texts) == ["发\n\x1e", "展", "\x1e\n车", "后\n\x1e\n来", "\x00门"]


def test_phrases_do_not_reach_from_one_row_to_the_next() -> None:
    together = rewritten("to_simplified", "皇后", "後來", "頭", "髮", "乾", "隆車")
    assert together == [
        rewritten("to_simplified", text)[0] for text in ("皇后", "後來", "頭", "髮", "乾", "隆車")
    ]


def test_names_keep_their_characters_in_a_skipped_column() -> None:
    rows = pl.DataFrame({"contact": ["葉後來"], "text": ["葉後來"]})
    kept = cleaner("to_simplified", skip="contact").apply(rows).kept
    assert kept.rows() == [("葉後來", "叶后来")]


@pytest.mark.live
def test_opencc_cases_for_t2s(shared_data: Path) -> None:
    with tarfile.open(shared_data / "trad" / "opencc_cases.tar.gz") as archive:
        file = archive.extractfile("opencc/test/testcases/testcases.json")
        assert file is not None
        text = re.sub(r",(\s*[}\]])", r"\1", file.read().decode("utf-8"))
    cases = [case for case in json.loads(text)["cases"] if "t2s" in case["expected"]]
    wrong = {}
    for case in cases:
        (found,) = rewritten("to_simplified", case["input"])
        if found != case["expected"]["t2s"]:
            wrong[case["input"]] = found
    assert len(cases) > 30
    assert not wrong
