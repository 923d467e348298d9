"""template: what the data does not hold is trained on as such, seldom, and only where nothing of the answer is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.evaluate.declining import declines
from curate.synthesize.question_files import load_questions
from curate.synthesize.questions import DECLINING
from tests.synthesize.test_template import questions, table, unit

PLACE = """\
- question: city
  ask: ["{{name}}在哪里？", "{{name}}位于何处？"]
  answer: ["{{name}}在{{city}}。", "在{{city}}。"]
  unknown: ["资料里没有记录{{name}}在哪里。", "不清楚{{name}}在哪里。"]
- question: business
  ask: "{{name}}做什么？"
  answer: "{{name}}做{{business}}。"
"""


def taught(rows: pl.DataFrame, folder: Path, text: str = PLACE, **options: Any) -> pl.DataFrame:
    """What is trained on as not known."""
    made = unit(**options).apply(rows, questions(folder, text)).kept.filter(kind="sft", split="train")
    return made.filter(declines(made["output"], pl.Series([], dtype=pl.String)))


def holes(count: int, of: int) -> list[str | None]:
    return [None if number < count else "上海" for number in range(of)]


@pytest.mark.parametrize(
    ("share", "missing", "expected"),
    [(0.03, 60, 4), (0.03, 2, 2), (0, 60, 0), (0.5, 60, 40), (0.5, 100, 0), (0.1, 60, 15)],
    ids=[
        "three in a hundred of 140 answers", "no more than there are", "none if none are wanted",
        "never more than the question has answers", "a column that is empty everywhere teaches nothing", "one in ten",
    ],
)  # fmt: skip
def test_a_small_share_of_what_is_missing_is_taught(
    tmp_path: Path, share: float, missing: int, expected: int
) -> None:
    pairs = taught(table(100, city=holes(missing, 100)), tmp_path, unknown_share=share)
    assert pairs.height == expected
    assert set(pairs["question"]) <= {"city"}
    assert set(pairs["origin"]) <= {"template"}


def test_the_answer_says_so_in_one_of_the_words_of_the_file(tmp_path: Path) -> None:
    pairs = taught(table(200, city=holes(100, 200)), tmp_path, unknown_share=0.3)
    forms = pairs.select(
        said=pl.col("output").str.replace_all(r"公司\d+", "某"),
        asked=pl.col("instruction").str.replace_all(r"公司\d+", "某"),
    )
    assert set(forms["said"]) == {"资料里没有记录某在哪里。", "不清楚某在哪里。"}
    assert set(forms["asked"]) == {"某在哪里？", "某位于何处？"}
    assert pairs["facts"].null_count() == pairs.height
    assert set(pairs["pair_id"].str.split("#").list.last()) == {"company.city"}


def test_without_words_of_its_own_a_question_has_those_of_the_house(tmp_path: Path) -> None:
    business = [None if number < 40 else "做展览" for number in range(80)]
    pairs = taught(table(80, business=business), tmp_path, unknown_share=0.5)
    assert set(pairs["output"]) == set(DECLINING)


def test_every_word_of_the_house_is_taken_for_declining() -> None:
    assert declines(pl.Series(DECLINING), pl.Series([], dtype=pl.String)).all()


TEMPLATES = Path(__file__).parents[2] / "recipes" / "templates"


@pytest.mark.parametrize(
    "file", sorted(path.name for path in TEMPLATES.glob("*.yaml") if not path.stem.endswith("_query"))
)
def test_every_word_of_the_recipes_is_taken_for_declining(file: str) -> None:
    asked, problems = load_questions(TEMPLATES, file)
    assert not problems
    words = pl.Series([template.source for question in asked for template in question.unknown])
    assert declines(words, pl.Series([], dtype=pl.String)).all()


TWO = """\
- question: scale
  ask: "{{name}}在哪里，做什么？"
  answer: "{{name}}在{{city}}，做{{business}}。"
"""


@pytest.mark.parametrize(
    ("city", "business", "expected"),
    [(None, "做展览", 0), ("上海", None, 0), (None, None, 1)],
    ids=["the business is known", "the city is known", "nothing of it is known"],
)
def test_where_a_part_of_the_answer_is_known_nothing_is_denied(
    tmp_path: Path, city: str | None, business: str | None, expected: int
) -> None:
    rows = table(4, city=[city, *["上海"] * 3], business=[business, *["做展览"] * 3])
    assert taught(rows, tmp_path, TWO, unknown_share=0.5).height == expected


@pytest.mark.parametrize("split", ["validation", "test", None])
def test_rows_that_do_not_train_teach_nothing(tmp_path: Path, split: str | None) -> None:
    rows = table(40, city=holes(10, 40), split=[*[split] * 10, *["train"] * 30])
    assert taught(rows, tmp_path, unknown_share=0.5).is_empty()


def test_the_same_rows_are_chosen_whatever_their_order(tmp_path: Path) -> None:
    rows = table(100, city=holes(50, 100))
    once = taught(rows, tmp_path)["pair_id"].sort()
    again = taught(rows.sample(fraction=1, shuffle=True, seed=3), tmp_path)["pair_id"].sort()
    assert once.to_list() == again.to_list()
    assert len(once) == 4


def test_a_row_that_is_only_asked_what_it_lacks_is_no_dropped_row(tmp_path: Path) -> None:
    rows = table(4, city=[None, *["上海"] * 3], business=[None, *["做展览"] * 3])
    outcome = unit(unknown_share=0.5).apply(rows, questions(tmp_path, PLACE))
    assert outcome.dropped.is_empty()
    assert "c:0" in set(outcome.kept["parent_id"])


def test_what_only_some_phrasings_of_the_answer_tell_is_no_part_of_it(tmp_path: Path) -> None:
    text = """\
- question: city
  ask: "{{name}}在哪里？"
  answer: ["在{{city}}。", "{{name}}做{{business}}，在{{city}}。"]
"""
    rows = table(4, city=[None, *["上海"] * 3])
    assert taught(rows, tmp_path, text, unknown_share=0.5)["parent_id"].to_list() == ["c:0"]
