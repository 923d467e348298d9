"""Projects that add what people said of a corpus's rows to the rows, as a column."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import field_validator

from curate.errors import CurateError
from curate.language import say
from curate.messages import did_you_mean
from curate.options import CorpusName, Template, problem
from curate.review.interface import Interface
from curate.review.project import Chosen, Material, Project
from curate.review.row_items import (
    RowSample,
    items_of,
    one_line,
    rendered,
    rows_of,
    settled,
)
from curate.review.sample import choose_rows
from curate.rows import COMMON, RESERVED, Outcome, Table, nothing_dropped


class Column(Project):
    """What ``labels`` and ``spans`` have in common: which rows are shown and how, and the new column."""

    of: ClassVar[Literal["rows", "pairs"]] = "rows"
    fields: ClassVar[tuple[str, ...]] = ("text", "about")

    corpus: CorpusName
    """语料 / the corpus"""
    text: Template = "text"
    """给人看的文字：列名或模板 / what people see: a column or a template"""
    about: Template = ""
    """文字上方的一行说明：列名或模板；不写就是语料名 / a line above the text: a column or a template; the corpus's name unless given"""
    sample: RowSample = 500
    """请人看多少：整数是行数，小数或百分数是比例 / how much people see: a whole number of rows, or a share of them"""
    seed: str = ""
    """换一个种子就换一批 / another seed draws others"""
    retrieval: bool = False
    """只供检索的行也看吗 / are rows judged, too, that only serve retrieval?"""
    column: str = ""
    """结果写进哪一列；不写就用项目名 / the new column; the project's name unless given"""

    @field_validator("column")
    @classmethod
    def _free(cls, column: str) -> str:
        if column in RESERVED or column in COMMON:
            raise problem(
                say(f"列名 {column} 是 curate 自己的", f"{column} is a column of curate's own"),
                say("换一个名字，例如 mood", "take another name, such as mood"),
            )
        return column

    @property
    def target(self) -> str:
        """The name of the new column."""
        return self.column or self.name

    def concerns(self, corpus: str) -> bool:
        return corpus == self.corpus

    def choose(self, material: Material) -> Chosen:
        """Rows that train, validate or test and have a text; those whose ids have the smallest MD5s.

        Raises:
            CurateError: a column is missing, or the new one is there already.
        """
        table = material.rows[self.corpus]
        self._check(table)
        wanted = pl.lit(True) if self.retrieval else pl.col("split").is_not_null()
        if "{" not in self.text:
            wanted &= pl.col(self.text).cast(pl.String).str.strip_chars() != ""
        there = pl.scan_parquet(list(table.shards)).select(wanted.fill_null(False).sum()).collect().item()
        rows = choose_rows(table, rows_of(self.sample, there), self.seed, wanted)
        texts = rendered(rows, self.text)
        some = texts.str.strip_chars() != ""
        rows, texts = rows.filter(some), texts.filter(some)
        about = one_line(rendered(rows, self.about)) if self.about else rows["corpus"]
        data = [{"text": text, "about": line} for text, line in zip(texts, about, strict=True)]
        items = items_of(self, rows, data, stratum=self.corpus, marks=self.marked(rows, texts))
        strata = [{"stratum": self.corpus, "rows": there, "drawn": rows.height}]
        return Chosen(items, {"rows": there, "drawn": rows.height, "strata": strata})

    @property
    def columns(self) -> dict[str, str]:
        """Option -> the column that it names."""
        told = {"text": self.text, "about": self.about}
        return {option: name for option, name in told.items() if name and "{" not in name}

    def _check(self, table: Table) -> None:
        where = say(
            f"审核项目 {self.name}：语料 {self.corpus}",
            f"review project {self.name}: the corpus {self.corpus}",
        )
        for option, name in self.columns.items():
            if name not in table.schema:
                raise CurateError(
                    say(f"{where} 没有列 {name}（{option}）", f"{where} has no column {name} ({option})"),
                    did_you_mean(name, table.schema),
                )
        if self.target in table.schema:
            raise CurateError(
                say(f"{where} 已经有 {self.target} 这一列", f"{where} has a column {self.target} already"),
                say("用 column 另起一个列名", "give the new column another name by column"),
            )

    def marked(self, rows: pl.DataFrame, texts: pl.Series) -> pl.Series:  # noqa: ARG002
        """What is shown beforehand of each row: Label Studio's regions in JSON, or null."""
        return pl.repeat(None, rows.height, dtype=pl.String, eager=True)

    @abstractmethod
    def cell(self, interface: Interface, told: Any) -> str:
        """What stands in the new column for what people said by ``control``."""

    def apply(self, frame: pl.DataFrame, items: pl.DataFrame, decided: pl.DataFrame) -> Outcome:  # noqa: ARG002
        """All rows, with the new column: null where people have decided nothing."""
        interface = self.page
        told = [
            (item_id, self.cell(interface, values.get(self.control))) for item_id, values in settled(decided)
        ]
        cells = pl.DataFrame(told, schema={"row_id": pl.String, self.target: pl.String}, orient="row")
        whole = frame.join(cells, on="row_id", how="left", maintain_order="left")
        return Outcome(whole, nothing_dropped(whole))
