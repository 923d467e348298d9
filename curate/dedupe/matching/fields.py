"""A column as matching sees it: its unique values in normal form, and for each row the number of its value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.dedupe.matching.kinds import KINDS, Comparison
from curate.dedupe.matching.rules import RecordRules

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]


#: Up to so many different values each pair of them is compared once, however many pairs of rows have it.
FEW_VALUES = 2_000
#: The field of all columns of a person's name together: given name and surname are swapped often.
WHOLE_NAME = "+person"


@dataclass(frozen=True)
class MatchField:
    """``index``: for each row the place of its value in ``values``, -1 where it has none.

    ``values`` has a column ``form`` (unique, not null, sorted) and what else the kind compares by.
    """

    name: str
    comparison: Comparison
    values: pl.DataFrame
    index: I64
    weight: float

    @property
    def person(self) -> bool:
        return self.comparison is KINDS["person"]

    @cached_property
    def shared_by(self) -> I64:
        """Of each value: how many rows have it."""
        return np.bincount(self.index[self.index >= 0], minlength=self.values.height)

    def similarity(self, left: I64, right: I64) -> F64:
        """0..1 for each pair of rows; NaN where one of the two has no value."""
        one, other = self.index[left], self.index[right]
        known = (one >= 0) & (other >= 0)
        found = np.where(known & (one == other), 1.0, np.nan)
        differ = np.flatnonzero(known & (one != other))
        low, high = np.minimum(one, other)[differ], np.maximum(one, other)[differ]
        if not len(differ):
            return found
        # pairs of many values hardly repeat: sorting them costs more than it saves
        if self.values.height > FEW_VALUES:
            found[differ] = self.comparison.similarity(self.values, low, high)
            return found
        pairs, back = np.unique(low * np.int64(self.values.height) + high, return_inverse=True)
        first, second = np.divmod(pairs, self.values.height)
        found[differ] = self.comparison.similarity(self.values, first, second)[back]
        return found

    def forbidden(self, left: I64, right: I64) -> npt.NDArray[np.bool_]:
        """Pairs whose values can't belong to one entity."""
        if "valid" not in self.values.columns or not self.values.height:
            return np.zeros(len(left), dtype=bool)
        one, other = self.index[left], self.index[right]
        valid = self.values["valid"].to_numpy()
        sure = (one >= 0) & (other >= 0) & (one != other)
        return np.asarray(sure & valid[one] & valid[other])


def match_fields(rows: pl.DataFrame, rules: RecordRules) -> list[MatchField]:
    """The columns of ``rules.match``, prepared; each value only once however many rows have it."""
    told = [_field(rows[name], kind_in_company(kind, rules), rules) for name, kind in rules.match.items()]
    persons = [name for name, kind in rules.match.items() if kind == "person"]
    if len(persons) > 1:
        whole = rows.select(pl.concat_str([_as_text(rows[name]) for name in persons], separator=" "))
        told.append(_field(whole.to_series().rename(WHOLE_NAME), "person", rules))
    return told


def _as_text(column: pl.Series) -> pl.Series:
    """Lists are read as text whose parts stand apart: of several phones the first counts, of authors all."""
    if isinstance(column.dtype, pl.List):
        return column.cast(pl.List(pl.String)).list.join(", ")
    return column.cast(pl.String)


def kind_in_company(kind: str, rules: RecordRules) -> str:
    """Beside a person a company's name says where one works: colleagues share it."""
    return "employer" if kind == "company_name" and "person" in rules.match.values() else kind


def _field(column: pl.Series, kind: str, rules: RecordRules) -> MatchField:
    comparison = KINDS[kind]
    forms = comparison.form(_as_text(column)).rename("form")
    forms = forms.to_frame().select(pl.when(pl.col("form") != "").then("form")).to_series()
    unique = forms.drop_nulls().unique().sort()
    place = forms.to_frame().join(
        unique.to_frame().with_row_index("place"), on="form", how="left", maintain_order="left"
    )
    index = place["place"].cast(pl.Int64).fill_null(-1).to_numpy()
    return MatchField(
        column.name, comparison, comparison.prepare(unique), index, rules.weights.get(column.name, 1.0)
    )
