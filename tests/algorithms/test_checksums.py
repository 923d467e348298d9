"""Check digits."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.checksums import (
    is_bank_card,
    is_credit_code,
    is_hong_kong_id,
    is_id_card,
    is_old_id_card,
)

ID_DIGITS = "10X98765432"


def with_check(first: str) -> str:
    """The identity number that begins with these 17 digits: ISO 7064 MOD 11-2, worked digit by digit."""
    rest = 0
    for digit in first:
        rest = (rest + int(digit)) * 2 % 11
    return first + "0123456789X"[(12 - rest) % 11]


@pytest.mark.parametrize(
    "number",
    ["11010519491231002X", "11010519491231002x"],
    ids=["as printed", "lower case"],
)
def test_the_standards_example_is_an_identity_number(number: str) -> None:
    assert is_id_card(number)
    assert with_check(number[:17]) == number.upper()


@pytest.mark.parametrize(
    ("born", "exists"),
    {
        "20000229": True,
        "19000229": False,
        "19000101": True,
        "18991231": False,
        "19991301": False,
        "19990431": False,
        "20241231": True,
        "00000101": False,
    }.items(),
)
def test_the_birth_date_must_exist_and_be_of_this_or_the_last_century(born: str, exists: bool) -> None:
    assert is_id_card(with_check(f"310115{born}123")) is exists


@given(order=st.integers(0, 999), wrong=st.sampled_from(ID_DIGITS))
@settings(max_examples=60)
def test_one_check_digit_of_eleven_is_right(order: int, wrong: str) -> None:
    number = with_check(f"31011519900307{order:03d}")
    assert is_id_card(number)
    assert is_id_card(number[:17] + wrong) == (number[17] == wrong)


@pytest.mark.parametrize(
    "number", ["", "1101051949123100", "11010519491231002X1", "1101051949123100AX", "110105194912310 2X"]
)
def test_what_has_not_the_shape_is_no_identity_number(number: str) -> None:
    assert not is_id_card(number)


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111",
        "5500000000000004",
        "3530111333300000",
        "6222021234567890128",
        "6212345678901232",
        "378282246310005",
    ],
    ids=["Visa", "Mastercard", "JCB", "UnionPay, 19 digits", "UnionPay, 16 digits", "American Express"],
)
def test_card_numbers_whose_last_digit_fits(number: str) -> None:
    assert is_bank_card(number)
    others = [number[:-1] + digit for digit in "0123456789" if digit != number[-1]]
    assert not any(is_bank_card(other) for other in others)


@pytest.mark.parametrize(
    "number",
    ["", "0" * 16, "411111111111111", "41111111111111111111", "2111111111111114", "411111111111111X"],
    ids=["empty", "no range", "15 digits", "20 digits", "range of no issuer here", "a letter"],
)
def test_what_has_not_the_shape_is_no_card_number(number: str) -> None:
    assert not is_bank_card(number)


@pytest.mark.parametrize("code", ["9144030071526726XG", "91330100799655058B", "91310000MA1FL1234Q"])
def test_credit_codes_whose_check_character_fits(code: str) -> None:
    assert is_credit_code(code)
    others = [code[:-1] + mark for mark in "0123456789ABCDEFGHJKLMNPQRTUWXY" if mark != code[-1]]
    assert not any(is_credit_code(other) for other in others)


@pytest.mark.parametrize(
    "code", ["", "9144030071526726X", "9144030071526726XO", "9144030071526726xg", "９" * 18]
)
def test_what_has_not_the_shape_is_no_credit_code(code: str) -> None:
    assert not is_credit_code(code)


def test_a_slip_in_the_check_digit_may_be_overlooked() -> None:
    assert is_id_card("110105194912310021", check_digit=False)
    assert not is_id_card("110105194913310021", check_digit=False)
    assert not is_id_card("990105194912310021", check_digit=False)


@pytest.mark.parametrize(
    ("number", "is_one"),
    {
        "110105491231002": True,
        "110105491331002": False,
        "990105491231002": False,
        "11010549123100": False,
        "11010549123100X": False,
        "": False,
    }.items(),
)
def test_old_identity_numbers_have_a_region_and_a_date(number: str, is_one: bool) -> None:
    assert is_old_id_card(number) is is_one


@pytest.mark.parametrize("number", ["A1234563", "G123456A", "AB9876543"])
def test_identity_cards_of_hong_kong_whose_check_character_fits(number: str) -> None:
    assert is_hong_kong_id(number)
    others = [number[:-1] + mark for mark in "0123456789A" if mark != number[-1]]
    assert not any(is_hong_kong_id(other) for other in others)


@pytest.mark.parametrize("number", ["", "A12345", "1234567", "ABC1234563", "A123456é", "A12345６3"])
def test_what_has_not_the_shape_is_none_of_hong_kong(number: str) -> None:
    assert not is_hong_kong_id(number)
