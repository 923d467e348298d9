"""The cleaners of a corpus, one behind the other, over one shard: read once, written once.

What each cleaner did is told as if each had been a step of its own: rows in, kept and dropped, the columns that it
changed, and for every row which cleaner changed which of its columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import polars as pl

from curate.clean.cleaner import NOTE, Cleaner, Notes, Scan, TextCleaner
from curate.errors import AccountingError
from curate.files import sha256_of
from curate.language import say
from curate.rows import CHANGE, WHY, Outcome, Table, nothing_dropped, with_text

#: Rises when the same cleaners in the same order would give other rows.
CLEAN_VERSION = 1
#: Rows of a corpus that a cleaner learns from.
LEARN_ROWS = 200_000
#: a column of the chain's own: the place of a row in the shard
PLACE = "__place"
ROW_TOLD = {"unit": pl.String, **NOTE}


@dataclass(frozen=True)
class Chain:
    """Cleaners in order.

    Attributes:
        derived_text: the template or column that ``text`` is made from; None where the source has the column.
    """

    cleaners: Sequence[Cleaner]
    derived_text: str | None = None

    def __call__(self, rows: pl.DataFrame) -> Outcome:
        state = _Shard(rows, self.derived_text)
        for cleaner in self.cleaners:
            state.through(cleaner)
        return state.outcome()

    def steps(self, rows: pl.DataFrame) -> Iterator[tuple[Cleaner, pl.DataFrame, pl.DataFrame]]:
        """(cleaner, kept, dropped) behind each cleaner: for few rows, to be looked at."""
        for cleaner in self.cleaners:
            outcome = Chain([cleaner], self.derived_text)(rows)
            yield cleaner, outcome.kept, outcome.dropped
            rows = outcome.kept


class _Shard:
    """A shard under way: its rows, what characters they hold, which of their texts must be made anew."""

    def __init__(self, rows: pl.DataFrame, derived_text: str | None) -> None:
        self.rows = rows.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(PLACE))
        self.ids = rows["row_id"] if "row_id" in rows.columns else pl.Series("row_id", [], pl.String)
        self.derived_text = derived_text
        self.scan = Scan()
        self.stale: pl.Series | None = None  # by place among the rows left
        self.dropped: list[pl.DataFrame] = []
        self.changes: list[pl.DataFrame] = []
        self.notes: list[pl.DataFrame] = []
        self.units: list[dict[str, Any]] = []

    def through(self, cleaner: Cleaner) -> None:
        start, before, notes = perf_counter(), self.rows.height, Notes()
        if isinstance(cleaner, TextCleaner) and not cleaner.drops:
            leave = frozenset() if self.derived_text is None else frozenset({"text"})
            self.rows, changed = cleaner.rewrite(self.rows, self.scan, notes, leave)
            gone = None
        else:
            self.refresh()
            outcome = cleaner.apply(self.rows, notes)
            gone = outcome.dropped
            self._check(cleaner, outcome)
            changed = self._take(outcome.kept)
        if changed and self.derived_text is not None:
            places = pl.concat(list(changed.values())).unique()
            fresh = pl.repeat(False, self.rows.height, eager=True).scatter(places, True)
            self.stale = fresh if self.stale is None else self.stale | fresh
        self._tell(cleaner, before, gone, changed, notes, perf_counter() - start)

    def refresh(self) -> None:
        """Make ``text`` anew where a column that it may be made from has changed."""
        if self.stale is None or self.derived_text is None:
            return
        places = self.stale.arg_true()
        texts = with_text(self.rows[places], self.derived_text)["text"]
        self.rows = self.rows.with_columns(self.rows["text"].clone().scatter(places, texts))
        self.scan.changed("text", places, texts)
        self.stale = None

    def _take(self, kept: pl.DataFrame) -> dict[str, pl.Series]:
        """The rows that a cleaner kept, and what it changed in them."""
        old = self.rows
        if kept.height != old.height:
            places = pl.Series(old.select(pl.col(PLACE).is_in(kept[PLACE].implode())).to_series()).arg_true()
            old = old[places]
            self.scan.keep(places)
            self.stale = None if self.stale is None else self.stale.gather(places)
        changed = {}
        for name in kept.columns:
            if name not in old.columns:
                changed[name] = kept[name].is_not_null().arg_true()
            elif old[name].dtype != kept[name].dtype or old[name].dtype.is_nested():
                if not old[name].equals(kept[name]):
                    changed[name] = pl.int_range(kept.height, dtype=pl.UInt32, eager=True)
                    self.scan.forget(name)
            else:
                other = old[name].ne_missing(kept[name]).arg_true()
                if not other.is_empty():
                    changed[name] = other
                    if kept[name].dtype == pl.String:
                        self.scan.changed(name, other, kept[name].gather(other))
        self.rows = kept
        return {name: places for name, places in changed.items() if not places.is_empty()}

    def _check(self, cleaner: Cleaner, outcome: Outcome) -> None:
        """Every row is once in one of the two frames, and the kept ones in their order."""
        place, gone = outcome.kept[PLACE], outcome.dropped[PLACE]
        both = pl.concat([place, gone])
        if not place.is_sorted() or not len(both) == both.n_unique() == self.rows.height:
            raise AccountingError(
                say(
                    f"{cleaner.unit_name()} 读入 {self.rows.height} 行，保留 {len(place)}，丢弃 {len(gone)}，对不上",
                    f"{cleaner.unit_name()} got {self.rows.height} rows, kept {len(place)} and dropped {len(gone)}: "
                    "that does not add up",
                ),
                say("这是程序的错误，请报告给开发者", "this is a defect of curate: report it"),
            )

    def _tell(
        self,
        cleaner: Cleaner,
        before: int,
        gone: pl.DataFrame | None,
        changed: dict[str, pl.Series],
        notes: Notes,
        seconds: float,
    ) -> None:
        name = cleaner.unit_name()
        reasons = dict(gone["reason"].value_counts(sort=True).iter_rows()) if gone is not None else {}
        if gone is not None and gone.height:
            self.dropped.append(gone)
        self.units.append(
            {
                "unit": name,
                "rows_in": before,
                "kept": self.rows.height,
                "dropped": before - self.rows.height,
                "reasons": reasons,
                "changed": {column: len(places) for column, places in sorted(changed.items())},
                "seconds": round(seconds, 4),
            }
        )
        ids = self.ids.gather(self.rows[PLACE]) if len(self.ids) and changed else self.ids
        for column, places in sorted(changed.items()):
            if len(self.ids):
                told = ids.gather(places).to_frame("row_id")
                self.changes.append(
                    told.with_columns(pl.lit(name).alias("unit"), pl.lit(column).alias("column"))
                )
        frame = notes.frame()
        if frame.height:
            self.notes.append(frame.select(pl.lit(name).alias("unit"), *NOTE))

    def outcome(self) -> Outcome:
        self.refresh()
        kept = self.rows.drop(PLACE)
        dropped = (
            pl.concat(self.dropped, how="diagonal").sort(PLACE).drop(PLACE)
            if self.dropped
            else nothing_dropped(kept)
        )
        # a column that a later cleaner adds is absent from the rows that an earlier one dropped
        absent = [
            pl.lit(None, kept.schema[name]).alias(name)
            for name in kept.columns
            if name not in dropped.columns
        ]
        return Outcome(
            kept,
            dropped.with_columns(absent).select(*kept.columns, *WHY),
            changes=pl.concat(self.changes) if self.changes else pl.DataFrame(schema=CHANGE),
            notes=pl.concat(self.notes) if self.notes else pl.DataFrame(schema=ROW_TOLD),
            units=tuple(self.units),
        )


def clean_key(told: list[Any], derived_text: str | None, before: str) -> str:
    """The key of a clean step.

    Args:
        told: what the work of each cleaner depends on (its fingerprint, and the key of what it has learned).
        before: the key of the rows that come in.
    """
    return sha256_of(["clean", CLEAN_VERSION, told, derived_text, before])


def sample_frames(table: Table, most: int = LEARN_ROWS) -> Iterator[pl.DataFrame]:
    """Rows to learn from, evenly from the whole table: all of them, or every second, third … row."""
    every = max(1, -(-table.rows // most))
    for rows in table.frames():
        yield rows.gather_every(every)
