"""Linting a labeling interface: what Label Studio's own check lets through and people then stumble over.

Seen on 1.23: it takes unknown tags, doubled choices and hotkeys, values without ``$``, scripts and empty views.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from curate.language import say
from curate.messages import nearest
from curate.review.interface import (
    CONTROLS,
    OBJECTS,
    condition_of,
    options,
    read_interface,
    refused,
    variables,
)
from curate.review.tags import Tag, Unreadable, parse

T = TypeVar("T")
#: (line, what is wrong, what to do); lines from 1, 0 for the whole file.
Found = tuple[int, str, str]

#: The tags that the page of Label Studio 1.23.2, community edition, registers, and Repeater, which it expands. Its documentation names
#: more: Chat, PdfOcr, ReactCode … are of other editions.
_TAGS = """
    Audio AudioPlus Bitmask BitmaskLabels Brush BrushLabels Bucket Channel Choice Choices Collapse
    DateTime Dialog Ellipse EllipseLabels Filter Header HyperText HyperTextLabels Image KeyPoint
    KeyPointLabels Label Labels List MagicWand Markdown MultiChannel Number PagedView Pairwise Panel
    ParagraphLabels Paragraphs Pdf Polygon PolygonLabels Ranker Rating Rectangle RectangleLabels Relation
    Relations Repeater Shortcut Style Table Taxonomy Text TextArea TimeSeries TimeSeriesLabels
    TimelineLabels Vector VectorLabels Video VideoRectangle View
"""
TAGS = frozenset(_TAGS.split())
#: Tags that bring a program of their own onto the page.
PROGRAMS = {"script", "iframe", "object", "embed", "reactcode", "custominterface"}
#: What we read, in the spelling of the server; the page itself does not mind the case, so a slip would go unseen.
ATTRIBUTES = {
    name.lower(): name
    for name in (
        *(
            "name",
            "toName",
            "value",
            "alias",
            "hotkey",
            "required",
            "choice",
            "maxRating",
            "perRegion",
            "perItem",
        ),
        *("visibleWhen", "whenTagName", "whenChoiceValue"),
    )
}
#: Fields that the page overwrites with its own: ``$source`` shows the JSON of the whole task, whatever the item holds.
RESERVED = frozenset({"source"})
#: Label Studio's own keys (keymap.json of its editor), those with a function on pages of text.
_OWN_KEYS = """
    enter escape esc backspace delete u ctrl+enter command+enter ctrl+space alt+enter ctrl+left ctrl+right command+left
    command+right ctrl+z ctrl+shift+z command+z command+shift+z ctrl+backspace command+backspace ctrl+d command+d ctrl+h alt+r alt+h
    alt+l alt+m alt+. alt+space alt+left alt+right left right shift+left shift+right ctrl+b command+b
