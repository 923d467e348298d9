"""Gates: what a model wrote is kept only where it holds, and what does not hold says why."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from curate.pairs import PAIR
from curate.synthesize.gates import Gates
from tests.synthesize.answers import base_pairs

SOURCE = (
    "虹桥环保展简报\n第三届虹桥国际环保展览会于2026年3月5日至7日在杭州国际博览中心举行，展览面积3万平方米，参展企业1200家，"
    "观众4.2万人次。主办方为杭州云图会展有限公司，展商可在官网 www.hqhb.example.com 报名。本届没有设立海外展区。"
)
RIGHT = {
    "origin": "llm",
    "instruction": "第三届虹桥国际环保展览会有多少家企业参展？",
    "output": "第三届虹桥国际环保展览会有1200家企业参展。",
    "source": SOURCE,
    "evidence": "参展企业1200家",
}
TALK = [
    {"role": "user", "content": "第三届虹桥国际环保展览会在哪里举行？"},
    {"role": "assistant", "content": "在杭州国际博览中心举行。"},
    {"role": "user", "content": "那有多少家企业参展？"},
    {"role": "assistant", "content": "参展企业1200家。"},
]
CONVERSATION = RIGHT | {
    "instruction": TALK[0]["content"],
    "output": "参展企业1200家。",
    "messages": TALK,
    "evidence": "在杭州国际博览中心举行\n参展企业1200家",
}
SUMMARY = RIGHT | {
    "instruction": "请概括下面这段文字的主要内容。",
    "input": SOURCE,
    "output": "第三届虹桥国际环保展览会2026年3月5日至7日在杭州举行，参展企业1200家，观众4.2万人次。",
    "evidence": None,
}
BASE = "第三届虹桥国际环保展览会有多大？\n展览面积3万平方米。"
REWORDED = RIGHT | {
    "instruction": "请问第三届虹桥国际环保展览会的规模是多少？",
    "output": "展览面积3万平方米。",
    "source": BASE,
    "evidence": None,
    "of_pair": "c:9#t.q",
}
THOUGHT = REWORDED | {
    "instruction": "第三届虹桥国际环保展览会有多大？",
    "thought": "问的是展览的规模，也就是展览面积，一共3万平方米。",
}


def fate(pair: dict[str, Any], gates: Gates | None = None) -> tuple[str | None, str | None]:
    """(reason, detail), both null where the pair is kept."""
    frame = base_pairs(pair)
    outcome = (gates or Gates()).check(frame)
    assert outcome.kept.height + outcome.dropped.height == 1
    assert outcome.kept.schema == pl.Schema(PAIR)
    told = outcome.dropped.select("reason", "detail").rows()
    return told[0] if told else (None, None)


@pytest.mark.parametrize(
    "pair",
    [
        RIGHT,
        RIGHT | {"output": "共有一千二百家企业参展。"},
        RIGHT
        | {
            "instruction": "第三届虹桥国际环保展览会是哪一年、哪三天举行的？",
            "output": "2026年3月5日至7日举行。",
            "evidence": "于2026年3月5日至7日",
        },
        RIGHT | {"output": "１，２００家企业参展。"},
        RIGHT
        | {
            "instruction": "展览会什么时候在杭州国际博览中心举行？",
            "output": "2026年3月5日至7日。",
            "evidence": "于2026年3月5日至7日",
        },
        CONVERSATION,
        SUMMARY,
        REWORDED,
        REWORDED | {"output": "展览面积30000平方米。"},
        THOUGHT,
        THOUGHT | {"thought": "第一步看问题，第二步看两个数，最后是3万平方米。"},
        THOUGHT | {"thought": "好的，问的是展览面积。一共3万平方米。"},
    ],
    ids=lambda pair: str(pair["output"]),
)
def test_what_holds_is_kept(pair: dict[str, Any]) -> None:
    assert fate(pair) == (None, None)


def turn(place: int, content: str) -> list[dict[str, str]]:
    return [
        message | ({"content": content} if number == place else {}) for number, message in enumerate(TALK)
    ]


@pytest.mark.parametrize(
    ("pair", "reason", "detail"),
    [
        (RIGHT | {"failure": "truncated", "detail": "2048"}, "truncated", "2048"),
        (RIGHT | {"output": " "}, "fields_missing", ""),
        (RIGHT | {"instruction": ""}, "fields_missing", ""),
        (RIGHT | {"output": "有1200家\ufffd企业参展。"}, "garbled", ""),
        (RIGHT | {"instruction": "几家？"}, "question_too_short", "3"),
        (RIGHT | {"instruction": "虹桥展" * 70}, "question_too_long", "210"),
        (RIGHT | {"output": "无"}, "answer_too_short", "1"),
        (RIGHT | {"output": "参展企业1200家。" * 300}, "answer_too_long", "3000"),
        (RIGHT | {"output": "There are 1200 exhibitors in the fair."}, "wrong_language", "There"),
        (RIGHT | {"instruction": "How many exhibitors are there?"}, "wrong_language", "How"),
        (RIGHT | {"output": "根据上文，有1200家企业参展。"}, "leaked_prompt", "根据上文"),
        (RIGHT | {"output": "作为一个AI语言模型，我认为有1200家企业参展。"}, "leaked_prompt", "作为一个AI"),
        (RIGHT | {"output": "有1200家企业参展。</资料>"}, "leaked_prompt", "</资料>"),
        (RIGHT | {"output": "⟦1⟧家企业参展。"}, "leaked_prompt", "⟦1⟧"),
        (RIGHT | {"instruction": "该公司有多少家企业参展？"}, "refers_to_unseen", "该公司"),
        (RIGHT | {"output": RIGHT["instruction"]}, "echo", "第三届"),
        (RIGHT | {"evidence": ""}, "evidence_missing", ""),
        (RIGHT | {"evidence": "家"}, "evidence_missing", "家"),
        (RIGHT | {"evidence": "参展企业1300家"}, "evidence_missing", "1300"),
        (RIGHT | {"output": "第三届虹桥国际环保展览会有1500家企业参展。"}, "not_grounded", "“1500家”"),
        (RIGHT | {"output": "第三届虹桥国际环保展览会有1200人参展。"}, "not_grounded", "“1200人”"),
        (RIGHT | {"output": "展览会于2026年4月5日举行，1200家企业参展。"}, "not_grounded", "4月5日"),
        (RIGHT | {"output": "主办方为上海云图会展有限公司。"}, "not_grounded", "上海"),
        (RIGHT | {"output": "展商可在 www.hqhb.example.org 报名。"}, "not_grounded", "example.org"),
        (RIGHT | {"output": "门票价格便宜，周边酒店充足，交通十分方便。"}, "not_grounded", ""),
        (
            RIGHT
            | {
                "instruction": "1500家企业参加的虹桥国际环保展览会在哪里举行？",
                "output": "在杭州国际博览中心举行。",
            },
            "question_not_grounded",
            "“1500家”",
        ),
        (CONVERSATION | {"messages": turn(3, "参展企业1500家。")}, "bad_turns", "output"),
        (CONVERSATION | {"messages": turn(1, "在上海国际博览中心举行。")}, "not_grounded", "上海"),
        (CONVERSATION | {"messages": TALK[1:]}, "bad_turns", "1: assistant"),
        (CONVERSATION | {"messages": TALK[:3]}, "bad_turns", "3"),
        (CONVERSATION | {"messages": turn(2, TALK[0]["content"])}, "echo", "第三届"),
        (CONVERSATION | {"messages": turn(0, "该展会在哪里举行？")}, "refers_to_unseen", "该展会"),
        (CONVERSATION | {"evidence": "在杭州国际博览中心举行\n参展企业1300家"}, "evidence_missing", "1300"),
        (SUMMARY | {"output": SOURCE}, "echo", "虹桥"),
        (SUMMARY | {"output": "环保展在杭州举行，参展企业1500家。"}, "not_grounded", "“1500家”"),
        (REWORDED | {"output": "展览面积5万平方米。"}, "facts_changed", "5万平方米"),
        (REWORDED | {"instruction": "请问第四届虹桥国际环保展览会的规模是多少？"}, "facts_changed", "第四届"),
        (REWORDED | {"output": "展览面积很大。"}, "facts_changed", "3万平方米"),
        (THOUGHT | {"thought": "参考答案是3万平方米。"}, "leaked_prompt", "参考答案"),
        (THOUGHT | {"thought": "上一届是5万平方米，这一届3万平方米。"}, "thought_not_grounded", "5万平方米"),
        (THOUGHT | {"thought": "根据材料，展览面积3万平方米。"}, "leaked_prompt", "根据材料"),
    ],
    ids=lambda value: str(value)[-60:],
)
def test_what_does_not_hold_says_why(pair: dict[str, Any], reason: str, detail: str) -> None:
    found, why = fate(pair)
    assert found == reason, why
    assert detail in (why or "")


@pytest.mark.parametrize(
    ("pair", "loose"),
    [
        (RIGHT | {"output": "There are 1200 exhibitors."}, {"language": "any", "grounded": False}),
        (RIGHT | {"output": "根据上文，有1200家企业参展。"}, {"leaked": False}),
        (RIGHT | {"instruction": "该公司有多少家企业参展？"}, {"stand_alone": False}),
        (RIGHT | {"evidence": "参展企业1300家"}, {"evidence": False}),
        (RIGHT | {"output": "有1500家企业参展。"}, {"grounded": False}),
        (RIGHT | {"instruction": "几家？"}, {"min_question_chars": 2}),
        (RIGHT | {"output": "无"}, {"min_answer_chars": 1, "grounded": False}),
        (REWORDED | {"output": "展览面积很大。"}, {"same_facts": False}),
    ],
    ids=lambda value: str(value)[-60:],
)
def test_every_gate_can_be_loosened(pair: dict[str, Any], loose: dict[str, Any]) -> None:
    assert fate(pair)[0] is not None
    assert fate(pair, Gates.model_validate(loose)) == (None, None)


def test_what_no_model_wrote_passes_as_it_is() -> None:
    frame = base_pairs(
        {"origin": "real", "instruction": "？", "output": "1"},
        {"instruction": "根据上文？", "output": "2", "score": 0.1},
    )
    assert Gates().check(frame).kept.equals(frame)


def test_scores_are_those_of_the_gates_that_measure() -> None:
    [pair] = Gates().check(base_pairs(RIGHT)).kept.to_dicts()
    scores = {one["gate"]: one["score"] for one in pair["made"]["scores"]}
    assert set(scores) == {"coverage", "evidence"}
    assert pair["score"] == pytest.approx(sum(scores.values()) / 2, abs=1e-4)
    assert 0 <= pair["score"] <= 1
    [bare] = Gates().check(base_pairs(RIGHT | {"evidence": None})).kept.to_dicts()
    assert bare["score"] == pytest.approx(scores["coverage"], abs=1e-4)


def test_a_rejected_pair_keeps_its_text_its_cost_and_what_was_measured() -> None:
    frame = base_pairs(RIGHT | {"output": "第三届虹桥国际环保展览会有1500家企业参展。"})
    [gone] = Gates().check(frame).dropped.to_dicts()
    assert "1500家" in gone["output"]
    assert [one["gate"] for one in gone["made"]["scores"]] == ["coverage", "evidence"]


def test_going_through_again_changes_nothing_and_an_edited_pair_is_looked_at_anew() -> None:
    once = Gates().check(base_pairs(RIGHT, CONVERSATION, SUMMARY, REWORDED, THOUGHT)).kept
    assert once.height == 5
    assert Gates().check(once).kept.equals(once)
    edited = once.with_columns(pl.col("output").str.replace("1200", "1500"))
    assert set(Gates().check(edited).dropped["reason"]) == {"not_grounded", "bad_turns"}


def test_shards_and_an_empty_frame_give_the_same() -> None:
    frame = base_pairs(RIGHT, RIGHT | {"output": "无"}, SUMMARY)
    whole = Gates().check(frame)
    parts = [Gates().check(part) for part in frame.iter_slices(1)]
    assert whole.kept.equals(pl.concat(part.kept for part in parts))
    assert whole.dropped.equals(pl.concat(part.dropped for part in parts))
    assert Gates().check(frame.clear()).kept.schema == pl.Schema(PAIR)
