"""The three Cs in one: what is measured, which limits stop a run, and what a person is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from curate.errors import CurateError, GateFailed
from curate.rows import Table
from curate.three_c import ThreeC

from .made_tables import made_table

NOISE: dict[str, Any] = {
    "rows": 1000, "flagged": 5, "rate": 0.005, "low": None, "high": None, "confidence": 0.95, "source": "rules",
    "rules": {"mark_up": 5}, "corpora": {"companies": {"rows": 1000, "flagged": 5}}, "examples": {},
}  # fmt: skip
Tables = dict[str, Table]


@pytest.fixture
def validated(tmp_path: Path) -> Tables:
    columns = {
        "code": ["A", "A", "B", "C"],
        "name": ["甲", "乙", "丙", "丁"],
        "credit_code": ["91350100M000100Y43", "91350100M000100Y43", "123", None],
        "kind": ["家居", "家居", "家居", "农业"],
        "text": ["展会上的公司", "展览会上的公司", "展会", "展会"],
    }
    return {"companies": made_table(tmp_path, "companies", columns)}


@pytest.fixture
def final(tmp_path: Path, validated: Tables) -> Tables:
    rows = pl.concat(validated["companies"].frames())
    return {"companies": made_table(tmp_path, "companies", rows[[0, 2, 3]].to_dict(), name="final")}


@pytest.fixture
def glossary(tmp_path: Path) -> str:
    file = tmp_path / "terms.csv"
    file.write_text("标准词,别名\n展览会,展会\n", encoding="utf-8")
    return str(file)


def section(glossary: str, **limits: Any) -> dict[str, Any]:
    return {
        "consistency": {
            "glossary": glossary,
            "codes": {"companies": {"credit_code": "credit_code"}},
            "same": {"companies": {"entity": ["code"], "fields": ["name"]}},
            **limits,
        },
        "coverage": {
            "by": {"companies": ["kind"]},
            "long_tail": {"corpus": "companies", "column": "kind", "target": 0.5},
            "matrix": {"corpus": "companies", "rows": "kind", "columns": "name", "max_empty": 0.2},
        },
        "cleanliness": {"max_noise": 0.003},
    }


def measured(unit: ThreeC, final: Tables, validated: Tables, folder: Path) -> dict[str, Any]:
    told = unit.measure(final, validated, NOISE, folder)
    assert told["rows_in"] == told["kept"] == 3
    found: dict[str, Any] = told["metrics"]
    return found


def test_all_three_are_measured_and_written(
    final: Tables, validated: Tables, glossary: str, tmp_path: Path
) -> None:
    unit = ThreeC.model_validate(section(glossary))
    metrics = measured(unit, final, validated, tmp_path)
    assert metrics["consistency"]["glossary"]["preferred"] == 0.0, "the final rows have 展会 only"
    assert metrics["consistency"]["codes"][0]["invalid"] == 1
    assert metrics["consistency"]["same"][0]["contradicting"] == 1, "found in the rows before dedupe"
    assert metrics["consistency"]["same"][0]["left"] == 0
    assert metrics["coverage"]["by"][0]["values"] == [["家居", 2], ["农业", 1]]
    assert metrics["cleanliness"]["rate"] == 0.005
    assert json.loads((tmp_path / "three_c.json").read_text("utf-8")) == metrics
    for name, rows in (("forms", 1), ("contradictions", 2), ("distributions", 2), ("cells", 6)):
        assert pl.read_parquet(tmp_path / f"{name}.parquet").height == rows, name
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == [], "nothing of DuckDB is left"


def test_limits_that_are_exceeded_are_told_all_at_once(
    final: Tables, validated: Tables, glossary: str, tmp_path: Path
) -> None:
    limits = {"min_preferred": 0.9, "min_valid": 0.9, "max_contradictions": 0.01, "max_left": 0.01}
    unit = ThreeC.model_validate(section(glossary, **limits))
    metrics = measured(unit, final, validated, tmp_path)
    with pytest.raises(GateFailed) as failed:
        unit.gate(metrics)
    told = str(failed.value)
    assert failed.value.gate == "three_c"
    assert "3C 有 6 项不达标" in told
    for words in (
        "展会→展览会 3（companies:0）", "min_preferred 至少 90.00%",
        "companies.credit_code 只有 50.00%", "companies:2 123",
        "1 个有几行的对象，去重之前有 1 个（100.00%）的 name 自相矛盾", "甲（companies:0） ≠ 乙（companies:1）",
        "companies.kind 的长尾类别", "约缺 3 行",
        "companies.kind×name 的 6 格里有 3 格空着", "农业 × 丙",
        "噪声率 0.50%", "mark_up 5",
    ):  # fmt: skip
        assert words in told
    assert "max_left" not in told, "dedupe left none"


def test_a_limit_for_some_corpora_leaves_the_others_free(
    final: Tables, validated: Tables, glossary: str, tmp_path: Path
) -> None:
    for limit, gates in ((0.01, 1), ({"companies": 0.01}, 1), ({"visitors": 0.01}, 0)):
        options = section(glossary, max_contradictions=limit) | {"coverage": None, "cleanliness": None}
        metrics = measured(ThreeC.model_validate(options), final, validated, tmp_path)
        assert len([gate for gate in metrics["gates"] if not gate["passed"]]) == gates


def test_nothing_to_measure_breaks_no_limit(final: Tables, validated: Tables, tmp_path: Path) -> None:
    terms = tmp_path / "others.csv"
    terms.write_text("标准词\n量子\n", encoding="utf-8")
    unit = ThreeC.model_validate({"consistency": {"glossary": str(terms), "min_preferred": 0.9}})
    unit.gate(measured(unit, final, validated, tmp_path))


@pytest.mark.parametrize(
    ("noise", "limit", "words"),
    [
        ({"rate": 0.001}, {}, None),
        ({"rate": 0.004}, {}, "噪声率 0.40%，要求 max_noise 至多 0.30%"),
        ({"rate": 0.001}, {"sure": True}, "还不能肯定"),
        ({"rate": 0.001, "low": 0.0, "high": 0.002}, {"sure": True}, None),
        ({"rate": 0.001, "low": 0.0, "high": 0.009}, {"sure": True}, "sample 至少"),
    ],
)
def test_the_noise_is_what_the_phase_noise_measured(
    noise: dict[str, Any], limit: dict[str, Any], words: str | None, final: Tables, tmp_path: Path
) -> None:
    unit = ThreeC.model_validate({"cleanliness": limit})
    metrics = unit.measure(final, final, NOISE | noise, tmp_path)["metrics"]
    if words is None:
        unit.gate(metrics)
        return
    with pytest.raises(GateFailed) as failed:
        unit.gate(metrics)
    assert words in str(failed.value)


def test_cleanliness_needs_the_phase_noise(final: Tables, tmp_path: Path) -> None:
    with pytest.raises(CurateError, match=r"配方里没有 noise"):
        ThreeC.model_validate({"cleanliness": {}}).measure(final, final, None, tmp_path)


def test_a_column_that_is_not_there_is_named_with_its_neighbour(final: Tables, tmp_path: Path) -> None:
    unit = ThreeC.model_validate({"coverage": {"by": {"companies": ["kinds"]}}})
    with pytest.raises(CurateError) as failed:
        unit.measure(final, final, None, tmp_path)
    assert "three_c.coverage.by.companies.0：companies 没有 kinds 这一列" in str(failed.value)
    assert "kind" in failed.value.hint


def test_every_column_that_the_section_names_is_told_with_its_place(glossary: str) -> None:
    options = section(glossary)
    options["coverage"]["matrix"] = [{"corpus": "news", "rows": "source", "columns": {"year": "at"}}]
    named = ThreeC.model_validate(options).named_columns()
    assert named == [
        (("consistency", "codes", "companies", "credit_code"), "companies", "credit_code"),
        (("consistency", "same", "companies", "entity", 0), "companies", "code"),
        (("consistency", "same", "companies", "fields", 0), "companies", "name"),
        (("coverage", "by", "companies", 0), "companies", "kind"),
        (("coverage", "long_tail", 0, "column"), "companies", "kind"),
        (("coverage", "matrix", 0, "rows"), "news", "source"),
        (("coverage", "matrix", 0, "columns"), "news", "at"),
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"consistency": {"codes": {"companies": {"a": "isbn"}}}}, "codes"),
        ({"consistency": {"min_preferred": 0.9}}, "min_preferred、max_forbidden 没有用"),
        ({"consistency": {"same": {"companies": {"entity": [], "fields": ["a"]}}}}, "entity"),
        ({"coverage": {"by": {"companies": [{"year": "a", "month": "b"}]}}}, "时间要写成"),
        ({"coverage": {"by": {"nowhere": ["a"]}}}, "没有叫 nowhere 的语料"),
        ({"coverage": {"long_tail": {"corpus": "companies", "column": "a", "target": 5}}}, "target"),
    ],
)
def test_a_section_that_makes_no_sense_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        ThreeC.model_validate(options, context={"corpora": ["companies"]})


def test_the_glossarys_content_is_part_of_the_key(glossary: str) -> None:
    options = section(glossary)
    before = ThreeC.model_validate(options).fingerprint()
    Path(glossary).write_text("标准词\n博览会\n", encoding="utf-8")
    assert ThreeC.model_validate(options).fingerprint() != before
