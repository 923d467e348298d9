"""perturb: the question in other words, the answer as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from curate.synthesize.perturb import Perturb
from tests.synthesize.base_pairs import base, frame, reasons, whole

OWN = Path(__file__).parents[2] / "recipes/words/synonyms.txt"
QUESTION = "云帆科技有限公司的主营业务是什么？"


def perturb(**options: object) -> Perturb:
    return Perturb.model_validate({"corpus": "companies", "of": "t", "synonyms": [str(OWN)], **options})


def test_a_reworded_pair_is_another_pair_with_the_same_answer() -> None:
    pairs = frame(base("c:1#t.business", QUESTION, "主营业务是测绘。", facts=["测绘"], label="测绘"))
    outcome = whole(pairs, perturb(times=3).apply(pairs))
    made = outcome.kept
    assert made["pair_id"].to_list() == [f"c:1#t.business+perturb_t.{n}" for n in (1, 2, 3)]
    assert made["of_pair"].unique().to_list() == ["c:1#t.business"]
    assert made["output"].unique().to_list() == ["主营业务是测绘。"]
    assert made["task"].unique().to_list() == ["perturb_t"]
    assert made["label"].unique().to_list() == ["测绘"]
    assert made["instruction"].n_unique() == 3
    assert QUESTION not in made["instruction"].to_list()
    assert made["instruction"].str.contains("云帆科技有限公司", literal=True).all()


@pytest.mark.parametrize(
    ("before", "after"), [("real", "template"), ("template", "template"), ("llm", "llm")]
)
def test_who_wrote_the_answer_stays_written(before: str, after: str) -> None:
    pairs = frame(base("c:1#t.a", QUESTION, "测绘。", origin=before, score=0.7))
    [made] = perturb().apply(pairs).kept.to_dicts()
    assert (made["origin"], made["score"]) == (after, 0.7)
    assert made["made"] is None or not any(made["made"].values()), "what the base cost is not told twice"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"split": "test"}, "not_for_task"),
        ({"split": "validation"}, "not_for_task"),
        ({"kind": "preference", "rejected": "不知道"}, "not_for_task"),
        (
            {"messages": [{"role": "user", "content": "在？"}, {"role": "assistant", "content": "在"}]},
            "not_for_task",
        ),
        ({"question": "bare"}, "unchanged"),
    ],
)
def test_what_is_not_reworded_says_why(more: dict[str, object], why: str) -> None:
    asked = "云帆科技有限公司" if more.get("question") else QUESTION
    pairs = frame(base("c:1#t.a", asked, "测绘。", **more))
    assert reasons(whole(pairs, perturb().apply(pairs))) == {"c:1#t.a": why}


def test_a_share_is_chosen_by_the_hash_of_the_id_and_grows() -> None:
    pairs = frame(*(base(f"c:{n}#t.a", QUESTION, "测绘。") for n in range(200)))
    some, more = (set(perturb(share=share).apply(pairs).kept["of_pair"]) for share in (0.2, 0.5))
    assert some < more
    assert 20 < len(some) < 60
    assert set(perturb(share=0.2).apply(pairs.reverse()).kept["of_pair"]) == some
    assert set(reasons(perturb(share=0.2).apply(pairs)).values()) == {"not_sampled"}


def test_no_pairs_are_no_error() -> None:
    assert perturb().apply(frame()).kept.is_empty()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("展会|展览会\n展会|会展\n", ":2: “展会”在第 1 行已经有了"),
        ("展会\n", ":1: 只有一个词"),
        ("# 说明\n会|展会\n", ":2: “会”只有一个字"),
    ],
)
def test_what_is_wrong_with_a_list_is_told_with_its_line(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "words.txt").write_text(content, encoding="utf-8")
    with pytest.raises(ValidationError, match=told):
        perturb(synonyms=str(tmp_path / "words.txt"))


def test_the_list_of_the_starter_is_sound() -> None:
    assert len(perturb().rewording.others) > 40
