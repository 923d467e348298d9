"""Telephone numbers, identity cards and bank cards in plain texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curate.algorithms.characters import HAN_NUMBER, NUMBER
from curate.algorithms.checksums import (
    is_bank_card,
    is_credit_code,
    is_hong_kong_id,
    is_id_card,
    is_old_id_card,
)
from curate.algorithms.personal_data.kinds import (
    AFTER,
    BEFORE,
    GAP,
    LONG_NUMBER,
    Found,
    Search,
    in_order,
    in_url,
    matches,
)

AREA = r"0(?:10|2[0-9]|[3-9][0-9]{2})"
_COUNTRY = r"(?:\(?(?:\+|00)? ?86\)?[ \-]{0,2})"
#: between groups of 3, 4 and 4 also these
_MARK = r"[ \-.·\u200b_/、]{0,3}"
#: a mobile number's eleven digits; the first three may stand in brackets
_ELEVEN = rf"(?:\(1[3-9][0-9]\)|1{_MARK}[3-9]{_MARK}[0-9]){_MARK}\(?(?:[0-9]\)?{_MARK}){{7}}[0-9]"
_MOBILE = re.compile(rf"{BEFORE}{_COUNTRY}?{_ELEVEN}{AFTER}")
_OVERSEAS = re.compile(
    r"(?<![0-9+])(?:\+|00)(?:85[23]|886|(?!86)[1-9][0-9]{0,2})[ \-]{0,2}\(?[0-9]{1,4}\)?(?:[ \-]?[0-9]{2,5}){2,4}(?![0-9])"
)
_LANDLINE = re.compile(
    rf"{BEFORE}(?:(?:\(?(?:\+|00)86\)?[ \-]{{0,2}}|\(?86[ \-]{{1,2}})\(?0?\)?[ \-]?(?:10|2[0-9]|[3-9][0-9]{{2}})\)?"
    rf"|\(?(?:\+|00)86\)?\(?{AREA}\)?|\({AREA}\)|{AREA})"
    r"[ \-.\u200b]{0,3}(?P<own>[2-9](?:\u200b?[0-9]){2,3}[ \-.\u200b]{0,3}(?:[0-9]\u200b?){2,3}[0-9])"
    r"(?: ?(?:转|分机号?:?|[Ee][Xx][Tt]\.?:?|-)[ :]{0,2}[0-9]{1,5})?(?:[/、,] ?[2-9][0-9]{6,7}(?![0-9]))*"
    rf"{AFTER}"
)
_LOCAL = re.compile(
    r"(?:电话|座机|固话|传真|[Tt][Ee][Ll]|[Ff][Aa][Xx]|[Pp]hone)(?:号码?)?[:.]{0,2} ?"
    rf"(?P<number>[2-8][0-9]{{2,3}}[ \-]?[0-9]{{4}}(?: ?(?:转|-) ?[0-9]{{1,5}})?){AFTER}(?![年.,:]?[0-9])"
)
_ID_CARD = re.compile(rf"(?<![0-9])(?<![0-9][.])[1-9](?:{GAP}[0-9]){{16}}{GAP}[0-9Xx](?![0-9])")
_ABOUT_ID = r"(?:身份证|身分证|身份證|身分證|公民身份|证件|[Ii][Dd] ?[Cc]ard)[^0-9\n]{0,12}"
_NAMED_ID = re.compile(rf"{_ABOUT_ID}(?P<number>[1-9][0-9]{{16}}[0-9Xx]|[1-9][0-9]{{14}})(?![0-9])")
_PERMIT = re.compile(
    r"(?:通行证|回乡证|台胞证|居民居住证|军官证|(?:香港|澳门|台湾)(?:居民|永久性居民)*(?:身份证|身分證|居民证)|HKID|身份证|身分證|身份證)(?:件)?(?:编?号码?)?[为是: (]{0,4}"
    r"(?P<number>(?:[A-Za-z]{1,2}[0-9]{6,10}|[0-9]{7,8})(?:\([0-9Aa]\))?)(?![0-9A-Za-z])"
)
_HONG_KONG = re.compile(r"(?<![0-9A-Za-z])[A-Z]{1,2}[0-9]{6}\([0-9A]\)")
_BANK_CARD = re.compile(rf"(?<![0-9A-Za-z])(?<![0-9][.])[3-9](?:{GAP}[0-9]){{14,18}}(?![0-9A-Za-z])")
#: A number behind one of these is a thing's, whatever it looks like.
_THING = re.compile(
    r"(?:[订运工]单|单|编|流水|批|货|学|工|序列?|合同|发票|凭证|型|案|料|款|版本|专利|证书|许可证|备案|登记|条|车架|发动机|提货|追踪|取件)(?:编?号码?|码)"
    r"[:为是 .]{0,3}$|(?:代码|条码|货码|[Ii][Ss][Bb][Nn]|[Ss][Kk][Uu]|S/?N|[Oo]rder|SF|JD|YT|No\.?|NO\.?)[:为是 #.]{0,3}$"
    r"|(?:[量额值]|高度|总数|次数|人数|指数)[:为是达约 ]{0,3}$|(?<![A-Za-z])(?!TEL|MOB)[A-Z]{1,4}[\-_]$|(?<![a-z])[0-9a-f]*(?:[0-9][a-f]|[a-f][0-9])[0-9a-f]*-$"
)
_AMOUNT = re.compile(
    r"(?:\.[0-9]{1,4})?[余多]? ?(?:元|万|亿|[美欧日港]元|股|吨|字节|平方|立方|人次|千瓦|公里|%|次(?!日)|[kK][mM]|bytes)|\.[0-9]{1,4}(?![0-9.])"
)
_PRICE = re.compile(r"(?:[¥￥$€£]|RMB|USD|CNY) ?$")
#: what makes eleven digits in unusual groups a telephone number
_CALL = re.compile(r"(?:电话|手机|联系|致电|拨|号码|微信|[Tt]el|TEL|[Mm]ob|[Pp]hone|[Cc]all)[^\n0-9]{0,12}$")
_USUAL = {(11,), (3, 4, 4), (3, 8), (7, 4), (1,) * 11, (2, 2, 2, 2, 2, 1), (1, 2, 2, 2, 2, 2)}


def digits_of(text: str) -> str:
    return "".join(mark for mark in text if mark.isascii() and mark.isdigit())


def _is_thing(text: str, start: int, end: int) -> bool:
    """Is the number there an order's, an amount, or an id in a web address?"""
    before = text[max(0, start - 12) : start]
    return bool(
        _THING.search(before) or _PRICE.search(before) or _AMOUNT.match(text, end) or in_url(text, start)
    )


