"""k-anonymity of a corpus: decide once how far each quasi-identifier is generalised, carry it out shard by shard, measure the result.

Sweeney 2002: nobody is told apart from fewer than k by what others may know of a person. It protects no more than that: who knows that
somebody is in a class knows what is the same for all of it, which is why l-diversity is reported beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import prod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from curate.errors import CurateError
from curate.files import write_parquet
from curate.language import say
from curate.messages import did_you_mean
from curate.options import Names, problem
from curate.privacy.cells import Action, summed, treated
from curate.privacy.classes import ROWS, counted, measured
from curate.privacy.decision import Decision, precision, told_of, unknown
from curate.privacy.free_text import NOTE, Hidden, HiddenDate, HiddenNumber, HiddenPlace
from curate.privacy.gates import gate_decided, gate_measured
from curate.privacy.hierarchy import Hierarchy, as_text
from curate.privacy.lattice import Classes, Lattice, column_of
from curate.rows import ADDED, ROUTED, SYSTEM, Outcome, Table, because, nothing_dropped, with_text
from curate.unit import Unit

#: a text whose values each stand so often in the mean is a category
FEW = 5
#: a recipe of which more nodes would have to be searched is mistaken
MOST_NODES = 20_000


class Anonymize(Unit):
    """k-匿名：准标识符逐级变粗或隐去，直到每类至少 k 行；正文里的个人信息也要查。 / k-anonymity: quasi-identifiers are generalised or suppressed until every class has k rows; free text is searched too.

    Of all combinations of levels the one that loses the least information is chosen (the whole column gets the same level), and the
    rows of classes that still fall short are suppressed: their quasi-identifiers become null. The result is measured anew.
    """

    version: ClassVar = 1
    libraries: ClassVar = ()
    not_in_fingerprint: ClassVar = frozenset({"max_loss"})

    identifiers: Names = []
    """直接指向一个人的列，整列去掉（变成空值） / columns that name a person: taken out (null)"""
    quasi: dict[str, Hierarchy] = Field(min_length=1)
    """准标识符：别人可能知道的列，以及怎样逐级变粗 / quasi-identifiers: what others may know of a person, with their hierarchies"""
    sensitive: Names = []
    """敏感列，照原样留着；报告每一类里有几种值（l-多样性） / sensitive columns, kept; how many values a class holds is reported (l-diversity)"""
    l: int = Field(1, ge=1)  # noqa: E741  the field's name for it
    """每一类里敏感列至少有几种值；1 表示只报告 / the least number of values of a sensitive column in a class; 1: only reported"""
    free_text: dict[str, Action] = {}
    """自由文本里查出个人信息或这一行被隐去的值怎么办：stop 停下、drop 清空这一格、redact 遮去那几个字；没写的文本列是 stop / what happens to free text that gives something away"""
    keep: Names = []
    """不查的文本列 / text columns that are not searched"""
    k: int = Field(20, ge=2)
    """每一类至少几行 / the least rows of a class"""
    max_suppressed: float = Field(0.05, ge=0, le=1)
    """最多有多大比例的行可以隐去（0–1） / the greatest share of rows that may be suppressed"""
    max_loss: float | None = Field(None, gt=0, le=1)
    """信息损失超过多少（0–1）就停下；不写就只报告 / stop above this loss of information; only reported when left out"""

    @model_validator(mode="after")
    def _one_part_each(self) -> Anonymize:
        parts = [*self.identifiers, *self.quasi, *self.sensitive, *self.keep]
        twice = sorted({name for name in parts if parts.count(name) > 1})
        if twice:
            raise problem(
                say(f"{'、'.join(twice)} 写了两处", f"{', '.join(twice)} is there twice"),
                say("每列只属于 identifiers、quasi、sensitive、keep 之一", "a column has one part: identifiers, quasi, sensitive or keep"),
            )  # fmt: skip
        clash = sorted({*self.free_text} & {*self.identifiers, *self.quasi, *self.keep})
        if clash:
            raise problem(
                say(f"free_text 的 {'、'.join(clash)} 已有别的用处", f"{', '.join(clash)} of free_text has another part"),
                say("free_text 只写留下来的文本列", "free_text names columns of text that stay"),
            )  # fmt: skip
        if self.l > 1 and not self.sensitive:
            raise problem(
                say("写了 l，却没有 sensitive", "l needs sensitive columns"),
                say("写上 sensitive: [列名]", "add sensitive: [column]"),
            )
        nodes = prod(hierarchy.height + 1 for hierarchy in self.quasi.values())
        if nodes > MOST_NODES:
            raise problem(
                say(f"这些层级有 {nodes:,} 种组合，超过 {MOST_NODES:,}", f"these hierarchies make {nodes:,} combinations, more than {MOST_NODES:,}"),
                say("少写几级，或把不重要的列写成 suppress、列入 identifiers", "declare fewer levels, or make columns suppress or identifiers"),
            )  # fmt: skip
        return self

    @property
    def named_columns(self) -> dict[str, list[str]]:
        """Option -> the columns that it names."""
        return {
            "identifiers": self.identifiers, "quasi": list(self.quasi), "sensitive": self.sensitive,
            "free_text": list(self.free_text), "keep": self.keep,
        }  # fmt: skip

    def faults(self, columns: Collection[str], key: Sequence[str]) -> list[tuple[str, str, str]]:
        """(option, what, hint) of what does not fit a corpus of these columns, whose ``row_id`` holds the columns of ``key``."""
        found = [
            (option, say(f"没有列 {name}", f"there is no column {name}"), did_you_mean(name, columns))
            for option, names in self.named_columns.items()
            for name in names
            if name not in columns
        ]
        for option in ("identifiers", "quasi"):
            found += [
                (
                    option,
                    say(f"{name} 是主键，会留在 row_id 里", f"{name} is part of the key: row_id holds it"),
                    say(
                        "主键换成与个人无关的编号", "let the key be a number that says nothing of the person"
                    ),
                )
                for name in self.named_columns[option]
                if name in key
            ]
        return found

    def need(self, table: Table, key: Sequence[str]) -> None:
        """Raises:
        CurateError: a named column is not there, or is part of the key.
        """
        for option, what, hint in self.faults(list(table.schema), key):
            raise CurateError(f"privacy.anonymize.{table.corpus}.{option}: {what}", hint)

    def decide(self, table: Table, folder: Path) -> dict[str, Any]:
        """Choose the levels; writes ``short.parquet`` into ``folder``. Returns fields of a ``Step``."""
        names = list(self.quasi)
        lattice, combinations, levels = self.lattice(table)
        best = lattice.best()
        node, loss = best or (lattice.top, 1.0)
        told = told_of(lattice, node, names, levels, reached=best is not None)
        write_parquet(folder / "short.parquet", told.pop("short"))
        about = {
            name: {
                "level": level,
                "name": self.quasi[name].names[level],
                "names": self.quasi[name].names,
                "unknown": unknown(combinations, name, levels[name], level),
            }
            for name, level in zip(names, node, strict=True)
        }
        metrics = {
            "corpus": table.corpus, "k": self.k, "l": self.l, "rows": table.rows, "reached": best is not None,
            "levels": about, "loss": round(loss, 6), "nodes": prod(level + 1 for level in lattice.top),
            "checked": lattice.checked, "identifiers": self.identifiers, **told,
        }  # fmt: skip
        metrics["precision"] = precision(metrics)
        return {"rows_in": table.rows, "kept": table.rows, "metrics": metrics}

    def lattice(self, table: Table) -> tuple[Lattice, pl.DataFrame, dict[str, list[pl.Series]]]:
        """What is searched; the combinations of values that it stands on; and of each column the labels of its values a level."""
        combinations = counted(table.shards, list(self.quasi))
        levels, columns, values = {}, [], []
        for name, hierarchy in self.quasi.items():
            distinct = combinations[name].unique(maintain_order=True)
            numbered = pl.DataFrame({name: distinct}).with_row_index("at")
            cells = combinations.select(name).join(
                numbered, on=name, how="left", nulls_equal=True, maintain_order="left"
            )
            levels[name] = hierarchy.levels(distinct)
            columns.append(column_of(levels[name]))
            values.append(cells["at"].to_numpy().astype(np.int64))
        finest = Classes(np.column_stack(values), combinations[ROWS].to_numpy())
        most_short = int(self.max_suppressed * table.rows)
        sensitive = self._sensitive(table, combinations.drop(ROWS), finest)
        made = Lattice(tuple(columns), finest, self.k, most_short, self.l, sensitive)
        return made, combinations, levels

    def _sensitive(self, table: Table, combinations: pl.DataFrame, finest: Classes) -> list[Any]:
        """For the lattice; only where l is a condition."""
        numbered = combinations.with_row_index("at")
        found = []
        for name in self.sensitive if self.l > 1 else ():
            pairs = counted(table.shards, combinations.columns, [name])
            at = pairs.join(
                numbered, on=combinations.columns, how="left", nulls_equal=True, maintain_order="left"
            )["at"]
            told = pairs[name].rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
            found.append((finest.values[at.to_numpy()], told))
        return found

    def gate(self, metrics: dict[str, Any]) -> None:
        """Raises:
        GateFailed: no combination of levels reaches k (or l), or the best loses more than ``max_loss``.
        """
        gate_decided(metrics, self.max_loss)

    def apply(self, rows: pl.DataFrame, decision: Decision, derived_text: str | None) -> Outcome:
        """The rows with identifiers taken out, quasi-identifiers generalised, free text searched, and ``text`` made anew.

        ``notes``: the columns of ``NOTE``, a line for each kind of thing that a cell gives away.
        """
        names = list(self.quasi)
        released = pl.DataFrame([self._released(rows[name], decision.levels[name]) for name in names])
        known = decision.short.with_columns(pl.lit(value=True).alias("__short"))
        marked = released.join(known, on=names, how="left", nulls_equal=True, maintain_order="left")
        short = marked["__short"].fill_null(value=False)
        dropped = nothing_dropped(rows)
        if decision.drop and short.any():
            why = say(f"隐去以后也凑不满 {self.k} 行", f"fewer than {self.k} rows even when suppressed")
            dropped = because(rows.filter(short), pl.lit("k_anonymity"), detail=pl.lit(why))
            rows, released = rows.filter(~short), released.filter(~short)
            short = short.filter(~short)
        released = released.with_columns(pl.when(~short).then(pl.col(name)).alias(name) for name in names)
        hidden = self._hidden(rows, released, decision.levels)
        made = rows.with_columns(
            *(pl.lit(None, rows.schema[name]).alias(name) for name in self.identifiers),
            *(self._column(rows[name], released[name], decision.levels[name]) for name in names),
        )
        notes = []
        for name in self.searched(made, derived_text):
            made, told = treated(made, name, hidden, self.free_text.get(name, "stop"))
            notes.append(told)
        if derived_text is not None:
            made = with_text(made, derived_text)
            own = [one for one in hidden if one.column in self.identifiers]
            made, told = treated(made, "text", own, self.free_text.get("text", "stop"), personal=False)
            notes.append(told)
        return Outcome(made, dropped, notes=pl.concat(notes) if notes else pl.DataFrame(schema=NOTE))

    def searched(self, rows: pl.DataFrame, derived_text: str | None) -> list[str]:
        """The columns that count as free text: all texts that are neither declared to be something else nor made by curate; the key is one
        of them, for it stands in the ids of all that is made of a row.
        """
        aside = {
            *SYSTEM,
            *ROUTED,
            *ADDED,
            "updated_at",
            "quality_why",
            *self.identifiers,
            *self.quasi,
            *self.keep,
        }
        aside |= {*self.sensitive} - {*self.free_text} | ({"text"} if derived_text is not None else set())
        return [
            name
            for name, kind in rows.schema.items()
            if name not in aside and (kind == pl.String or kind.is_nested())
        ]

    def measure(
        self, before: Table, done: Table, notes: Sequence[Path], key: Sequence[str]
    ) -> dict[str, Any]:
        """What the carried-out table is, counted from its files, and what its free text gave away. Fields of a ``Step``."""
        names = list(self.quasi)
        metrics = measured(done.shards, names, self.sensitive, self.k)
        metrics |= {
            "corpus": done.corpus, "k": self.k, "l": self.l, "rows_before": before.rows,
            "distinct_before": {name: counted(before.shards, [name]).height for name in names},
            "undeclared": self._undeclared(done, key),
        }  # fmt: skip
        metrics["free_text"] = summed(notes)
        return {"rows_in": done.rows, "kept": done.rows, "metrics": metrics}

    def gate_measured(self, metrics: dict[str, Any]) -> None:
        """Raises:
        GateFailed: a class of the result has fewer than k rows, or free text gives away what it must not.
        """
        gate_measured(metrics)

    def _undeclared(self, table: Table, key: Sequence[str]) -> list[str]:
        """Columns that are released as they are though nobody said what they are: numbers, dates, when the row was updated, and texts with
        so few values that they are a category and no free text (a position, a city).
        """
        named = {name for names in self.named_columns.values() for name in names}
        aside = {*SYSTEM, *ROUTED, *ADDED, "quality_why", "text", *key, *named}
        rest = [(name, kind) for name, kind in table.schema.items() if name not in aside]
        texts = [name for name, kind in rest if kind == pl.String and name != "updated_at"]
        few = {name for name in texts if counted(table.shards, [name]).height * FEW <= table.rows}
        plain = {name for name, kind in rest if not (kind == pl.String or kind.is_nested())}
        return [name for name, _ in rest if name == "updated_at" or name in few | plain]

    def _released(self, values: pl.Series, level: int) -> pl.Series:
        """What each value becomes on this level, as text."""
        distinct = values.unique(maintain_order=True)
        told = self.quasi[values.name].levels(distinct)[level].alias("released")
        table = pl.DataFrame({values.name: distinct}).with_columns(told)
        found = pl.DataFrame([values]).join(
            table, on=values.name, how="left", nulls_equal=True, maintain_order="left"
        )
        return found["released"].alias(values.name)

    def _column(self, values: pl.Series, released: pl.Series, level: int) -> pl.Series:
        """The column that goes on: of its own type where no label had to be made."""
        if level in (0, self.quasi[values.name].height):
            return pl.DataFrame({values.name: values, "__": released}).select(
                pl.when(pl.col("__").is_not_null()).then(pl.col(values.name))
            )[values.name]
        return released

    def _hidden(self, rows: pl.DataFrame, released: pl.DataFrame, levels: dict[str, int]) -> list[Hidden]:
        """The values of each row that its release does not show."""
        found: list[Hidden] = []
        for name in self.identifiers:
            kind = rows.schema[name]
            if not kind.is_nested():
                form = HiddenNumber if kind.is_numeric() else HiddenDate if kind.is_temporal() else Hidden
                found.append(form(name, as_text(rows[name])))
        for name, hierarchy in self.quasi.items():
            text = as_text(rows[name])
            shown = (
                pl.Series([levels[name] == 0] * rows.height, dtype=pl.Boolean) & released[name].is_not_null()
            )
            text = text.set(shown, None)
            if hierarchy.division:
                found.append(HiddenPlace(name, text, released[name]))
            else:
                number = bool(hierarchy.bands) or rows.schema[name].is_numeric()
                form = HiddenDate if hierarchy.dates else HiddenNumber if number else Hidden
                found.append(form(name, text))
        return found
