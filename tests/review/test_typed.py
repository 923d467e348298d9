"""typed: what people type, read where it is certain and refused where it is not."""

from __future__ import annotations

from typing import Any

import pytest

from curate.review.typed import Unclear, typed
from tests.review.small_pages import PAIR, SPANS, SPANS_DATA, page

PAGE = page(PAIR.replace('value="资料里没有"', 'value="没有依据、太笼统"')).controls
TEXT = SPANS_DATA["text"]


@pytest.mark.parametrize(
    ("control", "cell", "value"),
    [
        ("decision", "接受", "accept"),
        ("decision", " accept ", "accept"),
        ("decision", "ＡＣＣＥＰＴ", "accept"),
        ("reasons", "数字错误", ["wrong_fact"]),
        ("reasons", "没有依据、太笼统", ["unsupported"]),
        ("reasons", "没有依据、太笼统、数字错误", ["unsupported", "wrong_fact"]),
        ("reasons", "数字错误；没有依据、太笼统", ["unsupported", "wrong_fact"]),
        ("reasons", "wrong_fact, unsupported", ["unsupported", "wrong_fact"]),
        ("reasons", "wrong_fact|数字错误\n", ["wrong_fact"]),
        ("clear", "4", 4),
        ("clear", "４ ", 4),
        ("note", " 见第二段。\r\n好 ", "见第二段。\n好"),
    ],
)
def test_words_values_widths_and_separators(control: str, cell: str, value: Any) -> None:
    assert typed(PAGE[control], cell, None) == value


@pytest.mark.parametrize(
    ("control", "cell", "what"),
    [
        ("decision", "通过", "没有选项“通过”，可以写：接受、修改、拒绝"),
        ("decision", "接受、拒绝", "只能选一个：“接受、拒绝”"),
        ("decision", "接受吧", "没有选项“接受吧”"),
        ("reasons", "数字错误、太笼统", "没有选项“太笼统”"),
        ("clear", "很好", "应是 1 到 5 的整数，不是“很好”"),
        ("clear", "6", "应是 1 到 5"),
        ("clear", "4.5", "应是 1 到 5"),
        ("clear", "0", "应是 1 到 5"),
    ],
)
def test_what_is_unclear_is_told(control: str, cell: str, what: str) -> None:
    with pytest.raises(Unclear, match=what.replace("|", r"\|")):
        typed(PAGE[control], cell, None)


def span(start: int, end: int, label: str) -> dict[str, Any]:
    return {"start": start, "end": end, "text": TEXT[start:end], "label": label}


@pytest.mark.parametrize(
    ("cell", "spans"),
    [
        ("无", []),
        ("北京[机构]", [span(5, 7, "ORG")]),
        ("“北京”【org】", [span(5, 7, "ORG")]),
        ("张三[人名] 2–4", [span(2, 4, "PER")]),
        ("张三[人名] 8-10\n北京［机构］", [span(5, 7, "ORG"), span(8, 10, "PER")]),
        ("“张三”[人名] 2–4、“北京”[机构] 5–7", [span(2, 4, "PER"), span(5, 7, "ORG")]),
    ],
)
def test_spans_are_text_and_label(cell: str, spans: list[dict[str, Any]]) -> None:
    assert typed(page(SPANS).controls["spans"], cell, TEXT) == spans


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("张三[人名]", "“张三”在原文里有 2 处，写明从第几个字到第几个字"),
        ("张三[人名] 3–5", "原文 3–5 不是“张三”"),
        ("李四[人名]", "原文里没有“李四”"),
        ("北京[地名]", "没有标签“地名”，可以写：人名、机构"),
        ("北京", "“北京”看不懂，写成 文字"),
        ("北京[机构] 等等", "看不懂"),
        ("“”[机构]", "原文里没有“”"),
    ],
)
def test_a_span_that_could_be_anywhere_is_told(cell: str, what: str) -> None:
    with pytest.raises(Unclear, match=what):
        typed(page(SPANS).controls["spans"], cell, TEXT)
