"""References: what names a row that is not there is set aside, and told with the key that was probably meant."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import polars as pl
import pytest

from curate.types import References, Row
from curate.validate.references import Reference, carry_out, look_up, references_of

Targets = dict[str, tuple[list[Path], list[Path]]]
COMPANIES = pl.DataFrame({"row_id": ["companies:C001", "companies:C002"], "company_id": ["C001", "C002"]})
ASIDE = pl.DataFrame({"row_id": ["companies:C003"], "company_id": ["C003"], "reason": ["invalid_name"]})
FAIRS = pl.DataFrame(
    {
        "row_id": [f"fairs:{n}" for n in range(5)],
        "organizer_id": ["C001", "C003", "C00X", None, "Z999"],
        "name": list("甲乙丙丁戊"),
    }
)
ORGANIZER = Reference("organizer_id", "companies", "company_id")


class Fair(Row):
    name: str
    organizer_id: Annotated[str, References("companies")] | None = None
    hall_id: Annotated[str, References("halls")] | None = None
    other: Annotated[str, References("companies", "credit_code")] | None = None


def write(folder: Path, name: str, *frames: pl.DataFrame) -> list[Path]:
    files = []
    for number, frame in enumerate(frames):
        files.append(folder / f"{name}_{number}.parquet")
        frame.write_parquet(files[-1])
    return files


@pytest.fixture
def missing(tmp_path: Path) -> pl.DataFrame:
    own = write(tmp_path, "fairs", FAIRS[:2], FAIRS[2:])
    targets: Targets = {
        "companies": (write(tmp_path, "companies", COMPANIES), write(tmp_path, "aside", ASIDE))
    }
    counts = look_up(own, targets, [ORGANIZER], tmp_path)
    assert counts == {"organizer_id": {"target": "companies", "missing": 2, "quarantined": 1}}
    return pl.read_parquet(tmp_path / "missing.parquet")


def test_references_are_those_whose_corpus_the_recipe_has() -> None:
    found, told = references_of(Fair, {"companies": ["company_id"], "fairs": []})
    assert found == [ORGANIZER, Reference("other", "companies", "credit_code")]
    assert len(told) == 1
    assert "hall_id 应指向语料 halls，配方里没有这份语料，没有核对" in told[0]


def test_a_corpus_without_a_key_cannot_be_referred_to() -> None:
    _, told = references_of(Fair, {"companies": [], "halls": ["id"]})
    assert any("companies 的主键" in line for line in told)


def test_only_values_that_no_row_has_are_missing(missing: pl.DataFrame) -> None:
    assert missing.select("row_id", "value", "nearest").rows() == [
        ("fairs:2", "C00X", None),
        ("fairs:4", "Z999", None),
    ]


def test_the_key_that_was_probably_meant_is_named(tmp_path: Path) -> None:
    fairs = pl.DataFrame({"row_id": ["fairs:1"], "organizer_id": ["COMPANY-0012"]})
    companies = pl.DataFrame({"row_id": ["companies:1"], "company_id": ["COMPANY-0011"]})
    targets: Targets = {"companies": (write(tmp_path, "companies", companies), [])}
    look_up(write(tmp_path, "fairs", fairs), targets, [ORGANIZER], tmp_path)
    outcome = carry_out(fairs, pl.read_parquet(tmp_path / "missing.parquet"), drop=True)
    assert outcome.notes is not None
    assert outcome.notes["zh"].to_list() == ["语料 companies 里没有 COMPANY-0012，是不是 COMPANY-0011？"]
    assert outcome.notes["en"].to_list() == ["companies has no row COMPANY-0012; did you mean COMPANY-0011?"]


def test_rows_that_refer_to_nothing_are_set_aside_with_field_and_value(missing: pl.DataFrame) -> None:
    outcome = carry_out(FAIRS, missing, drop=True)
    assert outcome.kept["row_id"].to_list() == ["fairs:0", "fairs:1", "fairs:3"]
    assert outcome.kept.columns == FAIRS.columns
    assert outcome.dropped.select("row_id", "reason", "detail").rows() == [
        ("fairs:2", "missing_reference", "organizer_id: C00X：语料 companies 里没有这一行"),
        ("fairs:4", "missing_reference", "organizer_id: Z999：语料 companies 里没有这一行"),
    ]
    assert outcome.notes is not None
    assert outcome.notes.select("row_id", "field", "value", "rule").rows() == [
        ("fairs:2", "organizer_id", "C00X", "reference"),
        ("fairs:4", "organizer_id", "Z999", "reference"),
    ]


def test_where_they_are_only_reported_all_rows_stay(missing: pl.DataFrame) -> None:
    outcome = carry_out(FAIRS, missing, drop=False)
    assert outcome.kept.equals(FAIRS)
    assert outcome.dropped.height == 0
    assert outcome.notes is not None
    assert outcome.notes.height == 2


class Tour(Row):
    stops: list[Annotated[str, References("companies")]] | None = None


def test_each_value_of_a_list_is_a_reference(tmp_path: Path) -> None:
    found, _ = references_of(Tour, {"companies": ["company_id"]})
    assert found == [Reference("stops", "companies", "company_id")]
    stops = [["C001", "X1", "X1", None, "X2"], [], None, ["C001", "C003"], ["C003", "C003"]]
    tours = pl.DataFrame({"row_id": [f"tours:{n}" for n in range(5)], "stops": stops})
    targets: Targets = {
        "companies": (write(tmp_path, "companies", COMPANIES), write(tmp_path, "aside", ASIDE))
    }
    counts = look_up(write(tmp_path, "tours", tours), targets, found, tmp_path)
    assert counts == {"stops": {"target": "companies", "missing": 2, "quarantined": 2}}
    outcome = carry_out(tours, pl.read_parquet(tmp_path / "missing.parquet"), drop=True)
    assert outcome.dropped.select("row_id", "detail").rows() == [
        ("tours:0", "stops: X1：语料 companies 里没有这一行；stops: X2：语料 companies 里没有这一行")
    ]
    assert outcome.kept.equals(tours[1:])


def test_each_miss_of_a_row_names_its_own_corpus() -> None:
    missing = pl.DataFrame(
        [("fairs:0", "hall_id", "H9", "halls", None), ("fairs:0", "organizer_id", "Z9", "companies", None)],
        schema=["row_id", "field", "value", "target", "nearest"], orient="row",
        schema_overrides={"nearest": pl.String},
    )  # fmt: skip
    (detail,) = carry_out(FAIRS, missing, drop=True).dropped["detail"]
    assert detail == "hall_id: H9：语料 halls 里没有这一行；organizer_id: Z9：语料 companies 里没有这一行"


def test_a_long_value_is_cut_in_what_people_read(tmp_path: Path) -> None:
    fairs = pl.DataFrame({"row_id": ["fairs:1"], "organizer_id": ["长" * 5000]})
    targets: Targets = {"companies": (write(tmp_path, "companies", COMPANIES), [])}
    look_up(write(tmp_path, "fairs", fairs), targets, [ORGANIZER], tmp_path)
    outcome = carry_out(fairs, pl.read_parquet(tmp_path / "missing.parquet"), drop=True)
    assert outcome.notes is not None
    assert outcome.notes["value"].to_list() == ["长" * 200]
    assert len(outcome.dropped["detail"][0]) < 300


def test_of_many_keys_few_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curate.validate.references.MOST_COMPARED", 4)  # two values with two keys
    fairs = pl.DataFrame(
        {"row_id": [f"fairs:{n}" for n in range(3)], "organizer_id": ["C0011", "C0012", "C0013"]}
    )
    targets: Targets = {"companies": (write(tmp_path, "companies", COMPANIES), [])}
    look_up(write(tmp_path, "fairs", fairs), targets, [ORGANIZER], tmp_path)
    nearest = pl.read_parquet(tmp_path / "missing.parquet").sort("value")["nearest"].to_list()
    assert nearest == ["C001", "C001", None]


def test_keys_are_compared_as_text(tmp_path: Path) -> None:
    fairs = pl.DataFrame({"row_id": ["fairs:1", "fairs:2"], "organizer_id": ["7", "8"]})
    companies = pl.DataFrame({"row_id": ["companies:7"], "company_id": [7]})
    targets: Targets = {"companies": (write(tmp_path, "companies", companies), [])}
    look_up(write(tmp_path, "fairs", fairs), targets, [ORGANIZER], tmp_path)
    assert pl.read_parquet(tmp_path / "missing.parquet")["row_id"].to_list() == ["fairs:2"]
