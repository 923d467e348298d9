"""What all cleaners share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any, ClassVar, Self

import polars as pl
from pydantic import PrivateAttr

from curate.algorithms.characters import ANY, Marks, holding, marks_of
from curate.options import CorpusName, Names
from curate.rows import ADDED, SYSTEM, Outcome, nothing_dropped
from curate.unit import Unit

#: What a cleaner tells besides the rows, summed over a corpus. ``what``: its own word for it (a kind of personal data,
#: ``alias``, ``review`` …); ``value`` and ``proposal``: texts, never personal data; ``score`` in 0..1; ``count``: times.
NOTE = {
    "column": pl.String,
    "what": pl.String,
    "value": pl.String,
    "proposal": pl.String,
    "score": pl.Float64,
    "count": pl.Int64,
}


class Notes:
    """Gathers what cleaners tell; equal notes are added up."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, str | None, str | None, float | None], int] = {}

    def add(
        self,
        column: str,
        what: str,
        value: str | None = None,
        proposal: str | None = None,
        score: float | None = None,
        count: int = 1,
    ) -> None:
        if count:
            key = (column, what, value, proposal, score)
            self._counts[key] = self._counts.get(key, 0) + count

    def frame(self) -> pl.DataFrame:
        """The columns of ``NOTE``."""
        rows = [(*key, count) for key, count in self._counts.items()]
        return pl.DataFrame(rows, schema=NOTE, orient="row")


class Cleaner(Unit, ABC):
    """A unit of the ``clean`` section: rows in, kept and dropped rows out."""

    #: the values that it changes are not to be shown
    hides: ClassVar[bool] = False

    only: list[CorpusName] | None = None
    """只用于这些语料；不写就用于全部 / the corpora it runs on; all of them when left out"""

    def for_corpus(self, name: str) -> bool:
        return self.only is None or name in self.only

    def named_columns(self) -> list[tuple[tuple[Hashable, ...], str]]:
        """(place inside the options, column) of the columns that one of its corpora must have."""
        return []

    @abstractmethod
    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        """Every row is in exactly one of the outcome's two frames; kept rows stay in their order.

        A cleaner may change values of the row's own columns and add columns of its own.
        """


class Learner(Cleaner):
    """A cleaner that learns from the user's own rows before it works: counts of characters, of lines …"""

    learn_from: list[CorpusName] = []
    """从这些语料学习；不写就不学 / the corpora that it learns from; none when left out"""

    _model: Path | None = PrivateAttr(None)

    @abstractmethod
    def learn(self, frames: Iterator[pl.DataFrame], folder: Path) -> dict[str, Any]:
        """Write what is learned into ``folder``; the same rows give the same bytes.

        Args:
            frames: rows as the cleaners before this one leave them, at most a shard at a time.

        Returns:
            Figures to show.
        """

    def learned(self, folder: Path) -> Self:
        """The cleaner with what was learned; ``self._model`` is the folder."""
        copy = self.model_copy()
        copy._model = folder
        return copy


class Scan:
    """What characters the text columns of some rows hold (``algorithms.characters``), kept up to date."""

    def __init__(self) -> None:
        self._marks: dict[str, Marks] = {}

    def places(self, values: pl.Series, looks_for: int) -> pl.Series:
        """The places of the values that hold any of what a cleaner looks for; null holds nothing."""
        if looks_for & ANY:
            return values.is_not_null().arg_true()
        return pl.Series((self.marks(values) & looks_for) != 0).arg_true()

    def marks(self, values: pl.Series) -> Marks:
        """The bits of each value; those of null are 0."""
        if values.name not in self._marks:
            self._marks[values.name] = marks_of(values)
        return self._marks[values.name]

    def changed(self, name: str, places: pl.Series, values: pl.Series) -> None:
        """The column has new ``values`` at these places."""
        if name in self._marks:
            self._marks[name][places.to_numpy()] = marks_of(values)

    def forget(self, *columns: str) -> None:
        for name in columns:
            self._marks.pop(name, None)

    def keep(self, places: pl.Series) -> None:
        """Only the rows at these places are left, in this order."""
        self._marks = {name: marks[places.to_numpy()] for name, marks in self._marks.items()}


class TextCleaner(Cleaner):
    """A cleaner that rewrites the text in columns and drops nothing.

    All text columns of the row are rewritten, so that a title is as clean as a body. Where ``text`` is made
    from other columns, the clean phase makes it anew from the rewritten ones.
    """

    #: bits of ``algorithms.characters``: a text that holds none of them stays as it is
    looks_for: ClassVar[int] = ANY

    skip: Names = []
    """不动的列 / columns that stay as they are"""

    def named_columns(self) -> list[tuple[tuple[Hashable, ...], str]]:
        return [(("skip",), name) for name in self.skip]

    @property
    def drops(self) -> bool:
        """Does it drop rows besides? Then ``apply`` is called for the whole frame."""
        return False

    def suspects(self) -> int:
        """``looks_for``, where it depends on the options."""
        return self.looks_for

    def places(self, values: pl.Series, scan: Scan) -> pl.Series:
        """The places of the values to rewrite."""
        return scan.places(values, self.suspects())

    @abstractmethod
    def rewrite_column(self, values: pl.Series, notes: Notes) -> pl.Series:
        """The new texts of a column (``values.name``), as many as before. ``values`` are those that hold what the
        cleaner looks for; none is null.
        """

    def columns(self, rows: pl.DataFrame) -> list[str]:
        """The columns to rewrite."""
        return [
            name
            for name, kind in rows.schema.items()
            if kind == pl.String and name not in SYSTEM and name not in ADDED and name not in self.skip
        ]

    def rewrite(
        self, rows: pl.DataFrame, scan: Scan, notes: Notes, leave: frozenset[str] = frozenset()
    ) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
        """``rows`` with their columns rewritten, but those of ``leave``; and column -> the places that changed."""
        new: list[pl.Series] = []
        changed: dict[str, pl.Series] = {}
        for name in self.columns(rows):
            if name in leave:
                continue
            places = self.places(rows[name], scan)
            if places.is_empty():
                continue
            old = rows[name].gather(places)
            told = self.rewrite_column(old, notes).alias(name)
            other = old.ne_missing(told)
            if other.any():
                changed[name] = places.filter(other)
                new.append(rows[name].clone().scatter(changed[name], told.filter(other)))
                scan.changed(name, changed[name], told.filter(other))
        return rows.with_columns(new), changed

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        kept, _ = self.rewrite(rows, Scan(), notes or Notes())
        return Outcome(kept, nothing_dropped(kept))


def only_holding(values: pl.Series, kinds: int, rewrite: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """``rewrite`` the values that hold some kinds of characters (``algorithms.characters``)."""
    places = holding(values, kinds)
    return values if places.is_empty() else values.clone().scatter(places, rewrite(values.gather(places)))


def only_where(values: pl.Series, pattern: str, rewrite: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """``rewrite`` the values that match a regular expression; the others, usually most, cost one scan."""
    hit = values.str.contains(pattern).fill_null(False)
    if not hit.any():
        return values
    places = hit.arg_true()
    return values.clone().scatter(places, rewrite(values.gather(places)))
