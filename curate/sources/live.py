"""A table or query of a live database, read whole or from where the last run stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from curate.sources.corpus import Corpus
from curate.sources.database import Connection, address_of, connected, select
from curate.sources.fetch import State

#: a column that we ask for besides the source's own
EDGE = "curate_edge"


class LiveTable:
    """See ``fetch.Remote``."""

    def __init__(self, corpus: Corpus, workspace: Path) -> None:
        assert corpus.database
        self.database, self.workspace = corpus.database, workspace
        address = address_of(self.database)
        self.form = address.kind
        self.identity = [
            address.identity,
            self.database.model_dump(exclude={"url_env"}),
            corpus.key,
            corpus.columns,
        ]
        self.key = [corpus.columns.get(name, name) for name in corpus.key]

    def mark(self) -> None:
        """Nothing short of its rows tells whether a database has changed."""

    def frames(self, limit: int | None) -> Iterator[pl.DataFrame]:
        with connected(self.database, self.workspace) as connection:
            query = select(connection, self.database)
            if limit is not None:
                query = f"SELECT * FROM ({query}) AS source LIMIT {limit}"
            elif self.database.table and self.key:
                # the same rows in another order would be other parts
                query += f" ORDER BY {', '.join(map(connection.quoted, self.key))}"
            yield from connection.rows(query)


class GrowingTable(LiveTable):
    """See ``fetch.Growing``.

    With ``incremental`` rows are read whose value is at least the greatest seen (in a second that has ended more rows may
    have come), or null; those that were there already are left out. A changed row is read again and stands beside its
    older version, which ``dedupe: {same_key}`` takes out by ``updated_at``. Unseen stay rows that were deleted, and
    those that a transaction still open at the time of reading writes with a smaller value: delete ``runs/fetched`` to
    read all again.
    """

    def newer(self, state: State, edge: pl.DataFrame | None) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        with connected(self.database, self.workspace) as connection:
            source = select(connection, self.database)
            name = connection.quoted(str(self.database.incremental))
            since, state.greatest = state.greatest, connection.greatest(source, name)
            for rows in connection.rows(_newer(connection, source, name, since, state.greatest)):
                at_edge = rows.filter(pl.col(EDGE).cast(pl.Boolean)).drop(EDGE)
                yield _without(rows.drop(EDGE), edge), at_edge


def _newer(connection: Connection, source: str, name: str, since: Any, greatest: Any) -> str:
    edge, where = f"{name} IS NULL", ""
    if greatest is not None:
        edge += f" OR {name} = {connection.literal(greatest)}"
    if since is not None:
        where = f" WHERE {name} >= {connection.literal(since)} OR {name} IS NULL"
    return f"SELECT source.*, ({edge}) AS {connection.quoted(EDGE)} FROM ({source}) AS source{where} ORDER BY {name}"


def _without(rows: pl.DataFrame, known: pl.DataFrame | None) -> pl.DataFrame:
    """The rows that are not among the known ones."""
    if known is None or not rows.height or not known.height or set(known.columns) != set(rows.columns):
        return rows
    try:
        return rows.join(
            known.cast(rows.schema),
            on=rows.columns,
            how="anti",
            nulls_equal=True,
            maintain_order="left",
        )
    except pl.exceptions.InvalidOperationError:  # a column has another type now
        return rows
