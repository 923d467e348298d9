"""gate: a run goes on when everything is judged, people agree and disputes are settled; else it says why, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.errors import GateFailed, Waiting
from curate.review.gate import passes
from tests.review.small_pages import SPANS_DATA, choice
from tests.review.small_votes import (
    assessed,
    assessed_spans,
    control_items,
    decides,
    everyone,
    items,
    marked,
    project,
    said,
    spans_project,
)

RECIPE = Path("recipes/expo.yaml")


def gone(
    letters: dict[str, str], *more: dict[str, Any], controls: tuple[str, ...] = (), **options: Any
) -> list[str]:
    """What is told where the gate lets these votes through. ``letters``: see ``everyone``."""
    names = [str(number) for number in range(len(next(iter(letters.values()))))]
    what = project(**options)
    judged = pl.concat([items(*names), control_items(*controls)])
    return passes(what, assessed(judged, *everyone(letters), *more, what=what), RECIPE)


def test_who_agrees_passes() -> None:
    assert gone({"a": "arar" * 10, "b": "arar" * 10}) == []


def test_votes_by_an_older_guideline_count_and_are_told() -> None:
    (told,) = gone({"a": "arar" * 10, "b": "arar" * 10}, said("0", "c", "accept", guideline="older"))
    assert "有 1 个判断是按以前的界面或标注说明做的" in told


def test_a_figure_that_equals_the_limit_passes() -> None:
    letters = {
        "a": "aaaaarrrrr" * 3,
        "b": "aaaarrrrra" * 3,
    }  # 0.6, and in floating point a little more or less
    told = gone(letters, gate={"kappa": 0.6}, disputes="drop")
    assert [line[:19] for line in told] == ["审核项目 small：一致性 0.60"]


def test_it_waits_for_people_and_says_how_many() -> None:
    with pytest.raises(Waiting) as error:
        gone({"a": "ar--", "b": "aa--"})
    assert error.value.exit_code == 3
    assert (
        error.value.problem
        == "审核项目 small：4 条里还有 2 条没有看够 2 个人，缺 4 个判断；已有：a@example.com 2、b@example.com 2"
    )
    assert "curate review push recipes/expo.yaml" in error.value.hint
    assert "curate review pull recipes/expo.yaml" in error.value.hint


def test_it_waits_rather_than_fails_while_votes_are_missing() -> None:
    with pytest.raises(Waiting):
        gone({"a": "arar-", "b": "rara-"})


def test_people_who_differ_fail_before_an_expert_is_asked() -> None:
    with pytest.raises(GateFailed) as error:
        gone({"a": "aaaaarrrrr" * 3, "b": "aaaarrrrra" * 3})
    assert error.value.exit_code == 4
    assert error.value.problem.startswith(
        "审核项目 small：一致性不够，要求至少 0.80：Cohen’s kappa 0.60（95% 区间 0.27–0.86）"
    )
    assert "原始一致率 80%，AC1 0.60；30 条，2 人，60 个判断" in error.value.problem
    for way in (
        "requeue recipes/expo.yaml --project small --disputed",
        "--without",
        "只请专家裁决不能提高一致性",
    ):
        assert way in error.value.hint


def test_adjudication_alone_does_not_lift_agreement() -> None:
    decided = [decides(str(number), "accept") for number in range(10)]
    with pytest.raises(GateFailed):
        gone({"a": "aaaaarrrrr", "b": "rrrrraaaaa"}, *decided)


def test_the_failure_names_the_table_the_worst_answer_the_worst_pair_and_the_odd_one() -> None:
    # c is careless: it accepts whatever it sees, also what was made wrong
    letters = {"a": "areare" * 5, "b": "areara" * 5, "c": "aaaaaa" * 5}
    controls = [
        said("k!control", who, told) for who, told in (("a", "reject"), ("b", "reject"), ("c", "accept"))
    ]
    with pytest.raises(GateFailed) as error:
        gone(letters, *controls, controls=("k!control",), annotators=3)
    lines = error.value.problem.split("\n")
    table = lines.index("  混淆表：两个人对同一条的判断")
    assert [line.split() for line in lines[table + 1 : table + 5]] == [
        ["接受", "修改", "拒绝"],
        ["接受", "35", "20", "20"],
        ["修改", "5", "0"],
        ["拒绝", "10"],
    ]
    assert lines[table + 2].index("接受") == 4
    assert any(line.startswith("  分歧最大的答案：接受（kappa ") for line in lines)
    assert any("a@example.com 与 c@example.com（kappa 0.00，共同 30 条，一致 33%）" in line for line in lines)
    assert any("最不一致的：c@example.com" in line and "对照题 1 条看出 0 条" in line for line in lines)
    assert "  分歧最大的 20 条：" in lines
    assert len(str(error.value).split("\n")) <= 25


def test_many_values_list_their_commonest_confusions() -> None:
    values = [f"c{number}" for number in range(6)]
    picks = "".join(f'<Choice value="类{value}" alias="{value}"/>' for value in values)
    xml = f"""<View><Text name="answer" value="$answer"/>
      <Choices name="decision" toName="answer" required="true">{picks}</Choices></View>"""
    names = [str(number) for number in range(12)]
    rows = [said(name, "a", [choice("decision", values[place % 6])]) for place, name in enumerate(names)]
    rows += [said(name, "b", [choice("decision", values[place % 6 % 5])]) for place, name in enumerate(names)]
    with pytest.raises(GateFailed, match="最常混淆：类c0–类c5 2\n"):
        passes(project(gate={"kappa": 0.9}), assessed(items(*names), *rows, xml=xml), RECIPE)


def test_a_high_agreement_with_a_low_kappa_is_explained() -> None:
    with pytest.raises(GateFailed) as error:
        gone({"a": "a" * 95 + "rraaa", "b": "a" * 95 + "aarra"})
    assert (
        "原始一致率高、kappa 却低，是因为 98% 的判断都是“接受”：照这个比例随便选，两个人也会有 96% 一致"
        in error.value.problem
    )
    assert "AC1 0.96 不受这个影响" in error.value.problem


def test_one_and_the_same_answer_passes_and_is_told() -> None:
    (told,) = gone({"a": "a" * 30, "b": "a" * 30})
    assert (
        told
        == "审核项目 small：所有人始终选了同一个答案，kappa 没有定义，只能放行；也没有对照题可以证明他们认真看了"
    )


def test_one_and_the_same_answer_is_told_with_the_controls_that_were_noticed() -> None:
    noticed = [said("k!control", "a", "reject"), said("k!control", "b", "edit:一共 49 家。")]
    (told,) = gone({"a": "a" * 30, "b": "a" * 30}, *noticed, controls=("k!control",))
    assert told.endswith("；对照题 2 次看出 2 次")


def test_one_annotator_has_nobody_to_agree_with() -> None:
    (told,) = gone({"a": "arar"}, annotators=1)
    assert "门槛没有检查" in told


def test_few_items_and_a_wide_interval_are_told() -> None:
    few = gone({"a": "arararar", "b": "arararar"})
    assert few == ["审核项目 small：只有 8 条有两个人的判断，不到 20 条，这个一致性靠不住"]
    wide = gone({"a": "ar" * 15, "b": "ar" * 14 + "aa"}, decides("29", "accept"))
    assert wide == ["审核项目 small：一致性 0.93 过了 0.80，但区间从 0.78 起，样本再大些才稳"]


def test_disputes_wait_for_the_expert() -> None:
    with pytest.raises(Waiting) as error:
        gone({"a": "ar" * 20, "b": "ar" * 19 + "aa"})
    assert error.value.problem == "审核项目 small：有 1 条意见不一，等专家裁决"
    assert error.value.hint.startswith("curate review adjudicate recipes/expo.yaml")


def test_an_expert_who_had_judged_the_item_is_told() -> None:
    letters = {"a": "ar" * 30, "zhuanjia": "ar" * 29 + "aa"}
    assert gone(letters, decides("59", "accept")) == [
        "审核项目 small：专家 zhuanjia@example.com 裁决了自己也标过的 1 条"
    ]


@pytest.mark.parametrize(("statistic", "passing"), [("auto", False), ("cohen_kappa", False), ("fleiss_kappa", False), ("krippendorff_alpha", False), ("gwet_ac1", True)])  # fmt: skip
def test_the_declared_statistic_is_the_one_that_counts(statistic: str, passing: bool) -> None:
    letters = {"a": "a" * 95 + "rraaa", "b": "a" * 95 + "aarra"}
    gate = {"statistic": statistic, "kappa": 0.9}
    if passing:
        assert gone(letters, gate=gate, disputes="drop") == []
    else:
        with pytest.raises(GateFailed):
            gone(letters, gate=gate, disputes="drop")


def test_controls_do_not_lift_agreement() -> None:
    controls = tuple(f"k{number}!control" for number in range(40))
    easy = [said(name, who, "reject") for name in controls for who in "ab"]
    with pytest.raises(GateFailed, match="20 条，2 人"):
        gone({"a": "aaaaarrrrr" * 2, "b": "aaaarrrrra" * 2}, *easy, controls=controls)


def test_nothing_to_judge_passes() -> None:
    assert passes(project(), assessed(items()), RECIPE) == ["审核项目 small：没有可判断的内容"]


def test_spans_are_compared_character_by_character() -> None:
    names = [f"t{number}" for number in range(6)]
    rows = [marked(name, who, (2, 4, "PER"), *more) for name in names
            for who, more in (("a", [(5, 7, "ORG")]), ("b", []))]  # fmt: skip
    with pytest.raises(GateFailed) as error:
        passes(spans_project(), assessed_spans(items(*names, data=SPANS_DATA), *rows), RECIPE)
    assert "6 条，2 人，12 个判断" in error.value.problem
    assert "混淆表（字对）" in error.value.problem
    assert "未标" in error.value.problem


def test_spans_that_are_nearly_the_same_pass_and_their_disputes_wait() -> None:
    names = [f"t{number}" for number in range(30)]
    same = [marked(name, who, (2, 4, "PER"), (8, 10, "PER")) for name in names[1:] for who in "ab"]
    odd = [marked("t0", "a", (2, 4, "PER")), marked("t0", "b", (2, 4, "PER"), (8, 10, "PER"))]
    with pytest.raises(Waiting, match="有 1 条意见不一"):
        passes(spans_project(), assessed_spans(items(*names, data=SPANS_DATA), *same, *odd), RECIPE)


def test_it_speaks_english_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_LANG", "en")
    with pytest.raises(GateFailed) as error:
        gone({"a": "a" * 95 + "rraaa", "b": "a" * 95 + "aarra"})
    assert "people do not agree; at least 0.80 is asked for: Cohen's kappa" in error.value.problem
    assert "two people who drew their answers blindly" in error.value.problem
    assert not any("\u4e00" <= mark <= "\u9fff" for mark in error.value.hint)
