"""How well records are matched, on data sets with known answers, beside published figures; and how fast.

``python -m benchmarks.matching`` prints a table and ends with one JSON line. Settings are the defaults (merge at 0.93)
for all data sets; what differs is only which column holds what (see ``matching_data``). Where a data set has two
tables, their rows are matched together as one corpus, and the pairs across are counted. Pairs count as found when
both rows end in one group; ``F1 of pairs`` is that of all pairs with the score to merge, without groups (a row is merged
only into the row that stays, so groups hold fewer pairs). ``held out``: F1 for the half of the rows whose mistakes were
not looked at while the bits of evidence were set by hand (pairs whose first row has an odd CRC; the labelled company
pairs were read as a whole). ``best F1``: of pairs at the threshold that these very answers like best.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from benchmarks.matching_data import (
    Pair,
    Task,
    cora,
    febrl,
    jsonl,
    labelled_companies,
    labelled_with_negatives,
    many_companies,
    synthetic_companies,
    two_tables,
)
from curate.algorithms.short_name import SURE_MARGIN, SURE_SCORE, link_short_names
from curate.dedupe.matching import RecordRules, match_records
from curate.dedupe.matching.blocking import candidates
from curate.dedupe.matching.fields import match_fields
from curate.dedupe.matching.score import score

PUBLISHED = {
    "Restaurants (OAEI)": "pyJedAI docs, best configuration: .881; from memory, Fodors-Zagats: Magellan 1.0, DeepMatcher 1.0, Ditto 1.0",
    "Abt-Buy": "from memory: Magellan .436, DeepMatcher .628, Ditto .893, ZeroER .52; pyJedAI docs (one to one): .947",
    "DBLP-ACM": "from memory: Magellan .984, DeepMatcher .984, Ditto .990, ZeroER .96",
    "FEBRL dataset1": "none known to us",
    "FEBRL dataset2": "none known to us",
    "Cora": "none comparable known to us",
}


@dataclass(frozen=True)
class Figures:
    precision: float
    recall: float
    f1: float

    @staticmethod
    def of(found: set[Pair], truth: set[Pair]) -> Figures:
        hit = len(found & truth)
        precision, recall = hit / max(1, len(found)), hit / max(1, len(truth))
        return Figures(precision, recall, 2 * precision * recall / max(1e-12, precision + recall))


def held_out(pair: Pair) -> bool:
    return zlib.crc32(str(pair[0]).encode()) % 2 == 1


def grouped(task: Task, rules: RecordRules) -> tuple[set[Pair], set[Pair], dict[str, Any]]:
    """Pairs of rows that end in one group, pairs for review, metrics."""
    matched = match_records(task.rows, rules)
    members: dict[int, list[int]] = {}
    for better, worse in matched.merged.select("better", "worse").iter_rows():
        members.setdefault(better, [better]).append(worse)
    found = {
        (min(a, b), max(a, b))
        for group in members.values()
        for i, a in enumerate(group)
        for b in group[i + 1 :]
    }
    review = set(matched.review.select("left", "right").iter_rows())
    if task.first:
        found, review = ({p for p in pairs if p[0] < task.first <= p[1]} for pairs in (found, review))
    return found, review, matched.metrics


def scores(task: Task, rules: RecordRules) -> pl.DataFrame:
    """Every compared pair with its score; of the answers' own pairs when each name is a row of its own."""
    fields = match_fields(task.rows, rules)
    if task.name.startswith("company pairs"):
        even = np.arange(0, task.rows.height, 2)
        return score(fields, even, even + 1)
    left, right, _ = candidates(fields)
    if task.first:
        across = (left < task.first) & (right >= task.first)
        left, right = left[across], right[across]
    return score(fields, left, right)


def best_f1(scored: pl.DataFrame, truth: frozenset[Pair]) -> tuple[float, float]:
    """The highest F1 over all thresholds, and the threshold."""
    ordered = scored.sort("score", descending=True)
    hit = np.array([pair in truth for pair in ordered.select("left", "right").iter_rows()])
    right = np.cumsum(hit)
    f1 = 2 * right / (np.arange(1, len(hit) + 1) + len(truth))
    last = np.append(np.diff(ordered["score"].to_numpy()) != 0, True)  # pairs of one score go together
    at = int(np.argmax(np.where(last, f1, 0)))
    return float(f1[at]), float(ordered["score"][at])


def published(told: dict[str, Any]) -> str:
    """Figures of others; for pairs that were chosen by hand what it is worth to say yes to all of them."""
    if told["name"] in PUBLISHED:
        return PUBLISHED[told["name"]]
    return (
        f"none known to us; yes to every pair: {2 * told['pairs'] / (told['compared'] + told['pairs']):.3f}"
    )


