"""Contamination: no training pair repeats a large part of an evaluation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.errors import CurateError
from curate.mix import Mix, decide
from curate.mix.evaluation_files import read_items
from tests.mix.tables import LLM, TEST, VALIDATION, pair, tables

ASKED = "云帆储能科技公司去年在华东地区一共签下了几个储能电站项目？"
TOLD = (
    "一共签下七个储能电站项目，其中三个在江苏，两个在浙江，其余在安徽；总容量约为二百兆瓦时，年内全部并网。"
)
ITEM = pair("c:9#exam", instruction=ASKED, output=TOLD)


def dropped(folder: Path, *pairs: dict[str, Any], **options: Any) -> list[tuple[Any, ...]]:
    """(pair, what it repeats, the text that they share)."""
    told, _ = decide(tables(folder, list(pairs)), Mix(near={"origins": []}, decontaminate=options))
    return told.filter(reason="contaminated").select("pair_id", "of", "detail").rows()


@pytest.mark.parametrize("split", [TEST, VALIDATION], ids=["test", "validation"])
@pytest.mark.parametrize(
    ("instruction", "output", "found"),
    [
        ("麻烦问一下，" + ASKED, "七个。", True),
        ("他们去年的业绩怎么样？", "据介绍，" + TOLD + "公司还计划扩产。", True),
        ("他们去年的业绩怎么样？", TOLD[:40], True),
        ("云帆储能科技公司去年的营业收入是多少？", "一共三亿元。", False),
        ("他们去年的业绩怎么样？", "很好。", False),
    ],
    ids=[
        "the question in a frame",
        "the answer in a longer one",
        "most of the answer",
        "a name alone",
        "nothing",
    ],
)
def test_what_a_model_wrote_must_not_repeat_the_evaluation(
    tmp_path: Path, split: dict[str, str], instruction: str, output: str, found: bool
) -> None:
    mine = pair("c:1#a", instruction=instruction, output=output, **LLM)
    told = dropped(tmp_path, ITEM | split, mine)
    assert [row[:2] for row in told] == ([("c:1#a", "c:9#exam")] if found else [])
    assert all(len(row[2]) >= 13 for row in told), "the text that they share is told"


def test_templates_are_held_against_given_files_only(tmp_path: Path) -> None:
    mine = pair("c:1#a", instruction="请问" + ASKED, output="七个。")
    assert dropped(tmp_path, ITEM | TEST, mine) == []
    file = tmp_path / "exam.jsonl"
    file.write_text(json.dumps({"q": {"text": [ASKED]}, "n": 1}, ensure_ascii=False) + "\n", encoding="utf-8")
    [(name, of, shared)] = dropped(tmp_path, mine, files=[str(file)])
    assert (name, of) == ("c:1#a", f"{file}:1")
    assert shared in ASKED


def test_what_every_row_is_asked_is_a_phrase(tmp_path: Path) -> None:
    phrase = "的统一社会信用代码和法定代表人分别是什么？"
    rows = [pair(f"c:{n}#code", instruction=f"第{n}家{phrase}", output=f"代码{n}。") for n in range(12)]
    mine = pair("c:20#x", instruction=f"云帆{phrase}", output="不清楚。", **LLM)
    exam = pair("c:21#code", instruction=f"星河{phrase}", output="代码九。", **TEST)
    assert dropped(tmp_path, *rows, exam, mine) == []
    assert [row[0] for row in dropped(tmp_path, *rows, exam, mine, common=100)] == ["c:20#x"]


def test_a_model_cannot_make_a_phrase_by_repeating_the_exam(tmp_path: Path) -> None:
    mine = [pair(f"c:{n}#a", instruction=f"第{n}次问，" + ASKED, output="七个。", **LLM) for n in range(15)]
    assert len(dropped(tmp_path, ITEM | TEST, *mine)) == 15


@pytest.mark.parametrize(
    ("name", "content", "texts"),
    [
        (
            "a.jsonl",
            '{"q": "甲问", "more": [{"a": "乙答"}], "n": 3}\n\n{"q": ""}\n'.encode(),
            ["甲问", "乙答"],
        ),
        ("a.json", '[{"q": "甲问"}, ["乙答"]]'.encode(), ["甲问", "乙答"]),
        ("a.csv", "问,答\n甲问,乙答\n".encode("gb18030"), ["甲问", "乙答"]),
        ("a.txt", "甲问\n\n乙答\n".encode(), ["甲问", "乙答"]),
    ],
)
def test_all_texts_of_an_evaluation_file_are_read(
    tmp_path: Path, name: str, content: bytes, texts: list[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    assert read_items(str(tmp_path / name))["text"].to_list() == texts


def test_parquet_too(tmp_path: Path) -> None:
    pl.DataFrame({"n": [1], "turns": [[{"role": "user", "content": "甲问"}]]}).write_parquet(
        tmp_path / "a.parquet"
    )
    assert read_items(str(tmp_path / "a.parquet"))["text"].to_list() == ["user", "甲问"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.jsonl", b"{"), ("a.xlsx", b"PK"), ("a.txt", b"\n"), ("a.parquet", b"PAR1"), ("a.csv", b'a\n"b')],
)
def test_a_file_that_cannot_be_read_is_told_with_its_name(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CurateError, match=name.replace(".", r"\.")) as error:
        read_items(str(tmp_path / name))
    assert "mix.decontaminate.files" in error.value.hint
