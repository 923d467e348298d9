"""rethreshold: the answer is that of a run of its own."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest

from curate.dedupe.explain import Decided
from curate.dedupe.rethreshold import rethreshold
from curate.errors import UsageError
from tests.dedupe.conftest import table
from tests.dedupe.decisions import decide
from tests.dedupe.test_minhash import edited, words

METHODS = {"keep": ["length"]}
EVERY = 10_000


def drifting(draw: random.Random, families: int, members: int) -> list[str]:
    """Families of texts, each an edit of an earlier one: pairs at every similarity, and chains of them."""
    texts = []
    for _ in range(families):
        family = [words(draw, draw.choice([28, 60, 120, 260]))]
        for _ in range(members - 1):
            family.append(edited(draw, draw.choice(family), draw.choice([0.01, 0.02, 0.04, 0.07])))
        texts += family
    return texts


@pytest.fixture(scope="module")
def corpora() -> dict[str, pl.DataFrame]:
    """Three corpora that share families, one of them only to be compared with."""
    draw = random.Random(29)
    texts = drifting(draw, 40, 6)
    draw.shuffle(texts)
    names = [draw.choice(["甲", "乙", None]) for _ in texts]
    parts = {"news": slice(0, 120), "posts": slice(120, 200), "exam": slice(200, 240)}
    return {name: table(texts[part], name, name=names[part]) for name, part in parts.items()}


ACROSS = {"across": [["news", "posts"]], "identity": {"news": ["name"], "posts": ["name"]}}
SETTINGS = {
    "each corpus alone": {},
    "across, with an identity and a reference corpus": ACROSS | {"reference": frozenset({"exam"})},
}


def gone(decided: Decided) -> dict[str, str]:
    """What minhash removed, and for what."""
    rows = decided.removed.filter(pl.col("reason").is_in(["near_duplicate", "protected"]))
    return dict(rows.select("row_id", "of").collect().iter_rows())


Runs = dict[str, dict[float, Decided]]


@pytest.fixture(scope="module")
def runs(corpora: dict[str, pl.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """A run of each setting at each threshold."""
    folder = tmp_path_factory.mktemp("runs")
    return {
        name: {
            threshold: decide(
                folder, corpora, minhash={"threshold": threshold, "alike": 0.5}, **METHODS, **setting
            )
            for threshold in (0.5, 0.6, 0.8, 0.9)
        }
        for name, setting in SETTINGS.items()
    }


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_answer_equals_a_run_at_that_threshold(setting: str, runs: Runs) -> None:
    found = runs[setting]
    removed = {threshold: gone(run) for threshold, run in found.items()}
    assert len({len(rows) for rows in removed.values()}) == len(found), "each threshold removes other rows"
    for before, then in [(0.8, other) for other in found] + [(0.6, 0.9), (0.9, 0.5)]:
        answer = rethreshold(found[before], then, EVERY)
        back, more = ({pair.row: pair.of for pair in pairs} for pairs in (answer.back, answer.more))
        assert removed[before].keys() - back.keys() | more.keys() == removed[then].keys(), (before, then)
        assert back == {row: of for row, of in removed[before].items() if row not in removed[then]}
        assert more == {row: of for row, of in removed[then].items() if row not in removed[before]}
        for one in answer.corpora:
            counted = [
                sum(row.startswith(f"{one.corpus}:") for row in rows)
                for rows in (removed[before], removed[then], back, more)
            ]
            assert [one.now, one.then, one.back, one.more] == counted
        assert sum(one.rows for one in answer.corpora) == 240


def test_a_stricter_threshold_can_also_remove_rows(tmp_path: Path) -> None:
    """A row that goes no longer takes its neighbour with it, or no longer shields it."""
    draw = random.Random(31)
    runs = [table(drifting(draw, 30, 8)) for _ in range(3)]
    answers = [
        rethreshold(
            decide(tmp_path / str(n), {"c": rows}, minhash={"threshold": 0.6}, **METHODS), 0.75, EVERY
        )
        for n, rows in enumerate(runs)
    ]
    assert any(answer.more for answer in answers)
    for answer in answers:
        change = answer.corpora[0]
        assert change.then == change.now - change.back + change.more


def test_the_examples_are_those_nearest_to_the_new_threshold(
    corpora: dict[str, pl.DataFrame], runs: Runs
) -> None:
    decided = runs["each corpus alone"][0.8]
    raised, lowered = rethreshold(decided, 0.9, EVERY), rethreshold(decided, 0.6, EVERY)
    back, more = ([pair.similarity for pair in pairs] for pairs in (raised.back, lowered.more))
    assert back == sorted(back, reverse=True)
    assert more == sorted(more)
    assert len(back) > 3 < len(more)
    assert rethreshold(decided, 0.9, 2).back == raised.back[:2]
    texts = {
        row: text for frame in corpora.values() for row, text in frame.select("row_id", "text").iter_rows()
    }
    for pair in raised.back:
        assert (pair.text, pair.of_text) == (texts[pair.row], texts[pair.of])


def test_the_same_threshold_changes_nothing(runs: Runs) -> None:
    decided = runs["each corpus alone"][0.8]
    answer = rethreshold(decided, 0.8)
    assert answer.back == answer.more == []
    assert (
        sum(one.now for one in answer.corpora)
        == sum(one.then for one in answer.corpora)
        == len(gone(decided))
        > 0
    )


def test_a_run_without_a_near_duplicate_has_an_answer(tmp_path: Path) -> None:
    decided = decide(tmp_path, {"c": table(["上海展会今日开幕", "北京论坛明日举行"])}, minhash={})
    answer = rethreshold(decided, 0.9)
    assert [(one.rows, one.now, one.then) for one in answer.corpora] == [(2, 0, 0)]
    assert answer.as_json()["threshold"] == 0.9


def test_pairs_that_were_not_kept_are_not_guessed(tmp_path: Path) -> None:
    rows = {"c": table(["甲" * 9, "乙" * 9])}
    with pytest.raises(UsageError, match=r"相似度 0.5 以上的对，算不出 0.45(.|\n)*alike"):
        rethreshold(decide(tmp_path, rows, minhash={}), 0.45)
    with pytest.raises(UsageError, match=r"没有近似去重(.|\n)*minhash: \{\}"):
        rethreshold(decide(tmp_path, rows, exact={}), 0.8)


def test_rows_that_went_because_of_an_index_are_counted_apart(tmp_path: Path) -> None:
    """Those of an index that the recipe is against have the reason of rows that a reference corpus protects."""
    draw = random.Random(37)
    text, third = words(draw, 80), words(draw, 80)
    minhash: dict = {"minhash": {}}
    decide(tmp_path, {"reports": table([text], "reports")}, remember=True, index="expo", **minhash)
    corpora = {
        "posts": table([text, text + "完", third], "posts"),
        "exam": table([third + "题"], "exam"),
    }
    decided = decide(tmp_path, corpora, reference=frozenset({"exam"}), against=["expo"], **minhash)
    assert decided.counts["posts"] == {"protected": 3}
    assert rethreshold(decided, 0.9).known == 2
