"""The 3C report on the terminal and on the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import polars as pl
import pytest

from curate.cache import Step
from curate.report import three_c
from curate.report.grids import drawn
from curate.report.three_c import three_c_lines, three_c_page, three_c_text
from curate.rows import Table
from curate.run import PastRun
from curate.three_c import ThreeC
from tests.three_c.made_tables import made_table

NOISE: dict[str, Any] = {
    "rows": 1000, "flagged": 2, "rate": 0.002, "low": 0.001, "high": 0.004, "confidence": 0.95, "source": "sample",
    "rules": {"mark_up": 2}, "corpora": {"companies": {"rows": 1000, "flagged": 2}},
}  # fmt: skip


def run_of(metrics: dict[str, Any] | None, folder: Path) -> PastRun:
    steps = []
    if metrics is not None:
        steps.append(Step("k", "three_c", "three_c", "*", 5, 5, 0, {}, {}, 0.1, folder, metrics=metrics))
    return PastRun(folder, {"status": "done"}, steps)


@pytest.fixture
def run(tmp_path: Path) -> PastRun:
    """Two of five rows are of one company with two cities; 农业 lacks a city; a name brings mark-up."""
    columns = {
        "code": ["A", "A", "B", "C", "D"],
        "kind": ["家居", "家居", "新能源", "家居", "<b>农业</b>"],
        "city": ["杭州", "宁波", "杭州", "宁波", "杭州"],
        "at": ["2023-01-02", "2023-05-06", "2025-07-08", "2025-09-09", None],
    }
    before: dict[str, Table] = {"companies": made_table(tmp_path, "companies", columns)}
    rows = pl.DataFrame(columns)[1:].with_columns(row_id=pl.Series([f"companies:{n}" for n in range(1, 5)]))
    final = {"companies": made_table(tmp_path, "companies", rows.to_dict(), name="final")}
    unit = ThreeC.model_validate(
        {
            "consistency": {
                "codes": {"companies": {"city": "division"}},
                "same": {"companies": {"entity": ["code"], "fields": ["city"]}},
                "max_contradictions": 0.5,
            },
            "coverage": {
                "by": {"companies": ["kind", {"year": "at"}]},
                "long_tail": {"corpus": "companies", "column": "kind", "head": 0.7},
                "matrix": {"corpus": "companies", "rows": "kind", "columns": "city"},
            },
            "cleanliness": {},
        }
    )
    return run_of(unit.measure(final, before, NOISE, tmp_path)["metrics"], tmp_path)


def test_a_line_for_each_c_with_its_mark(run: PastRun) -> None:
    consistent, covered, clean, read_on = three_c_lines(run)
    assert consistent.startswith("一致 ✗ 代码 4 个，0 个无效；1 个对象有几行，1 个自相矛盾，去重后剩 0 个")
    assert "max_contradictions ≤ 50.00%" in consistent
    assert covered.startswith("覆盖 ✓ companies.kind 长尾")
    assert "kind×city 空 3/6 格（50.00%）" in covered
    assert clean.startswith("干净 ✓ 噪声率 0.20%（人工抽样，0.10%–0.40%）")
    assert "curate show three_c" in read_on


def test_the_tables_show_examples_and_what_to_do(run: PastRun) -> None:
    text = drawn(*three_c_text(run), width=160)
    assert "A：杭州（companies:0） ≠ 宁波（companies:1） → 留下 companies:1" in text
    assert "companies 按 at（年）：2 个值，3 行，空着 1 行，1 段没有数据（2024）" in text
    assert "0✗" in text
    assert "✗ companies 里 1 个有几行的对象" in text


def test_a_run_without_the_section_says_nothing(tmp_path: Path) -> None:
    run = run_of(None, tmp_path)
    assert three_c_lines(run) == three_c_text(run) == []
    assert three_c_page(run) is None


def test_only_what_was_measured_is_shown(tmp_path: Path) -> None:
    metrics: dict[str, Any] = {
        "consistency": None,
        "coverage": None,
        "cleanliness": {**NOISE, "high": None},
        "gates": [],
    }
    run = run_of(metrics, tmp_path)
    assert [line.partition(" ")[0] for line in three_c_lines(run)[:-1]] == ["干净"]
    assert "·" in three_c_lines(run)[0], "no limit, no verdict"
    page = three_c_page(run)
    assert page is not None and len(page["parts"]) == 1


def test_the_page_escapes_values_and_marks_empty_cells(run: PastRun) -> None:
    folder = Path(three_c.__file__).parent
    page = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), autoescape=True, undefined=jinja2.StrictUndefined
    )
    sheet = "{% macro sheet(table) %}<h3>{{ table.title }}</h3>{% for row in table.rows %}{{ row | join(' ') }}{% endfor %}{% endmacro %}"
    html = page.from_string(sheet + '{% include "three_c.html.j2" %}').render(three_c=three_c_page(run))
    assert "<b>农业" not in html
    assert "&lt;b&gt;农业&lt;/b&gt;" in html
    assert html.count("background:#fde2df") == 3
    assert 'style="width:100.0%' in html
    assert '<td class="bad">2024</td>' in html, "a year without rows"
    assert "<script" not in html
