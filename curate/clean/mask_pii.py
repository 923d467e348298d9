"""mask_pii: numbers and addresses that lead to a person."""

from __future__ import annotations

from typing import Literal, get_args

import polars as pl

from curate.algorithms.personal_data import SUSPECT, Kind, mask
from curate.clean.cleaner import TextCleaner, only_where


class MaskPii(TextCleaner):
    """遮盖身份证号、银行卡号、手机号、座机号和邮箱。 / Mask ID cards, bank cards, mobile and landline numbers, e-mail.

    ID numbers are confirmed by birth date and checksum (GB 11643), bank cards by Luhn's, so that order numbers
    stay; so do unified credit codes (GB 32100), which are public. What remains readable: the first three and
    last four digits of a mobile number (138****5678), the first two of an ID number, the last four of a card, the
    area code of a landline, the domain of an address.
    """

    use: Literal["mask_pii"] = "mask_pii"
    kinds: list[Kind] = list(get_args(Kind))
    """遮盖哪些 / what to mask"""

    def rewrite_column(self, values: pl.Series) -> pl.Series:
        return only_where(values, SUSPECT, self._mask)

    def _mask(self, values: pl.Series) -> pl.Series:
        return pl.Series(values.name, [mask(text, self.kinds) for text in values], dtype=pl.String)
