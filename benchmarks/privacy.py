"""k-anonymity of a million visitors: time, memory, and what is lost, against plain Datafly on the same rows.

``python -m benchmarks.privacy --rows 1000000`` prints a table and ends with one JSON line. Rows are invented: ages of a fair, cities and titles by
Zipf's law, a day of registration in one year, and remarks of which one in fifty gives its row away. The work runs in a process of its own, through the same
cache and accounting as a run; ``peak_mib`` is its ``VmHWM``, imports included. Datafly (Sweeney 1997) generalises the column with the most
distinct values until few enough rows are in short classes; it is weighed by the same loss.
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

ROOT = Path(__file__).parents[1]
SHARD = 50_000
QUASI: dict[str, Any] = {
    "age": {"bands": [5, 10, 20], "within": [14, 100]},
    "city": {"division": ["province", "region"]},
    "title": "suppress",
    "registered": {"dates": ["month", "quarter", "year"]},
}


def write_rows(rows: int, folder: Path, seed: int = 8) -> None:
    import numpy as np
    import polars as pl

    from curate.algorithms.place_names import divisions

    random = np.random.default_rng(seed)
    cities = [name for code, name in divisions() if len(code) == 4]
    titles = [f"{what}{role}" for what in ("采购", "销售", "市场", "技术", "行政", "品牌", "生产", "供应链") for role in ("总监", "经理", "主管", "专员", "助理")]  # fmt: skip

    def zipf(values: list[str], size: int) -> list[str]:
        weight = 1 / np.arange(1, len(values) + 1) ** 1.1
        return [values[at] for at in random.choice(len(values), size, p=weight / weight.sum())]

    for number, start in enumerate(range(0, rows, SHARD)):
        size = min(SHARD, rows - start)
        ids = [f"V{start + at:07}" for at in range(size)]
        age = np.clip(random.normal(38, 11, size), 16, 88).astype(int)
        day = random.integers(0, 365, size)
        remark = [
            f"我今年{years}岁，想看设备" if at % 50 == 0 else "想了解烫金模切机的价格区间"
            for at, years in enumerate(age)
        ]
        pl.DataFrame(
            {
                "row_id": [f"visitors:{one}" for one in ids], "corpus": "visitors", "cluster_id": ids, "copies": 1, "visitor_id": ids,
                "name": [f"观众{one}" for one in ids], "age": age, "city": zipf(cities, size), "title": zipf(titles, size),
                "registered": np.datetime64("2026-01-01") + day, "interests": zipf(["家居", "电子", "汽车", "食品", "医药", "宠物"], size), "remark": remark,
            }
        ).with_columns(text=pl.format("{}：{}", "name", "remark")).write_parquet(folder / f"{number:05d}.parquet")  # fmt: skip


def datafly(lattice: Any) -> tuple[int, ...]:
    """The node that greedy generalisation ends at."""
    import numpy as np

    node = tuple(0 for _ in lattice.columns)
    while True:
        classes = lattice.classes(node)
        if (
            int(classes.counts[lattice.short(node, classes)].sum()) <= lattice.most_short
            or node == lattice.top
        ):
            return node
        kinds = [
            len(np.unique(column.codes[level][classes.values[:, at]])) if level < column.height else 0
            for at, (column, level) in enumerate(zip(lattice.columns, node, strict=True))
        ]
        at = int(np.argmax(kinds))
        node = (*node[:at], node[at] + 1, *node[at + 1 :])


def work(folder: Path, k: int) -> dict[str, Any]:
    from functools import partial

    from curate.cache import Cache, Place, each
    from curate.privacy import Anonymize, Decision
    from curate.rows import Table

    unit = Anonymize.model_validate(
        {
            "identifiers": ["name"],
            "quasi": QUASI,
            "sensitive": ["interests"],
            "free_text": {"remark": "redact"},
            "k": k,
        }
    )
    table = Table("visitors", tuple(sorted((folder / "rows").glob("*.parquet"))))
    cache, told = Cache(folder / "cache"), {}
    start = time.perf_counter()
    decided = cache.once("decide", Place("anonymize", "decide:visitors", "*"), partial(unit.decide, table))
    told["decide_s"] = time.perf_counter() - start
    decision = Decision.read(decided.folder, decided.metrics)
    done = cache.rowwise(
        "apply", Place("anonymize", "anonymize", "visitors"), table,
        each(partial(unit.apply, decision=decision, derived_text="{{name}}：{{remark}}")),
    )  # fmt: skip
    told["apply_s"] = time.perf_counter() - start - told["decide_s"]
    last = time.perf_counter()
    result = unit.measure(table, done.table, done.note_shards, ["visitor_id"])["metrics"]
    unit.gate_measured(result)
    told["measure_s"] = time.perf_counter() - last
    told["seconds"] = time.perf_counter() - start
    peak = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    lattice = unit.lattice(table)[0]
    greedy = datafly(lattice)
    return {
        **{name: round(seconds, 2) for name, seconds in told.items()}, "peak_mib": round(int(peak.split()[1]) / 1024),
        "rows": table.rows, "k": k, "smallest": result["smallest"], "classes": result["classes"], "average": result["average"],
        "levels": {name: about["name"] for name, about in decided.metrics["levels"].items()},
        "nodes": decided.metrics["nodes"], "checked": decided.metrics["checked"], "suppressed": decided.metrics["suppressed"],
        "loss": decided.metrics["loss"], "datafly_loss": round(lattice.loss(greedy), 6),
        "datafly": {name: hierarchy.names[level] for (name, hierarchy), level in zip(unit.quasi.items(), greedy, strict=True)},
        "cells_redacted": result["free_text"]["remark"]["cells"],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--k", type=int, default=20)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.folder:
        print(json.dumps(work(options.folder, options.k), ensure_ascii=False))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "rows").mkdir()
        write_rows(options.rows, folder / "rows")
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.privacy", "--folder", str(folder), "--k", str(options.k)],
            capture_output=True, text=True, cwd=ROOT,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        told = json.loads(done.stdout.splitlines()[-1])
    for name, value in told.items():
        print(f"{name:16} {value}")
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main()
