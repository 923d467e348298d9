"""Validation at speed: the compiled rules against pydantic alone, on one core, over shards on disk.

``python -m benchmarks.validate [--rows N]`` ends with a line of JSON: ``rows_per_s`` and ``peak_mib`` (resident memory of a process
that does nothing else) of our validation; ``ratio_to_pydantic`` and ``ratio_to_copy`` (a plain copy of the same parquet shards by
Polars) of its time, all on one core in one run; ``disagreements``: rows on which ours and pydantic differ, in verdict or value.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import polars as pl
from pydantic import Field, TypeAdapter, ValidationError

from curate.algorithms.checksums import CREDIT_CODE_ALPHABET
from curate.types import (
    Check,
    ChineseDate,
    ChineseDateTime,
    CreditCode,
    In,
    Phone,
    References,
    Row,
    Rule,
    Text,
)
from curate.validate import Validate

SHARD = 50_000
PROVINCES = ("北京", "上海", "广东", "浙江", "江苏", "四川", "湖北", "山东")
INDUSTRIES = ("机械", "电子", "家具", "纺织", "食品", "医药", "汽车", "建材", "物流", "会展")


class Company(Row):
    """15 fields, as companies have them; all come as text, as csv gives them."""

    company_id: str = Field(pattern=r"^C\d{7}$")
    credit_code: CreditCode
    name: Text = Field(max_length=60)
    short_name: Text | None = None
    industry: Literal["机械", "电子", "家具", "纺织", "食品", "医药", "汽车", "建材", "物流", "会展"]
    province: Literal["北京", "上海", "广东", "浙江", "江苏", "四川", "湖北", "山东"]
    city: Text
    founded: ChineseDate
    capital_wan: Annotated[float, In("万元")] | None = Field(default=None, ge=0)
    employees: Annotated[int, In("人")] | None = Field(default=None, ge=1)
    introduction: Text
    phone: Phone | None = None
    parent_id: Annotated[str, References("companies")] | None = None
    licensed: ChineseDate | None = None
    updated_at: ChineseDateTime
    rules: ClassVar[tuple[Rule, ...]] = (
        Check(
            "licensed_later", "licensed >= founded", zh="发证早于成立", en="licensed before it was founded"
        ),
    )


#: column -> what a faulty row has in it; every 50th row has one fault
FAULTS: tuple[tuple[str, str | None], ...] = (
    ("company_id", "C12"), ("credit_code", "91330106MA27XL6A1X"), ("credit_code", "9133"), ("name", "  "), ("industry", "农业"), ("province", None),
    ("founded", "2026-02-30"), ("founded", "三月"), ("capital_wan", "-5"), ("capital_wan", "很多"), ("employees", "1.5"), ("employees", "0"),
    ("phone", "没有"), ("licensed", "1899-01-01"), ("updated_at", "昨天"),
)  # fmt: skip


def codes(numbers: pl.Series) -> pl.Series:
    """A valid credit code for each number."""
    import numpy as np

    digits = np.zeros((len(numbers), 18), dtype=np.int64)
    for place, mark in enumerate("91330106MA"):
        digits[:, place] = CREDIT_CODE_ALPHABET.index(mark)
    rest = numbers.to_numpy().astype(np.int64)
    for place in range(16, 9, -1):
        digits[:, place], rest = rest % 31, rest // 31
    weights = np.array([pow(3, place, 31) for place in range(17)])
    digits[:, 17] = -(digits[:, :17] @ weights) % 31
    marks = np.frombuffer(CREDIT_CODE_ALPHABET.encode(), dtype=np.uint8)[digits]
    return pl.Series([bytes(row).decode() for row in marks])


def shard(first: int, rows: int) -> pl.DataFrame:
    """Rows of text, from number ``first``; one in fifty is faulty, one in fifty says its date in Chinese, one in ten lacks values."""
    n = pl.int_range(first, first + rows, eager=True).alias("n")
    two = (n % 12 + 1).cast(pl.String).str.zfill(2)
    day = (n % 28 + 1).cast(pl.String).str.zfill(2)
    year = (1990 + n % 30).cast(pl.String)
    frame = pl.DataFrame({"n": n, "code": codes(n), "year": year, "month": two, "day": day})
    number = pl.col("n").cast(pl.String)
    iso = pl.col("year") + "-" + pl.col("month") + "-" + pl.col("day")
    chinese = pl.col("year") + "年" + pl.col("month").str.strip_chars_start("0") + "月" + pl.col("day") + "日"

    def pick(names: tuple[str, ...]) -> pl.Expr:
        return (pl.col("n") * 7 % len(names)).replace_strict(dict(enumerate(names)), return_dtype=pl.String)

    tenth = pl.col("n") % 10 == 3
    table = frame.select(
        pl.format("companies:{}", number).alias("row_id"),
        pl.lit("companies").alias("corpus"),
        (pl.lit("C") + number.str.zfill(7)).alias("company_id"),
        pl.col("code").alias("credit_code"),
        pl.format("{}第{}有限公司", pick(PROVINCES), number).alias("name"),
        pl.when(tenth).then(None).otherwise(pl.lit("第") + number).alias("short_name"),
        pick(INDUSTRIES).alias("industry"),
        pick(PROVINCES).alias("province"),
        pl.lit("市区").alias("city"),
        pl.when(pl.col("n") % 50 == 7).then(chinese).otherwise(iso).alias("founded"),
        pl.when(tenth).then(None).otherwise(pl.format("{}.5", pl.col("n") % 9000)).alias("capital_wan"),
        (pl.col("n") % 5000 + 1).cast(pl.String).alias("employees"),
        pl.format("第{}家企业，主营设备与服务，产品销往各地，设有研发中心和三条生产线。", number).alias("introduction"),
        pl.format("138****{}", (pl.col("n") % 10000).cast(pl.String).str.zfill(4)).alias("phone"),
        pl.when(tenth).then(None).otherwise(pl.lit("C") + (pl.col("n") // 2).cast(pl.String).str.zfill(7)).alias("parent_id"),
        (pl.lit("2025-") + pl.col("month") + "-" + pl.col("day")).alias("licensed"),
        (pl.lit("2026-") + pl.col("month") + "-" + pl.col("day") + " 14:30:00").alias("updated_at"),
        (pl.when(pl.col("n") % 50 == 0).then(pl.col("n") // 50 % len(FAULTS)).otherwise(-1)).alias("fault"),
    )  # fmt: skip
    return table.with_columns(
        pl.when(pl.col("fault").is_in([place for place, (name, _) in enumerate(FAULTS) if name == column]))
        .then(pl.col("fault").replace_strict({place: value for place, (name, value) in enumerate(FAULTS) if name == column}, default=None, return_dtype=pl.String))
        .otherwise(pl.col(column))
        .alias(column)
        for column in dict.fromkeys(name for name, _ in FAULTS)
    ).drop("fault")  # fmt: skip


def validate(folder: Path) -> None:
    """Ours: shard by shard from disk to disk."""
    unit = Validate()
    for file in sorted((folder / "in").glob("*.parquet")):
        outcome = unit.apply(pl.read_parquet(file), Company)
        for part in ("kept", "dropped", "notes"):
            write(getattr(outcome, part), folder / "out" / f"{part}_{file.name}")


def write(rows: pl.DataFrame, file: Path) -> None:
    rows.write_parquet(file, compression="zstd", compression_level=1)


def copy(folder: Path) -> None:
    for file in sorted((folder / "in").glob("*.parquet")):
        write(pl.read_parquet(file), folder / "out" / file.name)


def pydantic(folder: Path) -> None:
    """Pydantic alone: the whole shard as dictionaries, and again without the rows that are wrong."""
    adapter = TypeAdapter(list[Company])
    for file in sorted((folder / "in").glob("*.parquet")):
        rows = pl.read_parquet(file)
        records = rows.to_dicts()
        try:
            valid = adapter.validate_python(records)
        except ValidationError as errors:
            wrong = {error["loc"][0] for error in errors.errors(include_url=False)}
            valid = adapter.validate_python([row for place, row in enumerate(records) if place not in wrong])
        write(pl.DataFrame(adapter.dump_python(valid), infer_schema_length=None), folder / "out" / file.name)


WAYS = {"validate": validate, "copy": copy, "pydantic": pydantic}


def timed(way: str, folder: Path) -> dict[str, float]:
    """One way in a process of its own, on one core; seconds without its start."""
    code = f"from benchmarks.validate import child; child({way!r}, {str(folder)!r})"
    environment = {**os.environ, "POLARS_MAX_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def child(way: str, folder: str) -> None:
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[-1]})
    began = time.perf_counter()
    WAYS[way](Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.perf_counter() - began, "peak_mib": peak}))


def disagreements(folder: Path) -> int:
    """Rows on which ours and pydantic differ: kept by one only, or with another value."""
    unit, adapter, different = Validate(), TypeAdapter(Company), 0
    for file in sorted((folder / "in").glob("*.parquet")):
        rows = pl.read_parquet(file)
        outcome = unit.apply(rows, Company)
        ours: dict[str, dict[str, Any]] = {row["row_id"]: row for row in outcome.kept.to_dicts()}
        gone = set(outcome.dropped["row_id"])
        for row in rows.to_dicts():
            try:
                told = adapter.validate_python(row)
            except ValidationError:
                different += row["row_id"] not in gone
                continue
            mine = ours.get(row["row_id"])
            different += mine is None or any(
                mine[name] != getattr(told, name) for name in Company.model_fields
            )
    return different


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        (folder / "out").mkdir()
        for number, first in enumerate(range(0, rows, SHARD)):
            shard(first, min(SHARD, rows - first)).write_parquet(folder / "in" / f"{number:05}.parquet")
        found = {way: timed(way, folder) for way in WAYS}
        for way, told in found.items():
            print(
                f"{way:<10} {told['seconds']:8.1f} s  {rows / told['seconds']:12,.0f} rows/s  peak {told['peak_mib']:,.0f} MiB"
            )
        differ = disagreements(folder)
    ours = found["validate"]
    print(
        json.dumps(
            {
                "rows": rows,
                "rows_per_s": round(rows / ours["seconds"]),
                "seconds": round(ours["seconds"], 2),
                "peak_mib": round(ours["peak_mib"]),
                "disagreements": differ,
                "ratio_to_pydantic": round(ours["seconds"] / found["pydantic"]["seconds"], 3),
                "ratio_to_copy": round(ours["seconds"] / found["copy"]["seconds"], 2),
            }
        )
    )


if __name__ == "__main__":
    main()
