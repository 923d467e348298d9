"""Dedupe against gold keys of real corpora: precision, recall and F1 at several thresholds.

``python -m benchmarks.dedupe_quality`` prints the table. Two rows are *merged* when one was removed for the other, or both
for the same row. Where the gold is clusters, every pair of rows of one cluster is to be merged and no other: precision
and recall are over pairs of rows. Where the gold is labelled pairs, only those pairs count.
"""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.dedupe_corpora import as_rows
from benchmarks.dedupe_material import lines, real_data
from benchmarks.dedupe_stage import run_here
from benchmarks.dedupe_truth import similarity

THRESHOLDS = (0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Gold:
    """Texts and what is known of them: the cluster of each, or labelled pairs of places."""

    texts: list[str]
    clusters: list[Hashable] | None = None
    pairs: list[tuple[int, int, bool]] | None = None


@dataclass(frozen=True)
class Score:
    """Pairs of rows: merged and right, merged, right."""

    both: int
    merged: int
    right: int

    @property
    def precision(self) -> float:
        return self.both / self.merged if self.merged else 1.0

    @property
    def recall(self) -> float:
        return self.both / self.right if self.right else 1.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def news() -> Gold:
    """1,267 stories of one broadcast, each scraped by two projects: HTML, and Markdown made HTML. Cluster: the story."""
    rows = lines("neardup/xwlb_cross_source_pairs")
    texts = [row[side] or "" for side in ("a_html", "b_md") for row in rows]
    stripped = pl.Series(texts).str.replace_all(r"<[^>]*>", "").to_list()
    return Gold(stripped, clusters=[row["pair_id"] for row in rows] * 2)


def laws() -> Gold:
    """Statutes, some in several dated versions. Cluster: the name of the statute, whatever its date."""
    rows = [row for row in lines("reports/laws_zh") if row["base"] != "_index.md"]
    return Gold([row["text"] for row in rows], clusters=[row["base"] for row in rows])


def questions() -> Gold:
    """Titles of questions, re-listed by two crawlers and edited over time. Cluster: the question's number."""
    rows = lines("neardup/zhihu_question_title_clusters")
    return Gold([row["title"] for row in rows], clusters=[row["qid"] for row in rows])


def paraphrases(source: str) -> Callable[[], Gold]:
    def read() -> Gold:
        rows = [row for row in lines("neardup/paraphrase_pairs") if f"/{source}/" in row["src"]]
        texts = [row[side] for row in rows for side in ("a", "b")]
        return Gold(texts, pairs=[(2 * n, 2 * n + 1, row["label"] == 1) for n, row in enumerate(rows)])

    return read


SETS: dict[str, Callable[[], Gold]] = {
    "news, one story from two sites": news,
    "statutes in versions": laws,
    "Zhihu titles of one question": questions,
    "paraphrases PAWS-X": paraphrases("PAWS-X"),
    "paraphrases LCQMC": paraphrases("LCQMC"),
    "paraphrases AFQMC": paraphrases("AFQMC"),
    "paraphrases OPPO": paraphrases("OPPO-xiaobu"),
}


def merged(gold: Gold, threshold: float, folder: Path) -> tuple[list[int], list[str]]:
    """For each text the place of the text that stands for it, after exact and near-duplicate removal; and its group,
    which the split keeps together.
    """
    shard = folder / "docs.parquet"
    if not shard.exists():
        ids = [f"docs:{number:06d}" for number in range(len(gold.texts))]
        documents = pl.DataFrame({"row_id": ids, "genre": "gold", "text": gold.texts})
        as_rows(documents).write_parquet(shard)
    methods = {"exact": {}, "minhash": {"threshold": threshold, "alike": 0.5}}
    _, step = run_here([shard], folder / "cache", methods)
    columns = ["row_id", "cluster_id"]
    dropped = pl.read_parquet(step.dropped_shards, columns=[*columns, "of"])
    of = dict(dropped.select("row_id", "of").iter_rows())
    whole = pl.concat([pl.read_parquet(step.table.shards, columns=columns), dropped.select(columns)])
    stands: list[int] = []
    for number in range(len(gold.texts)):
        row_id = f"docs:{number:06d}"
        while row_id in of:  # an exact copy of a row that then went as a near-duplicate
            row_id = of[row_id]
        stands.append(int(row_id[5:]))
    return stands, whole.sort("row_id")["cluster_id"].to_list()


def score(gold: Gold, stands: list[Any]) -> Score:
    """Of rows that share what they ``stand`` for; see the head of this file."""
    if gold.pairs is not None:
        both = sum(label and stands[a] == stands[b] for a, b, label in gold.pairs)
        return Score(
            both, sum(stands[a] == stands[b] for a, b, _ in gold.pairs), sum(p[2] for p in gold.pairs)
        )
    assert gold.clusters is not None

    def pairs(keys: list[Any]) -> int:
        return sum(count * (count - 1) // 2 for count in Counter(keys).values())

    return Score(pairs(list(zip(gold.clusters, stands, strict=True))), pairs(stands), pairs(gold.clusters))


def ceiling(gold: Gold, threshold: float) -> float:
    """The share of the right pairs that are lexically similar at all: exact Jaccard at least ``threshold``."""
    if gold.pairs is not None:
        right = [(a, b) for a, b, label in gold.pairs if label]
    else:
        assert gold.clusters is not None
        members: dict[Hashable, list[int]] = defaultdict(list)
        for place, cluster in enumerate(gold.clusters):
            members[cluster].append(place)
        right = [pair for places in members.values() for pair in combinations(places, 2)]
    return sum(similarity(gold.texts[a], gold.texts[b]) >= threshold for a, b in right) / len(right)


def measure(sets: dict[str, Callable[[], Gold]] | None = None) -> list[dict[str, Any]]:
    """A row a corpus and threshold; nothing without ``../shared/data``."""
    told: list[dict[str, Any]] = []
    for name, read in (SETS if sets is None else sets).items() if real_data() else ():
        gold = read()
        with tempfile.TemporaryDirectory() as folder:
            for threshold in THRESHOLDS:
                stands, groups = merged(gold, threshold, Path(folder))
                found = score(gold, stands)
                told.append(
                    {
                        "corpus": name,
                        "rows": len(gold.texts),
                        "threshold": threshold,
                        "right pairs": found.right,
                        "merged pairs": found.merged,
                        "precision": round(found.precision, 4),
                        "recall": round(found.recall, 4),
                        "F1": round(found.f1, 4),
                        "J reaches it": round(ceiling(gold, threshold), 4),
                        "in one group": round(score(gold, groups).recall, 4),
                    }
                )
    return told


if __name__ == "__main__":
    from benchmarks.dedupe import show

    show(measure())
