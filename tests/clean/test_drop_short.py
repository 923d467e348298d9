"""drop_short: letters and digits are counted, nothing else."""

from __future__ import annotations

import pytest

from tests.clean.tables import outcome_of, reasons

CASES = {
    "null": (None, "empty"),
    "no character": ("", "empty"),
    "white space": (" \n\u3000", "empty"),
    "punctuation": ("！！！。。。——", "empty"),
    "joined emoji": ("👨‍👩‍👧👨‍👩‍👧", "empty"),
    "one character below": ("物流快", "too_short"),
    "punctuation does not help": ("物，流，快！！！！", "too_short"),
    "as many as asked": ("物流很快", None),
    "digits and letters": ("A12馆", None),
    "point within a number": ("12.5", "too_short"),
    "supplementary planes": ("𠮷𠮷𠮷𠮷", None),
    "full-width digits": ("１２３４", None),
}


@pytest.mark.parametrize(("text", "reason"), CASES.values(), ids=CASES)
def test_the_reason_says_whether_there_was_anything(text: str | None, reason: str | None) -> None:
    assert reasons("drop_short", text) == [reason]


def test_the_limit_is_an_option() -> None:
    assert reasons("drop_short", "好评", "好", min_chars=2) == [None, "too_short"]


def test_the_detail_is_the_count_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    assert outcome_of("drop_short", "物，流快").dropped["detail"].to_list() == ["3 字"]
    monkeypatch.setenv("CURATE_LANG", "en")
    assert outcome_of("drop_short", "物，流快").dropped["detail"].to_list() == ["3 characters"]
