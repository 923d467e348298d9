"""The golden row: of each merged group one row with the best of all values, and where each value came from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.dedupe.matching.rules import GoldenRule, RecordRules
from curate.rows import COMMON, RESERVED

I64 = npt.NDArray[np.int64]

#: Between the values of a ``union``.
JOIN = "、"
PROVENANCE = dict.fromkeys(["row_id", "field", "from_row_id", "rule", "value", "was"], pl.String)


def golden_rows(
    rows: pl.DataFrame, group: I64, rules: RecordRules, order: I64 | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The merged rows of the groups of several rows, and the provenance of the values that are not the best row's.

    Args:
        rows: the members of all groups (others do no harm), with ``row_id`` and, for ``newest``, ``updated_at``.
        group: for each row the place in ``rows`` of the row that stands for its group; its own for a row alone.
        order: for each row its place in the order of preference, 0 the best; the order of ``rows`` by default.

    Returns:
        golden: a row for each representative, of the schema of ``rows``; system columns, ``text`` and ``updated_at``
        are the representative's.
        provenance: a row for each value that the group changed: row_id of the golden row, field, from_row_id (of a
        union the ids, joined), rule, value and was (as text; null for none).
    """
    rank = np.arange(rows.height) if order is None else np.asarray(order)
    told = rows.with_columns(pl.Series("_group", group), pl.Series("_rank", rank))
    told = told.with_row_index("_place").filter(pl.len().over("_group") > 1)
    lead = (pl.col("_place") != pl.col("_group")).alias("_member")
    told = told.sort("_group", lead, "_rank")  # the representative, then from best to worst
    golden = told.filter(pl.col("_place") == pl.col("_group")).sort("_group")
    notes = []
    for name in rows.columns:
        if name in RESERVED or name in COMMON:
            continue
        rule = rules.golden.get(name, "best")
        chosen = _CHOICES[rule](told, name).sort("_group")
        before = golden[name]
        after = chosen[name].cast(rows.schema[name])
        notes.append(_provenance(golden, name, rule, before, after, chosen["from"]))
        golden = golden.with_columns(after.alias(name))
    empty = pl.DataFrame(schema=PROVENANCE)
    provenance = pl.concat([empty, *notes]).sort("row_id", "field")
    return golden.select(rows.columns), provenance


def _provenance(
    golden: pl.DataFrame, name: str, rule: str, before: pl.Series, after: pl.Series, sources: pl.Series
) -> pl.DataFrame:
    changed = after.ne_missing(before)
    return pl.DataFrame(
        {
            "row_id": golden["row_id"].filter(changed),
            "field": pl.Series([name] * int(changed.sum()), dtype=pl.String),
            "from_row_id": sources.filter(changed),
            "rule": pl.Series([rule] * int(changed.sum()), dtype=pl.String),
            "value": _text(after.filter(changed)),
            "was": _text(before.filter(changed)),
        }
    )


def _text(values: pl.Series) -> pl.Series:
    if isinstance(values.dtype, pl.List):
        listed = values.cast(pl.List(pl.String)).to_frame("v")
        return listed.select(pl.when(pl.col("v").is_not_null()).then(pl.col("v").list.join(JOIN))).to_series()
    if isinstance(values.dtype, pl.Struct):
        return values.struct.json_encode()
    return values.cast(pl.String)


def _has(name: str, told: pl.DataFrame) -> pl.Expr:
    """Is there a value? '' and [] are none."""
    column = pl.col(name)
    if told.schema[name] == pl.String:
        return column.is_not_null() & (column.str.strip_chars() != "")
    if isinstance(told.schema[name], pl.List):
        return column.is_not_null() & (column.list.len() > 0)
    return column.is_not_null()


def _first(told: pl.DataFrame, name: str, *by: pl.Expr) -> pl.DataFrame:
    """_group, the column, from: of each group the first row by ``by`` (rows with a value first), best first."""
    ranked = told.sort("_group", ~_has(name, told), *by, maintain_order=True)
    return ranked.group_by("_group", maintain_order=True).agg(
        pl.col(name).first(), pl.col("row_id").first().alias("from")
    )


def _size(name: str, told: pl.DataFrame) -> pl.Expr:
    if told.schema[name] == pl.String:
        return pl.col(name).str.len_chars()
    if isinstance(told.schema[name], pl.List):
        return pl.col(name).list.len()
    return pl.col(name).cast(pl.String, strict=False).str.len_chars()


def _best(told: pl.DataFrame, name: str) -> pl.DataFrame:
    return _first(told, name)


def _newest(told: pl.DataFrame, name: str) -> pl.DataFrame:
    if "updated_at" not in told.columns:
        return _best(told, name)
    known = pl.col("updated_at").is_null()
    day = pl.col("updated_at").rank("dense", descending=True)
    return _first(told, name, known, day)


def _longest(told: pl.DataFrame, name: str) -> pl.DataFrame:
    return _first(told, name, -_size(name, told).cast(pl.Int64))


def _most_common(told: pl.DataFrame, name: str) -> pl.DataFrame:
    return _first(told, name, -pl.len().over("_group", name).cast(pl.Int64))


def _largest(told: pl.DataFrame, name: str) -> pl.DataFrame:
    return _first(told, name, pl.col(name).rank("dense", descending=True))


def _smallest(told: pl.DataFrame, name: str) -> pl.DataFrame:
    return _first(told, name, pl.col(name).rank("dense"))


def _union(told: pl.DataFrame, name: str) -> pl.DataFrame:
    """The different values from best to worst: a list, or joined text whose parts are not repeated either."""
    dtype = told.schema[name]
    some = told.filter(_has(name, told))
    if dtype == pl.String:
        parts = some.with_columns(pl.col(name).str.split(JOIN).alias("_part")).explode("_part")
        parts = parts.with_columns(pl.col("_part").str.strip_chars()).filter(pl.col("_part") != "")
    elif isinstance(dtype, pl.List):
        parts = some.with_columns(pl.col(name).alias("_part")).explode("_part")
    else:
        return _best(told, name)
    once = parts.unique(["_group", "_part"], keep="first", maintain_order=True)
    joined = once.group_by("_group", maintain_order=True).agg(
        pl.col("_part").alias(name), pl.col("row_id").unique(maintain_order=True).str.join(" ").alias("from")
    )
    if dtype == pl.String:
        joined = joined.with_columns(pl.col(name).list.join(JOIN))
    groups = told.select(pl.col("_group").unique())
    return groups.join(joined, on="_group", how="left")


_CHOICES: dict[GoldenRule, Callable[[pl.DataFrame, str], pl.DataFrame]] = {
    "best": _best,
    "newest": _newest,
    "longest": _longest,
    "most_common": _most_common,
    "union": _union,
    "largest": _largest,
    "smallest": _smallest,
}
