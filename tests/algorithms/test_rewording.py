"""Rewording without a model: the words change, the facts and the meaning do not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.locked import same_facts
from curate.algorithms.rewording import Rewording, framed

WORDS = Rewording(
    [["主营业务", "核心业务"], ["展会", "展览会"], ["注册资本", "注册资金"], ["员工人数", "职工人数"], ["哪里", "什么地方"], ["主办方", "主办单位"]]
)  # fmt: skip


def every(question: str) -> set[str]:
    return {text for draw in range(0, 64, 5) for text in WORDS.variants(question, draw)}


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("云帆公司的主营业务是什么？", "云帆公司的核心业务是什么？"),
        ("展会在哪里举办？", "展览会在什么地方举办？"),
        ("请说说云帆公司的注册资本和员工人数。", "请说说云帆公司的员工人数和注册资本。"),
        ("开票要用到它的代码，请告诉我。", "请告诉我，开票要用到它的代码。"),
        ("云帆公司成立于何时？", "请问云帆公司成立于何时？"),
        ("请问云帆公司成立于何时？", "麻烦问一下，云帆公司成立于何时？"),
        ("请介绍一下云帆公司。", "请讲讲云帆公司。"),
        ("请给我云帆公司的网址。", "麻烦给我云帆公司的网址。"),
    ],
    ids=["a synonym", "two", "the order of terms", "the order of clauses", "a frame", "another frame", "a request", "please"],
)  # fmt: skip
def test_a_question_is_put_in_other_words(question: str, other: str) -> None:
    assert other in every(question)


@pytest.mark.parametrize(
    ("question", "untouched"),
    [
        ("上海国际汽车展览会什么时候举办？", "上海国际汽车展览会"),
        ("展会服务网络公司的电话是多少？", "展会服务网络公司"),
        ("《展会管理办法》的主办方是谁？", "《展会管理办法》"),
        ("名为“展会”的软件有哪些功能？", "“展会”"),
        ("第18届展览会共有1,200家企业，对吗？", "1,200家"),
        ("XK-2000A的注册资本是3.5万元吗？", "XK-2000A"),
    ],
)
def test_names_numbers_and_codes_stay(question: str, untouched: str) -> None:
    found = every(question)
    assert found
    assert all(untouched in text for text in found)


@pytest.mark.parametrize(
    "question", ["我想了解云帆公司，能讲讲吗？", "能介绍一下它吗？", "你好", "云帆公司，上海。"]
)
def test_what_is_polite_already_or_no_question_gets_no_frame(question: str) -> None:
    assert framed(question, 3) == question


def test_a_wording_is_given_once_and_never_the_question_itself() -> None:
    found = list(WORDS.variants("云帆公司的主营业务是什么？", 3))
    assert len(set(found)) == len(found) > 3
    assert "云帆公司的主营业务是什么？" not in found
    assert list(WORDS.variants("云帆公司的主营业务是什么？", 3)) == found
    assert list(Rewording([]).variants("你好", 0)) == []


PIECES = st.sampled_from(
    [
        "展会",
        "的",
        "主营业务",
        "第3届",
        "1,200家",
        "和",
        "注册资本",
        "《办法》",
        "是什么",
        "？",
        "，",
        "上海",
        "A-1",
        "⟦1⟧",
        "请",
    ]
)


@settings(max_examples=40, deadline=None)
@given(question=st.lists(PIECES, max_size=10).map("".join), draw=st.integers(0, 2**32))
def test_no_fact_is_lost_or_added(question: str, draw: int) -> None:
    for text in WORDS.variants(question, draw):
        assert not [claim for claim in same_facts(question, text) if claim.kind != "organisation"]
