"""fold_punctuation: runs of one mark."""

from __future__ import annotations

import polars as pl
import pytest

from curate.clean.fold_punctuation import FoldPunctuation

FOLDED = {
    "exclamation marks": ("太好了！！！！", "太好了！"),
    "question marks": ("真的？？", "真的？"),
    "both": ("什么？？！！", "什么？！"),
    "commas, semicolons, colons": ("甲，，乙、、丙；；丁：：戊", "甲，乙、丙；丁：戊"),
    "full-width tildes": ("好吃～～～", "好吃～"),
    "three full stops": ("好吧。。。", "好吧……"),
    "two full stops": ("好吧。。还行", "好吧。还行"),
    "many full stops": ("好吧。。。。。。。", "好吧……"),
    "full-width full points": ("好吧．．．", "好吧……"),
    "middle dots": ("然后···走了", "然后……走了"),
    "ASCII dots behind Chinese": ("等等...还有......", "等等……还有……"),
    "ASCII dots behind every character": ("甲...乙...丙...丁", "甲……乙……丙……丁"),
    "ASCII dots in front of a line end": ("等等...\n还有...  ", "等等……\n还有……  "),
    "a long ellipsis": ("后来………………走了", "后来……走了"),
    "an ellipsis and full stops": ("后来……。。。走了", "后来……走了"),
    "a long dash": ("中国————世界", "中国——世界"),
    "ASCII exclamation marks behind Chinese": ("好!!!棒!!", "好!棒!"),
    "ASCII question marks at the end": ("什么???", "什么?"),
    "ASCII tildes": ("好吃~~~~", "好吃~"),
    "behind a closing mark": ("“好”!!! 《书》...", "“好”! 《书》……"),
}
KEPT = {
    "one of each": "甲，乙。丙！丁？戊；己：庚、辛～",
    "ellipsis and dash": "他说……走了——真的",
    "two different marks": "真的？！",
    "one ellipsis character": "Loading…",
    "Markdown": "---\n***\n~~~\n~~删除~~\n```\n**重要**",
    "code": "a...b !!x ?? // :: == && || ++ -- <<",
    "code between Chinese": "如果!!flag则...args",
    "a string of code": "print('你好...') + '好!!'",
    "leader dots": "第一章........12\n第二章.... 34",
    "paths": "目录../上级，目录.../x",
    "lines to fill in": "姓名____，日期__",
    "masked numbers": "138****5678",
    "a rule of dashes": "————————",
    "lines of fractions": "C=————× Cs",
    "lost characters in a name": "张??芳",
    "a title's own marks": "《冲锋突刺！！吕布子》",
    "repeated brackets": "（（二））《《书》》",
    "English": "wait... what?! no!!",
    "dots alone": "......",
    "empty": "",
}


def folded(text: str | None) -> str | None:
    outcome = FoldPunctuation().apply(pl.DataFrame({"text": pl.Series([text], dtype=pl.String)}))
    assert outcome.dropped.height == 0
    found: str | None = outcome.kept["text"].item()
    return found


@pytest.mark.parametrize(("text", "expected"), FOLDED.values(), ids=FOLDED)
def test_runs_of_a_mark_are_folded(text: str, expected: str) -> None:
    assert folded(text) == expected
    assert folded(expected) == expected


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_means_something_stays(text: str) -> None:
    assert folded(text) == text


def test_null_stays_null() -> None:
    assert folded(None) is None
