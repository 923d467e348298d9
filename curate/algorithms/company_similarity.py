"""How likely two company names mean one company, from their parts.

The similarity of the cores, times a factor for each other part. What the factors say, the field taught us: a legal
form changes in a company's life; a bracket, 市 or the place are left out; but another city, trade, number or branch is
another company, however alike the strings are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.pinyin import pinyin
from curate.algorithms.similarity import contains, pairwise

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

#: Both have the part and it says something else.
OTHER = {"place": 0.55, "industry": 0.6, "legal": 0.98, "partnership": 0.6, "branch": 0.4, "digits": 0.5}
#: One has the part and the other not.
MISSING = {"place": 0.96, "industry": 0.92, "legal": 0.99, "group": 0.92, "branch": 0.5, "digits": 0.6}
#: The place is missing, and the corpus knows the name in several places; one trade within the other (投资, 股权投资).
AMBIGUOUS_PLACE, WITHIN = 0.905, 0.92
#: A company of the province and one of its city are two registers; a district is only said or not.
WITHIN_PROVINCE, WITHIN_CITY = 0.93, 0.97
#: Cores: same sound with other characters; at most for cores that differ in a character, and for long ones.
SAME_SOUND, ALMOST, ALMOST_LONG = 0.9, 0.88, 0.92


def with_context(parts: pl.DataFrame) -> pl.DataFrame:
    """``parts`` of company_names with what similarity needs besides: ``sound`` of the core, ``places``: in how many
    places that do not lie in each other the corpus has this core and industry.
    """
    first = pl.when(pl.col("place").is_in(["", "0"])).then(None).otherwise(pl.col("place").str.slice(0, 2))
    return parts.with_columns(
        pinyin(parts["core"]).alias("sound"),
        first.n_unique().over("core", "industry").alias("places")
        - first.is_null().any().over("core", "industry"),
    )


def company_similarity(parts: pl.DataFrame, left: I64, right: I64) -> F64:
    """0..1 for each pair of rows of ``with_context(company_names(...))``."""
    found = core_similarity(parts, left, right)
    for name in ("place", "industry", "legal", "group", "branch", "digits"):
        found *= _factor(parts, name, left, right)
    return found


def core_similarity(parts: pl.DataFrame, left: I64, right: I64) -> F64:
    """1 for equal cores, 0.9 for homophones, else by edit distance and below 0.9.

    Two characters say too little for a share of them to mean anything: 昌建 and 昌运 are two companies.
    """
    from rapidfuzz.distance import OSA
    from rapidfuzz.fuzz import token_sort_ratio

    core, sound = parts["core"], parts["sound"]
    found = pairwise(OSA.normalized_similarity, core, left, right)
    latin = core.str.contains("^[a-z0-9&+ ]+$").to_numpy()
    words = np.flatnonzero(latin[left] & latin[right])
    found[words] = np.maximum(found[words], pairwise(token_sort_ratio, core, left[words], right[words]))
    length = core.str.len_chars().to_numpy()
    shorter = np.minimum(length[left], length[right])
    equal = found >= 1.0
    # one wrong character of four is a slip, one of two is another name
    most = np.where(shorter >= 6, ALMOST_LONG, ALMOST)
    found = np.where(equal, 1.0, np.minimum(found * np.where(shorter >= 4, 1.1, 0.95), most))
    ranks = sound.rank("dense").to_numpy()
    alike = (ranks[left] == ranks[right]) & ~equal
    return np.where(alike, np.where(shorter >= 3, SAME_SOUND, ALMOST), found)


def _factor(parts: pl.DataFrame, name: str, left: I64, right: I64) -> F64:
    values = parts[name]
    one, other = values.gather(left), values.gather(right)
    same = (one == other).to_numpy()
    missing = ((one == "") != (other == "")).to_numpy()
    factor = np.where(missing, MISSING[name], OTHER.get(name, MISSING[name]))
    if name == "place":
        factor = _place_factor(parts, left, right, factor)
    elif name in ("industry", "branch"):
        within = contains(values, left, right) & ~same
        factor = np.where(within, WITHIN, factor)
    elif name == "legal":
        partner = ((one == "合伙") | (other == "合伙")).to_numpy() & ~missing
        factor = np.where(partner, OTHER["partnership"], factor)
    return np.where(same, 1.0, factor)


def _place_factor(parts: pl.DataFrame, left: I64, right: I64, factor: F64) -> F64:
    """China as a whole is as good as no place; one place within the other is the same place."""
    places = parts.select(pl.col("place").replace("0", "")).to_series()
    one, other = places.gather(left), places.gather(right)
    blank = ((one == "") | (other == "")).to_numpy()
    both = ((one == "") & (other == "")).to_numpy()
    pairs = pl.DataFrame({"one": one, "other": other})
    nested = (
        pairs.select(
            pl.col("one").str.starts_with(pl.col("other")) | pl.col("other").str.starts_with(pl.col("one"))
        )
        .to_series()
        .to_numpy()
    )
    several = parts["places"].to_numpy() > 1
    missing = np.where(several[left] | several[right], AMBIGUOUS_PLACE, MISSING["place"])
    province = ((one.str.len_chars() == 2) | (other.str.len_chars() == 2)).to_numpy()
    inside = np.where(province, WITHIN_PROVINCE, WITHIN_CITY)
    return np.where(both, 0.99, np.where(blank, missing, np.where(nested, inside, factor)))
