"""Schema drift in the commands: a check tells of columns by the sample, a run of all, and both say when nothing was compared."""

from __future__ import annotations

from pathlib import Path

from tests.small_workspace import make, run


def test_a_first_run_and_a_trial_say_that_nothing_was_compared(tmp_path: Path) -> None:
    recipe = make(tmp_path)
    assert "试跑（--limit）没有核对数据与上次有何不同" in run("run", recipe, "--limit", "5").stdout
    assert "没有核对数据的变化：companies、news" in run("run", recipe).stdout
    assert "没有核对数据的变化" not in run("run", recipe).stdout


def test_a_check_tells_new_columns_and_other_types_before_a_run(tmp_path: Path) -> None:
    recipe = make(tmp_path)
    assert run("run", recipe).exit_code == 0
    assert "companies." not in run("check", recipe).stdout
    header, *rows = (tmp_path / "companies.csv").read_text(encoding="utf-8").splitlines()
    changed = "\n".join([f"{header},booth", *(f"C{row},A1" for row in rows)]) + "\n"
    (tmp_path / "companies.csv").write_text(changed, encoding="utf-8")
    told = run("check", recipe)
    assert told.exit_code == 0
    assert "companies.id：类型变了：原来是整数，现在是文字" in told.stdout
    assert "companies.booth：多了这一列" in told.stdout
