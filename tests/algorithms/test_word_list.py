"""Listed words are found however they are dressed, and nothing else is."""

from __future__ import annotations

import polars as pl
import pytest

from curate.algorithms.word_list import FOUND, Word, WordList


def words(*spellings: str, **options: object) -> WordList:
    listed = [Word(text, f"类{number}", "w.txt", number) for number, text in enumerate(spellings, 1)]
    settings = {"ignore_case": True, "ignore_width": True, "ignore_marks": False, **options}
    return WordList(listed, **settings)  # type: ignore[arg-type]


def found(text: str | None, *spellings: str, **options: object) -> list[str]:
    return words(*spellings, **options).find(pl.Series([text], dtype=pl.String))["word"].to_list()


@pytest.mark.parametrize(
    ("text", "spellings", "told"),
    [
        ("加VX领取", ["vx"], ["vx"]),
        ("加ＶＸ领取", ["vx"], ["vx"]),  # full-width
        ("加ⓋⓍ领取", ["vx"], ["vx"]),  # circled
        ("加𝐕𝐗领取", ["VX"], ["VX"]),  # mathematical
        ("加VX领取", ["ｖｘ"], ["ｖｘ"]),  # the list's own spelling is told
        ("VXY", ["vx"], []),
        ("代开发票和代开", ["代开", "代开发票"], ["代开发票", "代开"]),
        ("代开代开", ["代开"], ["代开"]),
        ("代*开", ["代开"], []),
        ("好", ["代开"], []),
        (None, ["代开"], []),
    ],
)
def test_case_and_width_do_not_hide_a_word(text: str | None, spellings: list[str], told: list[str]) -> None:
    assert found(text, *spellings) == told


def test_case_and_width_count_on_request() -> None:
    assert found("VX", "vx", ignore_case=False) == []
    assert found("ｖｘ", "vx", ignore_width=False) == []
    assert found("VX", "VX", ignore_case=False, ignore_width=False) == ["VX"]


@pytest.mark.parametrize(
    ("text", "spellings", "told"),
    [
        ("代*开 发\u200b票", ["代开发票"], ["代开发票"]),
        ("代。开！发\n票", ["代开发票"], ["代开发票"]),
        ("用Ｖ*P*N上网", ["VPN"], ["VPN"]),
        ("buy VPN now", ["VPN"], ["VPN"]),  # a word as it stands
        ("have a VIP", ["avi"], []),
        ("ma in", ["main"], ["main"]),
        ("一二代-开三", ["代·开"], ["代·开"]),  # marks in the list do not count either
        ("代 开", ["代开", "代-开"], ["代开"]),  # alike under the option: one word
    ],
)
def test_marks_do_not_hide_a_word_on_request(text: str, spellings: list[str], told: list[str]) -> None:
    assert found(text, *spellings, ignore_marks=True) == told


@pytest.mark.parametrize(
    ("text", "marks", "told"),
    [
        ("内蒙古草原", False, []),
        ("内蒙古和蒙古", False, ["蒙古"]),
        ("内-蒙-古", True, []),
        ("蒙-古", True, ["蒙古"]),
    ],
)
def test_a_longer_harmless_word_shields_a_listed_one(text: str, marks: bool, told: list[str]) -> None:
    assert found(text, "蒙古", shields=["内蒙古"], ignore_marks=marks) == told


def test_a_listed_word_that_is_longer_than_the_shield_counts() -> None:
    assert found("内蒙古代购", "内蒙古代购", shields=["内蒙古"]) == ["内蒙古代购"]


def test_a_word_of_several_lists_has_all_their_categories() -> None:
    assert words("QQ", "代开", "ｑｑ").categories == {"QQ": ("类1", "类3"), "代开": ("类2",)}


def test_words_that_cannot_match_are_told() -> None:
    assert [
        word.line for word in words("代开", "***", "蒙古", ignore_marks=True, shields=["蒙 古"]).faults
    ] == [2, 3]
    assert words("***").faults == []


def test_each_word_is_told_once_a_text_in_their_order() -> None:
    told = words("代开", "刷单").find(pl.Series(["刷单代开刷单", None, "代开"]))
    assert told.schema == FOUND
    assert told.rows() == [(0, "刷单"), (0, "代开"), (2, "代开")]
