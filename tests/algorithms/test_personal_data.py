"""Personal data: all of it is found, nothing else is, and nothing is left to find."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.personal_data import evaluate
from benchmarks.personal_sentences import sentences
from curate.algorithms.personal_data import KINDS, Kind, find, kinds_in, mask, replaced, search
from curate.algorithms.personal_data.words import hashed, placeholder

TEXTS: list[tuple[str, str | None]] = [
    ("请拨打13812345678找张先生", "mobile"),
    ("请拨打１３８１２３４５６７８", "mobile"),
    ("+86 138 1234 5678", "mobile"),
    ("拨幺三八幺二三四五六七八", "mobile"),
    ("座机021-51234567", "landline"),
    ("写信到 zhang.san@example.com.cn。", "email"),
    ("身份证11010519491231002X", "id_card"),
    ("卡号6222021234567890128", "bank_card"),
    ("微信：zhang_san", "wechat"),
    ("QQ：12345678", "qq"),
    ("护照E12345678", "passport"),
    ("沪A12345", "plate"),
    ("家住张江路100号", "address"),
    ("联系人：张伟", "person_name"),
    ("138****5678，已经遮住", None),
    ("z***@example.com", None),
    ("手机_c3f9a21b0d，联系人：姓名_a112233445", None),
    ("2026年11月22日有12345678人次", None),
    ("统一社会信用代码91110000633674095F", None),
    ("", None),
]
#: What personal data are made of, and the marks and words around them.
PIECES = st.sampled_from(
    [
        "13812345678",
        "1381234",
        "5678",
        "021-",
        "61234567",
        "11010519491231002X",
        "6222021234567890128",
        "62220212",
        "一三八",
        "零零",
        "幺",
        "３８",
        "\u200b",
        "-",
        ".",
        "·",
        "(",
        "）",
        "转8",
        "+",
        "86",
        "@",
        "qq.com",
        "a.b",
        "x",
        "微信：",
        "vx:",
        "zhang_san1",
        "QQ:",
        "护照",
        "E12345678",
        "沪A",
        "D12345",
        "家住",
        "收货地址",
        "张江路",
        "100",
        "弄",
        "5号",
        "302室",
        "花园",
        "2单元",
        "联系人：",
        "法定代表人",
        "张伟",
        "欧阳",
        "先生",
        "电话",
        "*",
        "手机_",
        "abcdef0123",
        "_",
        "[手机]",
        "，",
        "\n",
    ]
)
MIXED = st.lists(
    st.one_of(PIECES, st.text("0123456789１３８Xx-（） @.cn中a一八", max_size=4)), max_size=10
).map("".join)
SALT = b"a salt of tests"


@pytest.mark.parametrize(("text", "kind"), TEXTS, ids=[text or "nothing" for text, _ in TEXTS])
def test_the_kind_is_told(text: str, kind: str | None) -> None:
    found = kinds_in(pl.Series([text, None, text], dtype=pl.String)).to_list()
    assert found == [kind, None, kind]
    assert (found[0] is not None) == (mask(text) != text)


def test_kinds_that_may_stay_are_not_looked_for() -> None:
    texts = pl.Series(["13812345678", "a1@example.com"])
    assert kinds_in(texts, ["email"]).to_list() == [None, "email"]
    assert kinds_in(texts, []).to_list() == [None, None]
    assert kinds_in(texts.clear()).to_list() == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found_alone(kind: Kind) -> None:
    text = "，".join(text for text, _ in TEXTS)
    assert {one.kind for one in find(text, [kind])} == {kind}


@settings(max_examples=150)
@given(text=MIXED)
def test_whatever_the_exact_search_finds_the_quick_one_suspects(text: str) -> None:
    for one in find(text):
        told = search(pl.Series([text]))
        assert told, one
        assert one.kind in told[0].kinds, one


@settings(max_examples=25)
@given(text=MIXED)
def test_nothing_is_left_to_find_whatever_is_done(text: str) -> None:
    for by in (
        lambda found: found.shown,
        lambda found: hashed(found, SALT, "zh"),
        lambda found: hashed(found, SALT, "en"),
        lambda found: placeholder(found.kind, "zh"),
        lambda found: placeholder(found.kind, "en"),
    ):
        told, _ = replaced(pl.Series([text]), KINDS, by)
        assert find(told[0]) == []
        again, found = replaced(told, KINDS, by)
        assert (again.to_list(), found) == (told.to_list(), [])


@settings(max_examples=60)
@given(text=st.text())
def test_no_text_whatever_is_too_much(text: str) -> None:
    assert find(mask(text)) == []


def test_nothing_is_left_in_sentences_as_people_write_them() -> None:
    told = list(sentences(400, seed=7))
    texts = pl.Series([one.text for one in told])
    for by in (lambda found: found.shown, lambda found: hashed(found, SALT, "zh")):
        for one, text in zip(told, replaced(texts, KINDS, by)[0], strict=True):
            assert find(text) == []
            for _, start, end in one.truth:
                assert one.text[start:end] not in text


def test_invented_sentences_are_told_apart() -> None:
    told = evaluate(600, seed=11)
    assert told["pii_recall"] >= 0.99, told["wrong"]
    assert told["pii_precision"] >= 0.98, told["wrong"]
    for kind, figures in told["kinds"].items():
        assert figures["recall"] >= 0.95, (kind, told["wrong"])  # some twenty values a kind
        assert figures["precision"] >= 0.95, (kind, told["wrong"])
