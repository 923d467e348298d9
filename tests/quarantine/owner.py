"""A small workspace with rows that fail their schemas, and an owner who mends them in Excel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from openpyxl import Workbook, load_workbook

from curate.run import PastRun, open_run
from tests.small_workspace import run

RECIPE = """\
name: owned
corpora:
  companies:
    path: companies.csv
    key: company_id
    columns: {company_id: 编号, name: 公司名称, founded: 成立日期, staff: 员工人数, phone: 电话, intro: 简介}
    text: "{{name}}，{{founded}}成立。{{intro}}"
    schema: owned.py:Company
  forums: {path: forums.parquet, key: id, text: title, schema: "owned.py:Forum"}
clean:
  - fold_width
  - mask_pii
export: [rag]
"""
SCHEMA = """\
from datetime import date
from pydantic import BaseModel, ConfigDict, Field

class Company(BaseModel):
    model_config = ConfigDict(extra="ignore")
    company_id: str = Field(pattern=r"^C\\d{3}$", description="编号，如 C001")
    name: str = Field(min_length=2, description="公司全称")
    founded: date = Field(description="成立日期")
    staff: int = Field(ge=1, description="员工人数（人）")
    phone: str | None = None
    intro: str | None = None

class Forum(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: str
    title: str
    seats: int = Field(ge=10)
    guests: list[str] = Field(min_length=1)
"""
GOOD = 20
#: what is wrong: a date, a number, two at once
BAD = {
    "C101": ["云岚会展有限公司", "不详", "35", "13812345678", "办展二十年"],
    "C102": ["海纳展具有限公司", "2009-03-01", "-5", "13912345678", "=HYPERLINK(\"http://example.com\",\"点我\")"],
    "C103": ["甲", "2011-13-45", "12", "", "搭建展台"],
}  # fmt: skip
COLUMNS = ["编号", "公司名称", "成立日期", "员工人数", "电话", "简介"]


def make(folder: Path) -> Path:
    """The workspace; returns its recipe."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = {
        f"C{n:03}": [f"第{n}展览服务公司", f"20{n:02}-01-02", str(n + 1), f"1371234{n:04}", f"第{n}家的简介"]
        for n in range(GOOD)
    }
    write_companies(folder, rows | BAD)
    forums = {
        "id": ["f1", "f2"],
        "title": ["会展论坛", "搭建论坛"],
        "seats": [300, 3],
        "guests": [["张三"], ["李四", "王五"]],
    }
    pl.DataFrame(forums).write_parquet(folder / "forums.parquet")
    (folder / "owned.py").write_text(SCHEMA, encoding="utf-8")
    (folder / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    return folder / "recipe.yaml"


def write_companies(folder: Path, rows: dict[str, list[str]]) -> None:
    pl.DataFrame([[key, *row] for key, row in rows.items()], schema=COLUMNS, orient="row").write_csv(
        folder / "companies.csv"
    )


def run_of(recipe: Path) -> PastRun:
    """The newest run, after a new one."""
    told = run("run", recipe)
    assert told.exit_code == 0, told.output
    return open_run(recipe.parent)


def edit(sheet: Path, to: Path, cells: dict[tuple[str, str], Any], page: str = "companies") -> Path:
    """A copy of a sheet in which the owner wrote into cells: (row_id, heading) -> value."""
    book = load_workbook(sheet)
    rows, heads = places(book, page)
    for (row_id, heading), value in cells.items():
        book[page].cell(rows[row_id], heads[heading], value)
    book.save(to)
    return to


def places(book: Workbook, page: str = "companies") -> tuple[dict[str, int], dict[str, int]]:
    """(row_id -> its row, heading -> its column)."""
    sheet = book[page]
    heads = {str(cell.value): cell.column for cell in sheet[1]}
    return {str(sheet.cell(n, heads["行号"]).value): n for n in range(2, sheet.max_row + 1)}, heads


def ids(run_: PastRun, corpus: str = "companies") -> set[str]:
    """The rows that the run has in the end."""
    final = run_.final(corpus)
    assert final is not None
    return set(final.table.narrow(["row_id"])["row_id"])
