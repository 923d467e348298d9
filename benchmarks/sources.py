"""How fast files become rows, beside Polars' own ``scan_csv`` → ``sink_parquet`` of the same csv.

The rows are invented on the spot. Each format is read in a process of its own, through the readers that a run uses, with
the encoding and the delimiter found by themselves; its peak memory is that process's. ``--small`` files hold a row each.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import polars as pl

from curate.cache import Cache
from curate.options import files_of
from curate.sources import Corpus, read
from curate.sources.batches import batches, files

WORDS = [
    "上海",
    "国际",
    "展会",
    "汽车",
    "新能源",
    "家具",
    "有限公司",
    "科技",
    "发展",
    "中心",
    "广州",
    "深圳",
    "会议",
    "论坛",
    "展位",
    "面积",
    "平方米",
    "参展商",
]
FORMATS = ("csv", "gb18030.csv", "csv.gz", "csv.zst", "jsonl", "json", "sqlite", "xlsx")
#: Excel is slow to write; its rows are fewer
XLSX_ROWS = 100_000


def invented(rows: int) -> pl.DataFrame:
    """Companies: every third introduction holds commas, every tenth line breaks."""
    chance = random.Random(5)

    def words(count: int) -> str:
        return "".join(chance.choices(WORDS, k=count))

    marks = {0: "，", 1: ",", 2: "。"}
    return pl.DataFrame(
        {
            "id": [str(number) for number in range(rows)],
            "name": [words(4) for _ in range(rows)],
            "city": [chance.choice(WORDS) for _ in range(rows)],
            "phone": [f"138{number:08}" for number in range(rows)],
            "intro": [
                f"{words(8)}{marks[n % 3]}{words(8)}" + ("\n" + words(3)) * (n % 10 == 0) for n in range(rows)
            ],
        }
    )


def write(folder: Path, rows: int) -> None:
    import pyarrow as pa
    import xlsxwriter

    table = invented(rows)
    table.write_csv(folder / "csv")
    plain = (folder / "csv").read_bytes()
    (folder / "gb18030.csv").write_bytes(plain.decode().encode("gb18030"))
    (folder / "csv.gz").write_bytes(gzip.compress(plain, 6))
    (folder / "csv.zst").write_bytes(pa.compress(plain, codec="zstd", asbytes=True))
    table.write_ndjson(folder / "jsonl")
    table.write_json(folder / "json")
    with closing(sqlite3.connect(folder / "sqlite")) as connection:
        connection.execute(f"CREATE TABLE companies ({', '.join(table.columns)})")
        connection.executemany("INSERT INTO companies VALUES (?, ?, ?, ?, ?)", table.iter_rows())
        connection.commit()
    with xlsxwriter.Workbook(folder / "xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([table.columns, *table.head(XLSX_ROWS).iter_rows()]):
            sheet.write_row(place, 0, row)
    for form in FORMATS:
        (folder / form).rename(folder / (form if form == "gb18030.csv" else f"a.{form}"))


def one(path: Path) -> dict[str, float]:
    """Read a file, or copy it by Polars alone (``peer``); seconds, rows and the process's peak memory."""
    start = time.perf_counter()
    if path.name == "peer":
        pl.scan_csv(path.parent / "a.csv", infer_schema=False).sink_parquet(path.parent / "peer.parquet")
        rows = 0
    elif path.is_dir():
        corpus = Corpus(path="*.jsonl")
        rows = read(
            corpus, "c", files_of(path, "*.jsonl"), Cache(path / f"runs{os.getpid()}"), "0" * 64, 50_000
        ).kept
    else:
        rows = sum(batch.rows.height for file in files(Corpus(path="x"), [path]) for batch in batches(file))
    taken = time.perf_counter() - start
    # not ru_maxrss: it holds the peak of the parent, too
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return {"seconds": taken, "rows": rows, "peak_mib": int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024}


def measured(path: Path, times: int = 2) -> dict[str, float]:
    """The quickest of so many processes: the machine does other things, too."""
    return min((_process(path) for _ in range(times)), key=lambda told: told["seconds"])


def _process(path: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.sources", "--one", str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def lines(folder: Path, rows: int, small: int) -> Iterator[tuple[str, dict[str, float]]]:
    write(folder, rows)
    for number in range(small):
        (folder / "small").mkdir(exist_ok=True)
        text = json.dumps({"id": number, "text": WORDS[number % len(WORDS)]}, ensure_ascii=False)
        (folder / "small" / f"{number:06}.jsonl").write_text(text + "\n", encoding="utf-8")
    measured(folder / "a.csv")  # compiles what is not compiled yet
    yield "peer", measured(folder / "peer")
    for path in [
        *(folder / (form if form == "gb18030.csv" else f"a.{form}") for form in FORMATS),
        folder / "small",
    ]:
        unpacked = folder / "a.csv" if path.suffix in (".gz", ".zst") else path
        yield path.name, measured(path) | {"bytes": unpacked.stat().st_size}


def main() -> None:
    """Print a line a format, and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--small", type=int, default=10_000, help="small files")
    parser.add_argument("--one", type=Path)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one)))
        return
    with tempfile.TemporaryDirectory() as made:
        found = dict(lines(Path(made), options.rows, options.small))
        size = (Path(made) / "a.csv").stat().st_size / 1e6
    print(
        f"{options.rows:,} rows, {size:.0f} MB as csv; Polars alone, csv to parquet: {found['peer']['seconds']:.2f} s"
    )
    print(f"{'':14}{'rows/s':>12}{'MB/s':>9}{'times Polars':>14}{'peak MiB':>10}")
    peer = found.pop("peer")["seconds"]
    small = found.pop("small")
    for name, told in found.items():
        told["ratio"] = told["seconds"] / peer * (options.rows / told["rows"])
        speed, megabytes = told["rows"] / told["seconds"], told["bytes"] / 1e6 / told["seconds"]
        print(f"{name:14}{speed:>12,.0f}{megabytes:>9.0f}{told['ratio']:>14.1f}{told['peak_mib']:>10.0f}")
    per_file = small["seconds"] / options.small * 1000
    print(f"{options.small:,} small files: {per_file:.2f} ms a file, {small['peak_mib']:.0f} MiB")
    csv = found["a.csv"]
    print(
        json.dumps(
            {
                "rows": options.rows,
                "csv_ratio": round(csv["ratio"], 2),
                "csv_mb_per_s": round(csv["bytes"] / 1e6 / csv["seconds"], 1),
                "gb18030_ratio": round(found["gb18030.csv"]["ratio"], 2),
                "peak_mib": round(max(told["peak_mib"] for name, told in found.items() if name != "a.xlsx")),
                "small_file_ms": round(per_file, 2),
            }
        )
    )


if __name__ == "__main__":
    main()
