"""What titles of products, papers and exhibitions are made of: words, model codes, numbers."""

from __future__ import annotations

from functools import cache

import polars as pl

from curate.algorithms.name_form import name_form

_DIGITS = "零一二三四五六七八九"
_UNITS = "ml|cl|l|kg|g|mg|mm|cm|m|km|w|kw|v|a|ah|mah|hz|ghz|mhz|gb|tb|mb|in|inch|寸|英寸|毫升|升|克|千克|公斤|米|厘米|毫米|瓦|届|期|年|月|号"

#: Variants of one product; 黑 alone may be anything.
_COLOURS = r"\b(?:black|white|silver|gr[ae]y|red|blue|pink|green|gold|orange|purple|yellow|brown)\b|[黑白银灰红蓝粉绿金橙紫黄棕]色"


def title_form(titles: pl.Series) -> pl.Series:
    """name_form with 第十二届 as 第12届 and 500 ml as 500ml."""
    old, new = _ordinals()
    return (
        name_form(titles)
        .str.replace_many(old, new, leftmost=True)
        .str.replace_all(rf"(\d)\s+({_UNITS})\b", "$1$2")
    )


@cache
def _ordinals() -> tuple[list[str], list[str]]:
    """第九十九 … 第一, the longer first, and the same with digits."""
    pairs = []
    for number in range(1, 100):
        tens, ones = divmod(number, 10)
        word = ("" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十") + (
            _DIGITS[ones] if ones else ""
        )
        pairs.append((f"第{word}", f"第{number}"))
    pairs.sort(key=lambda pair: -len(pair[0]))
    return [old for old, _ in pairs], [new for _, new in pairs]


def title_tokens(forms: pl.Series) -> pl.DataFrame:
    """tokens, codes, stems, numbers, colours: lists of strings for each title.

    Tokens are Latin words, numbers, pairs of Chinese characters, and codes. A code is letters and digits written
    together, or with a dash between (PS-LX350H is pslx350h), of four characters at least, or five digits: a model.
    Its stem has no letters behind the last digit (they tell a colour or a country). Numbers are what stands outside
    of codes (2024, 500ml, the 12 of 第12届).
    """
    told = forms.to_frame("form").with_columns(
        pl.col("form").str.extract_all(r"[a-z0-9]+(?:[-/.+][a-z0-9]+)*").alias("joined")
    )
    bare = pl.element().str.replace_all(r"[-/.+]", "")
    mixed = bare.str.contains(r"\d") & bare.str.contains("[a-z]") & (bare.str.len_chars() >= 4)
    measure = bare.str.contains(rf"^\d+(?:{_UNITS}|st|nd|rd|th|p|i|x)+$")
    code = (mixed & ~measure) | bare.str.contains(r"^\d{5,}$")
    stem = bare.str.replace(r"^(.{3,}\d)[a-z]+$", "$1")
    other = pl.col("joined").list.eval(pl.when(~code).then(pl.element())).list.drop_nulls().list.join(" ")
    told = told.with_columns(
        _set(pl.col("joined").list.eval(pl.when(code).then(bare)).list.drop_nulls()).alias("codes"),
        _set(pl.col("joined").list.eval(pl.when(code).then(stem)).list.drop_nulls()).alias("stems"),
        pl.col("form").str.extract_all(r"[a-z0-9]+").alias("words"),
        _set(other.str.extract_all(rf"\d+(?:\.\d+)?(?:{_UNITS})?")).alias("numbers"),
        _set(pl.col("form").str.extract_all(_COLOURS)).alias("colours"),
    ).with_columns(_pairs(told["form"]).alias("pairs"))
    return told.select(
        _set(pl.concat_list("words", "codes", "pairs")).alias("tokens"),
        "codes",
        "stems",
        "numbers",
        "colours",
    )


def _set(values: pl.Expr) -> pl.Expr:
    return values.list.unique().list.sort()


def _pairs(forms: pl.Series) -> pl.Series:
    """Pairs of neighbouring Chinese characters of each text; a single one stands for itself."""
    runs = forms.str.extract_all(r"\p{Han}+").list.join(" ")
    told = pl.DataFrame({"row": range(len(runs)), "runs": runs})
    length = pl.col("runs").str.len_chars()
    cut = told.filter(length > 0).with_columns(
        pl.int_ranges(0, pl.max_horizontal(length - 1, pl.lit(1))).alias("at")
    )
    pairs = cut.explode("at").select("row", pair=pl.col("runs").str.slice(pl.col("at"), 2))
    grouped = pairs.filter(~pl.col("pair").str.contains(" ")).group_by("row").agg("pair")
    whole = told.select("row").join(grouped, on="row", how="left", maintain_order="left")
    return whole.select(pl.col("pair").fill_null(pl.lit([], dtype=pl.List(pl.String)))).to_series()
