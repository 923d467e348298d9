"""Check digits of Chinese identity numbers, of bank cards and of companies' credit codes."""

from __future__ import annotations

from datetime import date

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
#: the provinces' digits; 81 to 83 are residents of Hong Kong, Macau and Taiwan
_PROVINCE_DIGITS = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83"
)
_PROVINCES = frozenset(_PROVINCE_DIGITS.split())
#: The standard leaves out I, O, S, V and Z, which are misread.
CREDIT_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def is_id_card(number: str, check_digit: bool = True) -> bool:
    """Is this an 18-digit resident identity number: a birth date that exists, and its check digit?

    Without ``check_digit`` the region and the date suffice: a number with a slip.

    Source: GB 11643-1999, check digit by ISO 7064 MOD 11-2.
    """
    if len(number) != 18 or not number[:17].isdigit() or not _is_date(number[6:14]):
        return False
    if not check_digit:
        return number[:2] in _PROVINCES
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, number[:17], strict=True))
    return number[17].upper() == _ID_CHECK[total % 11]


def _is_date(digits: str) -> bool:
    """A date of this century or the last, as YYYYMMDD."""
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year >= 1900
    except ValueError:
        return False


def is_bank_card(number: str) -> bool:
    """Is this a card number of 16 to 19 digits: an issuer's range used in China, and Luhn's check digit?

    Source: ISO/IEC 7812-1; ranges 4 (Visa), 5 (Mastercard), 62 and 60 (UnionPay), 35 (JCB), 9 (older
    domestic cards). American Express has 15 digits and 34 or 37.
    """
    if not (
        number.isdigit() and (16 <= len(number) <= 19 or (len(number) == 15 and number[:2] in {"34", "37"}))
    ):
        return False
    if len(number) > 15 and not number.startswith(("62", "60", "4", "5", "35", "9")):
        return False
    odd = [int(digit) for digit in number[-1::-2]]
    even = [sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2]]
    return (sum(odd) + sum(even)) % 10 == 0


def is_credit_code(code: str) -> bool:
    """Is this an 18-character unified social credit code (统一社会信用代码) with its check character?

    Source: GB 32100-2015, weights 3^i mod 31 over an alphabet without I, O, S, V and Z.
    """
    if len(code) != 18 or any(mark not in CREDIT_CODE_ALPHABET for mark in code):
        return False
    total = sum(pow(3, place, 31) * CREDIT_CODE_ALPHABET.index(mark) for place, mark in enumerate(code[:17]))
    return CREDIT_CODE_ALPHABET[-total % 31] == code[17]


def is_old_id_card(number: str) -> bool:
    """Is this a 15-digit identity number of the kind issued until 1999: region, birth date, order, no check digit?

    Source: GB 11643-1989.
    """
    if len(number) != 15 or not (number.isascii() and number.isdigit()):
        return False
    return number[:2] in _PROVINCES and _is_date("19" + number[6:12])


def is_hong_kong_id(number: str) -> bool:
    """Is this a Hong Kong identity card: one or two letters, six digits, and its check character?

    Source: Hong Kong Immigration Department's numbering; a space stands for the missing first letter and counts 36.
    """
    if not (8 <= len(number) <= 9 and number.isascii() and number[-7:-1].isdigit() and number[:-7].isalpha()):
        return False
    values = [36] * (9 - len(number)) + [int(mark, 36) for mark in number.upper()]
    return sum(weight * value for weight, value in zip(range(9, 0, -1), values, strict=True)) % 11 == 0
