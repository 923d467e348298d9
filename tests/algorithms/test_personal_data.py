"""Personal data: the quick search misses nothing that the exact one finds."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.personal_data import LIKELY, MASKS, PATTERNS, kinds_in, mask

TEXTS: list[tuple[str, str | None]] = [
    ("请拨打13812345678找张先生", "mobile"),
    ("请拨打１３８１２３４５６７８", "mobile"),
    ("+86 138 1234 5678", "mobile"),
    ("座机021-51234567", "landline"),
    ("写信到 zhang.san@example.com.cn。", "email"),
    ("身份证11010519491231002X", "id_card"),
    ("卡号6222021234567890128", "bank_card"),
    ("138****5678，已经遮住", None),
    ("z***@example.com", None),
    ("2026年11月22日有12345678人次", None),
    ("统一社会信用代码91110000633674095F", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "kind"), TEXTS, ids=[text or "nothing" for text, _ in TEXTS])
def test_the_kind_is_told(text: str, kind: str | None) -> None:
    found = kinds_in(pl.Series([text, None, text], dtype=pl.String)).to_list()
    assert found == [kind, None, kind]
    assert (found[0] is not None) == (mask(text) != text)


def test_kinds_that_may_stay_are_not_looked_for() -> None:
    texts = pl.Series(["13812345678", "a1@example.com"])
    assert kinds_in(texts, ["email"]).to_list() == [None, "email"]
    assert kinds_in(texts, []).to_list() == [None, None]


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet="0123456789１３８Xx-（） @.cn中a", max_size=40))
def test_whatever_the_exact_search_changes_the_quick_one_suspects(text: str) -> None:
    for kind, pattern in PATTERNS.items():
        if pattern.sub(MASKS[kind], text) != text:
            assert re.search(LIKELY[kind], text), kind
            assert pl.Series([text]).str.contains(LIKELY[kind])[0], kind
