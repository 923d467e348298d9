"""Provinces, cities and counties (省、市、区县): a value's place in GB/T 2260, and its names written in full.

A short name is a place only
where nothing behind it says otherwise: 南京路 and 北京大学 are none. Of several places with one name (鼓楼区) none is chosen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import polars as pl

from curate.algorithms.fields.division_table import ONE_LETTER, known, longest, names, short_names
from curate.algorithms.fields.each_value import narrow

Level = Literal["province", "city", "district"]
PARTS = ("province", "city", "district", "code")
_READ = pl.Struct({"value": pl.String, **dict.fromkeys(PARTS, pl.String)})
_MUNICIPALITIES = ("11", "12", "31", "50")
#: what makes the short name in front of it part of another name
_OTHERWISE = re.compile(
    r"[东西南北中一二三四五六七八九十新老大小内外前后]{0,2}(?:路|街|道|巷|弄|胡同|桥|门|里|站|机场|火车站|大学|学院|中学|小学|医院|银行|饭店|酒店|宾馆|"
    r"大厦|广场|公园|文化|风景|景区|花园|商城|商场|公司|集团)|[省市区县州盟旗]"
)
_PART_OF_PLACE = re.compile(r"[^路街道巷弄号\d]{0,8}?(?:开发区|高新|工业园|科技园|产业园|园区|保税|新区)")
#: cities whose short name is rather a district of a larger one
_UNSURE = frozenset({"朝阳", "兴安"})
_BETWEEN = re.compile(
    r"(?:[\s,，、/·>|\-—]|市辖[区县]|(?:省|自治区)直辖县级行政区划|中华人民共和国|中国(?=\s*[^（(\s]))+"
)
_ZONE = re.compile(r"中国[(（](?P<place>[^()（）]{2,8})[)）]自(?:由)?贸(?:易)?(?:试验|实验)?区")


@dataclass(frozen=True)
class _Found:
    """Places at the beginning of a text: ``codes`` of the last one (several: not known which), names, what is behind."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    rest: str


def parse_divisions(
    texts: pl.Series, within: pl.Series | None = None, level: Level | None = None
) -> pl.DataFrame:
    """value, province, city, district, code (six digits) of each text; all null where it names no place for sure.

    ``value``: a text that is nothing but places has their full names (浙江杭州 -> 浙江省杭州市); an address stays as it is.

    Args:
        within: texts that say where the place is (the row's province and city), of the same length.
        level: the value is the name at this level, alone (浙江杭州 -> 杭州市), and a text with more behind it is not read.
    """
    where = within.fill_null("") if within is not None else pl.repeat("", len(texts), eager=True)
    pairs = pl.DataFrame({"text": texts, "within": where})
    unique = pairs.drop_nulls().unique()
    read = [_division(text, around, level) for text, around in unique.iter_rows()]
    told = unique.with_columns(pl.Series("read", read, dtype=_READ))
    return pairs.join(told, on=["text", "within"], how="left", maintain_order="left")["read"].struct.unnest()


def _division(text: str, within: str, level: Level | None) -> dict[str, str | None] | None:
    around = _locate(narrow(within), "").codes if within else ()
    above = around[0] if len(around) == 1 else ""
    plain = narrow(text)
    found = (_at_level(plain, above, level) if level else None) or _locate(plain, above)
    if above and not found.names:  # the text says another place than the columns
        found = _locate(plain, "")
    if not found.names or (found.rest and (level or len(found.codes) > 1)):
        return None
    if level and len(found.names) == 1 and not any(_is_level(code, level) for code in found.codes):
        return None
    code = found.codes[0] if len(found.codes) == 1 else ""
    told = _parts(code)
    if level and len(found.names) > 1:
        value = told[level] or (
            told["district"] if level == "city" and (told["district"] or "").endswith("市") else None
        )
        if value is None:
            return None
    else:
        value = text if found.rest else "".join(found.names)
    return {"value": value, **told}


