"""Conversion between scripts, and the signs that a text has one."""

from __future__ import annotations

import re

import pytest

from curate.algorithms.chinese_script import (
    BOTH_SCRIPTS,
    CONVERSIONS,
    NAME_CHARACTERS,
    RARE,
    SIMPLIFIED_WORDS,
    TRADITIONAL_WORDS,
    changed_alone,
    converted,
    converter,
    sign_of,
)

TRADITIONAL = ["歡迎", "位於上海", "乾燥", "象徵", "請回覆", "回覆。", "藉口", "步步高陞"]
SIMPLIFIED = ["王丙乾", "杨闇公", "毕昇", "严重覆冰", "返回覆盖", "郭明錤", "二噁英", "皇后", "瞭望"]


@pytest.mark.parametrize("text", TRADITIONAL)
def test_traditional_text_has_the_sign_of_it(text: str) -> None:
    assert re.search(str(sign_of("t2s")), text)


@pytest.mark.parametrize("text", SIMPLIFIED)
def test_simplified_text_has_no_sign_of_traditional_text(text: str) -> None:
    assert not re.search(str(sign_of("t2s")), text)


@pytest.mark.parametrize(("text", "sign"), [("发展", True), ("什么", True), ("皇后", False), ("公里", False)])
def test_what_only_simplified_text_holds_is_its_sign(text: str, sign: bool) -> None:
    assert bool(re.search(str(sign_of("s2t")), text)) == sign


@pytest.mark.parametrize("conversion", CONVERSIONS)
def test_every_conversion_is_one_of_openccs(conversion: str) -> None:
    assert converter(conversion).convert("") == ""
    sign = sign_of(conversion)
    assert (sign is None) == (conversion[0] != "s" and not conversion.endswith(("2s", "2sp")))


def test_the_lists_say_what_opencc_does() -> None:
    convert = converter("t2s").convert
    assert [word for word in TRADITIONAL_WORDS if convert(word) == word] == []
    assert [word for word in TRADITIONAL_WORDS if not set(word) & {*RARE, *changed_alone("t2s")}] == []
    assert [word for word in SIMPLIFIED_WORDS if convert(word) == word] == []  # or they need no protection
    assert set(NAME_CHARACTERS) <= set(changed_alone("t2s"))
    alone = set(changed_alone("s2t"))
    assert len(BOTH_SCRIPTS & alone) > 60
    assert len(alone - BOTH_SCRIPTS) > 4000


def test_protected_terms_stay_wherever_they_stand() -> None:
    texts = ["葉後來與後來", "後來", "葉後來葉後來"]
    terms = [["葉後來"], [], ["葉後來", "葉後來"]]
    assert converted(texts, "t2s", terms) == ["葉後來与后来", "后来", "葉後來葉後來"]


def test_texts_with_the_separator_keep_their_places() -> None:
    texts = ["發\n\x1e", "展", "\x1e\n車"]
    assert converted(texts, "t2s") == ["发\n\x1e", "展", "\x1e\n车"]
    assert converted([], "t2s") == []
