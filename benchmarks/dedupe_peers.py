"""Other tools on the same documents, whole job: Parquet in, the row_ids that stay out.

``python benchmarks/dedupe_peers.py TOOL FOLDER SHARD...`` runs one of them in the interpreter it is started with and
prints the seconds it took, without imports. ``run`` does so for all, in ``.peers-env`` (``bash benchmarks/peers-env.sh``);
datasketch alone is there without it.

Each is set as its own documents say, with 128 permutations (datatrove: its 14 buckets of 8), 5-grams and a threshold
of 0.8; of characters, where the tool leaves the choice. They are given the texts in curate's normal form, so that all
look at the same characters.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".peers-env" / "bin" / "python"
THRESHOLD, PERMUTATIONS, NGRAM = 0.8, 128, 5
Kept = list[str]


@dataclass(frozen=True)
class Ran:
    """A tool's run. ``seconds`` without imports; ``peak`` in MiB of its largest process; ``error``: its last line."""

    tool: str
    seconds: float = 0.0
    peak: float = 0.0
    kept: frozenset[str] = frozenset()
    error: str = ""


def run(shards: list[Path], folder: Path, limit: float = 240) -> list[Ran]:
    """Every tool over the same shards (row_id, text), one after the other."""
    found = []
    for tool in TOOLS:
        python = PEERS if PEERS.exists() else Path(sys.executable)
        if python != PEERS and tool != "datasketch":
            continue
        (folder / tool).mkdir(parents=True)
        command = [str(python), str(Path(__file__).resolve()), tool, str(folder / tool), *map(str, shards)]
        found.append(_ran(tool, command, folder / tool, limit))
    return found


def _ran(tool: str, command: list[str], folder: Path, limit: float) -> Ran:
    code = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)\n"
        "print(done.stderr[-2000:], file=sys.stderr)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)\nsys.exit(done.returncode)"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, *command], capture_output=True, text=True, timeout=limit, cwd=folder
        )
    except subprocess.TimeoutExpired:
        return Ran(tool, error=f"stopped after {limit:.0f} s")
    if done.returncode:
        return Ran(
            tool, error=done.stderr.strip().splitlines()[-1][:120] if done.stderr.strip() else "failed"
        )
    told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    return Ran(tool, told["seconds"], float(done.stdout), frozenset(told["kept"]))


def missing() -> str:
    """A line for the reader when the environment is not there, else nothing."""
    return (
        "" if PEERS.exists() else "rensa, text-dedup and datatrove are left out: bash benchmarks/peers-env.sh"
    )


def _rows(shards: list[str]) -> tuple[list[str], list[str]]:
    polars = importlib.import_module("polars")
    rows = polars.read_parquet(shards, columns=["row_id", "text"])
    return rows["row_id"].to_list(), rows["text"].to_list()


def _shingles(text: str) -> list[str]:
    return (
        list({text[place : place + NGRAM] for place in range(max(1, len(text) - NGRAM + 1))}) if text else []
    )


def with_datasketch(_: Path, shards: list[str]) -> Kept:
    """Its own recipe: ``bulk``, then ask the index and put in what it does not know."""
    datasketch = importlib.import_module("datasketch")
    ids, texts = _rows(shards)
    index = datasketch.MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    kept = []
    for start in range(0, len(ids), 1000):
        shingles = [[piece.encode() for piece in _shingles(text)] for text in texts[start : start + 1000]]
        signed = datasketch.MinHash.bulk(shingles, num_perm=PERMUTATIONS)
        for row_id, signature, pieces in zip(ids[start : start + 1000], signed, shingles, strict=True):
            if pieces and index.query(signature):
                continue
            kept.append(row_id)
            if pieces:
                index.insert(row_id, signature)
    return kept


def with_rensa(_: Path, shards: list[str]) -> Kept:
    """Its streaming deduplicator."""
    rensa = importlib.import_module("rensa")
    ids, texts = _rows(shards)
    index = rensa.RMinHashDeduplicator(threshold=THRESHOLD, num_perm=PERMUTATIONS, use_lsh=True)
    flags = index.add_pairs((row_id, _shingles(text)) for row_id, text in zip(ids, texts, strict=True))
    return [row_id for row_id, flag in zip(ids, flags, strict=True) if flag]


