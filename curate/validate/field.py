"""Field: how one field of a model is judged over a column: by Polars, and by pydantic for each value that Polars leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from pydantic_core import PydanticUndefined, SchemaSerializer, SchemaValidator, ValidationError

from curate.errors import CurateError
from curate.validate.cells import as_column, holds, put, read_json, same_in_column
from curate.validate.columns import Decider

#: values that a serializer leaves as they are, unless the schema has one of its own
_PLAIN = (str, int, float, bool, date, datetime, type(None))


@dataclass(frozen=True)
class Field:
    """How a field is judged.

    Attributes:
        column: decides the column; None where Polars knows nothing of the type.
        value: judges one value; None where pydantic needs the row for it.
        dump: a validated value as plain Python; None only where ``value`` is.
        serializes: does ``dump`` change plain values, too?
        ruled: does a rule of the row look at it? Then values that are another thing in a column than in Python are left open.
        default: for rows without the column; ``PydanticUndefined`` where there is none.
        why: why it takes the row.
    """

    name: str
    kind: pl.DataType
    as_json: bool
    column: Decider | None = None
    value: SchemaValidator | None = None
    dump: SchemaSerializer | None = None
    serializes: bool = False
    ruled: bool = False
    default: Any = PydanticUndefined
    why: str = ""

    @property
    def how(self) -> str:
        """``compiled``, ``by value``, or ``by row: <why>``."""
        if self.why:
            return f"by row: {self.why}"
        return "compiled" if self.column else "by value"

    def decide(self, rows: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        """(which rows are valid for sure, their values in the type of the field's column)."""
        if self.value is not None and self.name in rows.columns:
            return self._of_column(rows[self.name])
        told = None
        sure = (
            self.value is not None
            and self.default is not PydanticUndefined
            and self._fits_rules(self.default)
        )
        if sure:
            told = self._plain(self.default)
        values = as_column(self.name, [told], self.kind).new_from_index(0, rows.height)
        return pl.repeat(sure, rows.height, eager=True), values

    def _of_column(self, column: pl.Series) -> tuple[pl.Series, pl.Series]:
        if self.column is None:
            ok = pl.repeat(False, len(column), eager=True)
            values = pl.repeat(None, len(column), dtype=self.kind, eager=True)
        else:
            ok, values = self.column(column)
        left = (~ok).arg_true()
        if len(left):
            fine, told = self._each(column.gather(left))
            ok, values = ok.scatter(left, fine), put(values, left, told)
        return ok, values.alias(self.name)

    def _each(self, column: pl.Series) -> tuple[pl.Series, pl.Series]:
        """As ``decide``, by judging each different value once."""
        # lists cannot be joined; 0.0 and -0.0 would be joined to one
        if column.dtype.is_nested() or column.dtype.is_float():
            return self._judge(column.to_list())
        unique = column.unique()
        fine, told = self._judge(unique.to_list())
        known = pl.DataFrame({"value": unique, "fine": fine, "told": told})
        found = column.to_frame("value").join(
            known, on="value", how="left", nulls_equal=True, maintain_order="left"
        )
        return found["fine"], found["told"]

    def _judge(self, values: list[Any]) -> tuple[pl.Series, pl.Series]:
        assert self.value is not None
        fine, told = list[bool](), list[Any]()
        for value in values:
            try:
                valid = self.value.validate_python(read_json(value) if self.as_json else value)
            except ValidationError:
                ok, plain = False, None
            else:
                ok, plain = self._fits_rules(valid), self._plain(valid)
            fine.append(ok)
            told.append(plain if ok else None)
        try:
            column = as_column(self.name, told, self.kind)
        except CurateError:  # a number is too long: the row is judged whole, as it may have errors besides
            fine = [ok and holds(plain, self.kind) for ok, plain in zip(fine, told, strict=True)]
            told = [plain if ok else None for ok, plain in zip(fine, told, strict=True)]
            column = as_column(self.name, told, self.kind)
        return pl.Series(fine, dtype=pl.Boolean), column

    def _fits_rules(self, valid: Any) -> bool:
        return not self.ruled or (not self.serializes and same_in_column(valid, self.kind))

    def _plain(self, valid: Any) -> Any:
        if self.dump is None or (isinstance(valid, _PLAIN) and not self.serializes):
            return valid
        return self.dump.to_python(valid)