"""
OWN_KEYS = frozenset(_OWN_KEYS.split())


def lint(xml: str, fields: Collection[str], control: str) -> list[Found]:
    """What is wrong with a page, in the order of its lines.

    Args:
        fields: the ``$fields`` that the project's items have.
        control: the control whose values must agree.
    """
    try:
        root = parse(xml)
    except Unreadable as error:
        return [(error.line, error.what, error.hint)]
    found = [
        *_frame(root),
        *_tags(root),
        *_names(root),
        *_hotkeys(root),
        *_choices(root),
        *_values(root, fields),
        *_understood(root),
        *_declared(root, control),
    ]
    if not found:
        found = _read(xml)
    return sorted(set(found))


def _read(xml: str) -> list[Found]:
    """What is left when every element is right by itself: conditions that contradict each other or go in a circle."""
    try:
        read_interface(Path(), xml, "")
    except Unreadable as error:
        return [(error.line, error.what, error.hint)]
    return []


def _frame(root: Tag) -> Iterator[Found]:
    if root.name != "View":
        yield (
            root.line,
            say(
                f"最外层是 <{root.name}>，不是 <View>", f"the outermost element is <{root.name}>, not <View>"
            ),
            say("用 <View>…</View> 包起来", "put a <View> around the page"),
        )
    for tag in root.walk():
        if tag.name == "View" and not tag.children:
            yield (
                tag.line,
                say("空的 <View>", "an empty <View>"),
                say("删掉它，或者写上内容", "delete it, or fill it"),
            )


def _tags(root: Tag) -> Iterator[Found]:
    for tag in root.walk():
        if tag.name.lower() in PROGRAMS:
            yield (
                tag.line,
                say(
                    f"<{tag.name}> 会在标注员的浏览器里运行程序",
                    f"<{tag.name}> runs a program in people's browsers",
                ),
                say("删掉它；样式写在 <Style> 里", "delete it; styles go into <Style>"),
            )
        elif tag.name not in TAGS:
            near = nearest(tag.name, TAGS)
            yield (
                tag.line,
                say(f"Label Studio 没有标签 <{tag.name}>", f"Label Studio has no tag <{tag.name}>"),
                say(f"是不是 <{near}>？", f"did you mean <{near}>?") if near else say("删掉它", "delete it"),
            )
        for name, value in tag.attributes.items():
            yield from _attribute(tag, name, value)


def _attribute(tag: Tag, name: str, value: str) -> Iterator[Found]:
    if re.fullmatch(r"on[a-z]+", name, re.IGNORECASE) or re.match(r"\s*javascript:", value, re.IGNORECASE):
        yield (
            tag.line,
            say(f"<{tag.name}> 的 {name} 里有程序", f"{name} of <{tag.name}> holds a program"),
            say("删掉这个属性", "delete the attribute"),
        )
    elif ATTRIBUTES.get(name.lower(), name) != name:
        yield (
            tag.line,
            say(
                f"<{tag.name}> 的属性 {name} 大小写不对", f"the attribute {name} of <{tag.name}> is misspelt"
            ),
            say(f"写成 {ATTRIBUTES[name.lower()]}", f"write {ATTRIBUTES[name.lower()]}"),
        )


def _names(root: Tag) -> Iterator[Found]:
    named = [tag for tag in root.walk() if tag.attributes.get("name")]
    for tag in _again(named, lambda tag: tag.attributes["name"]):
        name = tag.attributes["name"]
        yield (
            tag.line,
            say(f"name=“{name}”用了不止一次", f"the name “{name}” is given more than once"),
            say("每个控件和每段内容各起一个名字", "give every element a name of its own"),
        )
    objects = {tag.attributes["name"] for tag in named if tag.name in OBJECTS}
    for tag in root.walk():
        target = tag.attributes.get("toName")
        if target is not None and target not in objects:
            near = nearest(target, objects)
            yield (
                tag.line,
                say(f"toName=“{target}”没有对应的内容", f"nothing on the page is called “{target}”"),
                say(f"是不是 {near}？", f"did you mean {near}?")
                if near
                else say('先写 <Text name="…" value="$…"/>', 'add a <Text name="…" value="$…"/>'),
            )


def _hotkeys(root: Tag) -> Iterator[Found]:
    """Keys must differ over the whole page: Label Studio listens to those of hidden parts as well."""
    keys = [
        (key, tag)
        for tag in root.walk()
        for key in filter(None, tag.attributes.get("hotkey", "").lower().replace(" ", "").split(","))
    ]
    for key, tag in keys:
        if key in OWN_KEYS:
            yield (
                tag.line,
                say(f"快捷键 {key} 是 Label Studio 自己用的", f"Label Studio uses the key {key} itself"),
                say("换一个字母或数字", "take another letter or digit"),
            )
    for key, tag in _again(keys, lambda pair: pair[0]):
        yield (
            tag.line,
            say(
                f"快捷键 {key} 用了不止一次（隐藏的选项也会收到）",
                f"the key {key} is given more than once (hidden choices hear it too)",
            ),
            say("整个页面里每个快捷键只用一次", "use a key once on the whole page"),
        )


def _choices(root: Tag) -> Iterator[Found]:
    for tag in root.walk():
        picks = options(tag)
        called = [
            ((kind, told), pick)
            for pick in picks
            for kind in ("value", "alias")
            if (told := pick.attributes.get(kind))
        ]
        for (_, told), pick in _again(called, lambda pair: pair[0]):
            name = tag.attributes.get("name", tag.name)
            yield (
                pick.line,
                say(f"{name} 的选项“{told}”重复", f"the choice “{told}” of {name} is there twice"),
                say("删掉一个，或者改名", "delete one, or rename it"),
            )
        for pick in picks:
            if not pick.attributes.get("value"):
                yield (
                    pick.line,
                    say(f"<{pick.name}> 没有 value", f"<{pick.name}> has no value"),
                    say(
                        '写上标注员看到的字，如 value="正确"', 'write what people see, such as value="right"'
                    ),
                )


def _values(root: Tag, fields: Collection[str]) -> Iterator[Found]:
    known = "、".join(f"${name}" for name in fields)
    for tag in root.walk():
        for name in variables(tag):
            if name in RESERVED:
                yield (
                    tag.line,
                    say(
                        f"${name} 被 Label Studio 占用，显示的不是数据",
                        f"Label Studio uses ${name} itself and shows other text",
                    ),
                    say("字段换一个名字", "give the field another name"),
                )
            elif name not in fields:
                near = nearest(name, fields)
                yield (
                    tag.line,
                    say(f"这个项目的数据里没有 ${name}", f"the items of this project have no ${name}"),
                    say(f"是不是 ${near}？有：{known}", f"did you mean ${near}? There are: {known}")
                    if near
                    else say(f"可以用：{known}", f"there are: {known}"),
                )
        if tag.name in ("Text", "HyperText", "Paragraphs") and not variables(tag):
            yield (
                tag.line,
                say(
                    f"<{tag.name}> 的 value 没有 $，显示的不是数据",
                    f"the value of <{tag.name}> names no $field",
                ),
                say(
                    '写成 value="$字段"；固定的话用 <Header>',
                    'write value="$field"; fixed words go into <Header>',
                ),
            )
        if tag.name == "HyperText" and variables(tag):
            yield (
                tag.line,
                say("<HyperText> 会把数据当网页显示", "<HyperText> shows data as a web page"),
                say("数据不可信，改用 <Text>", "data cannot be trusted: use <Text>"),
            )


def _understood(root: Tag) -> Iterator[Found]:
    """What our side cannot read, and conditions that Label Studio does not see."""
    tags = {tag.attributes["name"]: tag for tag in root.walk() if "name" in tag.attributes}
    for tag in root.walk():
        if tag.name in CONTROLS or "toName" in tag.attributes:
            yield from ((tag.line, what, hint) for what, hint in refused(tag))
        try:
            condition_of(tag, tags)
        except Unreadable as error:
            yield error.line, error.what, error.hint
        if tag.name in CONTROLS and tag.name != "Choices" and "visibleWhen" in tag.attributes:
            yield (
                tag.line,
                say(
                    f"visibleWhen 写在 <{tag.name}> 上不起作用",
                    f"visibleWhen has no effect on a <{tag.name}>",
                ),
                say("在外面套一层 <View visibleWhen=…>", "put a <View visibleWhen=…> around it"),
            )


def _declared(root: Tag, control: str) -> Iterator[Found]:
    """The control that must agree has to be answered for every item. Spans need not be: a text may have none."""
    there = [tag for tag in root.walk() if tag.attributes.get("name") == control and tag.name in CONTROLS]
    if not there:
        yield (
            root.line,
            say(f"页面上没有控件 {control}", f"the page has no control {control}"),
            say(
                f'这个项目要统计它的一致性：加上 name="{control}"',
                f'its agreement is measured: add name="{control}"',
            ),
        )
    for tag in there:
        if tag.name != "Labels" and tag.attributes.get("required") != "true":
            yield (
                tag.line,
                say(f"{control} 不是必填", f"{control} is not required"),
                say('加上 required="true"，否则会漏答', 'add required="true", or it will be left out'),
            )
    hidden = [
        around
        for around in root.walk()
        if "visibleWhen" in around.attributes
        and any(below is tag for below in around.walk() for tag in there)
    ]
    for around in hidden:
        yield (
            around.line,
            say(f"{control} 有时不显示", f"{control} is not always shown"),
            say("把它移到 visibleWhen 外面", "take it out of what visibleWhen hides"),
        )


def _again(things: Iterable[T], key: Callable[[T], Hashable]) -> list[T]:
    """Those whose key an earlier one had."""
    seen: set[Hashable] = set()
    again = []
    for thing in things:
        if key(thing) in seen:
            again.append(thing)
        seen.add(key(thing))
    return again
