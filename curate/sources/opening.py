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
from typing import IO

import polars as pl

from curate.algorithms.encoding import MARK, UNDECODABLE, best_encoding
from curate.errors import CurateError
from curate.language import say
from curate.sources.corpus import FORMATS, Corpus, Format

#: rows a batch; several batches make a shard
BATCH = 5_000
#: a file in which more than this share of the characters does not decode is not text in that encoding
MAX_UNDECODABLE = 0.001
#: bytes from which a sample's encoding is told
SAMPLE_BYTES = 4 << 20

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
        ending = next((suffix for suffix in reversed(self.path.suffixes) if suffix != ".gz"), "")
        if ending.lower() not in FORMATS:
            raise CurateError(
                say(f"看不出 {self.path} 是什么格式", f"the format of {self.path} is unknown"),
                say(
                    "在语料下写 format: csv（或 xlsx、jsonl、parquet、text）",
                    "say format: csv (or xlsx, jsonl, parquet, text) in its corpus",
                ),
                option=("path",),
            )
        return FORMATS[ending.lower()]

    @cached_property
    def encoding(self) -> str:
        """The declared encoding, else the one in which the file decodes (best)."""
        if self.corpus.encoding:
            # the mark is no text, whether the recipe knows of it or not
            return "utf-8-sig" if self.corpus.encoding == "utf-8" else self.corpus.encoding
        with self.readable(), self.opened() as file:
            encoding, errors, characters = best_encoding(file.read(4), iter(self._blocks, None))
        if errors > max(5, characters * MAX_UNDECODABLE) and self.format != "text":
            raise CurateError(
                say(
                    f"{self.path} 既不是 UTF-8 也不是 GB18030（按 {encoding} 有 {errors} 处解不出来）",
                    f"{self.path} is neither UTF-8 nor GB18030 ({errors} places do not decode as {encoding})",
                ),
                say(
                    "在语料下写明 encoding，例如 encoding: big5",
                    "name its encoding in the corpus, such as encoding: big5",
                ),
                option=("path",),
            )
        return encoding

    def opened(self) -> IO[bytes]:
        """The file's bytes, unpacked."""
        return gzip.open(self.path) if self.path.suffix == ".gz" else self.path.open("rb")  # type: ignore[return-value]

    def _blocks(self) -> Iterator[bytes]:
        with self.opened() as file:
            if self.sample:
                head = file.read(SAMPLE_BYTES)
                # up to a line's end: half a character would count as an error
                yield head[: head.rindex(b"\n") + 1] if len(head) == SAMPLE_BYTES and b"\n" in head else head
                return
            while block := file.read(1 << 20):
                yield block

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

    def undecodable(self, line: int, raw: str) -> Bad:
        """The bad row of a line with bytes that do not decode."""
        told = say(
            f"{self.name} 第 {line} 行有解不出来的字节",
            f"{self.name} line {line} has bytes that do not decode",
        )
        return line, "undecodable", told, shown(raw)


def shown(raw: str) -> str:
    """A raw line with the usual sign for what did not decode."""
    return raw.replace(UNDECODABLE, "�")
