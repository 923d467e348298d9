"""apply_glossary: one term for one thing."""

from __future__ import annotations

from functools import cached_property
from typing import Literal, Self

import polars as pl
from pydantic import model_validator

from curate.algorithms.glossary import Entry, Fault, Glossary
from curate.algorithms.personal_data import kinds_in
from curate.algorithms.term_matcher import TermMatcher, replaced
from curate.clean.cleaner import Notes, TextCleaner
from curate.glossary_file import read_glossary
from curate.language import say
from curate.options import WorkspaceFile, located, problem

REPLACED = {
    "aliases": ("alias",),
    "forbidden": ("forbidden",),
    "both": ("alias", "forbidden"),
    "none": (),
}
#: A replacement may make another form together with its neighbours; hardly ever twice.
ROUNDS = 8


class ApplyGlossary(TextCleaner):
    """按术语表统一用词：别名和禁用词换成标准词，并计数。 / One term for one thing: aliases and forbidden forms become the canonical term, counted.

    The file (csv, tsv, xlsx, yaml) has the columns canonical 标准词, aliases 别名, forbidden 禁用词 (several in a cell
    with | between), code 代码, system 代码体系 and note 说明; all but the first may be absent. Of terms that overlap the
    leftmost counts, then the longest, canonical ones included: 人工智能 stays as it is within 人工智能大会 where that is a
    term. Latin terms are whole words (AI in 用AI做, not in MAIN), and none within URLs and e-mail addresses. Notes:
    ``canonical``, ``alias`` and ``forbidden`` (value: the form, proposal: the canonical term), ``unknown_code``
    (value: the code, unless it looks like personal data), ``unsettled``: texts that are left alone because their
    replacements would never end.
    """

    use: Literal["apply_glossary"] = "apply_glossary"
    file: WorkspaceFile
    """术语表：csv、xlsx 或 yaml / the glossary: csv, xlsx or yaml"""
    replace: Literal["aliases", "forbidden", "both", "none"] = "both"
    """替换哪些；其余只计数 / what is replaced; the rest is only counted"""
    ignore_case: bool = False
    """英文字母不分大小写 / letters A-Z match in any case"""
    code_pattern: str | None = None
    """代码的样子（正则，如 [A-Z]\\d{2}(\\.\\d{1,2})?）：文中有、表中没有的代码会列出来 / what codes look like (a regular expression): those in texts that the file does not have are listed"""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.code_pattern is not None:
            _check_pattern(self.code_pattern)
        if located(self.file).is_file():
            _ = self.glossary
        return self

    @cached_property
    def glossary(self) -> Glossary:
        """The file's terms.

        Raises:
            PydanticCustomError: all that is wrong with the file, with its lines.
        """
        return read_glossary(self.file, ignore_case=self.ignore_case, misfits=self._misfits)

    def _misfits(self, entries: list[Entry]) -> list[Fault]:
        """The entries whose code does not look like one."""
        if self.code_pattern is None:
            return []
        codes = pl.Series([entry.code for entry in entries], dtype=pl.String)
        fits = codes.str.contains(f"^(?:{self.code_pattern})$")
        return [
            Fault(
                entry,
                say(
                    f"代码 {entry.code} 不合 code_pattern",
                    f"the code {entry.code} does not match code_pattern",
                ),
                say("改代码或 code_pattern", "mend the code or code_pattern"),
            )
            for entry, fit in zip(entries, fits, strict=True)
            if entry.code and not fit
        ]

    @cached_property
    def matcher(self) -> TermMatcher:
        return TermMatcher(self.glossary.forms, ignore_case=self.ignore_case)

    def rewrite_column(self, values: pl.Series, notes: Notes) -> pl.Series:
        if self.code_pattern is not None:
            self._note_codes(values, notes)
        hits = self._hits(values)
        self._note_hits(values.name, hits, notes)
        wanted = pl.col("kind").is_in(REPLACED[self.replace])
        hits = hits.filter(wanted)
        new, places = values, pl.int_range(len(values), dtype=pl.UInt32, eager=True)
        for _ in range(ROUNDS):
            if hits.is_empty():
                return new
            touched = hits["place"].unique().sort()
            here = replaced(new.gather(places), hits, hits["canonical"]).gather(touched)
            places = places.gather(touched)
            new = new.clone().scatter(places, here)
            hits = self._hits(here).filter(wanted)
        endless = places.gather(hits["place"].unique())
        notes.add(values.name, "unsettled", count=len(endless))
        return new.clone().scatter(endless, values.gather(endless))

    def _hits(self, values: pl.Series) -> pl.DataFrame:
        """The matcher's hits with ``kind`` and ``canonical`` beside them."""
        hits = self.matcher.hits(values, in_addresses=False)
        pairs = hits.select("term", "found").unique()
        told = [self.glossary.meaning(term, found) for term, found in pairs.iter_rows()]
        meanings = pairs.with_columns(
            pl.Series("kind", [kind for kind, _ in told], dtype=pl.String),
            pl.Series("canonical", [canonical for _, canonical in told], dtype=pl.String),
        )
        return hits.join(meanings, on=["term", "found"], how="left", maintain_order="left")

    def _note_hits(self, column: str, hits: pl.DataFrame, notes: Notes) -> None:
        counts = hits.group_by("kind", "found", "canonical").len().sort("kind", "found", "canonical")
        for kind, found, canonical, count in counts.iter_rows():
            notes.add(column, kind, found, canonical, count=count)

    def _note_codes(self, values: pl.Series, notes: Notes) -> None:
        """Codes in the texts that the glossary does not have; ASCII word edges, for Han characters have none."""
        pattern = rf"(?-u:\b)(?:{self.code_pattern})(?-u:\b)"
        codes = values.filter(values.str.contains(pattern)).str.extract_all(pattern).explode().alias("code")
        unknown = (
            codes.filter(~codes.is_in(list(self.glossary.codes))).value_counts(name="count").sort("code")
        )
        personal = kinds_in(unknown["code"]).is_not_null()
        for (code, count), secret in zip(unknown.iter_rows(), personal, strict=True):
            notes.add(values.name, "unknown_code", None if secret else code, count=count)


def _check_pattern(pattern: str) -> None:
    try:
        empty = pl.Series([""]).str.contains(f"^(?:{pattern})$").item()
    except pl.exceptions.ComputeError as error:
        raise problem(
            say(f"code_pattern 不是合法的正则：{error}", f"code_pattern is malformed: {error}"),
            say(r"例如 [A-Z]\d{2}(\.\d{1,2})?", r"for example [A-Z]\d{2}(\.\d{1,2})?"),
        ) from error
    if empty:
        raise problem(say("code_pattern 连空文字也匹配", "code_pattern matches nothing at all too"))
