"""perturb: the question of a pair in other words, without a model; the answer stays."""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Literal, Self

import polars as pl
from pydantic import Field, model_validator

from curate.algorithms.rewording import Rewording
from curate.errors import Problem
from curate.language import say
from curate.options import Files, located
from curate.pairs import as_pairs
from curate.rows import Outcome
from curate.synthesize.derived import DRAWS, derived, drawn, single, with_the_rest
from curate.synthesize.task import PairTask
from curate.term_files import raise_problems, read_lines, terms_in


class Perturb(PairTask):
    """换一种说法问同一个问题：同义词、语序、客气话；不用大模型，答案不变。 / The same question in other words, without a model.

    Words of ``synonyms`` are exchanged where they stand alone, never inside names, titles, numbers and codes. Of a
    training pair only: a question of the test set is asked as it is.
    """

    use: Literal["perturb"] = "perturb"
    synonyms: Files = []
    """同义词表：一行一组，用 | 隔开，如 recipes/words/synonyms.txt / lists of synonyms: a group a line, | between"""
    times: int = Field(1, ge=1, le=3)
    """每个问题最多几种新说法 / new wordings of a question, at the most"""
    share: float = Field(1.0, gt=0, le=1)
    """多大比例的问答要换说法（0–1），按编号的哈希选 / the share of pairs that are reworded, chosen by the hash of their ids"""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if all(located(file).is_file() for file in self.synonyms):
            _ = self.rewording
        return self

    @cached_property
    def rewording(self) -> Rewording:
        """The synonyms of all files.

        Raises:
            PydanticCustomError: all that is wrong with the files, with their lines.
        """
        problems: list[Problem] = []
        groups = [group for file in self.synonyms for group in _groups(file, problems)]
        raise_problems(problems + _twice(groups))
        return Rewording(words for _, _, words in groups)

    def apply(self, pairs: pl.DataFrame) -> Outcome:
        trained = single() & (pl.col("split") == "train")
        draws = drawn(pairs["pair_id"], self.stem)
        marked = pairs.with_columns(draws, trained.alias("fits"))
        base = marked.filter(pl.col("fits") & (pl.col("draw") < int(self.share * DRAWS)))
        # a reworded question a row; a pair that has none gives none
        wordings = [
            list(islice(self.rewording.variants(question, draw), self.times))
            for question, draw in base.select("instruction", "draw").iter_rows()
        ]
        told = base.with_columns(pl.Series("instruction", wordings, dtype=pl.List(pl.String)))
        numbers = pl.int_ranges(1, pl.col("instruction").list.len() + 1).alias("number")
        each = told.with_columns(numbers).explode("instruction", "number").drop_nulls("instruction")
        made = as_pairs(derived(each, self.stem, pl.col("number")))
        reason = (
            pl.when(~pl.col("fits"))
            .then(pl.lit("not_for_task"))
            .when(pl.col("pair_id").is_in(base["pair_id"].implode()))
            .then(pl.lit("unchanged"))
            .otherwise(pl.lit("not_sampled"))
        )
        outcome = with_the_rest(marked, made, reason)
        return Outcome(outcome.kept, outcome.dropped.drop("draw", "fits"))


Group = tuple[str, int, list[str]]


def _groups(file: str, problems: list[Problem]) -> list[Group]:
    """(file, line, words) of each group; what is wrong with one is added to ``problems``."""
    groups = []
    for line, text in read_lines(file, problems):
        words = terms_in(text)
        short = next((word for word in words if len(word) < 2), None)
        if len(words) < 2:
            what, hint = say("只有一个词", "a single word"), say("写成 展会 | 展览会", "write A | B")
        elif short:
            what = say(f"“{short}”只有一个字，到处都会碰上", f"{short!r} is a single character")
            hint = say("写两个字以上的词", "write words of two characters or more")
        else:
            groups.append((file, line, words))
            continue
        problems.append(Problem(Path(file), line, what, hint))
    return groups


def _twice(groups: list[Group]) -> list[Problem]:
    """Words that stand in two groups: which others would they be exchanged for?"""
    seen: dict[str, int] = {}
    problems = []
    for file, line, words in groups:
        for word in words:
            if word in seen:
                what = say(
                    f"“{word}”在第 {seen[word]} 行已经有了", f"{word!r} stands in line {seen[word]} already"
                )
                hint = say(
                    "一个词只能在一组里：合并两行，或删掉一个",
                    "put the two lines together, or take it out of one",
                )
                problems.append(Problem(Path(file), line, what, hint))
            seen.setdefault(word, line)
    return problems
