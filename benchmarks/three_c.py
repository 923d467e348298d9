"""The 3C report over many rows: time, memory, and whether what was planted is found to the row.

``python -m benchmarks.three_c [--rows N]`` ends with a line of JSON: ``seconds`` and ``peak_mib`` (``VmHWM`` of a process that does
nothing else), ``ratio_to_copy``: times a plain copy of the same parquet shards by Polars, in a process of its own of the same run;
``mistakes``: figures that differ from what was planted (contradictions, invalid codes, alias terms, empty cells).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.validate import codes
from curate.files import write_parquet
from curate.rows import Table
from curate.three_c import ThreeC

SHARD = 50_000
INDUSTRIES = tuple(f"行业{number:02}" for number in range(40))
PROVINCES = (
    "北京市", "天津市", "河北省", "山西省", "辽宁省", "吉林省", "上海市", "江苏省", "浙江省", "安徽省", "福建省", "江西省", "山东省", "河南省",
    "湖北省", "湖南省", "广东省", "海南省", "重庆市", "四川省", "贵州省", "云南省", "陕西省", "甘肃省", "青海省",
)  # fmt: skip
#: Of every twenty rows the last is a second row of the entity before it; of every hundred one has another name, one a broken code.
TWICE, OTHER_NAME, BROKEN, ALIAS = 20, 100, 100, 10
TERMS = "标准词,别名\n展览会,展会|展销会\n标准展位,标摊\n观众,参观者\n"


def shard(first: int, rows: int) -> pl.DataFrame:
    n = pl.int_range(first, first + rows, eager=True).alias("n")
    entity = n - (n % TWICE == TWICE - 1).cast(pl.Int64)
    frame = pl.DataFrame({"n": n, "entity": entity, "code": codes(entity)})

    def pick(names: tuple[str, ...], of: pl.Expr) -> pl.Expr:
        return of.replace_strict(dict(enumerate(names)), return_dtype=pl.String)

    other = pl.col("n") % OTHER_NAME == OTHER_NAME - 1
    # 行业 with odd numbers are never in provinces with odd numbers
    industry, province = pl.col("n") % len(INDUSTRIES), pl.col("n") // len(INDUSTRIES) % len(PROVINCES)
    return frame.select(
        pl.format("companies:{}", "n").alias("row_id"),
        pl.lit("companies").alias("corpus"),
        pl.col("code").alias("credit_code"),
        pl.when(pl.col("n") % BROKEN == 50).then(pl.lit("9133")).otherwise("code").alias("code"),
        pl.when(other).then(pl.format("另一家{}", "n")).otherwise(pl.format("第{}展览有限公司", "entity")).alias("name"),
        pick(PROVINCES, pl.when((industry % 2 == 1) & (province % 2 == 1)).then(0).otherwise(province)).alias("province"),
        pick(INDUSTRIES, industry).alias("industry"),
        (pl.date(1990, 1, 1) + pl.duration(days=pl.col("n") % 12_000)).alias("founded"),
        pl.format("https://www.example{}.com/", pl.col("n") % 100_000).alias("website"),
        pl.format(
            "第{}家企业参加{}，搭建标准展位三个，主营设备与服务，产品销往各地，设有研发中心和三条生产线。往届观众反响很好，"
            "公司计划明年扩大面积，继续在会上发布新品，并邀请上下游的合作伙伴到场交流。",
            "n", pl.when(pl.col("n") % ALIAS == 0).then(pl.lit("展会")).otherwise(pl.lit("展览会")),
        ).alias("text"),
    )  # fmt: skip


def section(folder: Path) -> ThreeC:
    terms = folder / "terms.csv"
    terms.write_text(TERMS, encoding="utf-8")
    return ThreeC.model_validate(
        {
            "consistency": {
                "glossary": str(terms),
                "codes": {
                    "companies": {
                        "code": "credit_code",
                        "website": "url",
                        "province": "division",
                        "founded": "date",
                    }
                },
                "same": {
                    "companies": {"entity": ["credit_code"], "fields": ["name", "website", "founded", "text"]}
                },
            },
            "coverage": {
                "by": {"companies": ["industry", "province", {"month": "founded"}]},
                "long_tail": {"corpus": "companies", "column": "industry"},
                "matrix": {"corpus": "companies", "rows": "industry", "columns": "province"},
            },
        }
    )


def mistakes(metrics: dict[str, Any], rows: int) -> list[str]:
    """The figures that are not those that were planted."""
    consistency, [matrix] = metrics["consistency"], metrics["coverage"]["matrix"]
    [same] = consistency["same"]
    planted = {
        "alias": (consistency["glossary"]["alias"], -(-rows // ALIAS)),
        "canonical": (consistency["glossary"]["canonical"], 3 * rows - -(-rows // ALIAS)),
        "invalid": (consistency["codes"][0]["invalid"], rows // BROKEN),
        "entities": (same["entities"], rows // TWICE),
        "other name": (same["fields"][0]["contradicting"], rows // OTHER_NAME),
        "empty cells": (matrix["empty"], len(INDUSTRIES) // 2 * (len(PROVINCES) // 2)),
        "rows": (metrics["rows"], rows),
    }
    return [f"{name}: {found}, planted {truth}" for name, (found, truth) in planted.items() if found != truth]


def child(what: str, folder: Path, rows: int) -> None:
    """One thing in a process of its own, told as a line of JSON."""
    shards = tuple(sorted((folder / "in").glob("*.parquet")))
    unit = section(folder)
    start = time.perf_counter()
    told: dict[str, Any] = {}
    if what == "copy":
        for file in shards:
            write_parquet(folder / "out" / file.name, pl.read_parquet(file))
    else:
        tables = {"companies": Table("companies", shards)}
        (folder / "measured").mkdir()
        metrics = unit.measure(tables, tables, None, folder / "measured")["metrics"]
        told["mistakes"] = mistakes(metrics, rows)
    told["seconds"] = time.perf_counter() - start
    [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    print(json.dumps(told | {"peak": int(peak.split()[1]) / 1024}))


def run(what: str, folder: Path, rows: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.three_c", "--child", what, "--folder", str(folder)]
    done = subprocess.run([*command, "--rows", str(rows)], check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000, help="a multiple of 1000")
    parser.add_argument("--child", choices=["copy", "measure"])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.folder, options.rows)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, first in enumerate(range(0, options.rows, SHARD)):
            rows = min(SHARD, options.rows - first)
            write_parquet(folder / "in" / f"{number:05}.parquet", shard(first, rows))
        copy, measured = run("copy", folder, options.rows), run("measure", folder, options.rows)
    print("| what | seconds | peak MiB |\n|---|---|---|")
    for label, told in (("Polars read_parquet, write_parquet", copy), ("curate: three_c", measured)):
        print(f"| {label} | {told['seconds']:.1f} | {told['peak']:.0f} |")
    print(
        json.dumps(
            {
                "rows": options.rows,
                "seconds": round(measured["seconds"], 2),
                "rows_per_s": round(options.rows / measured["seconds"]),
                "peak_mib": round(measured["peak"]),
                "copy_peak_mib": round(copy["peak"]),
                "ratio_to_copy": round(measured["seconds"] / copy["seconds"], 1),
                "mistakes": measured["mistakes"],
            },
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    main()
