"""The section 合成: from rows to pairs, the bill, the shares against the cap, and what an endpoint would add."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from curate.report.html import write_report
from curate.report.remedies import REMEDIES
from curate.report.synthesis import Synthesis, synthesis
from curate.report.synthesis_text import WIDTH, bar, bill_lines, left_out_lines, share_of, synthesis_text
from curate.report.terminal import phase_text
from curate.report.words import REASONS, money, wide
from curate.run import PastRun
from tests.made_run import made_run
from tests.report.test_html import Page


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> PastRun:
    return made_run(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def found(run: PastRun) -> Synthesis:
    made = synthesis(run)
    assert made is not None
    return made


def test_each_task_is_followed_from_its_rows_to_its_last_pairs(found: Synthesis) -> None:
    told = {
        line.task: (line.rows, line.slots, line.answered, line.pairs, line.passed, line.mixed, line.last)
        for line in found.tasks
    }
    assert told == {
        "report": (4, None, None, 4, None, 4, 4),
        "doc_qa": (3, 4, 2, 3, 2, 2, 1),
        "perturb_doc_qa": (1, None, None, 1, None, 1, 1),
    }


def test_rejected_pairs_are_counted_by_reason_with_what_they_cost(found: Synthesis) -> None:
    told = [(one.phase, one.reason, one.pairs, round(one.cost, 5)) for one in found.rejected]
    assert told == [
        ("gate", "malformed", 1, 0.00104), ("gate", "not_grounded", 1, 0.00104), ("gate", "unanswered", 1, 0.0),
        ("cap", "over_cap", 1, 0.00104),
    ]  # fmt: skip


def test_the_bill_tells_all_that_was_paid_and_what_of_it_now(found: Synthesis) -> None:
    assert found.paid == {"CNY": pytest.approx(0.0062)}, "the answers and the verdicts"
    assert bill_lines(found) == ["用到的回答一共 0.0062 元，其中这次付 0.0031 元，过关的每条 0.0031 元"]


@pytest.mark.parametrize(
    ("amount", "currency", "told"),
    [(0, "CNY", "0.00 元"), (0.0000024, None, "0.000002"), (0.00104, "CNY", "0.0010 元"), (0.31, "USD", "0.3100 USD"), (1234.5, None, "1,234.50")],
)  # fmt: skip
def test_money_shows_digits_that_say_something(amount: float, currency: str | None, told: str) -> None:
    assert money(amount, currency) == told


@pytest.mark.parametrize(
    ("share", "cap", "full", "line"),
    [(0.125, 0.15, 25, 30), (0.15, 0.15, 30, 30), (0.0, 0.15, 0, 30), (0.3, 0.15, 30, 15), (0.0, 0.0, 0, 0)],
)
def test_the_bar_shows_the_share_and_the_cap(share: float, cap: float, full: int, line: int) -> None:
    drawn = bar(share, cap)
    assert (drawn.count("█"), drawn.index("│")) == (full, line)
    assert len(drawn) == 41


def test_the_share_is_of_the_origins_that_the_cap_counts(found: Synthesis) -> None:
    share = share_of(found)
    assert share is not None
    assert share.told == "llm 占训练集 2/16 = 12.50%，上限 3/20 = 15.00%，为此去掉 1 条"
    both = share_of(replace(found, cap=found.cap | {"cap": "1", "counts": ["llm", "template"], "trimmed": 0}))
    assert both is not None
    assert both.told == "llm + template 占训练集 16/16 = 100.00%，上限 1 = 100.00%"


def test_a_task_that_was_left_out_says_what_is_missing_and_what_it_would_add(found: Synthesis) -> None:
    first, last = left_out_lines(found)
    assert first == "没有做：faq（notes），没有设置 LLM_BASE_URL, LLM_API_KEY；设好后会请模型写 120 处"
    assert "--dry-run" in last
    (unknown, _) = left_out_lines(replace(found, left_out=[found.left_out[0] | {"slots": None}]))
    assert "再看要写多少" in unknown


@pytest.mark.parametrize("phase", ["pairs", "gate", "cap"])
def test_the_phases_of_synthesis_show_the_section_with_examples(run: PastRun, phase: str) -> None:
    text = phase_text(run, phase, None, 2)
    for words in (
        "合成：每个任务的问答",
        "大模型写的问答为什么没有留下",
        "这次运行的账单",
        "训练集里各种来源的份额",
        "没有做：faq",
    ):
        assert words in text
    if phase == "gate":
        assert "问：有多少家？\n      答：共有1500家企业参展。  0.0010 元" in text
        assert "模型的原话：好的，以下是  0.0010 元" in text


def test_another_corpus_shows_what_is_its_own(run: PastRun) -> None:
    text = "\n".join(synthesis_text(run, "notes"))
    assert "没有做：faq" in text
    assert "doc_qa" not in text


def long_names(found: Synthesis) -> Synthesis:
    """Figures of a large run, and names as long as they come."""
    big, name = 12_345_678, "back_translate_of_company_profiles"
    task = replace(
        found.tasks[1],
        task=name,
        corpus="exhibition_reports",
        rows=big,
        slots=big,
        answered=big,
        pairs=big,
        passed=big,
        mixed=big,
        last=big,
    )
    calls = dict.fromkeys(("slots", "cached", "calls", "paid", "retried"), 120_000)
    tokens = dict.fromkeys(("input_tokens", "output_tokens"), 1_234_567_890)
    paid = {"task": name, "model": "qwen3-235b-a22b-instruct-2507", "cost": 123456.78}
    asked: dict[str, Any] = found.asked[0] | calls | tokens | paid
    return replace(found, tasks=[task], asked=[asked])


def test_no_table_is_wider_than_a_terminal(
    run: PastRun, found: Synthesis, monkeypatch: pytest.MonkeyPatch
) -> None:
    for made in (found, long_names(found)):
        monkeypatch.setattr("curate.report.synthesis_text.synthesis", lambda run, corpus, made=made: made)
        lines = "\n".join(synthesis_text(run)).split("\n")
        assert max(len(line) + wide(line) for line in lines) <= WIDTH
        for table in ("每个任务的问答", "这次运行的账单"):
            head = next(number for number, line in enumerate(lines) if table in line) + 1
            ends = {len(line) + wide(line) for line in lines[head : head + 2]}
            assert len(ends) == 1, "the last numbers stand below each other"
    told = "\n".join(lines)
    assert "12,345,678" in told, "a number is not broken"
    assert "123,456.78 元" in told


def test_the_page_holds_the_section_and_is_whole(run: PastRun) -> None:
    page = Page(write_report(run).read_text(encoding="utf-8"))
    assert page.open == []
    text = re.sub(r"\s+", " ", " ".join(page.words))
    for words in (
        "合成", "合成：每个任务的问答", "perturb_doc_qa", "这次运行的账单", "deepseek-chat", "0.0031 元", "训练集里各种来源的份额",
        "llm 占训练集 2/16 = 12.50%", "没有做：faq", "答案里有原文没有的内容", "“1500家”", "问：有多少家？ 答：共有1500家企业参展。 0.0010 元",
    ):  # fmt: skip
        assert words in text, words


def test_a_run_without_pairs_has_no_such_section(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    bare = PastRun(
        run.folder,
        run.manifest | {"left_out": []},
        [step for step in run.steps if step.phase in ("sources", "clean")],
    )
    assert synthesis(bare) is None
    assert synthesis_text(bare) == []
    assert "每个任务的问答" not in write_report(bare).read_text(encoding="utf-8")


def test_whatever_has_a_remedy_has_a_word() -> None:
    assert set(REMEDIES) <= set(REASONS)
