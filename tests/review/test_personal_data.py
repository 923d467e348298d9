"""personal_data: what people see of each corpus, the share of rows that leak, and that these rows go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.algorithms.sample_size import noisy_rows
from curate.errors import GateFailed
from curate.review.personal_data import PersonalData
from curate.review.project import Material
from tests.review.row_projects import data_of, decisions, on_disk, page, rows

SECRET = "13800138000"


def project(folder: Path, **options: Any) -> PersonalData:
    return PersonalData(**page(folder, "personal_data"), **options)


@pytest.fixture
def material(tmp_path: Path) -> Material:
    news = rows({str(n): f"第 {n} 条新闻" for n in range(10)}, "news", split=[None] * 10)
    visitors = rows(
        {str(n): f"访客 {n}" for n in range(6)}, "visitors", name=[f"访客 {n}" for n in range(6)],
        phone=[SECRET, None, "", "a", "b", "c"], interests=[["食品", "包装"]] * 6,
    )  # fmt: skip
    return Material((), {frame["corpus"][0]: on_disk(tmp_path, frame) for frame in (news, visitors)})


def test_of_each_corpus_some_rows_are_seen_retrieved_ones_too(tmp_path: Path, material: Material) -> None:
    found = project(tmp_path, sample=4).choose(material)
    assert dict(found.items["stratum"].value_counts().iter_rows()) == {"news:10": 4, "visitors:6": 4}
    assert found.plan == {
        "rows": 16,
        "drawn": 8,
        "strata": [
            {"stratum": "news:10", "rows": 10, "drawn": 4},
            {"stratum": "visitors:6", "rows": 6, "drawn": 4},
        ],
    }


def test_corpora_that_are_not_named_are_not_looked_at(tmp_path: Path, material: Material) -> None:
    unit = project(tmp_path, corpora=["news"], sample=0.5)
    assert set(unit.choose(material).items["corpus"]) == {"news"}
    assert [unit.concerns(name) for name in ("news", "visitors")] == [True, False]


def test_the_fields_that_the_text_does_not_hold_stand_below_it(tmp_path: Path, material: Material) -> None:
    shown = data_of(project(tmp_path).choose(material).items)["visitors:0"]
    assert shown == {"text": f"访客 0\nphone：{SECRET}\ninterests：食品、包装", "about": "visitors"}
    hidden = data_of(project(tmp_path, skip="phone").choose(material).items)["visitors:0"]
    assert SECRET not in hidden["text"]


ITEMS = pl.DataFrame(
    [(f"news:{n}", "news:1000") for n in range(50)] + [(f"visitors:{n}", "visitors:60") for n in range(20)],
    schema=["item_id", "stratum"],
    orient="row",
)
LEAK = {"leaked": "yes", "found": [{"start": 0, "end": 11, "text": SECRET, "label": "phone"}]}


def judged(*leaking: str) -> pl.DataFrame:
    return decisions("leaked", **{item: LEAK if item in leaking else "no" for item in ITEMS["item_id"]})


def test_nothing_found_passes_and_says_how_much_there_may_still_be(tmp_path: Path) -> None:
    metrics = project(tmp_path).settle(ITEMS, judged())
    assert (metrics["rate"], metrics["low"], metrics["leaked"], metrics["kinds"]) == (0, 0, 0, {})
    news = metrics["corpora"]["news"]
    assert (news["rows"], news["judged"], news["leaked"]) == (1000, 50, 0)
    assert news["high"] == noisy_rows(0, 50, 1000)[1] / 1000 > 0.05


def test_one_leak_stops_the_run_and_the_error_never_shows_it(tmp_path: Path) -> None:
    with pytest.raises(GateFailed, match="visitors:3") as raised:
        project(tmp_path).settle(ITEMS, judged("visitors:3"))
    assert "电话 1" in str(raised.value)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(("max_leaked", "fails"), [(0.002, True), (0.003, False)])
def test_corpora_weigh_by_their_rows(tmp_path: Path, max_leaked: float, fails: bool) -> None:
    unit = project(tmp_path, max_leaked=max_leaked)
    if fails:
        with pytest.raises(GateFailed, match=r"0\.28%"):
            unit.settle(ITEMS, judged("visitors:3"))
        return
    metrics = unit.settle(ITEMS, judged("visitors:3"))
    assert metrics["rate"] == pytest.approx(60 / 20 / 1060, abs=1e-6)
    assert metrics["corpora"]["visitors"]["rate"] == pytest.approx(0.05)
    assert metrics["kinds"] == {"电话": 1}


def test_a_corpus_whose_items_were_all_disputed_says_nothing(tmp_path: Path) -> None:
    told = decisions(
        "leaked", **{item: "no" if item.startswith("news") else None for item in ITEMS["item_id"]}
    )
    metrics = project(tmp_path).settle(ITEMS, told)
    assert metrics["corpora"]["visitors"]["rate"] is None
    assert metrics["high"] == metrics["corpora"]["news"]["high"]


def test_rows_that_leak_go_with_the_kinds_and_without_the_text(tmp_path: Path) -> None:
    frame = rows({"a": f"电话{SECRET}", "b": "没有", "c": "没看"}, "news")
    told = decisions("leaked", **{"news:a": LEAK, "news:b": "no"})
    outcome = project(tmp_path).apply(frame, ITEMS, told)
    assert outcome.kept.equals(frame[1:])
    gone = outcome.dropped.select("row_id", "reason", "detail").rows()
    assert gone == [("news:a", "personal_data_in_review", "电话")]
