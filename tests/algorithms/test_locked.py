"""Facts that are taken out of a text come back as they were, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.locked import broken, lock, same_facts, unlock

TEXT = "霁川会展有限公司3月5日在南京展出XK-2000A，共1,200家企业到场。"


def test_facts_give_way_to_placeholders() -> None:
    told = lock(TEXT)
    assert told.text == "⟦1⟧⟦2⟧在⟦3⟧展出⟦4⟧，共⟦5⟧企业到场。"
    assert told.values == ("霁川会展有限公司", "3月5日", "南京", "XK-2000A", "1,200家")


def test_names_that_the_caller_gives_are_locked_wherever_they_stand() -> None:
    told = lock("云岚牌叉车优于其他叉车，云岚牌有售。", names=["云岚牌", ""])
    assert (told.text, told.values) == ("⟦1⟧叉车优于其他叉车，⟦2⟧有售。", ("云岚牌", "云岚牌"))


def test_a_reworded_text_gets_its_facts_back_in_its_own_order() -> None:
    told = lock(TEXT)
    assert (
        unlock("⟦3⟧：⟦ 1 ⟧于⟦2⟧带来⟦4⟧，有⟦5⟧企业前来。", told.values)
        == "南京：霁川会展有限公司于3月5日带来XK-2000A，有1,200家企业前来。"
    )


@pytest.mark.parametrize(
    ("text", "why"),
    {"⟦1⟧展出": "missing", "⟦1⟧展出⟦2⟧和⟦2⟧": "doubled", "⟦1⟧展出⟦2⟧和⟦3⟧": "invented", "⟦0⟧⟦1⟧展出⟦2⟧": "invented", "⟦1⟧展出⟦2⟧共5台": "outside",
     "⟦1⟧展出⟦2⟧，南京见": "outside", "⟦1⟧展出⟦2⟧⟦": "outside"}.items(),
)  # fmt: skip
def test_lost_doubled_invented_and_loose_facts_are_refused(text: str, why: str) -> None:
    assert broken(text, ("南京", "2台")) == why
    assert unlock(text, ("南京", "2台")) is None


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        alphabet="0123456789０,.年月日第一二十百万家人元%南京北《》“”AaBXK-@/⟦⟧ \n公司共约的，。①",
        max_size=40,
    ),
    st.lists(st.sampled_from(["南京", "家", "1", "⟦1⟧", "公司共"]), max_size=2),
)
def test_any_text_comes_back_whole(text: str, names: list[str]) -> None:
    told = lock(text, names)
    assert unlock(told.text, told.values) == text


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40))
def test_a_text_in_any_script_comes_back_whole(text: str) -> None:
    told = lock(text)
    assert unlock(told.text, told.values) == text


def test_texts_with_the_same_facts_differ_in_words_only() -> None:
    assert same_facts("3月5日，1200家企业到场", "到场的企业有一千二百家，时间为三月五日") == []


def test_facts_that_were_lost_and_new_ones_are_told() -> None:
    told = same_facts("3月5日，1200家企业到场", "3月6日，企业到场")
    assert [(claim.kind, claim.value) for claim in told] == [
        ("date", "????-03-05"),
        ("number", "1200"),
        ("date", "????-03-06"),
    ]
