"""rag: the same chunks in both files."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from pydantic import ValidationError

from curate.errors import GateFailed
from curate.export.rag import Rag
from curate.rows import CHUNK
from tests.export.conftest import chunks, on_disk


@pytest.mark.parametrize("count", [30, 0])
def test_both_files_hold_all_chunks_in_one_order(tmp_path: Path, count: int) -> None:
    rows, out = chunks(count), tmp_path / "out"
    out.mkdir()
    counts = Rag().write(out, "expo", on_disk(tmp_path / "in", rows), tmp_path / "scratch")
    assert counts == {"chunks.jsonl": count, "chunks.parquet": count}
    assert sorted(path.name for path in out.iterdir()) == ["chunks.jsonl", "chunks.parquet"]
    parquet = pl.read_parquet(out / "chunks.parquet")
    lines = (out / "chunks.jsonl").read_text(encoding="utf-8").split("\n")
    assert [json.loads(line) for line in lines if line] == parquet.to_dicts()
    assert parquet.schema == pl.Schema(CHUNK)
    assert parquet.equals(rows.sort("chunk_id"))


def test_an_overlap_of_more_than_half_is_refused() -> None:
    with pytest.raises(ValidationError, match="不能超过 chunk_chars 的一半"):
        Rag(chunk_chars=100, overlap_chars=51)
    assert Rag(chunk_chars=100, overlap_chars=50).overlap_chars == 50


def test_chunks_with_personal_data_stop_the_export_and_are_named(tmp_path: Path) -> None:
    rows, out = chunks(3).with_columns(text=pl.lit("联系电话13812345678")), tmp_path / "out"
    out.mkdir()
    tables = on_disk(tmp_path / "in", rows)
    with pytest.raises(GateFailed, match="3 个文本块里还有个人信息（mobile）") as stopped:
        Rag().write(out, "expo", tables, tmp_path / "scratch")
    assert "personal_data: [mobile]" in stopped.value.hint
    assert "13812345678" not in str(stopped.value)
    assert not list(out.iterdir())
    counts = Rag(personal_data=["mobile"]).write(out, "expo", tables, tmp_path / "scratch")
    assert counts["chunks.jsonl"] == 3
