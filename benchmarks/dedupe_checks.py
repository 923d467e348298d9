"""What a run of dedupe got right: planted pairs, all pairs of a sample, false removals, templates, determinism.

Similarity is that of ``dedupe_truth``, in plain Python: nothing here asks curate how similar two rows are.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.dedupe_corpora import Corpus, corpus, family
from benchmarks.dedupe_stage import METHODS, Deduped, stage
from benchmarks.dedupe_truth import all_similar, plain, shingles, similarity, size_of

THRESHOLD = 0.8
#: Removed rows that are looked at; all of them below this.
CHECKED = 20_000


def dropped(run: Deduped) -> pl.DataFrame:
    """row_id, of, reason, similarity, genre of the removed rows."""
    columns = ["row_id", "of", "reason", "similarity", "genre"]
    return pl.concat(pl.read_parquet(path, columns=columns) for path in run.dropped)


def planted(whole: Corpus, gone: pl.DataFrame) -> dict[str, Any]:
    """Of the planted pairs with exact J >= 0.8 the share of which one row was removed, by kind."""
    truth = whole.truth
    texts = whole.texts(pl.concat([truth["row_id"], truth["of"]]))
    removed = set(gone["row_id"])
    told: dict[str, Any] = {}
    for kind in ("near", "exact", "template"):
        pairs = list(truth.filter(pl.col("kind") == kind).select("row_id", "of").iter_rows())
        true = [pair for pair in pairs if similarity(texts[pair[0]], texts[pair[1]]) >= THRESHOLD]
        found = sum(pair[0] in removed or pair[1] in removed for pair in true)
        told[kind] = {
            "planted": len(pairs),
            "J >= 0.8": len(true),
            "found": found,
            "recall": round(found / len(true), 5) if true else None,
        }
    return told


def sampled(whole: Corpus, gone: pl.DataFrame, rows: int) -> dict[str, Any]:
    """The same for every pair with exact J >= 0.8 in a sample of ``rows`` rows, found by an exact join.

    Half of the sample are planted pairs, so that it holds enough of them. Left out are pairs of which one has fewer
    than five shingles: 好评 and 好 评价 are no copies by rule.
    """
    draw = random.Random(5)
    pairs = list(whole.truth.select("row_id", "of").iter_rows())
    chosen = {row_id for pair in draw.sample(pairs, min(len(pairs), rows // 4)) for row_id in pair}
    ids = pl.read_parquet(whole.shards, columns=["row_id"])["row_id"].sort().to_list()
    chosen |= set(draw.sample(ids, min(len(ids), rows - len(chosen))))
    texts = whole.texts(pl.Series(sorted(chosen)))
    names = sorted(texts)
    removed = set(gone["row_id"])
    true = [
        (names[a], names[b])
        for a, b, _ in all_similar(pl.Series([texts[name] for name in names]), THRESHOLD)
        if _large_enough(texts[names[a]], texts[names[b]])
    ]
    found = sum(a in removed or b in removed for a, b in true)
    return {
        "rows": len(names),
        "J >= 0.8": len(true),
        "found": found,
        "recall": round(found / len(true), 5) if true else None,
    }


def _large_enough(one: str, other: str) -> bool:
    one, other = plain(one), plain(other)
    n = size_of(one, other)
    return one == other or min(len(shingles(one, n)), len(shingles(other, n))) >= 5


def false_removals(whole: Corpus, gone: pl.DataFrame) -> dict[str, Any]:
    """Removed rows whose ``of`` is not what the reason says: near-duplicates below J = 0.8, exact duplicates of
    another normal form; rows whose ``of`` went for a third row that they are themselves unlike; and how far the told
    similarity is from the exact one.
    """
    some = gone if gone.height <= CHECKED else gone.sample(CHECKED, seed=3)
    texts = whole.texts(pl.concat([some["row_id"], some["of"]]))
    wrong, furthest = 0, 0.0
    for row_id, of, reason, told in some.select("row_id", "of", "reason", "similarity").iter_rows():
        if reason == "exact_duplicate":
            wrong += plain(texts[row_id]) != plain(texts[of])
            continue
        exact = similarity(texts[row_id], texts[of])
        wrong += exact < THRESHOLD
        furthest = max(furthest, abs(exact - told))
    ends = set(gone["row_id"])
    return {
        "removed": gone.height,
        "checked": some.height,
        "false": wrong,
        "of is removed too": sum(of in ends for of in gone["of"]),
        "furthest similarity": round(furthest, 6),
    }


def templates(folder: Path) -> dict[str, Any]:
    """2,000 records of one template and 100 true near-duplicates, as a corpus of its own."""
    rows, of = family()
    folder.mkdir()
    rows.write_parquet(folder / "records.parquet")
    run = stage([folder / "records.parquet"], folder / "cache")
    gone = dropped(run)
    pairs = {frozenset(pair) for pair in gone.select("row_id", "of").iter_rows()}
    right = sum(frozenset(pair) in pairs for pair in of.items())
    return {"records": rows.height, "planted": len(of), "removed": gone.height, "right": right}


def determinism(folder: Path, rows: int = 8_000) -> dict[str, Any]:
    """The same rows in other shards, in another order, with other numbers of threads: is every answer the same?"""
    whole = pl.read_parquet(corpus(rows).shards)
    ways: dict[str, tuple[pl.DataFrame, int, int, int]] = {
        "one shard, 2 workers": (whole, rows, 2, 2),
        "shards of 900, 1 worker, 1 Polars thread": (whole, 900, 1, 1),
        "shuffled, shards of 3,000, 4 workers": (whole.sample(fraction=1, shuffle=True, seed=9), 3_000, 4, 2),
        "reversed, shards of 1,700": (whole.reverse(), 1_700, 2, 2),
    }
    answers = []
    for number, (frame, size, workers, threads) in enumerate(ways.values()):
        here = folder / str(number)
        here.mkdir(parents=True)
        shards = []
        for place, part in enumerate(frame.iter_slices(size)):
            shards.append(here / f"{place:05d}.parquet")
            part.write_parquet(shards[-1])
        run = stage(shards, here / "cache", METHODS, workers, threads)
        kept = pl.concat(pl.read_parquet(path) for path in run.kept).sort("row_id")
        gone = pl.concat(pl.read_parquet(path) for path in run.dropped).sort("row_id")
        answers.append((kept, gone))
    same = [all(a.equals(b) for a, b in zip(answers[0], other, strict=True)) for other in answers[1:]]
    return {"ways": list(ways), "removed": answers[0][1].height, "the same as the first": same}
