"""Reading: an answer stands beside the question it answers, or evaluation stops and says where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from curate.errors import CurateError
from curate.evaluate.predictions import find_release, read
from tests.evaluate.conftest import RIGHT, TASKS, Lines, Release, predicted, write_lines


def answers_of(rows: Lines, folder: Path) -> list[str]:
    found = read(write_lines(folder / "output" / "generated_predictions.jsonl", rows), folder)
    return found.rows["answer"].to_list()


@pytest.mark.parametrize(
    ("predict", "answer"),
    [
        ("上海", "上海"),
        ("  上海\n", "上海"),
        ("<think>\n想一想\n</think>\n\n上海", "上海"),
        ("<think>\n\n</think>\n\n上海", "上海"),
        ("<think>一</think>甲<think>二</think>上海", "上海"),
        ("接着想，提示里已经开了头</think>\n\n上海", "上海"),
        ("<think>想个没完", ""),
        ("<think>一</think>甲<think>想个没完", ""),
        ("", ""),
        ("半个字\ud83d", "半个字?"),
        ("不是换行\u2028也不是\x85", "不是换行\u2028也不是"),
    ],
)
def test_thoughts_are_no_part_of_the_answer(release: Release, predict: str, answer: str) -> None:
    folder = release()
    rows = predicted(predict, *RIGHT[1:])
    file = folder / "p.jsonl"
    if predict.endswith("\ud83d"):  # such a file can only be written with escapes
        write_lines(file, predicted("X", *RIGHT[1:]))
        file.write_text(file.read_text(encoding="utf-8").replace('"X"', r'"半个字\ud83d"'), encoding="utf-8")
    else:
        write_lines(file, rows)
    found = read(file, folder)
    assert found.rows["answer"][0] == answer
    assert found.rows["answer"].to_list()[1:] == RIGHT[1:]
    assert found.unclosed_thoughts == predict.count("没完")


def test_a_thought_opened_in_the_prompt_that_never_ends_is_no_answer(release: Release) -> None:
    folder = release()
    rows = predicted(*RIGHT)
    rows[0] |= {"prompt": "问题 1<think>\n", "predict": "想个没完"}
    rows[1] |= {"prompt": "问题 1<think>\n", "predict": "想好了</think>食品机械"}
    rows[3] |= {"prompt": "问题 2<think>\n\n</think>\n\n"}
    assert answers_of(rows, folder) == ["", "食品机械", *RIGHT[2:]]


def test_the_label_may_differ_as_a_tokenizer_changes_it(release: Release) -> None:
    folder = release()
    rows = predicted(*RIGHT)
    rows[0]["label"] = "\n<think>\n\n</think>\n\n" + rows[0]["label"].replace("2026年", "２０２６ 年") + "\n"
    rows[1]["label"] = ""
    rows[2]["label"] = rows[2]["label"][:25] + "\ufffd"
    del rows[3]["label"]
    found = read(write_lines(folder / "p.jsonl", rows), folder)
    assert found.cut_labels == 1
    assert found.rows["answer"].to_list() == RIGHT


def test_rows_with_ids_may_come_in_any_order(release: Release) -> None:
    rows = [{"id": row["id"], "predict": row["reference"]} for row in TASKS]
    assert answers_of(rows[::-1], release()) == RIGHT


def with_id(number: int) -> dict[str, str]:
    return {"id": TASKS[number]["id"], "predict": ""}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (predicted(*RIGHT)[:3], "有 3 行，评测题有 4 道"),
        (predicted(*RIGHT)[::-1], "第 1 行的标准答案与评测题 expo:1#facts 的不同"),
        ([*predicted(*RIGHT)[:3], {"predict": "", "label": "展会规模"}], "第 4 行"),
        ([with_id(0), with_id(0), with_id(2), with_id(3)], "expo:1#facts 出现了不止一次"),
        ([with_id(0), {"id": "x", "predict": ""}, with_id(2)], "x 不在评测题里"),
        ([with_id(0), with_id(2), with_id(3)], "expo:1#classification 没有预测"),
        ([with_id(0), {"predict": ""}], "第 2 行：有的行有 id，有的没有"),
        ([{"predict": None}], "第 1 行：没有 predict"),
        ([], "没有预测"),
    ],
)
def test_what_does_not_belong_together_is_refused(release: Release, rows: Lines, told: str) -> None:
    folder = release()
    with pytest.raises(CurateError, match=told) as caught:
        answers_of(rows, folder)
    assert caught.value.hint


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-9])


def gbk(file: Path) -> None:
    file.write_bytes(file.read_text(encoding="utf-8").encode("gbk"))


def listed(file: Path) -> None:
    file.write_text('["展会"]\n', encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (cut, "第 4 行：不是完整的 JSON"),
        (gbk, "不是 UTF-8"),
        (listed, "第 1 行：不是 JSON 对象"),
        (Path.unlink, "打不开"),
    ],
)
@pytest.mark.parametrize("harmed", ["p.jsonl", "eval/tasks.jsonl"])
def test_a_broken_file_is_named_with_its_line(
    release: Release, harm: Callable[[Path], None], told: str, harmed: str
) -> None:
    folder = release()
    write_lines(folder / "p.jsonl", predicted(*RIGHT))
    harm(folder / harmed)
    with pytest.raises(CurateError, match=told) as caught:
        read(folder / "p.jsonl", folder)
    assert harmed in caught.value.problem


def test_the_release_is_found_from_what_the_trainer_wrote_into_it(release: Release, tmp_path: Path) -> None:
    folder = release()
    assert find_release(folder / "output" / "predict" / "generated_predictions.jsonl") == folder
    with pytest.raises(CurateError, match="不在发布目录里"):
        find_release(tmp_path / "generated_predictions.jsonl")
