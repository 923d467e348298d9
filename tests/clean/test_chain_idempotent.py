"""The cleaners of a recipe, one behind the other: cleaning twice is cleaning once."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curate.clean.cleaner import Cleaner
from curate.clean.convert_script import ConvertScript
from curate.clean.drop_garbled import DropGarbled
from curate.clean.drop_short import DropShort
from curate.clean.fold_punctuation import FoldPunctuation
from curate.clean.fold_space import FoldSpace
from curate.clean.fold_width import FoldWidth
from curate.clean.mask_pii import MaskPii
from curate.clean.null_placeholders import NullPlaceholders
from curate.clean.repair_text import RepairText
from curate.clean.strip_boilerplate import StripBoilerplate
from curate.clean.strip_html import StripHtml
from curate.clean.strip_urls import StripUrls
from tests.clean.test_cleaner import TEXTS

#: the cleaners of recipes/expo.yaml, in its order
DEFAULT: list[Cleaner] = [
    RepairText(), StripHtml(), FoldWidth(), FoldPunctuation(), FoldSpace(), ConvertScript(), NullPlaceholders(), MaskPii(),
    DropGarbled(), DropShort(),
]  # fmt: skip
#: with those that recipes may add
ALL: list[Cleaner] = [
    RepairText(), StripHtml(), FoldWidth(), StripUrls(), FoldPunctuation(), FoldSpace(), ConvertScript(),
    StripBoilerplate(), NullPlaceholders(), MaskPii(),
]  # fmt: skip
FRAMES = st.lists(st.one_of(st.none(), TEXTS), max_size=24)


def cleaned(cleaners: list[Cleaner], texts: list[str | None]) -> list[str | None]:
    rows = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)})
    for cleaner in cleaners:
        rows = cleaner.apply(rows).kept
    return rows["text"].to_list()


@pytest.mark.parametrize("cleaners", [DEFAULT, ALL], ids=["default", "all"])
@given(texts=FRAMES)
@example(["Ã</b>©", "Ã&#8203;©", "&Atilde;&copy;"])
@example(["<ｂｒ>甲&ａｍｐ;乙", "<<b></b>p>甲", "&amp;amp;lt;b&amp;gt;"])
@example(["乾縣在陝西", "畢昇與毕昇", "一&nbsp;二\u00a0三"])
@example(
    ["展" * 20 + "\n第十二條參展商", "（）。。。\n責任編輯：張三", "&lt;p&gt;甲。\n責任編輯：張三&lt;/p&gt;"]
)
@settings(max_examples=15)
def test_cleaning_twice_is_cleaning_once(cleaners: list[Cleaner], texts: list[str | None]) -> None:
    once = cleaned(cleaners, texts)
    assert cleaned(cleaners, once) == once
