"""drop_repetitive: text that repeats itself, and text that is no prose."""

from __future__ import annotations

from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from curate.algorithms.text_shape import (
    LEAST_JUDGED,
    MENU_LINES,
    MOST_REPEATED_10,
    MOST_REPEATED_LINES,
    MOST_SIGNS,
    MOST_TOP_2,
    shape_of,
)
from curate.clean.cleaner import Cleaner, Notes
from curate.rows import Outcome, because

Share = Annotated[float, Field(gt=0, le=2)]
Size = Annotated[int, Field(ge=2, le=100)]


class DropRepetitive(Cleaner):
    """丢弃大段重复、满是符号或像菜单的行。 / Drop rows that repeat themselves, are full of signs, or look like a menu.

    The rules of Gopher and FineWeb-2, with thresholds for Chinese characters: n-grams are of characters, for Chinese
    has no spaces between words, and published thresholds for words would drop most laws, whose sentences repeat
    each other. On ours, fewer than one good document in two hundred goes (benchmarks/results/quality.md); the
    share of line feeds and of characters that are no letters is FineWeb-2's. Short texts aren't judged.
    """

    use: Literal["drop_repetitive"] = "drop_repetitive"
    min_chars: int = Field(100, ge=1)
    """少于此字数的行不判断行和长片段，空白不算 / rows with fewer characters are judged by max_top only, white space not counted"""
    min_top_chars: int = Field(LEAST_JUDGED, ge=1)
    """少于此字数的行也不判断常见短语 / rows with fewer characters are not judged at all"""
    max_repeated: dict[Size, Share] = {5: 0.65, 10: MOST_REPEATED_10, 20: 0.4}
    """几个字的片段: 重复片段里的字最多占多少 / n: the greatest share of characters in n-grams that were there before"""
    max_top: dict[Size, Share] = {2: MOST_TOP_2}
    """几个字的片段: 最常见的一个最多占多少 / n: the greatest share of the commonest n-gram"""
    max_repeated_lines: float = Field(MOST_REPEATED_LINES, gt=0, le=1)
    """重复的行最多占多少字 / the greatest share of characters in lines that were there before"""
    max_line_feeds: float = Field(0.178, gt=0, le=1)
    """换行最多占多少字 / the greatest share of line feeds"""
    max_signs: float = Field(MOST_SIGNS, gt=0, le=1)
    """标点和符号最多占多少字 / the greatest share of punctuation and signs"""
    max_not_letters: float = Field(0.735, gt=0, le=1)
    """标点、符号和数字一共最多占多少字 / the greatest share of punctuation, signs and digits together"""
    min_ended_lines: float = Field(0.106, ge=0, le=1)
    """以标点结尾的行少于这个比例，而且短行多于 max_short_lines，就算菜单 / fewer lines end in punctuation, and more are short than max_short_lines: a menu"""
    max_short_lines: float = Field(0.67, gt=0, le=1)
    """不足 10 个字的行最多占多少 / the greatest share of lines with fewer than 10 characters"""

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        shape = shape_of(rows["text"], tuple(self.max_repeated), tuple(self.max_top))
        told = shape.select(
            *(
                pl.when(
                    pl.col("chars") >= (self.min_top_chars if name.startswith("top_") else self.min_chars)
                )
                .then(value)
                .fill_nan(0)
                .fill_null(0)
                .alias(name)
                for name, value in self._values().items()
            ),
            menu=(pl.col("chars") >= self.min_chars)
            & (pl.col("lines") >= MENU_LINES)
            & (pl.col("ended") < self.min_ended_lines)
            & (pl.col("short") > self.max_short_lines),
        )
        above = {reason: _first_above(limits) for reason, limits in self._limits().items()}
        above["menu"] = pl.when("menu").then(pl.lit(""))
        why = told.select(
            reason=pl.coalesce(
                pl.when(found.is_not_null()).then(pl.lit(name)) for name, found in above.items()
            ),
            detail=pl.coalesce(above.values()).replace("", None),
        )
        good = why["reason"].is_null()
        told_bad = why.filter(~good)
        dropped = because(rows.filter(~good), pl.lit(told_bad["reason"]), detail=pl.lit(told_bad["detail"]))
        return Outcome(rows.filter(good), dropped)

    def _values(self) -> dict[str, pl.Expr]:
        own = {
            name: pl.col(name)
            for name in (*(f"repeated_{n}" for n in self.max_repeated), *(f"top_{n}" for n in self.max_top))
        }
        signs = pl.col("sign") / pl.col("chars")
        others = (pl.col("sign") + pl.col("digit")) / pl.col("chars")
        lines = {"repeated_lines": pl.col("repeated_lines"), "line_feeds": pl.col("line_feeds")}
        return own | lines | {"sign": signs, "not_letters": others}

    def _limits(self) -> dict[str, dict[str, float]]:
        """Reason -> the values that it looks at, and the greatest that each may have."""
        return {
            "repeated_lines": {"repeated_lines": self.max_repeated_lines},
            "repeated_ngrams": {f"repeated_{n}": most for n, most in self.max_repeated.items()},
            "repeated_phrase": {f"top_{n}": most for n, most in self.max_top.items()},
            "too_many_lines": {"line_feeds": self.max_line_feeds},
            "too_many_signs": {"sign": self.max_signs},
            "few_letters": {"not_letters": self.max_not_letters},
        }


def _first_above(limits: dict[str, float]) -> pl.Expr:
    """``repeated_10 0.62 > 0.5``"""
    return pl.coalesce(
        pl.lit(None, pl.String),
        *(
            pl.when(pl.col(name) > most).then(pl.format(f"{name} {{}} > {most}", pl.col(name).round(2)))
            for name, most in limits.items()
        ),
    )
