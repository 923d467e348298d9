"""BLEU and ROUGE against figures of the libraries that others compute them with."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.evaluate.overlap import SUMS, bleu, overlap
from curate.evaluate.tokens import words

#: answer, reference, then sentence BLEU of nltk 3.10.4 (sentence_bleu of the lists of characters, method3, as
#: LLaMA-Factory calls it), and rouge1, rouge2, rougeL (F1) of rouge-score 0.1.2 over the tokens of sacreBLEU
#: 2.6.0 (tokenize="zh").
REFERENCE = [
    (
        "展会于2026年3月5日在北京举办。",
        "展会于2026年3月5日在上海举办。",
        0.777811,
        0.866667,
        0.785714,
        0.866667,
    ),
    ("上海", "上海国际会展中心", 0.029604, 0.4, 0.25, 0.4),
    (
        "该公司主营食品机械，兼营包装设备，产品出口东南亚。",
        "该公司主营包装设备和食品机械，产品远销东南亚各国。",
        0.513568,
        0.8,
        0.666667,
        0.64,
    ),
    (
        "面积 1,200.5 平方米, booth B-12",
        "面积 1,200.5 平方米，展位 B-12",
        0.647286,
        0.736842,
        0.588235,
        0.736842,
    ),
    ("好", "不", 0.0, 0.0, 0.0, 0.0),
    ("", "有参考而无答案", 0.0, 0.0, 0.0, 0.0),
    ("展会展会展会展会展会展会", "展会规模盛大，观众踊跃", 0.06773, 0.173913, 0.095238, 0.173913),
    ("ISO 9001 certified since 2019", "ISO 9001 certified in 2019.", 0.783931, 0.6, 0.5, 0.6),
]
#: of all of them by sacreBLEU 2.6.0: corpus_bleu(..., tokenize="zh", smooth_method="none")
CORPUS_BLEU = 0.4018294321

texts = st.lists(st.text("展会在上海举办，。 3.5A-b", max_size=30), min_size=1, max_size=8).map(pl.Series)


@pytest.mark.parametrize("row", REFERENCE, ids=lambda row: row[0][:8] or "empty")
def test_bleu_and_rouge_are_those_of_the_reference_libraries(row: tuple[str, str, float]) -> None:
    answer, reference, *wanted = row
    found = overlap(pl.Series([answer]), pl.Series([reference]))
    assert found.select("bleu4", "rouge1", "rouge2", "rougeL").row(0) == pytest.approx(wanted, abs=1e-6)


def test_corpus_bleu_is_sacrebleus_and_a_row_does_not_depend_on_its_neighbours() -> None:
    answers, references = (pl.Series([row[side] for row in REFERENCE]) for side in (0, 1))
    found = overlap(answers, references)
    sums = found.select(SUMS).sum().to_numpy()[0]
    assert float(bleu(sums[:4], sums[4:8], np.array(sums[9]))) == pytest.approx(CORPUS_BLEU, abs=1e-9)
    alone = pl.concat(overlap(answers[at : at + 1], references[at : at + 1]) for at in range(len(answers)))
    assert found.equals(alone)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("面积1,200.5平方米,占3.5%", ["面", "积", "1,200.5", "平", "方", "米", ",", "占", "3.5", "%"]),
        ("“好”……2026-03-05", ["“", "好", "”", "…", "…", "2026", "-", "03", "-", "05"]),
        ("A-b corp. (x)", ["A-b", "corp", ".", "(", "x", ")"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_tokens_are_sacrebleus(text: str, tokens: list[str]) -> None:
    assert pl.DataFrame({"text": [text]}).select(words(pl.col("text"))).item().to_list() == tokens


@settings(max_examples=30)
@given(texts)
def test_the_reference_itself_scores_one(references: pl.Series) -> None:
    long = references + "足够长的一段"
    found = overlap(long, long)
    for name in ("bleu4", "rouge1", "rouge2", "rougeL"):
        assert found[name].to_list() == pytest.approx([1.0] * len(long))


@settings(max_examples=30)
@given(texts, texts)
def test_figures_lie_between_zero_and_one_and_rouge_has_no_direction(
    one: pl.Series, other: pl.Series
) -> None:
    size = min(len(one), len(other))
    there, back = overlap(one[:size], other[:size]), overlap(other[:size], one[:size])
    for name in ("bleu4", "rouge1", "rouge2", "rougeL"):
        assert there[name].is_between(0, 1).all()
    rouge = ["rouge1", "rouge2", "rougeL"]
    assert np.allclose(there.select(rouge).to_numpy(), back.select(rouge).to_numpy())
    assert (there["rougeL"] <= there["rouge1"] + 1e-12).all()


def test_no_rows_give_no_rows() -> None:
    empty = pl.Series([], dtype=pl.String)
    assert overlap(empty, empty).height == 0
