"""Values of a closed list."""

from __future__ import annotations

import polars as pl
import pytest

from curate.algorithms.fields.choices import Choices, parse_choices

LEVELS = Choices(
    {
        "一级": ["1级", "Level 1"],
        "二级": ["2级"],
        "会员单位": [],
        "战略合作伙伴": ["战略伙伴"],
        "Platinum": ["铂金"],
    },
    match_above=0.8,
    review_above=0.6,
)
CASES: dict[str, tuple[str | None, str, str | None]] = {
    "一级": ("一级", "same", None),
    "1级": ("一级", "alias", None),
    "LEVEL-1": ("一级", "alias", None),
    "二級": ("二级", "alias", None),
    "会员单 位": ("会员单位", "alias", None),
    "战略合做伙伴": ("战略合作伙伴", "matched", "战略合作伙伴"),
    "platnum": ("Platinum", "matched", "Platinum"),
    "会员单为": (None, "review", "会员单位"),
    "非会员单位": (None, "review", "会员单位"),  # .89 alike, and the opposite
    "三级": (None, "unread", None),
    "Gold": (None, "unread", None),
}


@pytest.mark.parametrize(("text", "wanted"), CASES.items(), ids=CASES)
def test_a_value_is_an_alias_alike_or_for_people_to_see(
    text: str, wanted: tuple[str | None, str, str | None]
) -> None:
    assert parse_choices(pl.Series([text]), LEVELS).row(0)[:3] == wanted


def test_a_tie_is_for_people_to_see() -> None:
    tie = Choices({"展会甲方代表": [], "展会乙方代表": []}, match_above=0.7, review_above=0.6)
    assert parse_choices(pl.Series(["展会丙方代表"]), tie)["how"].to_list() == ["review"]


def test_null_stays_null_and_the_score_is_told() -> None:
    told = parse_choices(pl.Series(["platnum", None]), LEVELS)
    assert told.row(1) == (None, None, None, None)
    assert told["score"][0] == pytest.approx(14 / 15, abs=1e-4)
