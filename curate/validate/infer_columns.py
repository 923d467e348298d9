"""What a column holds, told from its shards one after the other: memory does not grow with the rows, but for the hashes of a
column whose values are all different so far (8 bytes a row).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import polars as pl

from curate.algorithms.personal_data import kinds_in
from curate.algorithms.personal_data.names import SINGLE
from curate.algorithms.placeholders import PLACEHOLDERS
from curate.validate.infer_kinds import KINDS, Kind
from curate.validate.infer_names import is_personal

#: values of the first shard by which a kind is given up before all are read
LOOK = 2_000
#: share of values beyond which no kind is worth going on with
HOPELESS = 0.1
#: different values that are counted; shapes of codes that are
MOST_VALUES, MOST_SHAPES = 1_000, 60
#: characters of the longest value of an enumeration, a code, a key
LONGEST_VALUE, LONGEST_CODE, LONGEST_KEY = 24, 32, 64
#: values that do not fit a kind and may be shown
SHOWN = 3
_HAN = "[\u3400-\u9fff]"


def without_placeholders(rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` as ``null_placeholders`` leaves them: 无, 暂无, N/A and empty cells are null."""
    return rows.with_columns(
        pl.when(~_nothing(name)).then(name).alias(name)
        for name, kind in rows.schema.items()
        if kind == pl.String
    )


def _nothing(name: str) -> pl.Expr:
    bare = pl.col(name).str.strip_chars().str.to_lowercase()
    return (bare == "") | bare.is_in(PLACEHOLDERS)


