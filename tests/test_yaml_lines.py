"""YAML with its lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from curate.yaml_lines import Document, read_yaml

Read = Callable[[str | bytes], Document]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def make(content: str | bytes) -> Document:
        file = tmp_path / "recipe.yaml"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_yaml(file)

    return make


def problems(document: Document) -> list[tuple[int, str]]:
    return [(problem.line, problem.what) for problem in document.problems]


RECIPE = """\
name: expo
corpora:
  news:
    path: data/news/*.jsonl

  papers: {path: data/papers.csv,
           tier: silver}
clean:
  - fold_width

  # a remark
  - drop_short:
      min_chars: 8
  - only:
    - news
    - papers
"""


def test_keys_and_items_have_their_lines(read: Read) -> None:
    document = read(RECIPE)
    assert document.problems == []
    assert document.value["clean"] == [
        "fold_width",
        {"drop_short": {"min_chars": 8}},
        {"only": ["news", "papers"]},
    ]
    lines = {
        ("name",): 1,
        ("corpora",): 2,
        ("corpora", "news"): 3,
        ("corpora", "news", "path"): 4,
        ("corpora", "papers"): 6,
        ("corpora", "papers", "path"): 6,
        ("corpora", "papers", "tier"): 7,
        ("clean", 0): 9,
        ("clean", 1): 12,
        ("clean", 1, "drop_short", "min_chars"): 13,
        ("clean", 2, "only", 1): 16,
    }
    assert {path: document.line(path) for path in lines} == lines


def test_a_step_that_does_not_stand_in_the_file_is_passed_over(read: Read) -> None:
    document = read(RECIPE)
    assert document.line(("clean", 1, "DropShort", "drop_short", "min_chars")) == 13
    assert document.line(("clean", 1, "drop_short", "max_chars")) == 12
    assert document.line(("nowhere",)) == 1
    assert document.line(()) == 1


def test_all_doubled_keys_are_told_at_once_with_the_first_place(read: Read) -> None:
    document = read("name: a\nclean: []\nname: b\ncorpora:\n  news: {}\n  news: {}\n  news: {}\n")
    assert problems(document) == [
        (3, "name 在这里写了两次"),
        (6, "news 在这里写了两次"),
        (7, "news 在这里写了两次"),
    ]
    assert [problem.hint for problem in document.problems] == [
        "第一次在第 1 行，合并成一处",
        "第一次在第 5 行，合并成一处",
        "第一次在第 5 行，合并成一处",
    ]
    assert document.value == {"name": "a", "clean": [], "corpora": {"news": {}}}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("name: a\nclean: [a, b\n", 3),
        ("name: a\n  city: b\n", 2),
        ('name: "a\n', 2),
        ("name: a\nclean:\n\t- b\n", 3),
        ("name: a\ncity: *nowhere\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
    ],
    ids=["open list", "wrong indent", "open quote", "tab", "unknown anchor", "two documents"],
)
def test_broken_yaml_gives_its_line(read: Read, content: str, line: int) -> None:
    document = read(content)
    assert document.value is None
    ((found, what),) = problems(document)
    assert found == line
    assert what.startswith("不是合法的 YAML：")
    assert document.problems[0].hint


def test_a_gbk_file_is_told_to_become_utf8(read: Read) -> None:
    document = read("name: 展会\n".encode("gbk"))
    assert document.value is None
    assert document.problems[0].what.startswith("读不出来")
    assert document.problems[0].hint == "文件要存成 UTF-8"


def test_an_absent_file_is_a_problem_and_no_exception(tmp_path: Path) -> None:
    document = read_yaml(tmp_path / "absent.yaml")
    assert document.value is None
    assert len(document.problems) == 1


def test_a_byte_order_mark_is_no_part_of_the_first_key(read: Read) -> None:
    assert read("\ufeffname: 展会\n".encode()).value == {"name": "展会"}


@pytest.mark.parametrize("content", ["", "\n\n", "# a remark\n"])
def test_an_empty_file_has_no_value_and_no_problem(read: Read, content: str) -> None:
    document = read(content)
    assert (document.value, document.problems) == (None, [])


@pytest.mark.parametrize("word", ["no", "yes", "on", "off", "y", "n", "No", "ON"])
def test_words_that_yaml_1_1_took_for_truth_values_stay_text(read: Read, word: str) -> None:
    assert read(f"{word}: {word}\n").value == {word: word}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("010", 10),
        ("0o10", 8),
        ("12:30", "12:30"),
        ("3.50", 3.5),
        ("2026-03-05", date(2026, 3, 5)),
        ("'2026'", "2026"),
        ("展会", "展会"),
    ],
)
def test_plain_values_are_those_of_yaml_1_2(read: Read, written: str, value: object) -> None:
    found = read(f"a: {written}\n").value["a"]
    assert found == value
    assert type(found) is type(value)


def test_an_anchor_is_read_wherever_it_is_used(read: Read) -> None:
    document = read("a: &common\n  x: 1\nb: *common\nc: [*common]\n")
    assert document.value == {"a": {"x": 1}, "b": {"x": 1}, "c": [{"x": 1}]}
    assert document.line(("b",)) == 3
    assert document.problems == []


@pytest.mark.parametrize(
    "written",
    ["2026-02-30", "9" * 5000, "0x" + "f" * 20, "!!int abc", "!!bool vielleicht", r'"\ud800"'],
    ids=["no such day", "5000 digits", "80 bits", "no int", "no bool", "half a character"],
)
def test_a_value_that_cannot_be_is_a_problem_with_its_line(read: Read, written: str) -> None:
    document = read(f"name: a\nsince: {written}\ncity: b\n")
    ((line, what),) = problems(document)
    assert line == 2
    assert what.endswith("不是合法的值")
    assert document.value["city"] == "b"


@pytest.mark.parametrize("written", [r'"\UFFFFFFFF"', r'"\U00110000"'])
def test_an_escape_that_is_no_character_is_no_yaml(read: Read, written: str) -> None:
    document = read(f"name: a\nsince: {written}\n")
    assert document.value is None
    assert document.problems[0].what.startswith("不是合法的 YAML：")


def test_the_last_of_two_anchors_of_one_name_holds(read: Read) -> None:
    assert read("a: &x 1\nb: &x 2\nc: *x\n").value == {"a": 1, "b": 2, "c": 2}


def test_a_merge_key_is_told_in_words(read: Read) -> None:
    document = read("a: &a {x: 1}\nb:\n  <<: *a\n")
    assert problems(document) == [(3, "不支持合并键 <<")]
    assert document.problems[0].hint == "把要合并的几行写出来"


def test_an_anchor_within_itself_is_a_problem(read: Read) -> None:
    document = read("a: &loop\n  x: *loop\n")
    assert problems(document) == [(1, "锚点引用了自己")]


def test_a_list_or_mapping_is_no_key(read: Read) -> None:
    document = read("name: a\n? [a, b]\n: c\n")
    assert problems(document) == [(2, "键不能是列表或映射")]
    assert document.value == {"name": "a"}
