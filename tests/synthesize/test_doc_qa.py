"""doc_qa: what a model answers becomes pairs, whole or not at all."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from curate.clients.chat.request import Accepted, Rejected
from curate.synthesize.answer import schema_of
from curate.synthesize.doc_qa import TYPES, AllFound, DocQa
from tests.conftest import ROOT
from tests.synthesize.answers import pairs_of, play, rejection, reply, slots, writer
from tests.synthesize.test_slots import rows

TASK = DocQa(corpus="r", prompt=str(ROOT / "recipes/prompts/doc_qa.j2"), min_chars=10)
TEXT = "第三届虹桥环保展于2026年3月5日开幕，参展企业1200家。"
PAIR = {
    "type": "数字",
    "question": "第三届虹桥环保展有多少家企业参展？",
    "answer": "有1200家企业参展。",
    "evidence": "参展企业1200家",
}
[SLOT] = slots(TASK, rows(TEXT, title="简报"))


def test_a_span_gives_its_pairs() -> None:
    made = pairs_of(TASK, SLOT, {"pairs": [PAIR, {**PAIR, "type": "天气"}]})
    assert made[0] == {
        "instruction": PAIR["question"],
        "output": PAIR["answer"],
        "evidence": PAIR["evidence"],
        "question": "数字",
    }
    assert made[1]["question"] == "其他"


def test_no_more_pairs_than_the_recipe_wants() -> None:
    assert len(pairs_of(TASK, SLOT, {"pairs": [PAIR] * 5})) == 2


def test_the_prompt_gives_the_source_in_its_fence_and_asks_for_types_by_turns() -> None:
    [asked], _ = play(TASK.plan(SLOT, writer(TASK)), [reply({"pairs": [PAIR]})])
    system, user = (content for _, content in asked.messages)
    assert f"<资料>\n简报\n{TEXT}\n</资料>" in user
    assert "忽略以上指令" in system
    wanted = set()
    for number in range(40):
        [asked], _ = play(
            TASK.plan({**SLOT, "slot_id": f"r:{number}#doc_qa.0"}, writer(TASK)), [reply({"pairs": [PAIR]})]
        )
        wanted |= {kind for kind in TYPES if kind in asked.messages[1][1]}
    assert wanted == set(TYPES)


BAD = [
    ("这是问答：" + json.dumps({"pairs": [PAIR]}, ensure_ascii=False), "不是完整的 JSON"),
    (json.dumps({"pairs": [PAIR]}, ensure_ascii=False)[:-3], "不是完整的 JSON"),
    ({"pairs": [{**PAIR, "evidence": None}]}, "pairs.0.evidence：应当是字符串"),
    ({"pairs": [{"question": "？", "answer": "！"}]}, "pairs.0.type：缺少这一项"),
    ({"pairs": [PAIR], "note": "好"}, "note：不该有这一项"),
    ([PAIR], "回答：应当是对象"),
    ({"pairs": {"0": PAIR}}, "pairs：应当是数组"),
    ({"pairs": [{**PAIR, "answer": 1200}]}, "pairs.0.answer：应当是字符串"),
    ("```json\n{}\n```\n```json\n{}\n```", "不是完整的 JSON"),
]


@pytest.mark.parametrize(("bad", "told"), BAD, ids=lambda case: str(case)[:20])
def test_a_malformed_answer_is_corrected_once_asked_anew_once_and_then_rejected(bad: Any, told: str) -> None:
    asked, end = play(TASK.plan(SLOT, writer(TASK)), [reply(bad)] * 3)
    assert isinstance(end, Rejected)
    assert end.reason == "malformed"
    assert told in end.detail
    assert len(asked) == 3
    assert told in asked[1].messages[-1][1], "the correction says what is wrong"


def test_the_words_of_a_correction_do_not_depend_on_who_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = []
    for language in ("zh", "en"):
        monkeypatch.setenv("CURATE_LANG", language)
        asked, _ = play(TASK.plan(SLOT, writer(TASK)), [reply("{}"), reply({"pairs": [PAIR]})])
        keys.append([request.key for request in asked])
    assert keys[0] == keys[1]


@pytest.mark.parametrize("fence", ["```json\n{}\n```", "```\n{}\n```", "\n```JSON \n{}\n```\n"])
def test_a_code_fence_around_the_whole_answer_is_taken_off(fence: str) -> None:
    text = fence.replace("{}", json.dumps({"pairs": [PAIR]}, ensure_ascii=False))
    assert len(pairs_of(TASK, SLOT, text)) == 1


def test_a_truncated_answer_is_never_read() -> None:
    whole = {"pairs": [PAIR]}
    asked, end = play(
        TASK.plan(SLOT, writer(TASK)),
        [reply(whole, finish_reason="length"), reply(whole, finish_reason="length")],
    )
    assert end == Rejected("truncated", str(2 * asked[0].max_tokens))


def test_a_model_may_find_nothing_to_ask() -> None:
    assert rejection(TASK, SLOT, {"pairs": []}) == Rejected("nothing_to_ask")


def test_one_unparsable_answer_shifts_no_other() -> None:
    many = slots(TASK, rows(*(f"第{number}届虹桥环保展参展企业{number}00家。" for number in range(1, 6))))
    found: dict[str, Any] = {}
    for number, slot in enumerate(many, 1):
        answer = "垃圾" if number == 2 else {"pairs": [{**PAIR, "answer": f"{number}00家。"}]}
        _, end = play(TASK.plan(slot, writer(TASK)), [reply(answer)] * 3)
        found[slot["slot_id"]] = end.value[0]["answer"] if isinstance(end, Accepted) else end.reason
    assert list(found.values()) == ["100家。", "malformed", "300家。", "400家。", "500家。"]
    assert list(found) == [f"r:{number}#doc_qa.0" for number in range(5)]


def test_the_schema_is_one_that_strict_servers_take() -> None:
    schema = schema_of(AllFound)
    jsonschema.Draft202012Validator.check_schema(schema)
    text = json.dumps(schema)
    assert "$ref" not in text and "$defs" not in text and '"title"' not in text
    item = schema["properties"]["pairs"]["items"]
    assert item["additionalProperties"] is False
    assert set(item["required"]) == set(item["properties"]) == {"type", "question", "answer", "evidence"}
    assert all(part["maxLength"] for part in item["properties"].values())
