"""multi_turn: conversations that begin with the user and end with an answer, evidence for each."""

from __future__ import annotations

from typing import Any

from curate.clients.chat.request import Rejected
from curate.pairs import PAIR, as_pairs
from curate.synthesize.multi_turn import MultiTurn
from tests.conftest import ROOT
from tests.synthesize.answers import base_pairs, pairs_of, play, rejection, reply, slots, writer
from tests.synthesize.test_slots import rows

TASK = MultiTurn(corpus="r", prompt=str(ROOT / "recipes/prompts/multi_turn.j2"), min_chars=10)
TEXT = "第三届虹桥环保展于2026年3月5日开幕，参展企业1200家，观众三万人次。"
[SLOT] = slots(TASK, rows(TEXT))


def turns(count: int) -> dict[str, Any]:
    return {
        "turns": [{"question": f"问{n}？", "answer": f"答{n}。", "evidence": f"据{n}"} for n in range(count)]
    }


def test_turns_become_messages_that_a_pair_holds() -> None:
    [pair] = pairs_of(TASK, SLOT, turns(2))
    assert pair["messages"] == [
        {"role": "user", "content": "问0？"},
        {"role": "assistant", "content": "答0。"},
        {"role": "user", "content": "问1？"},
        {"role": "assistant", "content": "答1。"},
    ]
    assert (pair["instruction"], pair["output"], pair["evidence"]) == ("问0？", "答1。", "据0\n据1")
    frame = base_pairs({name: value for name, value in pair.items() if name in PAIR})
    assert as_pairs(frame)["messages"].list.len().item() == 4


def test_no_more_turns_than_the_recipe_wants() -> None:
    assert len(pairs_of(TASK, SLOT, turns(6))[0]["messages"]) == 6
    [asked], _ = play(TASK.plan(SLOT, writer(TASK)), [reply(turns(2))])
    assert "最多 3 轮" in asked.messages[1][1]


def test_one_turn_is_no_conversation() -> None:
    assert rejection(TASK, SLOT, turns(1), turns(1), turns(1)).reason == "malformed"
    assert len(pairs_of(TASK, SLOT, turns(1), turns(2))[0]["messages"]) == 4, "corrected"
    assert rejection(TASK, SLOT, turns(0)) == Rejected("nothing_to_ask")
