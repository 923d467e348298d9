"""jsonl: objects that differ from line to line, and lines that are none."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.sources.conftest import Read


def write(path: Path, *lines: str) -> None:
    content = "".join(line + "\n" for line in lines).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.jsonl.gz"])
def test_objects_become_rows(see: Read, tmp_path: Path, name: str) -> None:
    write(tmp_path / name, '{"id": 1, "text": "甲"}', "", '{"id": 2, "text": "乙"}')
    assert see(name, key="id").rows.select("row_id", "text").rows() == [("c:1", "甲"), ("c:2", "乙")]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"id": 2, "text": "断', "cut"),
        ('[{"id": 2}]', "a list"),
        ('"文字"', "a word"),
        ("3", "a number"),
        ("null", "null"),
        ("{}", "an object without a value"),
        ('{"id": 2, "text": "\\ud83d"}', "half a surrogate pair"),
        ("{'id': 2}", "Python, not JSON"),
    ],
    ids=lambda value: value if not value.startswith("{") else "",
)
def test_a_line_that_is_no_object_goes_alone(see: Read, tmp_path: Path, line: str, what: str) -> None:
    write(tmp_path / "a.jsonl", '{"id": 1, "text": "甲"}', line, '{"id": 3, "text": "丙"}')
    seen = see("a.jsonl", key="id")
    assert seen.ids == ["c:1", "c:3"], what
    assert seen.dropped.select("row_id", "reason", "detail", "text").rows() == [
        ("c:!a.jsonl:2", "bad_json", "a.jsonl 第 2 行不是完整的 JSON 对象", line)
    ]
    assert seen.step.rows_in == 3


def test_only_the_line_with_bad_bytes_goes(see: Read, tmp_path: Path) -> None:
    lines = [f'{{"id": {number}, "text": "展会"}}'.encode() for number in range(30)]
    lines[7] = b'{"id": 7, "text": "\xff"}'
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    seen = see("a.jsonl", key="id")
    assert seen.rows.height == 29
    assert seen.dropped.select("reason", "row_id").rows() == [("undecodable", "c:!a.jsonl:8")]


def test_a_column_of_several_types_is_text(see: Read, tmp_path: Path) -> None:
    values = [1, "一", 1.5, True, None, [1, {"k": "值"}], {"k": [None]}, 12345678901234567890123, ""]
    write(tmp_path / "a.jsonl", *(json.dumps({"text": "x", "v": v}, ensure_ascii=False) for v in values))
    assert see("a.jsonl").rows["v"].to_list() == [
        *("1", "一", "1.5", "true", None),
        *('[1,{"k":"值"}]', '{"k":[null]}', "12345678901234567890123", None),
    ]


def test_a_nested_value_stays_json(see: Read, tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", '{"text": "x", "tags": ["展会", "a\\"b"], "at": {"城市": "上海"}}')
    row = see("a.jsonl").rows.row(0, named=True)
    assert json.loads(row["tags"]) == ["展会", 'a"b']
    assert json.loads(row["at"]) == {"城市": "上海"}


def test_a_key_that_appears_late_is_null_before(see: Read, tmp_path: Path) -> None:
    write(
        tmp_path / "a.jsonl",
        *(f'{{"id": {n}, "text": "x"}}' for n in range(25)),
        '{"id": 25, "text": "x", "late": "来了"}',
    )
    late = see("a.jsonl", key="id", shard_rows=10).rows["late"].to_list()
    assert late == [None] * 25 + ["来了"]


@pytest.mark.parametrize("mark", ["\u0085", "\u2028", "\u2029", "\u000b", "\u001c"])
def test_only_a_line_feed_ends_a_line(see: Read, tmp_path: Path, mark: str) -> None:
    # str.splitlines would cut here; these marks come from PDF and Word
    write(tmp_path / "a.jsonl", json.dumps({"text": f"上{mark}下"}, ensure_ascii=ord(mark) < 32))
    assert see("a.jsonl").rows["text"].to_list() == [f"上{mark}下"]


def test_names_that_differ_in_case_or_are_odd_stay_apart(see: Read, tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", '{"ID": 1, "id": "x", "": 3, "a\\"b": 4, "it\'s": null, "text": "甲"}')
    row = see("a.jsonl", key="id").rows.row(0, named=True)
    assert row["row_id"] == "c:x"
    assert (row["ID"], row["id"], row[""], row['a"b'], row["it's"]) == ("1", "x", "3", "4", None)


def test_a_byte_order_mark_is_no_part_of_the_first_line(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'\xef\xbb\xbf{"text": "a"}\n')
    for declared in (None, "utf-8"):
        assert see("a.jsonl", encoding=declared).rows["text"].to_list() == ["a"]
