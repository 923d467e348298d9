"""Personal data: recall and precision on 5,000 sentences, and how little is found where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.personal_data import REAL, evaluate, real

pytestmark = pytest.mark.live

#: corpus -> finds in 10,000 rows, at the most; addresses apart: companies register in flats
MOST = {
    "news/xwlb_html.jsonl.gz": 10,
    "community/v2ex_topics.jsonl.gz": 50,
    "community/zhihu_hot_excerpts.jsonl.gz": 20,
    "structured/companies_smoothnlp.jsonl.gz": 20,
    "comments/online_shopping_10_cats.jsonl.gz": 5,
    "trad/zhwiki.jsonl.gz": 5,
    "instruct/alpaca_zh_carbonz0.jsonl.gz": 40,  # invented people
}


@pytest.mark.parametrize("seed", [20260, 1, 2])
def test_five_thousand_sentences_are_told_apart(seed: int) -> None:
    told = evaluate(5000, seed)
    assert told["pii_recall"] >= 0.99, told["wrong"]
    assert told["pii_precision"] >= 0.98, told["wrong"]
    for kind, figures in told["kinds"].items():
        assert figures["values"] >= 150, kind
        assert figures["recall"] >= 0.99, (kind, told["wrong"])
        assert figures["precision"] >= 0.98, (kind, told["wrong"])


@pytest.mark.parametrize("file", REAL)
def test_little_is_found_in_texts_that_were_rid_of_it(file: str, shared_data: Path) -> None:  # noqa: ARG001
    rows, _, counts, _ = real(file)
    finds = sum(count for kind, count in counts.items() if kind != "address")
    assert finds * 1e4 / rows <= MOST[file], counts
    assert counts["address"] * 1e4 / rows <= (250 if "companies" in file else 5), counts
