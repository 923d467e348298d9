"""A result, checked: what an annotation says of an item, or why it cannot be taken as said.

Label Studio's server stores whatever it is sent, and sheets are typed by hand, so nothing is believed before it has been here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from curate.language import say
from curate.review.interface import Control, Interface

#: More than a person writes or marks; beyond it something else is sending.
MOST_CHARS = 100_000
MOST_ENTRIES = 2_000
#: A problem quotes no more than this.
QUOTED = 30
EDITED = "edited_"
#: What no text has that can be written as UTF-8 and read again by every program.
_BROKEN = re.compile("[\x00\ud800-\udfff]")
#: Label Studio writes a line break within a span's text as a backslash and an n, and browsers fold blanks.
_FOLDED = re.compile(r"\\n|\s+")


@dataclass(frozen=True)
class Judged:
    """What was said.

    Attributes:
        values: control -> value: of Choices a text, or a sorted list where several may be chosen; of Rating an integer; of
            TextArea a text (lines parted by one line feed each, no white space around it); of Labels a list of
            ``{"start", "end", "text", "label"}``, sorted, each once, with the item's own text. Only what was filled in, and only
            of controls that are shown: Label Studio leaves out most of what a changed mind has hidden again, but not all.
        problems: in words, for people; empty when all is well.
    """

    values: dict[str, Any]
    problems: list[str]


class Misfit(Exception):
    """A part of a result that does not fit the interface."""


def read_result(interface: Interface, data: Mapping[str, str], result: Any) -> Judged:
    """Check a result, which may be anything that JSON can hold.

    Args:
        data: the item's fields.
        result: Label Studio's list of results; regions marked beforehand and left as they were count as said.
    """
    if not isinstance(result, list):
        return Judged(
            {}, [say(f"结果不是列表，而是{_kind(result)}", f"the result is no list but {_kind(result)}")]
        )
    if len(result) > MOST_ENTRIES:
        return Judged(
            {}, [say(f"结果有 {len(result)} 项，太多了", f"the result has {len(result)} entries: too many")]
        )
    values: dict[str, Any] = {}
    problems: list[str] = []
    met: set[str] = set()
    wrong: set[str] = set()
    for number, entry in enumerate(result, 1):
        name = ""
        try:
            control = _control_of(interface, entry)
            name = control.name
            if name in met and control.tag != "Labels":
                raise Misfit(say(f"{name} 答了不止一次", f"{name} is answered more than once"))
            met.add(name)
            said = _READERS[control.tag](
                control, entry["value"], data.get(interface.objects.get(control.to, ""))
            )
        except Misfit as misfit:
            problems.append(say(f"第 {number} 项：{misfit}", f"entry {number}: {misfit}"))
            wrong.add(name)
            continue
        if control.tag == "Labels":
            values.setdefault(name, []).extend(said)
        elif said not in ("", []):
            values[name] = said
    for name, spans in values.items():
        if interface.controls[name].tag == "Labels":
            values[name] = _sorted(spans)
    values = {name: value for name, value in values.items() if shown(interface, values, name)}
    return Judged(values, problems + list(_missing(interface, values, wrong)))


def shown(interface: Interface, values: Mapping[str, Any], name: str) -> bool:
    """Is a control on the page when these values are picked?"""
    condition = interface.controls[name].shown_when
    if condition is None:
        return True
    other, wanted = condition
    picked = values.get(other, [])
    said = picked if isinstance(picked, list) else [picked]
    return shown(interface, values, other) and any(value in wanted for value in said)


def edits(data: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, str]:
    """Field -> its new text, of what was really changed in the boxes ``edited_<field>``.

    An opened box is sent whether it was changed or not, so one that holds what was shown says nothing; nor does an empty one.
    """
    boxes = {name.removeprefix(EDITED): text for name, text in values.items() if name.startswith(EDITED)}
    return {
        field: tidy(text)
        for field, text in boxes.items()
        if field in data and tidy(text) and tidy(text) != tidy(data[field])
    }


def tidy(text: str) -> str:
    """A text with one kind of line break and no white space around it: browsers and spreadsheets differ in both."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _control_of(interface: Interface, entry: Any) -> Control:
    """The control of an entry, whose frame is as it should be."""
    if not isinstance(entry, dict):
        raise Misfit(say(f"不是对象，而是{_kind(entry)}", f"no object but {_kind(entry)}"))
    name = entry.get("from_name")
    control = interface.controls.get(name) if isinstance(name, str) else None
    if control is None:
        raise Misfit(say(f"界面里没有控件 {_quoted(name)}", f"the page has no control {_quoted(name)}"))
    for key, wanted in (("to_name", control.to), ("type", control.tag.lower())):
        if entry.get(key) != wanted:
            told = _quoted(entry.get(key))
            raise Misfit(
                say(
                    f"{name} 的 {key} 应是 {wanted}，不是 {told}",
                    f"{key} of {name} should be {wanted}, not {told}",
                )
            )
    if not isinstance(entry.get("value"), dict):
        raise Misfit(say(f"{name} 没有 value", f"{name} has no value"))
    return control


