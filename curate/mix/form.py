"""The recipe's section ``mix``: what becomes of all pairs together."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import polars as pl
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from curate.algorithms.cap import MOST, USUAL, Cap, as_fraction
from curate.language import say
from curate.messages import did_you_mean
from curate.options import CorpusName, Files, problem
from curate.pairs import PAIR
from curate.sql import ask, check_condition, columns_of
from curate.unit import Form, Unit

Origin = Literal["real", "template", "llm"]
#: The columns of a pair that decide nothing by their text: they are held for all pairs at once.
NARROW = ("corpus", "task", "question", "label", "origin", "kind", "tier", "score")


def _share(value: Any) -> str:
    try:
        return str(as_fraction(value))
    except (ValueError, TypeError):
        raise problem(
            say(f"{value} 不是 0 到 1 之间的比例", f"{value} is no share between 0 and 1"),
            say("写成 0.15、15% 或 1/3", "write 0.15, 15% or 1/3"),
        ) from None


Share = Annotated[
    str, BeforeValidator(_share), WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]})
]
"""A share as the recipe writes it, kept as an exact fraction: ``as_fraction(value)``."""


def _cap(share: str) -> str:
    if as_fraction(share) > MOST:
        raise problem(
            say(f"cap 最多 {MOST}：再多就是大模型自己的数据集了", f"the cap is {MOST} at the most"),
            say("写 0.15 这样的比例", "write a share such as 0.15"),
        )
    return share


def _category(text: str) -> str:
    wrong = check_condition(text)
    unknown = sorted(columns_of(text) - set(NARROW)) if not wrong else []
    if not wrong and not unknown:
        wrong = _no_category(text)
    if wrong or unknown:
        raise problem(
            say(
                f"按 {text} 分类：{wrong or f'没有 {unknown[0]} 这一列'}",
                f"by {text}: {wrong or f'no column {unknown[0]}'}",
            ),
            did_you_mean(unknown[0] if unknown else "", NARROW),
        )
    return text


def _no_category(text: str) -> str | None:
    """Why an expression gives no category a row: an aggregate, or a type that does not fit."""
    import duckdb

    rows = pl.DataFrame(schema={name: PAIR[name] for name in NARROW}).clear(2)
    try:
        found = ask(f"SELECT ({text})::VARCHAR AS category FROM rows", rows=rows)
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return None if found.height == rows.height else say("不是逐行的表达式", "no expression of a row")


Category = Annotated[str, AfterValidator(_category)]
"""A column of the pairs, or an SQL expression over ``NARROW``."""


class Near(Form):
    """近似去重：问题和回答都几乎相同、数字也相同的，只留一条。 / One of pairs whose question and answer are nearly the same."""

    origins: list[Origin] = ["llm"]
    """去掉哪些来源的；与全部问答比较。模板问答本来就彼此相似。[] 表示不查 / pairs of which origins may go; they are compared with all. [] turns it off"""
    threshold: float = Field(0.9, ge=0.5, le=1)
    """相似度达到多少算重复（0–1，3 个字一组的 Jaccard） / the least similarity, Jaccard of 3-character shingles"""


class Decontaminate(Form):
    """去污染：训练用的问答不能与验证集、测试集、给定的评测文件有大段相同。 / Training pairs must not repeat an evaluation."""

    origins: list[Origin] = ["llm"]
    """哪些来源的训练问答与验证集、测试集比较 / training pairs of which origins are held against validation and test"""
    files: Files = []
    """评测文件（jsonl、csv、txt、parquet），全部训练问答与其中全部文字比较 / evaluation files; all training pairs are held against all texts in them"""
    max_overlap: Share = "7/10"
    """13 字片段的重合比例超过它就丢弃：问题或回答与一道考题（取短的一边），常见说法不算 / pairs are dropped above this share of common 13-grams, of the shorter of a question or an answer and a test item's; common phrases do not count"""
    common: int = Field(10, ge=1)
    """一个片段出现在多少行以上就算常见说法 / a gram of more rows than this is a common phrase"""


