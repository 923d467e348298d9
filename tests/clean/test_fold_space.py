"""fold_space: white space that carries nothing, and lines that a page broke."""

from __future__ import annotations

import pytest

from tests.clean.tables import rewritten

LONG = "本届展会由上海市商务委员会主办并得到多方支持"  # 22 characters, without a stop
FOLDED = {
    "one no-break space between Han characters": ("珠\u00a0海消息", "珠海消息"),
    "several spaces": ("booth  A12   east", "booth A12 east"),
    "tab and no-break space": ("甲\tA\u00a0B", "甲 A B"),
    "ideographic space at the ends": ("\u3000\u3000展会开幕。\u3000", "展会开幕。"),
    "ideographic indent of a paragraph": ("第一段。\n\u3000\u3000第二段。", "第一段。\n第二段。"),
    "spaces between all Han characters": ("中 国 国 际 展 览", "中国国际展览"),
    "Han of the supplementary planes": ("𠮷 𠮷 野", "𠮷𠮷野"),
    "en space and thin space": ("a\u2002b\u2009c\u202fd", "a b c d"),
    "carriage returns": ("甲。\r\n乙。", "甲。\n乙。"),
    "more than one empty line": ("甲。\n\n\n\n乙。", "甲。\n\n乙。"),
    "empty lines with spaces in them": ("甲。 \n \n\t\n 乙。", "甲。\n\n乙。"),
    "nothing but white space": (" \t\n\u3000\n ", ""),
    "a line broken inside a sentence": (f"{LONG}\n欢迎光临。", f"{LONG}欢迎光临。"),
    "a line broken behind a comma": (f"{LONG}，\n欢迎光临。", f"{LONG}，欢迎光临。"),
    "a paragraph broken at one width": (f"{LONG}\n{LONG}\n{LONG}\n闭幕。", f"{LONG * 3}闭幕。"),
    "a short line of prose above a long one": (
        f"开幕式之后，各馆同时开放。{'展' * 5}\n览会{LONG * 3}。",
        f"开幕式之后，各馆同时开放。{'展' * 5}览会{LONG * 3}。",
    ),
    "a broken line with the next page's indent": (f"{LONG}\n 欢迎光临。", f"{LONG}欢迎光临。"),
}
KEPT = {
    "the clauses of a headline": "欢乐迎新年 奋进新时代",
    "names beside each other": "张三 李四 王 五",
    "lines of someone who writes no stops": f"{LONG}，{LONG}\n昨天去看了，人很多",
    "English words": "Hong Kong Trade Development Council",
    "space between Han and Latin or digits": "展位 A12 在 3 号馆",
    "space behind a stop": "开幕。 闭幕。",
    "a line with a stop": f"{LONG}。\n欢迎光临。",
    "an empty line between paragraphs": f"{LONG}\n\n欢迎光临。",
    "short lines": "主办单位\n承办单位\n协办单位",
    "a field on the next line": "公司名称：上海某某国际贸易发展有限公司\n地址：上海市浦东新区",
    "a numbered item on the next line": f"{LONG}\n二、参展范围",
    "an article on the next line": f"{LONG}\n第十二条参展商应当遵守规定。",
    "a next line in Latin letters": f"{LONG}\nBooth A12",
    "a heading above a paragraph": f"第八届上海国际汽车工业展览会开幕\n{LONG}，{LONG}，{LONG}。",
    "a list whose lines end open": f"{LONG}\n上海馆\n北京馆\n广州馆",
    "empty": "",
    "null": None,
    "joined emoji": "👨‍👩‍👧 家",
}


@pytest.mark.parametrize(("text", "expected"), FOLDED.values(), ids=FOLDED)
def test_white_space_that_carries_nothing_goes(text: str, expected: str) -> None:
    assert rewritten("fold_space", text) == [expected]


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_white_space_that_says_something_stays(text: str | None) -> None:
    assert rewritten("fold_space", text) == [text]


@pytest.mark.parametrize(
    ("text", "choice", "expected"),
    [
        ("欢迎 光临", "runs", "欢迎 光临"),
        ("欢迎 光临", "all", "欢迎光临"),
        ("展 会 信 息", "none", "展 会 信 息"),
        ("展 会 信 息，人 均 70分 钟", "runs", "展会信息，人均 70分钟"),
    ],
)
def test_which_spaces_between_han_characters_go_is_an_option(text: str, choice: str, expected: str) -> None:
    assert rewritten("fold_space", text, between_han=choice) == [expected]


def test_broken_lines_stay_on_request() -> None:
    assert rewritten("fold_space", f"{LONG}\n欢迎  光临", join_lines=False) == [f"{LONG}\n欢迎 光临"]


@pytest.mark.parametrize(("characters", "joined"), [(14, False), (15, True)])
def test_a_line_shorter_than_15_characters_is_not_taken_for_broken(characters: int, joined: bool) -> None:
    line = "展" * characters
    assert rewritten("fold_space", f"{line}\n欢迎。") == [line + ("" if joined else "\n") + "欢迎。"]


def test_a_line_far_shorter_than_the_longest_is_not_taken_for_broken() -> None:
    wide = "览" * 100 + "。"
    assert rewritten("fold_space", f"{'展' * 70}\n{wide}") == [f"{'展' * 70}\n{wide}"]
    assert rewritten("fold_space", f"{'展' * 71}\n{wide}") == [f"{'展' * 71}{wide}"]
