"""How near ``curate.algorithms.agreement`` is to what was published and to other people's code, and how fast it is.

``python -m benchmarks.agreement`` prints a table of published examples (ours, published, by the reference library, difference),
one of five raters of Chinese sentence pairs by every statistic, and what was found on drawn ratings; it ends with one JSON line. The
references are scikit-learn, statsmodels and krippendorff, and plain loops in fractions where none of them has the coefficient.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np
import polars as pl

from curate.algorithms.agreement import overall, pairwise, per_value, span_ratings
from tests.algorithms.agreement.published import EXAMPLES, Matrix, Statistic, measured
from tests.algorithms.agreement.references import reference

#: OCNLI's development set with the labels of five raters; not everywhere.
OCNLI = Path(__file__).resolve().parents[2] / "shared/data/kappa/ocnli_dev_5raters.jsonl.gz"
#: As numbers, so that the ordinal statistics can be compared too; their order means nothing.
LABELS = {"entailment": "1", "neutral": "2", "contradiction": "3", "unrelated": "4", "unknown": "5"}
STATISTICS: tuple[Statistic, ...] = get_args(Statistic)
DRAWN = 100
#: What a simulated annotator knows; the others' values are guesses. Fleiss' kappa is its square.
KNOWN = 0.9


class Compared(NamedTuple):
    """A figure beside the reference's; both None where it is undefined."""

    name: str
    statistic: Statistic
    ours: float | None
    theirs: float | None

    @property
    def error(self) -> float:
        """How far they are apart; infinite where only one of them is undefined."""
        if self.ours is None or self.theirs is None:
            return 0.0 if self.ours is self.theirs else float("inf")
        return abs(self.ours - self.theirs)


def compare(name: str, matrix: Matrix, *statistics: Statistic) -> Iterator[Compared]:
    """A matrix by each statistic."""
    for statistic in statistics or STATISTICS:
        yield Compared(name, statistic, measured(matrix, statistic), reference(matrix, statistic))


def published() -> list[Compared]:
    """The published examples, each by its statistic."""
    return [one for told in EXAMPLES for one in compare(told.name, told.matrix, told.statistic)]


def five_raters() -> list[Compared]:
    """OCNLI's five raters by every statistic; nothing where the file is absent."""
    if not OCNLI.is_file():
        return []
    lines = gzip.decompress(OCNLI.read_bytes()).decode().splitlines()
    matrix = [[LABELS[json.loads(line)[f"label{rater}"]] for rater in range(5)] for line in lines]
    return list(compare("ocnli", matrix))


def drawn() -> Iterator[Compared]:
    """Ratings that were drawn: 2 to 6 people, 2 to 5 values of which some are rare, up to 60 items, with and without gaps."""
    random = np.random.default_rng(7)
    for number in range(DRAWN):
        people, values, items = random.integers(2, 7), random.integers(2, 6), random.integers(2, 61)
        shares = random.dirichlet(np.full(values, 0.7))
        true = random.choice(values, (items, 1), p=shares)
        codes = np.where(
            random.random((items, people)) < 0.7, true, random.choice(values, (items, people), p=shares)
        )
        gone = random.random((items, people)) < (0.3 if number % 2 else 0)
        matrix = [
            [None if absent else str(code + 1) for code, absent in zip(row, blank, strict=True)]
            for row, blank in zip(codes.tolist(), gone.tolist(), strict=True)
        ]
        yield from compare(f"drawn {number}", matrix)


def kappa_max_error() -> float:
    """The largest difference from the references over everything that is compared."""
    return max(one.error for one in (*published(), *five_raters(), *drawn()))


def published_misses() -> int:
    """Published figures that ours do not round to."""
    return sum(
        one.ours is None or abs(one.ours - float(told.published)) > told.rounding
        for one, told in zip(published(), EXAMPLES, strict=True)
    )


def simulated(items: int, people: int, seed: int) -> pl.DataFrame:
    """Ratings of people who know one of four values with ``KNOWN`` and else guess."""
    random = np.random.default_rng(seed)
    true = random.integers(0, 4, (items, 1))
    knows = random.random((items, people)) < KNOWN
    codes = np.where(knows, true, random.integers(0, 4, (items, people)))
    return pl.DataFrame(
        {
            "item": np.repeat(np.arange(items), people).astype(str),
            "annotator": np.tile(np.arange(people), items).astype(str),
            "value": codes.ravel().astype(str),
        }
    )


def coverage(datasets: int = 1000, items: int = 100) -> float:
    """How often a 95 % interval of three people on so many items holds the true kappa."""
    found = [overall(simulated(items, 3, seed), seed=str(seed)) for seed in range(datasets)]
    held = [
        told.low is not None and told.high is not None and told.low <= KNOWN**2 <= told.high for told in found
    ]
    return sum(held) / datasets


def marked(texts: int, people: int, length: int) -> pl.DataFrame:
    """Texts with six spans that each of the people finds nine times of ten, a character off now and then."""
    random = np.random.default_rng(1)
    rows = []
    for text in range(texts):
        starts = sorted(random.integers(0, length - 20, 6).tolist())
        for who in range(people):
            found = [start + int(random.integers(0, 2)) for start in starts if random.random() < 0.9]
            spans = [{"start": start, "end": start + 10, "label": "AB"[start % 2]} for start in found]
            rows.append((f"t{text}", f"p{who}", json.dumps(spans), length))
    return pl.DataFrame(rows, ["item", "annotator", "spans", "length"], orient="row")


def seconds() -> dict[str, float]:
    """Of one run each, 1,000 bootstrap samples."""
    ratings, spans = simulated(10_000, 5, 0), marked(2_000, 3, 500)
    jobs: dict[str, Callable[[], object]] = {
        "overall_10k_x5_s": lambda: overall(ratings),
        "light_10k_x5_s": lambda: overall(ratings, "cohen_kappa"),
        "pairwise_10k_x5_s": lambda: pairwise(ratings),
        "per_value_10k_x5_s": lambda: per_value(ratings),
        "spans_2k_x3_s": lambda: overall(span_ratings(spans)),
    }
    spent = {}
    for name, job in jobs.items():
        begun = time.perf_counter()
        job()
        spent[name] = round(time.perf_counter() - begun, 2)
    return spent


def _shown(value: float | None) -> str:
    return f"{'undefined':>10}" if value is None else f"{value:10.6f}"


def main() -> None:
    """The tables, then one JSON line."""
    print(f"{'example':30}{'statistic':11}{'ours':>10}{'published':>11}{'reference':>10}  difference")
    for one, told in zip(published(), EXAMPLES, strict=True):
        print(
            f"{one.name:30}{one.statistic:11}{_shown(one.ours)}{told.published:>11}{_shown(one.theirs)}  {one.error:.1e}"
        )
    raters = five_raters()
    for one in raters:
        print(
            f"{'OCNLI, five raters':30}{one.statistic:11}{_shown(one.ours)}{'':11}{_shown(one.theirs)}  {one.error:.1e}"
        )
    compared = [*published(), *raters, *drawn()]
    print(f"{len(compared)} figures compared, {sum(one.ours is None for one in compared)} of them undefined")
    figures = {
        "kappa_max_error": kappa_max_error(),
        "published_misses": published_misses(),
        "published": len(EXAMPLES),
        "compared": len(compared),
        "coverage_95": coverage(),
    }
    print(json.dumps(figures | seconds()))


if __name__ == "__main__":
    main()
