"""The whole flow over a growing corpus: rows a second, peak memory, and the ratio to a plain Parquet copy.

``python -m benchmarks.flow --rows 200000`` builds documents of about 300 characters (invented; one in ten is a
near-duplicate of another), runs a recipe with every default cleaner, dedupe, split, pairs and both exporters in
a process of its own, then copies the same file with Polars in another. It does so for a quarter of the rows
first, so that the last two lines show whether memory grows with the corpus.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RECIPE = """\
name: flow
corpora:
  posts: {path: posts.parquet, key: id, tier: both}
clean: [repair_text, strip_html, fold_width, fold_space, convert_script, null_placeholders, mask_pii, drop_garbled, drop_short, drop_foreign]
dedupe: {same_key: {}, exact: {}, minhash: {}}
synthesize: {tasks: [{template: {corpus: posts, file: posts.yaml}}]}
export: [llamafactory, rag]
"""
PAIRS = "- question: text\n  ask: ['第{{ id }}号帖子说了什么？', '请复述第{{ id }}号帖子。']\n  answer: '{{ text }}'\n"
COPY = "import polars as pl, sys; pl.read_parquet(sys.argv[1]).write_parquet(sys.argv[2], compression='zstd')"


def build(folder: Path, rows: int) -> Path:
    """A Parquet file of invented posts."""
    import polars as pl

    chance = random.Random(7)
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
    words = ["".join(chance.choices(letters, k=chance.choice((2, 2, 3, 4)))) for _ in range(20_000)]
    texts: list[str] = []
    for number in range(rows):
        if number > 10 and chance.random() < 0.1:
            old = texts[chance.randrange(max(0, number - 1000), number)]
            at = chance.randrange(len(old))
            texts.append(old[:at] + "改" + old[at + 1 :])
        else:
            sentences = ("".join(chance.choices(words, k=12)) + "。" for _ in range(chance.randrange(4, 12)))
            texts.append("".join(sentences))
    path = folder / "posts.parquet"
    pl.DataFrame({"id": [str(number) for number in range(rows)], "text": texts}).write_parquet(
        path, row_group_size=20_000
    )
    (folder / "posts.yaml").write_text(PAIRS, encoding="utf-8")
    (folder / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    return path


def measured(*command: str) -> tuple[float, float]:
    """(seconds, peak MiB) of a process; the peak is the operating system's own figure."""
    code = (
        "import resource, subprocess, sys, time\nstart = time.perf_counter()\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True, text=True)
    seconds, peak = done.stdout.split()
    return float(seconds), float(peak)


def measure(rows: int, shard_rows: int) -> dict[str, Any]:
    """One size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = build(folder, rows)
        recipe = str(folder / "recipe.yaml")
        seconds, peak = measured(
            sys.executable, "-m", "curate.cli", "run", recipe, "--shard-rows", str(shard_rows)
        )
        again, _ = measured(sys.executable, "-m", "curate.cli", "run", recipe)
        copy, _ = measured(sys.executable, "-c", COPY, str(path), str(folder / "copy.parquet"))
        return {
            "rows": rows,
            "mb": round(path.stat().st_size / 1e6, 1),
            "rows_per_s": round(rows / seconds),
            "copy_ratio": round(seconds / copy, 1),
            "peak_mib": round(peak),
            "second_run_s": round(again, 2),
        }


def tell(results: list[dict[str, Any]], what: str, start: float) -> None:
    """Print a line a size, how the memory grew, and a line of JSON; the second size is four times the first."""
    for result in results:
        print("  ".join(f"{name} {value}" for name, value in result.items()))
    growth = results[1]["peak_mib"] / results[0]["peak_mib"]
    seconds = time.perf_counter() - start
    print(f"four times the {what} take {growth:.2f} times the memory; {seconds:.0f} s in all")
    print(json.dumps({**results[1], "peak_growth": round(growth, 2)}))


def main() -> None:
    """Print a table and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--shard-rows", type=int, default=20_000)
    arguments = parser.parse_args()
    start = time.perf_counter()
    results = [measure(rows, arguments.shard_rows) for rows in (arguments.rows // 4, arguments.rows)]
    tell(results, "rows", start)


if __name__ == "__main__":
    main()
