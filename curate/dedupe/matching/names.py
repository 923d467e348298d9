"""Names of companies and of people: how they are written, found and compared."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.company_name import company_parts
from curate.algorithms.company_similarity import with_context
from curate.algorithms.person_name import person_sound
from curate.algorithms.similarity import pairwise
from curate.dedupe.matching.keys import Keys

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]


#: A pair of characters in more cores than this says nothing.
RARE = 16


def company_values(forms: pl.Series) -> pl.DataFrame:
    parts = company_parts(forms).with_columns(forms)
    return with_context(parts).with_columns(pl.concat_str("core", "industry", "place").alias("finer"))


def company_keys(values: pl.DataFrame) -> list[Keys]:
    """Equal cores, cores that sound alike, cores that differ in a character before one trade, a rare pair of
    characters in both cores.
    """
    place = np.arange(values.height)
    core = values["core"]
    told = pl.DataFrame({"place": place, "core": core, "industry": values["industry"]})
    long = told.filter(pl.col("core").str.len_chars() >= 2)
    return [
        Keys("core", pl.DataFrame({"place": place, "key": core})),
        Keys("sound", pl.DataFrame({"place": place, "key": values["sound"]})),
        Keys("one_character", _without_one(told)),
        Keys("rare_characters", _bigrams(long), rare=RARE),
    ]


def _without_one(told: pl.DataFrame) -> pl.DataFrame:
    """Each core with one character left out, and the trade behind it: cores one edit apart share one of them. Of three
    characters or less one that differs makes another name: no need to compare.
    """
    length = pl.col("core").str.len_chars()
    cut = (
        told.filter(length >= 4)
        .with_columns(length.clip(upper_bound=8).alias("times"))
        .with_columns(pl.int_ranges("times").alias("out"))
        .explode("out")
    )
    key = pl.concat_str(
        pl.col("core").str.slice(0, pl.col("out")),
        pl.col("core").str.slice(pl.col("out") + 1),
        pl.lit("|"),
        "industry",
    )
    return cut.select("place", key=key).unique()


def _bigrams(told: pl.DataFrame) -> pl.DataFrame:
    length = pl.col("core").str.len_chars()
    cut = (
        told.filter(length >= 3)
        .with_columns((length - 1).clip(upper_bound=11).alias("times"))
        .with_columns(pl.int_ranges("times").alias("at"))
        .explode("at")
    )
    return cut.select("place", key=pl.col("core").str.slice(pl.col("at"), 2)).unique()


def person_values(forms: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"form": forms, "sound": person_sound(forms)})


def person_keys(values: pl.DataFrame) -> list[Keys]:
    place = np.arange(values.height)
    return [
        Keys("name", pl.DataFrame({"place": place, "key": values["form"]})),
        Keys("sound", pl.DataFrame({"place": place, "key": values["sound"]})),
    ]


def person_pairs(values: pl.DataFrame, left: I64, right: I64) -> F64:
    """Equal 1, equal in sound 0.9; Latin names by Jaro-Winkler; Chinese ones of other characters at most 0.6."""
    from rapidfuzz.distance import OSA, JaroWinkler

    form, sound = values["form"], values["sound"]
    latin = ~form.str.contains(r"\p{Han}").to_numpy()
    both = latin[left] & latin[right]
    found = np.minimum(pairwise(OSA.normalized_similarity, form, left, right), 0.6)
    words = np.flatnonzero(both)
    found[words] = np.minimum(
        pairwise(JaroWinkler.normalized_similarity, form, left[words], right[words]), 0.97
    )
    ranks = sound.rank("dense").to_numpy()
    return np.where(ranks[left] == ranks[right], np.maximum(found, 0.9), found)
