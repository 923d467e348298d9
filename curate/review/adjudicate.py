"""Adjudication: an expert sees what everybody said of a disputed item, without names, and decides with a reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from curate.review.interface import Control, Interface, read_interface
from curate.review.result import shown

#: The field that a disputed item has beside its own, and the box in which the expert says why.
VERDICTS = "verdicts"
REASON = "decision_reason"
#: Traditional counters: a name that nobody has. Beyond them people are numbered.
NAMES = "甲乙丙丁戊己庚辛壬癸"
#: Beyond this a text is cut: the panel is for comparing, and scrolls.
_TOLD = 2_000
NOTHING = "（没有标注）"
_ORDER = {"Choices": 0, "Rating": 1, "TextArea": 2, "Labels": 2}
_PANEL = "background: #fff7e6; border-radius: 6px; padding: 2px 12px 6px; margin-bottom: 6px; min-width: 0; "
_SAID = "max-height: 24vh; overflow: auto; white-space: pre-wrap; font-size: 15px; line-height: 1.5"


def for_adjudication(interface: Interface) -> Interface:
    """The same page below a panel with the verdicts and a box for the reason.

    The page itself stays as annotators had it, so that an expert's decision is read and counted like theirs. What is added has no
    hotkey, and is Chinese as the pages are: the version of a page must not depend on who pushes it.
    """
    page = re.sub(r"^\s*<\?xml[^>]*\?>", "", interface.xml).strip()
    # The box comes last but stands on top: behind it Tab leads to a button, where Ctrl+Enter submits; within a box it does not.
    # A page that fills the window is shorter here, by what the panel takes.
    xml = f"""<View style="display: grid; grid-template-columns: 2fr 1fr; column-gap: 8px">
  <Style>.page {{ max-height: calc(100vh - 336px); min-height: 0 !important }}</Style>
  <View style="{_PANEL}grid-area: 1 / 1">
    <Header value="各位标注员的判断" size="5"/>
    <View style="{_SAID}"><Text name="{VERDICTS}" value="${VERDICTS}" selectionEnabled="false"/></View>
  </View>
  <View style="grid-area: 2 / 1 / 3 / 3; min-width: 0">
{page}
  </View>
  <View style="{_PANEL}grid-area: 1 / 2">
    <Header value="裁决理由（必填）" size="5"/>
    <TextArea name="{REASON}" toName="{VERDICTS}" rows="3" editable="true" maxSubmissions="1" showSubmitButton="false"
              required="true" requiredMessage="请写明裁决理由"
              placeholder="依据：原文哪一处、标注说明哪一条。写完先按 Tab，再按 Ctrl+Enter 提交"/>
  </View>
</View>
"""
    return read_interface(interface.file, xml, interface.guideline)


def verdicts_text(interface: Interface, verdicts: Sequence[Mapping[str, Any]]) -> str:
    """What people said, in the words of the page: one below the other in the order given.

    Args:
        verdicts: ``{"value", "values"}`` of each annotator, as ``assess`` gives them: anonymous and shuffled.
    """
    return "\n".join(
        f"【{name_of(place)}】{_said(interface, verdict['values'], verdict['value'])}"
        for place, verdict in enumerate(verdicts)
    )


def name_of(place: int) -> str:
    """What somebody is called in a list where nobody has a name."""
    return f"标注员{NAMES[place] if place < len(NAMES) else place + 1}"


def spoken(control: Control, value: Any) -> str:
    """A value in the words of the page; spans as “张三”[人名] 2–4."""
    if control.tag == "Labels":
        spans = [
            f"“{span['text']}”[{control.words.get(span['label'], span['label'])}] {span['start']}–{span['end']}"
            for span in value
        ]
        return "、".join(spans) or NOTHING
    if isinstance(value, list):
        return "、".join(control.words.get(str(item), str(item)) for item in value)
    if control.tag == "Rating":
        return f"{value} / {control.most}"
    text = control.words.get(str(value), str(value))
    return text if len(text) <= _TOLD else text[:_TOLD] + "…"


def _said(interface: Interface, values: Mapping[str, Any], value: str | None) -> str:
    """What was picked and marked in one line, since people compare lines; texts and spans each in their own."""
    told = [name for name in interface.controls if name in values and shown(interface, values, name)]
    told.sort(key=lambda name: _ORDER[interface.controls[name].tag])
    short = [name for name in told if _ORDER[interface.controls[name].tag] < 2]
    lines = {
        name: f"{interface.title(name)}：{spoken(interface.controls[name], values[name])}" for name in told
    }
    rows = ["　".join(lines[name] for name in short), *(lines[name] for name in told if name not in short)]
    return "\n".join(filter(None, rows)) or value or NOTHING
