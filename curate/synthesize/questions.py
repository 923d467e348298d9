"""Questions to rows, by templates: who is asked what in which words, and which facts the answer holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from curate.algorithms.template import RowTemplate
from curate.errors import CurateError
from curate.pairs import as_pairs, asked, made
from curate.sql import ask

#: What is expected where the data holds no answer.
UNKNOWN = "现有资料中没有这项信息。"
#: How a model learns to say so; the evaluation takes each for declining (``curate.evaluate.declining``).
DECLINING = [
    UNKNOWN,
    "资料里没有记录这一点，我无法给出答案。",
    "这项信息未收录在现有资料里，不能确定。",
    "不清楚，现有资料没有提到这一点。",
    "抱歉，没有查到这项信息。",
]
#: One row of so many that train is asked again in other words after training.
RECALLED = 20
#: Longer values are texts, not facts: they are compared as a whole (characters).
FACT_CHARS = 40


@dataclass(frozen=True)
class Compiled:
    """A question with its templates compiled. ``file``: as the recipe names it."""

    task: str
    name: str
    file: str
    sha256: str
    ask: list[RowTemplate]
    answer: list[RowTemplate]
    input: RowTemplate
    label: RowTemplate
    unknown: list[RowTemplate] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        templates = [*self._asking, *self.answer, *self.unknown, self.label]
        return {name for template in templates for name in template.names}

    @property
    def core(self) -> set[str]:
        """The columns that every phrasing of the answer tells and no question does: where all of them are empty, the data
        holds no answer; where one is not, it holds a part of it.
        """
        told = [set(template.needed) for template in self.answer]
        return set.intersection(*told) - {name for template in self._asking for name in template.names}

    @property
    def _asking(self) -> list[RowTemplate]:
        return [*self.ask, self.input]

    def ask_rows(self, rows: pl.DataFrame, system: str) -> pl.DataFrame:
        """The pairs of all rows that have every column the question needs."""
        rows = rows.filter(_have([*self._asking, *self.answer]))
        choice = self._choice(rows)
        found = self._answered(rows, system, choice, choice["ask"], "sft")
        held_out = (found["split"] != "train") & (found["output"] != "")
        facts = self._facts(rows.filter(held_out), choice.filter(held_out), found.filter(held_out))
        found = found.join(facts, on="pair_id", how="left", maintain_order="left")
        return as_pairs(found.filter((pl.col("instruction") != "") & (pl.col("output") != "")))

    def recall(self, rows: pl.DataFrame, system: str) -> pl.DataFrame:
        """The question to a sample of the rows that train, in other words than it is trained in: does the model know
        the fact, or only the sentence?
        """
        if len(self.ask) == 1:
            return as_pairs(pl.DataFrame(schema={"pair_id": pl.String}))
        rows = rows.filter((pl.col("split") == "train") & _have([*self._asking, *self.answer]))
        choice = self._choice(rows)
        sampled = choice["sample"] % RECALLED == 0
        rows, choice = rows.filter(sampled), choice.filter(sampled)
        found = self._answered(rows, system, choice, choice["ask"] + 1, "recall").with_columns(
            pl.col("pair_id") + ".recall"
        )
        facts = self._facts(rows, choice, found)
        return as_pairs(found.join(facts, on="pair_id", how="inner", maintain_order="left"))

    def unknown_asked(self, rows: pl.DataFrame, system: str) -> pl.DataFrame:
        """The question to test rows that do not hold its answer: a model should say that it does not know."""
        rows = rows.filter((pl.col("split") == "test") & _have(self._asking) & ~_have(self.answer))
        found = self._pairs(rows, system, self._choice(rows)["ask"]).with_columns(
            pl.lit("unknown").alias("kind"), pl.lit(UNKNOWN).alias("output")
        )
        return as_pairs(found.filter(pl.col("instruction") != ""))

    def untold(self, rows: pl.DataFrame, system: str, most: int) -> pl.DataFrame:
        """At most so many questions to rows that train and do not hold the answer, which says so; so that a model
        learns not to invent. Which rows, the MD5 of their ids tells.
        """
        core = sorted(self.core)
        empty = pl.all_horizontal(pl.col(name).is_null() for name in core) if core else pl.lit(False)
        rows = rows.filter((pl.col("split") == "train") & empty & _have([*self._asking, *self.unknown]))
        choice = self._choice(rows)
        first = choice["sample"].arg_sort().head(most).sort()
        rows, choice = rows[first], choice[first]
        found = self._pairs(rows, system, choice["ask"]).with_columns(
            pl.lit("sft").alias("kind"), chosen(rows, self.unknown, choice["answer"]).alias("output")
        )
        return as_pairs(found.filter(pl.col("instruction") != ""))

    def _choice(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The numbers that choose a row's phrasings."""
        return ask(
            f"""SELECT ('0x' || substr(md5(row_id || '#{self.name}'), 1, 8))::BIGINT AS ask,
                       ('0x' || substr(md5(row_id || '#{self.name}'), 9, 8))::BIGINT AS answer,
                       ('0x' || substr(md5(row_id || '#{self.name}'), 17, 8))::BIGINT AS sample
                FROM rows ORDER BY place""",
            rows=rows.select("row_id").with_row_index("place"),
        )

    def _answered(
        self, rows: pl.DataFrame, system: str, choice: pl.DataFrame, asking: pl.Series, kind: str
    ) -> pl.DataFrame:
        """Pairs with their answers; ``asking`` chooses the wording of the question."""
        return self._pairs(rows, system, asking).with_columns(
            pl.lit(kind).alias("kind"),
            chosen(rows, self.answer, choice["answer"]).alias("output"),
            self.label.render(rows).str.strip_chars().alias("label"),
        )

    def _pairs(self, rows: pl.DataFrame, system: str, choice: pl.Series) -> pl.DataFrame:
        return rows.select(
            # with the task: two files may ask a row a question of the same name
            (pl.col("row_id") + f"#{self.task}.{self.name}").alias("pair_id"),
            pl.col("row_id").alias("parent_id"),
            "corpus",
            "cluster_id",
            "tier",
            "split",
            pl.lit("template").alias("origin"),
            pl.lit(self.task).alias("task"),
            pl.lit(self.name).alias("question"),
            pl.lit(system).alias("system"),
            chosen(rows, self.ask, choice).alias("instruction"),
            self.input.render(rows).str.strip_chars().alias("input"),
            made(prompt=pl.lit(self.file), prompt_sha256=pl.lit(self.sha256)),
        )

    def _facts(self, rows: pl.DataFrame, choice: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
        """(pair_id, facts): the short values that stand in a row's answer and not yet in its question."""
        which = choice["answer"] % len(self.answer)
        parts = [pl.DataFrame(schema={"pair_id": pl.String, "fact": pl.String})]
        for number, template in enumerate(self.answer):
            mine = which == number
            for value in template.values:
                there = mine & rows.select(_all_there(value.names)).to_series()
                try:
                    facts = _values(value, rows.filter(there))
                except CurateError:  # a value that an {% if %} of the whole template keeps from these rows
                    continue
                told = pl.DataFrame({"pair_id": pairs.filter(there)["pair_id"], "fact": facts})
                parts.append(told.explode("fact") if facts.dtype == pl.List else told)
        found = pl.concat(parts).with_columns(pl.col("fact").str.strip_chars())
        texts = pairs.select("pair_id", "output", asked().alias("asked"))
        return (
            found.join(texts, on="pair_id", how="left", maintain_order="left")
            .filter(
                pl.col("fact").str.len_chars().is_between(1, FACT_CHARS)
                & pl.col("output").str.contains(pl.col("fact"), literal=True)
                & ~pl.col("asked").str.contains(pl.col("fact"), literal=True)
            )
            .group_by("pair_id", maintain_order=True)
            .agg(pl.col("fact").unique(maintain_order=True).alias("facts"))
        )


def _values(template: RowTemplate, rows: pl.DataFrame) -> pl.Series:
    """What a value of a template says for each row; of an enumeration, the list of its items, which a right answer may give in
    any order.
    """
    if "list_zh" in template.source and len(template.names) == 1:
        (name,) = template.names
        if rows.schema.get(name) == pl.List(pl.String):
            return rows[name]
    return template.render(rows)


def _all_there(names: Iterable[str]) -> pl.Expr:
    return pl.all_horizontal(pl.lit(True), *(pl.col(name).is_not_null() for name in sorted(names)))


def _have(templates: list[RowTemplate]) -> pl.Expr:
    """Are all columns there that the templates need?"""
    return _all_there({name for template in templates for name in template.needed})


def chosen(rows: pl.DataFrame, templates: list[RowTemplate], choice: pl.Series) -> pl.Series:
    """Each row by the template that its number chooses."""
    which = choice % len(templates)
    parts = []
    places = pl.Series(range(rows.height), dtype=pl.UInt32)
    for number, template in enumerate(templates):
        mine = which == number
        parts.append(pl.DataFrame({"place": places.filter(mine), "text": template.render(rows.filter(mine))}))
    return pl.concat(parts).sort("place")["text"].str.strip_chars()


def listed(classes: dict[str, str], definitions: bool) -> tuple[bool, list[str]]:
    """(are they defined, how each class stands in a question): on lines of their own with definitions, else by name."""
    if not (definitions and any(classes.values())):
        return False, list(classes)
    return True, [f"- {name}：{told}" if told else f"- {name}" for name, told in classes.items()]
