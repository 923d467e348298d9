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
    "a paragraph broken at one width": (f"{LONG}\n{LONG}\n{LONG}\n闭幕。", f"{LONG * 3}闭幕。"),
    "a page whose lines are a character shorter or longer": (
        f"{LONG}\n{LONG}展\n{LONG}会\n闭幕。",
        f"{LONG}{LONG}展{LONG}会闭幕。",
    ),
    "a page with Latin letters, which are half as wide": (
        f"本届展会由CIIE主办{'展' * 12}\n{LONG}\n闭幕。",
        f"本届展会由CIIE主办{'展' * 12}{LONG}闭幕。",
    ),
    "a broken line with the next line's indent": (f"{LONG}\n {LONG}\n 闭幕。", f"{LONG}{LONG}闭幕。"),
    "a line that begins as no sentence does": (f"{LONG}\n的欢迎。", f"{LONG}的欢迎。"),
    "a line that ends as no sentence does": (f"{LONG}及\n欢迎。", f"{LONG}及欢迎。"),
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
    "one line that goes on, and nothing that shows a page": f"{LONG}\n欢迎光临。",
    "headlines of one width above their paragraphs": f"{LONG}\n{'展' * 40}。\n{LONG}\n{'会' * 40}。",
    "verses, which end in commas": f"{LONG}，\n{LONG}，\n{LONG}，\n欢迎光临。",
    "lists of names": "\n".join(["张三 李四 王五 赵六 孙七 周八 吴九 郑十"] * 3 + ["完。"]),
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


@pytest.mark.parametrize(
    ("text", "choice", "expected"),
    [
        (f"{LONG}\n欢迎。", "pages", f"{LONG}\n欢迎。"),
        (f"{LONG}\n欢迎。", "all", f"{LONG}欢迎。"),
        (f"{LONG}，\n欢迎。", "all", f"{LONG}，欢迎。"),
        (f"{LONG}\n{LONG}\n欢迎。", "none", f"{LONG}\n{LONG}\n欢迎。"),
        (f"{LONG}\n欢迎  光临", "none", f"{LONG}\n欢迎 光临"),
    ],
)
def test_which_broken_lines_are_joined_is_an_option(text: str, choice: str, expected: str) -> None:
    assert rewritten("fold_space", text, join_lines=choice) == [expected]


@pytest.mark.parametrize(("characters", "joined"), [(14, False), (15, True)])
def test_a_line_shorter_than_15_characters_is_not_taken_for_broken(characters: int, joined: bool) -> None:
    line = "展" * characters
    expected = line * 2 + "欢迎。" if joined else f"{line}\n{line}\n欢迎。"
    assert rewritten("fold_space", f"{line}\n{line}\n欢迎。") == [expected]


@pytest.mark.parametrize(("shorter", "joined"), [(2, True), (3, False)])
def test_lines_of_one_page_differ_by_two_wide_characters_at_most(shorter: int, joined: bool) -> None:
    one, two = "展" * 30, "览" * (30 - shorter)
    expected = f"{one}{two}欢迎。" if joined else f"{one}\n{two}\n欢迎。"
    assert rewritten("fold_space", f"{one}\n{two}\n欢迎。") == [expected]
