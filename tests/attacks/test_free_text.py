"""Attack: what was taken out of the columns stands in a column of free text that nobody declared."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from curate.errors import GateFailed
from curate.privacy import Anonymize
from tests.privacy.carried import PEOPLE, carry, people

HIDDEN = [
    ("打我电话13812345678", "手机"),
    ("打我电话一三八一二三四五六七八", "手机"),
    ("１３８　１２３４　５６７８", "手机"),
    ("身份证11010519491231002X", "证件"),
    ("邮箱 wang.fang@example.com", "邮箱"),
    ("我是王 芳 芳V0000", "本行的 name"),
    ("我今年三十一岁", "本行的 age"),
    ("在南京有仓库", "本行的 city"),
    ("住玄武区", "本行的 city"),
]


@pytest.mark.parametrize(("remark", "kind"), HIDDEN)
def test_personal_data_in_an_undeclared_column_stops_the_run(tmp_path: Path, remark: str, kind: str) -> None:
    # no class is large enough without generalising: age and city of every row are hidden
    rows = people([(31, "南京市", 3), (33, "苏州市", 3), (34, "无锡市", 3)])
    rows = rows.with_columns(
        wishes=pl.when(pl.col("row_id") == "visitors:V0000")
        .then(pl.lit(remark))
        .otherwise(pl.lit("想看设备"))
    )
    told = carry(tmp_path, rows)
    with pytest.raises(GateFailed) as raised:
        Anonymize.model_validate(PEOPLE).gate_measured(told.measured)
    assert f"wishes 列 1 格（{kind}" in raised.value.problem
    assert "visitors:V0000" in raised.value.problem
    assert remark not in str(raised.value)
    assert raised.value.gate == "privacy"


def test_notes_and_figures_hold_no_value(tmp_path: Path) -> None:
    rows = people([(31, "南京市", 9)], remark="我叫王芳，电话13812345678")
    told = carry(tmp_path, rows, free_text={"remark": "redact"})
    written = str(told.measured) + told.notes.write_csv()
    assert told.notes.height == 18
    assert not any(value in written for value in ("13812345678", "王芳"))
    assert told.rows["remark"].str.contains("王芳|138").sum() == 0
