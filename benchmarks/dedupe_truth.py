"""What is true of a corpus, computed without curate's code: similarity in plain Python, and all similar pairs.

The definition is the one that ``curate catalogue minhash`` states: Jaccard similarity of the sets of character shingles
of the normal form, of 2 characters where the shorter text has up to 30, of 3 up to 200, of 5 above.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

I64 = npt.NDArray[np.int64]

#: The normal form leaves these out, and white space.
IDLE = frozenset("，。！？、；：“”‘’（）《》〈〉【】「」『』…—～·!?;\"'()[]{}<>~")
#: (shingle length, greatest length of the shorter text)
SPANS = ((2, 30), (3, 200), (5, 1 << 30))


@lru_cache(200_000)
def plain(text: str) -> str:
    """The normal form, letter by letter."""
    bare = "".join(letter for letter in text if letter not in IDLE and not letter.isspace())
    return "".join(unicodedata.normalize("NFKC", bare).lower().split())


def shingles(text: str, n: int) -> set[str]:
    """The n-character pieces of a text in normal form; a shorter text is one piece, an empty one has none."""
    return {text[place : place + n] for place in range(max(1, len(text) - n + 1))} if text else set()


def size_of(one: str, other: str) -> int:
    """The length of the shingles that two texts in normal form are measured with."""
    return next(n for n, most in SPANS if min(len(one), len(other)) <= most)


def similarity(one: str, other: str, n: int | None = None) -> float:
    """Exact Jaccard similarity of two raw texts. ``n``: shingles of this length whatever the length of the texts."""
    one, other = plain(one), plain(other)
    n = n or size_of(one, other)
    a, b = shingles(one, n), shingles(other, n)
    return len(a & b) / len(a | b) if a and b else 0.0


def all_similar(
    texts: pl.Series, threshold: float = 0.8, n: int | None = None
) -> list[tuple[int, int, float]]:
    """Every pair (places, the smaller first) of texts at least ``threshold`` similar, and how similar: an exact join
    by prefix filter (Chaudhuri, Ganti, Kaushik 2006; Xiao et al., *PPJoin*, 2008).

    Two sets that are similar enough share one of their rarest shingles. Shingles are numbered, not hashed.
    """
    told = [plain(text) for text in texts]
    lengths = np.array([len(text) for text in told])
    found: dict[tuple[int, int], float] = {}
    for size, most in [(n, 1 << 30)] if n else SPANS:
        least = 1 if n else next((m + 1 for s, m in reversed(SPANS) if s < size), 1)
        # the shorter text of a pair decides; beyond 2/threshold times its length the longer one has too many shingles
        here = np.flatnonzero((lengths >= least) & (lengths <= 2 * most / threshold))
        for one, other in _candidates([told[place] for place in here], size, threshold):
            a, b = int(here[one]), int(here[other])
            if least <= min(lengths[a], lengths[b]) <= most:
                value = similarity(told[a], told[b], size)
                if value >= threshold:
                    found[min(a, b), max(a, b)] = value
    return [(a, b, value) for (a, b), value in sorted(found.items())]


def _candidates(texts: list[str], n: int, threshold: float) -> list[tuple[int, int]]:
    """Pairs that share one of their rarest shingles and whose sizes allow the threshold."""
    if not texts:
        return []
    place, size = pl.int_range(pl.len()).over("owner"), pl.len().over("owner")
    prefix = (
        _sets(texts, n)
        .with_columns(rarity=pl.len().over("token"), size=size)
        .sort("owner", "rarity", "token")
        .filter(place < pl.col("size") - (threshold * pl.col("size") - 1e-9).ceil() + 1)
        .filter(pl.len().over("token") > 1)
        .select("token", "owner", "size", part=pl.col("token") % 16)
    )
    pairs: list[tuple[int, int]] = []
    for part in prefix.partition_by("part"):  # bounds the memory of the join
        both = part.join(part, on="token", suffix="_b").filter(
            pl.col("owner") < pl.col("owner_b"),
            pl.min_horizontal("size", "size_b") >= threshold * pl.max_horizontal("size", "size_b"),
        )
        pairs += both.select("owner", "owner_b").unique().iter_rows()
    return sorted(set(pairs))


def _sets(texts: list[str], n: int) -> pl.DataFrame:
    """The columns owner (place of the text) and token (number of a shingle): the members of every set, once each."""
    lengths = np.array([len(text) for text in texts])
    pad = n - 1  # a text shorter than n is one shingle, and shingles must not reach into the next text
    codes = np.frombuffer("".join(text + "\0" * pad for text in texts).encode("utf-32-le"), dtype=np.uint32)
    known = np.bincount(codes) > 0
    letters, count = (np.cumsum(known) - 1)[codes], int(known.sum())
    token, largest = letters, count
    for step in range(1, n):
        if largest * count >= 1 << 63:  # numbered anew, from 0: no two shingles share a number
            token = pl.Series(token).rank("dense").to_numpy().astype(np.int64) - 1
            largest = int(token.max()) + 1
        token = token * count + np.concatenate([letters[step:], np.zeros(step, dtype=np.int64)])
        largest *= count
    begin = np.cumsum(lengths + pad) - lengths - pad
    counts = np.where(lengths > 0, np.maximum(lengths - n + 1, 1), 0)
    owner = np.repeat(np.arange(len(texts)), counts)
    inside = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + begin[owner]
    return pl.DataFrame({"owner": owner, "token": token[inside]}).unique()
