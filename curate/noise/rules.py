"""Rules that find noise in finished rows: what the flow should have cleaned, dropped or masked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import polars as pl

from curate.algorithms import characters
from curate.algorithms.characters import JOINERS, invisible_but, marks_of
from curate.algorithms.html_tags import BLOCKS, INLINE, PAIRED, SURE
from curate.algorithms.idle_text import GARBLED, idle_parts
from curate.algorithms.personal_data import kinds_in
from curate.algorithms.placeholders import PLACEHOLDERS
from curate.algorithms.text_shape import (
    LEAST_JUDGED,
    MOST_REPEATED_10,
    MOST_REPEATED_LINES,
    MOST_SIGNS,
    MOST_TOP_2,
    shape_of,
)
from curate.language import say
from curate.rows import COMMON, ROUTED, SYSTEM

Rule = Literal[
    "empty",
    "placeholder",
    "trial",
    "garbled",
    "invisible",
    "mark_up",
    "spaced_out",
    "boilerplate",
    "advert",
    "repetition",
    "too_many_signs",
    "truncated",
    "personal_data",
    "low_quality",
]
RULES: tuple[Rule, ...] = get_args(Rule)

#: A tag however it is written, also one that ``strip_html`` could not read, and entities; but ``<b>`` only with an attribute
#: or behind its text: ``a<b>c`` and ``git checkout <branch>`` hold none.
MARK_UP = (
    rf"(?i)</(?:{INLINE}|{BLOCKS})\s*>|<(?:{SURE})(?:\s[^<>]*)?/?>|<(?:{PAIRED})(?:\s[^<>]*=[^<>]*|\s*/)>|"
    r"(?:^|[^0-9a-z])<p\s*>|<p\s*>(?:[^0-9a-z]|$)|"
    r"&(?:nbsp|amp|lt|gt|quot|apos|[lr][sd]quo|[mn]dash|hellip|middot|bull|copy|ensp|emsp);|"
    r"&#(?:[0-9]{2,6}|x[0-9a-f]{2,5});"
)
INVISIBLE = invisible_but(JOINERS)
SPACED_OUT = r"(?:\p{Han}[ \u00A0\u3000]){4}\p{Han}"
#: It ends in the middle of a sentence, or where a page hides the rest.
TRUNCATED = r"[，、；：（《“‘【]$|(?:…|\.\.\.)(?:全文|展开|更多|查看|\[详细\])"
#: In a whole text 0 is no number.
NOTHING_SAID = [*PLACEHOLDERS, "0"]
#: Phrases of ``advert`` a hundred characters.
ADVERT = 4.0
#: People leave short comments without an end; a longer text that stops in a sentence was cut.
LEAST_CUT = 60


def rule_word(rule: str) -> str:
    """``mark_up`` -> ``残留标签``."""
    words: dict[str, tuple[str, str]] = {
        "empty": ("正文为空", "no text"),
        "placeholder": ("占位值", "a placeholder"),
        "trial": ("测试行", "a row typed to try a form"),
        "garbled": ("乱码", "garbled"),
        "invisible": ("不可见字符", "invisible characters"),
        "mark_up": ("残留标签", "mark-up left"),
        "spaced_out": ("汉字间有空格", "spaces between Han characters"),
        "boilerplate": ("网站套话", "boilerplate"),
        "advert": ("广告", "advertising"),
        "repetition": ("大段重复", "repeats itself"),
        "too_many_signs": ("符号太多", "too many signs"),
        "truncated": ("没有写完", "cut off"),
        "personal_data": ("个人信息", "personal data"),
        "low_quality": ("质量分低", "a low quality score"),
    }
    return say(*words[rule]) if rule in words else rule


def looked_at(rows: pl.DataFrame, skip: Sequence[str]) -> list[str]:
    """The texts of a row: its own columns and ``text``."""
    aside = {*SYSTEM, *ROUTED, *COMMON, "quality_why", *skip} - {"text"}
    return [name for name, kind in rows.schema.items() if kind == pl.String and name not in aside]


def broken_rules(
    rows: pl.DataFrame, rules: Sequence[Rule], skip: Sequence[str] = (), min_quality: float = 0.3
) -> pl.Series:
    """For each row the rules that it breaks, in the order of ``RULES``: a list of names, empty for most."""
    masks: dict[str, pl.Series] = {}
    in_any: dict[Rule, Callable[[pl.Series], pl.Series]] = {
        "garbled": lambda values: _with(values, characters.LATIN | characters.LOST, GARBLED),
        "invisible": lambda values: _with(values, characters.INVISIBLE | characters.RETURN, INVISIBLE),
        "mark_up": lambda values: _with(values, characters.TAG | characters.ENTITY, MARK_UP),
        "spaced_out": lambda values: values.str.contains(SPACED_OUT),
        "personal_data": lambda values: kinds_in(values).is_not_null(),
    }
    for rule in set(rules) & set(in_any):
        for name in looked_at(rows, skip):
            found = in_any[rule](rows[name]).fill_null(False)
            masks[rule] = found if rule not in masks else masks[rule] | found
    masks |= _of_text(rows["text"])
    if "quality" in rows.columns:
        masks["low_quality"] = (rows["quality"].cast(pl.Float64) < min_quality).fill_null(False)
    told = [rule for rule in RULES if rule in rules and rule in masks]
    if not told:
        return pl.repeat([], rows.height, dtype=pl.List(pl.String), eager=True).alias("flags")
    names = [pl.when(pl.col(rule)).then(pl.lit(rule)) for rule in told]
    frame = pl.DataFrame({rule: masks[rule] for rule in told})
    return frame.select(pl.concat_list(names).list.drop_nulls().alias("flags"))["flags"]


def _of_text(texts: pl.Series) -> dict[str, pl.Series]:
    text = texts.fill_null("").str.strip_chars()
    shape = shape_of(texts).hstack(idle_parts(texts)).with_columns(text.alias("text"))
    long = pl.col("words") >= LEAST_JUDGED
    repeats = (
        (pl.col("repeated_10") > MOST_REPEATED_10)
        | (pl.col("top_2") > MOST_TOP_2)
        | ((pl.col("lines") > 3) & (pl.col("repeated_lines") > MOST_REPEATED_LINES))
    )
    found = shape.select(
        empty=pl.col("text") == "",
        placeholder=pl.col("text").str.to_lowercase().is_in(NOTHING_SAID),
        trial=pl.col("trial"),
        boilerplate=pl.col("boilerplate") > 0,
        advert=pl.col("advert") > ADVERT,
        repetition=long & repeats,
        too_many_signs=(pl.col("chars") >= LEAST_JUDGED) & (pl.col("sign") > MOST_SIGNS * pl.col("chars")),
        truncated=(pl.col("words") >= LEAST_CUT) & pl.col("text").str.contains(TRUNCATED),
    )
    return {column.name: column for column in found.iter_columns()}


def _with(values: pl.Series, cue: int, pattern: str) -> pl.Series:
    """Which values match; only those that hold the characters that a match must hold are looked at."""
    suspects = pl.Series((marks_of(values) & cue) != 0)
    found = pl.repeat(False, len(values), eager=True)
    if not suspects.any():
        return found
    places = suspects.arg_true()
    return found.scatter(places, values.gather(places).str.contains(pattern).fill_null(False))
