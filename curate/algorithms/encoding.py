"""Text encodings of Chinese files: found by decoding strictly, and by how Chinese the result reads.

Excel writes GB18030 (a superset of GBK and GB2312), editors write UTF-8 with or without a byte order mark, older
systems of Taiwan and Hong Kong Big5. Nearly every Big5 file is also valid GB18030 (as nonsense), so where several
encodings fit, the one decides in which the text consists of frequent characters: of real text these are 40-80 %,
of text that is read in a wrong encoding under 11 % (news, reviews, laws, names of companies, streets). Bytes that fit
no encoding are marked, so that only their row is set aside and not the whole file.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from curate.algorithms.common_characters import common_characters

#: A noncharacter, never used in text: it stands where bytes could not be decoded.
UNDECODABLE = "\ufdd0"
#: Name of the error handler for ``open(..., errors=...)``.
MARK = "curate_mark"

#: UTF-32 first: its little mark begins with that of UTF-16
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
#: Microsoft's Big5, which most files are in, before Hong Kong's: they differ in some symbols
BIG5 = ("cp950", "big5hkscs")
UTF16 = ("utf-16-le", "utf-16-be")
#: without a byte order mark; only these have zero bytes
WIDE = ("utf-32-le", "utf-32-be", *UTF16)
#: characters outside ASCII by which a reading is judged
SAMPLE = 20_000
#: the least share of frequent characters in a Chinese text; Korean read as GB18030 has up to 0.19
CHINESE = 0.25
#: bytes after which a stream that is no UTF-8 is not read on as such
ENOUGH = 1 << 20
#: so many rare characters may stand in any text
GRACE = 10


def _mark(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return UNDECODABLE, error.end
    raise error


codecs.register_error(MARK, _mark)


def decoded(blocks: Iterable[bytes], encoding: str) -> Iterator[str]:
    """The text of a byte stream, block by block, with ``UNDECODABLE`` where bytes do not decode."""
    decoder = codecs.getincrementaldecoder(encoding)(errors=MARK)
    for block in blocks:
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


@dataclass(frozen=True)
class Reading:
    """A byte stream read in one encoding.

    Attributes:
        errors: places that do not decode.
        characters: all of them, the places included.
        sampled, plain: characters of the sample, and how many of them are ASCII, but for zero.
        seen, frequent: the sample's characters outside ASCII, and how many of them are frequent ones.
    """

    encoding: str
    errors: int
    characters: int
    sampled: int
    plain: int
    seen: int
    frequent: int

    @property
    def share(self) -> float:
        """Frequent characters among those outside ASCII, 0 to 1."""
        return self.frequent / max(1, self.seen)

    def clearly_better(self, other: Reading) -> bool:
        """Two characters can be frequent by chance, and so can a third of many: of Japanese read as Big5."""
        return self.frequent >= other.frequent + 2 and self.share >= other.share + 0.35


def reading(blocks: Iterable[bytes], encoding: str) -> Reading:
    errors = characters = sampled = plain = 0
    sample = ""
    for text in decoded(blocks, encoding):
        errors, characters = errors + text.count(UNDECODABLE), characters + len(text)
        if len(sample) < SAMPLE:
            foreign = "" if text.isascii() else re.sub(r"[\x00-\x7f]+", "", text)
            sampled, plain = sampled + len(text), plain + len(text) - len(foreign) - text.count("\0")
            sample += foreign
    sample = sample[:SAMPLE]
    frequent = sum(map(common_characters().__contains__, sample))
    return Reading(encoding, errors, characters, sampled, plain, len(sample), frequent)


def undecodable(blocks: Iterable[bytes], encoding: str) -> tuple[int, int]:
    """How many places of a byte stream do not decode, and how many characters it has."""
    found = reading(blocks, encoding)
    return found.errors, found.characters


def undecodable_offsets(blocks: Iterable[bytes], encoding: str) -> list[int]:
    """Where in a byte stream it does not decode: offsets in bytes, from 0, in order."""
    offsets: list[int] = []
    base = 0

    def note(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        offsets.append(base + error.start)
        return UNDECODABLE, error.end

    codecs.register_error("curate_note", note)
    decoder = codecs.getincrementaldecoder(encoding)(errors="curate_note")
    read = 0
    for block in blocks:
        base = read - len(decoder.getstate()[0])  # what the last block ended with waits inside
        decoder.decode(block)
        read += len(block)
    base = read - len(decoder.getstate()[0])
    decoder.decode(b"", final=True)
    return offsets


def best_encoding(head: bytes, again: Iterable[Iterable[bytes]]) -> tuple[str, int, int]:
    """(encoding, undecodable places, characters) of a byte stream: UTF-8, UTF-16, UTF-32, GB18030 or Big5.

    A stream that reads as Chinese in none of them is told as UTF-8 with its errors.

    Args:
        head: its first bytes, for the byte order mark.
        again: yields the whole stream anew each time it is advanced (mostly once or twice).
    """
    streams = iter(again)
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return (encoding, *undecodable(next(streams), encoding))
    length = zeros = 0

    def measured(blocks: Iterable[bytes]) -> Iterator[bytes]:
        nonlocal length, zeros
        for block in blocks:
            length, zeros = length + len(block), zeros + block.count(0)
            yield block
            if length - len(block) < ENOUGH <= length and not _mostly_decodes(block):
                return

    utf8 = reading(measured(next(streams)), "utf-8")
    found = _wide(streams) if zeros > (0 if utf8.errors else length / 5) else None
    # Bytes that continue a character show that the stream is UTF-8 where they outnumber its errors: with GBK
    # read as UTF-8 it is the other way round, while many a UTF-8 text with one bad byte is valid GBK.
    if found is None:
        utf = not utf8.errors or utf8.errors < length - utf8.characters
        found = utf8 if utf else _chinese(utf8, streams)
    return found.encoding, found.errors, found.characters


def _mostly_decodes(block: bytes) -> bool:
    """Is a block UTF-8, but for a few places? What is not need not be read to its end as such."""
    return len(block.decode("utf-8", "ignore").encode()) > len(block) * 0.9


def _wide(streams: Iterator[Iterable[bytes]]) -> Reading | None:
    """The reading in UTF-16 or UTF-32 that makes sense: with the wrong end first there is neither ASCII nor a
    frequent character. A stray zero byte in another encoding makes none of them fit.
    """
    for encoding in WIDE:
        one = reading(next(streams), encoding)
        known = one.plain / max(1, one.sampled) + one.share
        if one.errors <= one.characters / 1000 and known > CHINESE:
            return one
    return None


def _chinese(utf8: Reading, streams: Iterator[Iterable[bytes]]) -> Reading:
    """The reading in GB18030, unless another is clearly better; ``utf8`` where none is Chinese."""
    best = reading(next(streams), "gb18030")
    if best.share < CHINESE or best.errors > best.characters / 1000:
        for family in (BIG5, UTF16):
            other = min(
                (reading(next(streams), encoding) for encoding in family),
                key=lambda one: (one.errors, -one.frequent),
            )
            if other.clearly_better(best):
                best = other
    foreign = best.frequent < CHINESE * (best.seen - GRACE)
    return utf8 if foreign or best.errors >= utf8.errors else best
