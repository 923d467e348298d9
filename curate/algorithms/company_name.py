"""The parts of a company's name: place, core, industry, legal form, branch.

深圳市科力达科技有限公司上海分公司 -> place 4403, core 科力达, industry 科技, legal form 有限, branch 上海分公司. The core is what
sets a company apart; the industry is weaker evidence; the legal form changes in a company's life. Chinese registered
names are built in this order (企业名称登记管理规定 2020, art. 6), with the place also in brackets behind the core.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl

from curate.algorithms.name_form import name_form
from curate.algorithms.place_names import leading_place

#: What people write for a bank's name.
BANKS = {
    "工商银行": "中国工商银行",
    "建设银行": "中国建设银行",
    "农业银行": "中国农业银行",
    "民生银行": "中国民生银行",
    "光大银行": "中国光大银行",
}
SHORT_BANKS = {
    "工行": "工商银行",
    "建行": "建设银行",
    "农行": "农业银行",
    "中行": "中国银行",
    "交行": "交通银行",
    "招行": "招商银行",
}
#: Legal forms, the longest first; behind the arrow what they are compared by.
FORMS = {
    "股份有限责任公司": "股份",
    "股份有限公司": "股份",
    "股份责任有限公司": "股份",
    "股份公司": "股份",
    "有限责任公司": "有限",
    "责任有限公司": "有限",
    "信托责任公司": "有限",
    "有限公司": "有限",
    "总公司": "公司",
    "公司": "公司",
    "合伙企业(有限合伙人)": "合伙",
    "合伙企业(有限合伙)": "合伙",
    "合伙企业(普通合伙)": "合伙",
    "合伙企业(特殊普通合伙)": "合伙",
    "合伙企业": "合伙",
    "(有限合伙)": "合伙",
    "(普通合伙)": "合伙",
    "(特殊普通合伙)": "合伙",
    "个体工商户": "个体",
    "(个体工商户)": "个体",
}
_ENGLISH_FORM = (
    r"(?:\s|,|^)(?:co\.?,?\s?ltd|company\s+limited|co\.?,?\s+limited|limited|ltd|inc|incorporated|corp|corporation|"
    r"llc|l\.l\.c|plc|gmbh(?:\s+&\s+co\.?\s+kg)?|ag|s\.?a|s\.?p\.?a|b\.?v|n\.?v|pty|pte|kg|oy|ab|a/s|co|company)\.?,?$"
    r"|(?:limited|ltd\.?)$"
)
#: What a part of a company calls itself, at the end of its name.
_BRANCH_END = (
    r"(?:分公司|子公司|分行|支行|分理处|储蓄所|营业部|营业厅|营业所|办事处|代表处|联络处|分厂|分店|门店|专卖店|旗舰店|分部|分院|分所|"
    r"分社|分中心|分校|事业部|项目部|工区|加油站)"
)
_GROUP = r"集团|\bgroup\b"
_MARKS = r"[^\p{Han}a-z0-9&+ ]"


@cache
def _trade() -> str:
    """A regular expression: the words of trade at the end of a name, from which the core is split off."""
    text = (Path(__file__).parent / "trades.txt").read_text(encoding="utf-8")
    words = {word for line in text.splitlines() if not line.startswith("#") for word in line.split()}
    return f"(?:{'|'.join(sorted(words, key=lambda word: (-len(word), word)))})+"


def company_names(names: pl.Series) -> pl.DataFrame:
    """The parts of each name, as strings; '' where a name has no such part.

    Columns: ``place`` (division code, see place_names), ``core``, ``industry`` (words of trade joined), ``legal``
    form (股份, 有限, 合伙 …), ``group`` (集团 or ''), ``branch`` (with its place written out, without 市 and 省),
    ``digits`` (numbers in the core and branch, Chinese ones as digits).
    A name that would have no core keeps its place as its core (山西信托), or its industry.
    """
    return company_parts(company_form(names))


def company_parts(forms: pl.Series) -> pl.DataFrame:
    """company_names of names that are in company_form already."""
    forms = forms.str.replace("农商银行", "农村商业银行", literal=True)
    for short, whole in (SHORT_BANKS | BANKS).items():
        forms = forms.str.replace(f"^{short}", whole)
    told = _split_branch(pl.DataFrame({"name": forms}))
    told = _take_brackets(told)
    told = _take_legal_form(told)
    told = _take_place(told)
    return _take_industry(told).select("place", "core", "industry", "legal", "group", "branch", "digits")


def company_form(names: pl.Series) -> pl.Series:
    """One way of writing: simplified, half-width, brackets as (), no white space between Chinese characters."""
    forms = name_form(names).to_frame("name")
    tidy = (
        pl.col("name")
        .str.replace_all(r"[\[【〔〈<{「『]", "(")
        .str.replace_all(r"[\]】〕〉>}」』]", ")")
        .str.replace_all(r"(\P{ASCII})\s+", "$1")
        .str.replace_all(r"\s+(\P{ASCII})", "$1")
        .str.replace_all(r"\s*([()])\s*", "$1")
        .str.strip_chars(" .,;:，。；：、·\"'“”")
    )
    return forms.select(tidy).to_series()


def _split_branch(told: pl.DataFrame) -> pl.DataFrame:
    """The branch: behind the legal form, or behind 银行, 证券, 集团 … when its last word says so."""
    behind_form = rf"^(.*?(?:公司|\(有限合伙\)|合伙企业))(.+{_BRANCH_END})$"
    behind_trade = (
        rf"^(.*?(?:银行|证券|保险|信用社|信用联社|集团|期货|邮政|电信|移动|联通|石油|石化))(.+{_BRANCH_END})$"
    )
    name = pl.col("name")
    branch = pl.coalesce(name.str.extract(behind_form, 2), name.str.extract(behind_trade, 2))
    head = pl.coalesce(name.str.extract(behind_form, 1), name.str.extract(behind_trade, 1), name)
    return told.with_columns(
        branch.fill_null("")
        .str.replace_all(r"[省市区县()]|自治区|自治州", "")
        .str.replace(r"分行(.+支行)$", "$1")
        .alias("branch"),
        head.alias("name"),
    )


def _take_brackets(told: pl.DataFrame) -> pl.DataFrame:
    """(集团) and (深圳) are told apart from other brackets, whose text stays in the name."""
    inner = pl.col("name").str.extract(r"\(([^()]+)\)")
    told = told.with_columns(inner.fill_null("").alias("inner"))
    place = leading_place(told["inner"].str.replace(r"(?:经济特区|特区)$", ""))
    whole = (place["rest"] == "") & (told["inner"] != "")
    return told.with_columns(
        pl.when(whole).then(place["place"]).otherwise(pl.lit("")).alias("place_inside"),
        pl.when(whole)
        .then(pl.col("name").str.replace(r"\([^()]+\)", ""))
        .otherwise(pl.col("name").str.replace(r"\((集团|控股|中国集团)\)", "$1"))
        .alias("name"),
    ).drop("inner")


def _take_legal_form(told: pl.DataFrame) -> pl.DataFrame:
    form = f"({'|'.join(_escaped(form) for form in sorted(FORMS, key=len, reverse=True))})$"
    bare = pl.col("name")
    found = bare.str.extract(form)
    rest = pl.when(found.is_not_null()).then(bare.str.replace(form, "")).otherwise(bare)
    for _ in range(2):  # pty ltd, co ltd
        rest = rest.str.replace(_ENGLISH_FORM, "").str.strip_chars(" ,.")
    rest = rest.str.replace_all(_MARKS, "").str.strip_chars()
    told = told.with_columns(
        pl.coalesce(
            found.replace_strict(FORMS, default=None),
            pl.when(rest != bare.str.replace_all(_MARKS, "").str.strip_chars()).then(pl.lit("ltd")),
        )
        .fill_null("")
        .alias("legal"),
        rest.alias("name"),
    )
    group = pl.col("name").str.contains(_GROUP)
    return told.with_columns(
        pl.when(group).then(pl.lit("集团")).otherwise(pl.lit("")).alias("group"),
        pl.col("name").str.replace(_GROUP, "").str.replace_all(r"\s+", " ").str.strip_chars().alias("name"),
    )


def _escaped(text: str) -> str:
    return text.replace("(", r"\(").replace(")", r"\)")


def _take_place(told: pl.DataFrame) -> pl.DataFrame:
    """The place in front, else the one in brackets; 中国 in front of a bank's name is part of it."""
    names = told["name"]
    found = leading_place(names)
    keep = names.str.starts_with("中国") & names.str.contains("银行")
    outside = pl.when(keep).then(pl.lit("")).otherwise(found["place"])
    return told.with_columns(
        pl.when(outside.is_in(["", "0"]) & (pl.col("place_inside") != ""))
        .then("place_inside")
        .otherwise(outside)
        .alias("place"),
        pl.when(keep).then(names).otherwise(found["rest"]).alias("rest"),
        names.alias("whole"),
    )


