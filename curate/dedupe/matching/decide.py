"""Which rows are merged into which, and which pairs people should look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.components import representatives
from curate.dedupe.matching.blocking import candidates
from curate.dedupe.matching.fields import MatchField, match_fields
from curate.dedupe.matching.people import BY_PEOPLE, TOLD, People
from curate.dedupe.matching.rules import RecordRules
from curate.dedupe.matching.score import score

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Matched:
    """``merged``: better, worse (row numbers), score, why. ``review``: left, right, score, a similarity a field.
    ``group``: for each row the row that stands for it, itself where it stays (what ``golden_rows`` takes).
    ``asked``: the pairs that people were asked about, with left, right, same, score, a similarity a field;
    ``contradictions``: see ``People``.
    """

    merged: pl.DataFrame
    review: pl.DataFrame
    metrics: dict[str, Any]
    group: I64
    asked: pl.DataFrame
    contradictions: list[list[int]]


def match_records(rows: pl.DataFrame, rules: RecordRules, told: pl.DataFrame | None = None) -> Matched:
    """Rows of one entity, by ``rules`` and by what people said.

    Args:
        rows: the columns of ``rules.match``, from the best row to the worst: the best of a group stays.
        told: ``people.TOLD``.
    """
    told = pl.DataFrame(schema=TOLD) if told is None else told
    fields = match_fields(rows, rules)
    left, right, blocks = candidates(fields)
    scored = score(fields, left, right, least=rules.review_above)
    people = People.following(rows.height, told)
    pairs = people.carried(scored.filter(pl.col("score") >= rules.merge_above))
    of = people.spread(star(rows.height, pairs, fields, people))
    merged = _merged(pairs, of, people, list(rules.match))
    review = _review(scored, of, told)
    return Matched(
        merged,
        review,
        {
            "compared": blocks.pairs,
            "merged": merged.height,
            "review": review.height,
            "cut_blocks": blocks.cut_blocks,
            "windowed_blocks": blocks.windowed_blocks,
            "pairs_left_out": blocks.pairs_left_out,
            "keys": blocks.keys,
        },
        _groups(of),
        _scored(fields, told),
        people.contradictions,
    )


def star(number: int, pairs: pl.DataFrame, fields: list[MatchField], people: People) -> I64:
    """For each row the row it is merged into, or -1.

    A row is merged only into a row that stays and that it was itself compared with, never by a chain. And two rows
    of one group may not contradict each other: of two branches with codes of their own and a head office without
    one, the head office takes in the better match only.
    """
    better, worse = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    likeness = pairs["score"].to_numpy()
    while True:
        of = representatives(number, better, worse, likeness)
        bad = _contradicting(of, better, worse, likeness, fields)
        bad |= people.parted(of, better, worse, likeness)
        if not bad.any():
            return of
        better, worse, likeness = better[~bad], worse[~bad], likeness[~bad]


def _contradicting(
    of: I64, better: I64, worse: I64, likeness: npt.NDArray[np.float64], fields: list[MatchField]
) -> npt.NDArray[np.bool_]:
    """Pairs whose worse row brings a second valid code into its group: all but the likest pair's code."""
    bad = np.zeros(len(better), dtype=bool)
    used = np.flatnonzero(of[worse] == better)
    for one in fields:
        if "valid" not in one.values.columns or not one.values.height or not len(used):
            continue
        valid = np.append(one.values["valid"].to_numpy(), False)
        codes = np.where(valid[one.index], one.index, -1)
        told = pl.DataFrame(
            {
                "pair": used,
                "group": better[used],
                "own": codes[better[used]],
                "code": codes[worse[used]],
                "likeness": likeness[used],
                "row": worse[used],
            }
        ).filter(pl.col("code") >= 0)
        ordered = told.sort(["group", "likeness", "row"], descending=[False, True, False])
        first = pl.when(pl.col("own") >= 0).then("own").otherwise(pl.col("code").first().over("group"))
        bad[ordered.filter(pl.col("code") != first)["pair"].to_numpy()] = True
    return bad


def _groups(of: I64) -> I64:
    return np.where(of >= 0, of, np.arange(len(of)))


def _merged(pairs: pl.DataFrame, of: I64, people: People, names: list[str]) -> pl.DataFrame:
    used = pairs.filter(pl.Series(of[pairs["right"].to_numpy()] == pairs["left"].to_numpy()))
    scored = used.select(better="left", worse="right", score="score", why=evidence_text(names))
    said = pl.DataFrame({"better": of[people.merged], "worse": people.merged})
    by_people = said.with_columns(score=pl.lit(1.0), why=pl.lit(BY_PEOPLE))
    return pl.concat([scored, by_people]).sort("worse")


def _scored(fields: list[MatchField], told: pl.DataFrame) -> pl.DataFrame:
    found = score(fields, told["left"].to_numpy(), told["right"].to_numpy())
    return found.with_columns(told["same"])


def evidence_text(names: list[str]) -> pl.Expr:
    """``name=0.91 phone=1.00``: the similarity of each field that both rows have, as one text."""
    said = [
        pl.when(pl.col(name).is_not_null()).then(pl.format(f"{name}={{}}", _two_digits(pl.col(name))))
        for name in names
    ]
    return pl.concat_str(said, separator=" ", ignore_nulls=True)


def _two_digits(value: pl.Expr) -> pl.Expr:
    """0.9 -> 0.90, cut and not rounded: 0.999 is not 1.00."""
    hundredths = (value * 100 + 1e-9).floor().cast(pl.Int64)
    return pl.concat_str(
        (hundredths // 100).cast(pl.String), pl.lit("."), (hundredths % 100).cast(pl.String).str.zfill(2)
    )


def _review(scored: pl.DataFrame, of: I64, told: pl.DataFrame) -> pl.DataFrame:
    """Pairs that are not in one group in the end and of which people have not decided, the likest first: those between
    the thresholds, and those above the upper one that no group could take in.
    """
    group = _groups(of)
    apart = group[scored["left"].to_numpy()] != group[scored["right"].to_numpy()]
    decided = told.drop_nulls("same")
    open_ = scored.filter(pl.Series(apart)).join(
        decided, on=["left", "right"], how="anti", maintain_order="left"
    )
    return open_.sort(["score", "left", "right"], descending=[True, False, False])
