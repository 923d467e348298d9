"""interface: what a page asks, and when."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.errors import CurateError
from curate.review.interface import load_interface
from curate.review.tags import Unreadable
from tests.review.small_pages import PAIR, SPANS, page


def test_values_are_what_results_hold_and_words_what_people_see() -> None:
    decision = page().controls["decision"]
    assert decision.values == ("accept", "edit", "reject")
    assert decision.words == {"accept": "接受", "edit": "修改", "reject": "拒绝"}
    assert (decision.tag, decision.to, decision.required, decision.several) == (
        "Choices",
        "answer",
        True,
        False,
    )


def test_a_choice_without_alias_is_its_own_value() -> None:
    plain = page(
        '<View><Text name="t" value="$t"/><Choices name="c" toName="t"><Choice value="好"/></Choices></View>'
    )
    assert plain.controls["c"].words == {"好": "好"}


def test_a_condition_may_name_the_word_or_the_alias() -> None:
    controls = page().controls
    assert controls["reasons"].shown_when == ("decision", ("reject",))
    assert controls["edited_answer"].shown_when == ("decision", ("edit",))
    assert controls["decision"].shown_when is None


def test_a_condition_without_values_is_met_by_any() -> None:
    controls = page(PAIR.replace(' whenChoiceValue="edit"', "")).controls
    assert controls["edited_answer"].shown_when == ("decision", ("accept", "edit", "reject"))


def test_nested_views_must_all_be_shown() -> None:
    inner = '<Choices visibleWhen="choice-selected" whenTagName="decision" whenChoiceValue="edit,reject" name="reasons"'
    controls = page(PAIR.replace('<Choices name="reasons"', inner)).controls
    assert controls["reasons"].shown_when == ("decision", ("reject",))


def test_several_choices_marks_and_spans() -> None:
    controls = page().controls
    assert (controls["reasons"].several, controls["clear"].most) == (True, 5)
    assert page(SPANS).controls["spans"].words == {"PER": "人名", "ORG": "机构"}


def test_objects_know_their_field() -> None:
    assert page().objects == {"source": "passage", "answer": "answer"}
    assert page().fields == ("passage", "answer")


def test_the_version_follows_page_and_guideline(tmp_path: Path) -> None:
    xml, guideline = tmp_path / "a.xml", tmp_path / "a.md"
    xml.write_bytes(PAIR.encode("utf-8"))
    guideline.write_text("# 说明\n", encoding="utf-8")
    first = load_interface(xml, guideline).version
    xml.write_bytes(PAIR.replace("\n", "\r\n").encode("utf-8-sig"))
    assert load_interface(xml, guideline).version == first, "another editor is no other rule"
    guideline.write_text("# 说明，第二版\n", encoding="utf-8")
    assert load_interface(xml, guideline).version != first
    assert len(first) == 12


@pytest.mark.parametrize(
    ("xml", "line", "what"),
    [
        (PAIR.replace('whenTagName="decision"', 'whenTagName="desision"'), 10, "whenTagName 要写页面上"),
        (PAIR.replace('whenChoiceValue="拒绝"', 'whenChoiceValue="拒绝, 修改"'), 10, "没有选项“ 修改”"),
        (PAIR.replace('"choice-selected"', '"region-selected"', 1), 10, "visibleWhen 只支持"),
        (PAIR.replace('maxRating="5"', 'maxRating="0"'), 19, "maxRating 要是 1 到 99"),
        (PAIR.replace('maxRating="5"', 'perRegion="true"'), 19, "不支持 perRegion"),
        (PAIR.replace(' toName="answer" maxRating="5"', ""), 19, "缺少 name 或 toName"),
        (PAIR.replace("<Rating", "<Number"), 19, "不支持控件 <Number>"),
        (SPANS.replace('<Label value="人名" alias="PER"/><Label value="机构" alias="ORG"/>', ""), 2, "选项要逐个写在"),
        (PAIR.replace('<Choice value="接受" alias="accept" hotkey="a"/>', '<Choice value="是"><Choice value="很"/></Choice>'), 5, "选项要逐个写在"),
        ("<View>\n", 2, "不是合格的 XML"),
    ],
)  # fmt: skip
def test_a_page_that_cannot_be_read_names_the_line(tmp_path: Path, xml: str, line: int, what: str) -> None:
    file, guideline = tmp_path / "a.xml", tmp_path / "a.md"
    file.write_text(xml, encoding="utf-8")
    guideline.write_text("", encoding="utf-8")
    with pytest.raises(CurateError, match=what) as told:
        load_interface(file, guideline)
    assert f"{file}:{line}" in told.value.problem
    assert told.value.hint


CIRCLE = """<View>
  <Text name="t" value="$t"/>
  <Choices name="a" toName="t" visibleWhen="choice-selected" whenTagName="b"><Choice value="1"/></Choices>
  <Choices name="b" toName="t" visibleWhen="choice-selected" whenTagName="a"><Choice value="2"/></Choices>
</View>"""
TWO = """<View>
  <Text name="t" value="$t"/>
  <Choices name="a" toName="t"><Choice value="1"/></Choices>
  <Choices name="b" toName="t"><Choice value="2"/></Choices>
  <View visibleWhen="choice-selected" whenTagName="a">
    <View visibleWhen="choice-selected" whenTagName="b"><TextArea name="c" toName="t"/></View>
  </View>
</View>"""


@pytest.mark.parametrize(("xml", "line", "what"), [(CIRCLE, 3, "绕了一圈"), (TWO, 6, "同时取决于两个控件")])
def test_conditions_that_cannot_be_followed_are_refused(xml: str, line: int, what: str) -> None:
    with pytest.raises(Unreadable) as told:
        page(xml)
    assert (told.value.line, what in told.value.what) == (line, True)


def test_a_missing_file_is_told_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(CurateError, match=r"读不了文件 .*nowhere\.xml"):
        load_interface(tmp_path / "nowhere.xml", tmp_path / "a.md")


def test_a_guideline_must_be_utf_8(tmp_path: Path) -> None:
    file, guideline = tmp_path / "a.xml", tmp_path / "a.md"
    file.write_text(PAIR, encoding="utf-8")
    guideline.write_bytes("说明".encode("gb18030"))
    with pytest.raises(CurateError, match=r"读不了文件 .*a\.md（UTF-8）"):
        load_interface(file, guideline)
