"""A source file: its format, its encoding, and what every reader of one needs."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import polars as pl

from curate.algorithms.encoding import (
    BIG5,
    BYTE_ORDER_MARKS,
    MARK,
    UNDECODABLE,
    best_encoding,
    decoded,
    undecodable,
    undecodable_offsets,
)
from curate.errors import CurateError
from curate.language import say
from curate.sources.corpus import FORMATS, PACKED, Corpus, Format

#: rows a batch; several batches make a shard
BATCH = 5_000
#: a file in which more than this share of the characters does not decode is not text in that encoding
MAX_UNDECODABLE = 0.001
#: bytes from which a sample's encoding is told
SAMPLE_BYTES = 4 << 20
#: a file of no more bytes is opened once, however often it is read
SMALL = 1 << 20

#: formats of text
ENCODED = ("csv", "json", "jsonl", "text", "html")

BAD = {"line": pl.Int64, "reason": pl.String, "detail": pl.String, "text": pl.String}
Bad = tuple[int, str, str, str]


@dataclass(frozen=True)
class Batch:
    """``rows``: the file's own columns. ``bad``: line (1-based), reason, detail, raw text."""

    rows: pl.DataFrame
    bad: pl.DataFrame


def batch(rows: pl.DataFrame, bad: list[Bad] | None = None) -> Batch:
    return Batch(rows, pl.DataFrame(bad or [], schema=BAD, orient="row"))