def _take_industry(told: pl.DataFrame) -> pl.DataFrame:
    rest = pl.col("rest").str.strip_chars()
    core = rest.str.replace(rf"^(.{{2,}}?){_trade()}$", "$1")
    core = pl.when(core.str.contains(rf"^{_trade()}$")).then(pl.lit("")).otherwise(core)
    told = told.with_columns(
        core.alias("core"),
        rest.str.extract(rf"^(?:.{{2,}}?)??({_trade()})$").fill_null("").alias("industry"),
    )
    # 山西信托, 上海电气, 中国银行: nothing but a place and a trade
    empty = (pl.col("core") == "") & (pl.col("whole") != pl.col("rest"))
    front = pl.col("whole").str.slice(0, pl.col("whole").str.len_chars() - pl.col("rest").str.len_chars())
    alone = pl.col("core") == ""
    told = told.with_columns(
        pl.when(empty)
        .then(front.str.replace(r"[省市]$", ""))
        .when(alone)
        .then("rest")
        .otherwise("core")
        .alias("core"),
        pl.when(alone & ~empty).then(pl.lit("")).otherwise("industry").alias("industry"),
    )
    digits = pl.concat_str(["core", "branch"], separator=" ").str.replace_many(
        list("一二三四五六七八九十"), list("123456789#")
    )
    return told.with_columns(digits.str.extract_all(r"[0-9#]+").list.join(" ").alias("digits"))
