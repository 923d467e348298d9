"""parquet: types are kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from curate.errors import CurateError
from tests.sources.conftest import Read


def test_types_are_kept_and_categories_become_text(see: Read, tmp_path: Path) -> None:
    pl.DataFrame(
        {
            "id": [7, 8],
            "text": ["甲", ""],
            "kind": pl.Series(["展", "会"], dtype=pl.Categorical),
            "state": pl.Series(["a", "b"], dtype=pl.Enum(["a", "b"])),
            "on": [date(2026, 3, 5), None],
            "price": [1.5, None],
            "tags": [["x"], None],
        }
    ).write_parquet(tmp_path / "a.parquet")
    seen = see("a.parquet", key="id")
    assert {name: kind for name, kind in seen.rows.schema.items() if name in ("id", "kind", "state", "on", "price", "tags")} == {
        "id": pl.Int64, "kind": pl.String, "state": pl.String, "on": pl.Date, "price": pl.Float64, "tags": pl.List(pl.String),
    }  # fmt: skip
    assert seen.ids == ["c:7", "c:8"]
    assert seen.rows["text"].to_list() == ["甲", None]
    assert seen.rows["kind"].to_list() == ["展", "会"]


@pytest.mark.parametrize("content", [b"", b"PAR1 not at all", b"name,city\n"])
def test_a_damaged_file_is_an_error(see: Read, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(CurateError, match="不是完整的 parquet 文件") as error:
        see("a.parquet")
    assert error.value.hint == "重新导出这个文件"


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ([1], ["x"], ["1", "x"]),
        ([1], [1.5], ["1", "1.5"]),
        ([[1, 2]], ["x"], ["[1, 2]", "x"]),
        (pl.Series([None], dtype=pl.Null), [3], [None, 3]),
    ],
    ids=["number and word", "whole and broken", "list and word", "nothing and number"],
)
@pytest.mark.parametrize("shard_rows", [1, 1000])
def test_a_column_of_other_type_in_another_file_becomes_text_in_all(
    see: Read, tmp_path: Path, first: object, second: object, found: list[object], shard_rows: int
) -> None:
    for name, values in {"a": first, "b": second}.items():
        pl.DataFrame({"text": [name], "v": values}).write_parquet(tmp_path / f"{name}.parquet")
    assert see("*.parquet", shard_rows=shard_rows).rows["v"].to_list() == found
