"""lint: what Label Studio lets through and people stumble over, each with its line."""

from __future__ import annotations

import pytest

from curate.review.lint import lint
from tests.review import small_pages
from tests.review.small_pages import SPANS

PAIR = small_pages.PAIR.replace("$source", "$passage")

FIELDS = ["passage", "answer", "question", "about"]


def changed(before: str, after: str) -> str:
    assert before in PAIR
    return PAIR.replace(before, after, 1)


@pytest.mark.parametrize(
    ("xml", "line", "what", "hint"),
    [
        (changed("<Text ", "<Txt "), 2, "Label Studio 没有标签 <Txt>", "是不是 <Text>？"),
        (changed('<View>\n  <Text name="source"', '<View>\n  <Blubb/><Text name="source"'), 2, "没有标签 <Blubb>", ""),
        (changed('name="note"', 'name="clear"'), 20, "name=“clear”用了不止一次", "起一个名字"),
        (changed('name="answer" value', 'name="decision" value'), 5, "name=“decision”用了不止一次", ""),
        (changed('hotkey="e"', 'hotkey="a"'), 7, "快捷键 a 用了不止一次", "只用一次"),
        (changed('hotkey="1"', 'hotkey="A"'), 12, "快捷键 a 用了不止一次（隐藏的选项也会收到）", ""),
        (changed('maxRating="5"', 'maxRating="5" hotkey="2"'), 19, "快捷键 2 用了不止一次", ""),
        (changed('hotkey="e"', 'hotkey="u"'), 7, "快捷键 u 是 Label Studio 自己用的", "换一个"),
        (changed('hotkey="e"', 'hotkey="Ctrl+Enter"'), 7, "快捷键 ctrl+enter 是 Label Studio 自己用的", ""),
        (changed('value="修改"', 'value="接受"'), 7, "decision 的选项“接受”重复", "改名"),
        (changed('alias="edit"', 'alias="accept"'), 7, "decision 的选项“accept”重复", ""),
        (changed('value="修改" ', ""), 7, "<Choice> 没有 value", "标注员看到的字"),
        (changed('toName="source"', 'toName="sorce"'), 4, "toName=“sorce”没有对应的内容", "是不是 source？"),
        (changed('toName="answer" choice="single"', 'toName="clear" choice="single"'), 5, "toName=“clear”没有对应", ""),
        (changed('value="$passage"', 'value="passage"'), 2, "<Text> 的 value 没有 $", "<Header>"),
        (changed('value="$passage"', 'value="$source"'), 2, "$source 被 Label Studio 占用", "换一个名字"),
        (changed('value="$passage"', 'value="$pasage"'), 2, "没有 $pasage", "是不是 $passage？"),
        (changed('value="$answer" required', 'value="$output" required'), 17, "没有 $output", "$answer"),
        (changed('name="decision"', 'name="verdict"'), 1, "页面上没有控件 decision", ""),
        (changed('choice="single" required="true"', 'choice="single"'), 5, "decision 不是必填", "漏答"),
        (changed("<View>\n", "<View>\n<script>alert(1)</script>"), 2, "<script> 会在标注员的浏览器里运行程序", "删掉"),
        (changed("<View>\n", "<View>\n<ReactCode/>"), 2, "<ReactCode> 会在标注员的浏览器里运行程序", ""),
        (changed('<Text name="source"', '<Text onclick="steal()" name="source"'), 2, "<Text> 的 onclick 里有程序", ""),
        (changed('<Text name="source"', '<Text link=" JavaScript:x" name="source"'), 2, "<Text> 的 link 里有程序", ""),
        (changed('<Text name="source"', '<HyperText name="source"'), 2, "<HyperText> 会把数据当网页显示", "<Text>"),
        (changed("<View>\n", "<View>\n<View></View>"), 2, "空的 <View>", "删掉它"),
        ("<View/>", 1, "空的 <View>", ""),
        ("<Text name='t' value='$passage'/>", 1, "最外层是 <Text>，不是 <View>", ""),
        (changed('<TextArea name="note"', '<TextArea visibleWhen="choice-selected" whenTagName="decision" name="note"'), 20, "visibleWhen 写在 <TextArea> 上不起作用", "<View"),
        (changed('whenTagName="decision"', 'whenTagName="desision"'), 10, "whenTagName 要写页面上", ""),
        (changed('whenChoiceValue="edit"', 'whenChoiceValue="change"'), 16, "decision 没有选项“change”", "accept,edit,reject"),
        (changed("visibleWhen", "visiblewhen"), 10, "属性 visiblewhen 大小写不对", "写成 visibleWhen"),
        (changed("<Rating", "<Number"), 19, "不支持控件 <Number>", ""),
        (changed('maxRating="5"', 'maxRating="five"'), 19, "maxRating 要是 1 到 99", ""),
        (changed(' toName="answer"/>\n</View>', "/>\n</View>"), 20, "<TextArea> 缺少 name 或 toName", ""),
        (PAIR[:-8], 21, "不是合格的 XML", "成对"),
        ("<!DOCTYPE v>" + PAIR, 1, "不能有 <!DOCTYPE>", ""),
    ],
)  # fmt: skip
def test_a_slip_is_told_with_line_and_what_to_do(xml: str, line: int, what: str, hint: str) -> None:
    found = lint(xml, FIELDS, "decision")
    assert [f for f in found if f[0] == line and what in f[1] and hint in f[2] and f[2]], found


def test_a_good_page_has_nothing_to_tell() -> None:
    assert lint(PAIR, FIELDS, "decision") == []


def test_spans_are_not_asked_for_since_a_text_may_have_none() -> None:
    assert lint(SPANS, ["text", "about"], "spans") == []


def test_the_control_that_counts_must_always_be_shown() -> None:
    hidden = lint(PAIR, FIELDS, "reasons")
    assert [(line, what) for line, what, _ in hidden] == [(10, "reasons 有时不显示")]


def test_a_circle_is_told_where_every_element_is_right_by_itself() -> None:
    xml = """<View>
  <Text name="t" value="$passage"/>
  <Choices name="c" toName="t" required="true"><Choice value="0"/></Choices>
  <Choices name="a" toName="t" visibleWhen="choice-selected" whenTagName="b"><Choice value="1"/></Choices>
  <Choices name="b" toName="t" visibleWhen="choice-selected" whenTagName="a"><Choice value="2"/></Choices>
</View>"""
    assert [(line, "绕了一圈" in what) for line, what, _ in lint(xml, FIELDS, "c")] == [(4, True)]


def test_all_slips_are_told_at_once_in_the_order_of_the_lines() -> None:
    xml = (
        changed('hotkey="e"', 'hotkey="a"')
        .replace('value="$passage"', 'value="passage"')
        .replace("<Rating", "<Rat")
    )
    lines = [line for line, _, _ in lint(xml, FIELDS, "decision")]
    assert lines == sorted(lines)
    assert {2, 7, 19} <= set(lines)


def test_problems_come_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_LANG", "en")
    told = lint(changed('hotkey="e"', 'hotkey="a"'), FIELDS, "decision")
    assert told == [
        (
            7,
            "the key a is given more than once (hidden choices hear it too)",
            "use a key once on the whole page",
        )
    ]
