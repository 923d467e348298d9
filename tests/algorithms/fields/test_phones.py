"""Telephone numbers."""

from __future__ import annotations

import polars as pl
import pytest

from curate.algorithms.fields.phones import parse_phones

MOBILE = [
    "13800138000", "+86 13800138000", "+86-138-0013-8000", "86 138 0013 8000", "8613800138000", "008613800138000",
    "１３８００１３８０００", "138 0013 8000", "013800138000", "手机：13800138000",
]  # fmt: skip
LANDLINE = [
    "021-62345678", "(021)62345678", "（021）6234-5678", "02162345678", "+86 21 62345678", "+86-21-6234 5678",
    "+86(0)21-62345678", "86-21-62345678", "Tel: 021-62345678", "021－62345678",
]  # fmt: skip
OTHER = {
    "021-62345678 转 801": "021-62345678转801",
    "021-62345678-801": "021-62345678转801",
    "021-62345678 ext. 801": "021-62345678转801",
    "+86 10 62345678": "010-62345678",
    "05718765432": "0571-8765432",
    "0571-87654321": "0571-87654321",
    "4008208820": "400-820-8820",
    "400 820 8820转2": "400-820-8820转2",
    "95588": "95588",
    "110": "110",
    "+1 (650) 253-0000": "+16502530000",
    "0044 20 7946 0958": "+442079460958",
    "+852 2345 6789": "+85223456789",
    "13800138000、13900139000": "13800138000;13900139000",
    "13800138000 13900139000": "13800138000;13900139000",
    "021-62345678/62345679": "021-62345678;021-62345679",
    "13800138000 / 021-62345678转801": "13800138000;021-62345678转801",
}
UNREAD = {
    "no area code": "62345678", "masked": "138****5678", "too short": "1380013800", "no such prefix": "12345678901",
    "an extension or a range": "021-62345678-80", "seven digits in Shanghai": "021-6234567",
    "a 400 number too long": "40062345678", "a name beside it": "13800138000(张经理)", "nothing said": "无",
    "no valid number abroad": "+1 123",
}  # fmt: skip


@pytest.mark.parametrize("text", MOBILE)
def test_a_mobile_number_is_eleven_digits(text: str) -> None:
    assert parse_phones(pl.Series([text])).to_list() == ["13800138000"]


@pytest.mark.parametrize("text", LANDLINE)
def test_a_landline_is_area_code_and_number(text: str) -> None:
    assert parse_phones(pl.Series([text])).to_list() == ["021-62345678"]


@pytest.mark.parametrize(("text", "wanted"), OTHER.items())
def test_other_numbers_have_one_form_each(text: str, wanted: str) -> None:
    assert parse_phones(pl.Series([text, wanted])).to_list() == [wanted, wanted]


@pytest.mark.parametrize("text", UNREAD.values(), ids=UNREAD)
def test_what_is_no_number_for_sure_is_null(text: str) -> None:
    assert parse_phones(pl.Series([text, None])).to_list() == [None, None]


def test_an_area_code_of_ones_own_is_put_in_front() -> None:
    texts = pl.Series(["62345678", "6234 5678转8", "13800138000", "8208820"])
    assert parse_phones(texts, "010").to_list()[:3] == ["010-62345678", "010-62345678转8", "13800138000"]
