"""Equivalence classes counted by DuckDB over parquet shards, of which only the named columns are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from curate.sql import listed, quoted

#: the column that counts; no source may have one of this name behind two underscores and be counted too
ROWS = "__rows"
#: smallest classes whose sizes are told
SMALLEST = 5


def counted(shards: Sequence[Path], columns: Sequence[str], texts: Sequence[str] = ()) -> pl.DataFrame:
    """The distinct combinations of some columns, ``__rows`` each, in order; ``texts``: further columns, cast to text."""
    import duckdb

    told = [quoted(name) for name in columns] + [
        f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}" for name in texts
    ]
    with duckdb.connect() as connection:
        found: pl.DataFrame = connection.sql(
            f"SELECT {', '.join(told)}, count(*) AS {ROWS} FROM read_parquet({listed(shards)}) GROUP BY ALL ORDER BY ALL"
        ).pl()
    return found.with_columns(pl.col(ROWS).cast(pl.Int64))


def measured(
    shards: Sequence[Path], quasi: Sequence[str], sensitive: Sequence[str], k: int
) -> dict[str, Any]:
    """The classes of a finished table, as they are, whoever made them.

    Returns:
        ``rows``, ``classes``, ``smallest`` (rows of the smallest class), ``sizes`` (of the smallest few), ``short`` (rows in classes of
        fewer than k), ``average`` (C_avg of LeFevre et al. 2006: the mean class against k), ``discernibility`` (Bayardo and
        Agrawal 2005: the sum of squared class sizes), ``distinct`` (values a column), and ``diversity``: a sensitive column -> its
        least distinct l and entropy l (Machanavajjhala et al. 2007: the exponential of the entropy) of any class.
    """
    import duckdb

    by = ", ".join(quoted(name) for name in quasi)
    source = f"read_parquet({listed(shards)})"
    with duckdb.connect() as connection:
        sizes = f"(SELECT count(*) AS n FROM {source} GROUP BY {by})"
        rows, classes, least, short, squares = connection.sql(
            f"SELECT coalesce(sum(n), 0), count(*), min(n), coalesce(sum(n) FILTER (n < {k}), 0), coalesce(sum(n * n), 0) FROM {sizes}"
        ).fetchall()[0]
        few = connection.sql(f"SELECT n FROM {sizes} ORDER BY n LIMIT {SMALLEST}").fetchall()
        distinct = {
            name: connection.sql(
                f"SELECT count(DISTINCT {quoted(name)}) + coalesce(max(({quoted(name)} IS NULL)::INT), 0) FROM {source}"
            ).fetchall()[0][0]
            for name in quasi
        }
        diversity = {name: _diversity(connection, source, by, name) for name in sensitive}
    return {
        "rows": int(rows),
        "classes": classes,
        "smallest": least,
        "sizes": [size for (size,) in few],
        "short": int(short),
        "average": round(int(rows) / classes / k, 3) if classes else None,
        "discernibility": int(squares),
        "distinct": distinct,
        "diversity": diversity,
    }


def _diversity(connection: Any, source: str, by: str, column: str) -> dict[str, Any]:
    """A null is a value of its own."""
    least, entropy = connection.sql(
        f"""SELECT min(l), min(e) FROM (
            SELECT count(*) AS l, exp(-sum(n / total * ln(n / total))) AS e FROM (
                SELECT *, sum(n) OVER (PARTITION BY {by}) AS total FROM (
                    SELECT {by}, CAST({quoted(column)} AS VARCHAR) AS __value, count(*)::DOUBLE AS n
                    FROM {source} GROUP BY {by}, __value))
            GROUP BY {by})"""
    ).fetchall()[0]
    return {"distinct": least, "entropy": None if entropy is None else round(entropy, 3)}
