"""template: pairs from rows by templates, several phrasings a question, without a model."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

import polars as pl
from pydantic import Field

from curate.algorithms.cap import allowed, as_fraction
from curate.options import CorpusName, WorkspaceFile
from curate.pairs import PAIR
from curate.rows import Outcome, because
from curate.sql import ask
from curate.synthesize.questions import Compiled
from curate.unit import Unit


class Template(Unit):
    """用模板从每一行生成问答；用到的字段有空值时不问，或教模型说不知道。 / Question-answer pairs from a row by templates.

    Which phrasing a row gets is chosen by the MD5 of its id and the question's name, so that it stays. Of the
    rows that are not trained on, the values that the answer holds are kept beside it, as facts to be looked for in a
    model's answers. For the evaluation alone, one question of twenty that are trained on is asked in other words, and what
    the data does not answer is asked all the same, to see whether a model makes it up.

    Some questions whose answer is empty are trained on as well, with an answer that says so (``unknown`` in the file of
    templates): only where nothing of the answer is there, at most ``unknown_share`` of the task's training pairs of a shard,
    and never more than the same question has answers there. So a column that is empty in all rows teaches nothing: a model
    would only learn to refuse that question.
    """

    version: ClassVar = 3
    not_in_fingerprint: ClassVar = frozenset({"use", "file"})

    use: Literal["template"] = "template"
    corpus: CorpusName
    """语料 / the corpus"""
    file: WorkspaceFile
    """模板文件：recipes/templates/*.yaml / the file of templates"""
    system: str = ""
    """每个问答的系统提示 / the system prompt of its pairs"""
    max_answer_chars: int = Field(2000, ge=1)
    """答案超过这么多字就不生成 / answers with more characters are not made"""
    unknown_share: float = Field(0.03, ge=0, le=0.5)
    """资料里没有、答“不知道”的问答最多占多少（0 就不生成） / the greatest share of answers that say it is not known"""

    def apply(self, rows: pl.DataFrame, questions: list[Compiled]) -> Outcome:
        """Pairs out of the rows that train; ``dropped`` are the rows that gave none."""
        usable = rows.filter(pl.col("split").is_not_null())
        parts, too_long = [pl.DataFrame(schema=PAIR)], pl.Series([], dtype=pl.String)
        answered: list[int] = []
        for question in questions:
            found = question.ask_rows(usable, self.system)
            fits = found["output"].str.len_chars() <= self.max_answer_chars
            parts += [
                found.filter(fits),
                question.recall(usable, self.system),
                question.unknown_asked(usable, self.system),
            ]
            too_long = too_long.append(found.filter(~fits)["parent_id"])
            answered.append(int((fits & (found["split"] == "train")).sum()))
        pairs = pl.concat([*parts, self._untold(usable, questions, answered)])
        rest = rows.filter(~pl.col("row_id").is_in(pairs["parent_id"].implode()))
        reason = (
            pl.when(pl.col("split").is_null())
            .then(pl.lit("retrieval_only"))
            .when(pl.col("row_id").is_in(too_long.implode()))
            .then(pl.lit("answer_too_long"))
            .otherwise(pl.lit("fields_missing"))
        )
        return Outcome(pairs, because(rest, reason))

    def _untold(self, rows: pl.DataFrame, questions: list[Compiled], answered: list[int]) -> pl.DataFrame:
        """What is trained on although the data does not hold it. ``answered``: training pairs a question."""
        found = pl.concat(
            [
                pl.DataFrame(schema=PAIR),
                *(
                    question.untold(rows, self.system, most)
                    for question, most in zip(questions, answered, strict=True)
                ),
            ]
        )
        most = allowed(sum(answered), as_fraction(self.unknown_share))
        chosen = ask(
            "SELECT pair_id FROM pairs ORDER BY md5(pair_id), pair_id", pairs=found.select("pair_id")
        ).head(most)
        return found.filter(pl.col("pair_id").is_in(chosen["pair_id"].implode()))

    @property
    def stem(self) -> str:
        """The task's name in pairs and manifests: its file's, without the ending."""
        return Path(self.file).stem
