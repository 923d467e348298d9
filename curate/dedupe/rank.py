"""Which row is better: the policy of ``keep``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
import polars as pl
from pydantic import Discriminator, Tag, model_validator

from curate.algorithms.text import normal_form
from curate.dedupe.decide import Decision, Source
from curate.engines.local import map_shards
from curate.language import say
from curate.options import problem
from curate.rows import ADDED, value_columns
from curate.unit import Form


class Prefer(Form):
    """按某一列决定留哪一行。 / A column that decides which row stays."""

    column: str
    """列名 / the column"""
    order: list[str] = []
    """取值的先后，前面的优先；不写则大的（晚的）优先 / values, the preferred first; without them greater wins"""
    smallest: bool = False
    """小的优先 / the smaller wins"""

    @model_validator(mode="after")
    def _one_order(self) -> Prefer:
        if self.order and self.smallest:
            raise problem(
                say(
                    f"列 {self.column} 的 order 和 smallest 只能写一个",
                    f"of order and smallest the column {self.column} may have one",
                ),
                say(
                    "order 已经说了谁优先：写在前面的；去掉 smallest",
                    "order says already which wins, the first; drop smallest",
                ),
            )
        return self

    def value(self, schema: Mapping[str, pl.DataType]) -> pl.Expr:
        """Greater is better; null where the row has no value or the corpus no such column. Numbers, and dates as
        seconds; text that is neither is no value.
        """
        if self.column not in schema:
            return pl.lit(None, pl.Float64)
        column = pl.col(self.column)
        if self.order:
            places = {value: float(-place) for place, value in enumerate(self.order)}
            return column.cast(pl.String).replace_strict(places, default=None, return_dtype=pl.Float64)
        if schema[self.column].is_temporal():
            number = column.cast(pl.Datetime("us")).dt.epoch("s").cast(pl.Float64)
        else:
            number = column.cast(pl.Float64, strict=False)
        if schema[self.column] == pl.String:
            day = column.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
            number = pl.coalesce(number, 86_400.0 * day.dt.epoch("d"))
        return -number if self.smallest else number


Known = Literal["corpus", "quality", "updated_at", "completeness", "length"]
#: A mapping is a column and all else a name, so that a mistake is told once, as one in what was meant. Pydantic puts
#: the tag into the place of an error, where brackets say that the recipe has no such step.
Criterion = Annotated[
    Annotated[Known, Tag("[name]")] | Annotated[Prefer, Tag("[column]")],
    Discriminator(lambda value: "[column]" if isinstance(value, dict | Prefer) else "[name]"),
]


def ranked(
    sources: list[Source], keep: list[Criterion], across: list[list[str]], lengths: list[pl.Series]
) -> Decision:
    """The rows from the best to the worst; what is equal in all of ``keep`` goes by row_id.

    Args:
        lengths: of each corpus the length of every row's normal form, where the texts were read already.
    """
    needs = max((len(source.identity) for source in sources), default=0)
    frames = [
        _narrow(source, number, keep, needs, lengths[number] if lengths else None)
        for number, source in enumerate(sources)
    ]
    rows = pl.concat(frames, how="vertical_relaxed").with_row_index("position")
    keys = [f"k{place}" for place in range(len(keep))]
    rows = rows.sort(
        ["shield", *keys, "row_id"], descending=[True, *(True for _ in keys), False], nulls_last=True
    )
    corpus = rows["corpus"].to_numpy().astype(np.int64)
    count = rows.height
    return Decision(
        sources=sources,
        position=rows["position"].to_numpy().astype(np.int64),
        corpus=corpus,
        parts=np.array(_parts([source.name for source in sources], across), np.int64),
        identity=[
            (rows[f"id{place}"].is_not_null().to_numpy(), rows[f"id{place}"].fill_null(0).to_numpy())
            for place in range(needs)
        ],
        copies=rows["copies"].to_numpy().copy(),
        of=np.full(count, -1, np.int64),
        similarity=np.zeros(count),
        reason=np.full(count, -1, np.int8),
    )


def _parts(names: list[str], across: list[list[str]]) -> list[int]:
    """The number of each corpus's part: its own, or that of the first of those it is compared with."""
    first = {name: group[0] for group in across for name in group}
    return [names.index(first.get(name, name)) for name in names]


def _narrow(
    source: Source, number: int, keep: list[Criterion], needs: int, lengths: pl.Series | None
) -> pl.DataFrame:
    """One shard after the other: what looks at texts must not hold them all."""
    schema = source.table.schema
    own = [
        name for name in value_columns(pl.DataFrame(schema=schema)) if name != "text" and name not in ADDED
    ]
    identity = [_identity(column) for column in source.identity]
    identity += [pl.lit(None, pl.UInt64) for _ in range(needs - len(identity))]
    values = {f"k{at}": _value(criterion, number, own, schema) for at, criterion in enumerate(keep)}
    known = [f"k{at}" for at, criterion in enumerate(keep) if criterion == "length" and lengths is not None]
    columns = [
        "row_id",
        "copies",
        pl.lit(number, pl.Int32).alias("corpus"),
        pl.lit(source.protected).alias("shield"),
        *(
            pl.lit(0, pl.Int64).alias(name) if name in known else value.alias(name)
            for name, value in values.items()
        ),
        *(column.alias(f"id{at}") for at, column in enumerate(identity)),
    ]
    rows = pl.concat(
        map_shards(lambda shard: pl.scan_parquet(shard).select(columns).collect(), source.table.shards)
    )
    return rows.with_columns(pl.Series(name, lengths, pl.Int64) for name in known)


def _value(criterion: Criterion, number: int, own: list[str], schema: dict[str, Any]) -> pl.Expr:
    """Greater is better."""
    if isinstance(criterion, Prefer):
        return criterion.value(schema)
    if criterion == "corpus":
        return pl.lit(-number, pl.Int64)
    if criterion == "updated_at":
        return pl.col("updated_at").cast(pl.String)
    if criterion == "completeness":
        return pl.sum_horizontal(pl.col(name).is_not_null() for name in own).cast(pl.Int64)
    if criterion == "length":
        return pl.col("text").str.len_chars().cast(pl.Int64)
    if "quality" in schema:  # the score of the cleaner score_quality
        return (100 * pl.col("quality")).round(0).cast(pl.Float64)
    return quality(pl.col("text"))


def quality(text: pl.Expr) -> pl.Expr:
    """The share of a text's characters that are letters, digits, spaces or usual punctuation, in hundredths; null
    for an empty text, which would be NaN and so better than every other.
    """
    good = text.str.count_matches(r"[\p{L}\p{N} ，。！？、；：（）《》“”,.!?;:()%-]")
    length = text.str.len_chars()
    return pl.when(length > 0).then((100 * good / length).round(0).cast(pl.Float64))


def _identity(column: str) -> pl.Expr:
    value = normal_form(pl.col(column).cast(pl.String))
    return pl.when(value != "").then(value.hash(seed=0))
