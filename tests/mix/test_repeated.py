"""The same question: it is asked once, and none of the test set's is trained on."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.mix import carry_out
from curate.mix.decide import VERDICT
from curate.mix.repeated import repeated
from curate.pairs import PAIR
from curate.rows import SPLITS, Table

Pair = tuple[str, str, str]  # split, instruction, input


def tables(folder: Path, tasks: list[list[Pair]]) -> list[Table]:
    found = []
    for number, task in enumerate(tasks):
        rows = [
            {"pair_id": f"c:{place}#t{number}.q", "parent_id": f"c:{place}", "split": split, "instruction": asked, "input": more, "output": "答"}
            for place, (split, asked, more) in enumerate(task)
        ]  # fmt: skip
        path = folder / f"{number}.parquet"
        pl.DataFrame(rows, schema=PAIR).write_parquet(path)
        found.append(Table("c", (path,)))
    return found


def mixed(folder: Path, tasks: list[list[Pair]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(kept, dropped) of all tasks."""
    made = tables(folder, tasks)
    found = repeated(made).with_columns(pl.lit("same_question").alias("reason"))
    told = pl.concat([pl.DataFrame(schema=VERDICT), found], how="diagonal")
    outcomes = [carry_out(frame, told) for table in made for frame in table.frames()]
    return pl.concat(o.kept for o in outcomes), pl.concat(o.dropped for o in outcomes)


def test_the_same_question_stays_once_and_the_other_names_it(tmp_path: Path) -> None:
    kept, dropped = mixed(
        tmp_path, [[("train", "在哪？", ""), ("train", "何时？", "")], [("train", "在哪？", "")]]
    )
    assert sorted(kept["instruction"]) == ["何时？", "在哪？"]
    assert dropped["reason"].to_list() == ["same_question"]
    assert dropped["of"][0] in kept["pair_id"].to_list()
    assert dropped["row_id"].to_list() == dropped["pair_id"].to_list(), "trace finds it by its own id"


def test_the_test_set_wins_over_validation_and_that_over_train(tmp_path: Path) -> None:
    for splits, stays in {
        ("train", "validation", "test"): "test",
        ("train", "validation"): "validation",
        ("test", "train"): "test",
    }.items():
        kept, dropped = mixed(tmp_path, [[(split, "在哪？", "")] for split in splits])
        assert kept["split"].to_list() == [stays]
        assert dropped.height == len(splits) - 1


def test_another_input_is_another_question(tmp_path: Path) -> None:
    same = [("train", "归纳", "甲"), ("test", "归纳", "乙"), ("train", "归纳甲", ""), ("train", "归纳", "")]
    assert mixed(tmp_path, [same])[1].is_empty()


def test_no_tasks_and_no_pairs_are_no_error(tmp_path: Path) -> None:
    assert repeated([]).is_empty()
    assert repeated(tables(tmp_path, [[]])).is_empty()


WORDS = st.sampled_from(["甲", "乙", "丙", ""])
TASKS = st.lists(
    st.lists(st.tuples(st.sampled_from(SPLITS), WORDS, WORDS), max_size=12), min_size=1, max_size=3
)


@settings(max_examples=20, deadline=None)
@given(tasks=TASKS)
def test_no_question_is_in_two_splits_and_none_is_lost(tasks: list[list[Pair]]) -> None:
    with TemporaryDirectory() as folder:
        kept, dropped = mixed(Path(folder), tasks)
    told = {
        said(asked, more): split for asked, more, split in kept.select("instruction", "input", "split").rows()
    }
    assert len(told) == kept.height, "no question stays twice"
    assert kept.height + dropped.height == sum(map(len, tasks))
    assert set(dropped["of"]) <= set(kept["pair_id"])
    best: dict[str, str] = {}
    for split, asked, more in (row for task in tasks for row in task):
        best[said(asked, more)] = max(split, best.get(said(asked, more), "train"), key=SPLITS.index)
    assert told == best


def said(asked: str, more: str) -> str:
    """What a model is shown of a question."""
    return f"{asked}\n{more}".strip()


def pair(pair_id: str, split: str, kind: str = "sft", **more: object) -> dict[str, object]:
    """A pair that asks 几点？ and is answered 九点。"""
    return {
        "pair_id": pair_id,
        "split": split,
        "kind": kind,
        "instruction": "几点？",
        "input": "",
        "output": "九点。",
    } | more


