"""back_translate: two stages, each with its placeholders; what comes back unchanged is dropped."""

from __future__ import annotations

from typing import Any

from curate.clients.chat.request import Accepted, Rejected
from curate.synthesize.back_translate import BackTranslate
from tests.conftest import ROOT
from tests.synthesize.answers import base_pairs, pairs_of, play, rejection, reply, slots, writer

BASE = {"instruction": "2026年3月5日开幕的展会有多少家企业参展？", "output": "有1,200家企业参展。"}
TASK = BackTranslate.model_validate(
    {"corpus": "c", "of": "t", "prompt": str(ROOT / "recipes/prompts/back_translate.j2"), "answers": True}
)
[SLOT] = slots(TASK, base_pairs(BASE))
ENGLISH = {
    "question": "How many companies exhibit at the fair that opens on ⟦1⟧?",
    "answer": "⟦2⟧ companies exhibit.",
}
BACK = {"question": "于⟦1⟧开幕的博览会上有几家公司参加展出？", "answer": "有⟦2⟧公司参加展出。"}


def test_out_and_back_gives_other_words_with_the_facts_of_the_old() -> None:
    [pair] = pairs_of(TASK, SLOT, ENGLISH, BACK)
    assert pair["instruction"] == "于2026年3月5日开幕的博览会上有几家公司参加展出？"
    assert pair["output"] == "有1,200家公司参加展出。"


def test_the_second_stage_sees_the_english_alone() -> None:
    asked, end = play(TASK.plan(SLOT, writer(TASK)), [reply(ENGLISH), reply(BACK)])
    assert isinstance(end, Accepted)
    out, back = (request.messages[1][1] for request in asked)
    assert "请译成英文" in out and "有⟦2⟧企业参展" in out
    assert "请译成中文" in back and ENGLISH["question"] in back and "参展" not in back


def test_each_stage_may_be_corrected_on_its_own() -> None:
    lost = {"question": "How many?", "answer": "⟦2⟧."}
    answers: list[Any] = [lost, ENGLISH, {**BACK, "answer": "有1200家。"}, BACK]
    assert len(pairs_of(TASK, SLOT, *answers)) == 1
    asked, end = play(TASK.plan(SLOT, writer(TASK)), [reply(one) for one in (lost, lost, lost)])
    assert (len(asked), isinstance(end, Rejected)) == (3, True), "a stage that fails asks no next one"


def test_words_that_came_back_as_they_went_are_dropped() -> None:
    same = {"question": "⟦1⟧开幕的展会有多少家企业参展？", "answer": "有⟦2⟧企业参展。"}
    assert rejection(TASK, SLOT, ENGLISH, same) == Rejected("unchanged", "1.00")
