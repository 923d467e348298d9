"""add_pinyin: how names sound, in a column of their own."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from curate.clean.cleaner import Cleaner, Notes
from curate.language import say
from curate.options import problem
from curate.rows import RESERVED, Outcome, nothing_dropped


class AddPinyin(Cleaner):
    """给名称加一列拼音，便于检索（重庆银行 → chong qing yin hang）。 / Add a column of pinyin to search names by.

    Polyphones are read by phrase (pypinyin's dictionary): 重庆 chong qing, 银行 yin hang. A value that the new column has
    already stays.
    """

    libraries: ClassVar = ("pypinyin",)
    use: Literal["add_pinyin"] = "add_pinyin"
    columns: dict[str, str] = Field(min_length=1)
    """新列: 名称列 / new column: the column of names"""
    style: Literal["plain", "tone", "initials"] = "plain"
    """plain: chong qing，tone: chóng qìng，initials: cq / with tones, without them, or initials only"""
    separator: str = " "
    """音节之间写什么 / what stands between syllables"""
    surnames: bool = False
    """这些是人名，姓氏按姓的读音（单 shan、曾 zeng、仇 qiu） / they are people's names: surnames are read as such"""

    @model_validator(mode="after")
    def _own_columns(self) -> Self:
        for name, source in self.columns.items():
            if name in RESERVED or name == source:
                raise problem(
                    say(f"拼音不能写进列 {name}", f"the pinyin cannot go into the column {name}"),
                    say("换一个新列名，例如 name_pinyin", "choose a new name, such as name_pinyin"),
                )
        return self

    def named_columns(self) -> list[tuple[tuple[Hashable, ...], str]]:
        return [(("columns", new), source) for new, source in self.columns.items()]

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        from curate.algorithms.pinyin_words import pinyin_words

        for new, source in self.columns.items():
            if source not in rows.columns:
                continue
            spelled = pinyin_words(
                rows[source].cast(pl.String), self.style, self.separator, surnames=self.surnames
            )
            there = rows[new].cast(pl.String) if new in rows.columns else spelled
            rows = rows.with_columns(there.fill_null(spelled).alias(new))
        return Outcome(rows, nothing_dropped(rows))
