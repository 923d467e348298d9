"""Fields of real registry rows: what is read agrees with what is known otherwise, and reading twice is reading once."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from curate.clean.normalize_fields import NormalizeFields

pytestmark = pytest.mark.live

COMPANIES = NormalizeFields.model_validate(
    {
        "columns": {
            "成立时间": "date",
            "注册资金": {"kind": "amount", "unit": "万元", "currency": "currency"},
            "统一信用代码": "credit_code",
            "网址": "url",
            "公司名称": "company_name",
            "地址": {
                "kind": "division",
                "into": {"province": "province", "city": "city", "district": "district", "code": "code"},
            },
        }
    }
)


@pytest.fixture(scope="module")
def companies(shared_data: Path) -> pl.DataFrame:
    return pl.read_ndjson(shared_data / "structured/companies_smoothnlp.jsonl.gz", infer_schema_length=None)


def test_the_province_of_an_address_is_that_of_the_credit_code(companies: pl.DataFrame) -> None:
    """Digits 3 to 8 of a code are the division of the office that registered the company: a second source."""
    kept = COMPANIES.apply(companies).kept.filter(
        pl.col("code").is_not_null(), pl.col("统一信用代码").str.len_chars() == 18
    )
    same = kept["code"].str.slice(0, 2) == kept["统一信用代码"].str.slice(2, 2)
    assert kept.height > 4000
    assert same.mean() > 0.99  # the rest, looked at: companies that moved, rows with two addresses


def test_reading_real_rows_twice_is_reading_them_once(companies: pl.DataFrame) -> None:
    once = COMPANIES.apply(companies).kept
    assert COMPANIES.apply(once).kept.equals(once)


def test_hardly_a_real_value_is_left_unread(companies: pl.DataFrame) -> None:
    told = NormalizeFields(columns=COMPANIES.columns, on_unread="empty").apply(companies).kept
    given = {
        name: companies.filter(pl.col(name).str.strip_chars() != "").height for name in COMPANIES.columns
    }
    read = {name: told.filter(pl.col(name).str.strip_chars() != "").height for name in COMPANIES.columns}
    assert all(read[name] / given[name] > 0.98 for name in COMPANIES.columns)
