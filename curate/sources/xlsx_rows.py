"""xlsx: one sheet, every cell as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import polars as pl

from curate.errors import CurateError
from curate.language import say
from curate.sources.csv_rows import check_header
from curate.sources.opening import BATCH, Batch, File, batch


def read_xlsx(file: File) -> Iterator[Batch]:
    """A sheet is read whole: Excel's format allows a million rows at the most."""
    which: dict[str, Any] = (
        {"sheet_id": file.corpus.sheet}
        if isinstance(file.corpus.sheet, int)
        else {"sheet_name": file.corpus.sheet}
    )
    try:
        rows = pl.read_excel(file.path, engine="calamine", infer_schema_length=0, **which)
    except Exception as error:  # calamine, polars and zip each have their own
        raise CurateError(
            say(
                f"{file.path} 的工作表 {file.corpus.sheet} 读不出来：{error}",
                f"{file.path}: sheet {file.corpus.sheet} cannot be read: {error}",
            ),
            say(
                "用 Excel 打开看看；工作表不是第一张时写 sheet: 名称",
                "open it in Excel; name the sheet with sheet: NAME",
            ),
        ) from error
    numbered = [re.fullmatch(r"(.+)_\d+", name) for name in rows.columns]
    if any(found and found[1] in rows.columns for found in numbered):
        # the reader numbers the second of two equal names; only the cells themselves tell
        first = pl.read_excel(
            file.path,
            engine="calamine",
            has_header=False,
            infer_schema_length=0,
            read_options={"n_rows": 1},
            **which,
        )
        check_header(file, [name for name in first.row(0) if name])
    for part in rows.iter_slices(BATCH):
        yield batch(part)
