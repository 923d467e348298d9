"""Read every row of a release once: name what is wrong with it, and keep what the checks of the whole need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from curate.algorithms.personal_data import Kind
from curate.export.checks.finding import Finding
from curate.export.checks.reading import Batch, first_bytes, read_lines, read_parquet
from curate.export.checks.rows import check_rows, name_rows
from curate.export.checks.views import TOOL_ROLES, content, question, schema_of, view
from curate.export.checks.words import Tally
from curate.export.formats import Format
from curate.export.tokens import Lengths, fits
from curate.pairs import THINK
from curate.sql import ask

#: An estimate is on the large side: this much over the cutoff, and the row is certainly too long.
OVER = 1.3
#: Tokens that a template adds at the most: a system text of its own, and what it says of tools. The marks of the turns
#: are fewer than the characters of JSON around them.
ADDED = 300
#: One row: its file and line, digest of its content and of its question, does it think, does it call or list tools, was
#: it liked (null where nobody was asked)?
SEEN = {
    "file": pl.String, "line": pl.Int64, "content_md5": pl.String, "question": pl.UInt64,
    "thinks": pl.Boolean, "tools": pl.Boolean, "liked": pl.Boolean,
}  # fmt: skip


@dataclass(frozen=True)
class Limit:
    """What a row must fit into.

    Attributes:
        lengths: kind of pair -> what counts its tokens.
        known: hashes, sorted, of the contents whose tokens were counted when the release was made, and fit.
    """

    cutoff: int
    lengths: dict[str, Lengths]
    known: pl.Series


def scan(
    folder: Path, file: str, form: Format, kinds: Sequence[Kind], limit: Limit | None
) -> tuple[pl.DataFrame, list[Finding]]:
    """The rows of one file as ``SEEN``, and what is wrong with them.

    Args:
        file: relative to ``folder``.
        kinds: the personal data that must not be there.
        limit: None for files that LLaMA-Factory does not read.
    """
    tally, found, parts = Tally(), [], [pl.DataFrame(schema=SEEN)]
    early = first_bytes(folder / file, file) if file.endswith(".jsonl") else None
    if early:
        found.append(early)
    for batch in _batches(folder / file, file, form, tally):
        if isinstance(batch, Finding):
            found.append(batch)
        elif batch.rows.height:
            parts.append(_look(batch, file, form, kinds, limit, tally))
    return pl.concat(parts), [*found, *tally.findings(file)]


def _batches(path: Path, file: str, form: Format, tally: Tally) -> Iterator[Batch | Finding]:
    schema = schema_of(form)
    if file.endswith(".parquet"):
        yield from read_parquet(path, file, schema, tally)
    else:
        yield from read_lines(path, schema, tally)


def _look(
    batch: Batch, file: str, form: Format, kinds: Sequence[Kind], limit: Limit | None, tally: Tally
) -> pl.DataFrame:
    """Check one batch; what is kept of it."""
    seen = view(batch.rows)
    allowed = form.path.endswith("_chat") or form.path.startswith("huggingface")
    check_rows(seen, batch.text, allowed, kinds, tally)
    roles = pl.col("turns").list.eval(pl.element().struct.field("role").is_in(TOOL_ROLES)).list.any()
    last = pl.col("turns").list.get(-1, null_on_oob=True).struct.field("content")
    kept = seen.select(
        pl.lit(file).alias("file"), "line", content().alias("content"), question().hash().alias("question"),
        last.str.starts_with(THINK).fill_null(False).alias("thinks"),
        ((pl.col("tools") != "") | roles.fill_null(False)).alias("tools"), "liked",
    )  # fmt: skip
    kept = ask(
        "SELECT file, line, md5(content) AS content_md5, question, thinks, tools, liked FROM kept ORDER BY place",
        kept=kept.with_row_index("place"),
    )
    if limit is not None:
        _too_long(seen.with_columns(kept["content_md5"]), batch.text, kind_of(form), limit, tally)
    return kept.cast(SEEN)  # type: ignore[arg-type]


def kind_of(form: Format) -> str:
    """The kind of pair that a format holds."""
    ending = form.path.rpartition("_")[2]
    return ending if ending in ("preference", "kto", "pretrain") else "sft"


def _too_long(seen: pl.DataFrame, text: pl.Series, kind: str, limit: Limit, tally: Tally) -> None:
    lengths = limit.lengths[kind]
    # no token is shorter than a byte, and none is estimated at more than one and a half a character
    most = text.str.len_bytes() if lengths.measured else text.str.len_chars() * 1.5
    rows = seen.filter(most.cast(pl.Float64) + ADDED > limit.cutoff)
    if not lengths.measured:
        rows = rows.filter(~_among(limit.known, rows["content_md5"].hash()))
    if rows.is_empty():
        return
    tokens = _tokens(rows, kind, lengths)
    over = ~fits(tokens, limit.cutoff) if lengths.measured else tokens > OVER * limit.cutoff
    name_rows("long", rows.with_columns(tokens.alias("tokens")).filter(over), tally, "tokens")


def _among(known: pl.Series, values: pl.Series) -> pl.Series:
    """Which values are among the ``known``, which are sorted: for a few values that are looked up in a million."""
    if known.is_empty() or values.is_empty():
        return pl.Series([False] * len(values), dtype=pl.Boolean)
    place = known.search_sorted(values).clip(upper_bound=len(known) - 1)
    return known.gather(place) == values


def _tokens(rows: pl.DataFrame, kind: str, lengths: Lengths) -> pl.Series:
    if kind == "pretrain":
        return lengths.text(rows["plain"])
    if kind == "preference":
        sides = rows.select(
            "turns", pl.col("turns").list.head(pl.col("turns").list.len() - 1).list.concat("worse").alias("b")
        )
        counted = lengths.preference(sides["turns"], sides["b"])
        return counted.select(pl.col("prompt") + pl.max_horizontal("chosen", "rejected")).to_series()
    return lengths.conversation(rows["turns"], rows["tools"], "kto" if kind == "kto" else "sft")
