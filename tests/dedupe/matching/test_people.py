"""People's word in matching: same is one row, different stays apart, and contradictions are told."""

from __future__ import annotations

import random

import polars as pl
import pytest

from curate.dedupe.matching import TOLD, Matched, RecordRules, match_records

Said = list[tuple[int, int, bool | None]]

#: 0 and 1 are alike enough to be listed, 1 and 2 to be merged; 3 and 4 are like no other row.
ROWS = pl.DataFrame(
    {
        "name": ["深圳市科力达科技有限公司", "深圳市科力达科技集团有限公司", "科力达科技集团（深圳）有限公司", "广州家博会展有限公司", "上海华展展览服务有限公司"],
    }
)  # fmt: skip


def matched(said: Said, rows: pl.DataFrame = ROWS, merge_above: float = 0.93) -> Matched:
    rules = RecordRules(match={"name": "company_name"}, merge_above=merge_above)
    return match_records(rows, rules, pl.DataFrame(said, schema=TOLD, orient="row"))


def merged(found: Matched) -> dict[int, tuple[int, str]]:
    """Row -> the row that it goes for, and who says so."""
    told = found.merged.select("worse", "better", pl.col("why").str.extract(r"^(\w+)"))
    return {worse: (better, why) for worse, better, why in told.iter_rows()}


def listed(found: Matched) -> set[tuple[int, int]]:
    return set(found.review.select("left", "right").iter_rows())


@pytest.mark.parametrize(
    ("said", "goes", "waits"),
    [
        pytest.param([], {2: (1, "name")}, {(0, 1), (0, 2)}, id="scores alone"),
        pytest.param([(0, 3, True)], {2: (1, "name"), 3: (0, "people")}, {(0, 1), (0, 2)}, id="same, though nothing is alike"),
        pytest.param([(0, 1, True)], {1: (0, "people"), 2: (0, "name")}, set(), id="a copy goes with the row that it is a copy of"),
        pytest.param([(1, 2, False)], {}, {(0, 1), (0, 2)}, id="different, though the score would merge"),
        pytest.param([(0, 1, False)], {2: (1, "name")}, {(0, 2)}, id="different is listed no more"),
        pytest.param([(0, 1, None)], {2: (1, "name")}, {(0, 1), (0, 2)}, id="open stays listed"),
        pytest.param([(1, 2, None)], {2: (1, "name")}, {(0, 1), (0, 2)}, id="open leaves it to the score"),
        pytest.param([(0, 3, True), (3, 4, True)], {2: (1, "name"), 3: (0, "people"), 4: (0, "people")}, {(0, 1), (0, 2)}, id="a chain is one"),
        pytest.param([(0, 1, True), (0, 2, False)], {1: (0, "people")}, {(1, 2)}, id="different from the one is different from both"),
    ],
)  # fmt: skip
def test_people_say_and_then(
    said: Said, goes: dict[int, tuple[int, str]], waits: set[tuple[int, int]]
) -> None:
    found = matched(said)
    assert (merged(found), listed(found)) == (goes, waits)
    assert found.contradictions == []


def test_rows_that_are_different_are_in_no_group_by_way_of_a_third() -> None:
    names = ["深圳市科力达科技有限公司", "科力达科技（深圳）有限公司", "深圳科力达科技有限公司"]
    rows = pl.DataFrame({"name": names})
    assert set(merged(matched([], rows))) == {1, 2}
    found = matched([(1, 2, False)], rows)
    assert len(merged(found)) == 1
    assert found.group[1] != found.group[2]


def test_who_says_same_same_and_different_merges_nothing_and_is_told() -> None:
    found = matched([(0, 3, True), (3, 4, True), (0, 4, False)])
    assert merged(found) == {2: (1, "name")}
    assert found.contradictions == [[0, 3, 4]]


def test_a_contradiction_leaves_other_pairs_alone() -> None:
    rows = pl.concat([ROWS, pl.DataFrame({"name": ["北京农展文化有限公司", "天津海河会展有限公司"]})])
    found = matched([(0, 3, True), (3, 4, True), (0, 4, False), (5, 6, True)], rows)
    assert merged(found) == {2: (1, "name"), 6: (5, "people")}


def test_the_score_of_a_pair_is_told_beside_what_people_said() -> None:
    found = matched([(0, 1, False), (0, 3, True), (1, 2, None)]).asked
    assert found.select("left", "right", "same").rows() == [(0, 1, False), (0, 3, True), (1, 2, None)]
    one, other, third = found["score"]
    assert 0.8 <= one < 0.93
    assert other < 0.5
    assert third >= 0.93


def test_golden_groups_follow_people() -> None:
    assert matched([(0, 1, True), (3, 4, True)]).group.tolist() == [0, 0, 0, 3, 3]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_people_say_the_same_are_one_and_the_different_never_meet(seed: int) -> None:
    draw = random.Random(seed)
    words = ["科力达", "科立达", "家博会", "华展", "农展", "海河"]
    kinds = ["科技有限公司", "科技集团有限公司", "展览服务有限公司", "展览有限公司"]
    rows = pl.DataFrame({"name": [draw.choice(words) + draw.choice(kinds) for _ in range(40)]})
    pairs = {(min(pair), max(pair)) for pair in (draw.sample(range(40), 2) for _ in range(30))}
    said: Said = [(left, right, draw.choice([True, False, None])) for left, right in sorted(pairs)]
    found = matched(said, rows)
    disputed = {row for chain in found.contradictions for row in chain}
    for left, right, same in said:
        if same is False:
            assert found.group[left] != found.group[right]
        elif same and left not in disputed:
            assert found.group[left] == found.group[right]
    stays = found.group == range(40)
    assert all(stays[end] for end in found.group)
    assert sorted(found.merged["worse"]) == [row for row in range(40) if not stays[row]]