@dataclass(frozen=True)
class File:
    """One file of a corpus. ``name``: how messages and row ids call it. A ``sample`` is not read to its end."""

    path: Path
    corpus: Corpus
    name: str
    sample: bool = False

    @property
    def format(self) -> Format:
        """The declared format, else the one of the file's ending."""
        if self.corpus.format:
            return self.corpus.format
        ending = next((suffix for suffix in reversed(self.path.suffixes) if suffix.lower() not in PACKED), "")
        if ending.lower() not in FORMATS:
            raise CurateError(
                say(f"看不出 {self.path} 是什么格式", f"the format of {self.path} is unknown"),
                say(
                    "在语料下写 format: csv（或 xlsx、json、jsonl、parquet、sqlite、text、pdf、docx、pptx、html）",
                    "say format: csv (or xlsx, json, jsonl, parquet, sqlite, text, pdf, docx, pptx, html) in its corpus",
                ),
                option=("path",),
            )
        return FORMATS[ending.lower()]

    @property
    def form(self) -> str:
        """The format, with the encoding where there is one: for people."""
        return f"{self.format}, {self.encoding}" if self.format in ENCODED else self.format

    @property
    def stem(self) -> str:
        """The file's name without its ending, and without that of a packed file."""
        path = Path(self.path.name)
        return Path(path.stem).stem if path.suffix.lower() in PACKED else path.stem

    @cached_property
    def encoding(self) -> str:
        """The declared encoding, else the one in which the file decodes (best)."""
        declared = self.corpus.encoding
        if declared == "big5":  # two dialects
            with self.readable():
                return min(BIG5, key=lambda dialect: undecodable(self._sampled(), dialect)[0])
        if declared:
            # the mark is no text, whether the recipe knows of it or not
            return "utf-8-sig" if declared == "utf-8" else declared
        with self.readable(), self.opened() as file:
            encoding, errors, characters = best_encoding(file.read(4), iter(self._sampled, None))
        if errors > max(5, characters * MAX_UNDECODABLE) and self.format not in ("text", "html"):
            raise CurateError(
                say(
                    f"{self.path} 用 UTF-8、UTF-16、GB18030、Big5 都读不成中文（按 {encoding} 有 {errors} 处解不出来）",
                    f"{self.path} reads as Chinese in none of UTF-8, UTF-16, GB18030 and Big5 "
                    f"({errors} places do not decode as {encoding})",
                ),
                say(
                    "在语料下写明 encoding，例如 encoding: gb18030；其他语言的编码先转成 UTF-8",
                    "name its encoding in the corpus, such as encoding: gb18030; convert other languages' to UTF-8",
                ),
                option=("path",),
            )
        return encoding

    @cached_property
    def _content(self) -> bytes | None:
        return self.path.read_bytes() if self.path.stat().st_size <= SMALL else None

    def opened(self) -> IO[bytes]:
        """The file's bytes, unpacked."""
        source: Any = self.path if self._content is None else io.BytesIO(self._content)
        packed = self.path.suffix.lower()
        if packed == ".gz":
            return gzip.open(source)  # type: ignore[return-value]
        if packed == ".zst":
            import pyarrow as pa

            return pa.input_stream(source, compression="zstd")  # type: ignore[no-any-return]
        return self.path.open("rb") if self._content is None else source

    def _blocks(self) -> Iterator[bytes]:
        with self.opened() as file:
            while block := file.read(1 << 20):
                yield block

    def _sampled(self) -> Iterator[bytes]:
        """The blocks, or of a sample those at the head."""
        if not self.sample:
            yield from self._blocks()
            return
        with self.opened() as file:
            head = file.read(SAMPLE_BYTES)
            # up to a line's end: half a character would count as an error
            yield head[: head.rindex(b"\n") + 1] if len(head) == SAMPLE_BYTES and b"\n" in head else head

    @contextmanager
    def readable(self) -> Iterator[None]:
        """What a damaged archive or disk raises, as an error for people."""
        try:
            yield
        except (OSError, EOFError, zlib.error) as error:
            raise CurateError(
                say(f"{self.path} 读不出来：{error}", f"{self.path} cannot be read: {error}"),
                say("文件可能没有传完整，请重新取一份", "the file may be cut short; fetch it again"),
                option=("path",),
            ) from error

    @contextmanager
    def text(self) -> Iterator[IO[str]]:
        """The file as text; where bytes do not decode stands ``UNDECODABLE``."""
        encoding = self.encoding
        with (
            self.readable(),
            self.opened() as file,
            io.TextIOWrapper(file, encoding=encoding, errors=MARK, newline="") as text,
        ):
            yield text

    def decoded(self) -> Iterator[str]:
        """The text of ``text()``, a block at a time."""
        with self.readable():
            yield from decoded(self._blocks(), self.encoding)

    @cached_property
    def _offsets(self) -> list[int]:
        with self.readable():
            return undecodable_offsets(self._sampled(), self.encoding)

    def byte_of(self, character: int) -> int:
        """Where in the (unpacked) file the text's character of that number is, both from 0. Only for messages: it
        reads the file once more, and takes three bytes for each place that does not decode.
        """
        with self.opened() as file:
            head = file.read(4)
        mark = next((mark for mark in BYTE_ORDER_MARKS if head.startswith(mark)), b"")
        # of the encodings with a mark in their name each text begins with one
        encoding = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(
            self.encoding, self.encoding
        )
        size = len(mark)
        for text in self.decoded():
            size += len(text[:character].encode(encoding, "replace"))
            character = max(0, character - len(text))
        return size

    def undecodable(self, line: int, raw: str, before: int = 0, place: str = "") -> Bad:
        """The bad row of a line with bytes that do not decode, and where in the (unpacked) file they are.

        Args:
            before: places that do not decode in front of ``raw``.
            place: what the line is called, where it is no line.
        """
        where = self._offsets[before] if before < len(self._offsets) else None
        place = place or say(f"第 {line} 行", f"line {line}")
        told = say(
            f"{self.name} {place}有解不出来的字节", f"{self.name} {place} has bytes that do not decode"
        )
        if where is not None:
            told += say(f"（文件的第 {where} 字节，从 0 数起）", f" (byte {where} of the file, from 0)")
        return line, "undecodable", told, shown(raw)


def shown(raw: str) -> str:
    """A raw line with the usual sign for what did not decode."""
    return raw.replace(UNDECODABLE, "�")
