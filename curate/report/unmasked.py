"""What people see who may not see personal data as it is (permission ``unmask``): every text masked, whatever table it is from.

Texts are searched as ``mask_pii`` does; columns that the recipe's ``mask_pii`` calls names hold nothing but names and are masked whole,
under the name that the source gives them, too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from curate.algorithms.personal_data import KINDS, mask, names_in_cell, replaced, with_instead
from curate.language import say
from curate.policy import may
from curate.run import PastRun
from curate.trace import HIDDEN, Trace
from curate.yaml_lines import read_yaml

#: parquet files hold numbers, too: telephone numbers that were read as such
WHOLE = (pl.Int64, pl.UInt64, pl.Int128)
#: is there a function of ours in the connection?
_REGISTERED = "SELECT 1 FROM duckdb_functions() WHERE function_name = 'hidden' LIMIT 1"


@dataclass(frozen=True)
class Masking:
    """``names``: columns that hold names of people and nothing else. ``hidden``: columns that the recipe calls identifiers, of which
    nothing is shown.
    """

    names: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()

    def text(self, text: str, column: str = "") -> str:
        if column in self.hidden:
            return say(*HIDDEN)
        if column in self.names:
            text = with_instead(text, names_in_cell(text), lambda found: found.shown)
        return mask(text)

    def texts(self, texts: pl.Series) -> pl.Series:
        """A column of texts; each distinct one is looked at once."""
        if texts.name in self.hidden:
            return (
                texts.to_frame()
                .select(
                    pl.when(pl.col(texts.name).is_not_null()).then(pl.lit(say(*HIDDEN))).alias(texts.name)
                )
                .to_series()
            )
        if texts.name in self.names:
            told = {
                cell: with_instead(cell, names_in_cell(cell), lambda found: found.shown)
                for cell in texts.drop_nulls().unique()
            }
            texts = texts.replace(told) if told else texts
        return replaced(texts, KINDS, lambda found: found.shown)[0].alias(texts.name)

    def value(self, value: Any, column: str = "") -> Any:
        """Any plain value: texts in lists, dicts and tuples (a key is a column), and whole numbers that read as personal data."""
        match value:
            case str():
                return self.text(value, column)
            case bool():
                return value
            case int() if (masked := mask(str(value))) != str(value):
                return masked
            case dict():
                return {
                    self.text(key) if isinstance(key, str) else key: self.value(inner, str(key))
                    for key, inner in value.items()
                }
            case list() | tuple():
                return type(value)(self.value(inner, column) for inner in value)
            case _:
                return value

    def trace(self, traced: Trace) -> Trace:
        """The way of a row, its values and what was said of them."""
        events = [
            replace(event, changes=self.value(event.changes), detail=self.text(event.detail))
            for event in traced.events
        ]
        return replace(traced, row=self.value(traced.row), events=events)

    def frame(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Every cell of a table. A column of whole numbers becomes text where one of them reads as personal data."""
        return rows.with_columns(self._column(column) for column in rows)

    def expressions(self, connection: Any, schema: Mapping[str, pl.DataType]) -> str:
        """``REPLACE (…)`` for a view over a table of DuckDB: its columns of text masked *before* a query sees them, for what a query
        gives may have been cut to pieces, turned round or compared. Registers what the expressions call; empty without such columns.

        Args:
            schema: the table's columns, as ``polars.read_parquet_schema`` tells.
        """
        import pyarrow as pa

        def function(name: str) -> Callable[[Any], Any]:
            def hidden(texts: Any) -> Any:
                told = self.texts(pl.Series(name, texts.to_pylist(), dtype=pl.String))
                return told.to_arrow().cast(pa.string())

            return hidden

        for name in (
            ("hidden", "hidden_name", "hidden_whole") if not connection.sql(_REGISTERED).fetchall() else ()
        ):
            columns = {"hidden_name": self.names, "hidden_whole": self.hidden}.get(name, frozenset())
            column = next(iter(columns), "")
            connection.create_function(
                name, function(column), ["VARCHAR"], "VARCHAR", type="arrow", null_handling="special"
            )
        told = []
        for name in (name for name, kind in schema.items() if kind == pl.String):
            quoted = '"' + name.replace('"', '""') + '"'
            how = "hidden_whole" if name in self.hidden else "hidden_name" if name in self.names else "hidden"
            told.append(f"{how}({quoted}) AS {quoted}")
        return f"REPLACE ({', '.join(told)})" if told else ""

    def _column(self, column: pl.Series) -> pl.Series:
        if column.dtype in (pl.Categorical, pl.Enum):
            column = column.cast(pl.String)
        if column.dtype == pl.String:
            return self.texts(column)
        if column.dtype in WHOLE:
            texts = self.texts(column.cast(pl.String))
            return column if texts.equals(column.cast(pl.String)) else texts
        if column.dtype.is_nested():
            told = [self.value(cell, column.name) for cell in column.to_list()]
            return pl.Series(column.name, told, dtype=column.dtype, strict=False)
        return column


def masking_of(run: PastRun) -> Masking | None:
    """How this user sees the run's rows; None where they may see them as they are.

    Raises:
        CurateError: the policy cannot be read.
    """
    workspace = run.folder.parent.parent
    if may(workspace, "unmask"):
        return None
    return Masking(frozenset(names_of(run)), frozenset(identifiers_of(run)))


def names_of(run: PastRun) -> Collection[str]:
    """The columns that hold names by the run's recipe, and what its sources call them."""
    recipe = read_yaml(run.folder / "recipe.yaml").value
    if not isinstance(recipe, dict):
        return ()
    own = {name for unit in recipe.get("clean") or [] for name in _names(unit)}
    corpora = recipe.get("corpora")
    renamed = [
        corpus.get("columns")
        for corpus in (corpora.values() if isinstance(corpora, dict) else ())
        if isinstance(corpus, dict)
    ]
    return own | {
        str(source)
        for columns in renamed
        if isinstance(columns, dict)
        for name, source in columns.items()
        if name in own
    }


def identifiers_of(run: PastRun) -> Collection[str]:
    """The columns that the run's recipe calls identifiers of a corpus that it anonymises."""
    recipe = read_yaml(run.folder / "recipe.yaml").value
    section = recipe.get("privacy") if isinstance(recipe, dict) else None
    corpora = section.get("anonymize") if isinstance(section, dict) else None
    found: set[str] = set()
    for unit in corpora.values() if isinstance(corpora, dict) else ():
        named = unit.get("identifiers") if isinstance(unit, dict) else None
        found |= {named} if isinstance(named, str) else {str(name) for name in named or []}
    return found


def _names(unit: Any) -> list[str]:
    """What one cleaner of the recipe calls names; it was checked when the run began."""
    options = unit.get("mask_pii") if isinstance(unit, dict) else None
    names = options.get("names") if isinstance(options, dict) else None
    return [names] if isinstance(names, str) else [str(name) for name in names or []]
