"""The table of places for ``divisions``: every way to write one, with its code (GB/T 2260).

Names of today are those of ``algorithms.place_names``; former ones (闸北区, 襄樊市) stand in divisions_old.txt.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path

from curate.algorithms.place_names import divisions

ONE_LETTER = dict(
    zip(
        "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕秦甘陇青宁新台港澳",
        [
            "11",
            "12",
            "13",
            "14",
            "15",
            "21",
            "22",
            "23",
            "31",
            "32",
            "33",
            "34",
            "35",
            "36",
            "37",
            "41",
            "42",
            "43",
            "44",
            "45",
            "46",
            "50",
            "51",
            "51",
            "52",
            "52",
            "53",
            "53",
            "54",
            "61",
            "61",
            "62",
            "62",
            "63",
            "64",
            "65",
            "71",
            "81",
            "82",
        ],
        strict=True,
    )
)
_PEOPLES = "|".join(
    f"{people}(?:族)?" if len(people) > 1 else f"{people}族"
    for people in [
        "蒙古",
        "回",
        "藏",
        "维吾尔",
        "苗",
        "彝",
        "壮",
        "布依",
        "朝鲜",
        "满",
        "侗",
        "瑶",
        "白",
        "土家",
        "哈尼",
        "哈萨克",
        "傣",
        "黎",
        "傈僳",
        "佤",
        "畲",
        "拉祜",
        "水",
        "东乡",
        "纳西",
        "景颇",
        "柯尔克孜",
        "土",
        "达斡尔",
        "仫佬",
        "羌",
        "布朗",
        "撒拉",
        "毛南",
        "仡佬",
        "锡伯",
        "阿昌",
        "普米",
        "塔吉克",
        "怒",
        "鄂温克",
        "德昂",
        "保安",
        "裕固",
        "京",
        "独龙",
        "鄂伦春",
        "各",
    ]
)
_SUFFIX = re.compile(r"(?:特别行政区|自治[区州县旗]|地区|新区|林区|特区|[省市区县盟旗])$")


@cache
def names() -> dict[str, str]:
    """Code -> full name."""
    return dict(divisions())


@cache
def known() -> dict[str, tuple[str, ...]]:
    """Every way to write a place -> codes."""
    found: dict[str, list[str]] = defaultdict(list)
    for code, name in divisions():
        bare = _bare(name)
        for surface in dict.fromkeys((name, bare, *([f"{bare}州"] if name.endswith("自治州") else []))):
            found[surface].append(code)
    found["内蒙"].append("15")
    for name, code in _former():
        if not any(other.startswith(code[:4]) for other in found[name]):
            found[name].append(code)
    return {surface: tuple(codes) for surface, codes in found.items()}


@cache
def short_names() -> frozenset[str]:
    """Those without 省, 市, 区 …: they may be something else."""
    return frozenset(_bare(name) for _, name in divisions()) | {"内蒙"}


@cache
def longest() -> int:
    """Characters of the longest."""
    return max(map(len, known()))


def _former() -> list[tuple[str, str]]:
    """Former name, code of what it is now."""
    text = (Path(__file__).parent / "divisions_old.txt").read_text(encoding="utf-8")
    lines = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return [(name, code) for name, code in lines]


def _bare(name: str) -> str:
    """浙江省 -> 浙江, 延边朝鲜族自治州 -> 延边; a name of which one letter would be left stays."""
    bare = _SUFFIX.sub("", name)
    if "自治" in name:
        bare = re.sub(rf"(?<=..)(?:{_PEOPLES})+$", "", bare).removesuffix("族")
    return bare if len(bare) > 1 else name
