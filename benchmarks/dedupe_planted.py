"""What is planted in the benchmark's corpora: copies with edits, copies in another dress, records of one template."""

from __future__ import annotations

import random

from benchmarks.dedupe_truth import similarity

TEMPLATED, TEMPLATED_COPIES = 2_000, 100


def edited(draw: random.Random, text: str, share: float, letters: str) -> str:
    """``text`` with a share of its characters (at least one) replaced, left out, or followed by a new one."""
    characters = list(text)
    for place in draw.sample(range(len(characters)), max(1, round(share * len(characters)))):
        new = draw.choice(letters)
        characters[place] = draw.choice((new, "", characters[place] + new))
    return "".join(characters)


WIDE: dict[int, int | str] = {
    code: code + 0xFEE0 for span in (range(0x30, 0x3A), range(0x41, 0x5B), range(0x61, 0x7B)) for code in span
}
RESPACED: dict[int, int | str] = {
    ord("，"): "， ",
    ord("。"): "！\n",
    ord("“"): "「",
    ord("”"): "」",
    ord("、"): "，",
}
BARE: dict[int, int | str] = dict.fromkeys(map(ord, "，。！？、；“”"), " ")
DRESSES = (WIDE, RESPACED, BARE, {**WIDE, **RESPACED})


def redressed(draw: random.Random, text: str) -> str:
    """``text`` with the same letters and digits, but other punctuation, white space or width."""
    told = text.translate(draw.choice(DRESSES))
    return told if told != text else f"《{text}》"


def company(draw: random.Random, letters: str) -> str:
    """A company record: more than half of it is the template that all share."""

    def some(length: int) -> str:
        return "".join(draw.choices(letters, k=length))

    return (
        f"{some(4)}展览服务有限公司成立于{draw.randint(1990, 2025)}年{draw.randint(1, 12)}月{draw.randint(1, 28)}日，"
        f"注册资本{draw.randint(50, 9000)}万元，注册地址位于{some(3)}市{some(3)}区{some(4)}路{draw.randint(1, 999)}号，"
        f"法定代表人{some(3)}。公司主营业务为{some(10)}，拥有完善的质量管理体系和售后服务网络，产品通过国家强制性产品认证，"
        "远销海内外多个国家和地区，多次参加国内外大型专业展览会，并获得主办方和客户的一致好评。公司始终坚持客户至上、"
        "质量第一的经营理念，热忱欢迎新老客户莅临参观指导、洽谈业务合作。"
        f"联系电话0{draw.randint(10, 99)}-{draw.randint(10**7, 10**8 - 1)}。"
    )


def templated(seed: int = 7) -> tuple[list[str], list[tuple[int, str]]]:
    """(records, (number of the record, a copy of it with 1-3 % of its characters edited, exact J >= 0.8))."""
    draw = random.Random(seed)
    letters = "".join(chr(code) for code in range(0x4E00, 0x4E00 + 3000))
    records = [company(draw, letters) for _ in range(TEMPLATED)]
    copies = []
    for number in draw.sample(range(TEMPLATED), TEMPLATED_COPIES):
        copy = records[number]
        while not 0.8 <= similarity(copy, records[number]) < 1:
            copy = edited(draw, records[number], draw.uniform(0.01, 0.03), letters)
        copies.append((number, copy))
    return records, copies
