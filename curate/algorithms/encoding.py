"""Text encodings of Chinese files: found by decoding, never by guessing from letter frequencies.

Excel writes GB18030 (a superset of GBK and GB2312), editors write UTF-8 with or without a byte order mark.
Bytes that fit neither are marked, so that only their row is set aside and not the whole file.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

#: A noncharacter, never used in text: it stands where bytes could not be decoded.
UNDECODABLE = "\ufdd0"
#: Name of the error handler for ``open(..., errors=...)``.
MARK = "curate_mark"

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def _mark(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return UNDECODABLE, error.end
    raise error


codecs.register_error(MARK, _mark)


def undecodable(blocks: Iterable[bytes], encoding: str) -> tuple[int, int]:
    """How many places of a byte stream do not decode, and how many characters it has."""
    decoder = codecs.getincrementaldecoder(encoding)(errors=MARK)
    errors = characters = 0
    for block in blocks:
        text = decoder.decode(block)
        errors, characters = errors + text.count(UNDECODABLE), characters + len(text)
    text = decoder.decode(b"", final=True)
    return errors + text.count(UNDECODABLE), characters + len(text)


def best_encoding(head: bytes, again: Iterable[Iterable[bytes]]) -> tuple[str, int, int]:
    """(encoding, undecodable places, characters) of a byte stream.

    Args:
        head: its first bytes, for the byte order mark.
        again: yields the whole stream anew each time it is advanced (at most twice).
    """
    streams = iter(again)
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return (encoding, *undecodable(next(streams), encoding))
    length = 0

    def measured(blocks: Iterable[bytes]) -> Iterator[bytes]:
        nonlocal length
        for block in blocks:
            length += len(block)
            yield block

    utf8 = undecodable(measured(next(streams)), "utf-8")
    # Bytes that continue a character show that the stream is UTF-8 where they outnumber its errors: with GBK
    # read as UTF-8 it is the other way round, while many a UTF-8 text with one bad byte is valid GBK.
    if not utf8[0] or utf8[0] < length - utf8[1]:
        return ("utf-8", *utf8)
    gb18030 = undecodable(next(streams), "gb18030")
    return ("gb18030", *gb18030) if gb18030[0] < utf8[0] else ("utf-8", *utf8)
