"""mix: a question is asked once, and none of the test set's is trained on."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.rows import PAIR, SPLITS, Table
from curate.synthesize.mix import repeated, without_repeated

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
    told = repeated(made)
    outcomes = [without_repeated(frame, told) for table in made for frame in table.frames()]
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
    questions = kept.select("instruction", "input")
    assert questions.is_unique().all()
    assert set(questions.rows()) == {(asked, more) for task in tasks for _, asked, more in task}
    assert kept.height + dropped.height == sum(map(len, tasks))
    assert set(dropped["of"]) <= set(kept["pair_id"])
    best = {
        question: max((s for t in tasks for s, *q in t if tuple(q) == question), key=SPLITS.index)
        for question in questions.rows()
    }
    assert {
        (asked, more): split for asked, more, split in kept.select("instruction", "input", "split").rows()
    } == best
