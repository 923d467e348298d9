"""The three Cs: are the rows consistent, do they cover the field, are they clean? Numbers, limits, examples."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import polars as pl
from pydantic import BaseModel

from curate.engines.local import map_shards
from curate.errors import CurateError, GateFailed
from curate.files import write_json, write_parquet
from curate.glossary_file import read_glossary
from curate.language import say
from curate.messages import did_you_mean
from curate.options import located
from curate.rows import Table
from curate.three_c.codes import Counted, Valid, counted, of_kind, of_table
from curate.three_c.contradictions import EXAMPLE, contradictions
from curate.three_c.coverage import distribution, long_tail, matrix
from curate.three_c.form import Cleanliness, CodeTable, Consistency, Coverage, axis_column
from curate.three_c.gates import of_cleanliness, of_consistency, of_coverage, problem_of
from curate.three_c.terms import forms_in, told
from curate.unit import Unit

__all__ = ["ThreeC"]

Tables = Mapping[str, Table]
#: what is taken over from the phase noise
NOISE = ("rows", "flagged", "rate", "low", "high", "confidence", "source", "rules", "corpora")


class ThreeC(Unit):
    """3C 报告：一致（术语、代码、矛盾）、覆盖（分布、长尾、空白）、干净（噪声率）；超过限度就停下。 / The 3C report: consistency, coverage, cleanliness; stops where a limit is exceeded.

    It only measures. Terms, codes and coverage are those of the rows that go on; contradictions are looked for in the rows before
    dedupe, where duplicates are still to be seen; the noise is what the phase ``noise`` measured. In the step's folder:
    ``three_c.json`` (all figures), ``forms.parquet``, ``contradictions.parquet``, ``distributions.parquet``, ``cells.parquet``.
    """

    version: ClassVar = 1
    libraries: ClassVar = ("email-validator",)

    consistency: Consistency | None = None
    """一致：术语、代码、自相矛盾 / terms, codes, contradictions"""
    coverage: Coverage | None = None
    """覆盖：分布、长尾、空白 / distribution, long tail, gaps"""
    cleanliness: Cleanliness | None = None
    """干净：噪声率，由 noise 量出 / the noise rate, as noise measured it"""

    def named_columns(self) -> list[tuple[tuple[Hashable, ...], str, str]]:
        """(where in the section, corpus, column) of every column that it names."""
        named: list[tuple[tuple[Hashable, ...], str, str]] = []
        if self.consistency is not None:
            for corpus, codes in self.consistency.codes.items():
                named += [(("consistency", "codes", corpus, name), corpus, name) for name in codes]
            for corpus, same in self.consistency.same.items():
                for option, names in (("entity", same.entity), ("fields", same.fields)):
                    at: tuple[Hashable, ...] = ("consistency", "same", corpus, option)
                    named += [((*at, number), corpus, name) for number, name in enumerate(names)]
        if self.coverage is not None:
            for corpus, axes in self.coverage.by.items():
                at = ("coverage", "by", corpus)
                named += [((*at, number), corpus, axis_column(axis)) for number, axis in enumerate(axes)]
            for number, tail in enumerate(self.coverage.long_tail):
                named.append((("coverage", "long_tail", number, "column"), tail.corpus, tail.column))
            for number, one in enumerate(self.coverage.matrix):
                for option, axis in (("rows", one.rows), ("columns", one.columns)):
                    place = ("coverage", "matrix", number, option)
                    named.append((place, one.corpus, axis_column(axis)))
        return named

    def measure(
        self,
        final: Tables,
        validated: Tables,
        noise: dict[str, Any] | None,
        folder: Path,
        models: Mapping[str, type[BaseModel]] | None = None,
    ) -> dict[str, Any]:
        """Measure all of it; writes its files into ``folder``.

        Args:
            final: corpus -> the rows that go on.
            validated: corpus -> the rows before dedupe.
            noise: the metrics of the phase ``noise``.
            models: corpus -> its schema, for the values that it allows.

        Returns:
            Fields of a ``Step``; its ``metrics`` are what ``gate`` and the report want.

        Raises:
            CurateError: a column is not there, or ``cleanliness`` has no noise to judge.
        """
        self._need_columns(final, validated)
        rows = sum(table.rows for table in final.values())
        metrics: dict[str, Any] = {"rows": rows, "consistency": None, "coverage": None, "cleanliness": None}
        gates: list[dict[str, Any]] = []
        if self.consistency is not None:
            metrics["consistency"] = _consistency(self.consistency, final, validated, folder)
            gates += of_consistency(self.consistency, metrics["consistency"])
        if self.coverage is not None:
            metrics["coverage"] = _coverage(self.coverage, final, folder, models or {})
            gates += of_coverage(self.coverage, metrics["coverage"])
        if self.cleanliness is not None:
            metrics["cleanliness"] = _cleanliness(noise)
            gates += of_cleanliness(self.cleanliness, metrics["cleanliness"])
        metrics["gates"] = gates
        write_json(folder / "three_c.json", metrics, indent=2)
        return {"rows_in": rows, "kept": rows, "metrics": metrics}

    def gate(self, metrics: dict[str, Any]) -> None:
        """Raises:
        GateFailed: limits are exceeded; all of them are told at once.
        """
        broken = [problem_of(gate, metrics) for gate in metrics["gates"] if not gate["passed"]]
        if not broken:
            return
        head = say(f"3C 有 {len(broken)} 项不达标", f"{len(broken)} limit(s) of the 3C report are exceeded")
        lines = [f"{number}. {what}\n     → {hint}" for number, (what, hint) in enumerate(broken, 1)]
        raise GateFailed(
            "\n  ".join([head, *lines]),
            say("全部数字和例子：curate show three_c", "all figures and examples: curate show three_c"),
            gate="three_c",
        )

    def _need_columns(self, final: Tables, validated: Tables) -> None:
        for path, corpus, column in self.named_columns():
            there = (validated if path[1] == "same" else final)[corpus].schema
            if column not in there:
                where = ".".join(map(str, path))
                raise CurateError(
                    say(
                        f"three_c.{where}：{corpus} 没有 {column} 这一列",
                        f"three_c.{where}: {corpus} has no column {column}",
                    ),
                    did_you_mean(column, list(there)),
                )


@dataclass(frozen=True)
class _Code:
    column: str
    kind: str
    valid: Valid


def _consistency(section: Consistency, final: Tables, validated: Tables, folder: Path) -> dict[str, Any]:
    figures: dict[str, Any] = {"glossary": None, "codes": [], "same": []}
    if section.glossary is not None:
        own = [table for name, table in final.items() if section.only is None or name in section.only]
        glossary = read_glossary(section.glossary, ignore_case=section.ignore_case)
        forms = forms_in(own, glossary, ignore_case=section.ignore_case)
        write_parquet(folder / "forms.parquet", forms)
        figures["glossary"] = {"file": str(section.glossary), **told(forms)}
    for corpus, columns in section.codes.items():
        figures["codes"] += _codes(final[corpus], list(_tests(columns)))
    examples = [pl.DataFrame(schema=EXAMPLE)]
    for corpus, same in section.same.items():
        with TemporaryDirectory(dir=folder) as scratch:
            found, some = contradictions(
                corpus, same.entity, same.fields, validated[corpus], final.get(corpus), Path(scratch)
            )
        figures["same"].append(found)
        examples.append(some)
    if section.same:
        write_parquet(folder / "contradictions.parquet", pl.concat(examples))
    return figures


def _tests(columns: Mapping[str, Any]) -> Iterator[_Code]:
    for column, kind in columns.items():
        if isinstance(kind, CodeTable):
            yield _Code(column, located(kind.file).name, of_table(kind.file))
        else:
            yield _Code(column, kind, of_kind(kind))


def _codes(table: Table, tests: list[_Code]) -> list[dict[str, Any]]:
    def one(shard: Path) -> list[Counted]:
        rows = pl.read_parquet(shard, columns=["row_id", *(test.column for test in tests)])
        return [counted(rows, test.column, test.valid) for test in tests]

    sums = [Counted() for _ in tests]
    for found in map_shards(one, table.shards):
        for total, part in zip(sums, found, strict=True):
            total.add(part)
    return [
        {"corpus": table.corpus, "column": test.column, "kind": test.kind, **total.told()}
        for test, total in zip(tests, sums, strict=True)
    ]


def _coverage(
    section: Coverage, final: Tables, folder: Path, models: Mapping[str, type[BaseModel]]
) -> dict[str, Any]:
    by, spread = list[dict[str, Any]](), list[pl.DataFrame]()
    for corpus, axes in section.by.items():
        for figures, counts in map(partial(distribution, final[corpus]), axes):
            by.append(figures)
            spread.append(_labelled(counts, figures, "column", "period"))
    matrices, cells = list[dict[str, Any]](), list[pl.DataFrame]()
    for rule in section.matrix:
        figures, grid = matrix(final[rule.corpus], rule, models.get(rule.corpus))
        matrices.append(figures)
        names = {"row": "row_value", "column": "column_value", "rows": "count"}
        cells.append(_labelled(grid.rename(names), figures, "rows", "columns"))
    for name, frames in (("distributions", spread), ("cells", cells)):
        if frames:
            write_parquet(folder / f"{name}.parquet", pl.concat(frames))
    tails = [long_tail(final[rule.corpus], rule) for rule in section.long_tail]
    return {"by": by, "long_tail": tails, "matrix": matrices}


def _labelled(frame: pl.DataFrame, figures: dict[str, Any], *names: str) -> pl.DataFrame:
    """``frame`` with some of the figures as columns in front."""
    labels = [pl.lit(figures[name], pl.String).alias(name) for name in ("corpus", *names)]
    return frame.select(*labels, *frame.columns)


def _cleanliness(noise: dict[str, Any] | None) -> dict[str, Any]:
    if noise is None:
        raise CurateError(
            say(
                "three_c.cleanliness 要看噪声率，可配方里没有 noise",
                "three_c.cleanliness judges the noise rate, but the recipe has no noise",
            ),
            say("在配方里写上 noise: {}", "add noise: {} to the recipe"),
        )
    return {name: noise[name] for name in NOISE}
