"""drop_garbled: characters that are lost for good."""

from __future__ import annotations

import pytest

from tests.clean.tables import outcome_of, reasons

GARBLED = {
    "U+FFFD read as GBK": "展会锟斤拷锟斤拷开幕",
    "cut inside": "斤拷锟",
    "uninitialised stack": "烫烫烫烫",
    "uninitialised heap": "名称屯屯屯",
    "the replacement character": "上海�展会",
    "in a later line": "上海\n锟斤拷",
}
KEPT = {
    "a pound of tissue paper": "一斤拷贝纸多少钱",
    "hot": "小心烫，很烫烫",
    "a place": "屯屯相连",
    "a sword": "锟铻宝剑",
    "emoji": "👨‍👩‍👧",
    "empty": "",
    "null": None,
}


@pytest.mark.parametrize("text", GARBLED.values(), ids=GARBLED)
def test_lost_text_is_dropped(text: str) -> None:
    assert reasons("drop_garbled", text) == ["garbled"]


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_whole_text_stays(text: str | None) -> None:
    assert reasons("drop_garbled", text) == [None]


def test_the_detail_shows_the_place() -> None:
    text = "前" * 30 + "锟斤拷" + "后" * 30
    assert outcome_of("drop_garbled", text).dropped["detail"].to_list() == [
        "前" * 10 + "锟斤" + "拷" + "后" * 9
    ]
