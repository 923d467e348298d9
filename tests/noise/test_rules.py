"""Each rule finds its noise, and leaves alone what only looks like it."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.noise.rules import RULES, Rule, broken_rules, looked_at, rule_word

GOOD = "第十二届国际照明展览会昨日在广州开幕，来自二十多个国家的近两千家企业参展，预计观众超过十五万人次。"
NOISY: dict[str, tuple[str | None, Rule]] = {
    "null": (None, "empty"),
    "blank": (" \u3000\n", "empty"),
    "nothing to say": ("暂无", "placeholder"),
    "nothing to say, English": (" N/A ", "placeholder"),
    "nothing to say, of a spreadsheet": ("#N/A", "placeholder"),
    "typed to try": ("测试数据", "trial"),
    "lost": ("展会锟斤拷开幕", "garbled"),
    "read as Latin-1": ("Ã¤Â½Â\u00a0", "garbled"),
    "zero width": ("展\u200b会", "invisible"),
    "a mark for plain pictures": ("展会\u2708\ufe0e", "invisible"),
    "private use": ("展会\ue415", "invisible"),
    "carriage return": ("展会\r\n开幕", "invisible"),
    "a tag": ("<p>展会</p>", "mark_up"),
    "a tag with attributes": ('<a href="http://x.cn/">展会</a>', "mark_up"),
    "a tag that is badly written": ('<p class="a"b>展会', "mark_up"),
    "a tag whose beginning is lost": ("展会</b>", "mark_up"),
    "an entity": ("展会&nbsp;开幕", "mark_up"),
    "a number for a character": ("&#39;展会&#x27;", "mark_up"),
    "spaces of a PDF": ("展 览 会 开 幕", "spaced_out"),
    "what a site adds": (GOOD + "责任编辑：王某某 点击查看更多", "boilerplate"),
    "a line of it under a long article": (GOOD * 20 + "\n扫码关注某某公众号，获取更多资讯", "boilerplate"),
    "its last words": (GOOD * 20 + "（责任编辑：王某某）", "boilerplate"),
    "advertising": ("代开发票，加微信abc123，正规可查", "advert"),
    "again and again": (GOOD[:20] * 8, "repetition"),
    "one word": ("好评" * 15, "repetition"),
    "signs": ("★☆◆◇●○■□▲△" * 3 + "好看", "too_many_signs"),
    "cut off": (GOOD + GOOD[: GOOD.rindex("，") + 1], "truncated"),
    "hidden": (GOOD * 2 + "……展开", "truncated"),
    "a telephone number": ("请联系13812345678", "personal_data"),
}
CLEAN = {
    "prose": GOOD,
    "a formula": "若0<i且i<n，则a<b成立，R&D投入增加；AT&T参展",
    "names in brackets": "运行 git checkout <branch> 或 n<p>q，a<b>c 时填 <title>，如 a <b and c> d",
    "generics": "方法返回List<T>或Map<K, V>类型",
    "an address with &": "https://x.cn/?a=1&b=2&copy=3",
    "joined pictures": "一家人👨‍👩‍👧去看展",
    "English between": "展位 A 区 B 区 C 区",
    "a word said thrice": "很好很好很好吃",
    "an ellipsis at the end": "我想了很久，最后还是决定不去这个展会了，唉……",
    "an address": "上海市浦东新区龙阳路2345号",
    "words of a site in a sentence": "用户可以在首页查看更多展商，也可以联系我们的客服预约参观时间，现场设有扫一扫签到。",
    "a comment that stops at a comma": "东西还可以，送货也快，就是包装差了点，",
    "one phrase of advertising in a report": GOOD + "警方提醒，代开发票属于违法行为。",
    "a short list": "1. 上海\n2. 北京",
}


def flags(text: str | None, **columns: object) -> list[str]:
    rows = pl.DataFrame({"row_id": ["a:1"], "text": pl.Series([text], dtype=pl.String), **columns})
    found: list[str] = broken_rules(rows, RULES)[0].to_list()
    return found


@pytest.mark.parametrize(("text", "rule"), NOISY.values(), ids=NOISY.keys())
def test_noise_is_flagged(text: str | None, rule: Rule) -> None:
    assert rule in flags(text)


@pytest.mark.parametrize("text", CLEAN.values(), ids=CLEAN.keys())
def test_clean_text_is_not(text: str) -> None:
    assert flags(text) == []


def test_every_rule_has_a_case_and_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {rule for _, rule in NOISY.values()} == set(RULES) - {"low_quality"}
    assert all(rule_word(rule) != rule for rule in RULES)
    monkeypatch.setenv("CURATE_LANG", "en")
    assert rule_word("mark_up") == "mark-up left"


def test_all_columns_of_text_are_looked_at_but_those_of_the_system() -> None:
    rows = pl.DataFrame(
        {
            "row_id": ["<p>"],
            "corpus": ["<p>"],
            "tier": ["<p>"],
            "updated_at": ["<p>"],
            "title": ["<p>"],
            "n": [1],
            "text": ["展会"],
        }
    )
    assert looked_at(rows, []) == ["title", "text"]
    assert looked_at(rows, ["title"]) == ["text"]
    assert broken_rules(rows, RULES).to_list() == [["mark_up"]]
    assert broken_rules(rows, RULES, skip=["title"]).to_list() == [[]]


def test_a_row_may_break_several_rules_and_only_the_wanted_ones_count() -> None:
    text = "<p>展\u200b会，电话13812345678</p>"
    assert flags(text) == ["invisible", "mark_up", "personal_data"]
    rows = pl.DataFrame({"text": [text]})
    assert broken_rules(rows, ["mark_up", "advert"]).to_list() == [["mark_up"]]
    assert broken_rules(rows, []).to_list() == [[]]


def test_a_low_quality_is_noise_where_there_is_one() -> None:
    assert flags(GOOD, quality=[0.29]) == ["low_quality"]
    assert flags(GOOD, quality=[0.3]) == []
    assert flags(GOOD, quality=pl.Series([None], dtype=pl.Float64)) == []


@given(
    st.lists(
        st.one_of(st.none(), st.text(max_size=40), st.sampled_from([t for t, _ in NOISY.values()])),
        max_size=4,
    )
)
@settings(max_examples=15)
def test_any_text_can_be_judged_and_rows_stand_alone(texts: list[str | None]) -> None:
    rows = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)})
    told = broken_rules(rows, RULES)
    assert told.dtype == pl.List(pl.String)
    assert told.to_list() == [flags(text) for text in texts]
