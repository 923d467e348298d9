"""A corpus of two runs compared: columns, numbers, categories, lengths, vocabulary, perplexity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import polars as pl

from curate.algorithms.char_model import CharModel
from curate.drift import ks as ks_test
from curate.drift.columns import Columns, categories, kinds_of, read_columns
from curate.drift.ks import holm, ks
from curate.drift.perplexity import perplexity
from curate.drift.psi import psi
from curate.drift.texts import Texts, read_texts
from curate.drift.vocabulary import typical_terms, vocabulary
from curate.rows import Table

#: ``few``: too few rows to tell; ``stable``; ``watch``: look at it; ``alarm``: it has drifted.
Level = Literal["few", "stable", "watch", "alarm"]
#: Texts on either side below which nothing is said of vocabulary and perplexity.
TEXTS = 100
#: Shares of bigrams that are new, beyond what is new in old texts that were held out.
NEW_WATCH, NEW_ALARM = 0.05, 0.10


@dataclass(frozen=True)
class Limits:
    """When a difference is drift.

    Attributes:
        ks: a distance of distribution functions below this is too small to matter, however sure it is: with a million rows any
            difference is sure.
        p: a distance that chance reaches more often (of all columns together, by Holm) may be none, however great it is: with
            few rows great ones are chance.
        psi_watch, psi_alarm: population stability index.
        perplexity: a rise from which on a model should be trained anew.
    """

    ks: float = 0.05
    p: float = 0.05
    psi_watch: float = 0.1
    psi_alarm: float = 0.25
    perplexity: float = 0.15


@dataclass(frozen=True)
class Measure:
    """One comparison. ``before`` and ``after``: how many values were compared.

    Attributes:
        kind: ``columns``, ``number``, ``empty`` (the share without a value), ``category``, ``length``, ``vocabulary``, ``perplexity``.
    """

    corpus: str
    kind: str
    column: str
    before: int
    after: int
    level: Level
    figures: dict[str, Any] = field(default_factory=dict)


def compare(
    corpus: str, before: Table, after: Table, limits: Limits, new_only: bool = False
) -> list[Measure]:
    """What sets the rows of ``after`` apart from those of ``before``; ``judged`` has the last word on its tests.

    Args:
        new_only: compare only those rows of ``after`` that ``before`` has not, so that a small batch does not drown in the old rows.
            Vocabulary and perplexity look at new texts in either case.
    """
    was, now = kinds_of(before), kinds_of(after)
    shared = {
        name: kind for name, kind in was.items() if now.get(name) == kind and kind in ("number", "text")
    }
    old = before.narrow(["row_id"])["row_id"] if new_only else None
    one, two = read_columns(before, shared), read_columns(after, shared, old)
    measures = [*_structure(corpus, before, after), *_columns(corpus, shared, one, two, limits)]
    if "text" in before.schema and "text" in after.schema:
        texts = read_texts(before)
        fresh = read_texts(after, known=texts.digests)
        measures += _texts(corpus, texts, fresh, limits)
    return measures


def judged(measures: Sequence[Measure], limits: Limits) -> list[Measure]:
    """The same with the levels of all Kolmogorov-Smirnov tests of the comparison, adjusted to each other."""
    tests = [place for place, one in enumerate(measures) if "p" in one.figures]
    adjusted = dict(zip(tests, holm([measures[place].figures["p"] for place in tests]), strict=True))

    def judge(place: int, one: Measure) -> Measure:
        if place not in adjusted:
            return one
        drifted = one.figures["d"] >= limits.ks and adjusted[place] < limits.p
        figures = one.figures | {"p_adjusted": adjusted[place]}
        return replace(one, level="alarm" if drifted else "stable", figures=figures)

    return [judge(place, one) for place, one in enumerate(measures)]


def _structure(corpus: str, before: Table, after: Table) -> Iterator[Measure]:
    was, now = kinds_of(before), kinds_of(after)
    for name in sorted({*was, *now}):
        kinds = [str(schema[name]) if name in schema else "" for schema in (before.schema, after.schema)]
        if was.get(name) != now.get(name) and "key" not in (was.get(name), now.get(name)):
            level: Level = "watch" if name not in was else "alarm"
            yield Measure(corpus, "columns", name, 0, 0, level, {"types": kinds})


def _columns(
    corpus: str, shared: dict[str, str], before: Columns, after: Columns, limits: Limits
) -> Iterator[Measure]:
    for name, kind in shared.items():
        if kind == "number":
            yield _numbers(corpus, "number", name, before.numbers[name], after.numbers[name])
            counts = [{"value": c.rows - c.nulls.get(name, 0), "none": c.nulls.get(name, 0)} for c in (before, after)]  # fmt: skip
            if counts[0]["none"] or counts[1]["none"]:
                yield _shares(corpus, "empty", name, counts[0], counts[1], limits)
        elif (found := categories(before, after, name)) is not None:
            yield _shares(corpus, "category", name, dict(found[0]), dict(found[1]), limits)


def _numbers(corpus: str, kind: str, column: str, before: Any, after: Any) -> Measure:
    sizes = len(before), len(after)
    if min(sizes) < ks_test.LEAST:
        return Measure(corpus, kind, column, *sizes, "few")
    told = ks(before, after)
    middles = [float(pl.Series(side).median() or 0) for side in (before, after)]  # type: ignore[arg-type]
    return Measure(corpus, kind, column, *sizes, "stable", asdict(told) | {"medians": middles})


def _shares(
    corpus: str, kind: str, column: str, before: dict[str, int], after: dict[str, int], limits: Limits
) -> Measure:
    sizes = sum(before.values()), sum(after.values())
    if not min(sizes):
        return Measure(corpus, kind, column, *sizes, "few")
    told = psi(before, after)
    level: Level = "stable"
    if told.psi >= limits.psi_watch and told.psi > told.chance:
        level = "alarm" if told.psi >= limits.psi_alarm else "watch"
    elif told.chance >= limits.psi_alarm:
        level = "few"  # an alarm could be chance, so no alarm says nothing
    figures = asdict(told) if level != "few" else {}
    return Measure(corpus, kind, column, *sizes, level, figures)


def _texts(corpus: str, before: Texts, after: Texts, limits: Limits) -> Iterator[Measure]:
    yield _numbers(corpus, "length", "text", before.lengths, after.lengths)
    held = before.held_out
    size = min(len(held), after.sample.height)
    if size < TEXTS:
        yield Measure(corpus, "vocabulary", "text", len(held), after.sample.height, "few")
        yield Measure(corpus, "perplexity", "text", len(held), after.sample.height, "few")
        return
    new = after.sample["text"]
    model = CharModel.train([before.trained])
    # as many of each, because a divergence grows with fewer texts; their digests choose them
    yield _vocabulary(corpus, model, before.trained, held.head(size), new.head(size))
    told = perplexity(model, held, new)
    level: Level = "stable" if told.rise <= limits.perplexity else "alarm" if told.sure else "watch"
    yield Measure(corpus, "perplexity", "text", len(held), len(new), level, asdict(told))


def _vocabulary(
    corpus: str, model: CharModel, trained: pl.Series, held: pl.Series, new: pl.Series
) -> Measure:
    fresh = CharModel.train([new])
    usual, told = vocabulary(model, CharModel.train([held])), vocabulary(model, fresh)
    more, fewer = typical_terms(model, fresh, trained, new)
    beyond = told.new_bigrams - usual.new_bigrams
    level: Level = "alarm" if beyond >= NEW_ALARM else "watch" if beyond >= NEW_WATCH else "stable"
    figures = {
        "usual": asdict(usual),
        "new": asdict(told),
        "more": [asdict(term) for term in more],
        "fewer": [asdict(term) for term in fewer],
    }
    return Measure(corpus, "vocabulary", "text", len(held), len(new), level, figures)
