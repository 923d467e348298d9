"""server_export: Label Studio's own file, taken as it is and believed as little as the server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.errors import CurateError
from curate.review.schema import ANNOTATION, opaque
from curate.review.server_export import read_export
from tests.review.small_pages import PAIR_DATA, choice, items_of, judged, page

ITEMS = items_of(PAIR_DATA, PAIR_DATA | {"answer": "共 84 家。"})
OURS = {"curate_id": opaque("p", "p:1"), "curate_content": "c1", "curate_round": 2}
ONE = {
    "id": 41,
    "completed_by": 7,
    "result": [choice("decision", "accept")],
    "was_cancelled": False,
    "lead_time": 12.5,
    "created_at": "2026-11-22T10:00:00.5Z",
    "updated_at": "2026-11-22T18:00:00+08:00",
}


def exported(tmp_path: Path, *annotations: dict[str, Any], **data: Any) -> pl.DataFrame:
    tasks = [
        {"id": 1, "data": OURS | data, "annotations": list(annotations), "predictions": [], "drafts": [{}]}
    ]
    file = tmp_path / "export.json"
    file.write_text(json.dumps(tasks), encoding="utf-8")
    return read_export(file, ITEMS, page(), "p", people={7: "anna@example.com"})


def test_an_annotation_is_taken_with_who_and_when(tmp_path: Path) -> None:
    found = exported(tmp_path, ONE)
    assert found.schema == pl.Schema(ANNOTATION)
    row = found.row(0, named=True)
    assert row | {"result": None} == dict.fromkeys(ANNOTATION) | {
        "annotation_id": "annotate:export.json:41",
        "stage": "annotate",
        "item_id": "p:1",
        "content": "c1",
        "round": 2,
        "annotator": "anna@example.com",
        "skipped": False,
        "deleted": False,
        "seconds": 12.5,
        "created_at": "2026-11-22T10:00:00.500000+00:00",
        "updated_at": "2026-11-22T10:00:00+00:00",
    }
    assert judged(page(), ITEMS, found)["p:1"].values == {"decision": "accept"}


@pytest.mark.parametrize(
    ("by", "annotator", "wrong"),
    [
        (8, "user 8", None),
        ({"id": 7, "email": "bei@example.com"}, "bei@example.com", None),
        ({"id": 7}, "anna@example.com", None),
        (None, None, "deleted_user"),
        ("anna", None, "deleted_user"),
        (True, None, "deleted_user"),
    ],
)
def test_who_it_was(tmp_path: Path, by: Any, annotator: str | None, wrong: str | None) -> None:
    found = exported(tmp_path, ONE | {"completed_by": by})
    assert found.select("annotator", "wrong").row(0) == (annotator, wrong)


def test_skipped_ones_and_those_of_other_projects_are_there_too(tmp_path: Path) -> None:
    assert exported(tmp_path, ONE | {"was_cancelled": True, "result": []})["skipped"].to_list() == [True]
    assert exported(tmp_path, ONE, curate_id="x")["wrong"].to_list() == ["unknown_item"]
    assert exported(tmp_path, ONE, curate_id=None)["wrong"].to_list() == ["unknown_item"]


@pytest.mark.parametrize("result", [None, "x", [{"foo": 1}], {"a": [[[]]]}, [choice("decision", "\ud83d")]])
def test_a_hostile_result_is_kept_as_it_came_and_judged_like_all(tmp_path: Path, result: Any) -> None:
    found = exported(tmp_path, ONE | {"result": result})
    assert json.loads(found["result"][0]) == result
    assert judged(page(), ITEMS, found)["p:1"].problems


def test_times_and_numbers_that_are_none(tmp_path: Path) -> None:
    found = exported(
        tmp_path,
        ONE | {"id": None, "lead_time": -1, "created_at": 5, "updated_at": "gestern"},
        curate_round="9" * 30,
    )
    row = found.row(0, named=True)
    assert (row["annotation_id"], row["seconds"], row["round"]) == ("annotate:export.json:1.1", None, 1)
    assert row["created_at"] == row["updated_at"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "读不了标注文件"),
        ("[" * 100_000, "读不了标注文件"),
        ("{}", "不是任务的列表"),
        ("[1]", "不是任务的列表"),
        ('[{"data": {}}]', "第 1 个任务没有 data 或 annotations"),
        ('[{"data": {}, "annotations": [1]}]', "第 1 个任务没有 data 或 annotations"),
    ],
)
def test_a_file_that_is_no_export_is_refused(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "e.json").write_text(text, encoding="utf-8")
    with pytest.raises(CurateError, match=what):
        read_export(tmp_path / "e.json", ITEMS, page(), "p")