def with_text_dedup(folder: Path, shards: list[str]) -> Kept:
    """Its command, over characters set apart by spaces: it knows words only."""
    minhash = importlib.import_module("text_dedup.minhash")
    datasets = importlib.import_module("datasets")
    ids, texts = _rows(shards)
    polars = importlib.import_module("polars")
    spaced = folder / "spaced.parquet"
    polars.DataFrame({"row_id": ids, "text": [" ".join(text) for text in texts]}).write_parquet(spaced)
    told = {"path": "parquet", "data_files": str(spaced), "split": "train", "column": "text", "num_proc": 2}
    told |= {"ngram": NGRAM, "num_perm": PERMUTATIONS, "threshold": THRESHOLD}
    told |= {"output": str(folder / "out"), "cache_dir": str(folder / "cache")}
    options = [str(part) for name, value in told.items() for part in (f"--{name}", value)]
    minhash.main(options, standalone_mode=False)
    kept: Kept = datasets.load_from_disk(str(folder / "out"))["row_id"][:]
    return kept


def with_datatrove(folder: Path, shards: list[str]) -> Kept:
    """Its four stages, with its own word segmentation of Chinese (spaCy and jieba), two tasks at a time."""
    dedup = importlib.import_module("datatrove.pipeline.dedup")
    minhash = importlib.import_module("datatrove.pipeline.dedup.minhash")
    readers = importlib.import_module("datatrove.pipeline.readers")
    writers = importlib.import_module("datatrove.pipeline.writers.jsonl")
    local = importlib.import_module("datatrove.executor.local")
    source = str(Path(shards[0]).parent)
    config = minhash.MinhashConfig(n_grams=NGRAM)

    def read() -> Any:
        return readers.ParquetReader(source, text_key="text", id_key="row_id", glob_pattern="*.parquet")

    def at(name: str) -> str:
        return str(folder / name)

    stages: list[tuple[list[Any], int]] = [
        ([read(), dedup.MinhashDedupSignature(at("sigs"), config=config, language="cmn_Hani")], len(shards)),
        ([dedup.MinhashDedupBuckets(at("sigs"), at("buckets"), config=config)], config.num_buckets),
        ([dedup.MinhashDedupCluster(at("buckets"), at("gone"), config=config)], 1),
        ([read(), dedup.MinhashDedupFilter(at("gone")), writers.JsonlWriter(at("out"), compression=None)], len(shards)),
    ]  # fmt: skip
    for number, (pipeline, tasks) in enumerate(stages):
        log = at(f"logs{number}")
        local.LocalPipelineExecutor(pipeline=pipeline, tasks=tasks, workers=2, logging_dir=log).run()
    return [json.loads(line)["id"] for line in _lines(folder / "out")]


def _lines(folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob("*.jsonl")):
        yield from file.read_text(encoding="utf-8").splitlines()


TOOLS: dict[str, Callable[[Path, list[str]], Kept]] = {
    "datasketch": with_datasketch,
    "rensa": with_rensa,
    "text-dedup": with_text_dedup,
    "datatrove": with_datatrove,
}
#: What a tool imports, so that it is not timed.
IMPORTS = {
    "datasketch": ("polars", "datasketch"),
    "rensa": ("polars", "rensa"),
    "text-dedup": ("polars", "text_dedup.minhash", "datasets"),
    "datatrove": ("datatrove.pipeline.dedup", "datatrove.executor.local", "spacy", "jieba"),
}


def main() -> None:
    """Run one tool here and leave ``told.json`` in its folder."""
    tool, folder, *shards = sys.argv[1:]
    for name in IMPORTS[tool]:
        importlib.import_module(name)
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        kept = TOOLS[tool](Path(folder), shards)
    told = {"seconds": time.perf_counter() - start, "kept": kept}
    (Path(folder) / "told.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
