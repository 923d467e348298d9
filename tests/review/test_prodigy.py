"""prodigy: tasks go out, and every line that comes back is an annotation or is told why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.errors import CurateError
from curate.review.prodigy import read_prodigy, write_prodigy
from curate.review.schema import ANNOTATION
from tests.review.small_pages import PAIR_DATA, SPANS, SPANS_DATA, items_of, judged, page, span

LABEL = """<View>
  <Text name="text" value="$text"/>
  <Text name="about" value="$about"/>
  <Choices name="label" toName="text" required="true"><Choice value="正面" alias="pos"/><Choice value="负面" alias="neg"/></Choices>
  <Choices name="kinds" toName="text" choice="multiple"><Choice value="价格"/><Choice value="服务"/></Choices>
</View>"""
DATA = {"text": "服务很好。", "about": "评论"}
PAIRS = items_of(PAIR_DATA, PAIR_DATA | {"answer": "共 84 家。"})


def tasks_of(path: Path, items: pl.DataFrame, xml: str | None = None, **rounds: int) -> list[dict[str, Any]]:
    assert write_prodigy(path, items, page(xml) if xml else page(), "p", rounds) == items.height
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def answered(
    path: Path, items: pl.DataFrame, tasks: list[Any], xml: str | None = None, **options: Any
) -> pl.DataFrame:
    lines = (
        task if isinstance(task, str) else json.dumps({"_annotator_id": "p-anna"} | task) for task in tasks
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = read_prodigy(path, items, page(xml) if xml else page(), "p", **options)
    assert found.schema == pl.Schema(ANNOTATION)
    return found


def said(
    tmp_path: Path, items: pl.DataFrame, task: dict[str, Any], xml: str | None = None
) -> tuple[dict[str, Any], list[str]]:
    """What the answer to one task says, once it is checked, and what is wrong."""
    found = answered(tmp_path / "out.jsonl", items, [task], xml)
    one = next(iter(judged(page(xml) if xml else page(), items, found).values()))
    return one.values, [*found["detail"].drop_nulls(), *one.problems]


def test_a_task_has_text_options_and_the_word_that_people_read(tmp_path: Path) -> None:
    items = items_of(DATA)
    task = tasks_of(tmp_path / "a.jsonl", items, LABEL, **{"p:0!control": 2})[0]
    assert (task["text"], task["meta"]) == ("服务很好。", {"出处": "评论"})
    assert task["options"] == [
        {"id": "pos", "text": "正面"},
        {"id": "neg", "text": "负面"},
        {"id": "kinds=价格", "text": "价格"},
        {"id": "kinds=服务", "text": "服务"},
    ]
    assert task["curate_round"] == 2
    assert "control" not in (tmp_path / "a.jsonl").read_text(encoding="utf-8")


def test_hashes_are_the_same_every_time_and_differ_between_rounds(tmp_path: Path) -> None:
    first = tasks_of(tmp_path / "a.jsonl", PAIRS)
    again = tasks_of(tmp_path / "b.jsonl", PAIRS.reverse(), **{"p:1": 2})
    assert first[0] == again[0]
    assert first[1]["_input_hash"] == again[1]["_input_hash"]
    assert first[1]["_task_hash"] != again[1]["_task_hash"]
    assert all(-(2**31) <= task["_task_hash"] < 2**31 for task in first)


def test_choices_come_back(tmp_path: Path) -> None:
    items = items_of(DATA)
    task = tasks_of(tmp_path / "a.jsonl", items, LABEL)[0]
    values = said(tmp_path, items, task | {"answer": "accept", "accept": ["neg", "kinds=服务"]}, LABEL)
    assert values == ({"label": "neg", "kinds": ["服务"]}, [])


def test_spans_keep_their_places(tmp_path: Path) -> None:
    items = items_of(SPANS_DATA, marks=[span(2, 4, "张三", "PER")])
    task = tasks_of(tmp_path / "a.jsonl", items, SPANS)[0]
    assert task["spans"] == [{"start": 2, "end": 4, "label": "人名"}]
    task["spans"].append({"start": 5, "end": 7, "token_start": 5, "token_end": 6, "label": "ORG"})
    values, problems = said(tmp_path, items, task | {"answer": "accept"}, SPANS)
    assert [(one["text"], one["label"]) for one in values["spans"]] == [("张三", "PER"), ("北京", "ORG")]
    assert problems == []


@pytest.mark.parametrize(
    ("change", "values", "problems"),
    [
        ({"answer": "accept"}, {"decision": "accept"}, []),
        (
            {"answer": "reject", "accept": ["wrong_fact"]},
            {"decision": "reject", "reasons": ["wrong_fact"]},
            [],
        ),
        ({"answer": "reject"}, {"decision": "reject"}, ["必填的 reasons 没有填"]),
        (
            {"answer": "accept", "edited_answer": "共 48 家。"},
            {"decision": "edit", "edited_answer": "共 48 家。"},
            [],
        ),
        (
            {"answer": "accept", "clear": 4, "note": "好"},
            {"decision": "accept", "clear": 4, "note": "好"},
            [],
        ),
        (
            {"answer": "accept", "clear": 11},
            {"decision": "accept"},
            ["第 1 项：clear 应是 1 到 5 的整数，不是 “11”"],
        ),
    ],
)
def test_the_buttons_are_the_decision_on_a_pair(
    tmp_path: Path, change: dict[str, Any], values: dict[str, Any], problems: list[str]
) -> None:
    task = tasks_of(tmp_path / "a.jsonl", PAIRS)[0]
    assert task["text"] == "【资料】\n本届展会有 48 家企业参展。\n\n【回答】\n一共 48 家。"
    told, wrong = said(tmp_path, PAIRS, task | change)
    assert told == values
    assert wrong == problems


def test_ignored_and_rejected_tasks_are_skipped(tmp_path: Path) -> None:
    items = items_of(DATA, DATA | {"text": "一般。"})
    tasks = tasks_of(tmp_path / "a.jsonl", items, LABEL)
    found = answered(
        tmp_path / "o.jsonl", items, [tasks[0] | {"answer": "ignore"}, tasks[1] | {"answer": "reject"}], LABEL
    )
    assert found["skipped"].to_list() == [True, True]
    assert found["wrong"].null_count() == 2
    assert answered(
        tmp_path / "o.jsonl", PAIRS, [tasks_of(tmp_path / "b.jsonl", PAIRS)[0] | {"answer": "ignore"}]
    )["skipped"].all()


@pytest.mark.parametrize(
    ("change", "wrong", "detail"),
    [
        ({}, "invalid", "第 1 行没有 answer"),
        ({"answer": "yes"}, "invalid", "第 1 行没有 answer"),
        ({"answer": ["accept"]}, "invalid", "第 1 行没有 answer"),
        ({"answer": "accept", "text": "别的"}, "invalid", "第 1 行的 text 被改过"),
        ({"answer": "accept", "accept": ["good"]}, "invalid", "accept 里有不认识的选项"),
        ({"answer": "accept", "accept": [{"id": "pos"}]}, "invalid", "accept 里有不认识的选项"),
        ({"answer": "accept", "accept": ["pos", "neg"]}, "invalid", "label 只能选一个"),
        ({"answer": "accept", "curate_id": "0" * 16}, "unknown_item", "第 1 行不是这个项目的内容"),
        ({"answer": "accept", "curate_id": 7}, "unknown_item", "第 1 行不是这个项目的内容"),
        ({"answer": "accept", "accept": ["pos"], "_annotator_id": None}, "no_annotator", None),
    ],
)
def test_a_line_that_cannot_count_says_why(
    tmp_path: Path, change: dict[str, Any], wrong: str, detail: str | None
) -> None:
    items = items_of(DATA)
    task = tasks_of(tmp_path / "a.jsonl", items, LABEL)[0]
    found = answered(tmp_path / "o.jsonl", items, [task | change], LABEL)
    assert found["wrong"].to_list() == [wrong]
    assert detail is None or detail in found["detail"][0]


@pytest.mark.parametrize(
    "spans",
    [[{"start": 2, "end": 99, "label": "PER"}], [{"start": "2", "end": 4, "label": "PER"}], [{"start": 2, "end": 4, "label": "地名"}], ["x"], "x", [None]],
)  # fmt: skip
def test_hostile_spans_are_told(tmp_path: Path, spans: Any) -> None:
    items = items_of(SPANS_DATA)
    task = tasks_of(tmp_path / "a.jsonl", items, SPANS)[0]
    found = answered(tmp_path / "o.jsonl", items, [task | {"answer": "accept", "spans": spans}], SPANS)
    assert found.select("wrong", "detail").row(0) == ("invalid", "第 1 行：spans 里有一处位置或标签不对")


@pytest.mark.parametrize("line", ["{", "[]", "7", '"x"', "[" * 100_000, '{"a": ' + "9" * 5_000 + "}"])
def test_a_broken_line_is_told_and_the_others_count(tmp_path: Path, line: str) -> None:
    items = items_of(DATA)
    good = tasks_of(tmp_path / "a.jsonl", items, LABEL)[0] | {"answer": "accept", "accept": ["pos"]}
    found = answered(tmp_path / "o.jsonl", items, [good, line], LABEL)
    assert found["wrong"].to_list() == [None, "invalid"]
    assert found["detail"][1] == "第 2 行不是 JSON 对象"


def test_who_and_when(tmp_path: Path) -> None:
    task = tasks_of(tmp_path / "a.jsonl", PAIRS)[0] | {"answer": "accept"}
    sessions = [
        task | {"_timestamp": 1_790_000_000},
        task | {"_annotator_id": None, "_session_id": "p-bei", "_timestamp": float("inf")},
    ]
    found = answered(
        tmp_path / "o.jsonl",
        PAIRS,
        sessions,
        people={"p-anna": "anna@example.com"},
        updated_at="2026-01-01T00:00:00+00:00",
    )
    assert found["annotator"].to_list() == ["anna@example.com", "p-bei"]
    assert found["updated_at"].to_list() == ["2026-09-21T14:13:20+00:00", "2026-01-01T00:00:00+00:00"]
    assert found["annotation_id"].to_list() == ["p-anna:annotate:o.jsonl:1", "p-bei:annotate:o.jsonl:2"]
    assert set(found["guideline"]) == {page().version}
    assert found["content"].to_list() == [PAIRS["content"][0]] * 2


def test_half_a_character_does_not_break_the_table(tmp_path: Path) -> None:
    task = tasks_of(tmp_path / "a.jsonl", PAIRS)[0] | {
        "answer": "accept",
        "note": "\ud83d",
        "curate_content": "\ud83d",
    }
    found = answered(tmp_path / "o.jsonl", PAIRS, [task])
    assert "坏字符" in judged(page(), PAIRS, found)["p:0!control"].problems[0]


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "o.jsonl").write_bytes("展会".encode("gb18030"))
    with pytest.raises(CurateError, match="读不了标注文件"):
        read_prodigy(tmp_path / "o.jsonl", PAIRS, page(), "p")