def _parts(code: str) -> dict[str, str | None]:
    name = names()
    city = code[:2] if code[:2] in _MUNICIPALITIES else code[:4] if len(code) > 2 else ""
    return {
        "province": name.get(code[:2]),
        "city": name.get(city),
        "district": name.get(code) if len(code) == 6 else None,
        "code": code.ljust(6, "0") if code else None,
    }


def _at_level(text: str, above: str, level: Level) -> _Found | None:
    """The place that a whole text names, where only this level is meant: 吉林 is a province and a city."""
    text = _BETWEEN.sub("", text)
    codes = [code for code in known().get(text, ()) if _nested(code, above) and _is_level(code, level)]
    if level == "province" and text in ONE_LETTER:
        codes = [ONE_LETTER[text]]
    told = {names()[code] for code in codes}
    return _Found(tuple(codes), tuple(told), "") if len(told) == 1 else None


def _is_level(code: str, level: Level) -> bool:
    if level == "city":
        return len(code) == 4 or code in _MUNICIPALITIES or (len(code) == 6 and names()[code].endswith("市"))
    return len(code) == (2 if level == "province" else 6)


def _nested(code: str, above: str) -> bool:
    return code.startswith(above) or above.startswith(code)


def _locate(text: str, above: str) -> _Found:
    """Read places from the beginning while each lies in the one before."""
    if text in ONE_LETTER:
        return _Found((ONE_LETTER[text],), (names()[ONE_LETTER[text]],), "")
    zone = _ZONE.match(text)
    if zone:
        inside = _locate(zone["place"], above)
        behind = _locate(text[zone.end() :], inside.codes[0] if len(inside.codes) == 1 else above)
        return _Found(
            behind.codes if behind.names else inside.codes, inside.names + behind.names, behind.rest or " "
        )
    code, told, rest = above, list[str](), text
    codes: tuple[str, ...] = (above,) if above else ()
    while len(code) < 6 and len(codes) <= 1:
        rest = _BETWEEN.sub("", rest, count=1) if _BETWEEN.match(rest) else rest
        step = _next(rest, code, first=not told)
        if step is None:
            break
        here, length = step
        rest = rest[length:]
        higher = len(here) == 1 and code.startswith(here[0])  # 上海市上海市, or 上海 in a row of Pudong
        if not higher or not told:
            told.append(names()[here[0]])
        if not higher:
            codes, code = here, here[0]
    return _Found(codes if told else (), tuple(told), rest)


def _next(text: str, above: str, *, first: bool) -> tuple[tuple[str, ...], int] | None:
    """The codes of the longest place at the beginning of ``text``, and its length."""
    for length in range(min(len(text), longest()), 1, -1):
        surface, behind = text[:length], text[length:]
        codes = [code for code in known().get(surface, ()) if _nested(code, above)]
        if codes and surface in short_names():
            if _OTHERWISE.match(behind) or (surface in _UNSURE and not above):
                continue
            full = [code for code in codes if names()[code] == surface]
            # a county's short name needs its city in front, or to be all there is; 昆山开发区 is in 昆山市, but 东湖开发区
            # in no 东湖区
            alone = bool(first and not above and behind)
            zone = alone and _PART_OF_PLACE.match(behind)
            codes = full or [
                code
                for code in codes
                if len(code) < 6 or not alone or (zone and not names()[code].endswith("区"))
            ]
        if codes:
            highest = min(map(len, codes))
            best = tuple(code for code in codes if len(code) == highest)
            if len({names()[code] for code in best}) == 1:
                return best, length
    return _renamed(text, above)


def _renamed(text: str, above: str) -> tuple[tuple[str, ...], int] | None:
    """密云县 is 密云区 now, 昌江县 is short for 昌江黎族自治县."""
    found = re.match(r"([^省市区县]{2,6}?)(?:县|市(?![场政民中区])|区)", text)
    if not found:
        return None
    codes = [code for code in known().get(found[1], ()) if len(code) == 6 and code.startswith(above)]
    return ((codes[0],), found.end()) if len(codes) == 1 else None
