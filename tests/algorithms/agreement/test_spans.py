"""Agreement over spans: characters and entities."""

from __future__ import annotations

import json
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score  # type: ignore[import-untyped]

from curate.algorithms.agreement import (
    EntityF1,
    cohen_kappa,
    entity_f1,
    fleiss_kappa,
    krippendorff_alpha,
    overall,
    span_ratings,
    token_kappa,
)

Marks = list[dict[str, object]]
LENGTH = 20


def marks(*told: tuple[int, int, str]) -> Marks:
    return [{"start": start, "end": end, "label": label} for start, end, label in told]


def frame(texts: list[list[Marks]], length: int = LENGTH) -> pl.DataFrame:
    """Texts, of each the marks of every annotator."""
    rows = [
        (f"t{text}", f"p{who}", json.dumps(spans), length)
        for text, people in enumerate(texts)
        for who, spans in enumerate(people)
    ]
    return pl.DataFrame(rows, ["item", "annotator", "spans", "length"], orient="row")


def characters(spans: Marks) -> list[str]:
    """The label of every character, one after the other."""
    return [
        "+".join(sorted({str(span["label"]) for span in spans if span["start"] <= at < span["end"]})) or "O"  # type: ignore[operator]
        for at in range(LENGTH)
    ]


@st.composite
def spans(draw: st.DrawFn) -> Marks:
    borders = draw(st.lists(st.integers(0, LENGTH), max_size=6, unique=True).map(sorted))
    told = [(start, end, draw(st.sampled_from("AB"))) for start, end in pairwise(borders)]
    over = draw(st.booleans())
    return marks(*told, *([(3, 9, "B")] if over else []))


@settings(max_examples=25)
@given(texts=st.lists(st.tuples(spans(), spans(), spans()), min_size=1, max_size=4))
def test_kappa_over_characters_is_that_of_character_after_character(
    texts: list[tuple[Marks, Marks, Marks]],
) -> None:
    left, right, third = ([label for text in texts for label in characters(text[who])] for who in range(3))
    rows = [
        (str(at), who, value) for who, side in zip("abc", (left, right, third), strict=True) for at, value in enumerate(side)
    ]  # fmt: skip
    expanded = pl.DataFrame(rows, ["item", "annotator", "value"], orient="row")
    ratings = span_ratings(frame([list(text) for text in texts]))
    for coefficient in (fleiss_kappa, krippendorff_alpha):
        assert coefficient(ratings) == pytest.approx(coefficient(expanded), abs=1e-9)
    found = token_kappa([text[0] for text in texts], [text[1] for text in texts], [LENGTH] * len(texts))
    assert found == pytest.approx(cohen_kappa(left, right), abs=1e-9)
    if found is not None:
        assert found == pytest.approx(float(cohen_kappa_score(left, right)), abs=1e-9)


def test_stretches_of_which_nobody_says_anything_new_are_one_item_with_their_length() -> None:
    found = span_ratings(frame([[marks((2, 5, "PER")), marks((2, 4, "PER"), (3, 4, "ORG"))]]))
    assert found.rows() == [
        ("t0[0:2]", "p0", "O", 2, "t0"), ("t0[0:2]", "p1", "O", 2, "t0"),
        ("t0[2:3]", "p0", "PER", 1, "t0"), ("t0[2:3]", "p1", "PER", 1, "t0"),
        ("t0[3:4]", "p0", "PER", 1, "t0"), ("t0[3:4]", "p1", "ORG+PER", 1, "t0"),
        ("t0[4:5]", "p0", "PER", 1, "t0"), ("t0[4:5]", "p1", "O", 1, "t0"),
        ("t0[5:20]", "p0", "O", 15, "t0"), ("t0[5:20]", "p1", "O", 15, "t0"),
    ]  # fmt: skip


def test_overall_counts_texts_and_tells_characters_as_prevalence() -> None:
    same = [marks((0, 5, "PER")), marks((0, 5, "PER"))]
    found = overall(span_ratings(frame([same, [marks(), marks((0, 10, "ORG"))], [marks()]])))
    assert (found.statistic, found.items, found.annotators, found.ratings) == ("cohen_kappa", 2, 2, 4)
    assert found.prevalence == pytest.approx({"O": 80 / 100, "ORG": 10 / 100, "PER": 10 / 100})


def test_texts_in_which_nobody_marks_anything_have_no_kappa() -> None:
    assert token_kappa([[], []], [[], []], [10, 5]) is None
    assert token_kappa([], [], []) is None


@pytest.mark.parametrize("wrong", [(0, 21, "A"), (-1, 3, "A"), (4, 4, "A"), (5, 4, "A")])
def test_a_span_that_is_not_within_its_text_is_refused(wrong: tuple[int, int, str]) -> None:
    with pytest.raises(ValueError, match="not within 20 characters"):
        token_kappa([marks(wrong)], [[]], [LENGTH])


def test_an_annotator_twice_on_a_text_is_refused() -> None:
    once = frame([[marks()]])
    with pytest.raises(ValueError, match="t0"):
        span_ratings(pl.concat([once, once]))


@pytest.mark.parametrize(
    ("a", "b", "exact", "relaxed"),
    [
        (marks((0, 2, "PER"), (5, 9, "ORG")), marks((0, 2, "PER"), (5, 9, "ORG")), 1.0, 1.0),
        (marks((0, 2, "PER"), (5, 9, "ORG")), marks((0, 2, "PER"), (5, 8, "ORG")), 0.5, 1.0),
        (marks((0, 2, "PER")), marks((0, 2, "ORG")), 0.0, 0.0),
        (marks((0, 2, "PER")), marks((2, 4, "PER")), 0.0, 0.0),
        (marks((0, 20, "PER")), marks((0, 2, "PER"), (5, 9, "PER"), (12, 14, "PER")), 0.0, 0.5),
        # the long span must leave the first to the short one
        (marks((0, 9, "PER"), (0, 2, "PER")), marks((1, 3, "PER"), (6, 8, "PER")), 0.0, 1.0),
        (marks((0, 2, "PER")), marks(), 0.0, 0.0),
        (marks(), marks(), None, None),
    ],
    ids=[
        "same",
        "other border",
        "other label",
        "side by side",
        "one over all",
        "one to one",
        "one side",
        "none",
    ],
)
def test_entities_match_exactly_or_by_overlap(
    a: Marks, b: Marks, exact: float | None, relaxed: float | None
) -> None:
    assert entity_f1([a], [b]) == EntityF1(exact, relaxed, len(a), len(b))
    assert entity_f1([b], [a]) == EntityF1(exact, relaxed, len(b), len(a))


def test_entities_of_different_texts_never_match() -> None:
    one = marks((0, 2, "PER"))
    assert entity_f1([one, []], [[], one]) == EntityF1(0.0, 0.0, 1, 1)


def test_unequal_numbers_of_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="1 texts beside 2"):
        entity_f1([[]], [[], []])
