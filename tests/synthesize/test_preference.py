"""preference: the pair's answer beside one that is worse in a known way."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from curate.pairs import MADE
from curate.synthesize.preference import VAGUE, Preference
from tests.synthesize.base_pairs import base, frame, reasons, whole

LONG = "云帆公司有员工85人，注册资本1,200万元，总部在杭州，在上海和成都设有分公司。"


def preference(*kinds: str, **options: Any) -> Preference:
    return Preference.model_validate(
        {"corpus": "companies", "of": "t", **({"kinds": kinds} if kinds else {}), **options}
    )


def test_a_comparison_holds_the_answer_and_the_worse_one() -> None:
    pairs = frame(base("c:1#t.scale", "云帆公司有多大？", LONG, thought="想一想", label="大"))
    [made] = whole(pairs, preference("wrong_number").apply(pairs)).kept.to_dicts()
    assert (made["pair_id"], made["of_pair"]) == ("c:1#t.scale+preference_t", "c:1#t.scale")
    assert (made["kind"], made["task"], made["question"]) == ("preference", "preference_t", "scale")
    assert made["output"] == LONG != made["rejected"]
    assert json.loads(made["made"]["parameters"]) == {"worse": "wrong_number"}
    assert made["thought"] is None, "the better side must not win by a thought"


def test_a_wrong_number_is_no_other_true_one_of_the_source() -> None:
    others = [86, 84, 87, 88, 82, 75, 65, 55, 95]
    source = dict.fromkeys((field.name for field in MADE.fields), None) | {
        "source": "、".join(f"{n}人" for n in others)
    }
    rows = (
        base(f"c:{n}#t.scale", f"第{n}家有多少人？", "有员工85人。", origin="llm", made=source)
        for n in range(100, 120)
    )
    made = preference("wrong_number").apply(frame(*rows)).kept
    assert set(made["rejected"]) == {"有员工83人。"}


def test_off_topic_is_another_rows_answer_to_the_same_question() -> None:
    rows = [
        base(f"c:{n}#t.{q}", f"第{n}家的{q}？", f"第{n}家的{q}是{n}。", split=split)
        for n, split in enumerate(["train"] * 4 + ["test"] * 2)
        for q in "ab"
    ]
    made = whole(frame(*rows), preference("off_topic").apply(frame(*rows))).kept
    assert made.height == len(rows)
    answers = {row["output"]: row for row in rows}
    for pair in made.to_dicts():
        other = answers[pair["rejected"]]
        assert other["parent_id"] != pair["parent_id"]
        assert (other["question"], other["split"]) == (pair["question"], pair["split"])


@pytest.mark.parametrize(
    "other",
    [
        {"output": "同一个答案。"},
        {"parent_id": "c:1", "cluster_id": "c:1"},
        {"cluster_id": "c:1"},
        {"question": "z"},
    ],
)
def test_an_answer_that_may_be_right_is_not_off_topic(other: dict[str, str]) -> None:
    pairs = frame(base("c:1#t.a", "问？", "同一个答案。"), base("c:2#t.a", "又问？", "别的答案。") | other)
    assert "c:1#t.a" not in preference("off_topic").apply(pairs).kept["of_pair"].to_list()


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (LONG, ["云帆公司有员工85人。"]),
        ("云帆公司的总部在浙江省杭州市。", list(VAGUE)),
        ("《线上流量见顶之后，怎样挑选充电桩》的主讲人是李明，他是行业专家，做过很多项目。", list(VAGUE)),
        ("在杭州。", []),
    ],
    ids=["the first clause", "one clause alone", "a clause inside a title", "too short already"],
)
def test_too_short(output: str, expected: list[str]) -> None:
    made = preference("too_short").apply(frame(base("c:1#t.a", "问？", output))).kept
    assert made["rejected"].to_list() == expected[:0] or made["rejected"][0] in expected


def test_each_pair_gives_the_first_kind_that_works_and_all_kinds_appear() -> None:
    rows = [base(f"c:{n}#t.a", f"第{n}家怎么样？", LONG.replace("云帆", f"第{n}家")) for n in range(60)]
    made = whole(frame(*rows), preference().apply(frame(*rows))).kept
    assert made.height == 60
    told = made["made"].struct.field("parameters")
    assert set(told) == {f'{{"worse": "{kind}"}}' for kind in ("wrong_number", "off_topic", "too_short")}
    assert (made["rejected"].str.strip_chars() != made["output"].str.strip_chars()).all()
    assert preference().apply(frame(*rows)).kept.equals(made), "again the same"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"kind": "kto", "desirable": True}, "not_for_task"),
        ({"tools": "[]"}, "not_for_task"),
        ({"system": "你是顾问"}, "no_worse_answer"),
    ],
)
def test_what_gives_no_comparison_says_why(more: dict[str, Any], why: str) -> None:
    pairs = frame(base("c:1#t.a", "在哪？", "在杭州。", **more))
    assert reasons(whole(pairs, preference().apply(pairs))) == {"c:1#t.a": why}


@pytest.mark.parametrize(("before", "after"), [("real", "template"), ("llm", "llm")])
def test_a_models_answer_stays_a_models(before: str, after: str) -> None:
    pairs = frame(base("c:1#t.a", "在哪？", LONG, origin=before))
    assert preference().apply(pairs).kept["origin"].to_list() == [after]


def test_a_share_is_chosen_and_the_rest_says_so() -> None:
    pairs = frame(*(base(f"c:{n}#t.a", "在哪？", LONG) for n in range(100)))
    outcome = whole(pairs, preference(share=0.3).apply(pairs))
    assert 10 < outcome.kept.height < 50
    assert set(reasons(outcome).values()) == {"not_sampled"}
    assert isinstance(outcome.kept, pl.DataFrame)
