"""Spans as people mark them: BIO tags, JSON, Label Studio; what does not fit is named with its place."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.synthesize.spans import BadSpans, Span, as_items, from_json, from_tags, joined

TEXT = "甲公司在上海办展"


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("B-公司 I-公司 I-公司 O B-地点 I-地点 O O", [(0, 3, "公司"), (4, 6, "地点")]),
        ("B-公司 I-公司 B-公司 I-公司 O O O O", [(0, 2, "公司"), (2, 4, "公司")]),
        ("O O O O O O O B-公司", [(7, 8, "公司")]),
        ("O O O O O O O O", []),
        ("B-公司 M-公司 E-公司 O B-地点 E-地点 O S-动作", [(0, 3, "公司"), (4, 6, "地点"), (7, 8, "动作")]),
        ("S-公司 B-公司 O O O O O O", [(0, 1, "公司"), (1, 2, "公司")]),
        ("B-a-b I-a-b O O O O O O", [(0, 2, "a-b")]),
    ],
    ids=[
        "two",
        "neighbours of one type",
        "at the end",
        "none",
        "BMES",
        "a single one before",
        "a hyphen in the type",
    ],
)
def test_tags_of_characters(tags: str, spans: list[Span]) -> None:
    assert from_tags(TEXT, list(TEXT), tags.split()) == spans


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ("I-公司 O O O O O O O", "第 1 个标签 I-公司 前面没有 B-公司"),
        ("O O I-公司 O O O O O", "第 3 个标签 I-公司 前面没有 B-公司"),
        ("B-地点 I-公司 O O O O O O", "第 2 个标签 I-公司 前面没有 B-公司"),
        ("B-公司 E-公司 I-公司 O O O O O", "第 3 个标签 I-公司"),
        ("S-公司 I-公司 O O O O O O", "第 2 个标签 I-公司"),
        ("B-公司 O I-公司 O O O O O", "第 3 个标签 I-公司"),
        ("B O O O O O O O", "第 1 个标签 'B' 不认识"),
        ("X-公司 O O O O O O O", "第 1 个标签 'X-公司' 不认识"),
        ("O O O", "8 个词，3 个标签"),
    ],
)
def test_tags_that_do_not_follow_are_told_with_their_place(tags: str, told: str) -> None:
    with pytest.raises(BadSpans, match=told):
        from_tags(TEXT, list(TEXT), tags.split())


@pytest.mark.parametrize(
    ("text", "tokens", "tags", "found"),
    [
        ("ABC 公司 在上海", ["ABC", "公司", "在", "上海"], "B-x I-x O B-y", ["ABC 公司", "上海"]),
        ("New York 开展", ["New", "York", "开展"], "B-y I-y O", ["New York"]),
        ("上海上海", ["上海", "上海"], "O B-y", ["上海"]),
    ],
)
def test_tags_of_words_are_found_in_the_text(
    text: str, tokens: list[str], tags: str, found: list[str]
) -> None:
    assert [text[start:end] for start, end, _ in from_tags(text, tokens, tags.split())] == found


@pytest.mark.parametrize("tokens", [["甲", "在"], ["乙公司"], ["上海", "甲公司"], ["甲公司", ""]])
def test_words_that_are_not_in_the_text_in_their_order_are_told(tokens: list[str]) -> None:
    with pytest.raises(BadSpans, match="对不上正文"):
        from_tags(TEXT, tokens, ["O"] * len(tokens))


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_spans_become_tags_and_spans_again(data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet="甲乙丙A1，", min_size=1, max_size=30))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = [
        (start, end, data.draw(st.sampled_from(["公司", "地点"])))
        for start, end in pairwise(cuts)
        if data.draw(st.booleans())
    ]
    tags = ["O"] * len(text)
    for start, end, label in spans:
        tags[start:end] = [f"B-{label}", *[f"I-{label}"] * (end - start - 1)]
    assert from_tags(text, list(text), tags) == spans


def mark(start: int, end: int, *labels: str, **more: Any) -> dict[str, Any]:
    """A result of Label Studio."""
    return {
        "type": "labels",
        "from_name": "l",
        "to_name": "t",
        "value": {"start": start, "end": end, "labels": list(labels), **more},
    }


@pytest.mark.parametrize(
    ("told", "spans"),
    [
        ('[{"start": 0, "end": 3, "label": "公司"}]', [(0, 3, "公司")]),
        ([{"start": 0, "end": 3, "label": "公司", "text": "甲公司"}], [(0, 3, "公司")]),
        ([{"start": 4, "end": 6, "label": "b"}, {"start": 0, "end": 3, "label": "a"}], [(0, 3, "a"), (4, 6, "b")]),
        ([{"start": 0, "end": 3, "label": "a"}, {"start": 0, "end": 6, "label": "b"}], [(0, 3, "a"), (0, 6, "b")]),
        ([{"start": 0, "end": 3, "label": "a"}] * 2, [(0, 3, "a")]),
        ("[]", []),
        ([mark(0, 3, "公司", text="甲公司")], [(0, 3, "公司")]),
        ([mark(0, 3, "公司", "主办")], [(0, 3, "主办"), (0, 3, "公司")]),
        ({"result": [mark(4, 6, "地点")]}, [(4, 6, "地点")]),
        ([mark(0, 3, "公司"), {"type": "choices", "value": {"choices": ["好"]}}], [(0, 3, "公司")]),
    ],
    ids=[
        "JSON", "with its text", "sorted", "one inside the other", "one twice", "none",
        "Label Studio", "two labels at one place", "an annotation", "a choice beside it",
    ],
)  # fmt: skip
def test_spans_in_json(told: Any, spans: list[Span]) -> None:
    assert from_json(TEXT, told) == spans


def test_a_browser_counts_a_rare_character_as_two() -> None:
    assert from_json("𠮷𠮷公司在上海", [mark(0, 6, "公司", text="𠮷𠮷公司"), mark(7, 9, "地点", text="上海")]) == [
        (0, 4, "公司"), (5, 7, "地点"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("[{", "不是 JSON"),
        ('"公司"', "不是标注的列表"),
        ({"start": 0, "end": 3, "label": "a"}, "不是标注的列表"),
        ([{"start": 0, "label": "a"}], "第 1 处标注缺少"),
        ([{"start": 0, "end": 3}], "第 1 处标注缺少"),
        ([{"start": "0", "end": 3, "label": "a"}], "第 1 处标注缺少"),
        ([{"start": False, "end": 3, "label": "a"}], "第 1 处标注缺少"),
        ([mark(0, 3)], "第 1 处标注缺少"),
        (["甲公司"], "第 1 处标注缺少"),
        (
            [{"start": 0, "end": 3, "label": "a"}, {"start": 3, "end": 3, "label": "a"}],
            "第 2 处标注 3–3 对不上正文",
        ),
        ([{"start": 6, "end": 9, "label": "a"}], "第 1 处标注 6–9 对不上正文"),
        ([{"start": -3, "end": 2, "label": "a"}], "第 1 处标注 -3–2 对不上正文"),
        ([{"start": 0, "end": 3, "label": "a", "text": "乙公司"}], "第 1 处标注 0–3 对不上正文"),
    ],
)
def test_spans_that_do_not_fit_are_told_with_their_place(told: Any, why: str) -> None:
    with pytest.raises(BadSpans, match=why):
        from_json(TEXT, told)


@pytest.mark.parametrize(
    ("cell", "items"),
    [(["a", "b"], ["a", "b"]), ('["a", "b"]', ["a", "b"]), ("a b", ["a", "b"]), ([1, "b"], ["1", "b"])],
)
def test_items_of_a_cell(cell: Any, items: list[str]) -> None:
    assert as_items(cell) == items


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        (list("甲公司"), "甲公司"),
        (["New", "York", "的", "展", "2026", "Q1"], "New York的展2026 Q1"),
        (["3", "%"], "3%"),
        ([], ""),
    ],
)
def test_words_become_a_text(tokens: list[str], text: str) -> None:
    assert joined(tokens) == text
