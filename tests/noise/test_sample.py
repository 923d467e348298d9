"""The sample for people: drawn alike whatever the order, read back whatever saved it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from curate.errors import CurateError
from curate.files import write_parquet
from curate.noise.sample import SHEET, choose_sample, read_verdicts, with_texts, write_sheet
from curate.rows import Table


def flags(flagged: int, unflagged: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "row_id": [f"news:{number}" for number in range(flagged + unflagged)],
            "corpus": ["news"] * (flagged + unflagged),
            "flags": [["mark_up"]] * flagged + [[]] * unflagged,
        },
        schema_overrides={"flags": pl.List(pl.String)},
    )


def counts(sample: pl.DataFrame) -> tuple[int, int]:
    told = dict(sample.group_by("stratum").len().iter_rows())
    return told.get("flagged", 0), told.get("unflagged", 0)


@pytest.mark.parametrize(
    ("flagged", "unflagged", "size", "drawn"),
    [(100, 900, 40, (10, 30)), (3, 900, 40, (3, 37)), (100, 5, 40, (35, 5)), (4, 6, 40, (4, 6)), (0, 9, 4, (0, 4)), (0, 0, 4, (0, 0))],
)  # fmt: skip
def test_a_quarter_is_flagged_as_far_as_there_are_rows(
    flagged: int, unflagged: int, size: int, drawn: tuple[int, int]
) -> None:
    assert counts(choose_sample(flags(flagged, unflagged), size)) == drawn


def test_the_order_of_the_rows_changes_nothing_and_a_seed_does() -> None:
    rows = flags(20, 80)
    one = choose_sample(rows, 12)
    assert choose_sample(rows.reverse(), 12)["row_id"].to_list() == one["row_id"].to_list()
    assert choose_sample(rows, 12, seed="2026'")["row_id"].to_list() != one["row_id"].to_list()


def test_a_drawn_row_stays_when_others_come() -> None:
    few, more = choose_sample(flags(0, 50), 20), choose_sample(flags(0, 60), 24)
    assert len(set(few["row_id"]) & set(more["row_id"])) >= 15


@pytest.fixture
def sample(tmp_path: Path) -> pl.DataFrame:
    rows = pl.DataFrame(
        {
            "row_id": [f"news:{n}" for n in range(6)],
            "text": ["=1+1", "展会，\n“开幕”", None, "-x", "正文", "好"],
        }
    )
    write_parquet(tmp_path / "a.parquet", rows[:4])
    write_parquet(tmp_path / "b.parquet", rows[4:])
    table = Table("news", (tmp_path / "a.parquet", tmp_path / "b.parquet"))
    return with_texts(choose_sample(flags(2, 4), 6), [table])


def judged(file: Path, verdicts: list[str]) -> pl.DataFrame:
    sheet = pl.read_csv(file, infer_schema=False)
    return sheet.with_columns(pl.Series("noisy", verdicts + [""] * (sheet.height - len(verdicts))))


def test_the_sheet_is_for_excel(sample: pl.DataFrame, tmp_path: Path) -> None:
    write_sheet(sample, tmp_path)
    data = (tmp_path / "sample.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    sheet = pl.read_csv(tmp_path / "sample.csv", infer_schema=False)
    assert sheet.columns == SHEET
    texts = dict(sheet.select("row_id", "text").iter_rows())
    assert texts["news:0"] == "'=1+1"
    assert texts["news:1"] == "展会，\n“开幕”"
    assert pl.read_parquet(tmp_path / "sample.parquet").height == 6


def test_a_sheet_that_nobody_filled_in_holds_no_verdict(sample: pl.DataFrame, tmp_path: Path) -> None:
    write_sheet(sample, tmp_path)
    assert read_verdicts(tmp_path / "sample.csv").height == 0


@pytest.mark.parametrize("kind", ["csv", "gb18030", "utf-16", "tabs", "xlsx", "parquet", "jsonl"])
def test_verdicts_are_read_from_whatever_people_saved(
    kind: str, sample: pl.DataFrame, tmp_path: Path
) -> None:
    write_sheet(sample, tmp_path)
    filled = judged(tmp_path / "sample.csv", ["是", "否", "1", " No "])
    file = tmp_path / f"judged.{ {'gb18030': 'csv', 'utf-16': 'txt', 'tabs': 'txt'}.get(kind, kind) }"
    if kind == "xlsx":
        filled.write_excel(file)
    elif kind == "parquet":
        filled.write_parquet(file)
    elif kind == "jsonl":
        filled.write_ndjson(file)
    else:
        text = filled.write_csv(separator="\t" if kind in ("tabs", "utf-16") else ",")
        file.write_bytes(text.encode(kind if kind in ("gb18030", "utf-16") else "utf-8"))
    told = read_verdicts(file)
    assert told["noisy"].to_list() == [True, False, True, False]
    assert told["row_id"].to_list() == filled["row_id"].to_list()[:4]
    assert told["version"].to_list() == filled["version"].to_list()[:4]


BROKEN = {
    "no column": ("row_id,label\na:1,是\n", "没有 noisy 列"),
    "neither yes nor no": ("row_id,noisy\na:1,是\na:2,也许\n", "第 3 行的判断“也许”看不懂"),
    "neither, behind a cell of two lines": (
        'row_id,text,noisy\na:1,"甲\n乙",是\na:2,丙,也许\n',
        "第 4 行的判断“也许”看不懂",
    ),
    "a row with a cell too many": ("row_id,noisy\na:1,是\na,2,否\n", "有 3 格，表头只有 2 格"),
    "a quote that nothing closes": ('row_id,noisy\na:1,"是\n', "引号不成对"),
    "both": ("row_id,noisy\na:1,是\na:1,否\n", "有两个相反的判断，例如 a:1"),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_sheet_that_cannot_be_used_says_why(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "judged.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CurateError, match=message):
        read_verdicts(file)


def test_the_same_verdict_twice_counts_once(tmp_path: Path) -> None:
    file = tmp_path / "judged.csv"
    file.write_text("row_id,noisy\na:1,是\na:1,yes\n", encoding="utf-8")
    assert read_verdicts(file).rows() == [("a:1", None, True)]


def test_a_row_of_a_workbook_is_told_by_its_number(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "judged.xlsx") as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate([["row_id", "noisy"], ["a:1", "是"], [], ["a:2", "也许"]]):
            sheet.write_row(number, 0, cells)
    with pytest.raises(CurateError, match="第 4 行的判断“也许”看不懂"):
        read_verdicts(tmp_path / "judged.xlsx")


def test_a_file_that_is_no_workbook_says_so(tmp_path: Path) -> None:
    (tmp_path / "judged.xlsx").write_text("no zip")
    with pytest.raises(CurateError, match=r"judged\.xlsx: 读不出来"):
        read_verdicts(tmp_path / "judged.xlsx")
