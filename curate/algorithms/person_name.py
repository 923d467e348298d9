"""Names of people: one way of writing, and how they sound."""

from __future__ import annotations

import polars as pl

from curate.algorithms.name_form import name_form
from curate.algorithms.pinyin import pinyin

#: Surnames of two characters that are met; source: 百家姓.
DOUBLE = "欧阳 司马 上官 诸葛 司徒 东方 夏侯 皇甫 尉迟 公孙 慕容 长孙 宇文 令狐 轩辕 端木 南宫 独孤 西门 呼延"
#: Surnames read otherwise than the word.
SURNAMES = {
    "单": "shan",
    "曾": "zeng",
    "仇": "qiu",
    "解": "xie",
    "查": "zha",
    "盖": "ge",
    "朴": "piao",
    "区": "ou",
    "尉": "wei",
}
SURNAMES |= {
    "任": "ren",
    "华": "hua",
    "召": "shao",
    "洗": "xian",
    "缪": "miao",
    "乐": "yue",
    "覃": "qin",
    "翟": "zhai",
    "员": "yun",
}
_TITLES = (
    r"(?:先生|女士|小姐|太太|老师|博士|教授|经理|总监|总经理|主任|工程师)$|^(?:mr|mrs|ms|miss|dr|prof)\.?\s+"
)


def person_form(names: pl.Series) -> pl.Series:
    """Without titles; Chinese names without spaces, Latin ones as sorted words (Zhang Wei and Wei, Zhang are one)."""
    plain = name_form(names).str.replace_all(_TITLES, "").to_frame("name")
    han = pl.col("name").str.contains(r"\p{Han}")
    words = pl.col("name").str.extract_all(r"[\p{L}\p{N}]+").list.sort().list.join(" ")
    told = plain.select(pl.when(han).then(pl.col("name").str.replace_all(r"[\s·•.,，]", "")).otherwise(words))
    return told.to_series()


def person_sound(forms: pl.Series) -> pl.Series:
    """The sorted words of the Latin spelling, joined: 张伟, 张玮 and Zhang Wei are ``weizhang``."""
    told = forms.to_frame("name")
    double = rf"^({'|'.join(DOUBLE.split())})."
    told = told.with_columns(
        pl.coalesce(pl.col("name").str.extract(double), pl.col("name").str.extract(r"^(\p{Han})")).alias(
            "surname"
        )
    ).with_columns(pl.col("name").str.slice(pl.col("surname").str.len_chars()).alias("given"))
    surname = told["surname"].replace(SURNAMES)
    told = told.with_columns(pinyin(surname).alias("surname"), pinyin(told["given"]).alias("given"))
    spelled = pl.concat_list("surname", "given").list.sort().list.join("")
    chinese = pl.col("surname").is_not_null()
    sound = pl.when(chinese).then(spelled).otherwise(pl.col("name").str.replace_all(" ", ""))
    return told.select(sound.alias("sound")).to_series()