def _choices(control: Control, value: Mapping[str, Any], _: str | None) -> str | list[str]:
    picked = _texts(control, value.get("choices"))
    unknown = [choice for choice in picked if choice not in control.values]
    if unknown:
        raise Misfit(
            say(
                f"{control.name} 没有选项 {_quoted(unknown[0])}",
                f"{control.name} has no choice {_quoted(unknown[0])}",
            )
        )
    if len(set(picked)) < len(picked):
        raise Misfit(say(f"{control.name} 的选项重复", f"a choice of {control.name} is there twice"))
    if control.several:
        return sorted(picked)
    if len(picked) > 1:
        raise Misfit(
            say(
                f"{control.name} 只能选一个，选了 {len(picked)} 个",
                f"{control.name} takes one, not {len(picked)}",
            )
        )
    return picked[0] if picked else ""


def _rating(control: Control, value: Mapping[str, Any], _: str | None) -> int:
    mark, most = value.get("rating"), control.most or 0
    if type(mark) is not int or not 1 <= mark <= most:
        raise Misfit(
            say(
                f"{control.name} 应是 1 到 {most} 的整数，不是 {_quoted(mark)}",
                f"{control.name} should be a whole number from 1 to {most}, not {_quoted(mark)}",
            )
        )
    return mark


def _area(control: Control, value: Mapping[str, Any], _: str | None) -> str:
    """Old pages send one text, new ones a list of those that were added one after the other."""
    text = value.get("text")
    parts = _texts(control, [text] if isinstance(text, str) else text)
    return tidy("\n".join(parts))


def _labels(control: Control, value: Mapping[str, Any], text: str | None) -> list[dict[str, Any]]:
    start, end = value.get("start"), value.get("end")
    if text is None:
        raise Misfit(say(f"{control.to} 没有文字可标", f"{control.to} has no text to mark"))
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        raise Misfit(
            say(
                f"{control.name} 的位置 {_quoted(start)}–{_quoted(end)} 不在文字的 0–{len(text)} 之内",
                f"the place {_quoted(start)}–{_quoted(end)} of {control.name} is not within 0–{len(text)}",
            )
        )
    told = value.get("text")
    if not isinstance(told, str) or _FOLDED.sub("", told) != _FOLDED.sub("", text[start:end]):
        raise Misfit(
            say(
                f"{control.name} {start}–{end} 标的是 {_quoted(told)}，原文却是 {_quoted(text[start:end])}",
                f"{control.name} {start}–{end} says {_quoted(told)}, where the text is {_quoted(text[start:end])}",
            )
        )
    labels = _texts(control, value.get("labels"))
    if not labels or (len(labels) > 1 and not control.several):
        raise Misfit(
            say(f"{control.name} 每一处要有一个标签", f"{control.name} needs one label at each place")
        )
    unknown = [label for label in labels if label not in control.values]
    if unknown:
        raise Misfit(
            say(
                f"{control.name} 没有标签 {_quoted(unknown[0])}",
                f"{control.name} has no label {_quoted(unknown[0])}",
            )
        )
    return [{"start": start, "end": end, "text": text[start:end], "label": label} for label in labels]


_READERS = {"Choices": _choices, "Rating": _rating, "TextArea": _area, "Labels": _labels}


def _texts(control: Control, value: Any) -> list[str]:
    """A list of texts that can be kept."""
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise Misfit(
            say(f"{control.name} 的值应是文字列表", f"the value of {control.name} should be a list of texts")
        )
    if sum(map(len, value)) > MOST_CHARS:
        raise Misfit(
            say(
                f"{control.name} 超过 {MOST_CHARS} 字",
                f"{control.name} is longer than {MOST_CHARS} characters",
            )
        )
    if any(_BROKEN.search(text) for text in value):
        raise Misfit(say(f"{control.name} 里有坏字符", f"{control.name} has broken characters"))
    return value


def _missing(interface: Interface, values: Mapping[str, Any], wrong: Collection[str]) -> Iterator[str]:
    """What had to be filled in. Of a control that was filled in wrongly the problem is told already."""
    for name, control in interface.controls.items():
        if control.required and name not in values and name not in wrong and shown(interface, values, name):
            yield say(f"必填的 {name} 没有填", f"{name} is required and not filled in")


def _sorted(spans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    once = {(span["start"], span["end"], span["label"]): span for span in spans}
    return [once[key] for key in sorted(once)]


def _quoted(value: Any) -> str:
    """A value for a message: short, on one line, and never something that could not be printed."""
    if value is None or isinstance(value, list | dict):
        return _kind(value)
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > QUOTED:
        return _kind(value)  # python refuses to write out thousands of digits
    text = str(value) if not isinstance(value, str) else value[: QUOTED + 1]
    text = "".join(char if char.isprintable() else "�" for char in text)
    text = text[:QUOTED] + "…" if len(text) > QUOTED else text
    return f"“{text}”"


def _kind(value: Any) -> str:
    kinds = {
        type(None): say("空值", "nothing"),
        bool: say("真假值", "true or false"),
        int: say("数字", "a number"),
        float: say("数字", "a number"),
        str: say("文字", "a text"),
        list: say("列表", "a list"),
        dict: say("对象", "an object"),
    }
    return kinds[type(value)]
