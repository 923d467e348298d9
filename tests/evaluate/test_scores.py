"""Scores of a whole file of predictions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curate.errors import CurateError
from curate.evaluate import Scores, score, scores_text
from tests.evaluate.conftest import LABELS, RIGHT, TASKS, Lines, Release, predicted, task, write_lines


def scores_of(folder: Path, *answers: str, tasks: Lines = TASKS) -> Scores:
    return score(write_lines(folder / "p.jsonl", predicted(*answers, tasks=tasks)), folder)


def values(scores: Scores) -> dict[str, float]:
    return {name: round(figure.value, 4) for name, figure in scores.figures.items()}


def test_the_references_themselves_score_full_marks(release: Release) -> None:
    scores = scores_of(release(), *RIGHT)
    bad = {"refused", "empty", "repetitive"}
    assert values(scores) == {name: 0.0 if name in bad else 1.0 for name in scores.figures}
    assert len(scores.figures) == 16
    assert {name: figure.questions for name, figure in scores.figures.items()} | {"points": 4} == {
        **dict.fromkeys(scores.figures, 3),
        **dict.fromkeys(["points", "empty", "repetitive"], 4),
        **dict.fromkeys(["facts_found", "facts_all", "accuracy", "macro_f1", "micro_f1", "declined"], 1),
    }


def test_each_kind_has_its_own_points(release: Release) -> None:
    answers = ["2026-03-05 举办", "服装", "展会规模盛大，观众踊跃。", "电话是 123。"]
    scores = scores_of(release(), *answers)
    points = dict(zip(["facts", "classification", "text", "unknown"], scores.rows["points"], strict=True))
    # its first 11 characters and its last mark of 32: 2 * 12 / (12 + 32)
    assert points == {"facts": 0.5, "classification": 0.0, "text": pytest.approx(24 / 44), "unknown": 0.0}
    assert values(scores) | {
        "facts_found": 0.5,
        "facts_all": 0.0,
        "accuracy": 0.0,
        "declined": 0.0,
    } == values(scores)
    assert scores.confusions == [
        {"question": "intro.classification", "label": "食品机械", "named": "服装", "times": 1}
    ]


def test_declining_is_right_where_the_data_are_silent_and_wrong_elsewhere(release: Release) -> None:
    scores = scores_of(release(), *["资料中没有相关信息。"] * 4)
    assert values(scores)["declined"] == 1.0
    assert values(scores)["refused"] == 1.0
    assert values(scores)["points"] == pytest.approx(0.25, abs=0.05)


def test_a_right_answer_with_such_words_is_no_refusal(release: Release) -> None:
    tasks = [
        task(1, "facts", "登记状态：未登记", facts=["未登记"]),
        task(2, "text", "该公司没有任何负面记录，经营正常。"),
        task(3, "text", "该公司经营正常，信誉良好。"),
    ]
    answers = ["状态为未登记。", "没有任何负面记录。", "不清楚。"]
    scores = scores_of(release(tasks), *answers, tasks=tasks)
    assert scores.rows["refused"].to_list() == [False, False, True]


def test_labels_score_as_scikit_learn_scores_them(release: Release) -> None:
    right = ["食品", "食品", "食品", "服装", "服装", "电子"]
    named = ["食品", "服装", "不详", "服装", "食品", "电子"]
    tasks = [task(at, "classification", label, label=label) for at, label in enumerate(right)]
    folder = release(tasks, {"intro.classification": ["食品", "服装", "电子", "建材"]})
    scores = scores_of(folder, *named, tasks=tasks)
    # scikit-learn 1.9.1, precision_recall_fscore_support(labels=[服装, 电子, 食品], zero_division=0)
    assert [(row["precision"], row["recall"], row["f1"], row["support"]) for row in scores.labels] == [
        (0.5, 0.5, 0.5, 2),
        (1.0, 1.0, 1.0, 1),
        (0.5, 0.333333, 0.4, 3),
    ]
    assert scores.figures["macro_f1"].value == pytest.approx(0.6333333333)
    assert scores.figures["micro_f1"].value == pytest.approx(0.5454545455)
    assert scores.figures["accuracy"].value == pytest.approx(0.5)
    assert [(row["label"], row["named"]) for row in scores.confusions] == [
        ("服装", "食品"),
        ("食品", "none"),
        ("食品", "服装"),
    ]


def test_a_label_outside_its_set_means_a_changed_release(release: Release) -> None:
    with pytest.raises(CurateError, match=r"标签 食品机械 不在 eval/labels.json 的 intro.classification 里"):
        scores_of(release(labels={"intro.classification": ["食品"]}), *RIGHT)


def test_questions_about_one_row_have_no_interval(release: Release) -> None:
    scores = scores_of(release(TASKS[:2]), *RIGHT[:2], tasks=TASKS[:2])
    assert scores.figures["points"].as_json() == {
        "value": 1.0,
        "low": None,
        "high": None,
        "questions": 2,
        "rows": 1,
    }


def test_the_json_is_the_same_every_time_and_complete(release: Release) -> None:
    folder = release()
    first, second = (scores_of(folder, "上海", "食品", "展会", "<think>") for _ in range(2))
    assert json.dumps(first.as_json()) == json.dumps(second.as_json())
    told = first.as_json()
    assert told["questions"] == 4
    assert (told["empty_answers"], told["unclosed_thoughts"], told["repetitive_answers"]) == (1, 1, 0)
    assert set(told["by_kind"]) == {"facts", "classification", "text", "unknown"}
    assert set(told["by_question"]) == {f"intro.{kind}" for kind in told["by_kind"]}
    assert set(told["by_corpus"]) == {"expo"}
    assert "accuracy" not in told["by_kind"]["facts"]
    assert LABELS["intro.classification"] == ["食品", "食品机械", "服装"]


@pytest.mark.parametrize("kind", ["facts", "text", "classification", "unknown"])
def test_a_release_may_have_questions_of_one_kind_only(release: Release, kind: str) -> None:
    tasks = [row for row in TASKS if row["kind"] == kind]
    scores = scores_of(release(tasks), *[row["reference"] for row in tasks], tasks=tasks)
    assert scores.figures["points"].value == pytest.approx(1.0)
    assert scores_text(scores)


def test_the_text_names_figures_parts_and_what_to_look_at(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = scores_of(release(), "上海", "食品", "展会盛大观众踊跃企业多" * 8, "<think>")
    text = scores_text(scores)
    for told in ["4 题", "答出的事实", "50.0", "按题型的得分", "错认：食品机械 → 食品，1 次", "1 个答案是空的",
                 "1 个答案反复重复同一段", "1 个答案的 <think> 没有结束", "只有 4 题（少于 30）"]:  # fmt: skip
        assert told in text, told
    monkeypatch.setenv("CURATE_LANG", "en")
    english = scores_text(scores)
    assert english.isascii() is False  # names of labels stay as they are
    for told in ["4 questions", "facts found", "points by kind", "raise max_new_tokens", "only 4 questions"]:
        assert told in english, told
