"""A labeling interface as our side sees it: its controls, what they may say, and when they are shown.

The file is Label Studio's XML and goes to the server as it is; here it is only read, so that a result can be checked against it,
a sheet can be drawn from it and a report can name things in the words that annotators saw.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from curate.errors import CurateError
from curate.language import say
from curate.review.tags import Tag, Unreadable, parse

#: The controls whose results are understood, with the tag of what can be picked in them.
CONTROLS = {"Choices": "Choice", "Labels": "Label", "Rating": "", "TextArea": ""}
#: What shows a field; the label stands in a result as ``to_name``.
OBJECTS = ("Text", "HyperText", "Paragraphs", "Header")
#: Label Studio's own pattern: ASCII words alone, also within a text.
VARIABLE = re.compile(r"\$(\w+)", re.ASCII)
BEST_RATING = 5
#: What the controls of our pages are called on paper. Chinese alone, as the pages are: a sheet must read the same wherever it was made.
TITLES = {
    "decision": "结论", "reasons": "理由", "edited_question": "改后的问题", "edited_answer": "改后的回答",
    "faithful": "忠实原文", "useful": "有用", "clear": "清楚", "note": "备注", "evidence": "依据",
    "better": "哪个更好", "label": "类别", "spans": "实体", "noisy": "是不是噪声", "kinds": "种类",
    "same": "是不是同一个", "leaked": "有没有漏网的个人信息", "found": "漏网的个人信息", "decision_reason": "裁决理由",
}  # fmt: skip
#: (control, values): shown while that control has one of them.
Condition = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Control:
    """Something that people fill in.

    Attributes:
        tag: ``Choices``, ``Rating``, ``TextArea`` or ``Labels``.
        to: the object that it is about, as in ``to_name``.
        values: what a result may hold, in the order of the page: the alias where there is one. Empty for Rating and TextArea.
        words: value -> what people see.
        several: more than one at a time: of Choices in a result, of Labels on one region.
        shown_when: (control, values): shown only while that control has one of these values.
        most: the highest mark of a Rating; the lowest is 1.
    """

    name: str
    tag: str
    to: str
    values: tuple[str, ...]
    words: dict[str, str]
    required: bool
    several: bool
    shown_when: Condition | None
    most: int | None


@dataclass(frozen=True)
class Interface:
    """An interface with its guideline.

    Attributes:
        objects: object -> the field that it shows; only those that show a field and nothing else.
        fields: the ``$fields`` that are used, each once, in the order of the page.
        guideline: markdown.
    """

    file: Path
    xml: str
    controls: dict[str, Control]
    objects: dict[str, str]
    fields: tuple[str, ...]
    guideline: str

    @property
    def version(self) -> str:
        """12 hexadecimal digits of page and guideline: verdicts made by another rule can be told apart."""
        return sha256(f"{self.xml}\x00{self.guideline}".encode()).hexdigest()[:12]

    def word(self, control: str, value: str) -> str:
        """What people see for a value; the value itself where the page has no word for it."""
        known = self.controls.get(control)
        return known.words.get(value, value) if known else value

    def title(self, control: str) -> str:
        """What a control is called where there is no page around it."""
        return TITLES.get(control, control)


def load_interface(interface: Path, guideline: Path) -> Interface:
    """The interface in a file, with its guideline.

    Raises:
        CurateError: a file is missing or no UTF-8, or the XML cannot be read.
    """
    xml, told = _text(interface), _text(guideline)
    try:
        return read_interface(interface, xml, told)
    except Unreadable as error:
        where = f"{interface}:{error.line}" if error.line else str(interface)
        raise CurateError(
            say(f"标注界面 {where}：{error.what}", f"labeling interface {where}: {error.what}"), error.hint
        ) from None


def read_interface(file: Path, xml: str, guideline: str) -> Interface:
    """The interface in a text.

    Raises:
        Unreadable: see there.
    """
    root = parse(xml)
    tags = {tag.attributes["name"]: tag for tag in root.walk() if "name" in tag.attributes}
    controls = {
        tag.attributes.get("name", ""): _control(tag, condition)
        for tag, condition in _conditions(root, None, tags)
        if tag.name in CONTROLS or "toName" in tag.attributes
    }
    _no_circle(controls, tags)
    shown = [found for tag in root.walk() for found in variables(tag)]
    objects = {
        name: tag.attributes["value"][1:]
        for name, tag in tags.items()
        if tag.name in OBJECTS and VARIABLE.fullmatch(tag.attributes.get("value", ""))
    }
    return Interface(file, xml, controls, objects, tuple(dict.fromkeys(shown)), guideline)


def variables(tag: Tag) -> list[str]:
    """The ``$fields`` of an element."""
    return VARIABLE.findall(tag.attributes.get("value", ""))


def options(tag: Tag) -> list[Tag]:
    """What can be picked in Choices or Labels, wherever it stands below them."""
    return [below for below in tag.walk() if below.name == CONTROLS.get(tag.name)]


def _control(tag: Tag, condition: Condition | None) -> Control:
    attributes, picks = tag.attributes, options(tag)
    for what, hint in refused(tag):
        raise Unreadable(tag.line, what, hint)
    return Control(
        name=attributes["name"],
        tag=tag.name,
        to=attributes["toName"],
        values=tuple(dict.fromkeys(pick.value for pick in picks)),
        words={pick.value: pick.attributes.get("value", pick.value) for pick in picks},
        required=attributes.get("required") == "true",
        several=attributes.get("choice") == "multiple",
        shown_when=condition,
        most=int(attributes.get("maxRating", BEST_RATING)) if tag.name == "Rating" else None,
    )


def refused(tag: Tag) -> Iterator[tuple[str, str]]:
    """Why a control cannot be read: what is wrong, and what to do; the worst first."""
    attributes, picks, pick = tag.attributes, options(tag), CONTROLS.get(tag.name)
    if pick is None:
        yield (
            say(f"不支持控件 <{tag.name}>", f"the control <{tag.name}> is not supported"),
            say(f"可以用：{'、'.join(CONTROLS)}", f"there are: {', '.join(CONTROLS)}"),
        )
    if not attributes.get("name") or not attributes.get("toName"):
        yield (
            say(f"<{tag.name}> 缺少 name 或 toName", f"<{tag.name}> has no name or no toName"),
            say('写上 name="…" toName="…"', 'write name="…" toName="…"'),
        )
    if "true" in (attributes.get("perRegion"), attributes.get("perItem")):
        yield (
            say("不支持 perRegion、perItem", "perRegion and perItem are not supported"),
            say("每一条只判断一次，请去掉", "an item is judged as a whole: take it out"),
        )
    if pick and (not picks or any(below.name == pick for one in picks for below in one.children)):
        yield (
            say(
                "选项要逐个写在界面里，不能没有，不能嵌套，也不能来自数据",
                "choices must stand on the page one by one, not nested and not in the data",
            ),
            say(f'写成平铺的 <{pick} value="…"/>', f'write plain <{pick} value="…"/>'),
        )
    if tag.name == "Rating" and not re.fullmatch(
        r"[1-9][0-9]?", attributes.get("maxRating", str(BEST_RATING))
    ):
        yield (
            say("maxRating 要是 1 到 99 的整数", "maxRating must be a whole number from 1 to 99"),
            say('如 maxRating="5"', 'such as maxRating="5"'),
        )


def _conditions(
    tag: Tag, outer: Condition | None, tags: Mapping[str, Tag]
) -> Iterator[tuple[Tag, Condition | None]]:
    """Every element with the condition under which it is shown: its own and those of the views around it."""
    own = condition_of(tag, tags)
    if own and outer:
        if own[0] != outer[0]:
            raise Unreadable(
                tag.line,
                say("一个控件不能同时取决于两个控件", "a control cannot depend on two others"),
                say("不要嵌套两个不同的 visibleWhen", "nest no visibleWhen of another control"),
            )
        own = own[0], tuple(value for value in own[1] if value in outer[1])
    own = own or outer
    yield tag, own
    for child in tag.children:
        yield from _conditions(child, own, tags)


def condition_of(tag: Tag, tags: Mapping[str, Tag]) -> Condition | None:
    """What ``visibleWhen`` says, with values as results hold them. Label Studio takes alias and value alike.

    Raises:
        Unreadable: it names no control or choice of the page, or it is another kind of condition.
    """
    when = tag.attributes.get("visibleWhen")
    if when is None:
        return None
    other = tags.get(tag.attributes.get("whenTagName", ""))
    if when != "choice-selected" or other is None or other.name != "Choices":
        raise Unreadable(
            tag.line,
            say(
                'visibleWhen 只支持 "choice-selected"，并且 whenTagName 要写页面上某个 <Choices> 的 name',
                'visibleWhen must be "choice-selected", and whenTagName the name of a <Choices> of the page',
            ),
            say(
                '如 visibleWhen="choice-selected" whenTagName="decision" whenChoiceValue="reject"',
                'such as visibleWhen="choice-selected" whenTagName="decision" whenChoiceValue="reject"',
            ),
        )
    name, picks = other.attributes["name"], options(other)
    named = {word: pick.value for pick in picks for word in (pick.attributes.get("value", ""), pick.value)}
    told = tag.attributes.get("whenChoiceValue", "")
    wanted = told.split(",") if told else [pick.value for pick in picks]
    unknown = [value for value in wanted if value not in named]
    if unknown:
        raise Unreadable(
            tag.line,
            say(f"{name} 没有选项“{unknown[0]}”", f"{name} has no choice “{unknown[0]}”"),
            say(
                f"可以写：{','.join(pick.value for pick in picks)}（逗号前后不要空格）",
                f"there are: {','.join(pick.value for pick in picks)} (no blanks around a comma)",
            ),
        )
    return name, tuple(dict.fromkeys(named[value] for value in wanted))


def _no_circle(controls: Mapping[str, Control], tags: Mapping[str, Tag]) -> None:
    """A control that waits for itself, perhaps by way of others, would never be shown."""
    for name in controls:
        seen, condition = {name}, controls[name].shown_when
        while condition:
            if condition[0] in seen:
                raise Unreadable(
                    tags[name].line,
                    say(
                        f"{name} 的 visibleWhen 绕了一圈又取决于自己",
                        f"the visibleWhen of {name} goes in a circle",
                    ),
                    say("去掉其中一个 visibleWhen", "take one of them out"),
                )
            seen.add(condition[0])
            condition = controls[condition[0]].shown_when


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else "UTF-8"
        raise CurateError(
            say(f"读不了文件 {file}（{what}）", f"cannot read the file {file} ({what})"),
            say(
                "检查配方里 interface 和 guideline 的路径；文件要存成 UTF-8",
                "see interface and guideline in the recipe; the files must be UTF-8",
            ),
        ) from error
