"""docx: what a reader of the document sees, in its order.

The elements are walked here, and not through ``Paragraph.text``, which leaves out accepted insertions, content
controls and text boxes. Deleted and hidden text stays out; the numbers that Word writes before paragraphs go in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from curate.language import say
from curate.sources.documents import markdown
from curate.sources.documents.document import Block, Document, Unread, heading, library
from curate.sources.documents.numbering import Numbering, W
from curate.sources.documents.office import package
from curate.sources.opening import File

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
COMPATIBLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
#: elements whose text is not the document's: removed by a tracked change, field codes, an older rendering of the
#: same, the pinyin above a word
UNSEEN = {
    f"{W}del",
    f"{W}moveFrom",
    f"{W}instrText",
    f"{W}delText",
    f"{COMPATIBLE}Fallback",
    f"{W}pPr",
    f"{W}rPr",
    f"{W}rt",
}
HEADING = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.IGNORECASE)
TITLE = re.compile(r"title|标题|標題", re.IGNORECASE)
NOTES = {"footnoteReference": "", "endnoteReference": "e"}


def read_docx(file: File) -> Document:
    """Headings by outline level or style (``标题 1`` too), lists with their numbers, tables with merged cells
    filled, foot- and endnotes as ``[^1]``, text boxes behind the paragraph that holds them.
    """
    docx = library("docx")
    archive = package(file, ".docx")
    try:
        document = docx.Document(archive)
        walk = _Walk(document)
        blocks = [*walk.blocks(document.element.body), *walk.notes()]
        about = document.core_properties
        return Document(blocks, walk.title, about.title, author=about.author, created=about.created)
    except Exception as error:  # python-docx, lxml and zipfile each have their own
        raise Unread("unreadable", say(f"不是完整的 docx：{error}", f"not a whole docx: {error}")) from error


class _Walk:
    """One document on its way to blocks."""

    def __init__(self, document: Any) -> None:
        self.styles = {style.style_id: style for style in document.styles}
        self.parts = {
            rel.reltype.rsplit("/", 1)[1]: rel.target_part
            for rel in document.part.rels.values()
            if not rel.is_external
        }
        self.numbering = Numbering(self._root("numbering"))
        self.title = ""
        self.cited: list[tuple[str, str]] = []  # (kind of note, id), in the order of the text

    def _root(self, kind: str) -> Any:
        """The root element of a part, such as ``footnotes``; None when the document has none."""
        if kind not in self.parts:
            return None
        return library("lxml.etree").fromstring(self.parts[kind].blob)

    @cached_property
    def _note_texts(self) -> dict[tuple[str, str], str]:
        return {
            (prefix, note.get(f"{W}id")): " ".join(filter(None, map(self.text, note.iter(f"{W}p"))))
            for kind, prefix in (("footnotes", ""), ("endnotes", "e"))
            if (root := self._root(kind)) is not None
            for note in root
        }

    def notes(self) -> Iterator[Block]:
        for prefix, number in self.cited:
            if text := self._note_texts.get((prefix, number), "").strip():
                yield Block(f"[^{prefix}{number}]: {text}")

    def blocks(self, parent: Any) -> Iterator[Block]:
        """The blocks of a body, a content control or a text box."""
        for element in parent:
            if element.tag == f"{W}p":
                yield from self._paragraph(element)
            elif element.tag == f"{W}tbl":
                if text := markdown.table(self._rows(element)):
                    yield Block(text)
            elif element.tag in (
                f"{W}sdt",
                f"{W}sdtContent",
                f"{W}ins",
                f"{W}moveTo",
                f"{W}customXml",
                f"{W}smartTag",
            ):
                yield from self.blocks(element)

    def _paragraph(self, element: Any) -> Iterator[Block]:
        style = self._style(element)
        mark, depth = self._mark(element, style)  # an empty paragraph counts in its list too
        if text := self.text(element).strip():
            yield self._block(element, style, text, mark, depth)
        for box in element.iter(f"{W}txbxContent"):
            if not _unseen(box):
                yield from self.blocks(box)

    def _block(self, element: Any, style: list[Any], text: str, mark: str, depth: int) -> Block:
        if any(TITLE.fullmatch(one.name or "") for one in style) and not self.title:
            self.title = " ".join(text.split())
            return heading(text, 1)
        if level := self._level(element, style):
            return heading(f"{mark} {text}" if mark.strip("-") else text, level)
        if mark == "-":
            return Block(markdown.item(text, depth), "item")
        return Block(f"{mark} {text}" if mark else text, "item" if mark else "text")

    def _style(self, element: Any) -> list[Any]:
        """The paragraph's style and those that it is based on."""
        found = element.find(f"{W}pPr/{W}pStyle")
        style = None if found is None else self.styles.get(found.get(f"{W}val"))
        chain: list[Any] = []
        while style is not None and len(chain) < 10:  # a damaged file may go in circles
            chain.append(style)
            style = style.base_style
        return chain

    def _level(self, element: Any, styles: list[Any]) -> int:
        """1 to 9 for a heading, 0 for none; 9 is Word's outline level of running text."""
        for holder in (element, *(style.element for style in styles)):
            found = holder.find(f"{W}pPr/{W}outlineLvl")
            if found is not None:
                level = int(found.get(f"{W}val")) + 1
                return level if level < 10 else 0
        named = next((match for style in styles if (match := HEADING.match(style.name or ""))), None)
        return int(named[1]) if named else 0

    def _mark(self, element: Any, styles: list[Any]) -> tuple[str, int]:
        """What Word writes before the paragraph, and how deep in its list it is."""
        number = depth = None
        for holder in (element, *(style.element for style in styles)):
            number = holder.find(f"{W}pPr/{W}numPr/{W}numId") if number is None else number
            depth = holder.find(f"{W}pPr/{W}numPr/{W}ilvl") if depth is None else depth
        if number is None:
            return "", 0
        level = 0 if depth is None else int(depth.get(f"{W}val"))
        return self.numbering.mark(number.get(f"{W}val"), level), level

    def text(self, element: Any) -> str:
        """A paragraph's text as it is seen, without that of the text boxes in it."""
        return "".join(self._pieces(element))

    def _pieces(self, element: Any) -> Iterator[str]:
        for child in element:
            name = child.tag.removeprefix(W) if isinstance(child.tag, str) else ""
            if name == "t" or child.tag == f"{M}t":
                yield child.text or ""
            elif name in ("tab", "ptab"):
                yield "\t"
            elif name in ("br", "cr"):
                yield "\n"
            elif name == "noBreakHyphen":
                yield "-"
            elif name in NOTES:
                self.cited.append((NOTES[name], child.get(f"{W}id")))
                yield f"[^{NOTES[name]}{child.get(f'{W}id')}]"
            elif name and child.tag not in UNSEEN and name != "txbxContent" and not _hidden(child):
                yield from self._pieces(child)

    def _rows(self, element: Any) -> list[list[str]]:
        """A table's cells; a merged cell's text stands in every cell that it covers."""
        rows: list[list[str]] = []
        for row in _through(element, "tr"):
            skipped = row.find(f"{W}trPr/{W}gridBefore")
            cells = [""] * (0 if skipped is None else int(skipped.get(f"{W}val")))
            for cell in _through(row, "tc"):
                about = cell.find(f"{W}tcPr")
                span = None if about is None else about.find(f"{W}gridSpan")
                merged = None if about is None else about.find(f"{W}vMerge")
                goes_on = merged is not None and merged.get(f"{W}val") != "restart"
                above = rows[-1][len(cells)] if goes_on and rows and len(cells) < len(rows[-1]) else None
                text = self._cell(cell) if above is None else above
                cells += [text] * (1 if span is None else int(span.get(f"{W}val")))
            rows.append(cells)
        return rows

    def _cell(self, cell: Any) -> str:
        return "\n".join(self.text(part).strip() for part in cell.iter(f"{W}p") if not _unseen(part))


def _unseen(element: Any) -> bool:
    return any(above.tag in UNSEEN for above in element.iterancestors())


def _hidden(run: Any) -> bool:
    vanish = run.find(f"{W}rPr/{W}vanish")
    return vanish is not None and vanish.get(f"{W}val") not in ("0", "false")


def _through(parent: Any, name: str) -> Iterator[Any]:
    """Rows or cells, also those in content controls; a row that a tracked change removed is none."""
    for child in parent:
        if child.tag == f"{W}{name}":
            if child.find(f"{W}trPr/{W}del") is None:
                yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins"):
            yield from _through(child, name)