def _groups(number: str) -> tuple[int, ...]:
    return tuple(len(group) for group in re.findall("[0-9]+", number.replace("\u200b", "")))


def _like_mobile(text: str, found: re.Match[str]) -> bool:
    whole = found[0]
    groups = _groups(whole)
    usual = groups in _USUAL or whole[0] in "(+0" or len(digits_of(whole)) > 11
    if re.search("[._/、]", whole) and groups != (3, 4, 4):  # addresses of computers, versions, coordinates
        return False
    before, after = text[max(0, found.start() - 5) : found.start()], text[found.end() : found.end() + 5]
    if len(groups) > 1 and (re.search("[0-9]-$", before) or re.match("-[0-9]", after)):
        return False
    told = usual or (groups[0] >= 3 and bool(_CALL.search(text[max(0, found.start() - 16) : found.start()])))
    return told and not _is_thing(text, found.start(), found.end())


def _mobiles(text: str) -> Iterator[Found]:
    for found in matches(_MOBILE, text):
        if _like_mobile(text, found):
            number = digits_of(found[0])[-11:]
            yield Found("mobile", *found.span(), number, f"{number[:3]}****{number[-4:]}")
    if "+" in text or "00" in text:
        for found in _OVERSEAS.finditer(text):
            number = digits_of(found[0])
            groups = _groups(found[0])
            if (
                10 <= len(number) <= 14
                and (found[0][0] == "+" or len(groups) > 1)
                and not _is_thing(text, *found.span())
            ):
                yield Found("mobile", *found.span(), "+" + number, f"+{number[:3]}****{number[-2:]}")


