"""The example's schemas: every sample row has the fate that was planned for it, and every rule catches what it is for."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest

from curate.pairs import PAIR, as_pairs
from curate.rows import CHUNK
from curate.types import Row
from curate.validate import Validate, compiled, load_model

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    file.stem for file in (ROOT / "schemas").glob("*.py") if file.stem not in ("__init__", "vocabulary")
)


def model(name: str) -> type[Row]:
    told = load_model(ROOT, f"schemas/{name}.py:{name.capitalize()}")
    assert issubclass(told, Row)
    return told


@pytest.mark.parametrize("name", FILES)
def test_every_field_is_described_in_chinese_and_none_needs_whole_rows(name: str) -> None:
    for field, info in model(name).model_fields.items():
        assert any("\u4e00" <= char <= "\u9fff" for char in info.description or ""), field
    assert not [how for how in compiled(model(name)).plan.values() if how.startswith("by row")]


def test_lists_of_values_that_two_schemas_share_are_written_once() -> None:
    assert get_args(model("company").model_fields["industry"].annotation) == get_args(
        model("product").model_fields["category"].annotation
    )


COMPANY: dict[str, Any] = {
    "company_id": "C00001", "credit_code": "91350100M000100Y43", "name": "某某公司", "industry": "新能源", "province": "福建省",
    "city": "福州市", "founded": "2010年3月9日", "capital_wan": "500", "employees": "12", "business": "储能", "introduction": "做储能。",
    "updated_at": "2026-01-02 10:00:00",
}  # fmt: skip
EXHIBITION: dict[str, Any] = {
    "id": "E0001", "name": "展", "edition": 3, "city": "福州市", "venue": "馆", "start_date": "2026-03-09", "end_date": "2026-03-11",
    "organizer_id": "C00001", "introduction": "介绍。", "updated_at": "2026-01-02",
}  # fmt: skip

WRONG = [
    ("company", COMPANY, {}, None),
    ("company", COMPANY, {"province": "广东省"}, "code_matches_region"),
    ("company", COMPANY, {"industry": "采矿"}, "literal_error"),
    ("company", COMPANY, {"employees": 0}, "greater_than_equal"),
    ("company", COMPANY, {"credit_code": "91350100M000100Y44"}, "value_error"),
    ("exhibition", EXHIBITION, {}, None),
    ("exhibition", EXHIBITION, {"end_date": "2026-03-08"}, "ends_after_start"),
    ("exhibition", EXHIBITION, {"end_date": "2026-03-09"}, None),
    ("exhibition", EXHIBITION, {"organizer_id": "某某公司"}, "string_pattern_mismatch"),
]


@pytest.mark.parametrize(("name", "row", "change", "rule"), WRONG)
def test_a_schema_says_which_rule_a_row_breaks(
    name: str, row: dict[str, Any], change: dict[str, Any], rule: str | None
) -> None:
    rows = pl.DataFrame([{"row_id": "x:1", **row, **change}])
    outcome = Validate().judge(rows, model(name))
    assert outcome.notes is not None
    assert outcome.notes["rule"].to_list() == ([rule] if rule else [])


SFT: dict[str, Any] = {
    "pair_id": "companies:C1#t.q", "parent_id": "companies:C1", "corpus": "companies", "tier": "primary", "split": "train",
    "origin": "template", "kind": "sft", "task": "t", "question": "q", "instruction": "做什么？", "output": "做储能。",
}  # fmt: skip
TURNS = [{"role": "user", "content": "在吗"}, {"role": "assistant", "content": "在"}]
PAIRS = [
    ({}, None),
    ({"messages": TURNS}, None),
    ({"messages": [{"role": "boss", "content": "在吗"}]}, "literal_error"),
    ({"kind": "preference", "rejected": "不知道"}, None),
    ({"kind": "preference"}, "preference_has_both"),
    ({"kind": "preference", "rejected": "做储能。"}, "differs"),
    ({"kind": "kto", "desirable": False}, None),
    ({"kind": "kto"}, "kto_says_which"),
    ({"split": "exam"}, "literal_error"),
    ({"score": 1.5}, "less_than_equal"),
]


@pytest.mark.parametrize(("change", "rule"), PAIRS)
def test_pairs_are_whole(change: dict[str, Any], rule: str | None) -> None:
    rows = as_pairs(pl.DataFrame([{**SFT, **change}]))
    outcome = Validate().judge(rows, model("pair"))
    assert outcome.notes is not None
    assert outcome.notes["rule"].to_list() == ([rule] if rule else [])
    if rule is None:
        assert outcome.kept.equals(rows)


@pytest.mark.parametrize(
    ("start", "end", "rule"), [(0, 5, None), (5, 5, "ends_after_start"), (-1, 5, "greater_than_equal")]
)
def test_chunks_have_a_length(start: int, end: int, rule: str | None) -> None:
    row = {
        "chunk_id": "news:1#0",
        "parent_id": "news:1",
        "corpus": "news",
        "title": "",
        "text": "一段文字",
        "start": start,
        "end": end,
    }
    rows = pl.DataFrame([{**dict.fromkeys(CHUNK), **row}], schema=CHUNK)
    outcome = Validate().judge(rows, model("chunk"))
    assert outcome.notes is not None
    assert outcome.notes["rule"].to_list() == ([rule] if rule else [])


def test_pair_and_chunk_know_the_columns_that_a_run_makes() -> None:
    assert set(model("pair").model_fields) <= set(PAIR)
    assert set(model("chunk").model_fields) == set(CHUNK)
