"""Dedupe: speed, memory, recall and precision, against a Parquet copy, datasketch, rensa, text-dedup and datatrove.

``python -m benchmarks.dedupe --rows 300000`` builds corpora with planted truth out of ``../shared/data`` and prints the
tables and one line of JSON. ``--peers N`` sets the documents that the other tools get (0 leaves them out), ``--curve``
measures 100,000 to 3 million long and 10 million short documents instead, for as long as that takes.

Every timed thing runs in a process of its own; see ``dedupe_stage``. What is true is computed in plain Python; see
``dedupe_truth``.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks import dedupe_checks as checks
from benchmarks import dedupe_peers as peers
from benchmarks.dedupe_corpora import Corpus, corpus
from benchmarks.dedupe_material import real_data
from benchmarks.dedupe_quality import measure as quality
from benchmarks.dedupe_stage import Deduped, child, cold_start, copied, incremental, stage
from benchmarks.dedupe_truth import all_similar

#: (rows, short documents?) of ``--curve``
CURVE = ((100_000, False), (300_000, False), (1_000_000, False), (3_000_000, False), (10_000_000, True))
#: Rows of the sample that is joined exactly.
JOINED = 20_000


def show(rows: list[dict[str, Any]]) -> None:
    """A Markdown table."""
    if not rows:
        return
    table = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(len(row[at]) for row in table) for at in range(len(table[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in table
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    print("\n".join(lines), flush=True)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):  # digits enough that 28,237 of 28,238 is not 1
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def head(title: str, *notes: str) -> None:
    """A heading and what the figures under it mean."""
    print(f"\n## {title}\n", *notes, sep="\n" if notes else "", flush=True)
    if notes:
        print()


def signature_table() -> dict[str, Any]:
    """Signatures a second, one core."""
    told = child("signatures", "--rows", 20_000)
    ratio = told["ours"] / told["datasketch"]
    head(
        "Signatures: 500-character Chinese documents, 128 permutations, 5-character shingles, one core",
        "From text to signature, by processor time; curate after compilation, the best of three; datasketch `MinHash.bulk(scheme='affine32')` with",
        "its own SHA-1 of each shingle, the better of two. The second row of datasketch is given curate's 32-bit shingle hashes",
        f"and only permutes them; the {told['compared']:,} signatures that come out were asserted to equal curate's.",
    )
    show(
        [
            {"what": "curate", "documents/s": round(told["ours"]), "times datasketch": round(ratio, 1)},
            {"what": "datasketch bulk", "documents/s": round(told["datasketch"]), "times datasketch": 1.0},
            {
                "what": "datasketch bulk, hashes given",
                "documents/s": round(told["datasketch_hashed"]),
                "times datasketch": round(told["datasketch_hashed"] / told["datasketch"], 1),
            },
        ]
    )
    return {"signature_docs_per_s": round(told["ours"]), "ratio_to_datasketch": round(ratio, 1)}


def stage_rows(whole: Corpus, folder: Path, repeats: int = 2) -> tuple[Deduped, list[dict[str, Any]]]:
    """The stage and the two copies of the same shards in turn, each the fastest of its repeats."""
    runs, plains, streams = [], [], []
    for _ in range(repeats):
        shutil.rmtree(folder / "cache", ignore_errors=True)  # the last run's files stay
        runs.append(stage(whole.shards, folder / "cache"))
        plains.append(copied("copy", whole.shards, folder))
        streams.append(copied("stream", whole.shards, folder))
    run = min(runs, key=lambda one: one.seconds)
    plain, streamed = (min(told, key=lambda one: float(one["seconds"])) for told in (plains, streams))
    size = sum(path.stat().st_size for path in whole.shards) / 1e6
    told = [
        ("curate: sign, decide, carry out", run.seconds, run.used, max(one.peak for one in runs)),
        ("Polars read_parquet, write_parquet", plain["seconds"], plain["used"], plain["peak"]),
        ("Polars streaming copy, zstd level 1", streamed["seconds"], streamed["used"], streamed["peak"]),
    ]
    rows = [
        {
            "what": what,
            "rows": whole.rows,
            "MB on disk": round(size),
            "seconds": round(seconds, 2),
            "processor s": round(used, 2),
            "µs a row": round(1e6 * seconds / whole.rows, 1),
            "times the copy": round(seconds / plain["seconds"], 2),
            "times the streaming copy": round(seconds / streamed["seconds"], 2),
            "peak MiB": round(peak),
        }
        for what, seconds, used, peak in told
    ]
    return run, rows


def correctness(whole: Corpus, run: Deduped, folder: Path) -> dict[str, Any]:
    """Recall, false removals, templates, determinism."""
    gone = checks.dropped(run)
    planted = checks.planted(whole, gone)
    head("Planted pairs", "Found: one row of the pair was removed. J is computed in plain Python.")
    show([{"kind": kind, **told} for kind, told in planted.items()])
    joined = checks.sampled(whole, gone, min(JOINED, whole.rows))
    head("All pairs with J >= 0.8 of a sample, by an exact join (prefix filter)")
    show([joined])
    false = checks.false_removals(whole, gone)
    head(
        "Removed rows",
        "False: a near-duplicate whose `of` has exact J < 0.8, or an exact duplicate of another normal form.",
    )
    show([false])
    template = checks.templates(folder / "template")
    head("2,000 templated company records and 100 near-duplicates of them, as a corpus of their own")
    show([template])
    same = checks.determinism(folder / "determinism")
    head("Determinism: kept and dropped rows, every column, sorted by row_id")
    show(
        [
            {"way": way, "the same": told}
            for way, told in zip(same["ways"], ["(first)", *same["the same as the first"]], strict=True)
        ]
    )
    return {
        "planted_recall": planted["near"]["recall"],
        "joined_recall": joined["recall"],
        "false_removals": false["false"],
        "template_rows_removed": template["removed"],
        "template_rows_right": template["right"],
        "deterministic": all(same["the same as the first"]),
    }


def peer_table(rows: int, folder: Path) -> None:
    """Other tools and ours over the same documents."""
    from curate.algorithms.text import normal_form

    whole = pl.read_parquet(corpus(rows).shards).with_columns(normal_form(pl.col("text")).alias("text"))
    genre = dict(whole.select("row_id", "genre").iter_rows())
    (folder / "in").mkdir(parents=True)
    shards = []
    for number, part in enumerate(whole.iter_slices(-(-whole.height // 2))):
        shards.append(folder / "in" / f"{number:05d}.parquet")
        part.write_parquet(shards[-1])
    run = stage(shards, folder / "cache")
    kept = pl.concat(pl.read_parquet(path, columns=["row_id"]) for path in run.kept)["row_id"]
    ran = [peers.Ran("curate", run.seconds, run.peak, frozenset(kept)), *peers.run(shards, folder)]
    ids = whole["row_id"].to_list()
    truths = {
        name: [(ids[a], ids[b]) for a, b, _ in all_similar(whole["text"], 0.8, n)]
        for name, n in (("5-grams", 5), ("n by length", None))
    }
    head(
        f"Other tools, the same {whole.height:,} documents in normal form, two cores, whole job: Parquet in, row_ids that stay out",
        "Seconds without imports, peak of the largest process. Right: a removed row has exact J >= 0.8 to a row that stays;",
        "found: of a pair with J >= 0.8 one row was removed; each by character 5-grams, which the others use, and by curate's rule",
        "(2, 3 or 5 characters by length). Both without the 2,100 templated records, of which 100 are right to remove.",
        *([peers.missing()] if peers.missing() else []),
    )
    show([_peer_row(one, truths, genre) for one in ran])


def _peer_row(
    ran: peers.Ran, truths: dict[str, list[tuple[str, str]]], genre: dict[str, str]
) -> dict[str, Any]:
    if ran.error:
        return {"tool": f"{ran.tool}: {ran.error}"}
    removed = set(genre) - ran.kept
    natural = {row_id for row_id in removed if genre[row_id] != "template"}
    told: dict[str, Any] = {
        "tool": ran.tool,
        "documents/s": round(len(genre) / ran.seconds),
        "peak MiB": round(ran.peak),
        "removed": len(natural),
    }
    for name, pairs in truths.items():
        of = defaultdict(set)
        true = [pair for pair in pairs if genre[pair[0]] != "template"]
        for a, b in true:
            of[a].add(b)
            of[b].add(a)
        right = sum(bool(of[row_id] & ran.kept) for row_id in natural)
        found = sum(a in removed or b in removed for a, b in true)
        told[f"right, {name}"] = round(right / len(natural), 3) if natural else 1.0
        told[f"found, {name}"] = round(found / len(true), 3)
    return told | {"templated removed": len(removed) - len(natural)}


def curve() -> None:
    """Time a row and peak as the corpus grows."""
    rows = []
    for number, short in CURVE:
        start = time.perf_counter()
        whole = corpus(number, short)
        built = time.perf_counter() - start
        with tempfile.TemporaryDirectory() as name:
            _, told = stage_rows(whole, Path(name), repeats=1 + (number < 1_000_000))
        rows.append(
            {
                "documents": "short" if short else "long",
                **told[0],
                "copy s": told[1]["seconds"],
                "built in s": round(built),
            }
        )
        rows[-1].pop("what")
        print(json.dumps(rows[-1]), flush=True)
        if number > 1_000_000:
            shutil.rmtree(whole.folder)
    head("The stage as the corpus grows")
    show(rows)


def main() -> None:
    """Print the tables and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--peers", type=int, default=4_500)
    parser.add_argument("--curve", action="store_true")
    arguments = parser.parse_args()
    begin = time.perf_counter()
    material = "real clauses of ../shared/data" if real_data() else "INVENTED TEXT: ../shared/data is absent"
    print(
        f"Documents of {material}; Python {platform.python_version()}, Polars {pl.__version__}, {platform.machine()}"
    )
    if arguments.curve:
        curve()
        return
    told = signature_table()
    whole = corpus(arguments.rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        head(
            "The whole stage: exact and minhash, parquet in, kept and dropped parquet out",
            "After imports and compilation; shards of 50,000 rows; copies into one file. In turn, the faster of two runs of each.",
        )
        run, rows = stage_rows(whole, folder)
        show(rows)
        first, second = cold_start(corpus(2_000), folder)
        print(
            f"\nCold start, whole process over 2,000 documents: {first:.1f} s the first time on a machine (it compiles), then {second:.1f} s"
        )
        told |= {"copy_ratio": rows[0]["times the copy"], "peak_mib": rows[0]["peak MiB"]}
        told |= correctness(whole, run, folder)
        weekly = incremental(whole, run, folder)
        head("10,000 new documents against an index of all")
        show([weekly])
        told["incremental_ratio"] = weekly["times all"]
        if arguments.peers:
            peer_table(arguments.peers, folder / "peers")
    head("Gold keys of real corpora", *_QUALITY)
    show(quality())
    told |= {"rows": arguments.rows, "seconds": round(time.perf_counter() - begin)}
    print("\n" + json.dumps(told))


_QUALITY = (
    "Merged: one row was removed for the other, or both for the same. Clusters: over all pairs of rows; paraphrases: over the labelled",
    "pairs. `J reaches it`: the share of the right pairs whose exact Jaccard is at least the threshold, which no lexical method at this",
    "threshold can exceed but by chance; texts of fewer than five shingles are never near-duplicates. `In one group`: the share of the right",
    "pairs that the split keeps together (alike: 0.5). A paraphrase is not a lexical duplicate: there, merged pairs of label 0 are what counts, and few is good.",
)


if __name__ == "__main__":
    main()
