"""The hand-off: pairs a second from the mixed pairs to a finished release, peak memory, the ratio to a Parquet copy.

``python -m benchmarks.export --pairs 1000000`` builds a corpus of invented companies, lets a first run make four pairs
of each and mix them, and then measures the run that goes on: fit (control tokens, personal data, thoughts, lengths) and
export (alpaca, sharegpt, provenance, evaluation, gates, configurations, SHA-256). The same pairs are copied with Polars in
another process. It does so for a quarter of the pairs first, so that the last two lines show whether memory grows with them.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.flow import measured, tell

RECIPE = """\
name: hand_off
corpora:
  companies: {path: companies.parquet, key: id, text: "{{name}}{{business}}{{intro}}"}
dedupe: {same_key: {}}
synthesize: {tasks: [{template: {corpus: companies, file: companies.yaml}}]}
export: [llamafactory]
"""
QUESTIONS = """\
- {question: business, ask: ['{{ name }}做什么？', '{{ name }}的主营业务是什么？'], answer: '{{ name }}主营{{ business }}。'}
- {question: place, ask: ['{{ name }}在哪里？', '请问{{ name }}位于哪里？'], answer: '{{ name }}位于{{ place }}。'}
- {question: code, ask: '{{ name }}的编号是多少？', answer: '{{ name }}的编号是{{ code }}。'}
- {question: intro, ask: ['请介绍{{ name }}。', '{{ name }}是怎样的企业？'], answer: '{{ intro }}'}
"""
COPY = (
    "import polars as pl, sys\n"
    "pl.concat(pl.read_parquet(path) for path in sys.argv[2:]).write_parquet(sys.argv[1], compression='zstd')"
)


def build(folder: Path, rows: int) -> None:
    """A Parquet file of invented companies, with introductions of 60 to 250 characters."""
    import polars as pl

    chance = random.Random(11)
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
    words = ["".join(chance.choices(letters, k=chance.choice((2, 2, 3, 4)))) for _ in range(20_000)]

    def some(low: int, high: int) -> str:
        return "".join(chance.choices(words, k=chance.randrange(low, high)))

    table = {
        "id": [str(number) for number in range(rows)],
        "name": [f"{some(2, 4)}{number}公司" for number in range(rows)],
        "business": [some(4, 10) for _ in range(rows)],
        "place": [some(2, 4) for _ in range(rows)],
        "code": [f"91{chance.randrange(10**12, 10**13)}X" for _ in range(rows)],
        "intro": ["。".join(some(8, 16) for _ in range(chance.randrange(2, 7))) + "。" for _ in range(rows)],
    }
    pl.DataFrame(table).write_parquet(folder / "companies.parquet", row_group_size=20_000)
    (folder / "companies.yaml").write_text(QUESTIONS, encoding="utf-8")
    (folder / "recipe.yaml").write_text(RECIPE, encoding="utf-8")


def measure(pairs: int) -> dict[str, Any]:
    """One size."""
    from curate.run import open_run

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, pairs // 4)
        recipe = str(folder / "recipe.yaml")
        measured(sys.executable, "-m", "curate.cli", "run", recipe, "--until", "mix")
        mixed = [str(shard) for step in open_run(folder).pairs for shard in step.table.shards]
        seconds, peak = measured(sys.executable, "-m", "curate.cli", "run", recipe)
        exported = json.loads((folder / "exports/hand_off/v1/manifest.json").read_text(encoding="utf-8"))
        made = sum(rows for split in exported["pairs"].values() for rows in split.values())
        size = sum(file["bytes"] for file in exported["files"].values())
        copy, _ = measured(sys.executable, "-c", COPY, str(folder / "copy.parquet"), *mixed)
        return {
            "pairs": made,
            "mb": round(size / 1e6, 1),
            "seconds": round(seconds, 1),
            "pairs_per_s": round(made / seconds),
            "copy_ratio": round(seconds / copy, 1),
            "peak_mib": round(peak),
        }


def main() -> None:
    """Print a line a size and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=200_000)
    arguments = parser.parse_args()
    start = time.perf_counter()
    results = [measure(pairs) for pairs in (arguments.pairs // 4, arguments.pairs)]
    tell(results, "pairs", start)


if __name__ == "__main__":
    main()
