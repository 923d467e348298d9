"""Split: which rows train, which are retrieved; and of those that train, which only test."""

from __future__ import annotations

from typing import Annotated, Literal

import polars as pl
from pydantic import Field, model_validator

from curate.language import say
from curate.options import Condition, problem
from curate.rows import Outcome, nothing_dropped
from curate.sql import ask, holds
from curate.unit import Form, Unit

Tier = Literal["primary", "secondary", "both", "reference"]


class Ratios(Form):
    """训练、验证、测试各占多少，合计为 1。 / The shares of train, validation and test; they add up to 1."""

    train: float = Field(0.9, gt=0, le=1)
    """训练集 / training set"""
    validation: float = Field(0.05, ge=0, lt=1)
    """验证集 / validation set"""
    test: float = Field(0.05, ge=0, lt=1)
    """测试集 / test set"""

    @model_validator(mode="after")
    def _whole(self) -> Ratios:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-9:
            what = say(
                f"三个比例加起来是 {total:g}，应当是 1", f"the three shares add up to {total:g}, not to 1"
            )
            hint = say(
                "例如 {train: 0.9, validation: 0.05, test: 0.05}",
                "for example {train: 0.9, validation: 0.05, test: 0.05}",
            )
            raise problem(what, hint)
        return self


class Split(Unit):
    """分流：每行进训练（primary）、检索（secondary）还是两者（both）；训练部分再分三份。 / Tiers, then train, validation, test.

    A row starts in its corpus's tier. A row that fulfils a condition below goes where the condition's list
    says; one that fulfils conditions of several lists goes to both; one of a ``reference`` corpus stays there. Conditions see the row's columns; a column
    that a corpus lacks is null there. The three parts are drawn by the MD5 of the row's ``cluster_id``: a
    group of similar rows stays together, and a row stays where it was when others come.
    """

    primary: list[Condition] = []
    """满足任一条件的行进训练 / rows that fulfil one of these are trained on"""
    secondary: list[Condition] = []
    """满足任一条件的行进检索库 / rows that fulfil one of these are retrieved"""
    both: list[Condition] = []
    """满足任一条件的行两边都进 / rows that fulfil one of these are both"""
    ratios: Annotated[Ratios, Field(validate_default=True)] = Ratios()
    """训练部分的划分比例 / how the trained rows are divided"""
    seed: str = ""
    """换一个种子就换一种划分 / another seed, another division"""

    @property
    def rules(self) -> dict[str, tuple[Tier, str]]:
        """Number -> (list, condition)."""
        lists: tuple[tuple[Tier, list[str]], ...] = (
            ("primary", self.primary),
            ("secondary", self.secondary),
            ("both", self.both),
        )
        return {
            f"{tier}_{number}": (tier, rule) for tier, rules in lists for number, rule in enumerate(rules)
        }

    def apply(self, rows: pl.DataFrame, default: Tier) -> Outcome:
        """``tier`` and ``split`` (null for rows that are not trained on) behind the row's columns."""
        tiers = rows.with_columns(self._tier(rows, default))
        drawn = self._draw(tiers)
        return Outcome(drawn, nothing_dropped(drawn))

    def _tier(self, rows: pl.DataFrame, default: Tier) -> pl.Series:
        rules = self.rules
        if not rules or default == "reference":
            return pl.Series("tier", [default] * rows.height, dtype=pl.String)
        found = holds(
            rows.with_columns(pl.lit(default).alias("tier")),
            {name: rule for name, (_, rule) in rules.items()},
        )

        def any_of(*tiers: Tier) -> pl.Expr:
            return pl.any_horizontal(
                pl.lit(False), *(name for name, (tier, _) in rules.items() if tier in tiers)
            )

        trained, retrieved = any_of("primary", "both"), any_of("secondary", "both")
        return found.select(
            pl.when(trained & retrieved)
            .then(pl.lit("both"))
            .when(trained)
            .then(pl.lit("primary"))
            .when(retrieved)
            .then(pl.lit("secondary"))
            .otherwise(pl.lit(default))
            .alias("tier")
        )["tier"]

    def _draw(self, rows: pl.DataFrame) -> pl.DataFrame:
        seed = self.seed.replace("'", "''")
        point = ask(  # the first 52 bits of the MD5 as a number in [0, 1)
            f"""SELECT ('0x' || substr(md5('{seed}' || cluster_id), 1, 13))::BIGINT / 4503599627370496.0 AS point
                FROM rows ORDER BY place""",
            rows=rows.select("cluster_id").with_row_index("place"),
        )["point"]
        train, validation = self.ratios.train, self.ratios.validation
        part = (
            pl.when(pl.col("tier").is_in(["secondary", "reference"]))
            .then(None)
            .when(pl.lit(point) < train)
            .then(pl.lit("train"))
            .when(pl.lit(point) < train + validation)
            .then(pl.lit("validation"))
            .otherwise(pl.lit("test"))
        )
        return rows.with_columns(part.alias("split"))
