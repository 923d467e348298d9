"""Tokens and n-grams of many texts at once."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ids = NDArray[np.uint64]
Rows = NDArray[np.int64]

#: What stands alone in Chinese text: Han, kana radicals and full-width marks; the ranges of sacreBLEU's ``zh``.
_ALONE = (
    r"[\p{Han}\x{2E80}-\x{2EFF}\x{2F00}-\x{2FDF}\x{2FF0}-\x{2FFF}\x{3000}-\x{303F}\x{3100}-\x{312F}"
    r"\x{31A0}-\x{31BF}\x{31C0}-\x{31EF}\x{3200}-\x{33FF}\x{2001}-\x{2A6D}\x{FE10}-\x{FE1F}\x{FE30}-\x{FE4F}"
    r"\x{FF00}-\x{FFEF}]"
)
#: odd 64-bit constant of splitmix64 (Steele et al. 2014): a product by it spreads numbers over 64 bits
SPREAD = np.uint64(0x9E3779B97F4A7C15)


def words(text: pl.Expr) -> pl.Expr:
    """Tokens as sacreBLEU's ``zh`` makes them (Post 2018): each Chinese character and mark alone, Latin words
    and numbers (``1,200.5``) whole. A list of texts; empty for an empty text.
    """
    return (
        text.str.replace_all(f"({_ALONE})", " $1 ")
        .str.replace_all(r"([\{-~\[-` -\&\(-\+:-@/])", " $1 ")
        .str.replace_all(r"([^0-9])([.,])", "$1 $2 ")
        .str.replace_all(r"([.,])([^0-9])", " $1 $2")
        .str.replace_all(r"([0-9])(-)", "$1 $2 ")
        .str.extract_all(r"\S+")
    )


def word_ids(texts: pl.Series) -> tuple[Rows, Ids]:
    """Row and identity of each word of all texts, in order."""
    tokens = pl.DataFrame({"text": texts}).select(words(pl.col("text")).alias("token"))["token"]
    rows = np.repeat(np.arange(len(texts)), tokens.list.len().to_numpy())
    return rows, tokens.explode(empty_as_null=False).hash(seed=0).to_numpy()


def char_ids(texts: pl.Series) -> tuple[Rows, Ids]:
    """Row and identity of each character of all texts, in order."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32)
    # spread over 64 bits, so that the sums in ``grams`` do not meet
    spread = (codes.astype(np.uint64) + np.uint64(1)) * SPREAD
    spread ^= spread >> np.uint64(29)
    return np.repeat(np.arange(len(texts)), texts.str.len_chars().to_numpy()), spread * SPREAD


def grams(rows: Rows, ids: Ids, n: int) -> tuple[Rows, Ids]:
    """Row and identity (a 64-bit polynomial hash) of each run of ``n`` tokens that lies in one row."""
    count = len(ids) - n + 1
    if count <= 0:
        return rows[:0], ids[:0]
    found: Ids = np.zeros(count, np.uint64)
    for at in range(n):
        found = found * SPREAD + ids[at : at + count]
    whole = rows[:count] == rows[n - 1 :]
    return rows[:count][whole], found[whole]
