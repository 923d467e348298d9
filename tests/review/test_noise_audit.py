"""noise: people judge the noise sample; the rate of all rows, the worth of the rules, and the rows that go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.algorithms.stratified import Stratum, estimate
from curate.errors import CurateError, GateFailed
from curate.noise import Noise
from curate.review.noise_audit import NoiseAudit
from curate.review.project import Chosen, Material
from tests.review.row_projects import data_of, decisions, on_disk, page, rows

CLEAN = {f"c{number}": f"第 {number} 场论坛在上海国家会展中心举行，观众反响热烈。" for number in range(8)}
NOISY = {"n0": "<br/>点击查看全文", "n1": "test", "n2": ""}


def project(folder: Path, **options: Any) -> NoiseAudit:
    return NoiseAudit(**page(folder, "noise"), **options)


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    """The folder of a step ``noise`` over eleven rows."""
    table = on_disk(tmp_path, rows(CLEAN | NOISY, "news"))
    (tmp_path / "noise").mkdir()
    Noise(sample=11).measure([table], tmp_path / "noise")
    return tmp_path / "noise"


def chosen(folder: Path, measured: Path, **options: Any) -> Chosen:
    return project(folder, **options).choose(Material((), {}, noise=measured))


def test_the_items_are_the_noise_sample_and_do_not_show_what_the_rules_say(
    tmp_path: Path, measured: Path
) -> None:
    found = chosen(tmp_path, measured)
    sample = pl.read_parquet(measured / "sample.parquet")
    assert set(found.items["item_id"]) == set(sample["row_id"])
    assert {tuple(data) for data in data_of(found.items).values()} == {("about", "text")}
    assert {data["about"] for data in data_of(found.items).values()} == {"news"}
    assert set(found.items["stratum"]) == {"flagged:3", "unflagged:8"}
    assert found.plan["rows"] == 11
    assert found.plan["drawn"] == found.items.height == 11


def test_flagged_rows_are_mixed_with_the_others_by_their_text_alone(tmp_path: Path, measured: Path) -> None:
    strata = chosen(tmp_path, measured).items["stratum"].to_list()
    assert strata != sorted(strata)
    sample = pl.read_parquet(measured / "sample.parquet")
    other = tmp_path / "other"
    other.mkdir()
    sample.reverse().write_parquet(other / "sample.parquet")
    (other / "estimate.json").write_bytes((measured / "estimate.json").read_bytes())
    assert chosen(tmp_path, other).items.equals(chosen(tmp_path, measured).items)


def test_an_empty_text_is_shown_as_such(tmp_path: Path, measured: Path) -> None:
    told = data_of(chosen(tmp_path, measured).items)
    assert told["news:n2"]["text"] == "—"


@pytest.mark.parametrize("sample", [None, 0])
def test_without_a_noise_sample_there_is_nothing_to_judge(tmp_path: Path, sample: int | None) -> None:
    folder = None if sample is None else tmp_path / "noise"
    if folder:
        folder.mkdir()
        Noise(sample=0).measure([on_disk(tmp_path, rows(CLEAN, "news"))], folder)
    with pytest.raises(CurateError, match="noise") as raised:
        project(tmp_path).choose(Material((), {}, noise=folder))
    assert "noise: {sample: 400}" in raised.value.hint


ITEMS = pl.DataFrame(
    [
        ("a", "flagged:100", "advert mark_up"), ("b", "flagged:100", "advert"), ("c", "flagged:100", "mark_up"),
        ("d", "unflagged:900", ""), ("e", "unflagged:900", ""), ("f", "unflagged:900", ""),
    ],
    schema=["item_id", "stratum", "question"], orient="row",
)  # fmt: skip


def test_the_rate_is_weighted_by_the_strata_and_rules_are_measured(tmp_path: Path) -> None:
    told = decisions("noisy", a="yes", b="no", c="yes", d="no", e="no", f=None)
    metrics = project(tmp_path).settle(ITEMS, told)
    same = estimate([Stratum("flagged", 100, 3, 3, 2), Stratum("unflagged", 900, 3, 2, 0)])
    assert metrics["rate"] == pytest.approx(2 / 3 * 100 / 1000, abs=1e-6)
    assert (metrics["low"], metrics["high"]) == (same.low, same.high)
    assert metrics["precision"] == pytest.approx(2 / 3, abs=1e-6)
    assert metrics["source"] == "verdicts"
    assert {rule: (one["noisy"], one["judged"]) for rule, one in metrics["rules"].items()} == {
        "advert": (1, 2),
        "mark_up": (2, 2),
    }
    assert metrics["rules"]["advert"]["low"] < 0.5 < metrics["rules"]["advert"]["high"]


@pytest.mark.parametrize(("max_noise", "fails"), [(None, False), (0.0666, True), (0.0667, False)])
def test_too_much_noise_stops_the_run_and_names_rows(
    tmp_path: Path, max_noise: float | None, fails: bool
) -> None:
    told = decisions("noisy", a="yes", b="no", c="yes", d="no", e="no", f="no")
    unit = project(tmp_path, max_noise=max_noise)
    if not fails:
        assert unit.settle(ITEMS, told)["rate"] == pytest.approx(1 / 15, abs=1e-6)
        return
    with pytest.raises(GateFailed, match=r"6\.67%") as raised:
        unit.settle(ITEMS, told)
    assert "a、c" in raised.value.hint


def test_rows_that_people_call_noisy_go_with_the_kinds_that_they_named(tmp_path: Path) -> None:
    frame = rows({"a": "广告", "b": "正文", "c": "没看"}, "news")
    told = decisions(
        "noisy", **{"news:a": {"noisy": "yes", "kinds": ["advert", "garbled"]}, "news:b": {"noisy": "no"}}
    )
    outcome = project(tmp_path).apply(frame, ITEMS, told)
    assert outcome.kept.equals(frame[1:])
    assert outcome.dropped.select("row_id", "reason", "detail").rows() == [
        ("news:a", "noisy_in_review", "广告、乱码")
    ]


def test_a_row_of_no_kind_goes_too_and_a_dropped_dispute_stays(tmp_path: Path) -> None:
    frame = rows({"a": "广告", "b": "正文"}, "news")
    outcome = project(tmp_path).apply(frame, ITEMS, decisions("noisy", **{"news:a": "yes", "news:b": None}))
    assert outcome.dropped["row_id"].to_list() == ["news:a"]
    assert outcome.kept["row_id"].to_list() == ["news:b"]


def test_its_name_in_a_recipe_is_noise(tmp_path: Path) -> None:
    assert (NoiseAudit.unit_name(), project(tmp_path).name) == ("noise_audit", "noise_audit")
