"""Boilerplate that is learned: lines, beginnings and ends of texts that many texts of a corpus share.

Found by frequency, shown to a person, and removed only when that person confirms it: what many texts share may be
the best of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

#: (where, line) -> in how many texts it stands: ``line``, a line of its own; ``head``, the text begins with it;
#: ``tail``, the text ends in it.
COUNTS = {"where": pl.String, "line": pl.String, "rows": pl.UInt32}
#: Lengths of what may be boilerplate, in characters. A shorter line is a heading or a list item of many texts.
SHORTEST, LONGEST = 5, 120
#: A candidate stands in so many texts, and in this share of them.
LEAST_ROWS, LEAST_SHARE, MOST_CANDIDATES = 10, 0.003, 200
#: Of one beginning within a longer one the longer is told, when it has at least this share of the rows.
SAME = 0.8
#: Lines kept in memory while counting: about 100 bytes each.
MOST_LINES = 1_000_000
#: Where a beginning may end, and what an end may begin with or behind.
_STOPS = r"：:，,。！？!?）)】\]》>」”\s"
_HEADS = [rf"^((?:[^{_STOPS}]*[{_STOPS}]+){{{cuts}}})" for cuts in (1, 2, 3)]
_TAILS = [
    r"([（(【\[<][^（(【\[<]*)$",
    r"([^。！？!?…；;\s）)】\]]+[。！？!?…]*)$",
    r"[。！？!?…]\s*([^。！？!?…]+[。！？!?…]*)$",
]


class LineCounter:
    """Counts lines, beginnings and ends over the frames of a corpus in bounded memory.

    Lossy counting (Manku and Motwani, 2002): when more than ``most`` different lines are known, the rarest are
    forgotten. A count is never too high and at most ``missed`` too low. A text that is an exact copy of an earlier one
    counts once: what only copies share is no boilerplate.
    """

    def __init__(self, most: int = MOST_LINES) -> None:
        self.most, self.texts, self.missed = most, 0, 0
        self._counts = pl.DataFrame(schema=COUNTS)
        self._seen = pl.Series("seen", [], pl.UInt64)

    def add(self, texts: pl.Series) -> None:
        rows = pl.DataFrame({"text": texts}).drop_nulls().unique(maintain_order=True)
        rows = rows.with_columns(pl.col("text").hash().alias("seen"))
        fresh = rows.filter(~pl.col("seen").is_in(self._seen.implode()))
        self._seen = pl.concat([self._seen, fresh["seen"]])
        self.texts += fresh.height
        known = [self._counts, segments(fresh["text"])]
        counts = pl.concat(known).group_by("where", "line").agg(pl.col("rows").sum())
        while counts.height > self.most:
            rarest = int(counts["rows"].quantile(0.5, "lower") or 1)
            counts, self.missed = counts.filter(pl.col("rows") > rarest), self.missed + rarest
        self._counts = counts

    def candidates(self) -> pl.DataFrame:
        """``COUNTS`` and ``share``, of all different texts; the most frequent first."""
        least = max(LEAST_ROWS, LEAST_SHARE * self.texts)
        often = (
            self._counts.filter(pl.col("rows") >= least)
            .sort(
                ["rows", pl.col("line").str.len_chars(), "where", "line"],
                descending=[True, True, False, False],
            )
            .head(5 * MOST_CANDIDATES)
        )
        return (
            often.filter(_says_more(often))
            .head(MOST_CANDIDATES)
            .with_columns((pl.col("rows") / max(1, self.texts)).round(4).alias("share"))
        )


def segments(texts: pl.Series) -> pl.DataFrame:
    """``COUNTS`` of some texts: what in each of them might be boilerplate, once a text."""
    rows = pl.DataFrame({"row": pl.int_range(len(texts), eager=True), "text": texts.str.strip_chars()})
    found = [_lines(rows), *_parts(rows, "head", _HEADS), *_parts(rows, "tail", _TAILS)]
    return (
        pl.concat(found)
        .with_columns(pl.col("line").str.strip_chars())
        .filter(pl.col("line").str.len_chars().is_between(SHORTEST, LONGEST))
        .unique(["row", "where", "line"])
        .group_by("where", "line")
        .agg(pl.len().cast(pl.UInt32).alias("rows"))
        .select(*COUNTS)
    )


def _lines(rows: pl.DataFrame) -> pl.DataFrame:
    several = rows.filter(pl.col("text").str.contains("\n", literal=True))
    lines = several.select("row", pl.col("text").str.split("\n").alias("line")).explode("line")
    return lines.with_columns(pl.lit("line").alias("where"))


def _parts(rows: pl.DataFrame, where: str, patterns: list[str]) -> Iterator[pl.DataFrame]:
    """Beginnings of the first line or ends of the last one; a whole text is none."""
    at = 0 if where == "head" else -1
    line = pl.col("text").str.split("\n").list.get(at)
    near = rows.select("row", "text", line.alias("edge"))
    for pattern in patterns:
        part = near.select("row", "text", pl.col("edge").str.extract(pattern).alias("line"))
        part = part.filter(pl.col("line").is_not_null() & (pl.col("line") != pl.col("text")))
        yield part.select("row", "line", pl.lit(where).alias("where"))


def _says_more(often: pl.DataFrame) -> pl.Series:
    """Whether each candidate is worth telling beside the others: no part of a longer one that is nearly as frequent,
    no longer form of a more frequent one, and no beginning or end that is mostly a line of its own.
    """
    told: list[tuple[str, str, int]] = []
    all_of = list(often.iter_rows())

    def is_part(where: str, short: str, long: str) -> bool:
        return short != long and (long.startswith(short) if where == "head" else long.endswith(short))

    for where, line, rows in all_of:
        same = [(longer, count) for kind, longer, count in all_of if kind == where != "line"]
        if (
            any(count >= SAME * rows and is_part(where, line, longer) for longer, count in same)
            or any(kind == where != "line" and is_part(where, shorter, line) for kind, shorter, _ in told)
            or any(
                kind == "line" != where and line == whole and n >= SAME * rows for kind, whole, n in all_of
            )
        ):
            continue
        told.append((where, line, rows))
    kept = {(where, line) for where, line, _ in told}
    return pl.Series([(where, line) in kept for where, line, _ in all_of], dtype=pl.Boolean)
