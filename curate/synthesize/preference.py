"""preference: a right answer beside a worse one (DPO), made without a model."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

import polars as pl
from pydantic import Field

from curate.algorithms.wrong_number import wrong_number
from curate.pairs import as_pairs, made
from curate.rows import Outcome
from curate.sql import ask
from curate.synthesize.derived import DRAWS, derived, drawn, single, with_the_rest
from curate.synthesize.task import PairTask

Worse = Literal["wrong_number", "off_topic", "too_short"]
#: What says nothing, for answers that have no beginning to be cut to.
VAGUE = ("这个要看具体情况。", "具体可以自行查询。", "相关信息比较多，不便一一说明。", "请以实际情况为准。")
#: A shorter answer is no better than a vague one.
LEAST_TO_CUT = 12
_FIRST_CLAUSE = re.compile(r"^[^，。；！？\n]{4,}?(?=[，。；！？\n])")

#: The clause ends inside brackets.
_OPEN = re.compile(r"《[^》]*$|“[^”]*$|（[^）]*$")


class Preference(PairTask):
    """好坏对比（DPO）：好的是原答案，差的是改错数字、答非所问或过于简短的答案；不用大模型。 / Comparisons for DPO, without a model.

    ``wrong_number``: one number, date or code is changed so that it looks as right; never to a value that is true of
    something else in the source. ``off_topic``: the answer to the same type of question about another row.
    ``too_short``: the beginning of the answer, or a sentence that says nothing. A pair gives one comparison; which kind is
    chosen by the hash of its id among those that can be made of it.
    """

    use: Literal["preference"] = "preference"
    kinds: list[Worse] = Field(["wrong_number", "off_topic", "too_short"], min_length=1)
    """差的答案差在哪里 / in what the worse answer is worse"""
    share: float = Field(1.0, gt=0, le=1)
    """多大比例的问答要做（0–1），按编号的哈希选 / the share of pairs that are used, chosen by the hash of their ids"""

    def apply(self, pairs: pl.DataFrame) -> Outcome:
        marked = pairs.with_columns(drawn(pairs["pair_id"], self.stem), single().alias("fits"))
        others = _others(marked.filter("fits"))
        base = marked.filter(pl.col("fits") & (pl.col("draw") < int(self.share * DRAWS))).join(
            others, on="pair_id", how="left", maintain_order="left"
        )
        worse = [self._worse(row) for row in base.select(*READ, "draw", "other").iter_rows(named=True)]
        told = base.with_columns(
            pl.Series("how", [how for how, _ in worse], dtype=pl.String),
            pl.Series("worse", [text for _, text in worse], dtype=pl.String),
        ).drop_nulls("worse")
        comparisons = derived(told, self.stem).with_columns(
            pl.lit("preference").alias("kind"),
            pl.lit(None, pl.String).alias("thought"),  # a side with a thought would win by it
            pl.lit(None, pl.String).alias("label"),
            pl.col("worse").alias("rejected"),
            made(parameters=pl.concat_str(pl.lit('{"worse": "'), "how", pl.lit('"}'))),
        )
        reason = (
            pl.when(~pl.col("fits"))
            .then(pl.lit("not_for_task"))
            .when(pl.col("pair_id").is_in(base["pair_id"].implode()))
            .then(pl.lit("no_worse_answer"))
            .otherwise(pl.lit("not_sampled"))
        )
        outcome = with_the_rest(marked, as_pairs(comparisons), reason)
        return Outcome(outcome.kept, outcome.dropped.drop("draw", "fits"))

    def _worse(self, pair: dict[str, Any]) -> tuple[str | None, str | None]:
        """(kind, the worse answer) of the first kind that works, beginning with the one that the draw chooses."""
        draw = pair["draw"]
        for turn in range(len(self.kinds)):
            how = self.kinds[(draw + turn) % len(self.kinds)]
            text = MAKERS[how](pair, draw // len(self.kinds))
            if text and text.strip() and text.strip() != pair["output"].strip():
                return how, text.strip()
        return None, None


READ = ("instruction", "input", "output", "made")


def _others(pairs: pl.DataFrame) -> pl.DataFrame:
    """(pair_id, other): the answer of the next pair, in the order of their MD5s, that is of the same type of question, of
    the same split, about a row of another group, and says something else.
    """
    return ask(
        """WITH ring AS (
             SELECT pair_id, split, task, question, coalesce(cluster_id, parent_id) AS about, output,
                    row_number() OVER (PARTITION BY split, task, question ORDER BY md5(pair_id), pair_id) AS place,
                    count(*) OVER (PARTITION BY split, task, question) AS size
             FROM pairs),
           near AS (SELECT unnest([1, 2, 3]) AS step)
           SELECT a.pair_id, first(b.output ORDER BY step) AS other
           FROM ring a, near
           JOIN ring b ON a.split = b.split AND a.task = b.task AND a.question = b.question
                      AND b.place = (a.place - 1 + step) % a.size + 1
           WHERE a.about <> b.about AND trim(a.output) <> trim(b.output) GROUP BY a.pair_id""",
        pairs=pairs.select("pair_id", "split", "task", "question", "cluster_id", "parent_id", "output"),
    )


def _with_a_wrong_number(pair: dict[str, Any], draw: int) -> str | None:
    asked = "\n".join([pair["instruction"], pair["input"] or ""])
    source = (pair["made"] or {}).get("source") or ""
    return wrong_number(pair["output"], draw, asked, source)


def _too_short(pair: dict[str, Any], draw: int) -> str | None:
    """The first clause, where more follows than stands there; else what says nothing."""
    answer = pair["output"].strip()
    if len(answer) < LEAST_TO_CUT:
        return None
    beginning = _FIRST_CLAUSE.match(answer)
    if beginning and len(beginning[0]) <= len(answer) // 2 and not _OPEN.search(beginning[0]):
        return beginning[0] + "。"
    return VAGUE[draw % len(VAGUE)]


MAKERS: dict[str, Callable[[dict[str, Any], int], str | None]] = {
    "wrong_number": _with_a_wrong_number,
    "off_topic": lambda pair, _: pair["other"],
    "too_short": _too_short,
}