def measure(task: Task) -> dict[str, Any]:
    rules = RecordRules(match=task.match)
    start = time.perf_counter()
    scored = scores(task, rules)
    truth = set(task.truth)
    if task.name.startswith("company pairs"):
        sure = scored.filter(pl.col("score") >= rules.merge_above)
        found = set(sure.select("left", "right").iter_rows())
        asked = scored.filter(
            pl.col("score").is_between(rules.review_above, rules.merge_above, closed="left")
        )
        review, compared = set(asked.select("left", "right").iter_rows()), scored.height
    else:
        found, review, metrics = grouped(task, rules)
        compared = metrics["compared"]
    above = set(scored.filter(pl.col("score") >= rules.merge_above).select("left", "right").iter_rows())
    whole = Figures.of(found, truth)
    half = Figures.of({p for p in found if held_out(p)}, {p for p in truth if held_out(p)})
    best, at = best_f1(scored, task.truth)
    return {
        "name": task.name,
        "rows": task.rows.height,
        "pairs": len(truth),
        "compared": compared,
        "blocking_recall": len(truth & set(scored.select("left", "right").iter_rows())) / len(truth),
        "precision": whole.precision,
        "recall": whole.recall,
        "f1": whole.f1,
        "held_out_f1": half.f1,
        "pairs_f1": Figures.of(above, truth).f1,
        "best_f1": best,
        "best_at": at,
        "review": len(review),
        "review_right": len(review & truth),
        "seconds": time.perf_counter() - start,
    }


def short_names() -> dict[str, Any]:
    """Each 证券简称 among all full names: the share whose best full name is right, and links by the fixed limits."""
    rows = jsonl("company_short_full.jsonl.gz")
    short = pl.Series([row["证券简称"] for row in rows])
    full = pl.Series([row["公司中文名称"] for row in rows])
    start = time.perf_counter()
    links = link_short_names(short, full)
    seconds = time.perf_counter() - start
    right = links.select(pl.Series(full.gather(links["full"]) == full.gather(links["short"]))).to_series()
    sure = (links["score"] >= SURE_SCORE) & (links["margin"] >= SURE_MARGIN)
    hit, found = int((right & sure).sum()), int(sure.sum())
    return {
        "name": "company short names",
        "rows": len(rows),
        "accuracy_at_1": int(right.sum()) / len(rows),
        "precision": hit / found,
        "recall": hit / len(rows),
        "f1": 2 * hit / (found + len(rows)),
        "seconds": seconds,
    }


def speed(rows: int) -> dict[str, Any]:
    """Seconds for ``rows`` invented companies, and what was found of the tenth that is there twice."""
    task = many_companies(rows)
    rules = RecordRules(match=task.match)
    start = time.perf_counter()
    matched = match_records(task.rows, rules)
    seconds = time.perf_counter() - start
    found = set(matched.merged.select("better", "worse").iter_rows())
    figures = Figures.of(found, set(task.truth))
    metrics = {name: value for name, value in matched.metrics.items() if name != "keys"}
    return {
        "rows": rows,
        "seconds": seconds,
        "precision": figures.precision,
        "recall": figures.recall,
        **metrics,
    }


def tasks() -> list[Task]:
    return [
        labelled_companies(),
        labelled_with_negatives(),
        synthetic_companies(),
        febrl(1),
        febrl(2),
        two_tables(
            "Restaurants (OAEI)",
            "D1",
            ("rest1", "rest2"),
            "|",
            {"name": "title", "phone_number": "phone", "street": "address"},
        ),
        two_tables(
            "DBLP-ACM",
            "D4",
            ("dblp", "acm"),
            "%",
            {"title": "title", "authors": "text", "year": "date"},
        ),
        two_tables(
            "Abt-Buy", "D2", ("abt", "buy"), "|", {"name": "title", "description": "text", "price": "number"}
        ),
        cora(),
    ]


def main() -> None:
    """Print the table and a line of JSON."""
    measured = [measure(task) for task in tasks()]
    print(
        "data set | rows | pairs | compared | blocking recall | precision | recall | F1 | F1 held out | F1 of pairs | best F1 (at) | review (right) | s | published F1"
    )
    for told in measured:
        print(
            f"{told['name']} | {told['rows']:,} | {told['pairs']:,} | {told['compared']:,} | {told['blocking_recall']:.3f} | {told['precision']:.3f} | {told['recall']:.3f} | "
            f"{told['f1']:.3f} | {told['held_out_f1']:.3f} | {told['pairs_f1']:.3f} | {told['best_f1']:.3f} ({told['best_at']:.2f}) | {told['review']:,} ({told['review_right']:,}) | {told['seconds']:.1f} | {published(told)}"
        )
    links = short_names()
    print(
        f"short names to {links['rows']:,} full names: accuracy at 1 {links['accuracy_at_1']:.3f}; links with score >= {SURE_SCORE} "
        f"and margin >= {SURE_MARGIN}: precision {links['precision']:.3f}, recall {links['recall']:.3f}, F1 {links['f1']:.3f}; {links['seconds']:.1f} s"
    )
    rows = int(sys.argv[sys.argv.index("--rows") + 1]) if "--rows" in sys.argv else 100_000
    fast = speed(rows)
    print(f"{rows:,} invented companies: {fast['seconds']:.1f} s, {fast}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {"peak_mib": round(peak), **{told["name"]: round(told["f1"], 4) for told in measured}},
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    main()
