"""classify: questions whose answer is a class, from labels that people have reviewed; without a model."""

from __future__ import annotations

from typing import ClassVar, Literal

import polars as pl
from pydantic import Field, field_validator

from curate.algorithms.template import RowTemplate
from curate.errors import CurateError
from curate.language import say
from curate.options import CorpusName, Template, as_list, problem
from curate.pairs import as_pairs
from curate.rows import Outcome, Table, because, trains
from curate.sql import ask
from curate.synthesize.questions import chosen, listed
from curate.synthesize.task import TASK_NAME
from curate.unit import Unit

#: More classes than this are no classes but a column of something else.
MOST_LABELS = 50
ASK = [
    "请判断下面这段文字属于哪一类，只回答类别名称。\n{{ labels }}\n文字：",
    "从下列类别中，为后面的文字选出唯一合适的一个，不要解释。\n{{ labels }}\n文字：",
    "给一段文字分类，只写类别名称。\n{{ labels }}\n要分类的文字：",
]


class Classify(Unit):
    """用人工审核过的标签出分类题：答案就是类别。 / Questions whose answer is a class, from reviewed labels.

    The classes stand in the question (``{{ labels }}``), with their definitions where the recipe gives some. Their order is
    drawn anew for each row by MD5, so that a model cannot learn that the right one stands first; ``shuffle: false`` keeps
    the recipe's order, where the prompt in use will always be the same.
    """

    not_in_fingerprint: ClassVar = frozenset({"use"})

    use: Literal["classify"] = "classify"
    corpus: CorpusName
    """语料 / the corpus"""
    text: Template = "text"
    """要分类的文字：列名或模板 / what is classified: a column or a template"""
    label: str
    """类别所在的列 / the column of the class"""
    labels: dict[str, str] | list[str] | None = None
    """有哪些类别，可以写上定义；不写就用数据里有的 / the classes, with definitions if you like; those of the data unless given"""
    ask: list[Template] = Field(ASK, min_length=1)
    """几种问法；{{ labels }} 处写类别 / phrasings of the question; {{ labels }} stands for the classes"""
    definitions: bool = True
    """问题里写不写定义 / do the definitions stand in the question?"""
    shuffle: bool = True
    """每一行的类别换一个顺序 / another order of the classes for each row"""
    system: str = ""
    """系统提示 / the system prompt"""
    stem: str = Field("classify", pattern=TASK_NAME, alias="name")
    """任务名：同一语料有几个时要各起一个 / the task's name, where a corpus has several"""

    @field_validator("ask", mode="before")
    @classmethod
    def _one_alone(cls, value: object) -> object:
        return as_list(value)

    @field_validator("labels")
    @classmethod
    def _several(cls, labels: dict[str, str] | list[str] | None) -> dict[str, str] | list[str] | None:
        if labels is not None and len(set(labels)) < max(2, len(labels)):
            raise problem(
                say("类别至少要两个，不能重复", "there must be two classes or more, each once"),
                say("不写 labels，就用数据里有的类别", "without labels the classes of the data are taken"),
            )
        return labels

    @property
    def columns(self) -> dict[str, str]:
        """Option -> the column that it names."""
        return {"label": self.label} | ({} if "{" in self.text else {"text": self.text})

    def classes(self, table: Table) -> dict[str, str]:
        """Class -> definition: the recipe's, else those of the rows that train, in the order of their text.

        Raises:
            CurateError: rows train, but they have one class alone, or more than ``MOST_LABELS``. Without any (nobody has
                labelled them yet) there are no classes.
        """
        if self.labels is not None:
            return dict.fromkeys(self.labels, "") if isinstance(self.labels, list) else self.labels
        if not trains(table):
            return {}
        found = pl.concat(
            _label(frame.filter(pl.col("split").is_not_null()), self.label).unique().to_frame()
            for frame in table.frames(["split", self.label])
        )
        known = found["label"].drop_nulls().unique().sort().to_list()
        if known and not 2 <= len(known) <= MOST_LABELS:
            raise CurateError(
                say(
                    f"{self.corpus} 的 {self.label} 列有 {len(known)} 种值，不像类别",
                    f"the column {self.label} of {self.corpus} has {len(known)} values, which look like no classes",
                ),
                say("在 labels 里写明有哪些类别", "name the classes in labels"),
                option=("label",),
            )
        return dict.fromkeys(known, "")

    def apply(self, rows: pl.DataFrame, classes: dict[str, str]) -> Outcome:
        """A pair a row that trains and has a known class; ``dropped`` are the others, each with its reason."""
        source = f"{{{{ {self.text} }}}}" if "{" not in self.text else self.text
        told = rows.with_columns(
            _label(rows, self.label),
            RowTemplate(source).render(rows).str.strip_chars().alias("input"),
        )
        reason = (
            pl.when(pl.col("split").is_null()).then(pl.lit("retrieval_only"))
            .when((pl.col("input").fill_null("") == "") | pl.col("label").is_null()).then(pl.lit("fields_missing"))
            .when(~pl.col("label").is_in(list(classes))).then(pl.lit("unknown_label"))
        )  # fmt: skip
        told = told.with_columns(reason.alias("reason"))
        good, bad = told.filter(pl.col("reason").is_null()), told.filter(pl.col("reason").is_not_null())
        pairs = good.select(
            (pl.col("row_id") + f"#{self.stem}.label").alias("pair_id"),
            pl.col("row_id").alias("parent_id"),
            "corpus", "cluster_id", "tier", "split",
            pl.lit("real").alias("origin"), pl.lit("sft").alias("kind"),
            pl.lit(self.stem).alias("task"), pl.lit("label").alias("question"), pl.lit(self.system).alias("system"),
            self._asked(good, classes).alias("instruction"),
            "input", pl.col("label").alias("output"), "label",
        )  # fmt: skip
        detail = pl.when(pl.col("reason") == "unknown_label").then("label")
        own = rows.filter(told["reason"].is_not_null())
        return Outcome(
            as_pairs(pairs),
            because(own, pl.lit(bad["reason"]), detail=pl.lit(bad.select(detail).to_series())),
        )

    def _asked(self, rows: pl.DataFrame, classes: dict[str, str]) -> pl.Series:
        """The question to each row, with the classes in its own order."""
        defined, shown = listed(classes, self.definitions)
        drawn = ask(
            f"""SELECT ('0x' || substr(md5(row_id || '#{self.stem}'), 1, 8))::BIGINT AS phrasing,
                       string_agg(shown, {"chr(10)" if defined else "'、'"}
                                  ORDER BY {"md5(row_id || chr(31) || name), " if self.shuffle else ""}number) AS labels
                FROM rows CROSS JOIN classes GROUP BY place, row_id ORDER BY place""",
            rows=rows.select("row_id").with_row_index("place"),
            classes=pl.DataFrame({"name": list(classes), "shown": shown}).with_row_index("number"),
        )
        labels = "类别：" + drawn["labels"] if not defined else drawn["labels"]
        return chosen(
            rows.with_columns(labels.alias("labels")),
            [RowTemplate(text) for text in self.ask],
            drawn["phrasing"],
        )


def _label(rows: pl.DataFrame, column: str) -> pl.Series:
    """The class of each row as text: 3.0, as a spreadsheet may hold it, is 3; a list of one is that one, other lists are their
    items, which are no class.
    """
    values = rows[column]
    if values.dtype.is_float() and (values.drop_nulls() % 1 == 0).all():
        values = values.cast(pl.Int64)
    if values.dtype == pl.List:
        values = values.cast(pl.List(pl.String)).list.join("、")
    text = values.cast(pl.String).str.strip_chars()
    return text.set(text == "", None).alias("label")
