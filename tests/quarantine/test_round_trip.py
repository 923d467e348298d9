"""The round trip: a run sets rows aside, their owner mends them in Excel, and the next run takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.query import query
from curate.run import PastRun, open_run
from curate.trace import trace
from tests.conftest import copy_example
from tests.quarantine import owner
from tests.small_workspace import fresh, run

C101, C102, C103 = "companies:C101", "companies:C102", "companies:C103"
MENDED: dict[tuple[str, str], Any] = {
    (C101, "成立日期"): "2010-05-06",
    (C101, "电话"): "13700001111",
    (C102, "员工人数"): 50,
    (C103, "成立日期"): "2011-13-46",
}


@pytest.fixture
def recipe(workspace: Path) -> Path:
    """Of a workspace in which the data has run once."""
    return workspace / "recipe.yaml"


def give_back(run_: PastRun, cells: dict[tuple[str, str], Any] = MENDED) -> str:
    folder = run_.folder.parent.parent
    file = owner.edit(run_.folder / "quarantine.xlsx", folder / "改好.xlsx", cells)
    told = run("quarantine", "return", file, "--by", "王芳", "--why", "查了合同", "-C", folder)
    assert told.exit_code == 0, told.output
    return told.output


def test_every_run_leaves_a_sheet_and_parquet_of_what_it_set_aside(recipe: Path) -> None:
    folder = open_run(recipe.parent).folder
    assert (folder / "quarantine.xlsx").is_file()
    errors = pl.read_parquet(folder / "quarantine/companies.parquet")
    assert errors["row_id"].to_list() == [C101, C102, C103, C103]
    assert pl.read_parquet(folder / "quarantine/companies.rows.parquet")["phone"].to_list() == [
        "138****5678",
        "139****5678",
        None,
    ]


def test_a_run_that_a_gate_stops_leaves_them_too(recipe: Path) -> None:
    recipe.write_text(
        recipe.read_text(encoding="utf-8") + "validate: {max_invalid: {companies: 0.01}}\n", encoding="utf-8"
    )
    told = run("run", recipe)
    assert told.exit_code == 4
    assert (open_run(recipe.parent).folder / "quarantine.xlsx").is_file()
    assert "curate quarantine return" in told.output


def test_mended_rows_are_in_the_next_run_with_their_provenance(recipe: Path) -> None:
    told = give_back(open_run(recipe.parent))
    assert "2 行合格了，1 行还不合格" in told
    assert "companies:C103  公司名称：至少要 2 个字符；成立日期：不是日期" in told
    again = owner.run_of(recipe)
    assert {C101, C102} <= owner.ids(again)
    assert C103 not in owner.ids(again)
    traced = trace(again, C101)
    (event,) = [event for event in traced.events if event.unit == "returned"]
    assert "王芳" in event.detail
    assert "查了合同" in event.detail
    assert event.changes["founded"] == ("不详", "2010-05-06")
    found = query(again, 'SELECT row_id, "column", what FROM returned ORDER BY ALL').rows()
    assert found == [(C101, "founded", "returned"), (C101, "phone", "returned"), (C102, "staff", "returned")]
    assert query(again, "SELECT DISTINCT row_id FROM quarantine WHERE corpus = 'companies'").rows() == [
        (C103,)
    ]


def test_what_the_owner_types_is_masked_like_any_data(recipe: Path) -> None:
    give_back(open_run(recipe.parent))
    again = owner.run_of(recipe)
    assert trace(again, C101).row["phone"] == "137****1111"
    (event,) = [event for event in trace(again, C101).events if event.unit == "returned"]
    assert "13700001111" not in str(event.changes)


def test_the_text_is_made_anew_of_what_came_back(recipe: Path) -> None:
    give_back(open_run(recipe.parent))
    assert "2010-05-06成立" in trace(owner.run_of(recipe), C101).row["text"]


def test_corpora_without_returned_values_keep_their_results(recipe: Path) -> None:
    give_back(open_run(recipe.parent))
    done = {corpus for _, _, corpus in fresh(owner.run_of(recipe)) if corpus != "*"}
    assert done == {"companies"}


def test_a_source_that_was_mended_too_wins(recipe: Path) -> None:
    give_back(open_run(recipe.parent))
    rows = {key: list(values) for key, values in owner.BAD.items()}
    rows["C101"][1] = "2012-12-12"
    owner.write_companies(recipe.parent, rows)
    again = owner.run_of(recipe)
    assert str(trace(again, C101).row["founded"]) == "2012-12-12"
    (event,) = [event for event in trace(again, C101).events if event.unit == "returned"]
    assert "founded 的退回值没有用，源数据后来又改过" in event.detail
    told = run("quarantine", "show", "-C", recipe.parent).output
    assert "1 格没有用退回的值" in told


def test_rows_that_are_gone_are_told(recipe: Path) -> None:
    give_back(open_run(recipe.parent))
    owner.write_companies(recipe.parent, {"C103": owner.BAD["C103"]})
    owner.run_of(recipe)
    assert "3 格退回的值没有用上" in run("quarantine", "show", "-C", recipe.parent).output


def test_undo_puts_the_row_back_into_quarantine(recipe: Path) -> None:
    give_back(open_run(recipe.parent))
    owner.run_of(recipe)
    told = run("quarantine", "undo", C101, "--why", "改错了", "-C", recipe.parent)
    assert told.exit_code == 0, told.output
    again = owner.run_of(recipe)
    assert C101 not in owner.ids(again)
    assert C102 in owner.ids(again)


def test_a_second_mend_of_a_row_that_is_set_aside_again(recipe: Path) -> None:
    give_back(open_run(recipe.parent))
    give_back(owner.run_of(recipe), {(C103, "成立日期"): "2011-12-25", (C103, "公司名称"): "甲方展览"})
    assert C103 in owner.ids(owner.run_of(recipe))


def test_on_the_sample_data_by_the_commands_of_the_readme(tmp_path: Path) -> None:
    folder = copy_example(tmp_path)
    told = run("run", folder / "recipes/expo.yaml", "--until", "validate")
    assert told.exit_code == 0, told.output
    before = open_run(folder)
    mended = {("companies:C00368", "员工人数"): "30", ("companies:C00465", "成立日期"): "2015-12-25"}
    file = owner.edit(before.folder / "quarantine.xlsx", folder / "改好.xlsx", mended)
    told = run("quarantine", "return", file, "--by", "王芳", "--why", "与企业核对", "-C", folder)
    assert told.exit_code == 0, told.output
    assert "2 行合格了，0 行还不合格" in told.output
    told = run("run", folder / "recipes/expo.yaml", "--until", "validate")
    assert told.exit_code == 0, told.output
    assert {"companies:C00368", "companies:C00465"} <= owner.ids(open_run(folder))
    assert "与企业核对" in run("trace", "companies:C00368", "-C", folder).output
