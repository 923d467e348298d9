"""Home addresses in plain texts: masked from the first number on, so that city, district and street stay.

What counts as somebody's home, since companies' addresses are public and look the same:

1. behind words that say so (家住, 住址, 收货地址 …): from the first number of a street, estate or village on;
2. behind 地址, or without any such word: only down to a flat (单元, or a building and a room) of a place that people live in
   (小区, 花园, 苑 …) or that has a 单元; never behind 注册地址, 办公地址 and their like, nor in a 大厦, 产业园, 写字楼 …
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from curate.algorithms.characters import NUMBER
from curate.algorithms.personal_data.kinds import WORDED, Found, Search, in_order

_HOME = (
    r"(?:家庭(?:住址|地址|所在地)|现?住址|居住(?:地址?|于|在)|常住地址|(?:收货|收件|快递|寄件|发件|邮寄|送货|寄送|配送|户籍|身份证|取件|上门)(?:人)?地址"
    r"|户籍(?:所在)?地|户口所在地|家住|家在|住在|现居|现住|租住|暂住|寄到|寄往|寄给|快递到|送到|送至|老家在)"
)
_HAN = "\u4e00-\u9fff"
_N = r"(?:[0-9]{1,5}(?:[\-#][0-9]{1,4}){0,2}|[一二三四五六七八九十百零〇]{1,5}|[A-Za-z甲乙丙丁东西南北][0-9]{0,3})"
_UNIT = r"(?:号(?:楼|院|房|门)?|弄|巷(?:道)?|组|社|队|栋|幢|座|单元|楼|层|室|房|户|院|门|排|#)"
#: numbers from a street's or an estate's on, to the last of the door; perhaps a bare last one (3栋2单元501)
_DOORS = rf"(?:附?{_N} ?{_UNIT}[ \-,]?)+(?:[0-9]{{2,4}}(?:室|房|户|号)?(?![0-9年月日]))?|[0-9]{{1,3}}[\-#][0-9]{{1,3}}[\-#][0-9]{{2,4}}(?:室|号)?"
#: what a street, an estate or a village ends with
_PLACE = r"(?:路|街|道|巷|弄|胡同|里|村|镇|乡|屯|寨|庄|坊|营|湾|区|园|苑|院|庭|府|邸|居|城|家|寓|舍|堂|厦|墅|郡|都|岸|线|场|段|期|县|旗)"
_TOLD = re.compile(
    rf"{_HOME}(?:是|为|:|在|于|了| )*(?P<place>[{_HAN}A-Za-z0-9· ()\-]{{1,40}}?{_PLACE})\)?(?P<doors>(?:[东西南北中]?段?)(?:{_DOORS})(?:[{_HAN}]{{2,12}}(?:{_DOORS}))?)"
)
_LIVED_IN = re.compile(
    r"(?:小区|花园|新村|家园|公寓|苑|新苑|家属院|宿舍|名城|豪庭|雅居|馨园|华府|嘉园|佳园|花苑|里弄|社区|一期|二期|三期|四期|别墅|大院|庭|府|邸|郡|湾|里|(?<![业技意件化游公校])园)$"
)
_FLAT = re.compile(
    rf"(?<![0-9A-Za-z])(?:(?:附?{_N} ?{_UNIT}[ \-]?){{2,5}}(?:[0-9]{{2,4}}(?:室|房|户|号)?(?![0-9年月日]))?"
    r"|[0-9]{1,3}[\-#][0-9]{1,2}[\-#][0-9]{3,4}(?:室|号)?(?![0-9\-]))"
)
#: what stands before a flat: an estate, perhaps behind a street's number
_ESTATE = re.compile(rf"(?:(?P<number>[0-9]{{1,4}}(?:号院?|弄)) ?)?(?P<estate>[{_HAN}]{{2,30}})$")
_BUSINESS = re.compile(
    r"(?:注册|登记|公司|企业|办公|经营|营业|单位|工厂|厂|总部|机构|参展|展馆|展会|会场|会议|活动|比赛|校区|门店|店铺|实体店)(?:所在)?(?:地址|地点|地|住所)"
    r"|大厦|大楼|广场|写字楼|商务|科技|生态园|生物|产业|工业(?!园区)|(?<!工业)园区|创业|创意|软件园|孵化|中心|开发区|保税|自贸|厂房|市场|商城|商业|商铺|酒店|医院|展览|展馆|会展|国际机场|学院|大学"
)


def _addresses(text: str) -> Iterator[Found]:
    for found in _TOLD.finditer(text):
        yield _address(text, *found.span("doors"), found.start("place"))
    for found in _FLAT.finditer(text):
        start, end, doors = *found.span(), found[0]
        before = text[max(0, start - 40) : start].rpartition("\n")[2]
        estate = _ESTATE.search(before)
        if not estate or not re.search("室|户|单元|[0-9]{3,4}", doors) or _BUSINESS.search(before):
            continue
        if "层" in doors:  # an office
            continue
        if "单元" in doors or _LIVED_IN.search(estate["estate"]):
            place = start - len(before) + estate.start()
            yield _address(text, place if estate["number"] else start, end, place)


def _address(text: str, start: int, end: int, place: int) -> Found:
    while text[end - 1] in " -,":
        end -= 1
    return Found("address", start, end, re.sub(r"[\s\u200b]", "", text[place:end]), "***")


_HOUSE = "[0-9０-９一二三四五六七八九十A-ZＡ-Ｚ](?:单元|号楼|[栋幢弄])|[#＃][0-9０-９]{2}"
_TRIGGERS = "住址 住地 居住 家庭 常住 货地址 递地址 件地址 人地址 寄地址 送地址 籍地址 证地址 门地址 户籍 户口 家住 家在 住在 现居 现住 租住 暂住 寄到 寄往 寄给 快递到 送到 送至 老家 单元 号楼 栋 幢 弄 # ＃"
SEARCHES = (
    Search(
        "address",
        ((WORDED, f"{_HOME}|{_HOUSE}"), (NUMBER, "[0-9０-９][－-][0-9０-９]{3}")),
        rf"{_HOME}[^\n]{{0,44}}?(?:{_UNIT}|[\-#][0-9])|{_N} ?{_UNIT}[ \-]?{_N} ?(?:{_UNIT}|[0-9]{{2}})|[0-9][\-#][0-9]{{1,2}}[\-#][0-9]{{3}}",
        lambda text: in_order(_addresses(text)),
        tuple(_TRIGGERS.split()),
    ),
)
