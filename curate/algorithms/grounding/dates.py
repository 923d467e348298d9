"""Dates and times in a plain text: 2026-03-05, 二〇二六年三月, 3月5日至7日, 第三季度, 上半年, 周五, 下午2点半, 9:00."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from curate.algorithms.numerals import read_number

_Y = r"(?:(?:19|20)[0-9]{2}|[一二][九〇零○][〇零○一二三四五六七八九]{2})"
_M = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_D = r"(?:3[01]|[12][0-9]|0?[1-9]|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])"
_TO = r"(?:-|至|到|、|和|及)"
_SEASON = r"(?:第?[一二三四1-4]季度|(?<![A-Za-z])[Qq][1-4](?![0-9A-Za-z])|[上下]半年|年初|年中|年底|年末)"
_THIRD = r"(?:[上中下]旬|月?初|月?中(?=[旬,，。])|月?底|月?末)"
_DATE = re.compile(
    rf"(?<![0-9.])(?:(?P<iso>(?:19|20)[0-9]{{2}})(?P<mark>[-/.])(?P<iso_m>1[0-2]|0?[1-9])(?P=mark)(?P<iso_d>3[01]|[12][0-9]|0?[1-9])(?![0-9])"
    rf"|(?P<iso2>(?:19|20)[0-9]{{2}})[-/](?P<iso2_m>1[0-2]|0[1-9])(?![-/.0-9年])"
    rf"|(?:(?P<y>{_Y})年度?|(?P<y2>[0-9]{{2}})年(?={_M}月))?(?P<m>{_M})(?:月份?(?!台)(?:(?P<d>{_D})(?:[日号]|(?={_TO}{_D}[日号])|(?![0-9]))(?![个家人名万元])|(?P<third>{_THIRD}))?|(?={_TO}{_M}月))"
    rf"|(?P<ys>{_Y})(?:年度?(?P<season>{_SEASON})?|(?={_TO}{_Y}年))"
    rf"|(?P<season_alone>{_SEASON})"
    rf"|(?P<day>{_D})日(?![元常均内记程晚])(?!以内|之内|游)"
    rf"|(?:周|星期|礼拜)(?P<week>[一二三四五六日天])(?![次回期个])"
    rf")"
)
_PART_OF_DAY = r"凌晨|清晨|早上|早晨|早|上午|中午|正午|下午|傍晚|晚上|晚间|夜里|夜间|深夜|晚|夜"
_H = r"(?:2[0-4]|1[0-9]|0?[0-9]|二十[一二三四]?|十[一二三四五六七八九]?|[零〇一二两三四五六七八九])"
_MI = r"(?:[0-5]?[0-9]|[二三四五]?十[一二三四五六七八九]?|零?[一二三四五六七八九])"
_STOP = r"(?=$|[,，。；;、)!！?？-]|前|后|以|之|到|至|开|起|止|整|钟|左右|入|闭|关|截|进|可|停|才|准|的|在|就|为|放|散|退|到达)"
_TIME = re.compile(
    rf"(?P<part>{_PART_OF_DAY})?的?(?:(?<![0-9:.])(?P<h>2[0-4]|1[0-9]|0?[0-9]):(?P<mi>[0-5][0-9])(?::(?P<s>[0-5][0-9]))?(?![0-9:])"
    rf"|(?<![0-9.第百十])(?P<h2>{_H})(?:点钟?|时(?![间候代尚速段效期常机刻]))(?:(?P<half>半)|(?P<mi2>{_MI})分?(?![之钟]))?(?P<stop>{_STOP})?)"
)
_LATE = ("下午", "傍晚", "晚上", "晚间", "夜里", "夜间", "深夜", "晚", "夜")


@dataclass(frozen=True, slots=True)
class Date:
    """A date in a plain text; what it leaves open is empty. ``part``: Q3, H1, 上旬, W5 …"""

    start: int
    end: int
    year: str = ""
    month: str = ""
    day: str = ""
    part: str = ""

    @property
    def value(self) -> str:
        if self.part.startswith("W"):
            return "星期" + self.part[1:]
        told = self.year or "????"
        for piece in (self.month, self.day) if self.month or self.day else ():
            told += "-" + (piece or "??")
        return (told if not told.endswith("-??") else told[:-3]) + ("-" + self.part if self.part else "")

    def says(self, other: Date) -> bool:
        """Whether this date says all that ``other`` says."""
        return all(
            not told or told == mine
            for told, mine in (
                (other.year, self.year),
                (other.month, self.month),
                (other.day, self.day),
                (other.part, self.part),
            )
        )


@dataclass(frozen=True, slots=True)
class Time:
    """A time of the day. ``sure``: it can be told whether it is before noon."""

    start: int
    end: int
    hour: int
    minute: int
    sure: bool
    second: int | None = None

    @property
    def value(self) -> str:
        return f"{self.hour:02}:{self.minute:02}" + ("" if self.second is None else f":{self.second:02}")

    def says(self, other: Time) -> bool:
        same = (self.hour - other.hour) % (24 if self.sure and other.sure else 12) == 0
        return same and self.minute == other.minute and other.second in (None, self.second)


def dates(text: str, taken: bytearray) -> Iterator[Date]:
    """The dates of a plain text. The second one of a range takes year and month from the first (3月5日至7日)."""
    last: Date | None = None
    for match in _DATE.finditer(text):
        if any(taken[match.start() : match.end()]) or not (told := _date(match, text, last)):
            continue
        taken[told.start : told.end] = b"\1" * (told.end - told.start)
        if last and re.fullmatch(f"(?:日|号|月|年)?{_TO}", text[last.end : told.start]):
            told = _continued(last, told)
        last = told
        yield told


def _continued(first: Date, second: Date) -> Date:
    if second.day and not second.month:
        return replace(second, month=first.month, year=first.year)
    if second.month and not second.year and int(second.month) >= int(first.month or 13):
        return replace(second, year=first.year)
    return second


def _date(match: re.Match[str], text: str, last: Date | None) -> Date | None:
    part, span = match.groupdict(), match.span()
    before = text[span[0] - 1] if span[0] else "\n"
    if part["iso"]:
        return Date(*span, part["iso"], _two(part["iso_m"]), _two(part["iso_d"]))
    if part["iso2"]:
        return Date(*span, part["iso2"], _two(part["iso2_m"]))
    if part["m"]:
        if not part["y"] and not part["d"] and before in "个第几数0123456789.十百":
            return None  # 三个月, 12月 is read, 112月 is not
        if (
            not part["y"]
            and not part["y2"]
            and not part["third"]
            and not part["d"]
            and re.match(r"月(?:以?内|之内|左右|以上)", text[match.end("m") :])
        ):
            return None
        year = _year(part["y"]) or ("20" + part["y2"] if part["y2"] else "")
        third = (part["third"] or "").lstrip("月")
        return Date(*span, year, _two(part["m"]), _two(part["d"]) if part["d"] else "", third)
    if part["ys"]:
        return Date(*span, _year(part["ys"]), part=_season(part["season"]))
    if part["season_alone"]:
        return Date(*span, part=_season(part["season_alone"]))
    if part["week"]:
        if before in "0123456789一二三四五六七八九十两几多个":
            return None
        return Date(
            *span,
            part="W" + {"日": "7", "天": "7"}.get(part["week"], str("一二三四五六".find(part["week"]) + 1)),
        )
    # a day alone: 30日内 is a time, 个工作日 a number
    near = last is not None and bool(re.fullmatch(f"(?:日|号)?{_TO}", text[last.end : span[0]])) and last.day
    if not near and (
        before in "第作十百千几0123456789.个" or re.search("(?:为期|历时|持续|共|后)$", text[: span[0]])
    ):
        return None
    return Date(*span, day=_two(part["day"]))


def _year(told: str | None) -> str:
    return "" if not told else told if told.isascii() else str(read_number(told.replace("○", "〇")))


def _two(told: str) -> str:
    value = told if told.isascii() else str(read_number(told))
    return value.zfill(2)


def _season(told: str | None) -> str:
    if not told:
        return ""
    if told in ("上半年", "下半年"):
        return "H1" if told[0] == "上" else "H2"
    if told[0] == "年":
        return "年底" if told in ("年底", "年末") else told
    number = told.strip("第季度Qq")
    return "Q" + (number if number.isdigit() else str("一二三四".index(number) + 1))


def times(text: str, taken: bytearray) -> Iterator[Time]:
    """The times of day of a plain text; in 下午3点到4点 the second is in the afternoon, too."""
    last: Time | None = None
    for match in _TIME.finditer(text):
        part = match.groupdict()
        if any(taken[match.start() : match.end()]):
            continue
        carried = (
            last is not None and not part["part"] and re.fullmatch("-|至|到", text[last.end : match.start()])
        )
        clear = part["part"] or part["h"] or part["half"] or part["mi2"] or part["stop"] is not None
        if not (clear or carried):  # 三点要求
            continue
        told = part["h"] or part["h2"]
        hour = int(told) if told.isdigit() else int(read_number(told) or 0)
        minutes = part["mi"] or part["mi2"] or ""
        minute = 30 if part["half"] else int(minutes) if minutes.isdigit() else int(read_number(minutes) or 0)
        late = part["part"] in _LATE or (part["part"] == "中午" and hour < 3)
        if carried and last and last.sure and last.hour > 12 and hour < 12:
            late = True
        hour += 12 if late and hour < 12 else 0
        sure = bool(part["part"] or part["h"] or hour > 12 or hour == 0 or carried)
        taken[match.start() : match.end()] = b"\1" * len(match[0])
        last = Time(*match.span(), hour, minute, sure, int(part["s"]) if part["s"] else None)
        yield last
