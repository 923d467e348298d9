"""strip_boilerplate: what a site adds to every text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import field_validator

from curate.algorithms.boilerplate import LineCounter
from curate.algorithms.boilerplate_rules import HEAD, REMARKS, TAIL
from curate.algorithms.confirmed_lines import ConfirmedLine, Malformed, as_file, read_confirmed
from curate.algorithms.fixpoint import until_stable
from curate.clean.cleaner import Learner, Notes, TextCleaner, only_where
from curate.options import WorkspaceFile, located, problem
from curate.unit import Located

Rule = Literal[
    "editor", "source", "original_title", "reporter", "follow", "more", "notice", "furniture", "date_line", "label"
]  # fmt: skip
RULES: tuple[Rule, ...] = (
    "editor", "source", "original_title", "reporter", "follow", "more", "notice", "furniture", "date_line", "label",
)  # fmt: skip
FOUND = "candidates.parquet"
#: where a confirmed pattern (@) stands
SHAPES = {
    "head": r"^\s*(@)\s*",
    "tail": r"(@)\s*$",
    "line": r"(?m)^[ \t\u3000\u00a0\r]*(@)[ \t\u3000\u00a0\r]*$",
}


class StripBoilerplate(Learner, TextCleaner):
    """去掉网站给每篇文章加的内容：责任编辑、来源、扫码关注、版权声明等，和你确认过的重复行。 / Remove what a site adds to every text, by rules and by lines that you confirmed.

    Rules look at the beginning and the end of a text only. editor: 责任编辑：…; source: 来源：…; original_title: 原标题：…;
    reporter: （记者 …）, （完）; follow: 扫码关注 …; more: 点击查看更多, 阅读原文; notice: 版权声明, 免责声明, 转载请注明 …;
    furniture: 分享到, 上一篇, 打印; date_line: 央视网消息：, 新华社北京1月1日电（记者 …）; label: [视频].

    With ``learn_from``, lines, beginnings and ends that many texts share are counted and listed as candidates; none is
    removed until it stands in the ``confirmed`` file.
    """

    use: Literal["strip_boilerplate"] = "strip_boilerplate"
    rules: list[Rule] = list(RULES)
    """用哪些规则 / the rules to use"""
    confirmed: WorkspaceFile | None = None
    """确认要去掉的行，一行一个；^ 在开头，$ 在结尾，* 代表任意内容 / a file of lines to remove, one a line; ^ at the beginning of a text, $ at its end, * is anything"""

    @field_validator("confirmed")
    @classmethod
    def _readable(cls, path: str | None) -> str | None:
        if isinstance(path, Located) and path.where.is_file():
            try:
                read_confirmed(path.where)
            except Malformed as error:
                raise problem(f"{path}:{error.line}: {error.problem}", error.hint) from error
        return path

    def rewrite_column(self, values: pl.Series, notes: Notes) -> pl.Series:
        self._tell_candidates(values, notes)
        return until_stable(values, lambda texts: self._without_confirmed(self._ruled(texts, notes), notes))

    def learn(self, frames: Iterator[pl.DataFrame], folder: Path) -> dict[str, Any]:
        counter = LineCounter()
        found = self._candidates(counter, frames, self._confirmed)
        found.write_parquet(folder / FOUND)
        return {"texts": counter.texts, "candidates": found.height, "missed": counter.missed}

    def candidates(self, frames: Iterable[pl.DataFrame], also: Iterable[ConfirmedLine] = ()) -> pl.DataFrame:
        """Lines, beginnings and ends of ``text`` that many rows share and no rule removes: line, rows (different
        texts), share (0-1), where (line, head or tail), confirmed.

        Args:
            also: what is confirmed besides what this cleaner knows.
        """
        return self._candidates(LineCounter(), frames, [*self._confirmed, *also])

    def confirmed_file(self, found: pl.DataFrame, about: str, also: Iterable[ConfirmedLine] = ()) -> str:
        """The text of the ``confirmed`` file: what it holds, and what is found as comments with counts."""
        return as_file(found, dict.fromkeys((*self._confirmed, *also)), about)

    def _candidates(
        self, counter: LineCounter, frames: Iterable[pl.DataFrame], confirmed: list[ConfirmedLine]
    ) -> pl.DataFrame:
        for rows in frames:
            counter.add(rows["text"])
        found = counter.candidates()
        leads = self._ruled(found["line"] + "甲", Notes()) == "甲"
        ends = self._ruled("甲。\n" + found["line"], Notes()) == "甲。"
        known = [
            any(pattern.covers(where, line) for pattern in confirmed)
            for where, line in found.select("where", "line").iter_rows()
        ]
        told = found.with_columns(pl.Series("confirmed", known, pl.Boolean)).filter(~(leads | ends))
        return told.select("line", "rows", "share", "where", "confirmed")

    @cached_property
    def _confirmed(self) -> list[ConfirmedLine]:
        return read_confirmed(located(self.confirmed)) if self.confirmed else []

    def _without_confirmed(self, values: pl.Series, notes: Notes) -> pl.Series:
        for where, shape in SHAPES.items():
            patterns = [pattern for pattern in self._confirmed if pattern.where == where]
            if patterns:
                regex = shape.replace("@", "|".join(f"(?:{pattern.regex})" for pattern in patterns))
                places = values.str.contains_any([pattern.trigger for pattern in patterns]).arg_true()
                bare = only_where(values.gather(places), regex, partial(_without, regex, patterns, notes))
                values = values.clone().scatter(places, bare)
        return values

    def _ruled(self, values: pl.Series, notes: Notes) -> pl.Series:
        """The texts without what the rules know; how often each rule found something is told."""
        for at in ("head", "tail"):
            rules = [remark for remark in REMARKS if remark.at == at and remark.name in self.rules]
            if not rules:
                continue
            edges = _edges(values, at)
            near = edges.str.contains(_any_of(word for rule in rules for word in rule.needs)).arg_true()
            for rule in rules:
                places = near.filter(edges.gather(near).str.contains(_any_of(rule.needs)))
                places = places.filter(edges.gather(places).str.contains(rule.regex))
                bare = edges.gather(places).str.replace(rule.regex, "${1}")
                whole = values.gather(places)
                told = bare + whole.str.slice(HEAD) if at == "head" else whole.str.head(-TAIL) + bare
                # a value that is nothing else, such as the state 关闭 in a column, means what it says
                more = told.str.strip_chars() != ""
                notes.add(values.name, rule.name, count=int(more.sum()))
                places, told = places.filter(more), told.str.strip_chars().filter(more)
                values = values.clone().scatter(places, told)
                edges = edges.clone().scatter(places, _edges(told, at))
        return values

    def _tell_candidates(self, values: pl.Series, notes: Notes) -> None:
        """How many texts hold each candidate."""
        if self._model is None:
            return
        found = pl.read_parquet(self._model / FOUND).filter(~pl.col("confirmed"))
        if found.is_empty():
            return
        lines = found["line"].unique(maintain_order=True).to_list()
        hits = (
            values.filter(values.str.contains_any(lines)).str.extract_many(lines, leftmost=True).list.unique()
        )
        counts = dict(hits.explode().value_counts().iter_rows())
        for line, share, where in found.select("line", "share", "where").iter_rows():
            notes.add(values.name, "candidate", line, where, share, counts.get(line, 0))


def _any_of(words: Iterable[str]) -> str:
    """A regular expression of literals, which Polars compiles once; ``contains_any`` builds its automaton anew each time."""
    return "|".join(map(re.escape, words)) or "[^\\s\\S]"


def _edges(values: pl.Series, at: str) -> pl.Series:
    return values.str.head(HEAD) if at == "head" else values.str.tail(TAIL)


def _without(regex: str, patterns: list[ConfirmedLine], notes: Notes, values: pl.Series) -> pl.Series:
    """The texts without what the expression of these patterns finds; an empty line stays where a line was, so that
    its neighbours do not become one paragraph.
    """
    found = values.str.extract_all(regex).explode().str.strip_chars()
    for text, count in found.value_counts().iter_rows():
        pattern = next((one for one in patterns if one.covers(one.where, text)), patterns[0])
        notes.add(values.name, "confirmed", pattern.shown, count=count)
    return values.str.replace_all(regex, "").str.replace_all(r"\n\s*\n", "\n\n").str.strip_chars()
