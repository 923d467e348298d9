"""How long ``curate --help`` takes, as a whole process, beside a bare interpreter."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

RUNS = 7


def seconds(*command: str) -> float:
    """The median of several runs, after one that is not counted."""
    taken = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


def main() -> None:
    """Print both times and a line of JSON."""
    bare, help_ = seconds("-c", "pass"), seconds("-m", "curate.cli", "--help")
    print(f"python -c pass    {bare:.3f} s\ncurate --help     {help_:.3f} s (goal: under 0.5 s)")
    print(json.dumps({"help_s": round(help_, 3), "bare_s": round(bare, 3), "ratio": round(help_ / bare, 1)}))


if __name__ == "__main__":
    main()