class Column:
    """A column of a source.

    Attributes:
        header: its name in the source's own words, and ``name``, under which the rows have it.
        rows: of all shards, also of those that lack it.
        filled: those with a value.
        placeholders: 无, N/A … -> how often.
        misfits: kind -> values that do not look like it; the kinds that are given up are gone.
        refused: kind -> those of them that its type does not let pass.
        examples: kind -> a few of the latter.
        span: kind -> its smallest and greatest value.
        lengths: of texts, in characters.
        counts: value -> how often; None where there are too many different ones.
        shapes: of codes, 9 for a digit, A and a for letters -> how often; None where they are no codes.
        prefix: with which all its texts begin.
        repeated: a value is there twice.
        found_in: corpus -> values that are keys there.
    """

    def __init__(self, name: str, header: str, keys: Mapping[str, pl.Series]) -> None:
        self.name, self.header, self.keys = name, header, dict(keys)
        self.rows = self.filled = 0
        self.placeholders: dict[str, int] = {}
        self.misfits: dict[str, int] = {}
        self.refused: dict[str, int] = {}
        self.examples: dict[str, list[str]] = {}
        self.span: dict[str, tuple[Any, Any]] = {}
        self.lengths: tuple[int, int] | None = None
        self.counts: dict[str, int] | None = {}
        self.shapes: dict[str, int] | None = {}
        self.prefix: str | None = None
        self.repeated = False
        self.found_in = dict.fromkeys(self.keys, 0)
        self._alive = list(KINDS)
        self._hashes: list[pl.Series] = []

    def add(self, values: pl.Series) -> None:
        """One shard more."""
        if values.dtype == pl.String:
            bare = values.to_frame("v").with_columns(_nothing("v").alias("no")).filter("no")["v"]
            for word, times in bare.value_counts().iter_rows():
                if word.strip():
                    self.placeholders[word.strip()] = self.placeholders.get(word.strip(), 0) + times
            values = without_placeholders(values.to_frame("v"))["v"]
        values = values.drop_nulls()
        self._kinds(values)
        self._unique(values)
        self.filled += len(values)
        if values.dtype == pl.String and len(values):
            self._texts(values)
        if (values.dtype == pl.String or values.dtype.is_integer()) and len(values):
            self._keys(values.cast(pl.String))

    def _kinds(self, values: pl.Series) -> None:
        for kind in self._alive[:]:
            if not self.filled and len(values) > LOOK:
                ok, _ = kind.read(values.head(LOOK))
                if (~ok).sum() > HOPELESS * LOOK:
                    self._give_up(kind)
                    continue
            ok, told = kind.read(values)
            wrong = int((~ok).sum())
            self.misfits[kind.name] = self.misfits.get(kind.name, 0) + wrong
            if len(values) and self.misfits[kind.name] > HOPELESS * (self.filled + len(values)):
                self._give_up(kind)
                continue
            if wrong:
                self._refuse(kind, values.filter(~ok))
            if kind.ordered and ok.any():
                low, high = told.filter(ok).min(), told.filter(ok).max()
                before = self.span.get(kind.name, (low, high))
                self.span[kind.name] = (min(before[0], low), max(before[1], high))

    def _refuse(self, kind: Kind, values: pl.Series) -> None:
        values = values.filter(~kind.accepts(values))
        self.refused[kind.name] = self.refused.get(kind.name, 0) + len(values)
        if not values.dtype.is_nested():
            some = self.examples.setdefault(kind.name, [])
            different = values.cast(pl.String).unique(maintain_order=True).to_list()
            some += [value for value in different if value not in some][: SHOWN - len(some)]

    def _give_up(self, kind: Kind) -> None:
        self._alive.remove(kind)
        for told in (self.misfits, self.refused, self.examples, self.span):
            told.pop(kind.name, None)

    def _unique(self, values: pl.Series) -> None:
        if self.repeated or values.dtype.is_nested() or values.dtype.is_float():
            self.repeated = True
        elif len(values):
            self._hashes.append(values.cast(pl.String).hash())
            self.repeated = self._hashes[-1].n_unique() < len(values)
        if self.repeated:
            self._hashes = []

    @property
    def is_unique(self) -> bool:
        """Is no value there twice?"""
        if not self.repeated and len(self._hashes) > 1:
            whole = pl.concat(self._hashes)
            self._hashes, self.repeated = [whole], whole.n_unique() < len(whole)
        return not self.repeated and self.filled > 1

    def _texts(self, values: pl.Series) -> None:
        sizes = values.str.len_chars()
        told = [
            *(self.lengths or ()),
            *sizes.to_frame("n").select(pl.min("n").alias("a"), pl.max("n").alias("b")).row(0),
        ]
        self.lengths = min(told), max(told)
        high = self.lengths[1]
        self.counts = _added(self.counts, values, MOST_VALUES) if high <= LONGEST_KEY else None
        coded = high <= LONGEST_CODE and self.shapes is not None
        self.shapes = _added(self.shapes, _shape(values), MOST_SHAPES) if coded else None
        ends = values.sort().gather([0, -1]).to_list() + ([] if self.prefix is None else [self.prefix])
        self.prefix = _common(min(ends), max(ends))

    def _keys(self, texts: pl.Series) -> None:
        for corpus in list(self.keys):
            self.found_in[corpus] += int(texts.is_in(self.keys[corpus].implode()).sum())
            if self.found_in[corpus] < self.filled / 2:
                del self.keys[corpus], self.found_in[corpus]

    def kind(self, tolerance: float) -> Kind | None:
        """The first kind that all values are of, but for a share of ``tolerance``; None: text, or nothing at all."""
        most = tolerance * self.filled
        return next(
            (kind for kind in self._alive if self.filled and self.misfits.get(kind.name, 0) <= most), None
        )

    @cached_property
    def personal(self) -> bool:
        """Does it hold what tells of a person? By its name, by what its values are, and by what they look like."""
        if (
            is_personal(self.header)
            or is_personal(self.name)
            or any(kind.personal for kind in self._alive if self.filled)
        ):
            return True
        low, high = self.span.get("int", (0, 0))
        if low >= 13_000_000_000 and high <= 19_999_999_999:  # mobile numbers that a sheet holds as numbers
            return True
        values = pl.Series(list(self.counts or ()), dtype=pl.String)
        return bool(kinds_in(values).is_not_null().any()) or _like_names(values)

    def may_show(self, values: list[str]) -> list[str]:
        """Those of some values that tell of nobody."""
        if self.personal or not values:
            return []
        kinds = kinds_in(pl.Series(values, dtype=pl.String))
        return [value for value, kind in zip(values, kinds, strict=True) if kind is None]


def _common(low: str, high: str) -> str:
    """What the first and the last of sorted texts begin with, and so all between them."""
    size = next(
        (place for place, (a, b) in enumerate(zip(low, high, strict=False)) if a != b),
        min(len(low), len(high)),
    )
    return low[:size]


def _added(counts: dict[str, int] | None, values: pl.Series, most: int) -> dict[str, int] | None:
    if counts is None:
        return None
    for value, times in values.value_counts().iter_rows():
        counts[value] = counts.get(value, 0) + times
        if len(counts) > most:
            return None
    return counts


def _shape(values: pl.Series) -> pl.Series:
    shaped = values.str.replace_all("[0-9]", "9").str.replace_all("[A-Z]", "A").str.replace_all("[a-z]", "a")
    return shaped.rename("shape")


def _like_names(values: pl.Series) -> bool:
    """Do (nearly) all of these look like Chinese names: a surname and one or two characters?"""
    from curate.algorithms.fields.division_table import short_names

    if len(values) < 3:
        return False
    named = values.str.contains(f"^[{SINGLE}]{_HAN}{{1,2}}$") & ~values.is_in(sorted(short_names()))
    return bool(named.fill_null(False).mean() >= 0.8)  # type: ignore[operator]
