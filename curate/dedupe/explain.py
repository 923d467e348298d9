"""Explain: what dedupe removed because of what, and what it nearly removed, from the files of its decision.

Narrow columns are read, and texts only of the rows that are shown; nothing is compared again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from curate.cache import Step
from curate.dedupe.decide import verdicts_of
from curate.errors import UsageError
from curate.language import say

if TYPE_CHECKING:
    from curate.dedupe import Dedupe

#: Reasons that rest on a similarity.
MEASURED = ("near_duplicate", "same_entity", "protected", "seen_before")
#: Copies of copies: as many methods as can remove the row that a row went for, and one.
CHAIN = 6


@dataclass(frozen=True)
class Decided:
    """The finished dedupe of a run.

    Attributes:
        folder: the decision's files.
        steps: what was carried out, a step a corpus.
        form: the recipe's section.
        identity: corpus -> the columns that tell two of its rows apart.
        reference: the corpora whose rows always stay.
    """

    folder: Path
    steps: list[Step]
    form: Dedupe
    identity: dict[str, list[str]] = field(default_factory=dict)
    reference: frozenset[str] = frozenset()

    @property
    def corpora(self) -> list[str]:
        return [step.corpus for step in self.steps]

    def scan(self, name: str) -> pl.LazyFrame | None:
        """``edges``, ``review`` or ``provenance`` of the corpora; None where the run made none."""
        file = self.folder / f"{name}.parquet"
        if not file.exists():
            return None
        return pl.scan_parquet(file).filter(pl.col("corpus").is_in(self.corpora))

    @property
    def touched(self) -> pl.LazyFrame:
        """Every row that dedupe removed, or that stands for others or shares their group."""
        return pl.concat(
            pl.scan_parquet(verdicts_of(self.folder, name)).with_columns(pl.lit(name).alias("corpus"))
            for name in self.corpora
        )

    @property
    def removed(self) -> pl.LazyFrame:
        return self.touched.filter(pl.col("reason").is_not_null())

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """Rows removed: corpus -> reason -> how many."""
        return {step.corpus: dict(step.reasons) for step in self.steps}

    def rows(self, wanted: Iterable[str], columns: Iterable[str] = ()) -> dict[str, dict[str, Any]]:
        """row_id -> its text and ``columns``, of rows kept and rows removed; rows of an index are not there."""
        ids = sorted(set(wanted))
        found: dict[str, dict[str, Any]] = {}
        for step in self.steps:
            own = [name for name in ids if name.startswith(f"{step.corpus}:")]
            for shards in (list(step.table.shards), step.dropped_shards) if own else ():
                scan = pl.scan_parquet(shards).filter(pl.col("row_id").is_in(own))
                there = [name for name in columns if name in pl.read_parquet_schema(shards[0])]
                found |= {
                    row["row_id"]: row for row in scan.select("row_id", "text", *there).collect().to_dicts()
                }
        return found


@dataclass(frozen=True)
class Pair:
    """Two rows that were compared. ``row``: the one that went or would go; ``of``: the other. ``why``: the reason,
    or why both stayed; ``text`` and ``of_text`` are None where the row is not of this run.
    """

    row: str
    of: str
    similarity: float | None
    why: str
    detail: str = ""
    text: str | None = None
    of_text: str | None = None


@dataclass(frozen=True)
class Group:
    """A row that stays, and the rows that went because of it, at once or by way of another copy."""

    row: str
    text: str | None
    rows: int
    reasons: dict[str, int]
    members: list[Pair]


def with_texts(decided: Decided, pairs: list[Pair]) -> list[Pair]:
    """The pairs with the texts of their rows, and, where an identity keeps them apart, its values."""
    columns = {name for names in decided.identity.values() for name in names}
    found = decided.rows((name for pair in pairs for name in (pair.row, pair.of)), sorted(columns))
    return [_with_texts(decided, pair, found.get(pair.row), found.get(pair.of)) for pair in pairs]


def _with_texts(decided: Decided, pair: Pair, row: dict[str, Any] | None, of: dict[str, Any] | None) -> Pair:
    detail = pair.detail
    if pair.why == "identity" and row and of:
        sides = zip(_identity(decided, pair.row), _identity(decided, pair.of), strict=False)
        values = [(one, row.get(one), of.get(other)) for one, other in sides]
        detail = ", ".join(
            f"{name} {a} ≠ {b}" for name, a, b in values if None not in (a, b) and str(a) != str(b)
        )
    return replace(pair, detail=detail, text=(row or {}).get("text"), of_text=(of or {}).get("text"))


def _identity(decided: Decided, row_id: str) -> list[str]:
    return decided.identity.get(row_id.partition(":")[0], [])


def _pairs(rows: pl.DataFrame) -> list[Pair]:
    """Rows with the columns row_id, of, similarity, reason, detail."""
    told = rows.select("row_id", "of", "similarity", "reason", "detail")
    return [
        Pair(row, of or "", similarity, why, detail or "")
        for row, of, similarity, why, detail in told.iter_rows()
    ]


def largest_groups(
    decided: Decided, number: int = 5, members: int = 3, reasons: tuple[str, ...] = ()
) -> list[Group]:
    """The rows that most rows went for; of each group the members that are least like the row they went for.

    Args:
        reasons: count only the rows that went for one of these; and then one row is no group.
    """
    gone = decided.removed.select("row_id", "of", "reason", "similarity", "detail").collect()
    gone = gone.with_columns(_ends(gone)).filter(pl.col("reason").is_in(reasons) if reasons else True)
    sizes = gone["end"].drop_nulls().value_counts().filter(pl.col("count") > (1 if reasons else 0))
    found = []
    for end, rows in sizes.top_k(number, by=["count", "end"], reverse=[False, True]).iter_rows():
        own = gone.filter(pl.col("end") == end)
        counted = own["reason"].value_counts().sort("count", "reason", descending=[True, False])
        shown = own.sort("similarity", "row_id").head(members)
        found.append(Group(end, None, rows, dict(counted.iter_rows()), _pairs(shown)))
    texts = decided.rows(group.row for group in found)
    return [
        replace(group, text=texts.get(group.row, {}).get("text"), members=with_texts(decided, group.members))
        for group in found
    ]


def _ends(gone: pl.DataFrame) -> pl.Series:
    """For each removed row the row at the end of its chain of copies, which stays."""
    ends = gone.select(end="of")
    steps = gone.select(end="row_id", further="of").unique("end")
    for _ in range(CHAIN):
        ends = ends.join(steps, on="end", how="left", maintain_order="left")
        if ends["further"].null_count() == ends.height:
            break
        ends = ends.select(end=pl.coalesce("further", "end"))
    return ends["end"]


def least_similar(decided: Decided, number: int = 3) -> list[Pair]:
    """Of each reason that rests on a similarity the removed rows that are least like the row they went for."""
    parts = [
        decided.removed.filter((pl.col("reason") == reason) & (pl.col("similarity") < 1))
        .sort("similarity", "row_id")
        .head(number)
        .collect()
        for reason in MEASURED
        if any(reason in reasons for reasons in decided.counts.values())
    ]
    return with_texts(decided, [pair for part in parts for pair in _pairs(part)])


def most_similar_kept(decided: Decided, number: int = 3) -> tuple[dict[str, int], list[Pair]]:
    """The compared pairs that are both still there, the most similar of each reason: (reason -> pairs, examples).

    The reasons: ``below_threshold``; ``identity`` differs; ``other_corpus``; ``reference``: both are of corpora
    that always stay; ``its_copy_went``: the row that it would have gone for is itself a copy of a third, which is
    less like it.
    """
    edges = decided.scan("edges")
    if edges is None or decided.form.minhash is None:
        return {}, []
    names = decided.removed.select("row_id")
    kept = edges.join(names, left_on="worse", right_on="row_id", how="anti")
    lost = names.with_columns(pl.lit(True).alias("better_went"))
    kept = kept.join(lost, left_on="better", right_on="row_id", how="left")
    kept = kept.with_columns(_why_kept(decided, decided.form.minhash.threshold).alias("why"))
    kept = kept.drop_nulls("why")
    counts = kept.group_by("why").len().sort("len", "why", descending=[True, False]).collect()
    told = [
        kept.filter(pl.col("why") == why)
        .sort("similarity", "worse", "better", descending=[True, False, False])
        .head(number)
        .select(row_id="worse", of="better", similarity="similarity", reason="why", detail=pl.lit(""))
        .collect()
        for why in counts["why"]
    ]
    return dict(counts.iter_rows()), with_texts(decided, [pair for part in told for pair in _pairs(part)])


def pairs_between(decided: Decided, least: float, most: float, limit: int) -> list[Pair]:
    """The compared pairs with ``least <= similarity < most``, the most similar first. ``why``: the reason for which
    the row went for the other; ``went_for_another``; else why both stayed, or ``its_copy_went``.

    Raises:
        UsageError: the run kept no pairs.
    """
    edges, minhash = decided.scan("edges"), decided.form.minhash
    if edges is None or minhash is None:
        raise no_pairs()
    near = (
        edges.filter((pl.col("similarity") >= least) & (pl.col("similarity") < most))
        .sort("similarity", "worse", "better", descending=[True, False, False])
        .head(limit)
    )
    gone = decided.removed.select("row_id", "of", "reason")
    told = near.join(gone, left_on="worse", right_on="row_id", how="left")
    lost = gone.select("row_id", pl.lit(True).alias("better_went"))
    told = told.join(lost, left_on="better", right_on="row_id", how="left").with_columns(
        pl.when(pl.col("of") == pl.col("better"))
        .then("reason")
        .when(pl.col("reason").is_not_null())
        .then(pl.lit("went_for_another"))
        .otherwise(pl.coalesce(_why_kept(decided, minhash.threshold), pl.lit("its_copy_went")))
        .alias("why")
    )
    rows = told.sort("similarity", "worse", "better", descending=[True, False, False]).select(
        row_id="worse", of="better", similarity="similarity", reason="why", detail=pl.lit("")
    )
    return with_texts(decided, _pairs(rows.collect()))


def no_pairs() -> UsageError:
    """The error of a question about pairs to a run that compared none."""
    return UsageError(
        say("这次运行没有近似去重（minhash）", "the run has no minhash: nothing was compared"),
        say(
            "在配方的 dedupe 下加上 minhash: {}，再运行一次", "add minhash: {} below dedupe and run it again"
        ),
    )


def _why_kept(decided: Decided, threshold: float) -> pl.Expr:
    """Null for pairs of which the better row went and that say nothing of the worse."""
    first = {name: group[0] for group in decided.form.across for name in group}
    better = pl.col("better").str.extract("^([^:]*)")
    parts = [column.replace(first) if first else column for column in (better, pl.col("corpus"))]
    stays = pl.col("better_went").is_null()
    over = pl.col("similarity") >= threshold
    return (
        pl.when(~stays & pl.col("comparable") & over)
        .then(pl.lit("its_copy_went"))
        .when(~stays)
        .then(None)
        .when(pl.col("comparable"))
        .then(pl.lit("below_threshold"))
        .when(pl.col("corpus").is_in(sorted(decided.reference)))
        .then(pl.lit("reference"))
        .when(parts[0] != parts[1])
        .then(pl.lit("other_corpus"))
        .otherwise(pl.lit("identity"))
    )


def waiting(decided: Decided, number: int = 3) -> tuple[int, list[Pair]]:
    """Pairs of records that people should look at: (how many, the first)."""
    review = decided.scan("review")
    if review is None:
        return 0, []
    first = review.sort("score", "left", "right", descending=[True, False, False]).head(number).collect()
    pairs = [
        Pair(right, left, score, "review", why or "")
        for left, right, score, why in first.select("left", "right", "score", "why").iter_rows()
    ]
    return int(review.select(pl.len()).collect().item()), with_texts(decided, pairs)


@dataclass(frozen=True)
class Standing:
    """What dedupe knows of one row. ``copies``: row_id, of, reason, similarity of the rows that went because of
    it; ``values``: field, value, was, from_row_id, rule of the values that it took from them; ``review``:
    row_id, score, why of the records that it may be the same as.
    """

    copies: list[dict[str, Any]]
    values: list[dict[str, Any]]
    review: list[dict[str, Any]]


def standing(decided: Decided, row_id: str) -> Standing:
    """The copies that end at a row, its golden values and its open reviews."""
    copies: list[dict[str, Any]] = []
    names = [row_id]
    for _ in range(CHAIN):
        part = decided.removed.filter(pl.col("of").is_in(names)).select(
            "row_id", "of", "reason", "similarity"
        )
        found = part.sort("row_id").collect()
        names = found["row_id"].to_list()
        copies += found.to_dicts()
        if not names:
            break
    values, review = decided.scan("provenance"), decided.scan("review")
    return Standing(
        copies,
        []
        if values is None
        else values.filter(pl.col("row_id") == row_id)
        .select("field", "value", "was", "from_row_id", "rule")
        .sort("field")
        .collect()
        .to_dicts(),
        []
        if review is None
        else review.filter((pl.col("left") == row_id) | (pl.col("right") == row_id))
        .select(
            pl.when(pl.col("left") == row_id).then("right").otherwise("left").alias("row_id"), "score", "why"
        )
        .sort("score", "row_id", descending=[True, False])
        .collect()
        .to_dicts(),
    )
