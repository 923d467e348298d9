"""The noise of a run's rows: flags, sample, estimate and gate in one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from curate.algorithms.sample_size import noisy_rows
from curate.errors import GateFailed
from curate.files import write_parquet
from curate.noise import Noise
from curate.rows import Table

GOOD = "第十二届国际照明展览会昨日在广州开幕，来自二十多个国家的近两千家企业参展，预计观众超过十五万人次。"


@pytest.fixture
def tables(tmp_path: Path) -> list[Table]:
    """120 rows of news, in two shards, of which six are noisy, and 40 posts, of which one is."""
    made = []
    for corpus, rows, noisy in (("news", 120, 6), ("posts", 40, 1)):
        texts = [f"<p>第{n}条</p>" if n < noisy else f"第{n}条：{GOOD}" for n in range(rows)]
        frame = pl.DataFrame(
            {"row_id": [f"{corpus}:{n}" for n in range(rows)], "corpus": corpus, "text": texts}
        )
        files = (tmp_path / f"{corpus}-0.parquet", tmp_path / f"{corpus}-1.parquet")
        write_parquet(files[0], frame[: rows // 2])
        write_parquet(files[1], frame[rows // 2 :])
        made.append(Table(corpus, files))
    return made


def measured(noise: Noise, tables: list[Table], folder: Path) -> dict[str, Any]:
    told = noise.measure(tables, folder)
    assert told["rows_in"] == told["kept"] == told["metrics"]["rows"]
    found: dict[str, Any] = told["metrics"]
    return found


def sheet(folder: Path, verdicts: dict[str, bool], stale: str = "") -> Path:
    """The sample with a verdict for every row: those in ``verdicts``, no for the others."""
    rows = pl.read_csv(folder / "sample.csv", infer_schema=False)
    told = ["是" if verdicts.get(row) else "否" for row in rows["row_id"]]
    version = pl.when(pl.col("row_id") == stale).then(pl.lit("0")).otherwise("version")
    rows.with_columns(pl.Series("noisy", told), version=version).write_csv(folder / "judged.csv")
    return folder / "judged.csv"


def test_the_rules_count_without_an_interval(tables: list[Table], tmp_path: Path) -> None:
    metrics = measured(Noise(), tables, tmp_path)
    assert (metrics["source"], metrics["rows"], metrics["flagged"]) == ("rules", 160, 7)
    assert metrics["rate"] == pytest.approx(7 / 160, abs=1e-6)
    assert metrics["low"] is metrics["high"] is None
    assert metrics["rules"] == {"mark_up": 7}
    assert metrics["corpora"] == {"news": {"rows": 120, "flagged": 6}, "posts": {"rows": 40, "flagged": 1}}
    assert metrics["examples"] == {"mark_up": ["news:0", "news:1", "news:2"]}
    assert pl.read_parquet(tmp_path / "flags.parquet").height == 7
    assert json.loads((tmp_path / "estimate.json").read_text("utf-8")) == metrics


def test_only_and_without_say_what_is_looked_at(tables: list[Table], tmp_path: Path) -> None:
    assert measured(Noise(only=["posts"]), tables, tmp_path)["corpora"] == {
        "posts": {"rows": 40, "flagged": 1}
    }
    assert measured(Noise(without=["mark_up"]), tables, tmp_path)["flagged"] == 0


def test_people_correct_the_rules(tables: list[Table], tmp_path: Path) -> None:
    measured(Noise(sample=60), tables, tmp_path)
    flagged = [f"news:{n}" for n in range(6)]
    missed = pl.read_parquet(tmp_path / "sample.parquet").filter(pl.col("stratum") == "unflagged")["row_id"][
        0
    ]
    file = sheet(tmp_path, dict.fromkeys([*flagged, missed], True))
    metrics = measured(Noise(sample=60, verdicts=str(file)), tables, tmp_path)
    assert metrics["source"] == "verdicts"
    assert [tuple(one.values()) for one in metrics["strata"]] == [
        ("flagged", 7, 7, 7, 6),
        ("unflagged", 153, 53, 53, 1),
    ]
    assert metrics["rate"] == pytest.approx((6 + 153 / 53) / 160, abs=1e-6)
    low, high = noisy_rows(1, 53, 153)
    assert (metrics["low"], metrics["high"]) == pytest.approx(((6 + low) / 160, (6 + high) / 160), abs=1e-6)
    assert metrics["precision"] == pytest.approx(6 / 7, abs=1e-6)


def test_a_verdict_on_another_text_does_not_count(tables: list[Table], tmp_path: Path) -> None:
    measured(Noise(sample=60), tables, tmp_path)
    file = sheet(tmp_path, {}, stale="news:0")
    strata = measured(Noise(sample=60, verdicts=str(file)), tables, tmp_path)["strata"]
    assert [(one["sampled"], one["judged"]) for one in strata] == [(7, 6), (53, 53)]


def test_the_gate_names_rules_rows_and_what_to_do(tables: list[Table], tmp_path: Path) -> None:
    noise = Noise(max_noise=0.003)
    with pytest.raises(GateFailed) as failed:
        noise.gate(measured(noise, tables, tmp_path))
    assert failed.value.exit_code == 4
    assert failed.value.problem == "规则在 160 行里查出 7 行有噪声（4.38%），超过 max_noise: 0.003"
    assert failed.value.hint.startswith("残留标签 mark_up 7（news:0、news:1、news:2）。用 curate trace")


def test_within_the_limit_the_gate_is_open(tables: list[Table], tmp_path: Path) -> None:
    metrics = measured(Noise(), tables, tmp_path)
    assert metrics["rate"] == 7 / 160
    Noise(max_noise=0.05).gate(metrics)
    Noise().gate(metrics)
    nothing = measured(Noise(only=["no_such"]), tables, tmp_path)
    assert nothing["rows"] == 0
    Noise(max_noise=0.001).gate(nothing)


def test_a_sure_gate_wants_verdicts_and_enough_of_them(tables: list[Table], tmp_path: Path) -> None:
    noise = Noise(max_noise=0.05, sure=True, sample=60)
    with pytest.raises(GateFailed, match="没有人工判断，只有规则的计数") as failed:
        noise.gate(measured(noise, tables, tmp_path))
    assert "sample 至少 53" in failed.value.hint
    file = sheet(tmp_path, {})
    with pytest.raises(GateFailed, match=r"置信区间 0\.00%–"):
        Noise(max_noise=0.02, sure=True).gate(
            measured(noise.model_copy(update={"verdicts": str(file)}), tables, tmp_path)
        )
    measured(Noise(sample=160), tables, tmp_path)
    whole = Noise(max_noise=0.02, sure=True, sample=160, verdicts=str(sheet(tmp_path, {"news:0": True})))
    metrics = measured(whole, tables, tmp_path)
    assert metrics["low"] == metrics["high"] == 1 / 160
    whole.gate(metrics)


def test_the_limit_is_no_part_of_the_result() -> None:
    assert Noise(max_noise=0.1, sure=True, only=["news"]).fingerprint() == Noise().fingerprint()
    assert Noise(sample=10).fingerprint() != Noise().fingerprint()


@pytest.mark.parametrize(
    "options", [{"max_noise": 0}, {"sample": -1}, {"confidence": 1}, {"without": ["no_such"]}]
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Noise(**options)