def repeats(folder: Path, *pairs: dict[str, object]) -> dict[str, str]:
    """Pair -> the better pair that asks the same."""
    path = folder / "pairs.parquet"
    pl.DataFrame(pairs, schema=PAIR).write_parquet(path)
    return dict(repeated([Table("c", (path,))]).iter_rows())


TURNS = [{"role": "user", "content": "几点？"}, {"role": "assistant", "content": "九点。"}]
LATER = [*TURNS, {"role": "user", "content": "周末呢？"}, {"role": "assistant", "content": "也是。"}]


@pytest.mark.parametrize(
    ("one", "other", "dropped"),
    [
        (pair("a", "train"), pair("b", "train", "preference", rejected="不知道"), False),
        (pair("a", "train"), pair("b", "test", "preference", rejected="不知道"), True),
        (pair("a", "train", "kto", desirable=True), pair("b", "test"), True),
        (pair("a", "train", "kto", desirable=True), pair("b", "train", "kto", output="滚", desirable=False), False),
        (pair("a", "train", "kto", desirable=True), pair("a2", "train", "kto", desirable=True), True),
        (
            pair("a", "train", "preference", rejected="不知道"),
            pair("a2", "train", "preference", rejected="自己看"),
            False,
        ),
        (pair("a", "train", output="九点。"), pair("a2", "train", output="九点开。"), True),
        (pair("a", "train", messages=TURNS), pair("b", "test", messages=LATER), False),
        (pair("a", "train", messages=LATER), pair("b", "test", messages=LATER), True),
        (pair("a", "train", "pretrain", instruction="", output="九点。"), pair("b", "test"), False),
        (
            pair("a", "train", "pretrain", instruction="", output="手册"),
            pair("b", "test", "pretrain", instruction="", output="手册"),
            True,
        ),
        (
            pair("a", "train", "pretrain", instruction="", output="手册"),
            pair("b", "test", "pretrain", instruction="", output="指南"),
            False,
        ),
    ],
    ids=[
        "what it is for makes another pair", "but not across splits", "nor for a rated answer",
        "two ratings of different answers stay", "two ratings of one answer do not", "another worse answer is another pair",
        "another answer to a question is not", "a longer conversation asks more", "the same conversation",
        "a text asks nothing", "the same text", "another text",
    ],
)  # fmt: skip
def test_what_it_takes_to_ask_the_same(
    tmp_path: Path, one: dict[str, object], other: dict[str, object], dropped: bool
) -> None:
    found = repeats(tmp_path, one, other)
    assert bool(found) is dropped
    if one["split"] != other["split"] and dropped:
        assert found == {"a": "b"}, "the test set's stays"


@pytest.mark.parametrize(
    ("answered", "stays"),
    [("test", "b"), ("train", "b"), ("validation", "b")],
    ids=["in the test set", "in the training set", "in validation"],
)
def test_a_question_that_is_answered_anywhere_is_not_an_unknown_one(
    tmp_path: Path, answered: str, stays: str
) -> None:
    unknown = pair("a", "test", "unknown", output="现有资料中没有这项信息。")
    assert repeats(tmp_path, unknown, pair("b", answered)) == {"a": stays}


def test_an_unknown_question_is_asked_once(tmp_path: Path) -> None:
    found = repeats(tmp_path, pair("a", "test", "unknown"), pair("b", "test", "unknown"))
    assert sorted([*found, *found.values()]) == ["a", "b"]


@pytest.mark.parametrize(
    ("one", "other", "stays"),
    [("llm", "template", 1), ("template", "llm", 0), ("template", "real", 1), ("llm", "real", 1)],
)
def test_a_models_pair_goes_before_a_templates_and_that_before_a_real_one(
    tmp_path: Path, one: str, other: str, stays: int
) -> None:
    found = repeats(tmp_path, pair("a", "train", origin=one), pair("b", "train", origin=other))
    assert found == {"ba"[stays]: "ab"[stays]}


@pytest.mark.parametrize("origin", ["template", "real"])
def test_a_thought_that_was_asked_for_stands_in_the_place_of_the_bare_answer(
    tmp_path: Path, origin: str
) -> None:
    bare, thought = pair("a", "train", origin=origin), pair("b", "train", origin="llm", thought="先看日期。")
    assert repeats(tmp_path, bare, thought) == {"a": "b"}
