"""json: the objects of one array, an element at a time, each as a line of jsonl would be read.

Python's decoder finds where an element ends, in a buffer that holds little more than that element; what the element
says is then read as in ``jsonl_rows``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NoReturn

from curate.algorithms.encoding import UNDECODABLE
from curate.errors import CurateError
from curate.language import say
from curate.messages import did_you_mean
from curate.sources.jsonl_rows import parsed
from curate.sources.opening import BATCH, Batch, File

#: characters of elements that make a batch
BATCH_CHARACTERS = 16 << 20
#: characters of the longest element, and of a file that is one object
LONGEST = 256 << 20
#: characters behind which a wrong one is no consequence of the buffer's end: the longest word is -Infinity
WORD = 16
BLANK = re.compile(r"[ \t\r\n]*")


def _record(number: int) -> str:
    return say(f"第 {number} 条记录", f"record {number}")


def _cut_short() -> str:
    return say("文件在这里断了", "the file ends here")


def read_json(file: File) -> Iterator[Batch]:
    """The objects of the array that ``records`` names (``data.list``; ``$``: the whole file is one object).

    Without it: of the file's array; else of the one member that is an array of objects (what a web service
    answers); else the file is one object. A nested value stays JSON.

    Raises:
        CurateError: the file is no JSON, or is cut short: what, and at which byte.
    """
    text = _Text(file)
    first, size = 1, 0
    part: list[str] = []
    before = 0
    for element in _elements(text, file.corpus.records):
        if not part:
            before = text.marks - element.count(UNDECODABLE)
        part.append(element)
        size += len(element)
        if len(part) == BATCH or size > BATCH_CHARACTERS:
            yield parsed(file, part, first, before, _record)
            first, size, part = first + len(part), 0, []
    if part:
        yield parsed(file, part, first, before, _record)


def _elements(text: _Text, records: str | None) -> Iterator[str]:
    if records == "$":
        yield text.value()
    elif records:
        yield from _inside(text, records.split("."), records)
    elif text.peek() == "{":
        yield from _only_array(text)
    else:
        yield from text.array()
    if text.peek():
        hint = say("一行一个对象的文件写 format: jsonl", "for a file with an object a line say format: jsonl")
        text.fail(say("后面还有内容", "there is more behind the end"), hint)


def _inside(text: _Text, path: list[str], records: str) -> Iterator[str]:
    if not path:
        yield from text.array()
        return
    seen = []
    for name in text.members():
        seen.append(name)
        if name == path[0]:
            yield from _inside(text, path[1:], records)
        else:
            text.value()
    if path[0] not in seen:
        raise CurateError(
            say(f"{text.file.path} 里没有 {records}", f"{text.file.path} has no {records}"),
            did_you_mean(path[0], seen),
            option=("records",),
        )


def _only_array(text: _Text) -> Iterator[str]:
    start, found = text.hold(), ""
    for name in text.members():
        if not text.opens():
            text.value()
        elif found:
            raise CurateError(
                say(
                    f"{text.file.path} 里有不止一个记录数组：{found}、{name}",
                    f"{text.file.path} has more than one array of records: {found}, {name}",
                ),
                say(f"写明是哪一个，例如 records: {found}", f"say which, such as records: {found}"),
                option=("path",),
            )
        else:
            found = name
            text.release()
            yield from text.array()
    if not found:
        yield text.since(start)


class _Text:
    """The text of a file, of which a part is in memory.

    Attributes:
        marks: places that do not decode in what was taken.
    """

    def __init__(self, file: File) -> None:
        self.file, self.blocks = file, file.decoded()
        self.buffer, self.place, self.gone, self.marks = "", 0, 0, 0
        self.ended = self.held = False
        # numbers stay as they are written, and a line break in a text is that record's fault alone
        self.decode = json.JSONDecoder(strict=False, parse_int=str, parse_float=str).raw_decode

    def hold(self) -> int:
        """From here on the text is kept, for ``since``."""
        self.held = True
        return self.place

    def release(self) -> None:
        self.held = False

    def since(self, start: int) -> str:
        return self.buffer[start : self.place]

    def _more(self) -> bool:
        """As much again as is waiting; False at the end."""
        if not self.held and self.place:
            self.buffer, self.gone, self.place = self.buffer[self.place :], self.gone + self.place, 0
        parts, size = [self.buffer], 0
        while not self.ended and size <= len(self.buffer):
            block = next(self.blocks, None)
            self.ended = block is None
            parts.append(block or "")
            size += len(parts[-1])
        self.buffer = "".join(parts)
        return size > 0

    def peek(self) -> str:
        """The next character that is not blank; empty at the end. The blanks before it are passed."""
        while True:
            self.place = self._behind_blanks(self.place)
            if self.place < len(self.buffer) or not self._more():
                return self.buffer[self.place : self.place + 1]

    def opens(self) -> bool:
        """Does an array of objects come?"""
        if self.peek() != "[":
            return False
        while (inside := self._behind_blanks(self.place + 1)) == len(self.buffer) and self._more():
            pass
        return self.buffer[inside : inside + 1] == "{"

    def _behind_blanks(self, place: int) -> int:
        found = BLANK.match(self.buffer, place)
        assert found
        return found.end()

    def take(self, wanted: str) -> str:
        """The next character, which must be one of ``wanted``."""
        found = self.peek()
        if not found:
            self.fail(_cut_short())
        if found not in wanted:
            self.fail(say(f"这里应当是 {' 或 '.join(wanted)}", f"here should be {' or '.join(wanted)}"))
        self.place += 1
        return found

    def value(self) -> str:
        """The next value, as it is written."""
        self.peek()
        while True:
            try:
                end = self.decode(self.buffer, self.place)[1]
                if end < len(self.buffer) or self.ended:
                    break
            except json.JSONDecodeError as error:
                cut = error.pos >= len(self.buffer) - WORD or "Unterminated" in error.msg
                if self.ended or not cut:
                    self._wrong(error)
            except RecursionError:
                self.fail(say("嵌套太深", "nested too deeply"))
            if len(self.buffer) - self.place > LONGEST:
                self.fail(say("这一条记录太长", "this record is too long"))
            self._more()
        raw = self.buffer[self.place : end]
        self.place = end
        self.marks += raw.count(UNDECODABLE)
        return raw

    def _wrong(self, error: json.JSONDecodeError) -> NoReturn:
        cut = "Unterminated" in error.msg or error.pos >= len(self.buffer.rstrip())
        self.place = len(self.buffer) if cut else error.pos
        self.fail(_cut_short() if cut else error.msg)

    def array(self) -> Iterator[str]:
        """The elements of an array."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield self.value()
            if self.take(",]") == "]":
                return

    def members(self) -> Iterator[str]:
        """The names in an object; who takes one must take its value before the next."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            if self.peek() != '"':
                self.take('"')
            name = json.loads(self.value(), strict=False)
            self.take(":")
            yield str(name)
            if self.take(",}") == "}":
                return

    def fail(self, what: str, hint: str = "") -> NoReturn:
        """Raises:
        CurateError: the file is no JSON at this place.
        """
        byte = self.file.byte_of(self.gone + self.place)
        raise CurateError(
            say(
                f"{self.file.path} 第 {byte} 字节（从 0 数起）起不是合法的 JSON：{what}",
                f"{self.file.path} is not JSON from byte {byte} (from 0) on: {what}",
            ),
            hint or say("改正这一处，或重新导出、重新取一份", "mend this place, or fetch the file again"),
            option=("path",),
        )
