"""result: nothing is believed that does not fit the page and the text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.review.result import MOST_CHARS, MOST_ENTRIES, edits, read_result
from tests.review.small_pages import PAIR_DATA, SPANS, SPANS_DATA, choice, mark, page, span, text

ACCEPT = choice("decision", "accept")
REJECT = choice("decision", "reject")
EDIT = choice("decision", "edit")


def test_a_result_becomes_values() -> None:
    result = [
        choice("reasons", "wrong_fact", "unsupported"),
        REJECT,
        mark(2),
        text("note", "见第二段\r\n", "改不了"),
    ]
    judged = read_result(page(), PAIR_DATA, result)
    assert judged.problems == []
    assert judged.values == {
        "decision": "reject",
        "reasons": ["unsupported", "wrong_fact"],
        "clear": 2,
        "note": "见第二段\n\n改不了",
    }


def test_old_pages_send_one_text() -> None:
    single = text("note") | {"value": {"text": " 好 "}}
    assert read_result(page(), PAIR_DATA, [ACCEPT, single]).values == {"decision": "accept", "note": "好"}


def test_an_empty_box_says_nothing() -> None:
    assert read_result(page(), PAIR_DATA, [ACCEPT, text("note", " \n ")]).values == {"decision": "accept"}


def test_spans_count_code_points_and_come_sorted_and_once() -> None:
    result = [span(5, 7, "北京", "ORG"), span(2, 4, "张三", "PER"), span(2, 4, "张三", "PER")]
    judged = read_result(page(SPANS), SPANS_DATA, result)
    assert judged.problems == []
    assert judged.values["spans"] == [
        {"start": 2, "end": 4, "text": "张三", "label": "PER"},
        {"start": 5, "end": 7, "text": "北京", "label": "ORG"},
    ]


@pytest.mark.parametrize("told", ["甲公司\\n成立", "甲公司\\n\\n成立", "甲公司\r\n成立", "甲公司 成立"])
def test_line_breaks_within_a_span_are_written_as_label_studio_likes(told: str) -> None:
    judged = read_result(page(SPANS), {"text": "甲公司\r\n成立"}, [span(0, 7, told, "ORG")])
    assert judged.problems == []
    assert judged.values["spans"][0]["text"] == "甲公司\r\n成立"


def test_a_text_without_entities_is_a_verdict() -> None:
    assert read_result(page(SPANS), SPANS_DATA, []).problems == []


def test_what_a_changed_mind_has_hidden_is_left_out() -> None:
    judged = read_result(
        page(), PAIR_DATA, [choice("reasons", "wrong_fact"), text("edited_answer", "新"), ACCEPT]
    )
    assert (judged.values, judged.problems) == ({"decision": "accept"}, [])


@pytest.mark.parametrize(
    ("result", "missing"),
    [
        ([], "decision"),
        ([mark(5)], "decision"),
        ([REJECT], "reasons"),
        ([REJECT, choice("reasons")], "reasons"),
        ([EDIT], "edited_answer"),
        ([EDIT, text("edited_answer", "  ")], "edited_answer"),
    ],
)
def test_what_is_shown_and_required_must_be_there(result: list[Any], missing: str) -> None:
    assert read_result(page(), PAIR_DATA, result).problems == [f"必填的 {missing} 没有填"]


HOSTILE = [
    ("a", "结果不是列表，而是文字"),
    (None, "结果不是列表，而是空值"),
    (7, "结果不是列表，而是数字"),
    (True, "结果不是列表，而是真假值"),
    ({"result": []}, "结果不是列表，而是对象"),
    ([ACCEPT] * (MOST_ENTRIES + 1), "太多了"),
    (["accept"], "第 1 项：不是对象，而是文字"),
    ([[[]]], "第 1 项：不是对象，而是列表"),
    ([{"foo": 1}], "界面里没有控件 空值"),
    ([choice("verdict", "accept")], "界面里没有控件 “verdict”"),
    ([ACCEPT | {"from_name": ["decision"]}], "界面里没有控件 列表"),
    ([choice("decision", "accept", to="source")], "decision 的 to_name 应是 answer，不是 “source”"),
    ([ACCEPT | {"type": "taxonomy"}], "decision 的 type 应是 choices，不是 “taxonomy”"),
    ([ACCEPT | {"type": {"a": []}}], "decision 的 type 应是 choices，不是 对象"),
    ([ACCEPT | {"value": "accept"}], "decision 没有 value"),
    ([ACCEPT | {"value": {}}], "decision 的值应是文字列表"),
    ([choice("decision", "passed")], "decision 没有选项 “passed”"),
    ([choice("decision", "接受")], "decision 没有选项 “接受”"),
    ([choice("decision", "accept", "reject")], "decision 只能选一个，选了 2 个"),
    ([choice("decision", "accept", "accept")], "decision 的选项重复"),
    ([choice("decision", 1)], "decision 的值应是文字列表"),
    ([choice("decision", ["accept"])], "decision 的值应是文字列表"),
    ([ACCEPT, REJECT], "第 2 项：decision 答了不止一次"),
    ([ACCEPT, ACCEPT], "第 2 项：decision 答了不止一次"),
    ([ACCEPT, mark(0)], "clear 应是 1 到 5 的整数，不是 “0”"),
    ([ACCEPT, mark(9)], "clear 应是 1 到 5 的整数，不是 “9”"),
    ([ACCEPT, mark(4.5)], "clear 应是 1 到 5 的整数，不是 “4.5”"),
    ([ACCEPT, mark(float("nan"))], "clear 应是 1 到 5 的整数，不是 “nan”"),
    ([ACCEPT, mark(True)], "clear 应是 1 到 5 的整数，不是 “True”"),
    ([ACCEPT, mark("5")], "clear 应是 1 到 5 的整数，不是 “5”"),
    ([ACCEPT, mark(10**6_000)], "clear 应是 1 到 5 的整数，不是 数字"),
    ([ACCEPT, mark(None)], "clear 应是 1 到 5 的整数，不是 空值"),
    ([ACCEPT, text("note", "字" * 1_000_000)], f"note 超过 {MOST_CHARS} 字"),
    ([ACCEPT, text("note", *["字"] * 1_000_000)], f"note 超过 {MOST_CHARS} 字"),
    ([choice("decision", "x" * 1_000_000)], f"decision 超过 {MOST_CHARS} 字"),
    ([ACCEPT, text("note", {"a": 1})], "note 的值应是文字列表"),
    ([ACCEPT, text("note", "断\ud83d")], "note 里有坏字符"),
    ([ACCEPT, text("note", "断\x00")], "note 里有坏字符"),
    ([ACCEPT, span(0, 2, "本届", "evidence", name="evidence")], "evidence 的 to_name 应是 source"),
    ([choice("decision", "x" * 90_000)], "decision 没有选项 “" + "x" * 30 + "…”"),
    ([choice("decision", "a\nb\x1b[31m")], "decision 没有选项 “a�b�[31m”"),
]


@pytest.mark.parametrize(("result", "problem"), HOSTILE)
def test_a_hostile_result_is_told_and_gives_no_verdict(result: Any, problem: str) -> None:
    judged = read_result(page(), PAIR_DATA, result)
    assert problem in judged.problems[0]
    assert all(len(line) < 200 and line.isprintable() for line in judged.problems)


@pytest.mark.parametrize(
    ("region", "problem"),
    [
        (span(0, 2, "张三", "PER"), "spans 0–2 标的是 “张三”，原文却是 “😀𠮷”"),
        (span(3, 5, "张三", "PER"), "标的是 “张三”，原文却是 “三在”"),
        (span(2, 2, "", "PER"), "位置 “2”–“2” 不在"),
        (span(4, 2, "张三", "PER"), "位置 “4”–“2” 不在"),
        (span(-2, 4, "张三", "PER"), "位置 “-2”–“4” 不在"),
        (span(2, 99, "张三", "PER"), "位置 “2”–“99” 不在文字的 0–14 之内"),
        (span("/div[1]/text()[1]", 4, "张三", "PER"), "位置 “/div[1]/text()[1]”–“4” 不在"),
        (span(2.0, 4.0, "张三", "PER"), "位置 “2.0”–“4.0” 不在"),
        (span(True, 4, "𠮷张三", "PER"), "位置 “True”–“4” 不在"),
        (span(2, 4, None, "PER"), "标的是 空值"),
        (span(2, 4, "张三", "LOC"), "spans 没有标签 “LOC”"),
        (span(2, 4, "张三"), "每一处要有一个标签"),
        (span(2, 4, "张三", "PER", "ORG"), "每一处要有一个标签"),
        (span(2, 4, "张三", ["PER"]), "spans 的值应是文字列表"),
    ],
)
def test_a_hostile_span_is_told(region: Any, problem: str) -> None:
    judged = read_result(page(SPANS), SPANS_DATA, [region])
    assert problem in judged.problems[0]
    assert judged.values == {}


def test_one_wrong_span_does_not_hide_that_the_others_are_right() -> None:
    judged = read_result(page(SPANS), SPANS_DATA, [span(2, 4, "张三", "PER"), span(2, 4, "李四", "PER")])
    assert len(judged.values["spans"]) == len(judged.problems) == 1


def test_an_item_without_its_text_cannot_be_marked() -> None:
    assert "text 没有文字可标" in read_result(page(SPANS), {}, [span(0, 1, "a", "PER")]).problems[0]


def test_a_wrong_answer_is_not_told_a_second_time_as_missing() -> None:
    assert len(read_result(page(), PAIR_DATA, [choice("decision", "passed")]).problems) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["from_name", "to_name", "type", "value", "choices", "text", "rating"]), inner
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON | st.fixed_dictionaries({"from_name": st.sampled_from(["decision", "note", "clear", "evidence"]), "to_name": st.sampled_from(["answer", "source"]), "type": st.sampled_from(["choices", "textarea", "rating", "labels"]), "value": JSON})))  # fmt: skip
def test_whatever_json_comes_there_is_an_answer(result: list[Any]) -> None:
    judged = read_result(page(), PAIR_DATA, result)
    json.dumps(judged.values, ensure_ascii=False).encode()
    "".join(judged.problems).encode()


@pytest.mark.parametrize(
    ("values", "changed"),
    [
        ({"edited_answer": "一共 48 家。"}, {}),
        ({"edited_answer": " 一共 48 家。\r\n"}, {}),
        ({"edited_answer": ""}, {}),
        ({"edited_answer": "共 48 家。 "}, {"answer": "共 48 家。"}),
        ({"edited_question": "多少家？", "edited_answer": "一共 48 家。"}, {"question": "多少家？"}),
        ({"edited_title": "新"}, {}),
        ({"decision": "edit"}, {}),
    ],
)
def test_only_what_was_changed_is_an_edit(values: dict[str, Any], changed: dict[str, str]) -> None:
    assert edits(PAIR_DATA, values) == changed


def test_line_breaks_are_no_edit() -> None:
    assert edits({"answer": "一\r\n二\n"}, {"edited_answer": "一\n二"}) == {}
