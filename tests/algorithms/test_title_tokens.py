"""What titles are made of."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from curate.algorithms.title_tokens import title_form, title_tokens


@pytest.mark.parametrize(
    ("title", "part", "found"),
    [
        ("Sony PS-LX350H Turntable", "codes", ["pslx350h"]),
        ("Sony pslx350h", "codes", ["pslx350h"]),
        ("Garmin 010-10609-00", "codes", ["0101060900"]),
        ("object-oriented databases", "codes", []),
        ("净含量 500 ml", "codes", []),
        ("净含量 500 ml", "numbers", ["500ml"]),
        ("净含量 1L", "numbers", ["1l"]),
        ("第十二届中国国际家具展", "numbers", ["12"]),
        ("2024第12届中国国际家具展", "numbers", ["12", "2024"]),
        ("Sony DVP-FX820 DVPFX820LI", "stems", ["dvpfx820"]),
        ("CES2024", "stems", ["ces2024"]),
        ("Leather case, Black", "colours", ["black"]),
        ("黑色皮套", "colours", ["黑色"]),
        ("家具展", "tokens", ["家具", "具展"]),
    ],
)
def test_a_title_is_made_of(title: str, part: str, found: list[Any]) -> None:
    assert title_tokens(title_form(pl.Series([title])))[part].to_list() == [sorted(found)]


@pytest.mark.parametrize(
    ("title", "form"),
    [("第二十一届", "第21届"), ("第十届", "第10届"), ("第九十九届", "第99届"), ("第一届", "第1届")],
)
def test_chinese_ordinals_are_digits(title: str, form: str) -> None:
    assert title_form(pl.Series([title])).to_list() == [form]
