"""What all cleaners share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import polars as pl

from curate.options import CorpusName, Names
from curate.rows import SYSTEM, Outcome, nothing_dropped
from curate.unit import Unit


class Cleaner(Unit, ABC):
    """A unit of the ``clean`` section: rows in, kept and dropped rows out."""

    only: list[CorpusName] | None = None
    """只用于这些语料；不写就用于全部 / the corpora it runs on; all of them when left out"""

    def for_corpus(self, name: str) -> bool:
        return self.only is None or name in self.only

    @abstractmethod
    def apply(self, rows: pl.DataFrame) -> Outcome:
        """Every row is in exactly one of the outcome's two frames."""


class TextCleaner(Cleaner):
    """A cleaner that rewrites the text in columns and drops nothing.

    All text columns of the row are rewritten, so that a title is as clean as a body. Where ``text`` is made
    from other columns, the clean phase makes it anew from the rewritten ones.
    """

    skip: Names = []
    """不动的列 / columns that stay as they are"""

    @abstractmethod
    def rewrite_column(self, values: pl.Series) -> pl.Series:
        """The new texts of one column (``values.name``), as many as before; null stays null."""

    def apply(self, rows: pl.DataFrame) -> Outcome:
        columns = [
            name
            for name, kind in rows.schema.items()
            if kind == pl.String and name not in SYSTEM and name not in self.skip
        ]
        kept = rows.with_columns(self.rewrite_column(rows[name]).alias(name) for name in columns)
        return Outcome(kept, nothing_dropped(kept))


def only_where(values: pl.Series, pattern: str, rewrite: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """``rewrite`` the values that match a regular expression; the others, usually most, cost one scan."""
    hit = values.str.contains(pattern).fill_null(False)
    if not hit.any():
        return values
    places = hit.arg_true()
    return values.clone().scatter(places, rewrite(values.gather(places)))
