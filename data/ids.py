"""Numbers with check digits: ID cards (GB 11643), credit codes (GB 32100), bank cards (Luhn), telephones."""

import random

from grammar import listed

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
REGIONS = listed(
    "110105 110108 120103 310115 310112 320505 320106 330106 330212 340104 350203 360102 370202 410105 "
    "420106 430104 440305 440106 450103 460105 500112 510107 520102 530102 610113 620102"
)


def id_check(first17: str) -> str:
    """The last character of an ID card number."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[
        sum(int(digit) * weight for digit, weight in zip(first17, weights, strict=True)) % 11
    ]


def id_number(rng: random.Random, birth_year: int) -> str:
    birth = f"{birth_year}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    first17 = f"{rng.choice(REGIONS)}{birth}{rng.randint(1, 999):03}"
    return first17 + id_check(first17)


def id_is_valid(number: str) -> bool:
    if len(number) != 18 or not number[:17].isdigit():
        return False
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    return (
        1900 <= year <= 2026 and 1 <= month <= 12 and 1 <= day <= 31 and number[17] == id_check(number[:17])
    )


def credit_check(first17: str) -> str:
    """The last character of a unified social credit code."""
    total = sum(CREDIT_ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(first17))
    return CREDIT_ALPHABET[-total % 31]


#: a district of each province, for the codes of its companies (GB/T 2260)
OF_PROVINCE = dict(
    zip(
        listed(
            "北京市 上海市 天津市 重庆市 浙江省 江苏省 广东省 山东省 四川省 湖北省 湖南省 福建省 河南省 安徽省 陕西省 辽宁省 河北省 "
            "云南省 广西壮族自治区 江西省"
        ),
        listed(
            "110105 310115 120101 500112 330106 320505 440305 370202 510107 420106 430104 350203 410105 340104 610113 210102 130102 "
            "530102 450103 360102"
        ),
        strict=True,
    )
)


def credit_code(rng: random.Random, province: str = "") -> str:
    """A code of a company of that province; of any one when left out."""
    body = "MA" + "".join(rng.choice(CREDIT_ALPHABET) for _ in range(6))
    values = [int(char) if char.isdigit() else ord(char) - 55 for char in body]
    rest = -sum(value * weight for value, weight in zip(values, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    somewhere = rng.choice(REGIONS)
    first17 = f"91{OF_PROVINCE.get(province, somewhere)}{body}{'X' if rest == 10 else rest}"
    return first17 + credit_check(first17)


def credit_is_valid(code: str) -> bool:
    return len(code) == 18 and set(code) <= set(CREDIT_ALPHABET) and code[17] == credit_check(code[:17])


def luhn_is_valid(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    return (sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


def mobile(rng: random.Random) -> str:
    prefix = rng.choice(
        listed("133 135 136 137 138 139 150 152 158 159 166 177 178 180 186 187 188 189 191 198")
    )
    return prefix + "".join(str(rng.randint(0, 9)) for _ in range(8))


def landline(rng: random.Random) -> str:
    return f"0{rng.randint(311, 899)}-{rng.randint(2, 8)}{rng.randint(0, 9_999_999):07}"


def order_number(rng: random.Random, length: int) -> str:
    """A number of 12, 13 or 18 digits that is neither an ID card nor a bank card nor a telephone."""
    while True:
        number = rng.choice("47") + "".join(str(rng.randint(0, 9)) for _ in range(length - 1))
        if not id_is_valid(number) and not luhn_is_valid(number):
            return number
