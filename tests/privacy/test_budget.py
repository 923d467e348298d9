"""The ledger: what is spent stays spent."""

from __future__ import annotations

import multiprocessing
from fractions import Fraction
from pathlib import Path

import pytest

from curate.errors import CurateError, GateFailed
from curate.files import write_json
from curate.privacy.budget import Asked, Budget, budget_lines

TENTH = Fraction("0.1")
HALF = Fraction("0.5")


def asked(
    question: str = "q", name: str = "expo", data: str = "d", corpora: list[str] | None = None
) -> Asked:
    return Asked(name, TENTH, question, data, corpora or ["visitors"])


def test_five_tenths_are_a_half_and_a_sixth_is_refused(tmp_path: Path) -> None:
    budget = Budget(tmp_path)
    for number in range(5):  # as floats, five times 0.1 would be more than 0.5
        budget.reserve(asked(f"q{number}"), HALF)
    with pytest.raises(GateFailed, match=r"已用 ε = 0\.5，上限 0\.5，还剩 0，这一次要 0\.1") as refused:
        budget.reserve(asked("q5"), HALF)
    assert refused.value.gate == "budget"
    assert "同样的问题、同样的数据不再花预算" in refused.value.hint
    assert len(budget.entries()) == 5


def test_what_was_reserved_and_never_answered_is_spent_all_the_same(tmp_path: Path) -> None:
    """A process that was killed between writing down what it spends and keeping its answers."""
    Budget(tmp_path).reserve(asked(), HALF)
    assert Budget(tmp_path).answered(asked()) is None
    assert Budget(tmp_path).spent() == TENTH
    assert "没有做完，也算已用" in budget_lines(tmp_path, "expo")[1]


def test_answers_are_kept_for_the_same_question_of_the_same_data_only(tmp_path: Path) -> None:
    budget = Budget(tmp_path)
    budget.keep(budget.reserve(asked(), HALF), [{"number": 7}])
    found = budget.answered(asked())
    assert found is not None
    assert found.answers == [{"number": 7}]
    assert budget.answered(asked(question="other")) is None
    assert budget.answered(asked(data="other")) is None


@pytest.mark.parametrize("corpus", ["visitors", "people"])
@pytest.mark.parametrize("name", ["expo", "other"])
def test_all_publications_of_a_workspace_count_together(tmp_path: Path, name: str, corpus: str) -> None:
    Budget(tmp_path).reserve(asked(), HALF)
    Budget(tmp_path).reserve(asked(name=name, corpora=[corpus]), HALF)
    assert Budget(tmp_path).spent() == 2 * TENTH


def test_releases_tell_what_a_lost_ledger_has_forgotten(tmp_path: Path) -> None:
    entry = Budget(tmp_path).keep(Budget(tmp_path).reserve(asked(), HALF), [{"number": 7}])
    manifest = {"name": "expo", "privacy": {"entry": entry.as_json()}}
    for version in ("v1", "v2"):  # the same answers in two releases are one publication
        write_json(tmp_path / "exports/expo" / version / "manifest.json", manifest)
    write_json(tmp_path / "exports/expo/v3/manifest.json", {"name": "expo"})
    assert Budget(tmp_path).spent() == TENTH
    Budget(tmp_path).file.unlink()
    assert Budget(tmp_path).spent() == TENTH
    assert Budget(tmp_path).answered(asked()) is not None


def test_a_release_does_not_say_who_asked(tmp_path: Path) -> None:
    entry = Budget(tmp_path).reserve(asked(), HALF)
    assert (entry.as_json()["who"], entry.as_json()["corpora"]) == ("", ["visitors"])


def test_a_damaged_ledger_stops_instead_of_beginning_anew(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    Budget(tmp_path).file.write_bytes(b"no database" * 100)
    with pytest.raises(CurateError, match="账本") as error:
        Budget(tmp_path).reserve(asked(), HALF)
    assert "从备份恢复" in error.value.hint


def _reserve(workspace: str, number: int, out: multiprocessing.Queue[str]) -> None:
    try:
        Budget(Path(workspace)).reserve(asked(f"q{number}"), HALF)
        out.put("spent")
    except GateFailed:
        out.put("refused")


def test_processes_at_once_cannot_spend_more_than_there_is(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("fork")
    out: multiprocessing.Queue[str] = spawn.Queue()  # type: ignore[assignment]
    there = [spawn.Process(target=_reserve, args=(str(tmp_path), number, out)) for number in range(8)]
    for process in there:
        process.start()
    told = [out.get(timeout=60) for _ in there]
    for process in there:
        process.join()
    assert sorted(told) == ["refused"] * 3 + ["spent"] * 5
    assert Budget(tmp_path).spent() == HALF
