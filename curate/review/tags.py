"""XML whose elements know their line: a problem of a page can be told with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from curate.language import say

#: Pages nest a dozen deep; we walk them by recursion.
DEEPEST = 100


@dataclass(frozen=True)
class Tag:
    """An XML element that knows its line."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Tag] = field(default_factory=list)

    def walk(self) -> Iterator[Tag]:
        """The element itself and all below it, in the order of the file."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def value(self) -> str:
        """What a Choice or Label leaves in a result."""
        return self.attributes.get("alias") or self.attributes.get("value", "")


class Unreadable(Exception):
    """The XML cannot be read, or says something that our side does not understand.

    Args:
        line: 1-based; 0 stands for the whole file.
    """

    def __init__(self, line: int, what: str, hint: str) -> None:
        super().__init__(what)
        self.line, self.what, self.hint = line, what, hint


def parse(xml: str) -> Tag:
    """The elements of a page, with their lines.

    A document type is refused: nothing needs it, and entities are how a small file becomes a large one, or reads another.

    Raises:
        Unreadable: no XML, or a document type.
    """
    parser = expat.ParserCreate()
    open_tags = [Tag("", {}, 0)]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(open_tags) > DEEPEST:
            raise Unreadable(
                parser.CurrentLineNumber,
                say(f"嵌套超过 {DEEPEST} 层", f"nested more than {DEEPEST} deep"),
                say("去掉多余的 <View>", "take out some <View>"),
            )
        tag = Tag(name, attributes, parser.CurrentLineNumber)
        open_tags[-1].children.append(tag)
        open_tags.append(tag)

    def doctype(*_: object) -> None:
        raise Unreadable(
            parser.CurrentLineNumber,
            say("不能有 <!DOCTYPE> 和 <!ENTITY>", "<!DOCTYPE> and <!ENTITY> are refused"),
            say("删掉这一行，把内容直接写出来", "delete the line and write the text itself"),
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_tags.pop()
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(xml.encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        raise Unreadable(
            error.lineno,
            say(
                f"不是合格的 XML（{expat.ErrorString(error.code)}）",
                f"no well-formed XML ({expat.ErrorString(error.code)})",
            ),
            say(
                "检查这一行的标签有没有成对、引号有没有闭合、& 要写成 &amp;",
                "see whether tags and quotes are closed, and whether & is written &amp;",
            ),
        ) from None
    return open_tags[0].children[0]
