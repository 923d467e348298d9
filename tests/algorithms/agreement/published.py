"""Published examples of agreement: the data, the figure as it was printed, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from curate.algorithms.agreement import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    light_kappa,
    raw_agreement,
)

Value = str | None
#: items by annotators; None where an annotator did not rate an item
Matrix = Sequence[Sequence[Value]]
Table = Sequence[Sequence[int]]


def by_annotator(*lines: str) -> Matrix:
    """A line for each annotator, a value for each item, ``*`` for none."""
    told = [[None if value == "*" else value for value in line.split()] for line in lines]
    return list(zip(*told, strict=True))


def crossed(table: Table) -> Matrix:
    """A contingency table of two annotators: rows the one's values, columns the other's, named from 1."""
    return [
        (str(left + 1), str(right + 1))
        for left, row in enumerate(table)
        for right, count in enumerate(row)
        for _ in range(count)
    ]


def counted(table: Table) -> Matrix:
    """A row for each item: how many annotators gave each value."""
    return [[str(place + 1) for place, count in enumerate(row) for _ in range(count)] for row in table]


def ratings_of(matrix: Matrix) -> pl.DataFrame:
    """Rows of (item, annotator, value)."""
    rows = [
        (f"i{item:04}", f"p{annotator:02}", value)
        for item, values in enumerate(matrix)
        for annotator, value in enumerate(values)
        if value is not None
    ]
    schema = {"item": pl.String, "annotator": pl.String, "value": pl.String}
    return pl.DataFrame(rows, schema, orient="row")


def sides(matrix: Matrix) -> tuple[list[str], list[str]]:
    """What the first two annotators said of the items that both rated."""
    both = [(row[0], row[1]) for row in matrix if row[0] is not None and row[1] is not None]
    return [left for left, _ in both], [right for _, right in both]


# Fleiss 1971: 30 patients, 6 psychiatrists; in the order of R's irr::diagnoses, so that single raters can be compared.
DIAGNOSES = by_annotator(
    "4 2 2 5 2 1 3 1 1 5 1 1 2 1 2 3 1 1 2 1 5 2 2 1 1 2 1 2 1 5",
    "4 2 3 5 2 1 3 1 1 5 4 2 2 4 2 3 1 1 2 3 5 4 2 1 4 2 1 2 3 5",
    "4 2 3 5 2 3 3 3 4 5 4 4 2 4 4 3 1 1 4 3 5 4 4 4 4 2 1 4 3 5",
    "4 5 3 5 4 3 3 3 4 5 4 4 3 4 4 3 4 1 4 5 5 4 5 4 4 2 1 4 3 5",
    "4 5 3 5 4 3 5 3 4 5 4 4 3 4 4 3 5 1 4 5 5 4 5 4 4 2 5 4 3 5",
    "4 5 5 5 4 3 5 4 4 5 4 4 3 4 5 5 5 2 4 5 5 4 5 4 5 4 5 4 3 5",
)
# R's irr::anxiety: 20 people, 3 raters, scores of 1 to 6.
ANXIETY = by_annotator(
    "3 3 3 4 5 5 2 3 5 2 2 6 1 5 2 2 1 2 4 3",
    "3 6 4 6 2 4 2 4 3 3 2 3 3 3 2 2 1 3 3 4",
    "2 1 4 4 3 2 1 6 1 1 1 2 3 3 1 1 3 3 2 2",
)
# Krippendorff 2011, "Computing Krippendorff's alpha-reliability", example C; also irrCAC's cac.raw4raters.
KRIPPENDORFF = by_annotator(
    "1 2 3 3 2 1 4 1 2 * * *",
    "1 2 3 3 2 2 4 1 2 5 * 3",
    "* 3 3 3 2 3 4 2 2 5 1 *",
    "1 2 3 3 2 4 4 1 2 5 1 *",
)
WIKIPEDIA_ALPHA = by_annotator(
    "* * * * * 3 4 1 2 1 1 3 3 * 3",
    "1 * 2 1 3 3 4 3 * * * * * * *",
    "* * 2 1 3 4 4 * 2 1 1 3 3 * 4",
)
WIKIPEDIA_FLEISS = counted(
    [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]
)  # fmt: skip
# irrCAC's distrib.6raters: the first half of Fleiss' patients.
HALF = DIAGNOSES[:15]
COHEN = crossed([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
SAS = crossed([[0, 4, 1], [0, 8, 0], [0, 1, 5]])
MARRIED = crossed([[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]])
WINNIPEG = crossed([[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]])
NEW_ORLEANS = crossed([[5, 3, 0, 0], [3, 11, 4, 0], [2, 13, 3, 4], [1, 2, 4, 14]])
EVEN = crossed([[40, 9], [6, 45]])
SKEWED = crossed([[80, 10], [5, 5]])
ONE_SIDED = crossed([[118, 5], [2, 0]])
ABSTRACTORS = crossed([[13, 0, 0], [0, 20, 7], [0, 4, 56]])

Statistic = Literal[
    "cohen", "linear", "quadratic", "light", "fleiss", "nominal", "ordinal", "interval", "ac1", "raw"
]


@dataclass(frozen=True)
class Example:
    """``published``: the figure with as many digits as were printed."""

    name: str
    matrix: Matrix
    statistic: Statistic
    published: str
    source: str

    @property
    def rounding(self) -> float:
        """How far the printed figure may be from the exact one."""
        return 0.5000001 * 10.0 ** -len(self.published.split(".")[1])


def measured(matrix: Matrix, statistic: Statistic) -> float | None:
    """By our own functions."""
    ratings = ratings_of(matrix)
    ways: dict[Statistic, Callable[[], float | None]] = {
        "cohen": lambda: cohen_kappa(*sides(matrix)),
        "linear": lambda: cohen_kappa(*sides(matrix), weights="linear"),
        "quadratic": lambda: cohen_kappa(*sides(matrix), weights="quadratic"),
        "light": lambda: light_kappa(ratings),
        "fleiss": lambda: fleiss_kappa(ratings),
        "nominal": lambda: krippendorff_alpha(ratings),
        "ordinal": lambda: krippendorff_alpha(ratings, "ordinal"),
        "interval": lambda: krippendorff_alpha(ratings, "interval"),
        "ac1": lambda: gwet_ac1(ratings),
        "raw": lambda: raw_agreement(ratings),
    }
    return ways[statistic]()


_FEINSTEIN = "Feinstein & Cicchetti 1990, J. Clin. Epidemiol. 43"
_GWET = "Gwet, irrCAC overview (raw4raters, cont3x3abstractors, distrib.6raters)"
_KRIPPENDORFF = "Krippendorff 2011; R irr::kripp.alpha"
EXAMPLES = [
    Example("two psychologists", COHEN, "cohen", "0.492", "Cohen 1960, Educ. Psychol. Meas. 20"),
    Example("SAS 3x3", SAS, "cohen", "0.4842", "SAS printout in statsmodels' tests"),
    Example("SAS 3x3", SAS, "linear", "0.4701", "SAS printout in statsmodels' tests"),
    Example("married couples", MARRIED, "cohen", "0.1293", "Agresti 1990; R vcd::Kappa(SexualFun)"),
    Example("married couples", MARRIED, "linear", "0.2374", "Agresti 1990; R vcd::Kappa(SexualFun)"),
    Example("neurologists, Winnipeg", WINNIPEG, "cohen", "0.208", "Landis & Koch 1977, Biometrics 33"),
    Example("neurologists, New Orleans", NEW_ORLEANS, "cohen", "0.297", "Landis & Koch 1977, Biometrics 33"),
    Example("diagnoses, raters 2 and 3", [row[1:3] for row in DIAGNOSES], "cohen", "0.631", "R irr::kappa2"),
    Example("anxiety, raters 1 and 2", ANXIETY, "cohen", "0.119", "R irr::kappa2"),
    Example("anxiety, raters 1 and 2", ANXIETY, "quadratic", "0.297", "R irr::kappa2, squared"),
    Example("diagnoses", DIAGNOSES, "fleiss", "0.430", "Fleiss 1971, Psychol. Bull. 76"),
    Example("diagnoses", DIAGNOSES, "light", "0.459", "R irr::kappam.light"),
    Example("14 raters, 10 items", WIKIPEDIA_FLEISS, "fleiss", "0.210", "Wikipedia, Fleiss' kappa"),
    Example("15 items with gaps", WIKIPEDIA_ALPHA, "nominal", "0.691", "Wikipedia, Krippendorff's alpha"),
    Example("15 items with gaps", WIKIPEDIA_ALPHA, "interval", "0.811", "Wikipedia, Krippendorff's alpha"),
    Example("example C", KRIPPENDORFF, "nominal", "0.743", _KRIPPENDORFF),
    Example("example C", KRIPPENDORFF, "ordinal", "0.815", _KRIPPENDORFF),
    Example("example C", KRIPPENDORFF, "interval", "0.849", _KRIPPENDORFF),
    Example("raw4raters", KRIPPENDORFF, "ac1", "0.77544", _GWET),
    Example("raw4raters", KRIPPENDORFF, "fleiss", "0.76117", _GWET),
    Example("raw4raters", KRIPPENDORFF, "raw", "0.8181818", _GWET),
    Example("three abstractors", ABSTRACTORS, "cohen", "0.7964094", _GWET),
    Example("three abstractors", ABSTRACTORS, "fleiss", "0.7962397", _GWET),
    Example("three abstractors", ABSTRACTORS, "ac1", "0.8493305", _GWET),
    Example("three abstractors", ABSTRACTORS, "nominal", "0.7972585", _GWET),
    Example("distrib.6raters", HALF, "ac1", "0.4448007", _GWET),
    Example("distrib.6raters", HALF, "fleiss", "0.4139265", _GWET),
    Example("distrib.6raters", HALF, "nominal", "0.4204384", _GWET),
    Example("one-sided", ONE_SIDED, "cohen", "-0.0234", "Gwet 2002, Inter-Rater Reliability Assessment 1"),
    Example("one-sided", ONE_SIDED, "ac1", "0.9408", "Gwet 2002, Inter-Rater Reliability Assessment 1"),
    Example("even values", EVEN, "cohen", "0.70", _FEINSTEIN),
    Example("one frequent value", SKEWED, "cohen", "0.32", _FEINSTEIN),
]  # fmt: skip
