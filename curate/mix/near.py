"""Near-duplicates among pairs: nearly the same question with nearly the same answer, and the same numbers in both."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.components import representatives
from curate.algorithms.minhash import F64, I64, NO_STOPS, Bools, Texts, choose_bands, jaccard
from curate.algorithms.numerals import numbers_in
from curate.algorithms.packed import U64, packed, sorted_unique, unpacked, written
from curate.algorithms.text import normal_forms
from curate.mix.form import Near
from curate.pairs import answer, question_text
from curate.rows import Table

#: One length of shingles for all: at 0.9 two texts are about equally long, and in a short one 3 characters weigh much.
N = 3
#: Every candidate is verified, so few may be missed.
RECALL = 0.97
#: As in dedupe: in larger buckets a pair meets the best and its neighbours.
FULL_BUCKET, STARS = 32, 8
COLUMNS = ["pair_id", "kind", "system", "instruction", "input", "output", "thought", "messages", "rejected"]
_TOKEN = re.compile(r"[a-z0-9][a-z0-9./:_-]*")


def near(tables: list[Table], ranked: pl.DataFrame, options: Near) -> pl.DataFrame:
    """(pair_id, of, similarity) of pairs that nearly repeat a better one of the same kind.

    Only training pairs of ``options.origins`` go, but against all pairs, those of the other splits included. Both the
    question and question with answer must be at least that similar, so another wording of a question stays; and they hold
    the same numbers and codes, so 1200家 never goes because of 3400家.

    Args:
        ranked: pair_id, kind, split, origin; from best to worst.
    """
    ranked = ranked.with_row_index("rank")
    judged = ranked.select(
        ((pl.col("split") == "train") & pl.col("origin").is_in(options.origins)).alias("judged")
    )["judged"].to_numpy()
    nothing = pl.DataFrame(schema={"pair_id": pl.String, "of": pl.String, "similarity": pl.Float64})
    if not judged.any():
        return nothing
    candidates = _candidates(tables, ranked, judged, options.threshold)
    if not len(candidates):
        return nothing
    better, worse, similarity = _verified(tables, ranked, candidates, options.threshold)
    of = representatives(ranked.height, better, worse, similarity)
    gone = np.flatnonzero(of >= 0)
    names = ranked["pair_id"]
    found = pl.DataFrame({"pair_id": names.gather(gone), "of": names.gather(of[gone])})
    of_edge = pl.DataFrame(
        {"pair_id": names.gather(worse), "of": names.gather(better), "similarity": similarity}
    )
    return found.join(of_edge, on=["pair_id", "of"], how="left", maintain_order="left")


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    told = pl.concat_str([answer(), pl.col("rejected").fill_null("")], separator="\n")
    return frame.select("pair_id", question_text().alias("asked"), told.alias("told")).with_columns(
        pl.concat_str("asked", "told", separator="\n").alias("all")
    )


def _candidates(tables: list[Table], ranked: pl.DataFrame, judged: Bools, threshold: float) -> U64:
    """Pairs of ranks that share a band, the worse of them judged."""
    bands = choose_bands(threshold, recall=RECALL)
    ranks, keys = [], []
    for table in tables:
        for frame in table.frames(COLUMNS):
            places = frame.select("pair_id").join(ranked, on="pair_id", how="left", maintain_order="left")[
                "rank"
            ]
            there = places.is_not_null()
            texts = Texts.of(normal_forms(_texts(frame.filter(there))["all"]))
            ranks.append(places.drop_nulls().to_numpy().astype(np.int64))
            keys.append(texts.band_keys(N, np.arange(len(ranks[-1])), NO_STOPS, bands)[0])
    every = np.concatenate(ranks)
    mine = judged[every]
    found: list[npt.NDArray[np.uint64]] = [np.zeros(0, np.uint64)]
    for band in range(bands[0]):
        column = np.concatenate([part[band] for part in keys])
        here = np.isin(column, column[mine])  # without a pair that may go there is nothing to decide
        pairs = _paired(np.sort(packed(column[here], every[here])))
        found.append(pairs[judged[unpacked(pairs)[1]]])
    return sorted_unique(np.concatenate(found))


def _paired(rows: U64) -> U64:
    from curate.algorithms import kernels

    return written(lambda out: kernels.paired(rows, FULL_BUCKET, STARS, out), room=2 * len(rows) + 64)


def _verified(
    tables: list[Table], ranked: pl.DataFrame, candidates: U64, threshold: float
) -> tuple[I64, I64, F64]:
    """Better, worse and similarity of the candidates that are near-duplicates; only their texts are held."""
    better, worse = unpacked(candidates)
    kinds = ranked["kind"].to_numpy()
    same = kinds[better] == kinds[worse]
    better, worse = better[same], worse[same]
    wanted = ranked[np.unique(np.concatenate([better, worse]))]
    texts = (
        pl.concat(
            _texts(frame.join(wanted.select("pair_id"), on="pair_id", how="semi", maintain_order="left"))
            for table in tables
            for frame in table.frames(COLUMNS)
        )
        .join(wanted.select("pair_id", "rank"), on="pair_id", how="left")
        .sort("rank")
    )
    at = {rank: place for place, rank in enumerate(texts["rank"])}
    left, right = (np.array([at[rank] for rank in side.tolist()], np.int64) for side in (better, worse))
    similarity = np.minimum(*(_jaccard(texts[column], left, right) for column in ("asked", "all")))
    whole = _jaccard(texts["all"], left, right)
    figures = [figures_in(text) for text in texts["all"]]
    alike = np.array([figures[a] == figures[b] for a, b in zip(left, right, strict=True)], bool)
    good = (similarity >= threshold) & alike
    return better[good], worse[good], whole[good]


def _jaccard(texts: pl.Series, left: I64, right: I64) -> F64:
    plain = normal_forms(texts)
    found = Texts.of(plain)
    similarity, _ = jaccard(found, left, found, right, N, NO_STOPS)
    # too short to be compared by shingles, but the same
    same = (plain.gather(left) == plain.gather(right)).to_numpy()
    return np.where(same, 1.0, similarity)


def figures_in(text: str) -> tuple[list[str], list[str]]:
    """What two texts must share to tell the same facts: their numbers in order of size, and all written with digits or
    Latin letters.
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    return sorted(str(number.value.normalize()) for number in numbers_in(plain)), sorted(
        _TOKEN.findall(plain)
    )
