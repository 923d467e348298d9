"""files: nobody sees half a file, and a digest is computed once."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from curate import files
from curate.files import Digests, link, replacing, sha256_of, sha256_of_file, write_json, write_parquet


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.txt"
    for text in ("旧", "新"):
        with replacing(target) as temporary:
            temporary.write_text(text, encoding="utf-8")
            assert temporary.parent == target.parent
        assert target.read_text(encoding="utf-8") == text
    assert [path.name for path in target.parent.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_and_no_other(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "a.txt"
    target.write_text("旧", encoding="utf-8")
    with pytest.raises(error), replacing(target) as temporary:
        temporary.write_text("半", encoding="utf-8")
        raise error
    assert target.read_text(encoding="utf-8") == "旧"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_value_that_is_no_json_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        write_json(tmp_path / "a.json", {"x": object()})
    assert list(tmp_path.iterdir()) == []


def test_json_is_utf8_with_line_feeds(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"名": "展会"}, indent=1)
    assert (tmp_path / "a.json").read_bytes() == '{\n "名": "展会"\n}\n'.encode()


def test_a_link_is_the_same_file_and_a_copy_where_there_are_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_parquet(tmp_path / "a.parquet", pl.DataFrame({"x": [1]}))
    link(tmp_path / "a.parquet", tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").samefile(tmp_path / "b.parquet")

    def none(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", none)
    link(tmp_path / "a.parquet", tmp_path / "c.parquet")
    assert not (tmp_path / "a.parquet").samefile(tmp_path / "c.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "c.parquet").read_bytes()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ([1, 2], [2, 1], False),
        ({"a": None}, {}, False),
        (["ab", "c"], ["a", "bc"], False),
        (1, "1", False),
    ],
)
def test_a_digest_tells_values_apart(one: object, other: object, same: bool) -> None:
    assert (sha256_of(one) == sha256_of(other)) is same


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    """A file that was last changed long ago."""
    file = tmp_path / "data.csv"
    file.write_text("text\n甲\n", encoding="utf-8")
    os.utime(file, (1_700_000_000, 1_700_000_000))
    return file


@pytest.fixture
def read_files(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read for their digest."""
    seen: list[Path] = []

    def watched(path: Path) -> str:
        seen.append(path)
        return sha256_of_file(path)

    monkeypatch.setattr(files, "sha256_of_file", watched)
    return seen


def test_an_unchanged_file_is_read_once_also_by_the_next_run(
    tmp_path: Path, old_file: Path, read_files: list[Path]
) -> None:
    digests = Digests(tmp_path / "digests.json")
    first = digests.of(old_file)
    assert first == digests.of(old_file) == sha256_of_file(old_file)
    digests.save()
    assert Digests(tmp_path / "digests.json").of(old_file) == first
    assert read_files == [old_file]


@pytest.mark.parametrize("how", ["longer", "same size", "replaced, same size and time"])
def test_a_changed_file_is_seen(tmp_path: Path, old_file: Path, how: str) -> None:
    digests = Digests(tmp_path / "digests.json")
    before = digests.of(old_file)
    if how == "longer":
        old_file.write_text("text\n甲乙\n", encoding="utf-8")
        os.utime(old_file, (1_700_000_000, 1_700_000_000))
    elif how == "same size":
        old_file.write_text("text\n乙\n", encoding="utf-8")
        os.utime(old_file, (1_700_000_001, 1_700_000_001))
    else:
        other = tmp_path / "other"
        other.write_text("text\n乙\n", encoding="utf-8")
        os.utime(other, (1_700_000_000, 1_700_000_000))
        other.replace(old_file)
    assert digests.of(old_file) == sha256_of_file(old_file) != before


def test_a_file_changed_just_now_is_always_read(
    tmp_path: Path, old_file: Path, read_files: list[Path]
) -> None:
    os.utime(old_file)
    digests = Digests(tmp_path / "digests.json")
    digests.of(old_file)
    digests.of(old_file)
    assert len(read_files) == 2


@pytest.mark.parametrize("content", ["", "{", "not json"])
def test_a_damaged_memory_is_forgotten(tmp_path: Path, old_file: Path, content: str) -> None:
    (tmp_path / "digests.json").write_text(content, encoding="utf-8")
    assert Digests(tmp_path / "digests.json").of(old_file) == sha256_of_file(old_file)
