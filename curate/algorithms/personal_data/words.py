"""What stands in place of personal data that is hashed or removed, so that it is known again and never searched."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Literal

from curate.algorithms.personal_data.kinds import Found, Kind

Language = Literal["zh", "en"]
LABELS: dict[Language, dict[Kind, str]] = {
    "zh": {
        "email": "邮箱",
        "id_card": "证件",
        "bank_card": "银行卡",
        "mobile": "手机",
        "landline": "座机",
        "wechat": "微信",
        "qq": "QQ",
        "passport": "护照",
        "plate": "车牌",
        "address": "住址",
        "person_name": "姓名",
    },
    "en": {
        "email": "email",
        "id_card": "id_card",
        "bank_card": "bank_card",
        "mobile": "mobile",
        "landline": "landline",
        "wechat": "wechat",
        "qq": "qq",
        "passport": "passport",
        "plate": "plate",
        "address": "address",
        "person_name": "name",
    },
}
_ANY = "|".join(
    sorted({label for labels in LABELS.values() for label in labels.values()}, key=len, reverse=True)
)
#: Ten hexadecimal digits, the first a letter: no telephone number looks like it.
TOKEN = re.compile(rf"(?:{_ANY})_[a-f][0-9a-f]{{9}}(?![0-9A-Za-z_])")


def hashed(found: Found, salt: bytes, language: Language) -> str:
    """``手机_c3f9a2…``: HMAC-SHA-256 of the kind and the value under a secret salt, as 38 bits.

    The same value gives the same token in every row and run with this salt; among 10,000 values two share one with a
    chance of 1 in 5,000. Source: RFC 2104.
    """
    digest = hmac.new(salt, f"{found.kind}:{found.value}".encode(), hashlib.sha256).digest()
    return f"{LABELS[language][found.kind]}_{'abcdef'[digest[0] % 6]}{digest[1:6].hex()[:9]}"


def placeholder(kind: Kind, language: Language) -> str:
    """``[手机]``"""
    return f"[{LABELS[language][kind]}]"
