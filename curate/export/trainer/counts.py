"""What became of the rows of a release: pure arithmetic for ``load``, which runs where curate is not installed.

A measured row is ``(tokens, cut, trains)``: its length uncut or -1 when LLaMA-Factory dropped it, whether it is
cut at the limit, whether anything of it is learned.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Row = tuple[int, bool, bool]

#: rows named in the answer; all are counted
NAMED = 20


def tokens_of(made: dict[str, list[Any]]) -> int:
    """The length of the one row in it, the longer answer of a pair; -1 when it was dropped."""
    sides = [
        made[name][0] for name in ("input_ids", "chosen_input_ids", "rejected_input_ids") if made.get(name)
    ]
    return max(map(len, sides), default=-1)


def trains(made: dict[str, list[Any]]) -> bool:
    """Whether the one row in it has something to learn; of a pair, both answers."""
    for name in ("labels", "chosen_labels"):
        if made.get(name):
            sides = [made[name][0], *([made["rejected_labels"][0]] if name == "chosen_labels" else [])]
            return all(any(label != -100 for label in side) for side in sides)
    return bool(made.get("input_ids") and made["input_ids"][0])


def rows_in(path: Path) -> int | None:
    """Rows of a file or a folder of shards, counted without LLaMA-Factory; None for kinds not counted here."""
    if path.is_dir():
        counts = [rows_in(shard) for shard in sorted(path.iterdir())]
        return None if None in counts else sum(count or 0 for count in counts)
    if path.suffix == ".jsonl":
        with path.open("rb") as file:
            return sum(1 for line in file if line.strip())
    if path.suffix == ".json":
        return len(json.loads(path.read_text(encoding="utf-8")))
    if path.suffix == ".parquet":
        from pyarrow import parquet

        return int(parquet.read_metadata(path).num_rows)
    return None


def count_rows(name: str, part: str, file: Path | None, rows: list[Row]) -> dict[str, Any]:
    """The counts of one data set; ``file`` is None for what is not counted on disk."""
    before = rows_in(file) if file else None
    lost = [index for index, (tokens, _, learns) in enumerate(rows) if tokens < 0 or not learns]
    cut = [index for index, (_, shorter, _) in enumerate(rows) if shorter]
    return {
        "dataset": name,
        "part": part,
        "rows": len(rows) if before is None else before,
        "loaded": len(rows),
        "trained": len(rows) - len(lost),
        "lost_rows": lost[:NAMED],
        "cut": len(cut),
        "cut_rows": cut[:NAMED],
        "longest": max((tokens for tokens, _, _ in rows), default=0),
        "tokens": sum(max(tokens, 0) for tokens, _, _ in rows),
    }


def left_over(counts: list[int], cutoff: int, batch_size: int, workers: int) -> list[int]:
    """The documents that packing leaves out altogether, by their place: each batch of each worker fills blocks of
    ``cutoff`` tokens and drops what remains. ``counts`` are the tokens of the documents in order.
    """
    workers = max(1, min(workers, len(counts)))
    size, rest = divmod(len(counts), workers)
    dropped, start = [], 0
    for worker in range(workers):
        stop = start + size + (worker < rest)
        for first in range(start, stop, batch_size):
            batch = counts[first : min(first + batch_size, stop)]
            kept, used = sum(batch) // cutoff * cutoff, 0
            for index, count in enumerate(batch, first):
                if used >= kept:
                    dropped.append(index)
                used += count
        start = stop
    return dropped
