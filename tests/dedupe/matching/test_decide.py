"""What is merged, what people look at, and what is neither."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
import pytest

from curate.dedupe.matching import Matched, RecordRules, match_records

COMPANIES = {"name": "company_name", "code": "code", "phone": "phone", "city": "category"}
VISITORS = {"name": "person", "phone": "phone", "email": "email", "company": "company_name"}
CREDIT = ["91440300MA5F8WTJ0M", "91440300335372439P"]


def matched(match: dict[str, Any], *rows: tuple[str | None, ...], **options: Any) -> Matched:
    columns = {name: [row[at] for row in rows] for at, name in enumerate(match)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(match, pl.String))
    return match_records(frame, RecordRules(match=match, **options))


def pairs(found: pl.DataFrame) -> set[tuple[int, int]]:
    return set(found.select(found.columns[0], found.columns[1]).iter_rows())


NAME = "深圳市科力达科技有限公司"


@pytest.mark.parametrize(
    ("match", "one", "other", "becomes"),
    [
        (COMPANIES, (NAME, None, None, None), ("科力达科技（深圳）有限公司", None, None, None), "merged"),
        (COMPANIES, (NAME, CREDIT[0], None, None), (NAME, CREDIT[1], None, None), "apart"),
        (COMPANIES, (NAME, CREDIT[0], None, None), (None, CREDIT[0], None, None), "merged"),
        (COMPANIES, (NAME, CREDIT[0], "13800138000", None), ("深圳市新名字科技有限公司", CREDIT[0], "13800138000", None), "merged"),
        (COMPANIES, (NAME, CREDIT[0], None, None), ("深圳市新名字科技有限公司", CREDIT[0], None, None), "review"),
        (COMPANIES, (NAME, None, "075512345678", None), ("深圳市新名字科技有限公司", None, "0755-12345678", None), "apart"),
        (COMPANIES, (NAME, None, None, None), ("深圳市科力达贸易有限公司", None, None, None), "apart"),
        (COMPANIES, (NAME, None, None, None), ("深圳市科力达科技集团有限公司", None, None, None), "review"),
        (COMPANIES, (NAME, None, "13800138000", None), ("深圳市科力达科技集团有限公司", None, "13800138000", None), "merged"),
        (COMPANIES, (NAME, None, "13800138000", "深圳"), (NAME, None, "13900139000", "上海"), "review"),
        (VISITORS, ("张伟", None, None, None), ("张伟", None, None, None), "apart"),
        (VISITORS, ("张伟", "13800138000", None, None), ("张伟", "+86 13800138000", None, None), "merged"),
        (VISITORS, ("张伟", "13800138000", None, None), ("张玮", "13800138000", None, None), "review"),
        (VISITORS, ("张伟", "13800138000", "a@b.com", None), ("Wei Zhang", "13800138000", "a@b.com", None), "merged"),
        (VISITORS, ("张伟", "13800138000", None, NAME), ("李强", "13800138000", None, NAME), "apart"),
        (VISITORS, ("张伟", None, None, NAME), ("张伟", None, None, NAME), "merged"),
        ({"t": "title"}, ("第十二届家具展",), ("第12届家具展",), "merged"),
        ({"t": "title"}, ("第十二届家具展",), ("第十三届家具展",), "apart"),
    ],
)  # fmt: skip
def test_two_rows_become(
    match: dict[str, Any], one: tuple[str | None, ...], other: tuple[str | None, ...], becomes: str
) -> None:
    filler = tuple(None for _ in match)
    found = matched(match, one, other, filler)
    told = {"merged": pairs(found.merged), "review": pairs(found.review)}
    assert told == {"merged": set(), "review": set()} | ({becomes: {(0, 1)}} if becomes != "apart" else {})


def test_a_row_is_merged_only_into_one_it_was_compared_with() -> None:
    """A and B are one by name, B and C by code; A and C have nothing in common."""
    found = matched(
        COMPANIES, ("", CREDIT[0], None, None), (NAME, None, None, None), (NAME, CREDIT[0], None, None)
    )
    assert pairs(found.merged) == {(0, 2)}
    assert pairs(found.review) == {(1, 2)}, "the pair that no group could take in is for people"


def test_a_group_has_one_valid_code() -> None:
    rows = (NAME, None, None, None), (NAME, CREDIT[0], None, None), (NAME, CREDIT[1], None, None)
    found = matched(COMPANIES, *rows)
    assert pairs(found.merged) == {(0, 1)}
    assert pairs(found.review) == {(0, 2)}


def test_why_names_the_fields_that_were_compared() -> None:
    found = matched(
        COMPANIES,
        (NAME, CREDIT[0], None, "深圳"),
        ("科力达科技（深圳）股份有限公司", CREDIT[0], "13800138000", None),
    )
    assert found.merged["why"].to_list() == ["name=0.98 code=1.00"]


def test_review_is_sorted_by_score_and_shows_each_field() -> None:
    found = matched(
        COMPANIES,
        (NAME, None, None, None),
        ("深圳市科力达科技集团有限公司", None, None, None),
        ("深圳市科力达科技集团股份有限公司", None, None, None),
    )
    assert found.review.columns == ["left", "right", "score", *COMPANIES]
    assert found.review["score"].is_sorted(descending=True)
    assert found.review["score"].is_between(0.8, 0.93).all()
    assert found.review["code"].is_null().all()


def test_thresholds_are_the_recipes() -> None:
    rows = (NAME, None, None, None), ("深圳市科力达科技集团有限公司", None, None, None)
    assert pairs(matched(COMPANIES, *rows, merge_above=0.85).merged) == {(0, 1)}
    assert matched(COMPANIES, *rows, review_above=0.93).review.height == 0


def test_a_weight_multiplies_the_evidence_of_a_field() -> None:
    rows = ("张伟", "13800138000", None, None), ("张玮", "13800138000", None, None)
    assert matched(VISITORS, *rows, weights={"phone": 2}).merged.height == 1


def test_a_phone_of_many_says_less() -> None:
    rows = [
        (name, "075512345678", None, None)
        for name in ("张伟", "张伟", "王芳", "李娜", "刘洋", "陈杰", "杨帆")
    ]
    few = matched(VISITORS, *rows[:2])
    many = matched(VISITORS, *rows)
    assert many.merged["score"].item() < few.merged["score"].item()


def test_given_name_and_surname_may_be_swapped() -> None:
    match = {"given": "person", "surname": "person", "born": "date"}
    found = matched(match, ("matthew", "benkovic", "19110228"), ("benkovic", "matthew", "1911-02-28"))
    assert pairs(found.merged) == {(0, 1)}


@pytest.mark.parametrize("rows", [[], [(None, None, None, None)], [("", "", "", "")] * 3])
def test_rows_that_say_nothing_are_like_nothing(rows: list[tuple[str | None, ...]]) -> None:
    found = matched(COMPANIES, *rows)
    assert (found.merged.height, found.review.height, found.metrics["compared"]) == (0, 0, 0)


def _many() -> pl.DataFrame:
    chance = random.Random(3)
    cores = ["科力达", "宏图", "鼎盛", "天马行空", "新星", "海川", "博瑞德", "中联"]
    places, trades = ["深圳市", "上海", "", "杭州"], ["科技", "贸易", "电子"]
    names = [
        chance.choice(places)
        + chance.choice(cores)
        + chance.choice(trades)
        + chance.choice(["有限公司", "股份有限公司", ""])
        for _ in range(120)
    ]
    phones = [chance.choice([None, f"1380013800{chance.randrange(10)}"]) for _ in names]
    return pl.DataFrame({"id": range(len(names)), "name": names, "phone": phones})


def test_the_score_of_a_pair_does_not_depend_on_the_order_of_rows() -> None:
    rules = RecordRules(match={"name": "company_name", "phone": "phone"}, review_above=0.01, merge_above=1.0)
    rows = _many()

    def scores(frame: pl.DataFrame) -> dict[frozenset[int], float]:
        found = match_records(frame, rules).review
        ids = frame["id"].to_list()
        return {
            frozenset((ids[a], ids[b])): score
            for a, b, score in found.select("left", "right", "score").iter_rows()
        }

    one, other = scores(rows), scores(rows.sample(fraction=1, shuffle=True, seed=5))
    assert len(one) > 200
    assert one == other


def test_the_same_rows_in_the_same_order_of_preference_give_the_same_frames() -> None:
    rules = RecordRules(match={"name": "company_name", "phone": "phone"})
    one, other = match_records(_many(), rules), match_records(_many(), rules)
    assert one.merged.equals(other.merged)
    assert one.review.equals(other.review)
    assert one.metrics == other.metrics


def test_a_large_block_is_cut_and_told() -> None:
    """300 people of one name: those with a phone in common are found, and the metrics say what was left out."""
    rows = [("张伟", f"13{number // 2:09d}", None, None) for number in range(300)]
    found = matched(VISITORS, *rows)
    assert pairs(found.merged) == {(number, number + 1) for number in range(0, 300, 2)}
    assert found.metrics["cut_blocks"] > 0
    assert found.metrics["pairs_left_out"] > 40_000
    assert found.metrics["compared"] < 5_000


def test_many_copies_of_one_company_end_in_one_group() -> None:
    found = matched(COMPANIES, *[(NAME, None, None, None)] * 200)
    assert pairs(found.merged) == {(0, row) for row in range(1, 200)}
    assert set(found.group) == {0}
