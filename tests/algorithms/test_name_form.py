"""The form in which names are compared."""

from __future__ import annotations

import polars as pl

from curate.algorithms.name_form import name_form


def test_names_are_simplified_narrow_and_lower_case() -> None:
    names = pl.Series(["香港羅樂國際家紡", "ＡＢＣ－１２", "a\u00a0 b\n\tc", " X ", None, "", "Sony"])
    assert name_form(names).to_list() == ["香港罗乐国际家纺", "abc-12", "a b c", "x", None, "", "sony"]
