"""tags: XML whose elements know their line."""

from __future__ import annotations

import pytest

from curate.review.tags import DEEPEST, Unreadable, parse

BILLION = '<!DOCTYPE v [<!ENTITY a "哈哈"><!ENTITY b "&a;&a;">]>\n<View>&b;</View>'
OUTSIDE = '<!DOCTYPE v SYSTEM "file:///etc/passwd">\n<View/>'


def test_every_element_knows_its_line() -> None:
    root = parse('<?xml version="1.0"?>\n<!-- 说明 -->\n<View>\n\n  <Text\n name="t"/>\n</View>')
    assert [(tag.name, tag.line) for tag in root.walk()] == [("View", 3), ("Text", 5)]


@pytest.mark.parametrize(
    ("xml", "line", "what"),
    [
        (BILLION, 1, "不能有 <!DOCTYPE>"),
        (OUTSIDE, 1, "不能有 <!DOCTYPE>"),
        ("<View>\n<Text></View>", 2, "不是合格的 XML"),
        ("<View>\n&nbsp;</View>", 2, "不是合格的 XML"),
        ("", 1, "不是合格的 XML"),
        ("<View/>\n<View/>", 2, "不是合格的 XML"),
        ("<View>\ud800</View>", 1, "不是合格的 XML"),
        ("<View>" * (DEEPEST + 1), 1, f"嵌套超过 {DEEPEST} 层"),
    ],
)
def test_what_is_refused_names_its_line(xml: str, line: int, what: str) -> None:
    with pytest.raises(Unreadable) as told:
        parse(xml)
    assert (told.value.line, what in told.value.what) == (line, True)
    assert told.value.hint
