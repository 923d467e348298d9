"""Fields against truth written by reading, before the parsers.

Sources, all free to copy: tech-conferences/conference-data (MIT-style), JerBouma/FinanceDatabase (MIT),
Epiphany2003/company-name-match (Apache-2.0); 100 values each, drawn at random.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from benchmarks.fields import COMMITTED, FIELDS, judged, labelled

FILES = sorted(file.stem for file in Path(COMMITTED).glob("*.jsonl"))


@pytest.mark.parametrize("name", FILES)
def test_every_labelled_value_is_read_right(name: str) -> None:
    (texts, truths) = next((texts, truths) for field, texts, truths in labelled([COMMITTED]) if field == name)
    assert isinstance(texts, pl.Series)
    assert judged(FIELDS[name][2](texts), truths) == {"rows": 100, "right": 100, "unread": 0, "wrong": 0}


def test_a_level_left_out_is_unread_and_another_one_is_wrong() -> None:
    truths = [["浙江省", "杭州市", "西湖区"]] * 3
    found = [["浙江省", "杭州市", "西湖区"], ["浙江省", "杭州市", None], ["浙江省", "宁波市", None]]
    assert judged(found, truths) == {"rows": 3, "right": 1, "unread": 1, "wrong": 1}
    assert judged([None, "x"], ["x", None]) == {"rows": 2, "right": 0, "unread": 1, "wrong": 1}
