"""drop_long: rows that are no single record."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.clean.tables import cleaner, outcome_of, reasons


@pytest.mark.parametrize(
    ("text", "reason"),
    [("展" * 10, None), ("展" * 11, "too_long"), ("𠮷" * 10, None), ("", None), (None, None)],
    ids=["as long as allowed", "one longer", "characters, not bytes", "empty", "null"],
)
def test_a_text_longer_than_the_limit_is_dropped(text: str | None, reason: str | None) -> None:
    assert reasons("drop_long", text, max_chars=10) == [reason]


def test_the_default_lets_a_law_pass_but_no_database() -> None:
    assert reasons("drop_long", "法" * 200_000, "库" * 200_001) == [None, "too_long"]


def test_the_detail_is_the_count() -> None:
    assert outcome_of("drop_long", "展" * 12, max_chars=10).dropped["detail"].to_list() == ["12 字"]


def test_a_limit_of_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="max_chars"):
        cleaner("drop_long", max_chars=0)
