"""Which names mean one company."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from curate.algorithms.company_name import company_names
from curate.algorithms.company_similarity import company_similarity, with_context

FULL = "深圳市科力达科技有限公司"


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        # ways to write one company: merged by the name alone (0.945 and above)
        (FULL, "深圳科力达科技有限公司", 1.0, 1.0),
        (FULL, "科力达科技（深圳）有限公司", 1.0, 1.0),
        (FULL, "深圳市科力達科技股份有限公司", 0.95, 0.99),
        (FULL, "科力达科技有限公司", 0.945, 0.97),
        (FULL, "深圳市南山区科力达科技有限公司", 0.95, 0.98),
        (FULL, "深圳市科力达科技", 0.97, 1.0),
        ("中国建设银行深圳分行", "中国建设银行股份有限公司深圳市分行", 0.97, 1.0),
        ("银河证券有限公司", "中国银河证券股份有限公司", 0.95, 0.99),
        # between the thresholds: people look
        ("黑龙江鑫政德融资担保有限公司", "黑龙江鑫正德融资担保有限公司", 0.9, 0.9),
        ("福建康田实业有限公司", "福建康田实业集团有限公司", 0.9, 0.94),
        ("浙江西大门新材料有限公司", "杭州西大门新材料有限公司", 0.9, 0.94),
        # other companies, however alike the strings
        (FULL, "上海科力达科技有限公司", 0.0, 0.6),
        (FULL, "深圳市科力迈科技有限公司", 0.0, 0.7),
        (FULL, "深圳市科力达贸易有限公司", 0.0, 0.65),
        (FULL, "深圳市科力达科技有限公司上海分公司", 0.0, 0.5),
        (FULL + "上海分公司", FULL + "北京分公司", 0.0, 0.5),
        (FULL + "第一分公司", FULL + "第二分公司", 0.0, 0.5),
        ("上海第一百货有限公司", "上海第二百货有限公司", 0.0, 0.6),
        ("绍兴旭晖新能源有限公司", "绍兴曜晖新能源有限公司", 0.0, 0.6),
        ("中山市昌建药业有限公司", "中山市昌健药业有限公司", 0.0, 0.89),
        ("福建天策投资有限公司", "福建天策股权投资有限公司", 0.0, 0.93),
        ("志周管理咨询有限公司", "志周管理咨询合伙企业（有限合伙）", 0.0, 0.7),
    ],
)
def test_names_of_one_company_are_alike_and_others_are_not(
    one: str, other: str, least: float, most: float
) -> None:
    parts = with_context(company_names(pl.Series([one, other])))
    found = company_similarity(parts, np.array([0, 1]), np.array([1, 0]))
    assert least <= found[0] <= most
    assert found[0] == found[1], "in either order"


def test_without_a_place_a_name_known_in_two_places_is_ambiguous() -> None:
    names = pl.Series(["科力达科技有限公司", FULL, "上海科力达科技有限公司"])
    parts = with_context(company_names(names))
    alone = with_context(company_names(names[:2]))
    sure = company_similarity(alone, np.array([0]), np.array([1]))
    unsure = company_similarity(parts, np.array([0]), np.array([1]))
    assert sure[0] > 0.94, "merged"
    assert 0.9 < unsure[0] < 0.92, "for people"
