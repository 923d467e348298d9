"""reasoning: a thought is kept where it leads to the answer that is known."""

from __future__ import annotations

from typing import Any

import pytest

from curate.clients.chat.request import Accepted, Rejected
from curate.pairs import asked
from curate.synthesize.reasoning import Reasoning
from curate.synthesize.right import wrong_about
from tests.conftest import ROOT
from tests.synthesize.answers import base_pairs, pairs_of, play, rejection, reply, slots, writer

SOURCE = "第三届虹桥环保展于2026年3月5日开幕，参展企业1200家。"
BASE = {
    "origin": "llm",
    "instruction": "第三届虹桥环保展有多少家企业参展？",
    "output": "有1200家企业参展。",
    "source": SOURCE,
}
SPEC = {"corpus": "c", "of": "t", "prompt": str(ROOT / "recipes/prompts/reasoning.j2")}
TASK = Reasoning.model_validate(SPEC)
[SLOT] = slots(TASK, base_pairs(BASE))
RIGHT = {"thought": "问的是参展企业的数目，一共1200家。", "answer": "共1,200家企业参展。"}


def test_a_right_answer_gives_the_base_pair_with_a_thought_before_it() -> None:
    [pair] = pairs_of(TASK, SLOT, RIGHT)
    assert pair["thought"] == RIGHT["thought"]
    assert (pair["instruction"], pair["output"]) == (BASE["instruction"], BASE["output"])


def test_the_model_is_not_told_the_answer() -> None:
    plan = TASK.plan(slots(TASK, base_pairs({**BASE, "output": "一千两百家。"}))[0], writer(TASK))
    [request], _ = play(plan, [reply(RIGHT)])
    assert "一千两百家" not in str(request.messages)
    assert SOURCE in request.messages[1][1]


def test_a_wrong_answer_is_rejected_with_what_it_said() -> None:
    end = rejection(TASK, SLOT, {**RIGHT, "answer": "共1500家企业参展。"})
    assert end.reason == "wrong_answer"
    assert "1500家" in end.detail


def test_an_answer_without_a_thought_is_none_to_train_on() -> None:
    assert rejection(TASK, SLOT, {**RIGHT, "thought": " "}) == Rejected("no_thought")


def test_the_thought_of_a_reasoning_model_is_taken_where_it_writes_none() -> None:
    _, end = play(
        TASK.plan(SLOT, writer(TASK)), [reply({**RIGHT, "thought": ""}, reasoning="想一想：1200家。")]
    )
    assert isinstance(end, Accepted)
    assert end.value["thought"] == "想一想：1200家。"
    native = Reasoning.model_validate({**SPEC, "native": True})
    [request], end = play(
        native.plan(SLOT, writer(native)), [reply({"answer": "1200家。"}, reasoning="想。")]
    )
    assert isinstance(end, Accepted)
    assert end.value["thought"] == "想。"
    assert request.schema and set(request.schema["properties"]) == {"answer"}


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({}, None),
        ({"output": "长" * 201}, "answer_too_long"),
        ({"source": None, "origin": "template"}, "nothing_to_reason_from"),
        ({"source": None, "origin": "template", "label": "正面"}, None),
        ({"source": None, "origin": "template", "input": "材料"}, None),
        ({"source": None, "origin": "real"}, None),
        ({"split": "validation"}, "held_out"),
    ],
)
def test_pairs_that_cannot_be_reasoned_about_say_why(told: dict[str, Any], reason: str | None) -> None:
    outcome = TASK.slots(base_pairs({**BASE, **told}))
    assert outcome.dropped["reason"].to_list() == ([reason] if reason else [])
    assert outcome.kept.height == (0 if reason else 1)


def test_the_question_is_asked_with_its_text() -> None:
    frame = base_pairs(
        {
            **BASE,
            "instruction": "这条评论是什么态度？",
            "input": "展位太小了。",
            "label": "负面",
            "output": "负面",
        }
    )
    [slot] = slots(TASK, frame)
    [request], end = play(
        TASK.plan(slot, writer(TASK)), [reply({"thought": "抱怨展位小。", "answer": "负面。"})]
    )
    assert frame.select(asked()).item() in request.messages[1][1]
    assert isinstance(end, Accepted)


@pytest.mark.parametrize(
    ("known", "facts", "label", "said", "right"),
    [
        ("有1200家企业参展。", [], "", "一千二百家。", True),
        ("有1200家企业参展。", [], "", "1,200家企业，来自全国各地。", True),
        ("有1200家企业参展。", [], "", "大约1500家。", False),
        ("有1200家企业参展。", [], "", "1200家或1500家。", False),
        ("有1200家企业参展。", [], "", "不知道。", False),
        ("有1200家企业参展。", ["1200家"], "", "1200家。", True),
        ("有1200家企业参展。", ["1200家"], "", "1200人。", False),
        ("2026年3月5日开幕。", [], "", "2026-03-05 开幕。", True),
        ("2026年3月5日开幕。", [], "", "2026年3月6日开幕。", False),
        ("2026年3月5日开幕。", [], "", "2026年3月5日或6月8日开幕。", False),
        ("可以退票。", [], "", "可以退票。", True),
        ("可以退票。", [], "", "不可以退票。", False),
        ("可以退票。", [], "", "看情况。", False),
        ("正面", [], "正面", "正面", True),
        ("正面", [], "正面", "这条评论的态度是正面。", True),
        ("正面", [], "正面", "负面", False),
        ("正面", [], "正面", "不是正面", False),
        (
            "正面",
            [],
            "正面",
            "可能是负面，也可能是中性，还有一种看法认为在某些情形下算得上正面，很难说清",
            False,
        ),
    ],
)
def test_right_is_what_holds_the_facts_of_the_known_answer(
    known: str, facts: list[str], label: str, said: str, right: bool
) -> None:
    wrong = wrong_about(known, facts, label, said, "情况如何？")
    assert (wrong == "") == right, wrong
