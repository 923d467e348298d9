"""paraphrase: other words, the same facts; the model never sees them."""

from __future__ import annotations

from typing import Any

import pytest

from curate.clients.chat.request import Rejected, Request
from curate.synthesize.paraphrase import STYLES, Paraphrase
from tests.conftest import ROOT
from tests.synthesize.answers import base_pairs, pairs_of, play, rejection, reply, slots, writer

PROMPT = str(ROOT / "recipes/prompts/paraphrase.j2")
BASE = {
    "instruction": "《虹桥环保展手册》里，2026年3月5日开幕的展会有多少家企业参展？",
    "output": "有1,200家企业参展。",
    "system": "你是展会顾问。",
    "question": "count",
    "label": "",
}


def task(**options: Any) -> Paraphrase:
    return Paraphrase.model_validate({"corpus": "c", "of": "t", "prompt": PROMPT, **options})


TASK = task()
[SLOT] = slots(TASK, base_pairs(BASE))
BOTH = task(answers=True)
[BOTH_SLOT] = slots(BOTH, base_pairs(BASE))


def first(task: Paraphrase, slot: dict[str, Any]) -> Request:
    step = task.plan(slot, writer(task))([])
    assert isinstance(step, Request)
    return step


def test_the_prompt_holds_placeholders_and_no_fact() -> None:
    user = first(BOTH, BOTH_SLOT).messages[1][1]
    for fact in ("《虹桥环保展手册》", "2026", "1,200"):
        assert fact not in user
    assert "⟦1⟧里，⟦2⟧开幕的展会有多少家企业参展？" in user
    assert "有⟦3⟧企业参展。" in user
    assert "<回答>" not in first(TASK, SLOT).messages[1][1], "the answer stays, so it is not shown"


def test_the_facts_come_back_where_their_placeholders_are() -> None:
    [pair] = pairs_of(TASK, SLOT, {"question": "请问⟦2⟧开幕的那个展会，按⟦1⟧的说法来了多少企业？"})
    assert pair == {
        "instruction": "请问2026年3月5日开幕的那个展会，按《虹桥环保展手册》的说法来了多少企业？",
        "output": "有1,200家企业参展。",
        "system": "你是展会顾问。",
        "question": "count",
        "input": "",
        "label": "",
        "facts": None,
        "thought": None,
    }
    [both] = pairs_of(
        BOTH, BOTH_SLOT, {"question": "⟦1⟧说⟦2⟧开幕的展会来了多少企业？", "answer": "参展的企业有⟦3⟧。"}
    )
    assert both["output"] == "参展的企业有1,200家。"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            {"question": "⟦1⟧的展会有多少企业？", "answer": "有⟦3⟧。"},
            "question 里的占位符应当恰好是 ⟦1⟧ ⟦2⟧，现在是 ⟦1⟧",
        ),
        ({"question": "⟦1⟧⟦2⟧⟦3⟧有多少企业？", "answer": "有很多。"}, "question 里的占位符"),
        ({"question": "⟦1⟧⟦2⟧有多少企业？", "answer": "有⟦3⟧或⟦4⟧。"}, "answer 里的占位符"),
        ({"question": "⟦1⟧⟦2⟧有多少企业？", "answer": "有⟦3⟧，不是1500家。"}, "不要写数字"),
        ({"question": "⟦1⟧⟦2⟧有多少企业？", "answer": "有1200家。"}, "现在是 （没有）"),
    ],
)
def test_a_fact_that_is_lost_or_made_up_is_corrected_and_then_rejected(
    answer: dict[str, str], told: str
) -> None:
    asked, end = play(BOTH.plan(BOTH_SLOT, writer(BOTH)), [reply(answer)] * 3)
    assert isinstance(end, Rejected)
    assert end.reason == "malformed"
    assert told in asked[1].messages[-1][1]


def test_the_same_words_are_no_paraphrase() -> None:
    end = rejection(TASK, SLOT, {"question": "⟦1⟧里，⟦2⟧开幕的展会有多少家企业参展呢？"})
    assert end == Rejected("unchanged", "0.98")


def test_each_time_is_another_sample_in_another_manner() -> None:
    several = task(times=3)
    made = slots(several, base_pairs(BASE))
    assert [slot["slot_id"] for slot in made] == [f"c:0#t.q+paraphrase_t.{number}" for number in range(3)]
    requests = [first(several, slot) for slot in made]
    assert len({request.sample for request in requests}) == 3
    assert len({style for style in STYLES for request in requests if style in request.messages[1][1]}) == 3
    assert SLOT["slot_id"] == "c:0#t.q+paraphrase_t"


def test_fresh_samples_of_one_slot_are_not_the_requests_of_another() -> None:
    several = task(times=2)
    keys = []
    for slot in slots(several, base_pairs(BASE)):
        asked, _ = play(several.plan(slot, writer(several)), [reply("垃圾")] * 3)
        keys += [request.key for request in asked]
    assert len(set(keys)) == 6
