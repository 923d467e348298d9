"""What a few pairs say, found in the data files by the digest of their content."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from curate.export.checks.info import known_sets
from curate.export.checks.reading import Batch, read_lines, read_parquet
from curate.export.checks.views import content, schema_of, view
from curate.export.checks.words import Tally
from curate.sql import ask

#: characters of a quotation
LONG = 120


def quotes(release: Path, manifest: dict[str, Any], wanted: list[str]) -> dict[str, str]:
    """Digest -> the turns of that pair on one line, cut; what is not found is left out.

    Files are read until all are found: the first example of a large release may take seconds.
    """
    found: dict[str, str] = {}
    for known in known_sets(release, manifest).values():
        for file in known.files:
            schema, tally = schema_of(known.form), Tally()
            read = read_parquet(release / file, file, schema, tally) if file.endswith(".parquet") else None
            for batch in read or read_lines(release / file, schema, tally):
                if len(found) == len(set(wanted)):
                    return found
                if isinstance(batch, Batch) and batch.rows.height:
                    found |= _quoted(view(batch.rows), wanted)
    return found


def _quoted(seen: pl.DataFrame, wanted: list[str]) -> dict[str, str]:
    said = pl.element().struct.field("content")
    told = pl.coalesce(pl.col("turns").list.eval(said).list.join(" | "), "plain")
    worse = pl.col("worse").list.first().struct.field("content")
    rows = seen.select(content().alias("content"), told.alias("told"), worse.alias("worse")).with_row_index(
        "place"
    )
    digests = ask("SELECT md5(content) AS md5 FROM rows ORDER BY place", rows=rows)["md5"]
    hits = rows.with_columns(digests).filter(pl.col("md5").is_in(wanted))
    return {
        md5: _short(told + (f" ✗ {worse}" if worse else ""))
        for md5, told, worse in hits.select("md5", "told", "worse").iter_rows()
    }


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONG else line[: LONG - 1] + "…"
