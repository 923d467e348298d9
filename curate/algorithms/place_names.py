"""Provinces, cities and counties of China in front of a name, and whether two of them can be one place.

A place is its division code: ``44`` Guangdong, ``4403`` Shenzhen, ``320583`` Kunshan, ``0`` China as a whole. One
place lies in another when the other's code is the beginning of its own. Source: divisions.txt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polars as pl

#: Levels that a bare name drops; the peoples of an autonomous area go with it (延边朝鲜族自治州 -> 延边).
_PEOPLES = (
    "蒙古族|蒙古|朝鲜族|土家族|苗族|藏族|羌族|彝族|布依族|侗族|哈尼族|壮族|傣族|白族|景颇族|傈僳族|回族|"
    "哈萨克|维吾尔|柯尔克孜|黎族|瑶族|仫佬族|毛南族|满族"
)


@cache
def place_names() -> pl.DataFrame:
    """surface, code: every way to write a place; one surface may have several codes (朝阳区)."""
    rows = [(surface, code) for code, name in divisions() for surface in _ways(code, name)]
    rows += [
        ("中国", "0"),
        ("中华人民共和国", "0"),
        ("海峡两岸", "0"),
        ("雄安", "1306"),
        ("雄安新区", "1306"),
    ]
    rows += [
        ("香港", "81"),
        ("澳门", "82"),
        ("中国香港", "81"),
        ("中国澳门", "82"),
        ("hong kong", "81"),
        ("hk", "81"),
    ]
    return (
        pl.DataFrame(rows, schema={"surface": pl.String, "code": pl.String}, orient="row")
        .unique()
        .sort("surface", "code")
    )


@cache
def _lines() -> list[str]:
    text = (Path(__file__).parent / "divisions.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


@cache
def _words() -> frozenset[str]:
    """Cities whose bare name is also a word, a brand or part of one (阿里巴巴): they are a place only with their 市."""
    return frozenset(word for line in _lines() if line.startswith("!") for word in line[1:].split())


def divisions() -> Iterator[tuple[str, str]]:
    for line in _lines():
        if line.startswith("!"):
            continue
        code, name, *counties = line.split()
        if name != "-":
            yield code, name
        yield from ((code + county[:2], county[2:]) for county in counties)


def _ways(code: str, name: str) -> Iterator[str]:
    """深圳市 -> 深圳市, 深圳. Districts and counties are places only with their 区 or 县: 长安, 平安 and 新华 are
    brands more often.
    """
    yield name
    bare = re.sub(rf"(?:{_PEOPLES})*(?:特别行政区|自治区|自治州|地区|省|市|盟)$", "", name)
    county_level = len(code) == 6
    if bare != name and len(bare) >= 2 and (not county_level or name.endswith("市")) and bare not in _words():
        yield bare


@cache
def _leading() -> str:
    """A regular expression: the longest place at the beginning."""
    surfaces = sorted(set(place_names()["surface"]), key=lambda surface: (-len(surface), surface))
    return f"^({'|'.join(surfaces)})"


def leading_place(names: pl.Series) -> pl.DataFrame:
    """place, rest: the place at the beginning of each name ('' for none), and the name behind it.

    Several levels are read while each lies in the one before (江苏省昆山市 is 320583); 上海 behind 深圳市 is the
    beginning of the name. A surface that several places share, and that no level in front makes clear, is read as a
    place without a code: it is cut off, and conflicts with nothing.
    """
    told = pl.DataFrame({"rest": names, "place": pl.Series([""] * len(names), dtype=pl.String)})
    told = told.with_row_index("row")
    for level in range(3):
        found = told.select("row", "rest", "place", surface=pl.col("rest").str.extract(_leading()))
        found = found.filter(pl.col("surface").is_not_null())
        if level:
            found = found.filter(pl.col("place") != "")
        known = found.join(place_names(), on="surface").filter(
            pl.col("place").is_in(["", "0"]) | pl.col("code").str.starts_with(pl.col("place"))
        )
        # the higher level first; an ambiguous county has no code of its own
        best = known.sort("row", pl.col("code").str.len_chars(), "code").group_by("row", maintain_order=True)
        chosen = best.agg(
            pl.col("surface").first(),
            pl.when((pl.len() > 1) & (pl.col("code").first().str.len_chars() == 6))
            .then(pl.lit("0"))
            .otherwise(pl.col("code").first())
            .alias("code"),
        )
        told = (
            told.join(chosen, on="row", how="left", maintain_order="left")
            .with_columns(
                pl.coalesce("code", "place").alias("place"),
                pl.when(pl.col("surface").is_not_null())
                .then(pl.col("rest").str.slice(pl.col("surface").str.len_chars()))
                .otherwise("rest")
                .alias("rest"),
            )
            .drop("surface", "code")
        )
    # 河北市…: a level that the place does not have
    rest = pl.when(pl.col("place") != "").then(pl.col("rest").str.replace("^[省市]", "")).otherwise("rest")
    return told.select("place", rest.alias("rest"))
