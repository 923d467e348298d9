"""Files of a release: what is said of them is what is on the disk."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from curate.export.writers import Digesting, HubParquet, JsonLines, Parquet, Shards, Written

ENDLESS = 1 << 62


def rows(first: int, count: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "text": [f"第{number}行\n\u2028🎪" for number in range(first, first + count)],
            "turns": [[{"role": "user", "content": f"{number}？"}] for number in range(first, first + count)],
            "liked": [number % 2 == 0 for number in range(first, first + count)],
        },
        schema={
            "text": pl.String,
            "turns": pl.List(pl.Struct({"role": pl.String, "content": pl.String})),
            "liked": pl.Boolean,
        },
    )


def write(kind: type[Shards], root: Path, sizes: list[int], shard_rows: int) -> list[Written]:
    """Frames of these sizes, one after the other."""
    writer, first = kind(root, "data/rows", shard_rows), 0
    for size in sizes:
        writer.write(rows(first, size))
        first += size
    assert writer.rows == sum(sizes)
    return writer.close()


def read(file: Path) -> pl.DataFrame:
    if file.suffix == ".parquet":
        return pl.read_parquet(file)
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]
    return pl.DataFrame(lines, schema=rows(0, 0).schema)


ONLY = {
    JsonLines: "data/rows.jsonl",
    Parquet: "data/rows.parquet",
    HubParquet: "data/rows-00000-of-00001.parquet",
}
#: of how many files which one
NUMBERED = {
    JsonLines: "data/rows/{:05d}.jsonl",
    Parquet: "data/rows/{:05d}.parquet",
    HubParquet: "data/rows-{:05d}-of-{:05d}.parquet",
}


@pytest.mark.parametrize("kind", [JsonLines, Parquet, HubParquet])
@pytest.mark.parametrize(
    ("sizes", "shard_rows", "want"),
    [
        ([7], ENDLESS, [7]),
        ([3, 4], ENDLESS, [7]),
        ([7], 7, [7]),
        ([8], 7, [7, 1]),
        ([14], 7, [7, 7]),
        ([3, 3, 3, 3, 3], 7, [7, 7, 1]),
        ([20], 3, [3, 3, 3, 3, 3, 3, 2]),
        ([0, 3, 0, 0, 4, 0], 5, [5, 2]),
        ([5, 0], 5, [5]),
    ],
)
def test_rows_go_into_numbered_files_of_so_many(
    kind: type[Shards], sizes: list[int], shard_rows: int, want: list[int], tmp_path: Path
) -> None:
    files = write(kind, tmp_path, sizes, shard_rows)
    assert [file.rows for file in files] == want
    # a single file takes the folder's name, and no folder is left
    names = (
        [ONLY[kind]] if len(want) == 1 else [NUMBERED[kind].format(n, len(want)) for n in range(len(want))]
    )
    assert [file.path for file in files] == names
    there = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert there == sorted(names)
    assert (tmp_path / "data/rows").is_dir() is (kind is not HubParquet and len(want) > 1)
    # every row once, in order
    assert pl.concat([read(tmp_path / name) for name in names]).equals(rows(0, sum(sizes)))


@pytest.mark.parametrize("kind", [JsonLines, Parquet, HubParquet])
def test_digest_and_size_are_those_of_the_disk(kind: type[Shards], tmp_path: Path) -> None:
    for file in write(kind, tmp_path, [5, 9, 4], 7):
        content = (tmp_path / file.path).read_bytes()
        assert file.bytes == len(content)
        assert file.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("kind", [JsonLines, Parquet, HubParquet])
def test_the_same_rows_are_the_same_bytes(kind: type[Shards], tmp_path: Path) -> None:
    first, again = (write(kind, tmp_path / name, [9, 5], 10) for name in ("a", "b"))
    assert first == again


def test_jsonl_does_not_depend_on_how_the_rows_came(tmp_path: Path) -> None:
    one, many = (write(JsonLines, tmp_path / str(len(sizes)), sizes, 6) for sizes in ([14], [1, 12, 1]))
    assert one == many


def test_jsonl_is_utf8_with_a_line_feed_behind_every_row(tmp_path: Path) -> None:
    write(JsonLines, tmp_path, [3], ENDLESS)
    content = (tmp_path / "data/rows.jsonl").read_bytes()
    assert content.startswith(b'{"text":"')
    assert content.endswith(b"}\n")
    assert content.count(b"\n") == 3
    assert "第2行" in content.decode()


def test_parquet_has_no_types_that_the_older_datasets_library_does_not_know(tmp_path: Path) -> None:
    write(Parquet, tmp_path, [3], ENDLESS)
    schema = pq.read_schema(tmp_path / "data/rows.parquet")
    assert "view" not in str(schema)
    assert str(schema.field("text").type) == "large_string"


def test_what_stands_in_the_way_is_not_overwritten(tmp_path: Path) -> None:
    JsonLines(tmp_path, "data/rows", 3)
    with pytest.raises(FileExistsError):
        JsonLines(tmp_path, "data/rows", 3)


def test_a_digesting_file_says_where_it_stands(tmp_path: Path) -> None:
    with Digesting(tmp_path / "x") as file:
        assert file.writable()
        assert file.tell() == 0
        assert file.write(b"abc") == 3
        file.write(memoryview(b"de"))
        assert file.tell() == file.size == 5
    assert file.sha256 == hashlib.sha256(b"abcde").hexdigest()
    assert (tmp_path / "x").read_bytes() == b"abcde"
