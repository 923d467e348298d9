"""What the analyst says about matching one corpus: which column holds what, two thresholds, the golden row."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from curate.language import say
from curate.options import problem
from curate.unit import Form

Kind = Literal[
    "company_name",
    "person",
    "code",
    "phone",
    "email",
    "address",
    "title",
    "text",
    "number",
    "date",
    "category",
]
"""What a column holds; see ``kinds.KINDS`` for what each is compared by."""

GoldenRule = Literal["best", "newest", "longest", "most_common", "union", "largest", "smallest"]
"""Whose value the merged row carries; see ``golden``."""


class RecordRules(Form):
    """按字段判断两行是不是同一个实体。 / When two rows of a corpus are the same entity, judged by their fields."""

    match: dict[str, Kind] = Field(min_length=1)
    """拿哪些列来比、每列是什么：company_name、person、code、phone … / column: what it holds"""
    merge_above: float = Field(0.93, gt=0, le=1)
    """得分（0–1）达到多少就合并 / rows at or above this score (0-1) are merged"""
    review_above: float = Field(0.80, gt=0, le=1)
    """得分达到多少、又不够合并的，列出来请人看 / pairs from here up to merge_above are listed for people"""
    golden: dict[str, GoldenRule] = {}
    """合并后每列取谁的值；没写的列取最好一行的，没有再取其余的 / whose value a merged column gets; else the best row's"""
    weights: dict[str, float] = {}
    """某一列的证据乘以多少（默认 1） / the evidence of a column times this (default 1)"""

    @model_validator(mode="after")
    def _in_order(self) -> RecordRules:
        if self.review_above > self.merge_above:
            raise problem(
                say("review_above 不能大于 merge_above", "review_above must not be greater than merge_above"),
                say(
                    "例如 merge_above: 0.93, review_above: 0.80",
                    "for example merge_above: 0.93, review_above: 0.80",
                ),
            )
        return self

    @model_validator(mode="after")
    def _weights_of_matched(self) -> RecordRules:
        for name, weight in self.weights.items():
            if name not in self.match:
                raise problem(
                    say(f"weights 里的 {name} 不在 match 里", f"weights names {name}, which match does not"),
                    say(f"match 里有：{'、'.join(self.match)}", f"match has: {', '.join(self.match)}"),
                )
            if not 0 < weight <= 10:
                raise problem(
                    say(
                        f"weights 里 {name} 的倍数要在 0 到 10 之间",
                        f"the weight of {name} must be in (0, 10]",
                    ),
                    say("1 表示不变，2 表示加倍", "1 leaves it as it is, 2 doubles it"),
                )
        return self
