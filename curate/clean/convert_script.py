"""convert_script: traditional Chinese to simplified and back, by phrase."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar, Literal

import polars as pl

from curate.algorithms.characters import ANY, TRADITIONAL
from curate.algorithms.chinese_script import SIMPLIFIED_WORDS, Conversion, converted, sign_of
from curate.algorithms.fixpoint import until_stable
from curate.clean.cleaner import Notes, TextCleaner, only_where
from curate.options import Names, WorkspaceFile, located


class ConvertScript(TextCleaner):
    """简繁转换（OpenCC，按词转换）；不写选项就是繁体转简体。 / Traditional to simplified Chinese and back, by phrase (OpenCC).

    Only texts that hold a sure sign of the script to convert from are converted, and no text twice: a name such as
    乾县 or 毕昇 stays, and so does a text whose characters all belong to both scripts. Names of people and registered
    names may need their own characters: list their columns in ``skip``, or the names in ``protect``.
    """

    libraries: ClassVar = ("opencc",)
    use: Literal["convert_script"] = "convert_script"
    conversion: Conversion = "t2s"
    """t2s 繁体转简体，tw2sp 台湾用词转大陆用词，hk2s 香港繁体转简体，s2t 简体转繁体……（OpenCC 的名字） / OpenCC's name: t2s, tw2sp (Taiwan, with words), hk2s, s2t …"""
    protect: Names = []
    """这些词保持原样，在长文本里也一样 / terms that stay as they are, within longer text too"""
    protect_file: WorkspaceFile | None = None
    """保持原样的词，一行一个，# 开头是注释 / a file of such terms, one a line; # begins a comment"""

    def suspects(self) -> int:
        return TRADITIONAL if self.conversion.endswith(("2s", "2sp")) else ANY

    def rewrite_column(self, values: pl.Series, notes: Notes) -> pl.Series:
        sign = sign_of(self.conversion)
        if sign is None:
            return self._converted(values)
        return until_stable(values, lambda texts: only_where(texts, sign, self._converted))

    @cached_property
    def _terms(self) -> list[str]:
        named = list(self.protect)
        if self.protect_file:
            lines = located(self.protect_file).read_text(encoding="utf-8-sig").splitlines()
            named += [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        simplified = SIMPLIFIED_WORDS if self.conversion.endswith(("2s", "2sp")) else ()
        # of two that begin at one place the first of the list is found
        return sorted({*named, *simplified}, key=lambda term: (-len(term), term))

    def _converted(self, values: pl.Series) -> pl.Series:
        found = (
            values.str.extract_many(self._terms, leftmost=True)
            if self._terms and values.str.contains_any(self._terms).any()
            else None
        )
        texts = converted(values.to_list(), self.conversion, None if found is None else found.to_list())
        return pl.Series(values.name, texts, dtype=pl.String)
