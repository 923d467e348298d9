"""Near-duplicates: nearly the same question and answer with the same numbers; a model's pair goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from curate.mix import Mix, decide
from curate.mix.near import figures_in
from tests.mix.tables import LLM, REAL, TEST, pair, tables

ASKED = "第十届上海国际新能源博览会的展览面积和参展企业各有多少，主办方是怎样介绍这届展会的？"
TOLD = "展览面积3.5万平方米，1200家企业参展；主办方介绍，本届展会首次设立了储能专区，海外观众明显多于往年，现场还有两场供需对接会。"


def near(folder: Path, *pairs: dict[str, Any], **options: Any) -> dict[str, str]:
    """Pair -> the better one that it nearly repeats."""
    told, _ = decide(tables(folder, list(pairs)), Mix(near=options))
    return dict(told.filter(reason="near_duplicate").select("pair_id", "of").iter_rows())


def both(asked: str = ASKED, told: str = TOLD, **more: Any) -> dict[str, Any]:
    return {"instruction": asked, "output": told, **more}


BASE = pair("c:1#a", **both())


@pytest.mark.parametrize(
    ("other", "goes"),
    [
        (both(told=TOLD + "！", **LLM), True),
        (both(told=TOLD.replace("现场还有", "现场也有"), **LLM), True),
        (both(told=TOLD.replace("1200", "3400"), **LLM), False),
        (both(told=TOLD.replace("3.5万", "4.5万"), **LLM), False),
        (both(told=TOLD.replace("两场", "三场"), **LLM), False),
        (both(asked="这届新能源展有多大？", **LLM), False),
        (both(told="面积很大，企业很多。", **LLM), False),
        (both(told=TOLD + "！"), False),
        (both(asked=ASKED + "请说说", told=TOLD + "！", kind="preference", rejected="不知道", **LLM), False),
    ],
    ids=[
        "a mark more", "another word", "another number", "another number of 万", "a Chinese numeral",
        "the question in other words", "another answer", "a template's stays", "for another purpose",
    ],
)  # fmt: skip
def test_what_is_nearly_the_same(tmp_path: Path, other: dict[str, Any], goes: bool) -> None:
    again = other | {"instruction": ASKED + "？"} if other["instruction"] == ASKED else other
    assert near(tmp_path, BASE, pair("c:2#b", **again)) == ({"c:2#b": "c:1#a"} if goes else {})


@pytest.mark.parametrize(
    ("one", "other", "goes"),
    [
        (LLM, LLM | {"score": 0.9}, "c:1#a"),
        (LLM | {"score": 0.9}, LLM | {"score": 0.5}, "c:2#b"),
        (LLM | {"score": 0.9}, REAL, "c:1#a"),
        (LLM | {"score": 0.9}, TEST, "c:1#a"),
        (REAL, TEST, None),
    ],
    ids=["the higher score stays", "whichever it is", "a real one", "the test set's", "only a model's goes"],
)
def test_which_of_two_goes(
    tmp_path: Path, one: dict[str, Any], other: dict[str, Any], goes: str | None
) -> None:
    found = near(
        tmp_path,
        pair("c:1#a", **both(**one)),
        pair("c:2#b", **both(asked=ASKED + "！？", told=TOLD + "！", **other)),
    )
    assert set(found) == ({goes} if goes else set())


def test_it_can_be_turned_off_or_widened(tmp_path: Path) -> None:
    again = pair("c:2#b", **both(asked=ASKED + "请答", **REAL))
    assert near(tmp_path, BASE, again) == {}
    assert near(tmp_path, BASE, again, origins=["template", "llm"]) == {"c:1#a": "c:2#b"}
    assert near(tmp_path, BASE, pair("c:2#b", **both(asked=ASKED + "请答", **LLM)), origins=[]) == {}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("有1,200家", "有1,200家企业", True),
        ("1200家", "3400家", False),
        ("三百家", "五百家", False),
        ("型号XK-200", "型号xk-200", True),
        ("型号XK-200", "型号XK-201", False),
        ("没有数字", "也没有", True),
    ],
)
def test_figures(one: str, other: str, same: bool) -> None:
    assert (figures_in(one) == figures_in(other)) is same
