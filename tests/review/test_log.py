"""The log keeps every version of every annotation, the newest counts, and nothing that is done to it is ever lost."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.errors import CurateError
from curate.review.filed import read_filed
from curate.review.log import EVENT, FORM, Log
from curate.review.schema import ANNOTATION
from curate.review.votes import rounds_of

WHOSE = ("expo", "pairs")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with Log(tmp_path / "runs" / "review.sqlite") as opened:
        yield opened


def one(name: str = "ls/host/1/1", **columns: Any) -> dict[str, Any]:
    """A row of an annotation."""
    return {
        "annotation_id": name,
        "stage": "annotate",
        "item_id": "a",
        "content": "c1",
        "round": 1,
        "annotator": "li@x.cn",
        "result": "[]",
        "skipped": False,
        "deleted": False,
        "seconds": 4.5,
        "guideline": "v1",
        "wrong": None,
        "detail": None,
        "created_at": "2026-11-22T01:00:00.000000Z",
        "updated_at": "2026-11-22T01:00:00.000000Z",
    } | columns


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=ANNOTATION)


def test_what_is_added_comes_back_as_it_was(log: Log) -> None:
    rows = frame(
        one(), one("ls/host/1/2", skipped=True, deleted=True, seconds=None, annotator=None, wrong="forged")
    )
    assert log.add(*WHOSE, rows) == 2
    assert log.annotations(*WHOSE).equals(rows)
    assert log.annotations(*WHOSE).schema == pl.Schema(ANNOTATION)


@pytest.mark.parametrize(
    ("second", "added"),
    [
        pytest.param({}, 0, id="the same again is nothing new"),
        pytest.param({"updated_at": "2026-11-22T02:00:00.000000Z", "result": "[1]"}, 1, id="changed"),
        pytest.param({"deleted": True}, 1, id="deleted"),
        pytest.param(
            {"wrong": "deleted_user", "annotator": None}, 1, id="the user was deleted; no time says so"
        ),
    ],
)
def test_only_what_differs_from_the_newest_version_is_added(
    log: Log, second: dict[str, Any], added: int
) -> None:
    log.add(*WHOSE, frame(one()))
    assert log.add(*WHOSE, frame(one(**second))) == added
    assert log.annotations(*WHOSE).equals(frame(one(**second)))


def test_every_version_stays_in_the_file(log: Log) -> None:
    for result in ("[1]", "[2]", "[1]"):
        log.add(*WHOSE, frame(one(result=result)))
    assert log.select("SELECT result FROM annotations ORDER BY seq") == [("[1]",), ("[2]",), ("[1]",)]


def test_an_annotation_that_is_there_again_after_a_backup_was_restored_counts_again(log: Log) -> None:
    for deleted in (False, True, False):
        log.add(*WHOSE, frame(one(deleted=deleted)))
    assert log.annotations(*WHOSE)["deleted"].to_list() == [False]


def test_of_two_versions_in_one_batch_the_later_row_counts(log: Log) -> None:
    assert log.add(*WHOSE, frame(one(), one(result="[2]"))) == 2
    assert log.annotations(*WHOSE)["result"].to_list() == ["[2]"]


def test_recipes_and_projects_do_not_mix(log: Log) -> None:
    log.add("expo", "pairs", frame(one()))
    log.add("expo", "labels", frame(one(result="[2]")))
    log.exclude("other", "pairs", "li@x.cn", "me", "careless")
    assert log.annotations("other", "pairs").is_empty()
    assert log.annotations("expo", "labels")["result"].to_list() == ["[2]"]
    assert log.events("expo", "pairs").is_empty()


def test_events_say_who_did_what_when_and_why_in_their_order(log: Log) -> None:
    log.put_back(*WHOSE, ["a", "b"], "wang", "guideline revised")
    log.exclude(*WHOSE, "li@x.cn", "wang", "careless")
    log.include(*WHOSE, "li@x.cn", "wang", "talked to")
    events = log.events(*WHOSE)
    assert events.schema == pl.Schema(EVENT)
    assert events.select("kind", "item_id", "annotator", "by", "why").rows() == [
        ("put_back", "a", None, "wang", "guideline revised"),
        ("put_back", "b", None, "wang", "guideline revised"),
        ("exclude", None, "li@x.cn", "wang", "careless"),
        ("include", None, "li@x.cn", "wang", "talked to"),
    ]
    assert all(at.endswith("Z") for at in events["at"])


def test_event_ids_sort_as_the_events_came(log: Log) -> None:
    log.put_back(*WHOSE, [f"item {number}" for number in range(12)], "wang", "anew")
    assert log.events(*WHOSE).sort("event_id").equals(log.events(*WHOSE))


def test_an_item_is_in_the_round_after_it_was_put_back(log: Log) -> None:
    log.put_back(*WHOSE, ["a", "b", "a"], "wang", "anew")
    log.put_back(*WHOSE, ["a"], "wang", "anew")
    assert rounds_of(log.events(*WHOSE)) == {"a": 3, "b": 2}


class TestDigest:
    def test_does_not_depend_on_when_or_in_which_order_things_were_seen(self, tmp_path: Path) -> None:
        rows = [one(), one("ls/host/1/2")]
        with Log(tmp_path / "1.sqlite") as first, Log(tmp_path / "2.sqlite") as second:
            first.add(*WHOSE, frame(*rows))
            second.add(*WHOSE, frame(rows[1]))
            second.add(*WHOSE, frame(rows[0]))
            assert first.digest(*WHOSE) == second.digest(*WHOSE)

    def test_is_that_of_the_newest_versions(self, log: Log) -> None:
        log.add(*WHOSE, frame(one()))
        before = log.digest(*WHOSE)
        log.add(*WHOSE, frame(one(result="[2]")))
        assert log.digest(*WHOSE) != before
        log.add(*WHOSE, frame(one()))
        assert log.digest(*WHOSE) == before

    @pytest.mark.parametrize("what", ["put_back", "exclude", "include"])
    def test_changes_with_every_event(self, log: Log, what: str) -> None:
        before = log.digest(*WHOSE)
        getattr(log, what)(*WHOSE, ["a"] if what == "put_back" else "li@x.cn", "wang", "why")
        assert log.digest(*WHOSE) != before


KILLED = """
import sys
from pathlib import Path
from curate.review.log import Log
from tests.review.test_log import WHOSE, frame, one
with Log(Path(sys.argv[1])) as log:
    for number in range(100_000):
        log.add(*WHOSE, frame(one(f"{number}/1"), one(f"{number}/2")))
        print(number, flush=True)
