"""The worth of features and their product."""

from __future__ import annotations

import polars as pl
import pytest

from curate.algorithms.quality import FEATURES, RAMPS, Ramp, quality_of, worths

GOOD = "第十二届国际照明展览会昨日在广州开幕，来自二十多个国家的近两千家企业参展，预计观众超过十五万人次。"


def scored(text: str | None, gibberish: float | None = None) -> tuple[float, str | None]:
    told = worths(pl.Series([text], dtype=pl.String), pl.Series([gibberish], dtype=pl.Float64))
    row = quality_of(told).row(0)
    return float(row[0]), row[1]


BAD = {
    "nothing": (None, "letters"),
    "marks only": ("！！！……", "letters"),
    "very short": ("好", "letters"),
    "English": ("The exhibition opened yesterday with two thousand companies", "chinese"),
    "Japanese": ("展示会は昨日から東京ビッグサイトで開催されています", "chinese"),
    "signs": ("好看★★★★★★★★★★★★☆☆☆☆☆☆◆◆◆◆◆◆", "signs"),
    "a telephone number": ("电话 13812345678 02161234567", "digits"),
    "a line again and again": ("上海国际展览中心\n" * 6, "repeated_lines"),
    "one sentence again and again": ("上海国际展览中心欢迎您的光临，" * 8, "repeated_text"),
    "one word again and again": ("好评" * 30, "repeated_phrase"),
    "a menu": ("首页\n新闻中心\n产品展示\n联系方式\n人才招聘\n关于公司\n下载", "menu"),
    "boilerplate": ("责任编辑：李四 本文来源：某某网 扫码关注公众号", "boilerplate"),
    "advertising": ("代开发票加微信abc，日赚三百，兼职日结", "advert"),
    "a trial": ("测试数据测试数据", "trial"),
    "garbled": ("锟斤拷锟斤拷展会开幕锟斤拷锟斤拷", "garbled"),
}


@pytest.mark.parametrize(("text", "why"), BAD.values(), ids=BAD.keys())
def test_bad_text_scores_low_and_says_why(text: str | None, why: str) -> None:
    quality, told = scored(text)
    assert quality < 0.3
    assert told == why


FINE = {
    "prose": GOOD,
    "traditional": "第十二屆國際照明展覽會昨日在廣州開幕，參展企業近兩千家，觀眾超過十五萬人次。",
    "with English words": "展位A12 booth已预订，请联系Sales部门确认LED显示屏的尺寸",
    "with figures": "2025年出口额为1.2亿元，同比增长8.5%，其中3月增长12%",
    "a list": "参展须知：\n1. 早上九点入场\n2. 带好证件\n3. 不要喧哗\n4. 五点闭馆\n5. 有序离场",
    "a review": "东西很不错，我很喜欢！！！",
}


@pytest.mark.parametrize("text", FINE.values(), ids=FINE.keys())
def test_good_text_scores_high(text: str) -> None:
    assert scored(text)[0] >= 0.9


def test_perfect_text_has_no_reason() -> None:
    assert scored(GOOD) == (1.0, None)


def test_what_the_model_says_is_a_factor_like_the_others() -> None:
    assert scored(GOOD, 0.25) == (0.25, "gibberish")
    assert scored(GOOD, 1.0) == scored(GOOD, None) == (1.0, None)


def test_features_that_are_left_out_do_not_count() -> None:
    assert quality_of(worths(pl.Series(["测试"])).select("signs")).row(0) == (1.0, None)


@pytest.mark.parametrize(("ramp", "value", "worth"), [
    (Ramp(8, 0), 4, 0.5), (Ramp(8, 0), 20, 1), (Ramp(8, 0), -1, 0), (Ramp(0.2, 0.7), 0.2, 1), (Ramp(0.2, 0.7), 0.45, 0.5),
    (Ramp(0.2, 0.7), 0.9, 0),
])  # fmt: skip
def test_a_ramp_is_even_between_its_ends(ramp: Ramp, value: float, worth: float) -> None:
    assert pl.select(ramp.of(pl.lit(value))).item() == pytest.approx(worth)


def test_more_of_what_is_bad_never_scores_better() -> None:
    pool = "★" * 40
    found = [scored(GOOD + pool[:count])[0] for count in range(0, 40, 4)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < found[0]


def test_every_feature_is_told_in_its_order_and_every_ramp_belongs_to_one() -> None:
    assert worths(pl.Series(["展会", None])).columns == list(FEATURES)
    assert set(RAMPS) < set(FEATURES)
