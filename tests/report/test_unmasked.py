"""What people see who may not see personal data as it is."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from curate.files import write_json, write_text
from curate.report.unmasked import Masking, masking_of, names_of
from curate.run import PastRun

MASKING = Masking(frozenset({"name", "姓名"}))
RECIPE = """\
name: expo
corpora:
  visitors: {path: v.csv, key: id, columns: {name: 姓名, text: 备注}}
clean:
  - fold_width
  - mask_pii: {names: name}
  - drop_short: {min_chars: 2}
"""


@pytest.fixture
def run(tmp_path: Path) -> PastRun:
    write_text(tmp_path / "runs/r1/recipe.yaml", RECIPE)
    write_json(tmp_path / "runs/r1/manifest.json", {})
    return PastRun(tmp_path / "runs/r1", {}, [])


def test_names_are_those_of_the_recipe_and_of_its_sources(run: PastRun) -> None:
    assert set(names_of(run)) == {"name", "姓名"}


def test_who_may_unmask_sees_everything(run: PastRun, tmp_path: Path) -> None:
    assert masking_of(run) is None
    (tmp_path / "policy.yaml").write_text("roles: {analyst: [run]}\ndefault: analyst\n", encoding="utf-8")
    assert masking_of(run) == MASKING
    (tmp_path / "policy.yaml").write_text("roles: {lead: [unmask]}\ndefault: lead\n", encoding="utf-8")
    assert masking_of(run) is None


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("电话 13812345678", "电话 138****5678"),
        ({"name": "张三", "place": "张三丰路"}, {"name": "张*", "place": "张三丰路"}),
        ({"changes": {"phone": ["13812345678", None]}}, {"changes": {"phone": ["138****5678", None]}}),
        (("13812345678", 7), ("138****5678", 7)),
        ({"visitors:13812345678": 1}, {"visitors:138****5678": 1}),
        (13812345678, "138****5678"),
        ([True, 1.5, None, 2026], [True, 1.5, None, 2026]),
    ],
)
def test_values_are_masked_wherever_they_stand(value: object, masked: object) -> None:
    assert MASKING.value(value) == masked


def test_every_cell_of_a_table_is_masked_and_the_rest_stays() -> None:
    rows = pl.DataFrame(
        {
            "name": ["张三", None],
            "phone": pl.Series([13812345678, 5], dtype=pl.Int64),
            "area": [20000, 30000],
            "kind": pl.Series(["13812345678", "b"], dtype=pl.Categorical),
            "made": [{"text": "微信 13812345678", "n": 1}, None],
            "tags": [["13812345678"], []],
        }
    )
    masked = MASKING.frame(rows)
    assert masked["name"].to_list() == ["张*", None]
    assert masked["phone"].to_list() == ["138****5678", "5"]
    assert masked["area"].equals(rows["area"])
    assert masked["kind"].to_list() == ["138****5678", "b"]
    assert masked["made"].to_list() == [{"text": "微信 138****5678", "n": 1}, None]
    assert masked["tags"].to_list() == [["138****5678"], []]


def test_a_query_cannot_take_a_value_apart(tmp_path: Path) -> None:
    """Masking the answer only would let ``substr`` and ``reverse`` pass; so the views are masked."""
    rows = pl.DataFrame(
        {"name": ["张三", None], "phone": ["13812345678", "x"], 'a"b': ["13812345678", ""], "n": [1, 2]}
    )
    rows.write_parquet(tmp_path / "rows.parquet")
    with duckdb.connect() as connection:
        for view in ("one", "two"):
            replace = MASKING.expressions(connection, dict(rows.schema))
            connection.execute(f"CREATE VIEW {view} AS SELECT * {replace} FROM '{tmp_path}/rows.parquet'")
        asked = 'SELECT name, reverse(phone), substr("a""b", 4, 4), n FROM two ORDER BY n'
        assert connection.sql(asked).fetchall() == [("张*", "8765****831", "****", 1), (None, "x", "", 2)]
        assert connection.sql("SELECT * FROM one WHERE phone = '13812345678'").fetchall() == []


def test_a_table_without_texts_stays_as_it_is() -> None:
    with duckdb.connect() as connection:
        assert MASKING.expressions(connection, {"n": pl.Int64()}) == ""
