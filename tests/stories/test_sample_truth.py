"""What was planted in the sample data meets the fate that the cleaners, the schemas and dedupe promise."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.phases import FLOW
from curate.query import query
from curate.run import PastRun

Line = dict[str, Any]


@cache
def _rows(run: PastRun, corpus: str, phase: str = "") -> list[dict[str, Any]]:
    """The rows of a corpus behind a phase, or in the end."""
    behind = [step for step in run.of(corpus) if step.phase == phase]
    step = behind[-1] if phase else run.final(corpus)
    assert step is not None
    return [row for frame in step.table.frames() for row in frame.iter_rows(named=True)]


@cache
def _by_id(run: PastRun, corpus: str, phase: str = "") -> dict[str, dict[str, Any]]:
    return {row["row_id"]: row for row in _rows(run, corpus, phase)}


@cache
def _dropped(run: PastRun) -> dict[str, dict[str, Any]]:
    sql = "SELECT * FROM dropped WHERE phase IN ('sources', 'clean', 'validate', 'dedupe')"
    return {row["row_id"]: row for row in query(run, sql).to_dicts()}


@cache
def _by_key(run: PastRun, corpus: str, phase: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row_id, row in _by_id(run, corpus, phase).items():
        found.setdefault(row_id.partition("~")[0], []).append(row)
    return found


def versions(run: PastRun, phase: str, line: Line) -> list[dict[str, Any]]:
    """The rows with the key of a truth line; there are two where versions of a record were planted."""
    return _by_key(run, line["corpus"], phase).get(f"{line['corpus']}:{line['key']}", [])


def of_kinds(truth: list[Line], *kinds: str) -> list[Line]:
    found = [line for line in truth if line["kind"] in kinds]
    assert found, f"nothing of {kinds} is planted"
    return found


CLEANED = [
    "mojibake",
    "control_chars",
    "zero_width",
    "soft_hyphen",
    "private_use",
    "fullwidth",
    "html",
    "spaces_between_han",
    "broken_lines",
    "traditional",
    "placeholder",
]


@pytest.mark.parametrize("kind", CLEANED)
def test_dirt_is_cleaned_to_what_was_written_before_it_got_dirty(
    kind: str, expo_run: PastRun, truth: list[Line]
) -> None:
    wrong = []
    for line in of_kinds(truth, kind):
        rows = versions(expo_run, "clean", line)
        values = [row[line["field"]] for row in rows]
        if line["clean"] not in values and [str(line["clean"])] != [str(value) for value in values]:
            wrong.append((line["key"], line["field"], line["clean"], values))
    assert not wrong


@pytest.mark.parametrize("kind", ["html_lt_text", "url_in_prose", "order_number"])
def test_what_only_looks_like_dirt_survives(kind: str, expo_run: PastRun, truth: list[Line]) -> None:
    for line in of_kinds(truth, kind):
        rows = versions(expo_run, "clean", line)
        unchanged = line.get("clean", line["dirty"])  # of news only the tags around it go
        assert any(unchanged in str(row[line["field"]]) for row in rows), line


@pytest.mark.parametrize("kind", ["phone_in_text", "id_in_text", "email_in_text"])
def test_personal_data_reaches_no_cleaned_row_and_no_export(
    kind: str, expo: Path, expo_run: PastRun, truth: list[Line]
) -> None:
    exported = "".join(path.read_text("utf-8") for path in (expo / "exports").rglob("*.jsonl"))
    plain = re.sub(r"[ \-]", "", exported)
    for line in of_kinds(truth, kind):
        for row in versions(expo_run, "clean", line):
            assert line["dirty"] not in str(row[line["field"]]), line
        assert line["dirty"] not in exported
        assert re.sub(r"[ \-+]|^86", "", line["dirty"]) not in plain


@pytest.mark.parametrize(
    ("kind", "reasons"),
    [
        ("garbled", {"garbled"}),
        ("too_short", {"too_short", "empty"}),
        ("foreign", {"foreign"}),
        (
            "empty",
            {"empty", "invalid_text", "invalid_introduction", "invalid_abstract", "invalid_description"},
        ),
    ],
)
def test_rows_without_use_are_dropped_with_their_reason(
    kind: str, reasons: set[str], expo_run: PastRun, truth: list[Line]
) -> None:
    for line in of_kinds(truth, kind):
        dropped = _dropped(expo_run).get(f"{line['corpus']}:{line['key']}")
        assert dropped is not None, line
        assert dropped["reason"] in reasons, line


def test_invalid_rows_are_set_aside_with_field_value_and_reason(expo_run: PastRun, truth: list[Line]) -> None:
    for line in of_kinds(truth, "invalid"):
        dropped = _dropped(expo_run)[f"{line['corpus']}:{line['key']}"]
        assert dropped["phase"] == "validate", line
        assert dropped["reason"] == f"invalid_{line['field']}" or dropped["reason"] == "invalid_row", line
        assert len(dropped["detail"]) > 4


def test_lines_that_are_no_rows_are_kept_by_file_and_line(expo_run: PastRun, truth: list[Line]) -> None:
    reasons = {"bad_json_line": "bad_json", "bad_csv_line": "wrong_cell_count", "undecodable": "undecodable"}
    for line in of_kinds(truth, *reasons):
        name = Path(line["file"]).name
        dropped = _dropped(expo_run)[f"{line['corpus']}:!{name}:{line['line']}"]
        assert dropped["reason"] == reasons[line["kind"]]
    planted = len(of_kinds(truth, *reasons))
    assert sum(":!" in row_id for row_id in _dropped(expo_run)) == planted


def _pairs(truth: list[Line], kind: str) -> Iterator[tuple[Line, str, str]]:
    for line in of_kinds(truth, kind):
        yield line, f"{line['corpus']}:{line['key']}", f"{line['corpus']}:{line['of']}"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("exact_dup", "exact_duplicate"), ("near_dup", "near_duplicate"), ("repeated", "exact_duplicate")],
)
def test_of_two_copies_one_stays_and_the_other_names_it(
    kind: str, reason: str, expo_run: PastRun, truth: list[Line]
) -> None:
    kept = {row["row_id"] for corpus in expo_run.manifest["corpora"] for row in _rows(expo_run, corpus)}
    for line, one, other in _pairs(truth, kind):
        gone = [row_id for row_id in (one, other) if row_id not in kept]
        assert gone, line
        assert all(_dropped(expo_run)[row_id]["reason"] == reason for row_id in gone), line
        assert all(_dropped(expo_run)[row_id]["of"] in kept for row_id in gone), line


def test_nothing_but_planted_copies_is_removed_as_nearly_the_same(
    expo_run: PastRun, truth: list[Line]
) -> None:
    planted = {row_id for _, one, other in _pairs(truth, "near_dup") for row_id in (one, other)}
    removed = {row_id for row_id, row in _dropped(expo_run).items() if row["reason"] == "near_duplicate"}
    assert removed <= planted
    assert len(removed) == len(of_kinds(truth, "near_dup"))


def test_records_that_share_a_template_both_stay(expo_run: PastRun, truth: list[Line]) -> None:
    for line, one, other in _pairs(truth, "lookalike"):
        kept = _by_id(expo_run, line["corpus"])
        # an identical short comment may stand for it
        assert one in kept or _dropped(expo_run)[one]["reason"] == "exact_duplicate", line
        assert other in kept or _dropped(expo_run)[other]["reason"] == "exact_duplicate", line


def test_rewritten_stories_both_stay_but_share_a_group(expo_run: PastRun, truth: list[Line]) -> None:
    for line, one, other in _pairs(truth, "alike"):
        kept = _by_id(expo_run, line["corpus"])
        assert kept[one]["cluster_id"] == kept[other]["cluster_id"], line
        assert kept[one]["split"] == kept[other]["split"], line


def test_of_two_versions_the_newer_stays(expo_run: PastRun, truth: list[Line]) -> None:
    for line in of_kinds(truth, "same_key"):
        rows = versions(expo_run, "validate", line)
        assert len(rows) == 2, line
        newest = max(str(row["updated_at"]) for row in rows)
        (kept,) = versions(expo_run, "dedupe", line)
        assert str(kept["updated_at"]) == newest, line


def test_every_row_is_accounted_for(expo_run: PastRun) -> None:
    for corpus in expo_run.manifest["corpora"]:
        read, *flow = [step for step in expo_run.of(corpus) if step.phase in FLOW]
        dropped = sum(step.dropped for step in [read, *flow])
        assert read.rows_in == flow[-1].kept + dropped
        ids = pl.Series([row["row_id"] for row in _rows(expo_run, corpus, "sources")])
        assert ids.is_unique().all()


def test_train_and_test_share_no_group_and_no_question(expo: Path, expo_run: PastRun) -> None:
    splits = query(
        expo_run,
        "SELECT cluster_id, count(DISTINCT split) AS n FROM pairs WHERE cluster_id IS NOT NULL GROUP BY 1 HAVING n > 1",
    )
    assert splits.is_empty()
    asked = {}
    for split in ("train", "validation", "test"):
        lines = (expo / f"exports/expo/v1/data/expo_{split}_alpaca.jsonl").read_text("utf-8").splitlines()
        asked[split] = {(row["instruction"], row["input"]) for row in map(json.loads, lines)}
        assert len(asked[split]) == len(lines)
    assert not asked["train"] & asked["test"]
    assert not asked["train"] & asked["validation"]
    assert not asked["validation"] & asked["test"]


def test_the_rows_that_stay_stand_for_all_that_came_into_dedupe(expo_run: PastRun) -> None:
    for corpus in expo_run.manifest["corpora"]:
        before = len(_rows(expo_run, corpus, "validate"))
        assert sum(row["copies"] for row in _rows(expo_run, corpus, "dedupe")) == before