"""


def test_a_kill_leaves_whole_batches(tmp_path: Path) -> None:
    file = tmp_path / "review.sqlite"
    process = subprocess.Popen([sys.executable, "-c", KILLED, file], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = [int(process.stdout.readline()) for _ in range(5)]
    os.kill(process.pid, signal.SIGKILL)
    told += [int(line) for line in process.stdout]
    process.wait()
    process.stdout.close()
    with Log(file) as log:
        found = log.annotations(*WHOSE)["annotation_id"]
        assert found.len() % 2 == 0
        assert {f"{number}/{half}" for number in told for half in (1, 2)} <= set(found)
        assert log.add(*WHOSE, frame(one("after"))) == 1


def test_a_log_of_a_newer_curate_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "review.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute(f"PRAGMA user_version={FORM + 1}")
    connection.close()
    with pytest.raises(CurateError, match="更新版本"):
        Log(file)


def test_a_file_that_is_no_log_is_told(tmp_path: Path) -> None:
    file = tmp_path / "review.sqlite"
    file.write_text("no database at all, but long enough to be looked at " * 40, encoding="utf-8")
    with pytest.raises(CurateError, match="不能读写"):
        Log(file)


def write(file: Path, *lines: Any) -> Path:
    file.write_text(
        "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8"
    )
    return file


LINE = {"project": "pairs", "item_id": "a", "content": "c1", "annotator": "li@x.cn", "result": [], "updated_at": "2026-11-22T09:00:00+08:00"}  # fmt: skip


class TestFiles:
    def test_give_annotations_by_project(self, tmp_path: Path) -> None:
        made = write(tmp_path / "a.jsonl", LINE, "", LINE | {"project": "labels"})
        other = write(tmp_path / "b.jsonl", LINE | {"item_id": "b"})
        found = read_filed([made, other]).annotations
        assert {name: rows["item_id"].to_list() for name, rows in found.items()} == {
            "pairs": ["a", "b"],
            "labels": ["a"],
        }
        assert all(rows.schema == pl.Schema(ANNOTATION) for rows in found.values())

    def test_what_a_line_leaves_out_is_what_one_would_think(self, tmp_path: Path) -> None:
        (row,) = read_filed([write(tmp_path / "a.jsonl", LINE)]).annotations["pairs"].to_dicts()
        assert row["annotation_id"] == "a.jsonl:1"
        assert (row["stage"], row["round"], row["skipped"], row["deleted"]) == ("annotate", 1, False, False)
        assert row["created_at"] == row["updated_at"] == "2026-11-22T01:00:00Z"

    @pytest.mark.parametrize(
        "result", [[{"value": {"choices": ["accept"]}}], '[{"value":{"choices":["accept"]}}]']
    )
    def test_a_result_is_json_or_its_text(self, tmp_path: Path, result: Any) -> None:
        found = read_filed([write(tmp_path / "a.jsonl", LINE | {"result": result})]).annotations
        assert found["pairs"]["result"].to_list() == ['[{"value":{"choices":["accept"]}}]']

    def test_what_the_log_holds_can_be_written_and_read_again(self, log: Log, tmp_path: Path) -> None:
        rows = frame(one(), one("ls/host/1/2", wrong="forged", annotator=None, skipped=True))
        lines = [row | {"project": "pairs", "made_by": "a script"} for row in rows.iter_rows(named=True)]
        log.add(*WHOSE, read_filed([write(tmp_path / "a.jsonl", *lines)]).annotations["pairs"])
        assert (
            log.annotations(*WHOSE)
            .drop("created_at", "updated_at")
            .equals(rows.drop("created_at", "updated_at"))
        )

    def test_a_line_that_stands_twice_counts_once(self, tmp_path: Path) -> None:
        line = LINE | {"annotation_id": "x"}
        assert read_filed([write(tmp_path / "a.jsonl", line, line)]).annotations["pairs"].height == 1

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            pytest.param("{", "不是 JSON", id="broken JSON"),
            pytest.param("[" * 100_000, "不是 JSON", id="too deep"),
            pytest.param("[1]", "应当是", id="no object"),
            pytest.param(
                {key: value for key, value in LINE.items() if key != "content"}, "content 缺少", id="missing"
            ),
            pytest.param(LINE | {"answer": 1}, "answer 没有这个选项", id="unknown field"),
            pytest.param(LINE | {"round": "1"}, "round 应当是整数", id="wrong type"),
            pytest.param(LINE | {"round": 0}, "round 不能小于 1", id="no such round"),
            pytest.param(
                LINE | {"skipped": 1}, "skipped 应当是 true 或 false", id="a number for a truth value"
            ),
            pytest.param(LINE | {"stage": "judge"}, "stage 只能是", id="unknown stage"),
            pytest.param(LINE | {"result": "accept"}, "result 应当是 JSON", id="a result in words"),
            pytest.param(LINE | {"updated_at": "yesterday"}, "updated_at 不是时间", id="no time"),
            pytest.param(LINE | {"seconds": float("nan")}, "seconds", id="no number"),
        ],
    )
    def test_a_bad_line_is_told_with_its_place(self, tmp_path: Path, line: Any, told: str) -> None:
        file = write(tmp_path / "a.jsonl", LINE, line)
        with pytest.raises(CurateError) as error:
            read_filed([file])
        assert f"{file}:2" in error.value.problem
        assert told in error.value.problem

    def test_one_annotation_that_two_lines_tell_otherwise_is_refused(self, tmp_path: Path) -> None:
        line = LINE | {"annotation_id": "x"}
        file = write(tmp_path / "a.jsonl", line, line | {"result": [1]})
        with pytest.raises(CurateError, match=r"a.jsonl:2.*x.*a.jsonl:1"):
            read_filed([file])

    def test_a_file_that_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(CurateError, match=r"nix\.jsonl"):
            read_filed([tmp_path / "nix.jsonl"])
