"""Encodings of real files: those of chardet's own tests, and a corpus of raw GBK."""

from __future__ import annotations

import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from curate.algorithms.encoding import best_encoding, undecodable_offsets

pytestmark = pytest.mark.live

#: folder of the archive -> what we should say; ``ascii`` and 7-bit codes read as UTF-8
CHINESE = {
    "Big5": "cp950",
    "GB2312": "gb18030",
    "UTF-16": "utf-16",
    "UTF-16LE": "utf-16-le",
    "UTF-16BE": "utf-16-be",
    "UTF-32": "utf-32",
    "UTF-32LE": "utf-32-le",
    "UTF-32BE": "utf-32-be",
    "ascii": "utf-8",
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8-sig",
}


def members(archive: Path) -> Iterator[tuple[Path, bytes]]:
    with tarfile.open(archive) as opened:
        for member in opened:
            if member.isfile():
                content = opened.extractfile(member)
                assert content
                yield Path(member.name), content.read()


def told(content: bytes) -> tuple[str, int, int]:
    return best_encoding(content[:4], iter(lambda: [content], None))


def test_every_chinese_and_unicode_file_is_told_and_no_other_taken_for_chinese(shared_data: Path) -> None:
    wrong: list[tuple[str, str, int]] = []
    seen, refused = Counter[str](), Counter[bool]()
    for path, content in members(shared_data / "noise/encodings_chardet.tar.gz"):
        folder = path.parent.name
        encoding, errors, _ = told(content)
        if folder in CHINESE:
            seen[folder] += 1
            if (encoding, errors) != (CHINESE[folder], 0):
                wrong.append((str(path), encoding, errors))
        elif not folder.startswith("iso-2022"):
            refused[errors > 0] += 1
    assert sum(seen.values()) == 40
    assert wrong == []
    assert refused[False] == 0
    assert refused[True] >= 160


def test_every_file_of_a_gbk_corpus_is_gb18030_and_bad_bytes_are_found(shared_data: Path) -> None:
    found = Counter[tuple[str, bool]]()
    for _, content in members(shared_data / "news/fudan_gbk_raw.tar.gz"):
        encoding, errors, _ = told(content)
        found[encoding, errors > 0] += 1
        offsets = undecodable_offsets([content], encoding)
        assert len(offsets) == errors
        for offset in offsets:
            with pytest.raises(UnicodeDecodeError):
                content[offset : offset + 4].decode("gb18030")
    assert found == {("gb18030", False): 900, ("gb18030", True): 39}
