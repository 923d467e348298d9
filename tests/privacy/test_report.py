"""What people read of anonymisation: in the terminal and on the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from curate.cache import Step
from curate.report.privacy import privacy_lines, privacy_page
from curate.run import PastRun
from tests.privacy.carried import Carried, carry, people


def run_of(told: Carried) -> PastRun:
    measured = replace(told.decided, unit="measure:visitors", metrics=told.measured)
    return PastRun(Path(), {}, [told.decided, told.done, measured])


def anonymised(tmp_path: Path) -> Carried:
    rows = people([(30 + number % 10, ("Atlantis", "南京市")[number % 2], 1) for number in range(30)])
    rows = rows.with_columns(
        remark=pl.when(pl.col("row_id") == "visitors:V0009")
        .then(pl.lit("电话13812345678"))
        .otherwise("remark")
    )
    return carry(tmp_path, rows, free_text={"remark": "redact"}, max_suppressed=0)


def test_the_lines_say_what_was_reached_and_what_it_cost(tmp_path: Path) -> None:
    told = anonymised(tmp_path)
    lines = privacy_lines(run_of(told))
    assert lines[0] == "visitors 做到 k = 5：30 行分成 4 类，最小的一类 6 行"
    assert lines[1] == "准标识符的层级：age → 5，1/4 级（10 种 → 2 种），city → 原值，0/3 级（2 种 → 2 种）"
    assert lines[2] == "去掉的列：name"
    assert lines[3].startswith("信息损失 22.2%（精度 Prec 0.875，平均每类是 k 的 1.5 倍")
    assert "l-多样性 interests：每类至少 " in "\n".join(lines)
    assert "自由文本 remark：1 格泄露身份（手机 1），已遮去" in lines


def test_the_page_holds_the_same_by_corpus(tmp_path: Path) -> None:
    page = privacy_page(run_of(anonymised(tmp_path)))
    assert page is not None
    (corpus,) = page["corpora"]
    assert corpus["name"] == "visitors"
    assert [level[0] for level in corpus["levels"]] == ["age", "city"]
    assert all(len(level) == len(corpus["columns"]) for level in corpus["levels"])


def test_a_run_that_anonymised_nothing_says_nothing() -> None:
    empty: list[Step] = []
    assert privacy_lines(PastRun(Path(), {}, empty)) == []
    assert privacy_page(PastRun(Path(), {}, empty)) is None


def test_a_run_that_was_stopped_says_so(tmp_path: Path) -> None:
    told = carry(tmp_path, people([(31, "南京市", 4)]))
    assert privacy_lines(PastRun(Path(), {}, [told.decided]))[0] == "visitors 没有做到 k = 5"
