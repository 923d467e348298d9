"""summarise: the text stands behind the question, the summary answers it."""

from __future__ import annotations

import polars as pl

from curate.clients.chat.request import Rejected
from curate.synthesize.summarise import ASK, Summarise
from tests.conftest import ROOT
from tests.synthesize.answers import pairs_of, play, rejection, reply, slots, writer
from tests.synthesize.test_slots import rows

TASK = Summarise(corpus="r", prompt=str(ROOT / "recipes/prompts/summarise.j2"), min_chars=10)
TEXT = "第三届虹桥环保展于2026年3月5日开幕，参展企业1200家，观众三万人次。"
[SLOT] = slots(TASK, rows(TEXT))


def test_a_summary_becomes_a_pair_with_its_text() -> None:
    [pair] = pairs_of(TASK, SLOT, {"summary": " 虹桥环保展3月5日开幕。 "})
    assert pair["instruction"] in ASK
    assert pair == {**pair, "input": TEXT, "output": "虹桥环保展3月5日开幕。", "question": "summary"}


def test_phrasings_take_turns() -> None:
    asked = {
        pairs_of(TASK, {**SLOT, "slot_id": f"r:{number}#s"}, {"summary": "开幕。"})[0]["instruction"]
        for number in range(40)
    }
    assert asked == set(ASK)


def test_the_prompt_says_how_long() -> None:
    [asked], _ = play(TASK.plan(SLOT, writer(TASK)), [reply({"summary": "开幕。"})])
    assert "不超过 200 字" in asked.messages[1][1]


def test_a_text_of_advertisements_need_not_be_summed_up() -> None:
    assert rejection(TASK, SLOT, {"summary": " "}) == Rejected("nothing_to_ask")


def test_a_long_text_is_summed_up_span_by_span() -> None:
    long = slots(TASK, rows(TEXT * 100))
    assert len(long) == 2
    assert pl.Series([slot["source"] for slot in long]).str.len_chars().max() <= 2000
