"""Chinese that was read in the wrong encoding and can be brought back without loss.

ftfy knows the mistakes of the West (UTF-8 read as Windows-1252); these are China's own. A repair happens only where
the bytes fit exactly and what comes out is what people write: see ``_better``.
"""

from __future__ import annotations

import re
from functools import cache

from curate.algorithms.common_characters import common_characters

#: The signs that Windows-1252 has where Latin-1 has control characters.
CP1252_SIGNS = "".join(bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0))
_CONTINUATION = rf"[\u0080-\u00BF{CP1252_SIGNS} ]"
#: UTF-8's three bytes of a Chinese character, read as Windows-1252; a space stands for a no-break space (A0)
_LATIN_RUN = re.compile(rf"(?:[â-éï]{_CONTINUATION}{{2}}){{2,}}")
_LATIN_ONE = re.compile(rf"(?:[â-éï]{_CONTINUATION}{{2}})+")
#: GB2312 read as Latin-1: pairs of A1-FE
_GB2312_RUN = re.compile(r"[\u00A1-\u00FE]{6}")
_BEYOND_LATIN = re.compile(r"[^\x00-\x7F\u00A0-\u00FF]")
_CHINESE_MARK = "，。、；：？！“”‘’（）《》〈〉【】「」『』—…·～￥　"


def from_latin(text: str) -> str:
    """``ä½ å¥½`` -> ``你好``: UTF-8 read as Windows-1252 or Latin-1, also where its no-break spaces became spaces."""
    runs = [_utf8_of(found) for found in _LATIN_RUN.finditer(text)]
    # a text was read wrongly as a whole: what one run is too short or too technical to show, all of them do
    if _better("".join(new for new in runs if new), 2):
        return _LATIN_ONE.sub(lambda found: _utf8_of(found) or found[0], text)
    return _LATIN_RUN.sub(_from_latin_run, text)


def _from_latin_run(found: re.Match[str]) -> str:
    new = _utf8_of(found)
    return new if new and _better(new, 2) else found[0]


def _utf8_of(found: re.Match[str]) -> str | None:
    """What a run was before it was read wrongly; None where it is no UTF-8."""
    try:
        data = b"".join(
            b"\xa0" if mark == " " else mark.encode("cp1252" if mark in CP1252_SIGNS else "latin-1")
            for mark in found[0]
        )
        return data.decode("utf-8")
    except UnicodeError:
        return None


def from_gb2312(text: str) -> str:
    """``ÄãºÃÊÀ½ç`` -> ``你好世界``: GB2312 read as Latin-1. The whole text was, or none of it."""
    if _BEYOND_LATIN.search(text) or not _GB2312_RUN.search(text):
        return text
    try:
        new = text.replace("\u00a0", " ").encode("latin-1").decode("gb2312")
    except UnicodeError:
        return text
    return new if _better("".join(mark for mark in new if mark > "\x7f"), 3) else text


def from_gbk(text: str) -> str:
    """``浣犲ソ`` -> ``你好``: UTF-8 read as GBK.

    Two characters of three bytes give three of two. Where an odd number of characters ended, half a character is
    lost (``鍚�``, ``鍚?``); such a text can't be repaired whole, so it is left as it is.
    """
    if "\ufffd" in text:
        return text
    run = _gbk_run()
    torn = any(found[1] for found in run.finditer(text))
    return text if torn else run.sub(_from_gbk_run, text)


def _from_gbk_run(found: re.Match[str]) -> str:
    try:
        new = found[0].encode("gb18030").decode("utf-8")
    except UnicodeError:
        return found[0]
    return new if _better(new, 2) else found[0]


def gbk_sign() -> str:
    """A regular expression for a character of ``gbk_pair``'s first and one of its second behind each other."""
    first, second = gbk_pair()
    return f"[{first}][{second}]"


def gbk_pair() -> tuple[str, str]:
    """The characters that begin a run of UTF-8 read as GBK, and those that follow. In twenty million characters of real
    Chinese text such two stand behind each other some hundred times.
    """
    return _gbk_classes()[:2]


@cache
def _gbk_classes() -> tuple[str, str, str]:
    """The characters that GBK has for (first byte of a character, second), (third, first of the next), (second, third);
    private-use ones among them, where GBK has none.
    """
    leads, rest = [*range(0xE2, 0xEA), 0xEF], range(0x80, 0xC0)

    def characters(one: list[int] | range, two: list[int] | range) -> str:
        pairs = (bytes([a, b]).decode("gb18030", "ignore") for a in one for b in two)
        return "".join(sorted({pair for pair in pairs if len(pair) == 1 and pair > "\x7f"}))

    return characters(leads, rest), characters(rest, leads), characters(rest, rest)


@cache
def _gbk_run() -> re.Pattern[str]:
    """A run to repair, and what follows it where it is torn."""
    first, second, third = _gbk_classes()
    return re.compile(f"(?:[{first}][{second}][{third}])+([{first}])?")


def _better(text: str, least: int) -> bool:
    """Whether these characters are what people write: Chinese marks and, at least so many, Han characters of
    GB2312's first level (the 3,755 in use), but for one in twenty; half of them, of two both, among the commonest 850,
    of which three quarters of any text are made.
    """
    han = [mark for mark in text if mark not in _CHINESE_MARK]
    common = sum(mark in common_characters() for mark in han)
    rare = sum(not _is_level_one(mark) for mark in han)
    return len(han) >= least and rare <= len(han) / 20 and common >= max(2, len(han) / 2)


def _is_level_one(mark: str) -> bool:
    try:
        data = mark.encode("gb2312")
    except UnicodeError:
        return False
    return len(data) == 2 and 0xB0 <= data[0] <= 0xD7
