"""Traditional and simplified Chinese: conversion by OpenCC, and which characters a conversion changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from opencc import OpenCC

#: OpenCC's configurations: s simplified, t traditional (OpenCC's own standard), tw Taiwan, hk Hong Kong; p: words too
#: (軟體 -> 软件).
Conversion = Literal[
    "t2s", "tw2s", "tw2sp", "hk2s", "hk2sp",
    "s2t", "s2tw", "s2twp", "s2hk", "s2hkp",
    "t2tw", "t2hk", "tw2t", "hk2t",
]  # fmt: skip
CONVERSIONS: tuple[str, ...] = get_args(Conversion)
#: Characters that simplified Chinese keeps in names and terms (王丙乾, 毕昇, 杨闇公, 二噁英; the national table of 2013 has most of
#: them): alone they do not make a text traditional.
NAME_CHARACTERS = "乾昇闇濛祕徵氾釐陞薹剋噁"
#: Words that do, although none of their characters is a sure sign. Only such as nobody writes in simplified Chinese and
#: nobody is called: not 毛坏 (毛坯), where 坏 is simplified already, nor 沈默, a name.
TRADITIONAL_WORDS = (
    "瞭解", "瞭然", "瞭如", "明瞭", "藉口", "藉由", "藉此", "藉助", "藉以", "藉故", "藉着", "藉端", "英哩", "海哩", "衹得",
    "甦醒", "甦生", "乾燥", "乾旱", "乾杯", "乾脆", "乾洗", "乾涸", "乾枯", "乾果", "乾粉", "烘乾", "晾乾", "擦乾", "吹乾",
    "特徵", "象徵", "徵求", "徵收", "徵集", "徵文", "徵信", "徵兆", "徵稿", "徵召", "公釐", "毫釐", "氾濫", "高陞", "相剋", "噁心",
    "反覆", "回覆", "答覆", "批覆", "函覆", "覆信", "覆文",
)  # fmt: skip
#: The characters of those words that nobody who writes simplified Chinese uses often.
RARE = "瞭覆藉哩衹甦" + NAME_CHARACTERS
#: with one of these behind it 覆 belongs to the next word: 返回覆盖, 违反覆盖
_COVERS = "盖蓋没沒灭滅亡冰舟水辙轍"
#: Words of simplified Chinese with a character that is traditional elsewhere: places, names, terms. OpenCC writes them
#: when it converts 乾縣, 畢昇, 變徵; converted once more they would come out wrong.
SIMPLIFIED_WORDS = (
    "乾县", "乾安县", "乾安镇", "乾佑县", "乾清宫", "乾纲", "乾闼婆", "目乾连", "旋乾转坤", "颠乾倒坤", "张法乾", "萧乾",
    "毕昇", "吴育昇", "温昇豪", "乌昇", "王彦昇", "申昇勋", "卢象昇", "蒋昇", "阎鹤昇", "陈昇", "陈志昇", "韩昇延", "龚昇",
    "张昇", "变徵", "徵声", "於梨华", "於潜", "东氾", "氾国", "氾胜之", "怀釐", "吴祕", "祕琼", "杨联陞", "芸薹", "苧悴", "苧烯",
    "阴多蒐", "蒐于红", "蒐狝", "蒐猎", "幺麽", "麽些族",
)  # fmt: skip
#: What conversions to traditional Chinese change alone but write themselves, too: 里 (公里), 后 (皇后), 干 (干涉) …
#: A text is simplified when it holds another character that such a conversion changes.
BOTH_SCRIPTS = frozenset(
    "万丑丰么于云仆价伙余佣党冲准几凶划占厂厘台叶吁吃后咏咨咸喫夸姗尸岩岳峰帘干广床强征恒愿据斗朴杠杰柜樑涂涌淀游溫熏皁皂"
    "确种筑群胜腊腌膻臺苧苹范荐蘊虫虱蜡衛跖辟适郁采里霉韵"
)
#: Words of simplified Chinese none of whose characters is a sign alone.
SIMPLIFIED_SIGNS = ("什么", "怎么", "那么", "多么", "要么")
_BLOCKS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))
#: stands between texts that are converted in one call; phrases do not reach over it
_BETWEEN = "\n\x1e\n"


@cache
def converter(conversion: str) -> OpenCC:
    """OpenCC's ``conversion``: t2s, s2t, tw2sp, hk2s …"""
    from opencc import OpenCC

    return OpenCC(conversion)


def changed_alone(conversion: str) -> str:
    """The Han characters that a conversion changes when they stand alone."""
    return "".join(_alone(conversion))


@cache
def _alone(conversion: str) -> dict[str, str]:
    alone = [chr(code) for first, last in _BLOCKS for code in range(first, last + 1)]
    changed = converter(conversion).convert("\n".join(alone)).split("\n")
    return {old: new for old, new in zip(alone, changed, strict=True) if old != new}


@cache
def sign_of(conversion: str) -> str | None:
    """A regular expression for what only a text in the script to convert from holds; None where every text may be
    converted, because once more changes nothing.

    What a conversion writes holds no such sign, so no text is converted twice: OpenCC's words overlap with its own
    results (程序员 -> 进程员 by tw2sp, 一出劇場 -> 一齣劇場 by s2t).
    """
    if conversion.startswith("s2"):
        alone = "".join(mark for mark in changed_alone("s2t") if mark not in BOTH_SCRIPTS)
        return f"[{alone}]|{'|'.join(SIMPLIFIED_SIGNS)}"
    if conversion.endswith(("2s", "2sp")):
        # a character whose simplified form lies outside of the first plane (錤) is written as it is in practice
        alone = "".join(
            old for old, new in _alone("t2s").items() if new <= "\uffff" and old not in NAME_CHARACTERS
        )
        words = (word + f"(?:[^{_COVERS}]|$)" if word.endswith("覆") else word for word in TRADITIONAL_WORDS)
        return f"[{alone}]|{'|'.join(words)}"
    return None


def converted(
    texts: Sequence[str], conversion: str, protected: Iterable[Sequence[str]] | None = None
) -> list[str]:
    """The texts after a conversion.

    Args:
        protected: for each text the terms in it that stay as they are, in their order; what is around them is
            converted as if they were its edges.
    """
    if protected is None:
        return _in_one_call(texts, conversion)
    pieces: list[str] = []
    shapes: list[list[str]] = []
    for text, terms in zip(texts, protected, strict=True):
        shapes.append(list(terms))
        for term in terms:
            before, _, text = text.partition(term)
            pieces.append(before)
        pieces.append(text)
    done = iter(_in_one_call(pieces, conversion))
    return ["".join(part for term in terms for part in (next(done), term)) + next(done) for terms in shapes]


def _in_one_call(texts: Sequence[str], conversion: str) -> list[str]:
    if any("\x1e" in text for text in texts):  # a text that holds the separator would be cut elsewhere
        return [converter(conversion).convert(text) for text in texts]
    return str(converter(conversion).convert(_BETWEEN.join(texts))).split(_BETWEEN) if texts else []
