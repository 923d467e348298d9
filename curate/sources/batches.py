"""Readers: a file becomes batches of rows, and what could not be read as a row.

Rows of text formats are all strings: types come from the schema, so that 00123 stays 00123, and so that a
column that is a number here and a word there cannot break a run. An empty cell is null.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import polars as pl

from curate.algorithms.encoding import MARK, UNDECODABLE, best_encoding
from curate.errors import CurateError
from curate.language import say
from curate.sources.corpus import FORMATS, Corpus, Format

#: rows a batch; several batches make a shard
BATCH = 5_000
#: bytes of lines a batch
BATCH_BYTES = 16 << 20
#: a file in which more than this share of the characters does not decode is not text in that encoding
MAX_UNDECODABLE = 0.001

NEWLINE = "\n"

BAD = {"line": pl.Int64, "reason": pl.String, "detail": pl.String, "text": pl.String}


@dataclass(frozen=True)
class Batch:
    """``rows``: the file's own columns. ``bad``: line (1-based), reason, detail, raw text."""

    rows: pl.DataFrame
    bad: pl.DataFrame


def batches(path: Path, corpus: Corpus) -> Iterator[Batch]:
    """The rows of one file.

    Raises:
        CurateError: the file as a whole can't be read (encoding, sheet, damaged archive).
    """
    reader = {"csv": _csv, "xlsx": _xlsx, "jsonl": _jsonl, "parquet": _parquet, "text": _text}
    yield from reader[format_of(path, corpus)](path, corpus)


def format_of(path: Path, corpus: Corpus) -> Format:
    if corpus.format:
        return corpus.format
    ending = next((suffix for suffix in reversed(path.suffixes) if suffix != ".gz"), "")
    if ending.lower() not in FORMATS:
        raise CurateError(
            say(f"看不出 {path} 是什么格式", f"the format of {path} is unknown"),
            say(
                "在语料下写 format: csv（或 xlsx、jsonl、parquet、text）",
                "say format: csv (or xlsx, jsonl, parquet, text) in its corpus",
            ),
        )
    return FORMATS[ending.lower()]


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _blocks(path: Path) -> Iterator[bytes]:
    with _open(path) as file:
        while block := file.read(1 << 20):
            yield block


def encoding_of(path: Path, corpus: Corpus) -> str:
    """The corpus's declared encoding, else the one in which the file decodes (best)."""
    if corpus.encoding:
        # the mark is no text, whether the recipe knows of it or not
        return "utf-8-sig" if corpus.encoding == "utf-8" else corpus.encoding
    with _whole(path), _open(path) as file:
        encoding, errors, characters = best_encoding(file.read(4), iter(lambda: _blocks(path), None))
    if errors > max(5, characters * MAX_UNDECODABLE) and format_of(path, corpus) != "text":
        raise CurateError(
            say(
                f"{path} 既不是 UTF-8 也不是 GB18030（按 {encoding} 有 {errors} 处解不出来）",
                f"{path} is neither UTF-8 nor GB18030 ({errors} places do not decode as {encoding})",
            ),
            say(
                "在语料下写明 encoding，例如 encoding: big5",
                "name its encoding in the corpus, such as encoding: big5",
            ),
        )
    return encoding


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """What a damaged archive or disk raises, as an error for people."""
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        raise CurateError(
            say(f"{path} 读不出来：{error}", f"{path} cannot be read: {error}"),
            say("文件可能没有传完整，请重新取一份", "the file may be cut short; fetch it again"),
        ) from error


@contextmanager
def _text_of(path: Path, corpus: Corpus) -> Iterator[IO[str]]:
    encoding = encoding_of(path, corpus)
    with (
        _whole(path),
        _open(path) as file,
        io.TextIOWrapper(file, encoding=encoding, errors=MARK, newline="") as text,
    ):
        yield text


