"""read: several files as one table."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.cache import Cache
from curate.options import files_of
from curate.sources import Corpus, read
from tests.sources.conftest import Read


def test_a_glob_is_read_in_the_order_of_names(see: Read, tmp_path: Path) -> None:
    for name in ("10", "2", "1"):
        (tmp_path / f"{name}.csv").write_text(f"text\n第{name}份\n", encoding="utf-8")
    (tmp_path / "9.csv").mkdir()
    assert [file.name for file in files_of(tmp_path, "*.csv")] == ["1.csv", "10.csv", "2.csv"]
    assert see("*.csv").rows["text"].to_list() == ["第1份", "第10份", "第2份"]


@pytest.mark.parametrize("shard_rows", [1, 2, 1000])
def test_files_may_have_other_columns(see: Read, tmp_path: Path, shard_rows: int) -> None:
    (tmp_path / "a.csv").write_text("text,old\n甲,1\n乙,2\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("new,text\n3,丙\n", encoding="utf-8")
    rows = see("*.csv", shard_rows=shard_rows).rows
    assert rows.select("text", "old", "new").rows() == [
        ("甲", "1", None),
        ("乙", "2", None),
        ("丙", None, "3"),
    ]


def test_columns_are_renamed_and_the_recipe_wins(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("正文,text,updated_at,日期\n甲,旧,旧,2026-03-05\n", encoding="utf-8")
    rows = see("a.csv", columns={"text": "正文", "updated_at": "日期"}).rows
    assert rows.columns == ["row_id", "corpus", "cluster_id", "copies", "text", "updated_at"]
    assert rows.row(0)[4:] == ("甲", "2026-03-05")


def test_two_columns_may_change_names(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("title,text\n正文,标题\n", encoding="utf-8")
    assert see("a.csv", columns={"title": "text", "text": "title"}).rows.select("title", "text").rows() == [
        ("标题", "正文")
    ]


def test_the_text_is_made_of_the_columns(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,city\n甲,\n乙,上海\n", encoding="utf-8")
    assert see("a.csv", text="{{name}}在{{city}}").rows["text"].to_list() == ["甲在", "乙在上海"]


@pytest.mark.parametrize(("limit", "texts"), [(1, ["1"]), (3, ["1", "2", "3"]), (4, ["1", "2", "3", "4"])])
def test_limit_is_the_first_rows_over_all_files(
    see: Read, tmp_path: Path, limit: int, texts: list[str]
) -> None:
    (tmp_path / "a.csv").write_text("text,n\n1,\n2,\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("text,n\n3,\n4,\n", encoding="utf-8")
    (tmp_path / "c.csv").write_bytes(b"")  # would be an error: what lies behind the limit is not read
    seen = see("*.csv", limit=limit)
    assert seen.rows["text"].to_list() == texts
    assert seen.step.rows_in == seen.step.kept == limit


def test_what_a_killed_run_left_is_not_read_again(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\n甲\n", encoding="utf-8")
    seen = see("a.csv")
    folder = seen.step.folder
    (folder / "step.json").unlink()
    (folder / "kept" / "00007.parquet").write_bytes((folder / "kept" / "00000.parquet").read_bytes())
    again = read(Corpus(path="a.csv"), "c", [tmp_path / "a.csv"], Cache(folder.parent), seen.step.key, 10)
    assert again.table.rows == 1
