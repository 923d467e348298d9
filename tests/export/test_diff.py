"""diff: what is new in a release, and whether a test row of the old one is trained on now."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.errors import CurateError
from curate.export.check_release import check_release
from curate.export.diff import RED, diff
from curate.export.provenance import IDENTITY
from tests.export.releases import conversations, make, preferences, reseal, single


def pairs() -> list[dict[str, Any]]:
    return [*single(24), *conversations(8), *preferences(8)]


def where(rows: list[dict[str, Any]], pair_id: str) -> dict[str, Any]:
    return next(row for row in rows if row["pair_id"] == pair_id)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("old"), pairs())


def test_a_release_is_the_same_as_itself(old: Path) -> None:
    found = diff(old, old)
    assert found.same
    assert found.text() == "expo v1 → expo v1\n没有区别"
    assert json.loads(json.dumps(found.as_json()))["same"] is True


def test_added_removed_and_changed_pairs_are_counted_and_quoted(old: Path, tmp_path: Path) -> None:
    rows = pairs()
    rows.remove(where(rows, "c:sft3#a.b"))
    where(rows, "c:sft5#a.b")["output"] = "新的答案"
    where(rows, "c:preference1#a.b")["rejected"] = "更差的"
    where(rows, "c:sft2#a.b")["system"] = "换了身份。"
    rows.append(single(60)[58] | {"split": "validation"})
    found = diff(old, make(tmp_path, rows))
    assert (found.added.count, found.removed.count, found.changed.count, found.leaked.count) == (1, 1, 3, 0)
    assert found.added.by == {
        "split": {"validation": 1},
        "kind": {"sft": 1},
        "origin": {"template": 1},
        "corpus": {"c": 1},
        "task": {"company": 1},
    }
    assert found.changed.by["kind"] == {"sft": 2, "preference": 1}
    assert [one["pair_id"] for one in found.removed.examples] == ["c:sft3#a.b"]
    assert "第 58 问" in found.added.examples[0]["text"]
    changed = {one["pair_id"]: one for one in found.changed.examples}
    assert "差答1" in changed["c:preference1#a.b"]["old"]
    assert "更差的" in changed["c:preference1#a.b"]["text"]
    text = found.text()
    assert "新增 1 条" in text
    assert "去掉 1 条" in text
    assert "改了 3 条" in text
    assert "新的答案" in text


def test_a_release_from_before_pairs_told_how_they_were_made_is_still_checked_and_compared(
    old: Path, tmp_path: Path
) -> None:
    shutil.copytree(old, tmp_path / "v1")
    file = tmp_path / "v1/provenance.parquet"
    pl.read_parquet(file).select(*IDENTITY).write_parquet(file)
    reseal(tmp_path / "v1")
    assert check_release(tmp_path / "v1") == []
    rows = pairs()
    where(rows, "c:sft5#a.b")["output"] = "新的答案"
    found = diff(tmp_path / "v1", make(tmp_path / "new", rows))
    assert (found.added.count, found.removed.count, found.changed.count) == (0, 0, 1)


def move(rows: list[dict[str, Any]]) -> None:
    where(rows, TESTED)["split"] = "train"


def ask_of_another_row(rows: list[dict[str, Any]]) -> None:
    rows.append(
        where(rows, TESTED)
        | {"split": "train", "pair_id": "n:1#a.b", "parent_id": "n:1", "cluster_id": "n:1"}
    )
    where(rows, TESTED)["instruction"] = "另一个问题"


def ask_something_else(rows: list[dict[str, Any]]) -> None:
    rows.append(
        where(rows, TESTED) | {"split": "train", "pair_id": "c:sft7#a.c", "instruction": "它在哪里？"}
    )
    rows.remove(where(rows, TESTED))


def add_a_similar_row(rows: list[dict[str, Any]]) -> None:
    rows.append(single(60)[50] | {"split": "train", "cluster_id": "c:sft7"})
    rows.remove(where(rows, TESTED))


TESTED = "c:sft7#a.b"
MOVES = {
    "the same row": move,
    "the same question of another row": ask_of_another_row,
    "another question about the row": ask_something_else,
    "a row that is like it": add_a_similar_row,
}


@pytest.mark.parametrize("sentence", MOVES)
def test_what_was_tested_and_is_trained_now_is_said_in_red(sentence: str, old: Path, tmp_path: Path) -> None:
    rows = pairs()
    MOVES[sentence](rows)
    found = diff(old, make(tmp_path, rows))
    assert found.leaked.count == 1
    first = found.text(color=True).splitlines()[1]
    assert first.startswith(f"{RED}危险：1 条训练数据和 expo v1 的测试集")
    assert "\x1b" not in found.text()


def test_a_train_row_that_is_tested_now_is_told_and_no_danger(old: Path, tmp_path: Path) -> None:
    rows = pairs()
    where(rows, "c:sft1#a.b")["split"] = "test"
    found = diff(old, make(tmp_path, rows))
    assert (found.leaked.count, found.moved) == (0, {"train > test": 1})
    assert "换了划分 train > test：1 条" in found.text()


def test_settings_model_and_lengths_are_told_old_and_new(old: Path, tmp_path: Path) -> None:
    new = make(
        tmp_path,
        pairs(),
        model="qwen3-8b",
        cutoff=2048,
        train={"learning_rate": 0.00002, "seed": None, "max_grad_norm": 0.5},
    )
    found = diff(old, new)
    assert found.model["template"] == ["deepseekr1", "qwen3"]
    assert found.tokens["cutoff"] == [512, 2048]
    changed = found.settings["train_sft.yaml"]
    assert changed["template"] == ["deepseekr1", "qwen3"]
    assert changed["learning_rate"][1] == 0.00002
    assert changed["seed"] == [42, None]
    assert changed["max_grad_norm"] == [None, 0.5]
    assert "train_sft.yaml seed: 42 → （没有）" in found.text()
    assert (found.added.count, found.removed.count, found.changed.count) == (0, 0, 0)


def test_other_tools_of_the_same_conversations_are_a_changed_file(old: Path, tmp_path: Path) -> None:
    rows = pairs()
    for row in rows:
        if row.get("tools"):
            row["tools"] = row["tools"].replace("find_booth", "find_stand")
    found = diff(old, make(tmp_path, rows))
    assert not found.same
    assert "data/expo_train_chat.jsonl" in found.files
    assert "data/expo_train_chat.jsonl" in found.text()


def test_a_stage_that_is_new_has_a_file_of_new_settings(old: Path, tmp_path: Path) -> None:
    found = diff(make(tmp_path, single(24)), old)
    assert found.settings["train_dpo.yaml"]["stage"] == [None, "dpo"]
    assert found.added.by["kind"] == {"preference": 8, "sft": 8}


def test_what_is_no_release_cannot_be_compared(old: Path, tmp_path: Path) -> None:
    with pytest.raises(CurateError, match=r"没有 manifest\.json"):
        diff(old, tmp_path)
    shutil.copytree(old, tmp_path / "broken")
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "broken/provenance.parquet")
    with pytest.raises(CurateError, match="列应当是"):
        diff(tmp_path / "broken", old)
