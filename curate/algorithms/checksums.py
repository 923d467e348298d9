"""Check digits of Chinese identity numbers, of bank cards and of companies' credit codes."""

from __future__ import annotations

from datetime import date

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def is_id_card(number: str) -> bool:
    """Is this an 18-digit resident identity number: a birth date that exists, and its check digit?

    Source: GB 11643-1999, check digit by ISO 7064 MOD 11-2.
    """
    if len(number) != 18 or not number[:17].isdigit():
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, number[:17], strict=True))
    return born.year >= 1900 and number[17].upper() == _ID_CHECK[total % 11]


def is_bank_card(number: str) -> bool:
    """Is this a card number of 16 to 19 digits: an issuer's range used in China, and Luhn's check digit?

    Source: ISO/IEC 7812-1; ranges 4 (Visa), 5 (Mastercard), 62 (UnionPay), 35 (JCB), 9 (older domestic cards).
    """
    if not (16 <= len(number) <= 19 and number.isdigit() and number.startswith(("62", "4", "5", "35", "9"))):
        return False
    odd = [int(digit) for digit in number[-1::-2]]
    even = [sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2]]
    return (sum(odd) + sum(even)) % 10 == 0


def is_credit_code(code: str) -> bool:
    """Is this an 18-character unified social credit code (统一社会信用代码) with its check character?

    Source: GB 32100-2015, weights 3^i mod 31 over an alphabet without I, O, S, V and Z.
    """
    if len(code) != 18 or any(mark not in _CREDIT_ALPHABET for mark in code):
        return False
    total = sum(pow(3, place, 31) * _CREDIT_ALPHABET.index(mark) for place, mark in enumerate(code[:17]))
    return _CREDIT_ALPHABET[-total % 31] == code[17]
