"""convert_script: by phrase, and only where there is something to convert."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.clean.convert_script import ConvertScript

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
    "one traditional character in simplified text": ("位於上海", "位于上海"),
    "a compatibility ideograph": ("\uf902", "车"),
    "a line feed within": ("發\n展", "发\n展"),
    "a county, whose name keeps a character": ("陝西乾縣的乾燥氣候", "陕西乾县的干燥气候"),
    "a writer with a surname of its own": ("於梨華位於", "於梨华位于"),
    "what OpenCC converts halfway": ("不可貲計", "不可赀计"),
}
KEPT = {
    "simplified": "头发发展，皇后后来",
    "a name that phrases would change": "沈默与沈浸",
    "broken, which phrases take for a blank": "杯子打坏了",
    "cover": "全面覆盖，返回覆盖，严重覆冰",
    "look from afar": "瞭望塔",
    "the emperor": "乾隆",
    "names that keep a character": "王丙乾、杨闇公、毕昇、郭明錤",
    "places that do": "吉林乾安县、奇乾乡",
    "Latin": "Booth A12",
    "empty": "",
    "null": None,
}
OTHER = [
    ("s2t", "头发发展，皇后后来", "頭髮發展，皇后後來"),
    ("s2t", "我干什么", "我幹什麼"),
    ("s2twp", "软件的内存", "軟體的記憶體"),
    ("s2hk", "里面卫生", "裏面衞生"),
    ("tw2sp", "軟體工程師用滑鼠", "软件工程师用鼠标"),
    ("hk2s", "裏面衞生", "里面卫生"),
    ("t2tw", "裏面", "裡面"),
]
AGAIN = [
    ("tw2sp", "程序员打开文件"),  # OpenCC once more: 进程员打开文档
    ("tw2s", "著称的么妹"),
    ("s2t", "一出劇場"),  # OpenCC: 一齣劇場
    ("s2t", "皇后與公里"),
    ("s2tw", "台灣"),
]


def convert(*texts: str | None, **options: Any) -> list[str | None]:
    rows = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)})
    return ConvertScript(**options).apply(rows).kept["text"].to_list()


@pytest.mark.parametrize(("text", "expected"), CONVERTED.values(), ids=CONVERTED)
def test_traditional_text_is_converted_by_phrase(text: str, expected: str) -> None:
    assert convert(text) == [expected]
    assert convert(expected) == [expected]


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_simplified_text_is_left_alone(text: str | None) -> None:
    assert convert(text) == [text]


@pytest.mark.parametrize(("conversion", "text", "expected"), OTHER)
def test_other_conversions_have_openccs_names(conversion: Any, text: str, expected: str) -> None:
    assert convert(text, conversion=conversion) == [expected]
    assert convert(expected, conversion=conversion) == [expected]


@pytest.mark.parametrize(("conversion", "text"), AGAIN)
def test_a_text_that_is_converted_already_is_left_alone(conversion: Any, text: str) -> None:
    assert convert(text, conversion=conversion) == [text]


def test_each_text_keeps_its_own_row_when_texts_hold_the_separator() -> None:
    texts = ["發\n\x1e", "展", "\x1e\n車", "後\n\x1e\n來", "\x00門"]
    assert convert(*texts) == ["发\n\x1e", "展", "\x1e\n车", "后\n\x1e\n来", "\x00门"]


def test_phrases_do_not_reach_from_one_row_to_the_next() -> None:
    texts = ("皇后", "後來", "頭", "髮", "乾", "隆車")
    assert convert(*texts) == [convert(text)[0] for text in texts]


def test_names_keep_their_characters_in_a_skipped_column() -> None:
    rows = pl.DataFrame({"contact": ["葉後來"], "text": ["葉後來"]})
    assert ConvertScript(skip=["contact"]).apply(rows).kept.rows() == [("葉後來", "叶后来")]


def test_protected_terms_keep_their_characters_within_longer_text(tmp_path: Path) -> None:
    text = "葉後來先生後來參觀無印良品"
    assert convert(text, protect="葉後來") == ["葉後來先生后来参观无印良品"]
    (tmp_path / "names.txt").write_text("# 品牌\n無印良品\n\n 葉後來 \n", encoding="utf-8-sig")
    assert convert(text, protect_file=str(tmp_path / "names.txt")) == ["葉後來先生后来参观無印良品"]
    assert convert(text, protect=["後來"], protect_file=str(tmp_path / "names.txt")) == [
        "葉後來先生後來参观無印良品"
    ]


def test_the_longest_protected_term_wins() -> None:
    assert convert("國際展覽國際", protect=["國際", "國際展覽"]) == ["國際展覽國際"]
    assert convert("國際展會", protect=["國際", "國際展覽"]) == ["國際展会"]
