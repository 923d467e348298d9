"""Names as they sound."""

from __future__ import annotations

import polars as pl

from curate.algorithms.pinyin import pinyin


def test_pinyin_is_read_by_phrase() -> None:
    words = pl.Series(["重庆", "重要", "银行", "行走", "绿色", "张玮", "hello 世界", None, ""])
    spelled = ["chongqing", "zhongyao", "yinhang", "xingzou", "lvse", "zhangwei", "helloshijie", None, ""]
    assert pinyin(words).to_list() == spelled


def test_pinyin_is_what_pypinyin_says() -> None:
    from pypinyin import lazy_pinyin

    names = [
        "重庆长安汽车",
        "银行股份",
        "成都银行",
        "朝阳科技",
        "乐山音乐",
        "厦门大厦",
        "都江堰",
        "会计师事务所",
        "曾都区",
        "柏林寺",
    ]
    assert pinyin(pl.Series(names)).to_list() == ["".join(lazy_pinyin(name)) for name in names]