def _landlines(text: str) -> Iterator[Found]:
    for found in matches(_LANDLINE, text):
        if _is_thing(text, *found.span()) or len(digits_of(found["own"])) < 7:
            continue
        number = re.sub(r"^(?:00)?86", "", digits_of(found[0]))
        number = number if number[0] == "0" else "0" + number
        area = number[:3] if number[1] in "12" else number[:4]
        yield Found("landline", *found.span(), number, f"{area}-{'*' * len(digits_of(found['own']))}")
    for found in _LOCAL.finditer(text):
        start, end = found.span("number")
        number = digits_of(found["number"])
        if number[:3] not in {"400", "800"} and not _AMOUNT.match(text, end):
            yield Found("landline", start, end, number, "*" * len(number))


def _id_cards(text: str) -> Iterator[Found]:
    for found in matches(_ID_CARD, text):
        number = "".join(mark for mark in found[0] if mark.isascii() and mark.isalnum()).upper()
        if is_id_card(number) and not (number[0] == "9" and is_credit_code(number)):
            yield _card(found.span(), number)
    for found in _NAMED_ID.finditer(text):  # a slip in one digit still tells where and when somebody was born
        number = found["number"].upper()
        if is_id_card(number, check_digit=False) or is_old_id_card(number):
            yield _card(found.span("number"), number)
    for found in _PERMIT.finditer(text):
        yield _card(found.span("number"), found["number"].upper())
    for found in _HONG_KONG.finditer(text):
        if is_hong_kong_id(re.sub("[()]", "", found[0])):
            yield _card(found.span(), found[0])


def _card(span: tuple[int, int], number: str) -> Found:
    shown = number[:2] if len(number) >= 15 else number[:1]
    return Found("id_card", *span, number, shown + "*" * (len(number) - len(shown)))


def _bank_cards(text: str) -> Iterator[Found]:
    for found in matches(_BANK_CARD, text):
        number = digits_of(found[0])
        groups = _groups(found[0])
        if (
            is_bank_card(number)
            and (groups[0] >= 4 or set(groups) == {1})
            and not is_credit_code(number)
            and not _is_thing(text, *found.span())
        ):
            yield Found("bank_card", *found.span(), number, "*" * (len(number) - 4) + number[-4:])


_LONG = ((LONG_NUMBER, ""),)
_CARDS = (*_LONG, (NUMBER, "证|證|HKID|[A-ZＡ-Ｚ][0-9０-９]{6}[(（［【〔\\[]"))
#: without an area: ``_LOCAL``
_LINES = (*_LONG, (NUMBER | HAN_NUMBER, "电话|座机|固话|传真|[LlＬｌXxＸｘ]|ne|ｎｅ"))
SEARCHES = (
    Search(
        "id_card",
        _CARDS,
        rf"[1-9](?:{GAP}[0-9]){{14}}|[A-Z][0-9]{{6}}\(|(?:证|證|HKID|[Cc]ard|公民身份)[^0-9\n]{{0,16}}[0-9]{{6}}",
        lambda text: in_order(_id_cards(text)),
    ),
    Search("bank_card", _LONG, rf"[3-9](?:{GAP}[0-9]){{14}}", lambda text: in_order(_bank_cards(text))),
    Search(
        "mobile",
        _LONG,
        rf"1{_MARK}[3-9](?:{_MARK}[()]?{_MARK}[0-9]){{9}}|(?:\+|00)[1-9][0-9]{{0,2}}[ \-]{{0,2}}\(?[0-9]",
        lambda text: in_order(_mobiles(text)),
    ),
    Search(
        "landline",
        _LINES,
        r"(?:0[1-9][0-9]{1,2}|86\)?[ \-]{0,2}\(?0?\)?[ \-]?[1-9][0-9]{1,2})\)?[ \-.\u200b]{0,3}[2-9](?:\u200b?[0-9]){2,3}[ \-.\u200b]{0,3}[0-9]"
        r"|(?:话|机|真|[Ll]|[Xx]|ne)(?:号码?)?[:.]{0,2} ?[2-8][0-9]{2,3}[ \-]?[0-9]{4}",
        lambda text: in_order(_landlines(text)),
    ),
)
