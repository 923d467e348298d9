"""template: what is kept beside the pairs that are held out, to score a model's answers by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.synthesize.questions import UNKNOWN
from tests.synthesize.test_template import COMPANY, questions, table, unit

LABELLED = """\
- question: trade
  ask: "{{name}}属于哪个行业？"
  answer: "{{name}}属于{{industry}}，在{{city}}{% if street %}{{street}}{% endif %}。"
  label: "{{ industry }}"
"""


def held_out(folder: Path, text: str = LABELLED, **columns: list[Any]) -> dict[str, Any]:
    """The pair of one row of the test set."""
    row = table(1, split=["test"], **{"industry": ["物流"], **columns})
    return unit().apply(row, questions(folder, text)).kept.row(0, named=True)


@pytest.mark.parametrize(
    ("text", "columns", "facts"),
    [
        (LABELLED, {}, ["物流", "上海"]),
        (LABELLED, {"street": ["南京路"]}, ["物流", "上海", "南京路"]),
        (LABELLED, {"industry": ["公司"]}, ["上海"]),
        (LABELLED, {"industry": ["上海"]}, ["上海"]),
        (LABELLED, {"industry": ["业" * 41]}, ["上海"]),
        ("- {question: a, ask: '{{name}}？', answer: '{{name}}。'}\n", {}, None),
        ("- {question: a, ask: '{{name}}？', answer: 没有槽。}\n", {}, None),
        ("- {question: a, ask: '{{name}}？', answer: '{{ city | upper }}', input: '{{city}}'}\n", {}, None),
    ],
    ids=[
        "the values of the answer that its question does not hold", "a value of an if that holds",
        "a value that stands in the question is none", "one that is there twice counts once",
        "a long one is a text", "nothing but the name", "no value at all", "nor one of the material",
    ],
)  # fmt: skip
def test_of_a_held_out_row_the_facts_are_kept(
    tmp_path: Path, text: str, columns: dict[str, list[Any]], facts: list[str] | None
) -> None:
    assert held_out(tmp_path, text, **columns)["facts"] == facts


def test_facts_are_of_the_phrasing_that_the_row_got(tmp_path: Path) -> None:
    text = "- {question: a, ask: '{{name}}？', answer: ['在{{city}}。', '做{{business}}。']}\n"
    made = unit().apply(table(40, split=["validation"] * 40), questions(tmp_path, text)).kept
    assert {(output, *facts) for output, facts in made.select("output", "facts").rows()} == {
        ("在上海。", "上海"),
        ("做做展览。", "做展览"),
    }


def test_what_is_trained_needs_no_facts(tmp_path: Path) -> None:
    made = unit().apply(table(1, industry=["物流"]), questions(tmp_path, LABELLED)).kept
    assert made["facts"].to_list() == [None]


def test_the_label_is_the_class_that_the_answer_names(tmp_path: Path) -> None:
    assert held_out(tmp_path, industry=[" 物流 "])["label"] == "物流"
    assert held_out(tmp_path, COMPANY)["label"] == ""


@pytest.mark.parametrize(
    ("columns", "kinds"),
    [
        ({"split": ["test"]}, {"location": "sft", "business": "sft"}),
        ({"split": ["test"], "city": [None]}, {"location": "unknown", "business": "sft"}),
        ({"split": ["test"], "city": [None], "business": [None]}, {"location": "unknown", "business": "unknown"}),
        ({"split": ["train"], "city": [None]}, {"business": "sft"}),
        ({"split": ["validation"], "city": [None]}, {"business": "sft"}),
        ({"split": ["test"], "note": [None]}, {"location": "sft"}),
        ({"split": ["test"], "name": [None]}, {}),
        ({"split": [None], "city": [None]}, {}),
    ],
    ids=[
        "all is known", "a test row without the answer is asked all the same", "for every answer that is missing",
        "but not one that is trained on", "nor one of validation", "without its material a question cannot be asked",
        "nor without the name", "nor of a row that is only retrieved",
    ],
)  # fmt: skip
def test_what_a_test_row_does_not_answer_is_asked_to_see_whether_a_model_makes_it_up(
    tmp_path: Path, columns: dict[str, list[Any]], kinds: dict[str, str]
) -> None:
    made = unit().apply(table(1, **columns), questions(tmp_path)).kept
    assert dict(made.select("question", "kind").iter_rows()) == kinds
    unknown = made.filter(kind="unknown")
    assert set(unknown["output"]) <= {UNKNOWN}
    assert unknown["facts"].null_count() == unknown.height


def test_the_phrasing_of_a_question_is_the_same_with_and_without_an_answer(tmp_path: Path) -> None:
    asked = questions(tmp_path)
    known = unit().apply(table(30, split=["test"] * 30), asked).kept.filter(question="location")
    unknown = (
        unit().apply(table(30, split=["test"] * 30, city=[None] * 30), asked).kept.filter(question="location")
    )
    assert set(unknown["kind"]) == {"unknown"}
    assert dict(known.select("pair_id", "instruction").iter_rows()) == dict(
        unknown.select("pair_id", "instruction").iter_rows()
    )


RECALL = """\
- {question: place, ask: ['{{name}}在哪里？', '{{name}}位于何处？', '请问{{name}}的城市。'], answer: ['在{{city}}。', '{{city}}。']}
- {question: once, ask: '{{name}}？', answer: '{{city}}。'}
"""


def test_one_in_twenty_of_what_is_trained_is_asked_again_in_other_words(tmp_path: Path) -> None:
    made = unit().apply(table(2000), questions(tmp_path, RECALL)).kept
    trained, again = (made.filter(kind=kind, question="place") for kind in ("sft", "recall"))
    assert trained.height == 2000
    assert 60 <= again.height <= 140
    both = again.join(trained, on="parent_id")
    assert both.height == again.height
    assert (both["instruction"] != both["instruction_right"]).all()
    assert (both["output"] == both["output_right"]).all()
    assert again["facts"].to_list() == [["上海"]] * again.height
    assert set(again["split"]) == {"train"}
    assert again["pair_id"].str.ends_with("#company.place.recall").all()
    assert made.filter(kind="recall", question="once").is_empty(), "there are no other words"


def test_rows_that_are_not_trained_on_are_not_asked_again(tmp_path: Path) -> None:
    made = unit().apply(table(400, split=["test"] * 400), questions(tmp_path, RECALL)).kept
    assert set(made["kind"]) == {"sft"}


def test_what_has_no_fact_cannot_be_recalled(tmp_path: Path) -> None:
    text = "- {question: a, ask: ['{{name}}？', '{{name}}呢？'], answer: '{{name}}。'}\n"
    assert set(unit().apply(table(400), questions(tmp_path, text)).kept["kind"]) == {"sft"}


def test_each_item_of_an_enumeration_is_a_fact(tmp_path: Path) -> None:
    text = "- {question: a, ask: '{{name}}的标签？', answer: '{{name}}有{{ tags | list_zh }}等{{ tags | length }}个标签。'}\n"
    row = table(1, split=["test"]).with_columns(tags=pl.Series([["环保", "节能"]]))
    made = unit().apply(row, questions(tmp_path, text)).kept
    assert made["facts"].to_list() == [["环保", "节能", "2"]]
