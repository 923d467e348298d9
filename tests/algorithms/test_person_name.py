"""Names of people and how they sound."""

from __future__ import annotations

import polars as pl
import pytest

from curate.algorithms.person_name import person_form, person_sound


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("张 伟", "张伟"),
        ("張偉", "张伟"),
        ("张伟先生", "张伟"),
        ("张伟 总经理", "张伟"),
        ("Zhang Wei", "wei zhang"),
        ("WEI, Zhang", "wei zhang"),
        ("Dr. Wei Zhang", "wei zhang"),
        ("买买提·吐尔逊", "买买提吐尔逊"),
    ],
)
def test_a_name_has_one_form(name: str, form: str) -> None:
    assert person_form(pl.Series([name])).to_list() == [form]


def test_names_that_sound_alike_share_a_sound() -> None:
    forms = person_form(pl.Series(["张伟", "张玮", "Zhang Wei", "wei zhang", "章伟"]))
    assert set(person_sound(forms)) == {"weizhang"}


@pytest.mark.parametrize(
    ("name", "sound"),
    [("欧阳修", "ouyangxiu"), ("单田芳", "shantianfang"), ("曾国藩", "guofanzeng"), ("张强", "qiangzhang")],
)
def test_surnames_have_their_own_reading(name: str, sound: str) -> None:
    assert person_sound(pl.Series([name])).to_list() == [sound]