class Quota(Form):
    """多样性配额：同一行、同一种问题、同一个任务最多留多少条。 / Diversity: at most so many of a row, a question, a task."""

    origins: list[Origin] = ["llm"]
    """限制哪些来源 / pairs of which origins are limited"""
    row: int | None = Field(20, ge=1)
    """同一行最多多少条 / of one row at the most"""
    question: int | Share | None = None
    """同一语料的同一种问题最多多少条，或占这些来源的多大比例 / of one type of question of a corpus: a number, or a share of these pairs"""
    task: int | Share | None = None
    """同一个任务最多多少条或多大比例 / of one task: a number or a share"""


class Balance(Form):
    """类别均衡：多的截到 max，少的重复到 min。 / Balance the categories: cut the large, repeat the small."""

    by: Category
    """按什么分类：label、question、task、corpus，或这些列的 SQL 表达式 / the category: a column or an SQL expression"""
    max: int | None = Field(None, ge=1)
    """一类最多多少条；先留真实的，再按得分 / of one category at the most"""
    min: int | None = Field(None, ge=1)
    """一类最少多少条；不够就重复，大模型写的不重复 / of one category at least, by repetition; a model's pairs are not repeated"""
    times: int = Field(3, ge=1, le=20)
    """一条最多出现几次 / how often a pair may stand, at the most"""
    weights: Literal["balanced", "effective"] = "balanced"
    """类别权重怎么算：balanced 同 scikit-learn，effective 为有效样本数 / class weights: inverse frequency, or effective numbers"""


class General(Form):
    """混入通用数据，防止训练后忘掉通用能力。 / General-domain pairs, against forgetting."""

    corpus: CorpusName
    """通用数据所在的语料 / the corpus of the general pairs"""
    share: Share = "1/10"
    """占最后训练集的比例；多的不用 / their share of the final training set; the rest is left out"""


class LongTail(Form):
    """长尾：少见的类别至少占多大比例，不够就重复。 / Rare categories make up a share at least, by repetition."""

    by: Category
    """按什么分类 / the category"""
    below: int | Share = "1/4"
    """少于多少条算少见；写比例则按各类条数的分位数 / fewer pairs than this are rare; a share means that quantile of the counts"""
    share: Share = "1/20"
    """少见的类别合起来至少占训练集的比例 / the least share of the rare ones together"""
    times: int = Field(3, ge=1, le=20)
    """一条最多出现几次 / how often a pair may stand, at the most"""


class Mix(Unit):
    """混合：全部问答放在一起去重、去污染、限额、均衡，最后控制大模型所占的比例。 / All pairs together: duplicates, contamination, quotas, balance and the cap.

    In this order: the same question once, near-duplicates, contamination, quotas, balance, long tail; and after the pairs
    that do not fit the model are gone, the general pairs and the cap.
    """

    not_in_fingerprint: ClassVar = frozenset({"use", "cap", "counts"})

    near: Near = Near()
    """近似去重 / near-duplicates"""
    decontaminate: Decontaminate = Decontaminate()
    """去污染 / decontamination"""
    quota: Quota = Quota()
    """多样性配额 / quotas"""
    balance: Balance | None = None
    """类别均衡 / balance of categories"""
    long_tail: LongTail | None = None
    """长尾 / the long tail"""
    general: General | None = None
    """通用数据 / general-domain pairs"""
    cap: Annotated[Share, AfterValidator(_cap)] = str(USUAL)
    """大模型写的最多占训练集多大比例，最多 1/3 / the greatest share of the training set that a model may have written"""
    counts: list[Origin] = Field(["llm"], min_length=1)
    """cap 算哪些来源：llm，或连模板也算 [llm, template] / the origins that the cap counts"""

    @model_validator(mode="after")
    def _counts_a_model(self) -> Mix:
        if "llm" not in self.counts:
            raise problem(
                say("counts 里要有 llm", "counts must name llm"),
                say("写 [llm] 或 [llm, template]", "write [llm] or [llm, template]"),
            )
        return self

    @property
    def limit(self) -> Cap:
        """The cap, exactly."""
        return Cap(as_fraction(self.cap), tuple(self.counts))
