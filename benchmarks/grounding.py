"""How well wrong answers are told from right ones by ``curate.algorithms.grounding``.

``python -m benchmarks.grounding`` prints a table (label by label: cases, rejected) for the cases that the code was tuned on and
for those that were held out, and ends with one JSON line. The cases are our own (tests/algorithms/data/grounding_cases.txt).
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from curate.algorithms.grounding import grounded

CASES = Path(__file__).resolve().parents[1] / "tests/algorithms/data/grounding_cases.txt"
RIGHT = ("right", "paraphrased")
NUMBERS = ("wrong_number", "wrong_date")
#: label: goal of the share rejected
LABELS = (*RIGHT, *NUMBERS, "wrong_unit", "wrong_entity", "unsupported", "wrong_binding")


class Case(NamedTuple):
    """An answer to a question about a span, and what is wrong with it (``right`` and ``paraphrased``: nothing)."""

    split: str
    origin: str
    source: str
    label: str
    question: str
    answer: str


def cases() -> Iterator[Case]:
    """All cases, in the file's order."""
    _, *blocks = CASES.read_text(encoding="utf-8").split("\n== ")
    for block in blocks:
        head, source, *lines = block.strip("\n").split("\n")
        split, origin = head.split(" | ", 1)
        for line in lines:
            label, question, answer = line.split("\t")
            yield Case(split, origin, source, label, question, answer)


def measured(split: str = "") -> dict[str, float]:
    """Figures of one split, or of all: shares of answers rejected, and milliseconds of processor time an answer.

    ``ground_recall_numbers``: wrong numbers and dates that are rejected; ``ground_false_rejects``: right and reworded answers that
    are; ``ground_precision``: wrong ones among the rejected; ``ground_<label>``: each label's share.
    """
    told = [case for case in cases() if split in ("", case.split)]
    begun = time.process_time()
    kept = [grounded(case.answer, case.source, question=case.question).ok for case in told]
    spent = time.process_time() - begun
    total = Counter(case.label for case in told)
    rejected = Counter(case.label for case, ok in zip(told, kept, strict=True) if not ok)

    def share(*labels: str) -> float:
        return round(
            sum(rejected[label] for label in labels) / max(1, sum(total[label] for label in labels)), 4
        )

    false = sum(rejected[label] for label in RIGHT)
    figures = {
        "ground_cases": float(len(told)),
        "ground_recall_numbers": share(*NUMBERS),
        "ground_false_rejects": share(*RIGHT),
        "ground_precision": round(1 - false / max(1, rejected.total()), 4),
        "ground_ms": round(1000 * spent / max(1, len(told)), 3),
    }
    return figures | {f"ground_{label}": share(label) for label in LABELS}


def main() -> None:
    """The table for both splits, then one JSON line for all cases."""
    grounded("热身1次", "热身1次")  # tables are read once
    count = Counter((case.split, case.label) for case in cases())
    figures = {split: measured(split) for split in ("tune", "held")}
    print(f"{'label':15}" + "".join(f"{split:>8} n  rejected" for split in figures))
    for label in LABELS:
        line = "".join(
            f"{count[split, label]:10}{told[f'ground_{label}']:10.1%}" for split, told in figures.items()
        )
        print(f"{label:15}{line}")
    held = {f"held_{name}": value for name, value in figures["held"].items()}
    print(json.dumps(measured() | held))


if __name__ == "__main__":
    main()
