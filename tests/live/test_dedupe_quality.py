"""Dedupe on real text: what the benchmark's tables say, as bounds that must hold."""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest

from benchmarks import dedupe_checks as checks
from benchmarks.dedupe_corpora import Corpus, corpus
from benchmarks.dedupe_planted import edited
from benchmarks.dedupe_quality import SETS, merged, score
from benchmarks.dedupe_stage import Deduped, incremental, stage
from benchmarks.dedupe_truth import all_similar, similarity
from tests.dedupe.conftest import similarity as other_similarity

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("shared_data")]


@pytest.fixture(scope="module")
def whole() -> Corpus:
    return corpus(40_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dedupe")


@pytest.fixture(scope="module")
def run(whole: Corpus, folder: Path) -> Deduped:
    return stage(whole.shards, folder / "cache")


def test_the_truth_is_what_a_comparison_of_all_pairs_finds(whole: Corpus) -> None:
    draw = random.Random(4)
    texts = whole.texts(pl.read_parquet(whole.shards, columns=["row_id"])["row_id"].sort().head(150))
    some = list(texts.values())
    some += [edited(draw, text, draw.uniform(0.01, 0.2), text) for text in some if len(text) > 10]
    want = [
        (a, b, similarity(some[a], some[b]))
        for a, b in combinations(range(len(some)), 2)
        if similarity(some[a], some[b]) >= 0.6
    ]
    assert len(want) > 50
    assert all_similar(pl.Series(some), 0.6) == want
    for a, b, value in want[:50]:
        assert value == other_similarity(some[a], some[b])


def test_no_planted_copy_is_missed_and_nothing_goes_that_is_unlike(whole: Corpus, run: Deduped) -> None:
    gone = checks.dropped(run)
    found = checks.planted(whole, gone)
    assert found["near"]["J >= 0.8"] > 800
    assert found["near"]["recall"] >= 0.995
    assert found["exact"]["recall"] == 1
    assert found["template"]["recall"] == 1
    told = checks.false_removals(whole, gone)
    assert told["checked"] == told["removed"] > 1500
    assert told["false"] == 0
    assert told["furthest similarity"] < 0.005  # two shingles may share a 32-bit hash
    assert gone.filter(pl.col("genre") == "template").height == 100


def test_the_pairs_of_an_exact_join_are_found(whole: Corpus, run: Deduped) -> None:
    joined = checks.sampled(whole, checks.dropped(run), 6_000)
    assert joined["J >= 0.8"] > 1000
    assert joined["recall"] >= 0.995


def test_of_templated_records_exactly_the_copies_go(tmp_path: Path) -> None:
    told = checks.templates(tmp_path / "records")
    assert (told["removed"], told["right"]) == (100, 100)


def test_shards_threads_and_order_change_nothing(tmp_path: Path) -> None:
    told = checks.determinism(tmp_path)
    assert told["removed"] > 400
    assert told["the same as the first"] == [True, True, True]


def test_new_rows_find_their_sources_in_the_index(whole: Corpus, run: Deduped, folder: Path) -> None:
    told = incremental(whole, run, folder, 5_000)
    assert told["copies, J >= 0.8"] > 400
    assert told["found"] >= 0.995 * told["copies, J >= 0.8"]


@pytest.mark.parametrize(
    ("name", "precision", "recall"),
    [
        ("news, one story from two sites", 0.995, 0.54),
        ("statutes in versions", 0.99, 0.41),
        ("Zhihu titles of one question", 0.96, 0.79),
    ],
)
def test_gold_clusters(name: str, precision: float, recall: float, tmp_path: Path) -> None:
    gold = SETS[name]()
    stands, _ = merged(gold, 0.8, tmp_path)
    found = score(gold, stands)
    assert found.precision >= precision
    assert found.recall >= recall


def test_few_hard_negatives_are_merged(tmp_path: Path) -> None:
    """PAWS-X swaps words: pairs of another meaning that share nearly every shingle."""
    gold = SETS["paraphrases PAWS-X"]()
    assert gold.pairs is not None
    stands, _ = merged(gold, 0.8, tmp_path)
    unlike = [(a, b) for a, b, label in gold.pairs if not label]
    wrong = [(a, b) for a, b in unlike if stands[a] == stands[b]]
    assert 0 < len(wrong) <= 0.06 * len(unlike)
    for text, stand in zip(gold.texts, stands, strict=True):
        assert similarity(text, gold.texts[stand]) >= 0.8
