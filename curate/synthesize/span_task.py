"""Tasks over the spans of a text: what they share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl
from pydantic import Field, model_validator

from curate.errors import CurateError
from curate.language import say
from curate.messages import did_you_mean
from curate.options import problem
from curate.rows import Outcome, value_columns
from curate.synthesize.slots import of_spans
from curate.synthesize.task import ModelTask

#: A span to try prompts with.
SAMPLE = {"source": "第三届虹桥环保展于2026年3月5日开幕，参展企业1200家。", "title": "虹桥环保展开幕"}


class SpanTask(ModelTask):
    """A task whose slots are the spans of each row's text."""

    title: str = ""
    """标题所在的列，问题里好说清是哪家公司、哪份报告；空着就用 title 列 / the column of the title; the column title unless said"""
    span_chars: int = Field(600, ge=50)
    """正文在句末切成多少字的段，一段问一次模型 / characters of a span; a model is asked once a span"""
    min_chars: int = Field(80, ge=1)
    """再短的段并入前一段；整篇都不到就不问 / shorter spans join the one before; shorter texts are left out"""

    @model_validator(mode="after")
    def _spans_fit(self) -> SpanTask:
        # two neighbours cannot both be too short then
        if self.min_chars * 2 > self.span_chars:
            raise problem(
                say(
                    "min_chars 不能超过 span_chars 的一半", "min_chars may be half of span_chars at the most"
                ),
                say("把 span_chars 调大，或把 min_chars 调小", "raise span_chars or lower min_chars"),
            )
        return self

    def slots(self, rows: pl.DataFrame) -> Outcome:
        """A slot a span of the rows that train.

        Raises:
            CurateError: the column of the title is not there.
        """
        if self.title and self.title not in rows.columns:
            raise CurateError(
                say(
                    f"任务 {self.stem} 的 title：语料 {self.corpus} 没有 {self.title} 列",
                    f"title of the task {self.stem}: {self.corpus} has no column {self.title}",
                ),
                did_you_mean(self.title, value_columns(rows)),
            )
        title = self.title or ("title" if "title" in rows.columns else None)
        return of_spans(rows, self.stem, self.span_chars, self.min_chars, title)

    @staticmethod
    def told(slot: Mapping[str, Any]) -> dict[str, str]:
        """What every prompt over a span may name."""
        return {"source": slot["source"], "title": json.loads(slot["given"])["title"]}
