"""pairs: what people see, and what their decisions do to pairs and to those made from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from curate.pairs import PAIR
from curate.review.pairs import Pairs
from curate.review.schema import ITEM
from curate.rows import Outcome
from tests.review.pair_tables import decided, frame, items, material, pair, rows

ROWS = rows(
    *[
        {"row_id": f"c:{n}", "name": f"星海{n}号", "text": f"星海{n}号，展馆{n + 2}000平方米。"}
        for n in range(60)
    ]
)


def project(**options: Any) -> Pairs:
    return Pairs(interface="pair_review.xml", guideline="pair_review.md", **options)


def applied(pairs: pl.DataFrame, told: pl.DataFrame, *more: str, **options: Any) -> Outcome:
    """The outcome; sampled are the pairs that were decided on, and ``more``."""
    ids = [*told["item_id"], *more]
    outcome = project(**options).apply(pairs, items(*ids), told)
    assert outcome.kept.schema == pl.Schema(PAIR)
    assert outcome.kept.height + outcome.dropped.height == pairs.height
    assert outcome.dropped["row_id"].equals(outcome.dropped["pair_id"].rename("row_id"))
    return outcome


def reasons(outcome: Outcome) -> dict[str, tuple[str, str | None]]:
    return {row[0]: row[1:] for row in outcome.dropped.select("pair_id", "reason", "detail").iter_rows()}


def test_without_decisions_the_pairs_stay_as_they_are() -> None:
    pairs = frame(pair("c:1#q"), pair("c:2#q", kind="kto", desirable=True))
    outcome = project().apply(pairs, pl.DataFrame(schema=ITEM), decided())
    assert_frame_equal(outcome.kept, pairs)
    assert outcome.dropped.is_empty()


def test_what_is_accepted_stays_and_says_who_decided_how() -> None:
    pairs = frame(pair("c:1#q"), pair("c:2#q"))
    outcome = applied(pairs, decided(**{"c:1#q": {"value": "accept", "reason": None}}))
    assert_frame_equal(outcome.kept.drop("review"), pairs.drop("review"))
    assert outcome.kept["review"].to_list() == [
        {"decision": "accept", "by": "agreed", "votes": 2, "reason": None, "guideline": "abc", "was": None},
        None,
    ]


def test_what_is_rejected_goes_with_its_reasons_and_note() -> None:
    told = decided(
        **{
            "c:1#q": {"value": "reject", "reason": "数字不对、没有依据", "values": {"note": "应为2012年"}},
            "c:2#q": {"value": "reject"},
        }
    )
    assert reasons(applied(frame(pair("c:1#q"), pair("c:2#q")), told)) == {
        "c:1#q": ("rejected_in_review", "数字不对、没有依据：应为2012年"),
        "c:2#q": ("rejected_in_review", None),
    }


def test_an_edit_is_carried_out_and_what_was_there_is_kept() -> None:
    told = decided(
        **{
            "c:2#q": {
                "value": "edit",
                "by": "expert",
                "values": {"edited_question": "多大？", "edited_answer": "1万平方米。"},
            }
        }
    )
    kept = applied(frame(*[pair(f"c:{n}#q") for n in range(4)]), told).kept
    assert kept["pair_id"].to_list() == [f"c:{n}#q" for n in range(4)]
    assert kept["instruction"].to_list() == ["星海展览的展馆有多大？"] * 2 + ["多大？"] + [
        "星海展览的展馆有多大？"
    ]
    assert kept["output"][2] == "1万平方米。"
    assert kept["score"].to_list() == [0.9] * 4
    review = kept["review"][2]
    assert (review["decision"], review["by"]) == ("edit", "expert")
    assert json.loads(review["was"]) == {
        "instruction": "星海展览的展馆有多大？",
        "output": "展馆面积12000平方米。",
    }


def test_an_edit_that_changes_nothing_leaves_no_trace_of_a_change() -> None:
    told = decided(**{"c:1#q": {"value": "edit", "values": {"edited_answer": "展馆面积12000平方米。"}}})
    kept = applied(frame(pair("c:1#q")), told).kept
    assert (kept["review"][0]["decision"], kept["review"][0]["was"]) == ("edit", None)


def test_facts_and_class_follow_the_edited_answer() -> None:
    pairs = frame(
        pair("c:1#q", "成立于2012年，面积12000平方米。", facts=["2012", "12000", "上海"]),
        pair("c:2#q", "展会", label="展会"),
    )
    told = decided(
        **{
            "c:1#q": {"value": "edit", "values": {"edited_answer": "成立于2013年，面积12000平方米。"}},
            "c:2#q": {"value": "edit", "values": {"edited_answer": "会议"}},
        }
    )
    kept = applied(pairs, told).kept
    assert kept["facts"].to_list() == [["12000", "上海"], None]
    assert kept["label"].to_list() == [None, "会议"]


TURNS = [{"role": role, "content": text} for role, text in (("user", "甲？"), ("assistant", "乙。"), ("user", "丙？"), ("assistant", "丁。"))]  # fmt: skip


def test_the_last_answer_of_a_conversation_can_be_edited_and_its_questions_cannot() -> None:
    pairs = frame(pair("c:1#q", "丁。", messages=TURNS), pair("c:2#q", "丁。", messages=TURNS))
    told = decided(
        **{
            "c:1#q": {"value": "edit", "values": {"edited_answer": "戊。"}},
            "c:2#q": {"value": "edit", "values": {"edited_question": "用户：己？", "edited_answer": "戊。"}},
        }
    )
    outcome = applied(pairs, told)
    assert [turn["content"] for turn in outcome.kept["messages"][0]] == ["甲？", "乙。", "丙？", "戊。"]
    assert outcome.kept["output"][0] == "戊。"
    assert reasons(outcome) == {"c:2#q": ("edit_unusable", None)}


def test_a_dispute_that_nobody_settles_is_no_training_data() -> None:
    pairs = frame(pair("c:1#q"), pair("c:2#q"))
    dropped = decided(**{"c:1#q": {"value": None, "by": "dropped"}})
    assert reasons(applied(pairs, dropped, "c:2#q")) == {
        "c:1#q": ("disputed_in_review", None), "c:2#q": ("disputed_in_review", None),
    }  # fmt: skip


def test_pairs_that_nobody_saw_stay_or_go_as_the_recipe_says() -> None:
    pairs = frame(
        pair("c:1#q"), pair("c:2#q"), pair("c:3#q", origin="template"), pair("c:4#q", kind="pretrain"),
    )  # fmt: skip
    told = decided(**{"c:1#q": {"value": "accept"}})
    assert applied(pairs, told).kept.height == 4
    assert reasons(applied(pairs, told, unsampled="drop")) == {"c:2#q": ("not_reviewed", None)}
    both = applied(pairs, told, unsampled="drop", sample={"llm": 1, "template": 0.1})
    assert set(reasons(both)) == {"c:2#q", "c:3#q"}


def derived(pair_id: str, **more: Any) -> dict[str, Any]:
    return pair(pair_id, of_pair=pair_id.rpartition("+")[0], origin="template", made=None, **more)


CHAINS = {
    "of a rejected pair": ("reject", {}, {"c:1#q+perturb.1": ("base_rejected", "c:1#q")}),
    "of an edited pair": ("edit", {}, {"c:1#q+perturb.1": ("base_edited", "c:1#q")}),
    "of an accepted pair": ("accept", {}, {}),
    "of a disputed pair": (None, {}, {"c:1#q+perturb.1": ("base_rejected", "c:1#q")}),
    "reviewed itself": ("reject", {"c:1#q+perturb.1": {"value": "accept"}}, {}),
}


@pytest.mark.parametrize(("value", "more", "gone"), CHAINS.values(), ids=CHAINS.keys())
def test_a_pair_shares_the_fate_of_the_one_that_it_was_made_from(
    value: str | None, more: dict[str, Any], gone: dict[str, Any]
) -> None:
    told = decided(**{"c:1#q": {"value": value}, **more})
    assert reasons(applied(frame(derived("c:1#q+perturb.1")), told)) == gone


def test_of_a_chain_the_nearest_that_people_judged_counts() -> None:
    chain = frame(
        derived("c:1#q+paraphrase.0+perturb.1"),
        derived("c:1#q+paraphrase.1+perturb.1"),
        derived("c:a+b#q+perturb.1"),
        derived("c:7#q+perturb.1+preference", kind="preference", rejected="不知道。"),
    )
    told = decided(
        **{
            "c:1#q": {"value": "reject"},
            "c:1#q+paraphrase.1": {"value": "accept"},
            "c:a+b#q": {"value": "edit"},
            "c:7#q": {"value": "reject"},
        }
    )
    assert reasons(applied(chain, told)) == {
        "c:1#q+paraphrase.0+perturb.1": ("base_rejected", "c:1#q"),
        "c:a+b#q+perturb.1": ("base_edited", "c:a+b#q"),
        "c:7#q+perturb.1+preference": ("base_rejected", "c:7#q"),
    }


def test_a_conversation_goes_with_any_pair_that_was_joined_into_it() -> None:
    def joined(*ids: str) -> dict[str, Any]:
        made = {"parameters": json.dumps({"joined": ids})}
        return pair(f"{ids[0]}+talk", of_pair=ids[0], made=made, messages=TURNS)

    talks = frame(joined("c:1#a", "c:1#b"), joined("c:2#a", "c:2#b"), joined("c:3#a", "c:3#b+perturb.1"))
    told = decided(
        **{
            "c:1#a": {"value": "accept"},
            "c:1#b": {"value": "reject"},
            "c:2#a": {"value": "accept"},
            "c:3#b": {"value": "edit"},
        }
    )
    assert reasons(applied(talks, told)) == {
        "c:1#a+talk": ("base_rejected", "c:1#b"), "c:3#a+talk": ("base_edited", "c:3#b"),
    }  # fmt: skip


def test_a_question_that_asks_again_for_a_rejected_fact_goes_too() -> None:
    again = frame(pair("c:1#q.recall", kind="recall"), pair("c:2#q.recall", kind="recall"))
    told = decided(**{"c:1#q": {"value": "reject"}, "c:2#q": {"value": "accept"}})
    assert reasons(applied(again, told)) == {"c:1#q.recall": ("base_rejected", "c:1#q")}


def test_parameters_of_a_model_are_no_list_of_bases() -> None:
    reworded = derived("c:1#q+paraphrase") | {"made": {"parameters": '{"temperature": 0.7}'}}
    assert applied(frame(reworded), decided(**{"c:1#q": {"value": "reject"}})).kept.is_empty()


def chosen(folder: Path, pairs: pl.DataFrame, **options: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    told = project(**options).choose(material(folder, pairs, ROWS, shards=2))
    assert told.items.schema == pl.Schema(ITEM)
    assert told.items["place"].to_list() == list(range(told.items.height))
    assert told.items["item_id"].is_unique().all()
    json.dumps(told.plan)
    return told.items.to_dicts(), told.plan


def test_people_see_question_answer_source_and_where_it_is_from(tmp_path: Path) -> None:
    (item,), _ = chosen(tmp_path, frame(pair("c:1#q", "很大。")))
    data = json.loads(item["data"])
    assert data == {
        "question": "星海展览的展馆有多大？", "answer": "很大。", "about": "c · doc_qa · 星海1号",
        "passage": "星海展览成立于2012年，展馆面积12000平方米，2024年接待观众3.5万人次。",
    }  # fmt: skip
    (mark,) = json.loads(item["marks"])
    assert mark["value"]["text"] == "展馆面积12000平方米"
    assert (item["item_id"], item["source"], item["stratum"]) == ("c:1#q", "c:1", "llm | c | doc_qa | high")


def test_controls_stand_among_the_sample_and_cannot_be_told_from_it(tmp_path: Path) -> None:
    pairs = frame(*[pair(f"c:{n}#q", f"展馆面积{n + 2}000平方米。", made=None) for n in range(40)])
    told, plan = chosen(tmp_path, pairs, controls=0.15)
    controls = [item for item in told if item["part"] == "control"]
    assert plan["controls"] == {"wanted": 6, "made": 6, "nothing_to_alter": 0}
    assert len(told) == 46
    originals = {item["item_id"]: item for item in told if item["part"] == "sample"}
    for control in controls:
        original = originals[control["of"]]
        assert {name for name in ITEM if control[name] != original[name]} == {
            "item_id", "content", "data", "part", "expected", "of", "place",
        }  # fmt: skip


def test_controls_copy_pairs_that_are_not_in_the_sample_where_there_are_some(tmp_path: Path) -> None:
    pairs = frame(*[pair(f"c:{n}#q", f"展馆面积{n + 2}000平方米。", made=None) for n in range(40)])
    told, _ = chosen(tmp_path, pairs, sample={"llm": 0.5}, controls=0.2)
    sample = {item["item_id"] for item in told if item["part"] == "sample"}
    copied = {item["of"] for item in told if item["part"] == "control"}
    assert len(sample) == 20
    assert len(copied) == 4
    assert not sample & copied


def test_other_kinds_are_left_out_and_told(tmp_path: Path) -> None:
    told, plan = chosen(
        tmp_path,
        frame(
            pair("c:1#q"),
            pair("c:2#q", kind="kto"),
            pair("c:3#q", kind="pretrain"),
            pair("c:4#q", kind="kto"),
        ),
        controls=0,
    )
    assert [item["item_id"] for item in told] == ["c:1#q"]
    assert plan["left_out"] == {"kto": 2, "pretrain": 1}


def test_gold_items_are_mixed_in(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    data = dict.fromkeys(("question", "answer", "passage", "about"), "甲")
    gold.write_text(json.dumps({"data": data, "expected": {"decision": "reject"}}) + "\n", encoding="utf-8")
    told, plan = chosen(tmp_path, frame(*[pair(f"c:{n}#q") for n in range(5)]), gold=str(gold), controls=0)
    assert plan["gold"] == 1
    assert [item["part"] for item in told].count("gold") == 1


def test_where_nothing_is_to_be_judged_there_are_no_items(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text("", encoding="utf-8")
    told, plan = chosen(tmp_path, frame(pair("c:1#q", origin="real")), gold=str(gold))
    assert (told, plan["drawn"]) == ([], 0)


def test_a_pair_more_leaves_the_others_and_their_content_as_they_were(tmp_path: Path) -> None:
    few = frame(*[pair(f"c:{n}#q") for n in range(50)])
    many = frame(*[pair(f"c:{n}#q") for n in range(51)])
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, _ = chosen(tmp_path / "a", few, sample={"llm": 0.4}, controls=0)
    second, _ = chosen(tmp_path / "b", many, sample={"llm": 0.4}, controls=0)
    contents = {item["item_id"]: item["content"] for item in second}
    stayed = [item for item in first if contents.get(item["item_id"]) == item["content"]]
    assert len(stayed) >= len(first) - 1


def test_the_decisions_are_counted() -> None:
    told = decided(
        **{
            "c:1#q": {"value": "accept"},
            "c:2#q": {"value": "accept"},
            "c:3#q": {"value": "reject"},
            "x": {"value": "edit"},
        }
    )
    assert project().settle(items("c:1#q", "c:2#q", "c:3#q"), told) == {
        "accepted": 2,
        "edited": 0,
        "rejected": 1,
    }
