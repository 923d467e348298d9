"""BLEU and ROUGE: how much of the reference the answers repeat, all rows at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.evaluate.tokens import Ids, Rows, char_ids, grams, word_ids

Floats = NDArray[np.float64]

#: longest n-gram of BLEU
ORDER = 4
#: what corpus BLEU is computed from; they add up over rows
SUMS = [*(f"match{n}" for n in range(1, 5)), *(f"total{n}" for n in range(1, 5)), "length", "wanted"]
#: rows at once, so that the n-grams fit in memory
_BATCH = 10_000


def overlap(answers: pl.Series, references: pl.Series) -> pl.DataFrame:
    """One row a pair of texts: ``bleu4``, ``rouge1``, ``rouge2``, ``rougeL`` in 0..1, and ``SUMS``.

    ``bleu4``: sentence BLEU over single characters with smoothing 3 of Chen & Cherry (2014): the figure that
    LLaMA-Factory reports as ``predict_bleu-4`` (there times 100). ``SUMS`` and ROUGE (Lin 2004, F1) count
    words: Chinese characters one by one, Latin words and numbers whole. All are case-sensitive.
    """
    parts = []
    for start in range(0, len(answers), _BATCH):
        parts.append(_overlap(answers[start : start + _BATCH], references[start : start + _BATCH]))
    return pl.concat(parts) if parts else _overlap(answers, references)


def _overlap(answers: pl.Series, references: pl.Series) -> pl.DataFrame:
    count = len(answers)
    match, total, wanted = _matches(char_ids(answers), char_ids(references), count)
    sentence = bleu(match, total, wanted[:, 0], smooth=True)
    hyp, ref = word_ids(answers), word_ids(references)
    match, total, wanted = _matches(hyp, ref, count)
    longest = _longest(hyp, ref, count)
    columns = {
        "bleu4": sentence,
        "rouge1": f1(match[:, 0], total[:, 0], wanted[:, 0]),
        "rouge2": f1(match[:, 1], total[:, 1], wanted[:, 1]),
        "rougeL": f1(longest, total[:, 0], wanted[:, 0]),
    }
    sums = np.column_stack([match, total, total[:, 0], wanted[:, 0]])
    return pl.DataFrame({**columns, **{name: sums[:, at] for at, name in enumerate(SUMS)}})


def bleu(match: Floats, total: Floats, wanted: Floats, *, smooth: bool = False) -> Floats:
    """BLEU-4 (Papineni et al. 2002) with its brevity penalty, in 0..1.

    Args:
        match: clipped matches of 1- to 4-grams, (..., 4).
        total: n-grams of the answers, (..., 4); ``total[..., 0]`` is their length.
        wanted: length of the references, (...).
        smooth: the k-th order without a match counts as 1/2^k matches (Chen & Cherry 2014, method 3).
    """
    match, total = np.asarray(match, float), np.asarray(total, float)
    length, none = total[..., 0], match == 0
    total = np.maximum(total, 1)
    if smooth:
        match = np.where(none, 0.5 ** np.cumsum(none, axis=-1), match)
    empty = none[..., 0] if smooth else none.any(axis=-1)
    precision = np.log(np.where(empty[..., None], 1.0, match / total)).mean(axis=-1)
    brevity = np.minimum(0.0, 1 - wanted / np.maximum(length, 1))
    found: Floats = np.where(empty, 0.0, np.exp(precision + brevity))
    return found


def f1(match: Floats, total: Floats, wanted: Floats) -> Floats:
    """2·match / (total + wanted): the harmonic mean of precision and recall; 0 where nothing is compared."""
    both = np.asarray(total, float) + wanted
    found: Floats = 2 * np.asarray(match, float) / np.where(both == 0, 1, both)
    return found


def _matches(hyp: tuple[Rows, Ids], ref: tuple[Rows, Ids], count: int) -> tuple[Floats, Floats, Floats]:
    """Clipped matches, and n-grams of both sides: (count, 4) each."""
    match, total, wanted = (np.zeros((count, ORDER)) for _ in range(3))
    for n in range(1, ORDER + 1):
        counted = []
        for (rows, ids), size in ((hyp, total), (ref, wanted)):
            at, gram = grams(rows, ids, n)
            size[:, n - 1] = np.bincount(at, minlength=count)
            counted.append(pl.DataFrame({"row": at, "gram": gram}).group_by("row", "gram").len())
        both = counted[0].join(counted[1], on=["row", "gram"])
        times = both.select(pl.min_horizontal("len", "len_right")).to_series()
        match[:, n - 1] = np.bincount(both["row"], weights=times, minlength=count)
    return match, total, wanted


def _longest(hyp: tuple[Rows, Ids], ref: tuple[Rows, Ids], count: int) -> Floats:
    """Length of the longest common subsequence of each pair."""
    from rapidfuzz.distance import LCSseq
    from rapidfuzz.process import cpdist

    def apart(rows: Rows, ids: Ids) -> Any:  # arrays of numbers are sequences to rapidfuzz, not to its types
        return np.split(ids, np.searchsorted(rows, np.arange(1, count)))

    if not count:
        return np.zeros(0)
    scorer: Any = LCSseq.similarity
    found: Floats = cpdist(apart(*hyp), apart(*ref), scorer=scorer, dtype=np.float64)
    return found
