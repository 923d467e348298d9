"""Gold items are read with their mistakes told by line; checks stand apart from each other among the sample."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.errors import CurateError
from curate.review.gold import interleaved, read_gold
from curate.review.schema import ITEM, content_of
from tests.review.pair_tables import items

FIELDS = ("text", "about")
GOOD = {"data": {"text": "好", "about": "c"}, "expected": {"label": "positive"}}


def written(folder: Path, *lines: Any) -> Path:
    file = folder / "gold.jsonl"
    told = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    file.write_text("\n".join(told), encoding="utf-8")
    return file


def test_a_line_is_an_item_whose_answer_is_known(tmp_path: Path) -> None:
    told = read_gold(written(tmp_path, GOOD, "", {"id": "g7", **GOOD}), FIELDS, "label")
    assert told.schema == pl.Schema(ITEM)
    assert told["item_id"].to_list() == [f"gold:{content_of(GOOD['data'])}", "gold:g7"]
    assert set(told["part"]) == {"gold"}
    assert json.loads(told["expected"][0]) == {"label": "positive"}
    assert json.loads(told["data"][0]) == GOOD["data"]
    assert told["content"][0] == content_of(GOOD["data"])


def test_several_values_may_be_right(tmp_path: Path) -> None:
    both = GOOD | {"expected": {"label": ["positive", "neutral"]}}
    told = read_gold(written(tmp_path, both), FIELDS, "label", ("positive", "neutral", "negative"))
    assert json.loads(told["expected"][0]) == {"label": ["positive", "neutral"]}


def test_a_file_of_excel_with_a_mark_in_front_is_read(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert read_gold(file, FIELDS, "label").height == 1


WRONG = [
    ("{", "不是 JSON"),
    ("[1]", "没有 data 和 expected"),
    ({"data": {"text": "a", "about": "b"}}, "没有 data 和 expected"),
    ({**GOOD, "expected": {}}, "expected 里没有 label"),
    ({**GOOD, "answer": 1}, "不认识 answer"),
    ({**GOOD, "data": {"text": "a"}}, "data 里没有文字 about"),
    ({**GOOD, "data": {"text": 3, "about": "b"}}, "data 里没有文字 text"),
    ({**GOOD, "data": GOOD["data"] | {"abuot": "b"}}, "不认识 data.abuot"),
    ({**GOOD, "expected": {"label": "positiv"}}, "label 没有 positiv 这个值"),
    ({**GOOD, "expected": {"label": []}}, "label 没有"),
    (GOOD, "前面已经有了"),
]


@pytest.mark.parametrize(("line", "told"), WRONG, ids=[told for _, told in WRONG])
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, line: Any, told: str) -> None:
    file = written(tmp_path, GOOD, line)
    with pytest.raises(CurateError, match=told) as caught:
        read_gold(file, FIELDS, "label", ("positive", "negative"))
    assert f"{file}:2: " in caught.value.problem
    assert "expected" in caught.value.hint


def test_all_mistakes_are_told_at_once_but_not_thousands(tmp_path: Path) -> None:
    with pytest.raises(CurateError) as caught:
        read_gold(written(tmp_path, *["{"] * 14), FIELDS, "label")
    assert caught.value.problem.count("不是 JSON") == 10
    assert "还有 4 处" in caught.value.problem


def test_a_file_that_cannot_be_read_is_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    file.write_bytes("标准".encode("gb18030"))
    with pytest.raises(CurateError, match="读不了标准答案"):
        read_gold(file, FIELDS, "label")


@pytest.mark.parametrize(("size", "count"), [(100, 10), (10, 10), (11, 3), (7, 1), (40, 0), (50, 49)])
def test_no_two_checks_are_neighbours_and_the_sample_keeps_its_order(size: int, count: int) -> None:
    sample = items(*[f"c:{n}#q" for n in range(size)])
    checks = items(*[f"x:{n}" for n in range(count)], part="control")
    told = interleaved(sample, checks)
    assert told["place"].to_list() == list(range(size + count))
    assert told.filter(pl.col("part") == "sample")["item_id"].to_list() == sample["item_id"].to_list()
    places = told.filter(pl.col("part") == "control")["place"]
    assert places.len() == count
    assert (places.diff().drop_nulls() > 1).all()


def test_checks_are_spread_over_the_whole_and_not_at_equal_distances() -> None:
    sample = items(*[f"c:{n}#q" for n in range(1_000)])
    told = interleaved(sample, items(*[f"x:{n}" for n in range(100)], part="gold"))
    places = told.filter(pl.col("part") == "gold")["place"]
    assert all(places.is_between(start, start + 109).sum() == 10 for start in range(0, 1_100, 110))
    assert places.diff().drop_nulls().n_unique() > 5


def test_where_they_stand_does_not_depend_on_the_order_of_the_checks() -> None:
    sample, checks = (
        items(*[f"c:{n}#q" for n in range(30)]),
        items(*[f"x:{n}" for n in range(7)], part="gold"),
    )
    assert interleaved(sample, checks.reverse()).equals(interleaved(sample, checks))
    assert not interleaved(sample, checks, "other").equals(interleaved(sample, checks))


def test_more_checks_than_items_find_a_place_all_the_same() -> None:
    told = interleaved(items("c:1#q"), items("x:1", "x:2", "x:3", part="gold"))
    assert told["place"].to_list() == [0, 1, 2, 3]
    assert told.height == 4
