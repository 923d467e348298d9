"""The sample that people judge: drawn from all rows, written as a sheet, read back with their verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from curate.errors import CurateError, Problem
from curate.files import replacing, write_parquet
from curate.language import say
from curate.rows import Table
from curate.sql import ask
from curate.term_files import csv_rows, xlsx_rows

#: Of the sample a quarter are rows that rules flag, though they are few: they tell what the rules are worth.
FLAGGED_SHARE = 0.25
#: Characters of a text that the sheet shows.
SHOWN = 2_000
SHEET = ["row_id", "corpus", "flags", "text", "version", "noisy", "note"]
YES = {"是", "有", "脏", "y", "yes", "true", "1", "1.0", "√", "✓", "noisy"}
NO = {"否", "无", "净", "不是", "没有", "n", "no", "false", "0", "0.0", "×", "clean"}


def choose_sample(flags: pl.DataFrame, size: int, seed: str = "") -> pl.DataFrame:
    """Rows for people to judge: of each stratum those whose row_id has the smallest MD5, so that a row stays in the sample
    when others come or the order changes.

    Args:
        flags: ``row_id``, ``corpus``, ``flags`` (list of names) of all rows.

    Returns:
        ``row_id, corpus, flags, stratum``, flagged rows first.
    """
    marked = flags.with_columns(
        stratum=pl.when(pl.col("flags").list.len() > 0).then(pl.lit("flagged")).otherwise(pl.lit("unflagged"))
    )
    drawn = ask(
        f"""SELECT row_id, row_number() OVER (PARTITION BY stratum ORDER BY md5('{seed.replace("'", "''")}' || row_id), row_id) AS turn
            FROM rows""",
        rows=marked.select("row_id", "stratum"),
    )
    flagged = marked.filter(pl.col("stratum") == "flagged").height
    own = min(flagged, round(size * FLAGGED_SHARE))
    rest = min(marked.height - flagged, size - own)
    own = min(flagged, size - rest)
    most = pl.when(pl.col("stratum") == "flagged").then(own).otherwise(rest)
    chosen = marked.join(drawn, on="row_id", maintain_order="left").filter(pl.col("turn") <= most)
    return chosen.sort("stratum", "turn").drop("turn")


def with_texts(chosen: pl.DataFrame, tables: Sequence[Table]) -> pl.DataFrame:
    """The sample with ``text`` and ``version``: the first half of the text's MD5, so that a verdict counts only for the
    text that was judged.
    """
    ids = chosen["row_id"].implode()
    found = pl.concat(
        pl.scan_parquet(shard).filter(pl.col("row_id").is_in(ids)).select("row_id", "text").collect()
        for table in tables
        for shard in table.shards
    )
    texts = ask(
        "SELECT row_id, text, substr(md5(coalesce(text, '')), 1, 16) AS version FROM rows", rows=found
    )
    return chosen.join(texts, on="row_id", how="left", maintain_order="left")


def write_sheet(sample: pl.DataFrame, folder: Path) -> None:
    """``sample.parquet``, and ``sample.csv`` for people: they write 是 or 否 into ``noisy``."""
    write_parquet(folder / "sample.parquet", sample)
    text = pl.col("text").fill_null("").str.slice(0, SHOWN)
    sheet = sample.select(
        "row_id",
        "corpus",
        pl.col("flags").list.join(" "),
        # Excel takes what begins so for a formula
        pl.when(text.str.contains(r"^[=+\-@\t]")).then("'" + text).otherwise(text).alias("text"),
        "version",
        pl.lit("").alias("noisy"),
        pl.lit("").alias("note"),
    ).select(SHEET)
    with replacing(folder / "sample.csv") as temporary:
        sheet.write_csv(temporary, include_bom=True)


def read_verdicts(file: Path) -> pl.DataFrame:
    """``row_id``, ``version`` (null where the file has none), ``noisy``; rows that nobody judged are left out.

    The file is the sheet as Excel saves it (csv in any encoding, text with tabs, xlsx), parquet, or jsonl.

    Raises:
        CurateError: the file cannot be read, columns are missing, a verdict is neither yes nor no, a row has two that differ.
    """
    told = _read(file)
    missing = [name for name in ("row_id", "noisy") if name not in told.columns]
    if missing:
        raise CurateError(
            say(f"{file} 没有 {'、'.join(missing)} 列", f"{file} has no column {', '.join(missing)}"),
            say(
                "用 sample.csv 的表头，判断写在 noisy 列",
                "keep the header of sample.csv; verdicts go into noisy",
            ),
        )
    word = pl.col("noisy").cast(pl.String).str.strip_chars().str.to_lowercase()
    version = pl.col("version") if "version" in told.columns else pl.lit(None)
    judged = told.select(
        "line", "row_id", version.cast(pl.String).alias("version"), word.alias("word"),
        pl.when(word.is_in(YES)).then(True).when(word.is_in(NO)).then(False).alias("noisy"),
    ).filter(pl.col("word").fill_null("") != "")  # fmt: skip
    odd = judged.filter(pl.col("noisy").is_null())
    if odd.height:
        line, value = odd.select("line", "word").row(0)
        raise CurateError(
            say(
                f"{file} 第 {line} 行的判断“{value}”看不懂",
                f"{file}, row {line}: the verdict {value!r} is neither yes nor no",
            ),
            say("有噪声写“是”，没有写“否”，没看的留空", "write yes or no, or nothing where nobody looked"),
        )
    twice = judged.group_by("row_id", maintain_order=True).agg(pl.col("noisy").n_unique() > 1).filter("noisy")
    if twice.height:
        raise CurateError(
            say(
                f"{file} 对 {twice.height} 行有两个相反的判断，例如 {twice['row_id'][0]}",
                f"{file} says both of {twice.height} rows, such as {twice['row_id'][0]}",
            ),
            say("每行只留一个判断", "keep one verdict a row"),
        )
    return judged.select("row_id", "version", "noisy").unique("row_id", keep="first", maintain_order=True)


def _read(file: Path) -> pl.DataFrame:
    """The sheet with ``line``: where each row stands in it."""
    kind = file.suffix.lower()
    if kind == ".parquet":
        return pl.read_parquet(file).with_row_index("line", offset=1)
    if kind in (".jsonl", ".json"):
        return pl.read_ndjson(file).with_row_index("line", offset=1)
    problems: list[Problem] = []
    read = xlsx_rows if kind in (".xlsx", ".xls") else csv_rows
    rows = [{**row, "line": line} for line, row in read(str(file), problems)]
    if problems:
        raise CurateError("\n".join(map(str, problems)))
    nothing = dict.fromkeys(("line", "row_id", "noisy"), pl.String)
    return pl.DataFrame(rows, schema=None if rows else nothing, infer_schema_length=None)
