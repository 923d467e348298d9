"""Published statistics: noise as told, answers kept, and nothing without its declaration."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pytest
from pydantic import BaseModel, ValidationError

from curate.errors import CurateError, GateFailed
from curate.files import write_parquet
from curate.privacy.asked import declared
from curate.privacy.budget import Budget
from curate.privacy.laplace import mechanism, mechanisms
from curate.privacy.statistics import Published, Statistics, card_section, publish
from curate.rows import Table

AGES = [20, 30, 50, None, 120]
CITIES = ["北京", "上海", "上海", None, "某县"]


class Visitor(BaseModel):
    city: Literal["北京", "上海"] | None = None
    age: int | None = None


@pytest.fixture
def visitors(tmp_path: Path) -> Table:
    """5,000 rows in two shards: a fifth each of the ages and cities above."""
    files = []
    for shard in range(2):
        ids = [f"visitors:{shard}-{number}" for number in range(2500)]
        rows = pl.DataFrame({"row_id": ids, "age": AGES * 500, "city": CITIES * 500})
        files.append(tmp_path / f"{shard}.parquet")
        write_parquet(files[-1], rows)
    return Table("visitors", tuple(files))


def of(*tables: dict[str, Any], **options: Any) -> Statistics:
    return Statistics.model_validate({"tables": [{"corpus": "visitors", **one} for one in tables], **options})


def ask(statistics: Statistics, table: Table, workspace: Path, key: str = "k", name: str = "expo") -> Published:  # fmt: skip
    return publish(statistics, {"visitors": table}, {"visitors": key}, workspace, name, {"visitors": Visitor})


QUESTIONS: dict[str, tuple[dict[str, Any], list[float]]] = {
    "count": ({"count": True}, [5000]),
    "by": ({"by": "city", "values": ["北京", "上海", "广州"]}, [1000, 2000, 0, 2000]),
    "literal": ({"by": "city"}, [1000, 2000, 2000]),
    "histogram": ({"histogram": "age", "edges": [20, 30, 50]}, [1000, 2000, 2000]),
    "mean": ({"mean": "age", "bounds": [0, 100]}, [(20 + 30 + 50 + 100) / 4]),
}


@pytest.mark.parametrize("what", QUESTIONS)
def test_figures_are_as_near_as_they_say_and_not_exact(what: str, visitors: Table) -> None:
    question, truth = QUESTIONS[what]
    (tell,) = mechanisms([declared(of(question).tables[0], Visitor)], Fraction(1, 2))
    errors, near, outside = [], 0.0, 0
    for _ in range(60):
        for figure, true in zip(tell(visitors), truth, strict=True):
            assert figure.number is not None
            assert figure.plus_minus is not None
            near = figure.plus_minus
            errors.append(abs(figure.number - true))
            outside += errors[-1] > near
    # a Laplace error is on average a third of its 95 % bound (1 / ln 20); five standard errors around that.
    # Counts cannot fall below 0, and the bound of a mean is a safe one: there it may be smaller
    mean = sum(errors) / len(errors) / near
    assert (0.1 if what in ("mean", "by") else 0.12) < mean < 0.6
    assert outside <= 0.05 * len(errors) + 5 * (0.05 * 0.95 * len(errors)) ** 0.5


def test_what_all_tables_spend_together_is_not_more_than_epsilon() -> None:
    questions = [declared(of(question).tables[0], Visitor) for question, _ in QUESTIONS.values()]
    weighed = [
        one.model_copy(update={"weight": weight})
        for one, weight in zip(questions, (1, 3, 0.7, 2, 5), strict=True)
    ]
    costs = [
        mechanism(one, Fraction("0.1") * Fraction(str(one.weight)) / Fraction("11.7"))[1] for one in weighed
    ]
    assert Fraction("0.0999") < sum(costs) <= Fraction("0.1")


def test_the_same_question_of_the_same_rows_has_the_same_answers_and_costs_nothing(visitors: Table, tmp_path: Path) -> None:  # fmt: skip
    statistics = of({"count": True}, {"by": "city"})
    first, again = ask(statistics, visitors, tmp_path), ask(statistics, visitors, tmp_path)
    assert (first.figures, first.repeated, again.repeated) == (again.figures, False, True)
    assert float(again.spent) == 0.1
    assert float(again.left) == pytest.approx(0.4)
    other = ask(statistics, visitors, tmp_path, key="refreshed")
    assert (other.repeated, float(other.spent)) == (False, 0.2)


def test_a_question_beyond_the_budget_is_refused_before_noise_is_drawn(visitors: Table, tmp_path: Path) -> None:  # fmt: skip
    ask(of({"count": True}, epsilon=0.3), visitors, tmp_path)
    with pytest.raises(GateFailed, match=r"已用 ε = 0\.3，上限 0\.4，还剩 0\.1，这一次要 0\.2") as refused:
        ask(of({"by": "city"}, epsilon=0.2, total=0.4), visitors, tmp_path)
    assert refused.value.gate == "budget"
    # a higher total counts what was spent before
    assert float(ask(of({"by": "city"}, epsilon=0.2, total=0.5), visitors, tmp_path).left) == 0


def test_a_process_that_dies_before_it_answers_has_spent(visitors: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Budget, "keep", killed)
        ask(of({"count": True}, epsilon=0.3), visitors, tmp_path)
    assert [entry.answers for entry in Budget(tmp_path).entries()] == [None]
    with pytest.raises(GateFailed, match=r"还剩 0\.2"):
        ask(of({"count": True}, epsilon=0.3), visitors, tmp_path)


def test_a_mean_of_a_few_rows_is_not_told(tmp_path: Path) -> None:
    write_parquet(tmp_path / "few.parquet", pl.DataFrame({"row_id": ["visitors:1"], "age": [33]}))
    told = ask(of({"mean": "age", "bounds": [0, 100]}), Table("visitors", (tmp_path / "few.parquet",)), tmp_path)  # fmt: skip
    assert (told.figures[0].number, told.figures[0].plus_minus) == (None, None)
    assert "行数太少" in card_section(told)


@pytest.mark.parametrize(
    ("table", "word"),
    [
        ({"count": True, "mean": "age", "bounds": [0, 1]}, "只写 count、by、mean、histogram 之一"),
        ({}, "只写 count、by、mean、histogram 之一"),
        ({"mean": "age"}, "bounds 要和 mean 一起写"),
        ({"histogram": "age"}, "edges 要和 histogram 一起写"),
        ({"count": True, "edges": [1, 2]}, "edges 要和 histogram 一起写"),
        ({"mean": "age", "bounds": [5, 5]}, "从小到大"),
        ({"histogram": "age", "edges": [1, 3, 2]}, "从小到大"),
        ({"histogram": "age", "edges": [1, float("nan")]}, "从小到大"),
        ({"by": "city", "values": ["a", "a"]}, "重复"),
    ],
)
def test_a_table_asks_one_question_with_its_declaration(table: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        of(table)


@pytest.mark.parametrize("options", [{"total": 0.6}, {"epsilon": 0.6}, {"epsilon": 0.4, "total": 0.3}])
def test_no_recipe_may_raise_the_total(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"total|less than or equal"):
        of({"count": True}, **options)


@pytest.mark.parametrize(
    ("table", "word"),
    [
        ({"by": "town"}, "没有写明取值"),
        ({"by": "age"}, "没有写明取值"),
        ({"mean": "height", "bounds": [0, 1]}, "没有数字列 height"),
        ({"mean": "city", "bounds": [0, 1]}, "没有数字列 city"),
        ({"by": "town", "values": ["x"]}, "没有列 town"),
    ],
)
def test_what_cannot_be_asked_is_said_before_anything_is_spent(
    table: dict[str, Any], word: str, visitors: Table, tmp_path: Path
) -> None:
    with pytest.raises(CurateError, match=word):
        ask(of(table), visitors, tmp_path)
    assert Budget(tmp_path).entries() == []


def test_without_opendp_it_says_what_to_install(
    visitors: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    with pytest.raises(CurateError, match="OpenDP") as error:
        ask(of({"count": True}), visitors, tmp_path)
    assert "curate[privacy]" in error.value.hint
    assert Budget(tmp_path).entries() == []


def test_the_card_states_the_promise_the_noise_and_the_account(visitors: Table, tmp_path: Path) -> None:
    told = ask(of({"count": True}, {"by": "city"}, {"mean": "age", "bounds": [0, 100]}), visitors, tmp_path)
    card = card_section(told)
    assert "ε = 0.1" in card
    assert "一行算一个人" in card
    assert "| visitors | city = 北京 |" in card
    assert "| visitors | age 平均 |" in card
    assert told.as_json()["entry"]["corpora"] == ["visitors"]
