"""extract: questions whose answer lists what a text names, from spans that people have reviewed; without a model."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import Field, field_validator, model_validator

from curate.algorithms.cap import allowed, as_fraction
from curate.algorithms.template import RowTemplate
from curate.errors import CurateError
from curate.language import say
from curate.options import CorpusName, Template, as_list, problem
from curate.pairs import as_pairs
from curate.rows import Outcome, Table, because, trains
from curate.sql import ask
from curate.synthesize.questions import chosen, listed
from curate.synthesize.spans import BadSpans, Span, as_items, from_json, from_tags, joined
from curate.synthesize.task import TASK_NAME
from curate.unit import Unit

ASK = [
    "找出下面文字里提到的实体，用 JSON 回答：键是类型，值是原文里的写法，没有就写空列表。\n{{ types }}\n格式：{{ form }}\n文字：",
    "请做信息抽取：按类型列出后面文字中出现的实体，照抄原文，没有的类型留空列表，只输出 JSON。\n{{ types }}\n格式：{{ form }}\n文字：",
]


class Extract(Unit):
    """用人工审核过的实体标注出抽取题：答案是 JSON。 / Questions whose answer lists what a text names, from reviewed spans.

    The spans are BIO tags (``tags``, of ``tokens`` or else of the characters of the text; BIOES and BMES as well), or a column of
    JSON (``spans``): ``[{start, end, label}]`` or Label Studio's results. The answer holds each type, with the substrings of the text in their order,
    each once: ``{"公司": ["…"], "人名": []}``. Spans may overlap. Of rows without any span only some are trained on.
    Rows are read one by one: what people have marked is not much.
    """

    not_in_fingerprint: ClassVar = frozenset({"use"})

    use: Literal["extract"] = "extract"
    corpus: CorpusName
    """语料 / the corpus"""
    text: Template | None = None
    """被标注的文字：列名或模板；不写就是 text 列，有 tokens 时由词拼成 / the text that was marked: the column text, or the tokens, unless given"""
    spans: str = ""
    """标注所在的列（JSON：start、end、label，或 Label Studio 的 result） / the column of spans, in JSON"""
    tags: str = ""
    """BIO 标签所在的列 / the column of BIO tags"""
    tokens: str = ""
    """标签对应的词或字所在的列；不写就是正文的每个字 / the column of the tokens; the characters of the text unless given"""
    labels: dict[str, str] | list[str] | None = None
    """有哪些类型，可以写上定义；不写就用数据里有的 / the types, with definitions if you like; those of the data unless given"""
    ask: list[Template] = Field(ASK, min_length=1)
    """几种问法；{{ types }} 处写类型，{{ form }} 处写 JSON 的格式 / phrasings, with the types and the form of the JSON"""
    empty_share: float = Field(0.1, ge=0, lt=1)
    """没有任何实体的行最多占训练题的多少 / the greatest share of training rows without any span"""
    system: str = ""
    """系统提示 / the system prompt"""
    stem: str = Field("extract", pattern=TASK_NAME, alias="name")
    """任务名：同一语料有几个时要各起一个 / the task's name, where a corpus has several"""

    @field_validator("ask", mode="before")
    @classmethod
    def _one_alone(cls, value: object) -> object:
        return as_list(value)

    @model_validator(mode="after")
    def _one_form(self) -> Extract:
        if bool(self.spans) == bool(self.tags) or (self.tokens and not self.tags):
            raise problem(
                say(
                    "spans 和 tags 要写一个，只写一个；tokens 只和 tags 一起写",
                    "give spans or tags, one of them, and tokens with tags only",
                ),
                say("说明：curate catalogue extract", "see curate catalogue extract"),
            )
        return self

    @property
    def columns(self) -> dict[str, str]:
        """Option -> the column that it names."""
        told = {"spans": self.spans, "tags": self.tags, "tokens": self.tokens, "text": self.text or ""}
        return {option: column for option, column in told.items() if column and "{" not in column}

    def classes(self, table: Table) -> dict[str, str]:
        """Type -> definition: the recipe's, else those of the rows that train, in the order of their text.

        Raises:
            CurateError: rows train, but none names any.
        """
        if self.labels is not None:
            return dict.fromkeys(self.labels, "") if isinstance(self.labels, list) else self.labels
        if not trains(table):
            return {}
        known = {
            label
            for frame in table.frames()
            for marked in self._marked(frame.filter(pl.col("split").is_not_null()))["spans"]
            for _, _, label in marked or ()
        }
        if not known and not self._nothing_marked(table):
            raise CurateError(
                say(f"{self.corpus} 里没有一处标注", f"no row of {self.corpus} has a span"),
                say("检查 spans 或 tags 那一列", "look at the column of spans or tags"),
            )
        return dict.fromkeys(sorted(known), "")

    def _nothing_marked(self, table: Table) -> bool:
        """Is the column empty in all rows, as it is before anybody has marked anything?"""
        column = self.spans or self.tags
        return all(frame[column].null_count() == frame.height for frame in table.frames([column]))

    def apply(self, rows: pl.DataFrame, classes: dict[str, str]) -> Outcome:
        """A pair a row that trains and whose spans can be used; ``dropped`` are the others, each with its reason."""
        marked = self._marked(rows)
        strange = [
            next((label for _, _, label in spans or () if label not in classes), None)
            for spans in marked["spans"]
        ]
        told = rows.with_columns(
            pl.Series("input", marked["text"], dtype=pl.String),
            pl.Series(
                "output",
                [_answer(*one, classes) for one in zip(marked["text"], marked["spans"], strict=True)],
                dtype=pl.String,
            ),
            pl.Series("empty", [spans == [] for spans in marked["spans"]], dtype=pl.Boolean),
            pl.Series("wrong", marked["wrong"], dtype=pl.String),
            pl.Series("strange", strange, dtype=pl.String),
        )
        told = told.with_columns(self._reason().alias("why")).with_columns(
            pl.when(pl.col("why") == "unknown_label").then("strange").otherwise("wrong").alias("more")
        )
        told = told.with_columns(self._too_many_empty(told).alias("why"))
        good, bad = told.filter(pl.col("why").is_null()), told.filter(pl.col("why").is_not_null())
        pairs = good.select(
            (pl.col("row_id") + f"#{self.stem}.spans").alias("pair_id"),
            pl.col("row_id").alias("parent_id"),
            "corpus", "cluster_id", "tier", "split",
            pl.lit("real").alias("origin"), pl.lit("sft").alias("kind"),
            pl.lit(self.stem).alias("task"), pl.lit("spans").alias("question"), pl.lit(self.system).alias("system"),
            self._asked(good, classes).alias("instruction"),
            "input", "output",
        )  # fmt: skip
        own = rows.filter(told["why"].is_not_null())
        return Outcome(as_pairs(pairs), because(own, pl.lit(bad["why"]), detail=pl.lit(bad["more"])))

    def _reason(self) -> pl.Expr:
        return (
            pl.when(pl.col("split").is_null()).then(pl.lit("retrieval_only"))
            .when(pl.col("wrong").is_not_null()).then(pl.lit("bad_spans"))
            .when(pl.col("output").is_null()).then(pl.lit("fields_missing"))
            .when(pl.col("strange").is_not_null()).then(pl.lit("unknown_label"))
        )  # fmt: skip

    def _too_many_empty(self, told: pl.DataFrame) -> pl.Series:
        """The reasons, with ``over_limit`` for the training rows without a span that are too many, by the MD5 of their ids."""
        usable = told.filter(pl.col("why").is_null() & (pl.col("split") == "train"))
        empty = usable.filter("empty").select("row_id")
        most = allowed(usable.height - empty.height, as_fraction(self.empty_share))
        over = ask("SELECT row_id FROM empty ORDER BY md5(row_id), row_id", empty=empty)["row_id"][most:]
        return told.select(
            pl.when(pl.col("row_id").is_in(over.implode()))
            .then(pl.lit("over_limit"))
            .otherwise("why")
            .alias("why")
        )["why"]

    def _marked(self, rows: pl.DataFrame) -> dict[str, list[Any]]:
        """``text``, ``spans`` (None where a cell is empty) and ``wrong`` of each row."""
        given = self.text or ("" if self.tokens else "text")
        source = given if "{" in given or not given else f"{{{{ {given} }}}}"
        texts = RowTemplate(source).render(rows).to_list()
        cells = rows[self.spans or self.tags].to_list()
        tokens = rows[self.tokens].to_list() if self.tokens else [None] * rows.height
        found: dict[str, list[Any]] = {"text": [], "spans": [], "wrong": []}
        for text, cell, words in zip(texts, cells, tokens, strict=True):
            spans, wrong = None, None
            try:
                if cell not in (None, "") and (words is not None or not self.tokens):
                    items = as_items(words) if self.tokens else list(text)
                    text = text if given else joined(items)
                    spans = from_json(text, cell) if self.spans else from_tags(text, items, as_items(cell))
            except BadSpans as error:
                wrong = str(error)
            found["text"].append(text)
            found["spans"].append(spans if text.strip() else None)
            found["wrong"].append(wrong)
        return found

    def _asked(self, rows: pl.DataFrame, classes: dict[str, str]) -> pl.Series:
        defined, shown = listed(classes, definitions=True)
        types = "\n".join(shown) if defined else f"类型：{'、'.join(shown)}"
        form = json.dumps({name: ["…"] for name in classes}, ensure_ascii=False)
        phrasing = ask(
            f"SELECT ('0x' || substr(md5(row_id || '#{self.stem}'), 1, 8))::BIGINT AS phrasing FROM rows ORDER BY place",
            rows=rows.select("row_id").with_row_index("place"),
        )["phrasing"]
        told = rows.with_columns(pl.lit(types).alias("types"), pl.lit(form).alias("form"))
        return chosen(told, [RowTemplate(text) for text in self.ask], phrasing)


def _answer(text: str, spans: list[Span] | None, classes: dict[str, str]) -> str | None:
    """The JSON of a row: each type with its substrings, each once."""
    if spans is None:
        return None
    told: dict[str, list[str]] = {name: [] for name in classes}
    for start, end, label in spans:
        if label in told and text[start:end] not in told[label]:
            told[label].append(text[start:end])
    return json.dumps(told, ensure_ascii=False)
