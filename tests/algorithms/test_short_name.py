"""Short names of companies and the full ones they stand for."""

from __future__ import annotations

import polars as pl

from curate.algorithms.short_name import SURE_MARGIN, link_short_names

FULL = [
    "山西美锦能源股份有限公司",
    "美克国际家居用品股份有限公司",
    "中国石油天然气股份有限公司",
    "中国石油化工股份有限公司",
    "南通江海电容器股份有限公司",
    "山西信托有限公司",
]


def test_a_short_name_is_found_in_order_in_its_full_name() -> None:
    short = ["美锦能源", "*ST美锦", "美克家居", "中国石化", "江海股份", "山西信托", "美锦能源-B"]
    links = link_short_names(pl.Series(short), pl.Series(FULL))
    found = {short[row["short"]]: FULL[row["full"]] for row in links.iter_rows(named=True)}
    assert found == {
        "美锦能源": FULL[0],
        "*ST美锦": FULL[0],
        "美克家居": FULL[1],
        "中国石化": FULL[3],
        "江海股份": FULL[4],
        "山西信托": FULL[5],
        "美锦能源-B": FULL[0],
    }


def test_a_name_that_fits_two_has_no_margin() -> None:
    links = link_short_names(pl.Series(["中国石油"]), pl.Series([FULL[2], FULL[3]]))
    assert links["margin"].item() < SURE_MARGIN


def test_a_name_that_shares_nothing_is_left_out() -> None:
    assert link_short_names(pl.Series(["腾讯"]), pl.Series(FULL)).height == 0
