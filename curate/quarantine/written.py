"""Written: what a run set aside, as Parquet for programs and as an Excel sheet for the owner of the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from curate.errors import UsageError
from curate.files import replacing
from curate.language import say
from curate.quarantine.held import Held, held_in
from curate.quarantine.shown import MASKED, UNMASKED
from curate.quarantine.workbook import MOST_ROWS, Row, Sheet, write_workbook
from curate.returned import as_cells
from curate.run import PastRun

#: Rows of a corpus in the sheet of every run: nobody mends more by hand, and each thousand takes time.
SHEET_ROWS = 10_000
#: fields of a corpus that are told
FIELDS_TOLD = 5


@dataclass(frozen=True)
class Written:
    """A corpus. ``in_sheet``: rows of it in the sheet; ``fields``: field -> its errors, the commonest first."""

    corpus: str
    rows: int
    in_sheet: int
    fields: dict[str, int]


@dataclass(frozen=True)
class Quarantined:
    """Where the quarantined rows of a run are. ``folder``: of the Parquet files; None where only a sheet was asked for."""

    run: str
    sheet: Path
    folder: Path | None
    corpora: tuple[Written, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "run": self.run,
            "sheet": str(self.sheet),
            "folder": str(self.folder) if self.folder else None,
            "corpora": [asdict(one) for one in self.corpora],
        }

    def lines(self) -> list[str]:
        """For the terminal: how many rows, of what, where they are, and what to do next."""
        rows = sum(one.rows for one in self.corpora)
        lines = [
            say(
                f"隔离了 {rows} 行（不合数据规范）：",
                f"{rows} rows are in quarantine (against their schema):",
            )
        ]
        for one in self.corpora:
            fields = "、".join(f"{name} {count}" for name, count in islice(one.fields.items(), FIELDS_TOLD))
            rest = one.rows - one.in_sheet
            cut = (
                say(f"；表里只有前 {one.in_sheet} 行", f"; the sheet has the first {one.in_sheet}")
                if rest
                else ""
            )
            lines.append(
                say(
                    f"  {one.corpus} {one.rows} 行（{fields}{cut}）",
                    f"  {one.corpus}: {one.rows} ({fields}{cut})",
                )
            )
        return [
            *lines,
            say(f"  表格：{self.sheet}", f"  the sheet: {self.sheet}"),
            say(
                "  数据的负责人改好、存盘后：curate quarantine return 表.xlsx，再运行一次",
                "  when the owner of the data has mended it: curate quarantine return SHEET.xlsx, then run again",
            ),
        ]


def write_quarantine(run: PastRun) -> Quarantined | None:
    """Write ``quarantine/<corpus>.parquet`` (an error a row), ``<corpus>.rows.parquet`` (the rows) and ``quarantine.xlsx`` into
    the folder of a run; None where it set nothing aside.
    """
    held = held_in(run)
    if not held:
        return None
    folder = run.folder / "quarantine"
    for one in held:
        with replacing(folder / f"{one.corpus}.parquet") as temporary:
            one.errors().sink_parquet(temporary)
        _write_cells(folder / f"{one.corpus}.rows.parquet", one)
    return write_sheet(run, run.folder / "quarantine.xlsx", held, rows=SHEET_ROWS, folder=folder)


def write_sheet(
    run: PastRun,
    path: Path,
    held: list[Held] | None = None,
    *,
    corpus: str | None = None,
    unmasked: bool = False,
    rows: int = MOST_ROWS,
    folder: Path | None = None,
) -> Quarantined:
    """Write the workbook.

    Args:
        corpus: only this one.
        unmasked: show the values of the source instead of the cleaned ones; the caller asks whether that is allowed.
        rows: of each corpus at the most.

    Raises:
        UsageError: there is nothing to write, or the name is none of a workbook.
    """
    if path.suffix.lower() != ".xlsx":
        raise UsageError(
            say(f"{path.name} 不是 Excel 文件名", f"{path.name} is no name of an Excel file"),
            say("写成 表.xlsx", "give it the ending .xlsx"),
        )
    there = [one for one in (held_in(run) if held is None else held) if corpus in (None, one.corpus)]
    if not there:
        what = f" {corpus} " if corpus else ""
        raise UsageError(
            say(
                f"运行 {run.name} 没有隔离{what}的行",
                f"the run {run.name} set no row{f' of {corpus}' if corpus else ''} aside",
            ),
            say("curate quarantine show 列出隔离了什么", "curate quarantine show lists what was set aside"),
        )
    sheets = [_sheet(one, min(rows, MOST_ROWS), unmasked) for one in there]
    write_workbook(path, sheets, run.name, UNMASKED if unmasked else MASKED, _guide(run, sheets, unmasked))
    if unmasked:
        path.chmod(0o600)  # who may see it passes it on
    told = [
        Written(one.corpus, one.rows, sheet.count, fields_of(one))
        for one, sheet in zip(there, sheets, strict=True)
    ]
    return Quarantined(run.name, path, folder, tuple(told))


def fields_of(held: Held) -> dict[str, int]:
    """Heading of a field -> its errors, the commonest first."""
    counts = held.errors().group_by("field").len().sort(["len", "field"], descending=[True, False]).collect()
    found = Counter[str]()
    for field, count in counts.iter_rows():
        found[held.heading(field) or say("整行", "the row")] += count
    return dict(found.most_common())


def _write_cells(path: Path, held: Held) -> None:
    import pyarrow.parquet as pq

    writer = None
    with replacing(path) as temporary:
        for cells in held.cells():
            table = cells.to_arrow()
            writer = writer or pq.ParquetWriter(temporary, table.schema, compression="zstd")
            writer.write_table(table)
        assert writer is not None
        writer.close()


def _sheet(held: Held, rows: int, unmasked: bool) -> Sheet:
    count = min(held.rows, rows)
    return Sheet(held.corpus, held.headings, held.described, _rows(held, count, unmasked), count, held.rows)


def _rows(held: Held, count: int, unmasked: bool) -> Iterator[Row]:
    left = count
    for frame in held.cells():
        part = frame.head(left)
        left -= part.height
        if part.height:
            wrong = _wrong(held, part["row_id"])
            shown = raw_cells(held, part["row_id"].to_list()) if unmasked else part
            for row_id, *cells in shown.iter_rows():
                yield Row(row_id, cells, wrong.get(row_id, {}))
        if not left:
            return


def raw_cells(held: Held, ids: list[str]) -> pl.DataFrame:
    """``row_id`` and the columns as text, as they went into cleaning, in the order of ``ids``."""
    rows = as_cells(held.source_rows(ids, returned=True), held.columns)
    return pl.DataFrame({"row_id": ids}).join(rows, on="row_id", how="inner", maintain_order="left")


def _wrong(held: Held, ids: pl.Series) -> dict[str, dict[str, str]]:
    """Row -> column -> what is wrong, in the reader's language. A rule over several columns marks each of them."""
    told = say("zh", "en")
    errors = held.errors().filter(pl.col("row_id").is_in(ids.implode())).collect()
    found: dict[str, dict[str, str]] = {}
    for row_id, field, what in errors.select("row_id", "field", told).iter_rows():
        mine = found.setdefault(row_id, {})
        for name in (field or "").split(","):
            mine[name] = f"{mine[name]}；{what}" if name in mine else what
    return found


