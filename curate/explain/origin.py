"""Where a pair comes from and where it went: the files of prompts and releases, the row, and the row as it was read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from curate.algorithms.personal_data import mask
from curate.errors import UsageError
from curate.explain.story import Words
from curate.export.checks.info import files_of
from curate.export.checks.views import all_formats
from curate.export.formats import with_calls
from curate.files import sha256_of_file
from curate.language import say
from curate.pairs import as_pairs
from curate.rows import SYSTEM
from curate.run import PastRun
from curate.trace import HIDDEN, Trace, rows_where, trace
from curate.yaml_lines import read_yaml


def released_in(run: PastRun, pair: dict[str, Any] | None) -> dict[str, list[str]]:
    """The files of the run's releases that a pair stands in."""
    found: dict[str, list[str]] = {}
    for folder in map(Path, run.manifest.get("exports", []) if pair else []):
        provenance = folder / "provenance.parquet"
        if pair is None or not provenance.is_file():
            continue
        there = pl.scan_parquet(provenance).filter(pl.col("pair_id") == pair["pair_id"]).collect()
        if there.is_empty():
            continue
        name = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["name"]
        one = with_calls(as_pairs(pl.DataFrame([pair], infer_schema_length=None)))
        paths = [
            form.path.format(name=name, split=pair["split"])
            for form in all_formats()
            if one.filter(form.takes).height
        ]
        found[str(folder)] = [file for path in paths for file in files_of(folder, path)]
    return found


def words_of(run: PastRun, pair: dict[str, Any] | None) -> Words | None:
    """The file of the prompt or the templates, and the question of it."""
    made = (pair or {}).get("made") or {}
    file, digest = made.get("prompt"), made.get("prompt_sha256") or ""
    if not pair or not file:
        return None
    path = run.folder.parent.parent / file
    if not path.is_file():
        return Words(file, digest, "gone")
    if sha256_of_file(path) != digest:
        return Words(file, digest, "changed")
    questions = read_yaml(path).value if path.suffix in (".yaml", ".yml") else None
    listed = questions if isinstance(questions, list) else []
    wording = next((one for one in listed if one.get("question") == pair["question"]), None)
    return Words(file, digest, "same", wording)


def trace_of(run: PastRun, row_id: str) -> Trace | None:
    """The row's own story; None where a pair belongs to no single row."""
    try:
        told = trace(run, row_id)
    except UsageError:
        return None
    return told if told.row else None


def raw_of(run: PastRun, row: Trace | None, corpus: str) -> tuple[dict[str, Any], str]:
    """The row as it was read, under the names of its source, and where that is."""
    about = read_yaml(run.folder / "recipe.yaml").value["corpora"].get(corpus) or {}
    place = _place(about)
    identified = next((step for step in run.of(corpus) if step.unit == "identify"), None)
    if row is None or identified is None:
        return {}, place
    found = rows_where(identified.table.shards, pl.col("row_id") == row.row_id, needs="row_id")
    hidden = {
        name for event in row.events for name, (before, _) in event.changes.items() if before == say(*HIDDEN)
    }
    theirs = about.get("columns") or {}
    added = set(SYSTEM) if about.get("text", "text") == "text" else {*SYSTEM, "text"}
    return {
        theirs.get(name, name): say(*HIDDEN) if name in hidden else _masked(value)
        for name, value in (found[0] if found else {}).items()
        if name not in added and value is not None
    }, place


def _place(about: dict[str, Any]) -> str:
    """Where a corpus of a recipe comes from."""
    given = next((about[name] for name in ("path", "dataset", "database") if about.get(name)), "")
    return str(given.get("path") or given.get("table") or "") if isinstance(given, dict) else str(given)


def _masked(value: Any) -> Any:
    """A value without personal data: cleaning took it out, and what explains a pair gets passed on."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    masked = mask(text)
    return value if masked == text else masked
