"""Places in front of a name."""

from __future__ import annotations

import polars as pl
import pytest

from curate.algorithms.place_names import leading_place


@pytest.mark.parametrize(
    ("name", "place", "rest"),
    [
        ("深圳市科力达", "4403", "科力达"),
        ("深圳科力达", "4403", "科力达"),
        ("广东省深圳市南山区科力达", "440305", "科力达"),
        ("江苏昆山科力达", "320583", "科力达"),
        ("内蒙古自治区科力达", "15", "科力达"),
        ("延边敖东", "2224", "敖东"),
        ("重庆科力达", "50", "科力达"),
        ("香港科力达", "81", "科力达"),
        ("中国科力达", "0", "科力达"),
        ("中国深圳科力达", "4403", "科力达"),
        ("海南科力达", "46", "科力达"),  # the province, not the prefecture in Qinghai
        ("河北市科力达", "13", "科力达"),
        ("北京市朝阳区大风", "110105", "大风"),
        ("朝阳区大风", "0", "大风"),  # several cities have one: a place, but which?
        ("深圳上海科力达", "4403", "上海科力达"),
        ("阿里巴巴", "", "阿里巴巴"),
        ("长安汽车", "", "长安汽车"),
        ("平安银行", "", "平安银行"),
        ("永安林业", "", "永安林业"),
        ("永安市林业", "350481", "林业"),
        ("科力达", "", "科力达"),
        ("", "", ""),
    ],
)
def test_the_longest_place_in_front_is_read(name: str, place: str, rest: str) -> None:
    assert leading_place(pl.Series([name])).row(0) == (place, rest)