def _guide(run: PastRun, sheets: list[Sheet], unmasked: bool) -> list[str]:
    counts = "，".join(f"{sheet.corpus} {sheet.count} 行" for sheet in sheets)
    english = ", ".join(f"{sheet.corpus} {sheet.count}" for sheet in sheets)
    lines = [
        say(f"运行 {run.name} 隔离的数据：{counts}", f"Rows that the run {run.name} set aside: {english}"),
        say("1. 一页一份语料，一行一条记录。有问题的格子涂了颜色，把鼠标放上去看原因；“问题”一列写着这一行的全部原因。",
            "1. A sheet a corpus, a line a record. Coloured cells are wrong: their comments say why, and so does the column 问题."),
        say("2. 直接改有颜色的格子，别的格子也可以改；没改的格子不动。值写成原始数据里的样子。",
            "2. Mend the coloured cells, or any other; what you leave as it is stays so. Write values as your own data has them."),
        say("3. 不要改“行号”和隐藏的列，不要写公式（写值）。不改的行留着或删掉都行，它们仍然隔离。多加的行、列不会收。",
            "3. Leave 行号 and the hidden columns alone, and write values, no formulas. Rows that you leave or delete stay in quarantine; added ones are not taken."),
        say("4. 改好存盘（.xlsx，或每页另存为 .csv），然后在工作区里运行：",
            "4. Save it (.xlsx, or each sheet as .csv), then run in the workspace:"),
        say("   curate quarantine return 这个文件.xlsx --by 你的名字 --why \"根据合同更正\"",
            "   curate quarantine return THIS_FILE.xlsx --by YOUR_NAME --why \"corrected from the contract\""),
        say("   它会先告诉你哪些行已经合格、哪些还不行；合格的在下次 curate run 时进入数据。",
            "   It says which rows are good now and which are not yet; the good ones go in with the next curate run."),
    ]  # fmt: skip
    lines.append(
        say("这张表里是没有打码的原始值：用完请删掉。", "This file shows unmasked personal data: delete it when you are done.")
        if unmasked
        else say("个人信息显示的是打码后的值；没改的格子按原始数据处理，不会变成打码的值。",
                 "Personal data is shown masked; a cell that you leave keeps the value of the source, not the mask.")
    )  # fmt: skip
    for sheet in sheets:
        if sheet.count < sheet.total:
            rest = sheet.total - sheet.count
            lines.append(
                say(f"{sheet.corpus} 还有 {rest} 行没有放进来，全部在 runs/{run.name}/quarantine/{sheet.corpus}.rows.parquet；"
                    f"写出全部：curate quarantine write 表.xlsx --corpus {sheet.corpus}",
                    f"{sheet.corpus}: {rest} more rows are not in it; all are in runs/{run.name}/quarantine/{sheet.corpus}.rows.parquet; "
                    f"curate quarantine write SHEET.xlsx --corpus {sheet.corpus} writes them")
            )  # fmt: skip
    return lines