def _bad(rows: list[tuple[int, str, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=BAD, orient="row")


def _undecodable(path: Path, line: int, raw: str) -> tuple[int, str, str, str]:
    shown = raw.replace(UNDECODABLE, "�")
    where = say(
        f"{path.name} 第 {line} 行有解不出来的字节", f"{path.name} line {line} has bytes that do not decode"
    )
    return line, "undecodable", where, shown


def _csv(path: Path, corpus: Corpus) -> Iterator[Batch]:
    csv.field_size_limit(1 << 28)
    with _text_of(path, corpus) as file:
        first = file.readline()
        file.seek(0)
        delimiter = max("\t;|,", key=first.count)
        reader = csv.reader(file, delimiter=delimiter)
        header = [name.strip().lstrip("\ufeff") for name in next(reader, [])]
        _check_header(path, header)
        lines = _numbered(reader, reader.line_num + 1, path, corpus)
        while rows := list(islice(lines, BATCH)):
            bad: list[tuple[int, str, str, str]] = []
            good: list[list[str]] = []
            for line, row, whole in rows:
                if not whole:
                    told = say(
                        f"{path.name} 第 {line} 行的引号没有闭合，后面 {row[-1].count(NEWLINE)} 行都被它吞掉了",
                        f"{path.name} line {line} opens a quote that nothing closes; it swallows the "
                        f"{row[-1].count(NEWLINE)} lines behind it",
                    )
                    bad.append((line, "unclosed_quote", told, delimiter.join(row).replace(UNDECODABLE, "�")))
                elif len(row) != len(header):
                    told = say(
                        f"{path.name} 第 {line} 行有 {len(row)} 格，表头有 {len(header)} 格",
                        f"{path.name} line {line} has {len(row)} cells, the header {len(header)}",
                    )
                    bad.append(
                        (line, "wrong_cell_count", told, delimiter.join(row).replace(UNDECODABLE, "�"))
                    )
                elif any(UNDECODABLE in cell for cell in row):
                    bad.append(_undecodable(path, line, delimiter.join(row)))
                else:
                    good.append(row)
            frame = pl.DataFrame(good, schema=dict.fromkeys(header, pl.String), orient="row")
            yield Batch(frame, _bad(bad))


def _numbered(
    reader: Any, file_line: int, path: Path, corpus: Corpus
) -> Iterator[tuple[int, list[str], bool]]:
    """(the physical line on which it starts, the record, is it whole). A quoted cell may span several lines;
    blank lines are no records. Only the last record can lack a closing quote.
    """
    last: tuple[int, list[str]] | None = None
    for row in reader:
        if row:
            if last:
                yield (*last, True)
            last = file_line, row
        file_line = reader.line_num + 1
    if last:
        yield (*last, NEWLINE not in last[1][-1] or _closed(path, corpus, last[0], reader.dialect.delimiter))


def _closed(path: Path, corpus: Corpus, line: int, delimiter: str) -> bool:
    """Does the record that starts on ``line`` close its quotes? The reader itself does not tell."""
    with _text_of(path, corpus) as file:
        try:
            for _ in csv.reader(islice(file, line - 1, None), delimiter=delimiter, strict=True):
                pass
        except csv.Error as error:
            return "unexpected end" not in str(error)
    return True


def _check_header(path: Path, header: list[str]) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if not header or twice:
        raise CurateError(
            say(f"{path} 没有表头", f"{path} has no header line")
            if not header
            else say(f"{path} 的表头里 {twice[0]} 出现了两次", f"{path}: the header has {twice[0]!r} twice"),
            say("第一行写列名，各不相同", "the first line holds the column names, all different"),
        )


def _xlsx(path: Path, corpus: Corpus) -> Iterator[Batch]:
    """A sheet is read whole: Excel's format allows a million rows at the most."""
    which: dict[str, Any] = (
        {"sheet_id": corpus.sheet} if isinstance(corpus.sheet, int) else {"sheet_name": corpus.sheet}
    )
    try:
        rows = pl.read_excel(path, engine="calamine", infer_schema_length=0, **which)
    except Exception as error:  # calamine, polars and zip each have their own
        raise CurateError(
            say(
                f"{path} 的工作表 {corpus.sheet} 读不出来：{error}",
                f"{path}: sheet {corpus.sheet} cannot be read: {error}",
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
            path,
            engine="calamine",
            has_header=False,
            infer_schema_length=0,
            read_options={"n_rows": 1},
            **which,
        )
        _check_header(path, [name for name in first.row(0) if name])
    for part in rows.iter_slices(BATCH):
        yield Batch(part, _bad([]))


def _jsonl(path: Path, corpus: Corpus) -> Iterator[Batch]:
    from curate.sql import ask

    number = 0
    with _text_of(path, corpus) as file:
        while lines := file.readlines(BATCH_BYTES):
            for start in range(0, len(lines), BATCH):
                part = pl.DataFrame(
                    {"line": pl.Series(lines[start : start + BATCH], dtype=pl.String)}
                ).with_row_index("number", offset=number + start + 1)
                part = part.filter(pl.col("line").str.strip_chars() != "")
                if part.is_empty():
                    continue
                checked = ask(
                    """SELECT number::BIGINT AS number, line,
                              CASE WHEN json_valid(line) AND json_type(line) = 'OBJECT' THEN json_keys(line) END AS keys,
                              coalesce(len(keys) > 0, false) AS good
                       FROM part ORDER BY number""",
                    part=part,
                )
                undecodable = pl.col("line").str.contains(UNDECODABLE, literal=True)
                good = checked.filter(pl.col("good") & ~undecodable)
                bad = [
                    _undecodable(path, line, raw)
                    if UNDECODABLE in raw
                    else (
                        line,
                        "bad_json",
                        say(
                            f"{path.name} 第 {line} 行不是完整的 JSON 对象",
                            f"{path.name} line {line} is not a JSON object",
                        ),
                        raw.rstrip(),
                    )
                    for line, raw in checked.filter(~pl.col("good") | undecodable)
                    .select("number", "line")
                    .iter_rows()
                ]
                yield Batch(_objects(good), _bad(bad))
            number += len(lines)


def _objects(lines: pl.DataFrame) -> pl.DataFrame:
    """JSON objects as columns of text; a nested value stays JSON."""
    import json

    from curate.sql import ask

    names = list(dict.fromkeys(lines["keys"].explode().drop_nulls().to_list()))
    if not names:
        return pl.DataFrame()
    if "" in names or len({name.lower() for name in names}) < len(names):
        # DuckDB's structs know no empty name and don't tell ID from id
        objects = [json.loads(line) for line in lines["line"]]
        return pl.DataFrame(
            {name: [_as_text(found.get(name)) for found in objects] for name in names},
            schema=dict.fromkeys(names, pl.String),
        )
    shape = json.dumps(dict.fromkeys(names, "VARCHAR"), ensure_ascii=False).replace("'", "''")
    found = ask(
        f"SELECT from_json(line, '{shape}') AS value FROM rows ORDER BY number", rows=lines.drop("keys")
    )
    return found["value"].struct.unnest()


def _as_text(value: Any) -> str | None:
    import json

    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _parquet(path: Path, _corpus: Corpus) -> Iterator[Batch]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise CurateError(
            say(f"{path} 不是完整的 parquet 文件：{error}", f"{path} is not a whole parquet file: {error}"),
            say("重新导出这个文件", "export the file again"),
        ) from error
    with file:
        for batch in file.iter_batches(BATCH):
            rows = pl.from_arrow(pa.Table.from_batches([batch]))
            assert isinstance(rows, pl.DataFrame)
            yield Batch(rows.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String)), _bad([]))


def _text(path: Path, corpus: Corpus) -> Iterator[Batch]:
    """One document a file: ``file`` (its name without the ending), ``title`` (its first line) and ``text``. A first
    line that is a Markdown heading is no part of the text.
    """
    with _text_of(path, corpus) as file:
        whole = file.read()
    if UNDECODABLE in whole:
        place = whole[: whole.index(UNDECODABLE)].count("\n") + 1
        yield Batch(pl.DataFrame(), _bad([_undecodable(path, place, whole)]))
        return
    first, _, rest = whole.lstrip("\r\n\ufeff").partition("\n")
    text = rest.strip() if first.startswith("#") else whole
    title = first.lstrip("#").strip() or path.stem
    stem = Path(path.name.removesuffix(".gz")).stem
    yield Batch(pl.DataFrame({"file": [stem], "title": [title], "text": [text]}), _bad([]))
