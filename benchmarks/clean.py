"""Cleaning: the default list of cleaners against a plain Parquet copy, one row a cleaner, and what became of planted dirt.

``python -m benchmarks.clean --rows 300000`` prints the tables and one line of JSON; ``--curve`` measures 100,000 to a
million rows. Every timed thing runs in a process of its own (seconds after imports and compilation; peak is ``VmHWM``,
imports included) through the same cache and accounting as a run. The list is that of ``recipes/expo.yaml``, and each corpus
gets the cleaners that it gets there.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.clean_rows import CORPORA, mended, write_corpora
from benchmarks.dedupe import head, show
from curate.files import sha256_of

ROOT = Path(__file__).parents[1]
CURVE = (100_000, 300_000, 1_000_000)


def ready_cleaners(shards: dict[str, list[Path]], folder: Path) -> list[Any]:
    """The cleaners of ``recipes/expo.yaml``. One learns from 10,000 rows: once a recipe, before the time is taken."""
    from pydantic import TypeAdapter

    from curate.clean import AnyCleaner, Learner
    from curate.yaml_lines import read_yaml

    recipe = read_yaml(ROOT / "recipes" / "expo.yaml").value
    context = {"workspace": ROOT, "corpora": list(recipe["corpora"])}
    ready = []
    for cleaner in TypeAdapter(list[AnyCleaner]).validate_python(recipe["clean"], context=context):
        if isinstance(cleaner, Learner) and cleaner.learn_from:
            model = folder / "models" / cleaner.unit_name()
            model.mkdir(parents=True)
            cleaner.learn((pl.read_parquet(paths[0]).head(2_000) for paths in shards.values()), model)
            cleaner = cleaner.learned(model)
        ready.append(cleaner)
    return ready


def run_here(ready: list[Any], shards: dict[str, list[Path]], folder: Path) -> list[Any]:
    """A clean step a corpus, as a run does it."""
    from curate.cache import Cache, Place, each
    from curate.clean import Chain
    from curate.rows import Table

    cache = Cache(folder / "cache")
    return [
        cache.rowwise(
            sha256_of([name]), Place("clean", "clean", name), Table(name, tuple(paths)),
            each(Chain([cleaner for cleaner in ready if cleaner.for_corpus(name)])),
        )
        for name, paths in shards.items()
    ]  # fmt: skip


def _clean(shards: dict[str, list[Path]], folder: Path) -> dict[str, Any]:
    start = time.perf_counter()
    ready = ready_cleaners(shards, folder)
    learned = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as warm:  # compiled, and dictionaries read
        small = {}
        for name, paths in shards.items():
            small[name] = [Path(warm) / f"{name}.parquet"]
            pl.read_parquet(paths[0]).head(500).write_parquet(small[name][0])
        run_here(ready, small, Path(warm) / "run")
    start, used = time.perf_counter(), time.process_time()
    steps = run_here(ready, shards, folder)
    return {
        "seconds": time.perf_counter() - start,
        "used": time.process_time() - used,
        "learned": learned,
        "units": [unit for step in steps for unit in step.units],
        "kept": [str(path) for step in steps for path in step.table.shards],
        "dropped": [str(path) for step in steps for path in step.dropped_shards],
    }


def _copy(shards: dict[str, list[Path]], folder: Path, level: int | None = None) -> dict[str, Any]:
    """Polars' own copy, shard by shard: read, write; zstd at Polars' default level, or at ``level``."""
    folder.mkdir(parents=True, exist_ok=True)
    pl.DataFrame({"a": [1]}).write_parquet(folder / "warm.parquet")
    start, used = time.perf_counter(), time.process_time()
    for number, path in enumerate(path for paths in shards.values() for path in paths):
        pl.read_parquet(path).write_parquet(
            folder / f"{number}.parquet", compression="zstd", compression_level=level
        )
    return {"seconds": time.perf_counter() - start, "used": time.process_time() - used}


def _fast_copy(shards: dict[str, list[Path]], folder: Path) -> dict[str, Any]:
    """The copy at the level that curate writes with."""
    return _copy(shards, folder, 1)


MODES = {"clean": _clean, "copy": _copy, "fast_copy": _fast_copy}


def child(mode: str, source: Path, folder: Path) -> dict[str, Any]:
    """One mode in a process of its own, over the shards below ``source``."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.clean", "--mode", mode, "--source", str(source), "--folder", str(folder)],
        capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{mode} failed:\n{done.stderr[-3000:]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def measure(rows: int, folder: Path, repeats: int) -> tuple[dict[str, dict[str, Any]], int]:
    """(what each mode told, bytes of text): the faster of some runs of each, in turn."""
    paths = [path for paths in write_corpora(rows, folder / "in").values() for path in paths]
    lengths = (pl.read_parquet(path).select(pl.col("text", "title").str.len_bytes().sum()) for path in paths)
    size = sum(int(length.sum_horizontal().item()) for length in lengths)
    told: dict[str, list[dict[str, Any]]] = {mode: [] for mode in MODES}
    for turn in range(repeats):
        for mode, runs in told.items():
            runs.append(child(mode, folder / "in", folder / f"{mode}{turn}"))
    return {mode: min(runs, key=lambda run: run["seconds"]) for mode, runs in told.items()}, size


def whole(rows: int, modes: dict[str, dict[str, Any]], size: int) -> dict[str, Any]:
    """The line of a whole cleaning."""
    told, copy = modes["clean"], modes["copy"]
    return {
        "rows": rows,
        "MB of text": round(size / 1e6),
        "clean s": round(told["seconds"], 2),
        "processor s": round(told["used"], 2),
        "copy s": round(copy["seconds"], 2),
        "times the copy": round(told["seconds"] / copy["seconds"], 2),
        "times a level-1 copy": round(told["seconds"] / modes["fast_copy"]["seconds"], 2),
        "rows/s": round(rows / told["seconds"]),
        "MB/s": round(size / 1e6 / told["seconds"], 1),
        "peak MiB": round(told["peak"]),
        "copy's peak": round(copy["peak"]),
    }


def main() -> None:
    """Print the tables and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--mode", choices=MODES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--source", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.mode:
        in_child(arguments.mode, arguments.source, arguments.folder)
        return
    print(f"Python {platform.python_version()}, Polars {pl.__version__}, {platform.machine()}")
    if arguments.curve:
        curve()
    else:
        one_size(arguments.rows)


def in_child(mode: str, source: Path, folder: Path) -> None:
    """What ``child`` starts: one mode, told as a line of JSON with the peak of memory in MiB."""
    told = MODES[mode]({name: sorted((source / name).glob("*.parquet")) for name in CORPORA}, folder)
    status = Path("/proc/self/status").read_text().splitlines()
    [peak] = [line for line in status if line.startswith("VmHWM")]
    print(json.dumps(told | {"peak": int(peak.split()[1]) / 1024}))


def curve() -> None:
    head("The default list as the corpus grows")
    lines = []
    for rows in CURVE:
        with tempfile.TemporaryDirectory() as name:
            lines.append(whole(rows, *measure(rows, Path(name), 2 if rows < 1_000_000 else 1)))
    show(lines)


def one_size(rows: int) -> None:
    """The whole list, each cleaner, what became of planted dirt, and personal data; last a line of JSON."""
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        modes, size = measure(rows, Path(name), 2)
        told, line = modes["clean"], whole(rows, modes, size)
        head(
            "The default list",
            "Parquet in, kept, dropped and changed out, zstd level 1; shards of 50,000 rows. The copy is Polars' own of the same shards, at its",
            f"default level of zstd, and once more at level 1. Learning from 10,000 rows, before the time is taken: {told['learned']:.1f} s.",
        )
        show([line])
        head(
            "One row a cleaner",
            "Seconds of the thread that did it, of two: they overlap, and reading and writing are not among them.",
        )
        show(_by_cleaner(told["units"], size))
        right = planted_right(told)
    personal = evaluate()
    print(
        "\n"
        + json.dumps(
            {
                "copy_ratio": line["times the copy"], "mb_per_s": line["MB/s"], "rows_per_s": line["rows/s"], "peak_mib": line["peak MiB"],
                "pii_recall": personal["pii_recall"], "pii_precision": personal["pii_precision"],
                "planted_right": right, "rows": rows, "seconds": round(time.perf_counter() - begin),
            }
        )
    )  # fmt: skip


def planted_right(told: dict[str, Any]) -> float:
    """The share of planted dirt that met its fate, after the table by kind."""
    kept, dropped = (
        pl.concat([pl.read_parquet(path, columns=[*columns]) for path in told[part]])
        for part, columns in (("kept", ("planted", "text")), ("dropped", ("planted", "text", "reason")))
    )
    planted = mended(kept, dropped)
    head(
        "Planted dirt",
        "Right: what was planted is gone from the text, or the row was dropped for its reason.",
    )
    show(
        [
            {"planted": kind, "rows": rows, "right": good, "share": round(good / rows, 5)}
            for kind, (good, rows) in planted.items()
        ]
    )
    return round(sum(good for good, _ in planted.values()) / sum(rows for _, rows in planted.values()), 5)


def evaluate() -> dict[str, Any]:
    """Recall and precision of personal data, and the table by kind."""
    from benchmarks.personal_data import evaluate as personal_data

    return personal_data()


def _by_cleaner(units: list[dict[str, Any]], size: int) -> list[dict[str, Any]]:
    """One row a cleaner, over all corpora that it runs on."""
    found: dict[str, dict[str, Any]] = {}
    for unit in units:
        one = found.setdefault(
            unit["unit"], {"cleaner": unit["unit"], "rows": 0, "s": 0.0, "changed": 0, "dropped": 0}
        )
        one["rows"] += unit["rows_in"]
        one["s"] = round(one["s"] + unit["seconds"], 3)
        one["changed"] += sum(unit["changed"].values())
        one["dropped"] += unit["dropped"]
    return [{**one, "MB/s of all text": round(size / 1e6 / max(one["s"], 1e-3))} for one in found.values()]


if __name__ == "__main__":
    main()
