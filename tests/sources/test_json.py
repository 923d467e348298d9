"""json: the objects of one array, wherever it is; and files that are none."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.sources import Corpus, json_rows
from curate.sources.batches import batches
from curate.sources.jsonl_rows import parsed
from curate.sources.opening import File
from tests.sources.conftest import Read

ROWS = '[{"id": 1, "text": "甲"}, {"id": 2, "text": "乙", "tags": ["a", {"b": 1.5}]}]'


@pytest.mark.parametrize(
    ("content", "records"),
    [
        (ROWS, None),
        (json.dumps(json.loads(ROWS), indent=2), None),
        (f'{{"code": 0, "tags": ["x"], "data": {ROWS}, "total": 2}}', None),
        (f'{{"page": {{"list": {ROWS}, "other": [{{"x": 1}}]}}}}', "page.list"),
        (f'{{"a": [{{"x": 1}}], "b": {ROWS}}}', "b"),
    ],
    ids=["an array", "on many lines", "what a web service answers", "further inside", "one of two"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_records_are_found(
    see: Read, tmp_path: Path, content: str, records: str | None, encoding: str
) -> None:
    (tmp_path / "a.json").write_bytes(content.encode(encoding))
    rows = see("a.json", key="id", records=records).rows
    assert rows.select("row_id", "text", "tags").rows() == [
        ("c:1", "甲", None),
        ("c:2", "乙", '["a",{"b":1.5}]'),
    ]


def test_a_file_may_be_one_object(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"id": 1, "text": "甲", "tags": ["x"], "none": []}', encoding="utf-8")
    (tmp_path / "b.json").write_text('{"id": 2, "text": "乙", "halls": [{"no": 1}]}', encoding="utf-8")
    assert see("a.json", key="id").rows.select("row_id", "tags").rows() == [("c:1", '["x"]')]
    assert see("b.json", key="id", records="$").rows["halls"].to_list() == ['[{"no":1}]']


def test_gzip_is_read_through(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(ROWS.encode()))
    assert see("a.json.gz", key="id").ids == ["c:1", "c:2"]


def test_an_element_that_is_no_object_goes_alone(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(
        b'[{"text": "a"}, 7, {"text": "\xff"}, {"text": "a\tb"}, {"text": "c"}]'
    )
    seen = see("a.json")
    assert seen.rows["text"].to_list() == ["a", "c"]
    assert seen.dropped.select("row_id", "reason", "detail").rows() == [
        ("c:!a.json:2", "bad_json", "a.json 第 2 条记录不是完整的 JSON 对象"),
        ("c:!a.json:3", "undecodable", "a.json 第 3 条记录有解不出来的字节（文件的第 29 字节，从 0 数起）"),
        ("c:!a.json:4", "bad_json", "a.json 第 4 条记录不是完整的 JSON 对象"),
    ]


@pytest.mark.parametrize(
    ("content", "byte", "told"),
    [
        ('[{"text": "展会"}, {"text": "上', 34, "文件在这里断了"),
        ('[{"text": "展会"}, {"text" 1}]', 29, "Expecting ':' delimiter"),
        ('[{"text": "展会"}', 19, "文件在这里断了"),
        ('[{"text": "a"} {"text": "b"}]', 15, "这里应当是 , 或 ]"),
        ('[{"text": "a"},]', 15, "Expecting value"),
        ("", 0, "文件在这里断了"),
        ("展会", 0, "这里应当是 ["),
        ('{"text": "a"}\n{"text": "b"}\n', 14, "后面还有内容"),
    ],
    ids=["cut in a text", "wrong", "cut", "no comma", "a comma too many", "empty", "no JSON", "jsonl"],
)
def test_a_file_that_is_no_json_says_at_which_byte(
    see: Read, tmp_path: Path, content: str, byte: int, told: str
) -> None:
    (tmp_path / "a.json").write_text(content, encoding="utf-8")
    with pytest.raises(CurateError, match=f"第 {byte} 字节（从 0 数起）起不是合法的 JSON") as error:
        see("a.json")
    assert told in error.value.problem
    assert ("format: jsonl" in error.value.hint) == (told == "后面还有内容")


def test_the_byte_is_counted_in_the_files_encoding(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes('[{"text": "展会"}, x]'.encode("utf-16"))
    with pytest.raises(CurateError, match="第 36 字节"):
        see("a.json")


def test_several_arrays_ask_which(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"old": [{"text": "a"}], "new": [{"text": "b"}]}', encoding="utf-8")
    with pytest.raises(CurateError, match="不止一个记录数组：old、new") as error:
        see("a.json")
    assert "records: old" in error.value.hint
    with pytest.raises(CurateError, match="没有 neu") as error:
        see("a.json", records="neu")
    assert "new" in error.value.hint


VALUE: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(0.001, 1e9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)
OBJECTS = st.lists(
    st.dictionaries(st.sampled_from(["a", "b", "A"]), VALUE, min_size=1), min_size=1, max_size=4
)


@given(objects=OBJECTS, plain=st.booleans(), block=st.integers(1, 30))
@settings(max_examples=30)
def test_blocks_of_any_size_give_what_duckdb_reads_line_by_line(
    tmp_path_factory: pytest.TempPathFactory, objects: list[dict[str, Any]], plain: bool, block: int
) -> None:
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text(json.dumps(objects, ensure_ascii=plain, indent=block % 3 or None), encoding="utf-8")
    file = File(path, Corpus(path="a.json"), "a.json")
    lines = [json.dumps(row, ensure_ascii=False) for row in objects]
    text = json_rows._Text(file)
    whole = path.read_text(encoding="utf-8")
    text.blocks = iter([whole[at : at + block] for at in range(0, len(whole), block)])
    assert [json.loads(raw) for raw in json_rows._elements(text, None)] == objects
    by_duckdb = parsed(file, lines + [" "] * 500, 1, 0, str).rows
    assert [batch.rows.rows(named=True) for batch in batches(file)] == [by_duckdb.rows(named=True)]
