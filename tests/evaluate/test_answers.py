"""What an answer says: facts, labels, refusals, runaway text."""

from __future__ import annotations

import polars as pl
import pytest

from curate.evaluate.answers import NO_LABEL, facts_found, named_label, repeats, same
from curate.evaluate.declining import declines


@pytest.mark.parametrize(
    ("answer", "fact", "found"),
    [
        ("共12家", "12", True),
        ("共120家", "12", False),
        ("共312家", "12", False),
        ("3.12", "12", False),
        ("12.5", "12", False),
        ("共 12.", "12", True),
        ("12kg", "12", True),
        ("A12", "12", False),
        ("12，13", "12", True),
        ("12, 130", "130", True),
        ("1,200元", "1200", True),
        ("1200元", "1,200", True),
        ("1,234,567元", "1234567元", True),
        ("12,000元", "12", False),
        ("１２家", "12", True),
        ("12.5%", "12.5%", True),
        ("2023年成立", "2023年", True),
        ("12023年成立", "2023年", False),
        ("2026-03-05", "2026年3月5日", True),
        ("2026/3/5 开幕", "2026-03-05", True),
        ("2026年03月05日", "2026年3月5日", True),
        ("2026-03-15", "2026年3月5日", False),
        ("2026年3月5日至8日", "3月5日", True),
        ("2026年3月15日", "3月1", False),
        ("在**上海**举办", "上海", True),
        ("在 上 海 举办", "上海", True),
        ("Canton  Fair 展会", "canton fair", True),
        ("CantonFair", "Canton Fair", False),
        ("证书 ISO9001", "ISO900", False),
        ("证书ISO9001号", "iso9001", True),
        ("IBMs", "IBM", False),
        ("代码 a+b(c)", "A+B(C)", True),
        ("", "上海", False),
    ],
)
def test_a_fact_is_found_when_it_stands_whole(answer: str, fact: str, found: bool) -> None:
    assert facts_found(pl.Series([answer]), pl.Series([[fact]])).to_list() == [float(found)]


def test_the_share_of_facts_is_null_where_there_are_none() -> None:
    facts = pl.Series([["上海", "12"], [], ["上海", ""]], dtype=pl.List(pl.String))
    assert facts_found(pl.Series(["上海", "上海", "上海"]), facts).to_list() == [0.5, None, 1.0]


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("食品机械", "食品机械"),
        ("属于食品类", "食品"),
        ("食品机械，不是食品", NO_LABEL),
        ("食品，就是食品", "食品"),
        ("建材", NO_LABEL),
        ("", NO_LABEL),
        ("等级 a1", "A1"),
        ("等级 A12", NO_LABEL),
        ("**服装**", "服装"),
        ("c++ 语言", "C++"),
    ],
)
def test_an_answer_names_one_label_or_none(answer: str, label: str) -> None:
    labels = ["食品", "食品机械", "服装", "A1", "C++"]
    assert named_label(pl.Series([answer]), labels).to_list() == [label]


@pytest.mark.parametrize(
    ("answer", "reference", "equal"),
    [
        ("上海。", "上海", True),
        (" 上 海\n", "上海！", True),
        ("ＡＢＣ", "abc", True),
        ("上海市", "上海", False),
        ("。上海", "上海", False),
    ],
)
def test_exact_match_leaves_out_space_case_and_final_marks(answer: str, reference: str, equal: bool) -> None:
    frame = pl.DataFrame({"a": [answer], "r": [reference]})
    assert frame.select(same(pl.col("a"), pl.col("r"))).item() is equal


DECLINING = [
    "这方面的资料有限。",
    "资料中没有该公司的电话信息。",
    "资料里没有提及成立日期",
    "文中并未说明。",
    "该数据尚未披露",
    "没说明",
    "暂无相关资料",
    "缺少这方面的数据",
    "现有资料不包含这一内容",
    "暂无。",
    "抱歉，未能找到",
    "没有查到这家公司",
    "查不到",
    "无法确定。",
    "很抱歉，我不能回答这个问题",
    "没办法判断",
    "无从得知",
    "我不知道",
    "我不太清楚",
    "不详",
    "不清楚。",
    "目前尚不明确",
    "这超出了我的知识范围",
    "根据已有资料不足以回答",
    "I don't know.",
    "The text does not mention it.",
    "Sorry, I cannot determine the date.",
    "I am unable to answer that.",
    "There is no information about this.",
    "No relevant records.",
    "The phone is not provided",
    "It isn't specified.",
    "There is insufficient data.",
    "I'm not sure",
    "Unknown",
    "没有\n\n 相关 信息",
]
ANSWERING = [
    "展会在上海举办。",
    "电话是 021-12345678。",
    "公司不断创新，没有分支机构。",
    "产品不含糖",
    "提供信息服务，登记资料齐全",
    "known since 2019, not only in China",
    "The fair is held in Shanghai.",
    "",
    "展会规模很大，" * 12 + "但资料中没有说明电话",
    "甲材料有限公司成立于1999年。",
    "乙数据有限责任公司位于杭州。",
]


@pytest.mark.parametrize(
    ("answer", "declining"), [*((text, True) for text in DECLINING), *((text, False) for text in ANSWERING)]
)
def test_phrases_that_decline(answer: str, declining: bool) -> None:
    none = pl.Series([], dtype=pl.String)
    assert declines(pl.Series([answer]), none).to_list() == [declining]


def test_the_words_that_the_release_teaches_decline_too() -> None:
    answers, taught = (
        pl.Series(["请咨询主办方。", "请咨询主办方或主办", "好"]),
        pl.Series(["请咨询主办方。", "好"]),
    )
    assert declines(answers, taught).to_list() == [True, False, False]


@pytest.mark.parametrize(
    ("answer", "runaway"),
    [
        ("展会规模盛大观众踊跃。" * 6, True),
        ("展会规模盛大观众踊跃。" * 5, False),
        ("展会规模盛大观众踊跃。\n " * 6, True),
        ("哈" * 60, True),
        ("-" * 40, False),
        ("", False),
        ("短", False),
        ("".join(chr(0x4E00 + number) for number in range(500)), False),
    ],
)
def test_a_runaway_answer_repeats_ten_characters_over_and_over(answer: str, runaway: bool) -> None:
    assert repeats(pl.Series([answer, "别的答案"])).to_list() == [runaway, False]
