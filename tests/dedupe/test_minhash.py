"""minhash: verified near-duplicates go, everything else stays, and similar rows share a group."""

from __future__ import annotations

import random

import polars as pl
import pytest

from curate.dedupe import Dedupe
from tests.dedupe.conftest import Deduped, Run, plain, similarity, table

#: common characters of running text
LETTERS = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
MINHASH = {"minhash": {}}


def words(draw: random.Random, length: int) -> str:
    return "".join(draw.choices(LETTERS, k=length))


def edited(draw: random.Random, text: str, share: float) -> str:
    """``text`` with a share of its characters replaced, left out or doubled."""
    letters = list(text)
    for place in draw.sample(range(len(letters)), max(1, round(share * len(letters)))):
        letters[place] = draw.choice([draw.choice(LETTERS), "", letters[place] * 2])
    return "".join(letters)


def near(draw: random.Random, text: str, least: float = 0.8) -> str:
    """A copy with 1-3 % of edits whose exact similarity is at least ``least``."""
    while True:
        copy = edited(draw, text, draw.uniform(0.01, 0.03))
        if plain(copy) != plain(text) and similarity(text, copy) >= least:
            return copy


def assert_each_removal_is_true(found: Deduped, texts: dict[str, str], threshold: float = 0.8) -> None:
    """Every removed row is as similar as it says to a row that stays."""
    kept = set(found.kept["row_id"])
    for row_id, of, told in found.dropped.select("row_id", "of", "similarity").iter_rows():
        exact = similarity(texts[row_id], texts[of])
        assert of in kept, f"{row_id} goes for {of}, which goes too"
        assert exact >= threshold, (row_id, of, exact)
        assert told == pytest.approx(exact, abs=0.005)  # two shingles may share a 32-bit hash


def company(draw: random.Random) -> str:
    return (
        f"{words(draw, 4)}展览服务有限公司成立于{draw.randint(1990, 2025)}年{draw.randint(1, 12)}月{draw.randint(1, 28)}日，"
        f"注册资本{draw.randint(50, 9000)}万元，注册地址位于{words(draw, 3)}市{words(draw, 3)}区{words(draw, 4)}路"
        f"{draw.randint(1, 999)}号，法定代表人{words(draw, 3)}。公司主营业务为{words(draw, 10)}，"
        "拥有完善的质量管理体系和售后服务网络，产品通过国家强制性产品认证，远销海内外多个国家和地区，"
        "多次参加国内外大型专业展览会，并获得主办方和客户的一致好评。公司始终坚持客户至上、质量第一的经营理念，"
        f"热忱欢迎新老客户莅临参观指导、洽谈业务合作。联系电话0{draw.randint(10, 99)}-{draw.randint(10**7, 10**8 - 1)}。"
    )


def test_of_templated_records_exactly_the_planted_copies_go(run: Run) -> None:
    draw = random.Random(7)
    records = [company(draw) for _ in range(2000)]
    alike = [similarity(*draw.sample(records, 2)) for _ in range(300)]
    assert sum(alike) / len(alike) > 0.4, "the template is most of a record, or this test shows nothing"
    copies = {f"copy{number:03d}": near(draw, records[number]) for number in range(100)}
    rows = table({f"{number:05d}": record for number, record in enumerate(records)} | copies)
    found = run({"c": rows}, keep=["length"], **MINHASH)
    pairs = {frozenset(pair) for pair in found.gone.items()}
    assert pairs == {frozenset((f"c:copy{n:03d}", f"c:{n:05d}")) for n in range(100)}
    assert_each_removal_is_true(found, dict(rows.select("row_id", "text").iter_rows()))


@pytest.mark.parametrize(("length", "least_found"), [(26, 0.97), (120, 0.97), (600, 0.97)])
def test_planted_copies_are_found(run: Run, length: int, least_found: float) -> None:
    draw = random.Random(length)
    texts = [words(draw, length) for _ in range(300)]
    texts += [near(draw, text) for text in texts[:150]]
    rows = table(texts)
    found = run({"c": rows}, **MINHASH)
    assert found.dropped.height >= least_found * 150
    assert_each_removal_is_true(found, dict(rows.select("row_id", "text").iter_rows()))


@pytest.mark.parametrize("threshold", [0.6, 0.9])
def test_the_threshold_is_exact(run: Run, threshold: float) -> None:
    draw = random.Random(1)
    texts = {}
    for number in range(60):
        text = words(draw, 100)
        texts |= {f"{number}a": text, f"{number}b": edited(draw, text, draw.uniform(0.005, 0.15))}
    rows = table(texts)
    found = run({"c": rows}, minhash={"threshold": threshold, "alike": 0.5})
    want = {n for n in range(60) if similarity(texts[f"{n}a"], texts[f"{n}b"]) >= threshold}
    assert 5 < len(want) < 55
    got = {int(row_id[2:-1]) for row_id in found.gone}
    assert got <= want
    assert len(got) >= 0.9 * len(want)


@pytest.mark.parametrize(
    "texts",
    [
        ["物流很快", "物流很慢", "物流快", "好评", "差评", "好"],
        ["注册资本500万", "注册资本800万"],
        ["", None, "  ", "，。！", "\n"],
        ["电话：3.5", "电话：35"],
    ],
    ids=["short comments", "another figure", "texts without a letter", "a point counts"],
)
def test_texts_that_say_something_else_stay(run: Run, texts: list[str | None]) -> None:
    rows = table({str(number): text for number, text in enumerate(texts)})
    found = run({"c": rows}, exact={}, minhash={})
    assert found.gone == {}
    assert set(found.copies.values()) == {1}


