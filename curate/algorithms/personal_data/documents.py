"""Passports and number plates in plain texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curate.algorithms.characters import LETTER_DIGIT, NUMBER
from curate.algorithms.personal_data.kinds import Found, Search, in_order

_TOLD = r"(?:护照|護照|旅行证|出国证件|[Pp]assport|PASSPORT)"
_PASSPORT = re.compile(
    rf"{_TOLD}[^0-9A-Za-z\n]{{0,12}}(?:(?:No\.?|NO\.?|Number|number)[: ]{{0,2}})?"
    r"(?P<number>[A-Za-z]{1,2} ?[0-9]{6,8}[A-Za-z]?|1[45][0-9]{7}|[0-9]{9})(?![0-9A-Za-z])"
)
#: As printed since 2012; other letters and digits of this length are products.
_PRINTED = re.compile(r"(?<![0-9A-Za-z\-_/.#=])(?:E[A-HJ-NP-Z][0-9]{7}|[EG][0-9]{8})(?![0-9A-Za-z\-_.@])")
_THING = re.compile(
    r"(?:号码?|编码|代码|型号|规格|货|款|单|[Ii][Dd]|[Nn][Oo]\.?|SKU|批次|展位|件|料|品|标准|专利|证书|订单)[: 为是.]{0,3}$"
)

_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_P = r"[A-HJ-NP-Z0-9]"
_PLATE = re.compile(
    rf"(?<![最全更创一重刷清])(?P<head>[{_PROVINCE}] ?[A-HJ-NP-Z])(?P<rest>[ ·.\-]?(?:"
    rf"[A-HJK]{_P}[0-9]{{4}}|[0-9]{{5}}[A-HJK]|{_P}{{4}}[挂学警港澳领]|{_P}{{5}})|[ ·.\-]?(?:[0-9]{{4}}|[0-9]{{3}}) ?[领警])"
    r"(?![0-9A-Za-z]|-[0-9]|[型款])"
)
_EMBASSY = re.compile(
    r"(?<![0-9])[0-9]{6}使(?![用得命者馆])|使 ?[0-9]{3}[ ·]?[0-9]{3}(?![0-9])|(?<![0-9A-Za-z])(?:WJ|武警)[0-9]{2}[ ·]?[0-9A-Z]{5}(?![0-9A-Z])"
)
_ARMY = re.compile(r"(?<![\u4e00-\u9fff])[军海空南北中东西][A-Z][ ·]?[0-9]{5}(?![0-9A-Za-z])")


def _passports(text: str) -> Iterator[Found]:
    for found in _PASSPORT.finditer(text):
        yield _passport(found.span("number"), found["number"])
    for found in _PRINTED.finditer(text):
        if not _THING.search(text[max(0, found.start() - 8) : found.start()]):
            yield _passport(found.span(), found[0])


def _passport(span: tuple[int, int], number: str) -> Found:
    number = number.replace(" ", "").upper()
    return Found("passport", *span, number, number[0] + "*" * (len(number) - 1))


def _plates(text: str) -> Iterator[Found]:
    for found in _PLATE.finditer(text):
        rest = found["rest"].strip(" ·.-")
        if len(re.findall("[A-Z]", rest)) <= 3 and re.search("[0-9]", rest):
            head = found["head"].replace(" ", "")
            yield Found("plate", *found.span(), head + rest.replace(" ", ""), head + "*" * 5)
    for found in [*_EMBASSY.finditer(text), *_ARMY.finditer(text)]:
        value = re.sub("[ ·]", "", found[0])
        yield Found("plate", *found.span(), value, "*" * len(value))


_HEADS = rf"[{_PROVINCE}军海空南北中东西] ?[A-ZＡ-Ｚ]|WJ|武警"
SEARCHES = (
    Search(
        "passport",
        ((NUMBER, "护照|護照|旅行证|出国证件|assport|ASSPORT|[EGＥＧ]"),),
        rf"{_TOLD}[^\n]{{0,24}}[0-9]{{6}}|[EG][A-Z0-9][0-9]{{7}}",
        lambda text: in_order(_passports(text)),
    ),
    Search(
        "plate",
        ((LETTER_DIGIT, _HEADS), (NUMBER, f"{_HEADS}|使")),
        rf"[{_PROVINCE}] ?[A-HJ-NP-Z][ ·.\-]?[A-HJ-NP-Z0-9]{{3}}|[0-9]{{6}}使|使 ?[0-9]{{3}}|(?:WJ|武警)[0-9]|[军海空南北中东西][A-Z][ ·]?[0-9]{{5}}",
        lambda text: in_order(_plates(text)),
    ),
)
