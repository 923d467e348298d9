"""The estimate: near the real vocabularies' numbers, and above them."""

from __future__ import annotations

import polars as pl
import pytest

from curate.export.tokens import estimate_tokens

#: What the vocabularies of Qwen and of Llama 3 make of the text, and the two estimates.
KNOWN = [
    ("请介绍一下今年在上海举办的工业博览会，观众主要来自哪些行业？", 14, 22, 22, 29),
    (
        "本届展会共有三千二百家企业参展，展览面积达到三十六万平方米，涵盖食品、汽车、装备等六大展区，"
        "预计接待专业观众超过二十万人次。",
        *(33, 47, 53, 61),
    ),
    (
        "The exhibition opens at nine in the morning, and visitors can collect their badges at the north entrance.",
        *(20, 25, 20, 25),
    ),
    ("展位号：N1-203；时间：2026年11月5日 09:00—17:30；电话：021-55554444。", 50, 57, 35, 51),
    ("本屆展覽共設八個展區，觀眾可於網上預約入場，憑電子門票換領證件。", 31, 35, 33, 37),
    (
        "- 展商：Shanghai Robotics Co., Ltd.\n- 产品：协作机器人 CR-7\n- 价格：128,000 元\n\n欢迎垂询！",
        *(40, 52, 38, 51),
    ),
    ("东西还不错 就是物流有点慢 包装也破了 客服态度挺好的 给个好评吧", 25, 28, 27, 33),
    ('def count(rows):\n    return sum(1 for row in rows if row["hall"] == "N1")\n', 23, 30, 23, 27),
    ("👍👍👍 太棒了！！！😀", 10, 14, 16, 15),
]


def estimated(texts: list[str | None], vocabulary: str = "qwen") -> list[int | None]:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return frame.select(estimate_tokens(pl.col("text"), vocabulary)).to_series().to_list()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "qwen", "ours_qwen", "llama3", "ours_llama3"), KNOWN, ids=[k[0][:8] for k in KNOWN]
)
def test_texts_of_known_length(text: str, qwen: int, ours_qwen: int, llama3: int, ours_llama3: int) -> None:
    assert estimated([text]) == [ours_qwen]
    assert estimated([text], "llama3") == [ours_llama3]
    assert qwen <= ours_qwen <= 1.6 * qwen
    assert 0.9 * llama3 <= ours_llama3 <= 1.5 * llama3


def test_nothing_and_null() -> None:
    assert estimated(["", None, "a"]) == [0, None, 2]


def test_more_text_is_never_fewer_tokens() -> None:
    text = "".join(text for text, *_ in KNOWN)
    growing = estimated([text[:end] for end in range(0, len(text), 7)])
    assert growing == sorted(growing, key=lambda count: count or 0)


def test_two_texts_together_are_about_as_long_as_apart() -> None:
    texts = [text for text, *_ in KNOWN]
    apart = sum(count or 0 for count in estimated(list(texts)))
    together = estimated(["".join(texts)])[0] or 0
    assert apart - 2 * len(texts) <= together <= apart
