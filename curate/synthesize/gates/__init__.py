"""Gates: what a model wrote is kept only where it holds. Pure, so that a pair that a reviewer edited goes through again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import Field

from curate.rows import Outcome, because
from curate.synthesize.gates.facts import look_at_facts
from curate.synthesize.gates.form import look_at_form
from curate.synthesize.gates.found import Finding, Looked, Words
from curate.synthesize.gates.score import SCORES, with_scores
from curate.unit import Unit

__all__ = ["Gates"]

#: What the gates look at; the source and the evidence are fields of ``made``.
_SEEN = ("instruction", "input", "output", "thought", "messages", "of_pair")
_MADE = ("source", "evidence", "failure", "detail")


class Gates(Unit):
    """大模型写的问答要过的关，第一个没过的就是丢弃的原因。 / What a pair that a model wrote must pass.

    Each can be loosened or turned off; the first that fails is the reason.
    """

    language: Literal["zh", "en", "any"] = "zh"
    """问答用什么语言；any 不查 / the language of question and answer; any is not checked"""
    min_question_chars: int = Field(4, ge=1)
    """问题最少多少字 / characters of a question at the least"""
    max_question_chars: int = Field(200, ge=1)
    """问题最多多少字，不算附在后面的文字 / characters of a question at the most, without the text behind it"""
    min_answer_chars: int = Field(2, ge=1)
    """回答最少多少字 / characters of an answer at the least"""
    max_answer_chars: int = Field(2000, ge=1)
    """回答最多多少字 / characters of an answer at the most"""
    leaked: bool = True
    """不许露出提示词：根据上文、作为 AI、以下是…… / no phrase that betrays the prompt"""
    stand_alone: bool = True
    """离开资料也看得懂：不问“该公司”“本报告” / a question that is understood without the source"""
    evidence: bool = True
    """依据必须是资料里的原句 / the evidence must stand in the source"""
    same_facts: bool = True
    """改写和回译不增减数字、日期、名称 / rewording neither adds nor loses a number, date or name"""
    grounded: bool = True
    """回答里的数字、单位、日期、编号、名称、网址都要在资料里 / all facts of an answer must stand in the source"""
    min_coverage: float = Field(0.45, ge=0, le=1)
    """回答的用字（二字组）至少多大比例出自资料 / the share of the answer's bigrams that the source holds, at the least"""
    derived: bool = False
    """允许由资料里的数算出来的和、差、比例 / allow sums, differences and shares of the source's numbers"""

    version: ClassVar = 1

    def check(self, pairs: pl.DataFrame) -> Outcome:
        """Keep the pairs that hold. Those that no model wrote pass as they are; of the others ``made.scores`` and ``score`` say
        how well they hold, and the first gate that fails is the reason, with the words that made it fail.

        A candidate with ``made.failure`` is a slot that gave no pair: it ends here, under its failure's name.
        """
        made = pl.col("made").struct
        seen = pairs.select("origin", *_SEEN, *(made.field(name) for name in _MADE))
        looked = [
            _look(words, self) if words["origin"] == "llm" else None for words in seen.iter_rows(named=True)
        ]
        told = with_scores(
            pairs.with_columns(
                pl.Series("why", [one.reason if one else None for one in looked], pl.String),
                pl.Series("why_detail", [one.detail if one else None for one in looked], pl.String),
                pl.Series("scored", [one.scores if one else None for one in looked], SCORES),
            ),
            pl.col("scored"),
        )
        kept = told.filter(pl.col("why").is_null()).select(pairs.columns)
        gone = told.filter(pl.col("why").is_not_null())
        dropped = because(gone, pl.col("why"), detail=pl.col("why_detail"))
        return Outcome(kept, dropped.drop("why", "why_detail", "scored"))


def _look(pair: dict[str, Any], gates: Gates) -> Looked:
    """All findings but what comes behind the first failure."""
    if pair["failure"] is not None:
        return Looked(pair["failure"], pair["detail"], [])
    words = Words.of(pair)
    scores: list[dict[str, Any]] = []
    findings: Iterable[Finding] = (
        finding for look in (look_at_form, look_at_facts) for finding in look(words, gates)
    )
    for finding in findings:
        if finding.score is not None:
            scores.append({"gate": finding.gate, "score": finding.score, "note": finding.detail})
        if finding.failed:
            return Looked(finding.gate, finding.detail, scores)
    return Looked(None, None, scores)