def test_punctuation_width_and_case_do_not_matter(run: Run) -> None:
    rows = table({"a": "ABC展会，２０２６年开幕！", "b": "abc 展会2026年开幕"})
    assert len(run({"c": rows}, **MINHASH).gone) == 1


@pytest.mark.parametrize(
    ("names", "goes"),
    [
        (["甲公司", "乙公司"], False),
        (["甲公司", "甲公司"], True),
        (["甲公司", None], True),
        (["甲公司", "甲 公司"], True),
    ],
)
def test_rows_of_another_identity_are_never_copies(run: Run, names: list[str | None], goes: bool) -> None:
    draw = random.Random(3)
    text = words(draw, 80)
    rows = table({"a": text + "500万", "b": text + "800万"}, name=names)
    found = run({"c": rows}, identity={"c": ["name"]}, **MINHASH)
    assert bool(found.gone) is goes
    if not goes:
        assert len(set(found.groups.values())) == 1, "but the split keeps them together"


@pytest.mark.parametrize(("one", "other"), [(30, 31), (31, 30), (200, 201), (201, 200), (199, 202)])
def test_two_copies_on_both_sides_of_a_boundary_meet(run: Run, one: int, other: int) -> None:
    draw = random.Random(one)
    text = words(draw, 220)
    rows = table({"a": text[:one], "b": text[:other]})
    found = run({"c": rows}, **MINHASH)
    assert len(found.gone) == 1
    assert found.dropped["similarity"][0] == pytest.approx(similarity(text[:one], text[:other]), abs=0.01)


@pytest.mark.parametrize("others", [0, 650], ids=["alone", "less than a fifth of the corpus"])
def test_a_large_bucket_collapses(run: Run, others: int) -> None:
    draw = random.Random(5)
    text = words(draw, 220)
    texts = {f"copy{n:03d}": near(draw, text, 0.9) for n in range(150)}
    rows = table(texts | {f"other{n}": words(draw, 220) for n in range(others)})
    found = run({"c": rows}, **MINHASH)
    assert_each_removal_is_true(found, dict(rows.select("row_id", "text").iter_rows()))
    kept = found.kept.filter(pl.col("row_id").str.starts_with("c:copy"))
    # two copies, each 0.9 like the original, may be less than 0.8 like each other
    assert kept.height <= 6
    assert found.kept.height == kept.height + others
    assert found.kept["copies"].sum() == rows.height
    assert kept["cluster_id"].n_unique() == 1


def test_a_chain_of_neighbours_removes_only_direct_copies(run: Run) -> None:
    draw = random.Random(11)
    chain = [words(draw, 150)]
    while similarity(chain[0], chain[-1]) > 0.4:
        chain.append(near(draw, chain[-1], 0.82))
    rows = table(chain)
    found = run({"c": rows}, **MINHASH)
    assert 1 < found.kept.height < len(chain)
    assert_each_removal_is_true(found, dict(rows.select("row_id", "text").iter_rows()))


def mixed() -> pl.DataFrame:
    draw = random.Random(13)
    texts = [words(draw, draw.choice([12, 28, 35, 90, 190, 210, 500])) for _ in range(150)]
    texts += [edited(draw, draw.choice(texts), draw.choice([0.02, 0.05, 0.1])) for _ in range(150)]
    dates = [f"2026-01-{draw.randint(1, 28):02d}" for _ in texts]
    return table(texts, updated_at=dates)


def test_the_verdicts_do_not_depend_on_order_or_shards(run: Run) -> None:
    rows = mixed()
    methods = {"exact": {}, "minhash": {}}
    first = run({"c": rows}, **methods)
    again = run({"c": rows.sample(fraction=1, shuffle=True, seed=4)}, shard_rows=70, **methods)
    columns = ["row_id", "of", "similarity", "cluster_id", "copies"]
    assert first.dropped.height > 30
    assert first.dropped.select(columns).sort("row_id").equals(again.dropped.select(columns).sort("row_id"))
    assert (first.groups, first.copies) == (again.groups, again.copies)


def test_alike_rows_stay_and_share_a_group_also_across_corpora(run: Run) -> None:
    draw = random.Random(17)
    text = words(draw, 100)
    other = next(t for t in iter(lambda: edited(draw, text, 0.09), "") if 0.55 < similarity(text, t) < 0.75)
    news, posts = table({"a": text, "z": words(draw, 100)}, "news"), table({"b": other, "c": text}, "posts")
    found = run({"news": news, "posts": posts}, **MINHASH)
    assert found.gone == {}, "a copy in another corpus is no duplicate"
    assert found.groups["news:a"] == found.groups["posts:b"] == found.groups["posts:c"]
    assert found.groups["news:z"] == "news:z"
    assert found.groups["news:a"] in {"news:a", "posts:b", "posts:c"}


@pytest.mark.parametrize(
    ("keep", "stays"),
    [
        (["updated_at"], "new"),
        (["completeness"], "full"),
        (["length"], "long"),
        (["completeness", "updated_at"], "full"),
    ],
)
def test_the_better_row_stays(run: Run, keep: list[str], stays: str) -> None:
    text = words(random.Random(19), 90)
    rows = table(
        {"old": text, "new": text, "full": text, "long": text + "。长"},
        updated_at=["2020-01-01", "2026-01-01", "2021-01-01", None],
        phone=[None, None, "138", None],
    )
    found = run({"c": rows}, keep=keep, **MINHASH)
    assert found.copies == {f"c:{stays}": 4}
    assert set(found.gone.values()) == {f"c:{stays}"}
    assert set(found.dropped["reason"]) == {"near_duplicate"}


def test_alike_above_the_threshold_is_refused() -> None:
    with pytest.raises(ValueError, match="alike 不能大于 threshold"):
        Dedupe(minhash={"threshold": 0.7, "alike": 0.8})
