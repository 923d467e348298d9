"""Dedupe in processes of its own: the whole stage, the copy it is compared with, signatures, cold start.

``child(mode, ...)`` runs ``python -m benchmarks.dedupe_stage MODE ...``, whose last line is JSON. Every child tells its
own seconds (``time.perf_counter`` around the work, after imports, and for ours after a run over a small corpus so that
everything is compiled) and its own peak (``VmHWM``: the operating system's figure, imports included. ``ru_maxrss`` of a
started process would be at least the peak of the process that started it).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.dedupe_corpora import Corpus, corpus, newcomers
from benchmarks.dedupe_material import pools

#: 500 characters, 128 permutations, 5-character shingles
CHARACTERS, PERMUTATIONS, SHINGLE = 500, 128, 5
METHODS: dict[str, Any] = {"exact": {}, "minhash": {"threshold": 0.8, "alike": 0.5}}


@dataclass(frozen=True)
class Deduped:
    """What a run of the stage wrote, and what it took."""

    seconds: float
    used: float  #: seconds of processor time, on all cores
    peak: float
    rows: int
    kept: list[Path]
    dropped: list[Path]
    edges: Path | None


def child(mode: str, *arguments: object, env: dict[str, str] | None = None) -> dict[str, Any]:
    """One mode in a process of its own, in English and with ``env`` besides; what it told, and ``process``: its
    seconds from the outside.
    """
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.dedupe_stage", mode, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "CURATE_LANG": "en", **(env or {})},
    )
    if done.returncode:
        raise RuntimeError(f"benchmarks.dedupe_stage {mode} failed:\n{done.stderr[-3000:]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told | {"process": time.perf_counter() - start}


def stage(
    shards: list[Path],
    folder: Path,
    methods: dict[str, Any] | None = None,
    workers: int = 2,
    threads: int | None = None,
) -> Deduped:
    """The whole stage over ``shards``, parquet in, kept and dropped parquet below ``folder``."""
    env = {"POLARS_MAX_THREADS": str(threads)} if threads else {}
    options = ["--folder", folder, "--workers", workers, "--methods", json.dumps(methods or METHODS)]
    told = child("stage", *options, *shards, env=env)
    edges = Path(told["edges"])
    return Deduped(
        told["seconds"],
        told["used"],
        told["peak"],
        told["rows"],
        [Path(path) for path in told["kept"]],
        [Path(path) for path in told["dropped"]],
        edges if edges.exists() else None,
    )


def sources_of(shards: list[Path]) -> list[Any]:
    """A corpus ``docs`` of these files."""
    from curate.dedupe import Source
    from curate.rows import Table

    # the names of the files stand for what is in them: a benchmark never changes a file
    return [Source(Table("docs", tuple(shards)), key=str([str(path) for path in shards]))]


def run_here(shards: list[Path], folder: Path, methods: dict[str, Any]) -> tuple[Any, Any]:
    """(the decision, the step of the corpus) of one run of the stage in this process."""
    from curate.cache import Cache
    from curate.dedupe import Dedupe

    decided, [step] = Dedupe(**methods).run(sources_of(shards), Cache(folder))
    return decided, step


def _stage(arguments: argparse.Namespace) -> dict[str, Any]:
    from curate.engines.local import map_shards

    assert map_shards.__defaults__ == (2,), "the benchmark sets the number of workers here"
    map_shards.__defaults__ = (arguments.workers,)
    methods = json.loads(arguments.methods)
    small = corpus(2_000)
    with tempfile.TemporaryDirectory() as warm:
        run_here(small.shards, Path(warm), methods)
    start, used = time.perf_counter(), time.process_time()
    decided, step = run_here(arguments.paths, arguments.folder, methods)
    seconds, used = time.perf_counter() - start, time.process_time() - used
    return {
        "seconds": seconds,
        "used": used,
        "rows": step.rows_in,
        "kept": [str(path) for path in step.table.shards],
        "dropped": [str(path) for path in step.dropped_shards],
        "edges": str(decided.folder / "edges.parquet"),
    }


def _copy(arguments: argparse.Namespace) -> dict[str, Any]:
    """Polars' own copy of the same shards into one file: read all, write; zstd at Polars' default level."""
    pl.DataFrame({"a": [1]}).write_parquet(arguments.folder / "warm.parquet")
    start, used = time.perf_counter(), time.process_time()
    pl.read_parquet(arguments.paths).write_parquet(arguments.folder / "copy.parquet", compression="zstd")
    return {"seconds": time.perf_counter() - start, "used": time.process_time() - used}


def _stream(arguments: argparse.Namespace) -> dict[str, Any]:
    """The fastest copy that Polars can do: streaming, at the zstd level that curate writes with."""
    pl.DataFrame({"a": [1]}).write_parquet(arguments.folder / "warm.parquet")
    start, used = time.perf_counter(), time.process_time()
    target = arguments.folder / "stream.parquet"
    pl.scan_parquet(arguments.paths).sink_parquet(target, compression="zstd", compression_level=1)
    return {"seconds": time.perf_counter() - start, "used": time.process_time() - used}


def copied(mode: str, shards: list[Path], folder: Path) -> dict[str, Any]:
    """A ``copy`` or a ``stream`` of the shards, which is removed again."""
    told = child(mode, "--folder", folder, *shards)
    (folder / f"{mode}.parquet").unlink()
    return told


def incremental(whole: Corpus, run: Deduped, folder: Path, number: int = 10_000) -> dict[str, Any]:
    """New documents against an index of all of ``whole``: find what they repeat, carry it out, take them in."""
    from benchmarks.dedupe_truth import similarity

    made = child("index", "--folder", folder / "cache", *whole.shards)
    path, of = newcomers(whole, number, folder)
    told = child("index", "--folder", folder / "cache", path)
    texts = whole.texts(pl.Series(list(of.values()))) | Corpus(folder, number).texts(pl.Series(list(of)))
    gone = pl.concat(pl.read_parquet(shard, columns=["row_id"]) for shard in map(Path, told["dropped"]))
    true = {row_id for row_id, old in of.items() if similarity(texts[row_id], texts[old]) >= 0.8}
    size = sum(file.stat().st_size for file in (folder / "index").rglob("*") if file.is_file())
    return {
        "index of": whole.rows,
        "bytes a row": round(size / (whole.rows + number)),
        "put in, s": round(made["remember"], 2),
        "new rows": number,
        "seconds": round(told["seconds"], 2),
        "of it remember": round(told["remember"], 2),
        "times all": round(told["seconds"] / run.seconds, 4),
        "peak MiB": round(told["peak"]),
        "copies, J >= 0.8": len(true),
        "found": len(true & set(gone["row_id"])),
    }


def _index(arguments: argparse.Namespace) -> dict[str, Any]:
    """Dedupe with an index, and take the rows into it; the index lies beside the cache."""
    from curate.cache import Cache
    from curate.dedupe import Dedupe

    def once(paths: list[Path], cache: Cache) -> tuple[Any, float, float]:
        dedupe, sources = Dedupe(**METHODS, index="benchmark"), sources_of(paths)
        start = time.perf_counter()
        decided, [step] = dedupe.run(sources, cache)
        between = time.perf_counter()
        dedupe.remember(sources, decided, cache)
        return step, time.perf_counter() - start, time.perf_counter() - between

    with tempfile.TemporaryDirectory() as name:  # twice, so that the search in an index is compiled too
        for rows in (2_000, 1_900):
            once(corpus(rows).shards, Cache(Path(name) / "cache"))
    step, seconds, remember = once(arguments.paths, Cache(arguments.folder))
    return {"seconds": seconds, "remember": remember, "dropped": [str(path) for path in step.dropped_shards]}


def texts_of_500(number: int) -> Any:
    """A column of texts of 500 characters in normal form, cut from the stream of real clauses."""
    from curate.algorithms.text import normal_form

    pieces = pl.concat([pl.Series("text", pool.pieces) for pool in pools(False).values()])
    plain = (
        pieces.sample(fraction=1, shuffle=True, seed=1).to_frame().select(normal_form(pl.col("text")))["text"]
    )
    stream = "".join(plain)
    stream = stream * (1 + number * CHARACTERS // len(stream))
    return pl.Series(
        "text", [stream[at : at + CHARACTERS] for at in range(0, number * CHARACTERS, CHARACTERS)]
    )


def _signatures(arguments: argparse.Namespace) -> dict[str, Any]:
    """Signatures a second on one core: ours, and datasketch's ``bulk`` in its natural use, from text to signature.

    In seconds of processor time, which on one core are those of the clock but for what other processes take.
    """
    import numpy as np
    from datasketch import MinHash

    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core, whatever starts threads
    from curate.algorithms.minhash import Texts, signatures_of

    texts = texts_of_500(arguments.rows)
    signatures_of(texts.head(100), SHINGLE, PERMUTATIONS)  # compiled or loaded now
    ours = []
    for _ in range(3):
        start = time.process_time()
        signed = signatures_of(texts, SHINGLE, PERMUTATIONS)
        ours.append(time.process_time() - start)
    some = texts.head(max(500, arguments.rows // 20)).to_list()
    MinHash.bulk([[b"warm"]], num_perm=PERMUTATIONS, scheme="affine32")
    theirs = []
    for _ in range(2):
        start = time.process_time()
        pieces = [
            [text[at : at + SHINGLE].encode() for at in range(len(text) - SHINGLE + 1)] for text in some
        ]
        MinHash.bulk(pieces, num_perm=PERMUTATIONS, scheme="affine32")
        theirs.append(time.process_time() - start)
    # the permutations alone, of shingle hashes that are there: what datasketch would do with a faster hash
    sets = Texts.of(texts.head(len(some))).sets(SHINGLE)
    hashes = [sets.values[a:b] for a, b in zip(sets.offsets[:-1], sets.offsets[1:], strict=True)]
    start = time.process_time()
    given = MinHash.bulk(hashes, num_perm=PERMUTATIONS, scheme="affine32", hashfunc=lambda value: value)
    hashed = time.process_time() - start
    same = all(np.array_equal(one.hashvalues, own) for one, own in zip(given, signed, strict=False))
    assert same, "our signatures are not datasketch's"
    return {
        "ours": arguments.rows / min(ours),
        "datasketch": len(some) / min(theirs),
        "datasketch_hashed": len(some) / hashed,
        "mb_per_s": texts.str.len_bytes().sum() / 1e6 / min(ours),
        "compared": len(some),
    }


def _cold(arguments: argparse.Namespace) -> dict[str, Any]:
    """One run over a small corpus, from the import on; nothing is warm but the file."""
    start = time.perf_counter()
    run_here(arguments.paths, arguments.folder, METHODS)
    return {"seconds": time.perf_counter() - start}


def cold_start(small: Corpus, folder: Path) -> tuple[float, float]:
    """Seconds of a process that dedupes a small corpus: the first ever (it compiles), and the next one."""
    cache = {"NUMBA_CACHE_DIR": str(folder / "numba")}
    first, second = (
        child("cold", "--folder", folder / f"cold{turn}", *small.shards, env=cache) for turn in (1, 2)
    )
    return first["process"], second["process"]


MODES = {
    "stage": _stage,
    "index": _index,
    "copy": _copy,
    "stream": _stream,
    "signatures": _signatures,
    "cold": _cold,
}


def main() -> None:
    """One mode; prints a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=MODES)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--folder", type=Path, default=Path())
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--methods", default=json.dumps(METHODS))
    arguments = parser.parse_intermixed_args()
    told = MODES[arguments.mode](arguments)
    [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    print(json.dumps(told | {"peak": int(peak.split()[1]) / 1024}))


if __name__ == "__main__":
    main()
