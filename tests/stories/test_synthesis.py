"""A recipe whose pairs a model writes: what is asked, what is never asked twice, and what it may cost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result
from pydantic import ValidationError

from curate.cli import main
from curate.mix import Mix
from curate.run import PastRun, open_run
from curate.synthesize import Gates, Model
from curate.synthesize.summarise import Summarise
from tests.servers.batch import BatchServer, served
from tests.servers.clerk import Clerk
from tests.servers.fault import running
from tests.stories import synthesis

KEY = "sk-do-not-tell-anyone-0123456789"


@pytest.fixture
def clerk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clerk]:
    monkeypatch.setenv("CLERK_KEY", KEY)
    with running(Clerk()) as server:
        assert isinstance(server, Clerk)
        yield server


def run(recipe: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["run", str(recipe), *options])


def done(recipe: Path) -> PastRun:
    result = run(recipe)
    assert result.exit_code == 0, result.output
    return open_run(recipe.parent.parent)


def released(recipe: Path, version: str) -> dict[str, bytes]:
    folder = recipe.parent.parent / "exports/fair" / version
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def train(recipe: Path, version: str) -> pl.DataFrame:
    file = recipe.parent.parent / "exports/fair" / version / "provenance.parquet"
    return pl.read_parquet(file).filter(
        (pl.col("split") == "train") & ~pl.col("kind").is_in(["recall", "unknown"])
    )


def test_what_was_answered_is_not_asked_again_and_the_release_is_the_same_to_the_byte(
    tmp_path: Path, clerk: Clerk
) -> None:
    recipe = synthesis.make(tmp_path / "one", clerk.base_url)
    first = done(recipe)
    paid = clerk.paid.total()
    assert paid == first.manifest["asked"][0]["paid"] == first.manifest["asked"][0]["slots"] > 30
    assert set(clerk.paid.values()) == {1}
    before = released(recipe, "v1")

    again = done(recipe)
    assert (clerk.paid.total(), again.manifest.get("asked")) == (paid, None)

    # all that curate made is gone but for what was paid for
    for folder in ("runs/cache", "exports"):
        for path in sorted((tmp_path / "one" / folder).rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
    anew = done(recipe)
    assert (clerk.paid.total(), anew.manifest["asked"][0]["cached"]) == (paid, paid)
    assert released(recipe, "v1") == before


def test_a_new_row_is_one_call_a_new_prompt_all_of_them_and_another_pace_or_parser_none(
    tmp_path: Path, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "one"
    recipe = synthesis.make(folder, clerk.base_url, rows=12)
    slots = done(recipe).manifest["asked"][0]["slots"]
    calls = [clerk.paid.total()]

    def calls_of_a_run() -> int:
        done(recipe)
        calls.append(clerk.paid.total())
        return calls[-1] - calls[-2]

    synthesis.write_reports(folder, 13)
    assert calls_of_a_run() == 1, "a row more"
    synthesis.write_recipe(folder, clerk.base_url, concurrency=3)
    monkeypatch.setattr(Summarise, "version", 99)
    monkeypatch.setattr(Gates, "version", 99)
    assert calls_of_a_run() == 0, "another pace, another parser and another gate"
    prompt = folder / "recipes/prompts/summarise.j2"
    prompt.write_text(
        prompt.read_text(encoding="utf-8").replace("只写资料里有的内容", "只写资料里写明的内容"),
        encoding="utf-8",
    )
    assert calls_of_a_run() == slots + 1, "another system prompt"


def test_what_the_gates_refuse_is_kept_with_its_reason_its_words_and_its_cost(
    tmp_path: Path, clerk: Clerk
) -> None:
    """The clerk gets the number wrong in the second pair of each request."""
    recipe = synthesis.make(tmp_path / "one", clerk.base_url, rows=20, task="doc_qa")
    past = done(recipe)
    gate = next(step for step in past.steps if step.phase == "gate")
    refused = pl.concat(pl.read_parquet(shard) for shard in gate.dropped_shards)
    assert set(refused["reason"]) <= {"not_grounded", "question_not_grounded"}
    assert refused.height == gate.rows_in // 2 == gate.kept
    assert refused["detail"].str.contains("[0-9]").all()
    assert (refused["output"].str.len_chars() > 10).all()
    assert (refused["made"].struct.field("cost") > 0).all()
    kept = pl.read_parquet(gate.table.shards)
    paid = sum(frame["made"].struct.field("cost").sum() for frame in (refused, kept))
    assert paid == pytest.approx(past.manifest["asked"][0]["cost"])


def test_no_release_is_over_its_cap(tmp_path: Path, clerk: Clerk) -> None:
    recipe = synthesis.make(tmp_path / "one", clerk.base_url)
    uncapped = recipe.read_text(encoding="utf-8")
    for number, cap in enumerate(("0", "0.02", "0.1", "1/3"), 1):
        recipe.write_text(uncapped.replace("export:", f"mix: {{cap: {cap}}}\nexport:"), encoding="utf-8")
        past = done(recipe)
        pairs = train(recipe, f"v{number}")
        written, others = int((pairs["origin"] == "llm").sum()), int((pairs["origin"] != "llm").sum())
        there = past.manifest["cap"]["there_were"]
        assert Fraction(written, pairs.height) <= Fraction(cap), cap
        room = int(Fraction(cap) * others / (1 - Fraction(cap)))
        assert written == min(room, there), cap
        dropped = [step for step in past.steps if step.phase == "cap" and step.corpus != "*"]
        assert sum(step.reasons.get("over_cap", 0) for step in dropped) == there - written, cap


def test_a_budget_is_kept_and_what_was_paid_is_not_lost(tmp_path: Path, clerk: Clerk) -> None:
    folder = tmp_path / "one"
    recipe = synthesis.make(folder, clerk.base_url, budget="calls: 10")
    result = run(recipe)
    assert result.exit_code == 1
    assert "budget" in result.output and "10" in result.output
    assert clerk.paid.total() == 10
    synthesis.write_recipe(folder, clerk.base_url, budget="calls: 100")
    slots = done(recipe).manifest["asked"][0]["slots"]
    assert clerk.paid.total() == slots


def test_a_dry_run_sends_nothing_and_prices_it(tmp_path: Path, clerk: Clerk) -> None:
    recipe = synthesis.make(tmp_path / "one", clerk.base_url, budget="money: 1")
    result = run(recipe, "--dry-run", "--json")
    told = json.loads(result.stdout)
    assert clerk.received.total() == 0
    (task,) = told["tasks"]
    assert (task["task"], task["estimate"]["calls"]) == ("summarise", task["estimate"]["slots"])
    assert 0 < float(task["estimate"]["cost"]) < float(task["estimate"]["cost_at_most"])
    assert len(told["prompts"]) == 3
    assert "<资料>" in told["prompts"][0][1][1][1]
    shown = run(recipe, "--dry-run").stdout
    assert "没有发出一个请求" in shown and "已经花了 0.00 元" in shown and "预算还剩 1.00 元" in shown
    done(recipe)
    assert json.loads(run(recipe, "--dry-run", "--json").stdout)["tasks"][0]["estimate"]["calls"] == 0


def test_without_an_endpoint_the_run_stops_before_anything_or_leaves_the_tasks_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLERK_KEY", raising=False)
    recipe = synthesis.make(tmp_path / "one", "${CLERK_URL}", rows=20)
    result = run(recipe)
    assert result.exit_code == 1
    assert "CLERK_URL" in result.output and "CLERK_KEY" in result.output
    assert run(recipe, "--dry-run").exit_code == 0
    text = recipe.read_text(encoding="utf-8").replace("  budget:", "  without_endpoint: leave_out\n  budget:")
    recipe.write_text(text, encoding="utf-8")
    past = done(recipe)
    (left,) = past.manifest["left_out"]
    assert (left["task"], left["missing"]) == ("summarise", ["CLERK_URL", "CLERK_KEY"])
    assert left["slots"] > 10
    assert set(train(recipe, "v1")["origin"]) == {"template"}


def test_a_wrong_key_stops_at_once_and_the_key_stands_nowhere(tmp_path: Path, clerk: Clerk) -> None:
    clerk.script[""] = ["401 echo"]
    recipe = synthesis.make(tmp_path / "one", clerk.base_url, concurrency=4)
    result = run(recipe)
    assert result.exit_code == 1
    assert "CLERK_KEY" in result.output
    assert clerk.received.total() <= 4
    clerk.script.clear()
    done(recipe)
    everything = b"".join(path.read_bytes() for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert KEY.encode() not in everything
    assert KEY not in result.output


def test_offline_the_run_waits_for_the_batch_and_goes_on_when_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLERK_KEY", KEY)
    with served(BatchServer(polls=2, answer='{"summary": "展会在这里举行。"}')) as server:
        recipe = synthesis.make(tmp_path / "one", server.base_url, rows=20)
        text = recipe.read_text(encoding="utf-8")
        recipe.write_text(text.replace("concurrency: 8", "offline: {}"), encoding="utf-8")
        result = run(recipe)
        assert result.exit_code == 3, result.output
        assert "再运行" in result.output
        assert open_run(tmp_path / "one").status == "waiting"
        recipe.write_text(text, encoding="utf-8")
        online = run(recipe)
        assert (online.exit_code, "重复付费" in online.output) == (1, True)
        recipe.write_text(text.replace("concurrency: 8", "offline: {}"), encoding="utf-8")
        while (result := run(recipe)).exit_code == 3:
            pass
        assert result.exit_code == 0, result.output
        (told,) = open_run(tmp_path / "one").manifest["asked"]
        assert told["paid"] == told["slots"] > 10
        assert server.paid.total() == told["slots"]
        assert len(server.batches) == 1


def test_repeated_pairs_are_counted_as_rows_behind_the_mix(tmp_path: Path, clerk: Clerk) -> None:
    recipe = synthesis.make(tmp_path / "one", clerk.base_url, rows=14)
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(
        text.replace("export:", "mix: {balance: {by: question, min: 20}}\nexport:"), encoding="utf-8"
    )
    past = done(recipe)
    pairs = train(recipe, "v1")
    copies = pairs.filter(pl.col("pair_id").str.contains("~[0-9]+$"))
    assert copies.height > 0
    assert set(copies["origin"]) == {"template"}
    last = sum(step.kept for step in past.steps if step.phase == "cap" and step.corpus != "*")
    assert last == pl.read_parquet(tmp_path / "one/exports/fair/v1/provenance.parquet").height


def test_another_model_from_the_environment_is_asked_anew(
    tmp_path: Path, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = synthesis.make(tmp_path / "one", clerk.base_url, rows=12)
    recipe.write_text(
        recipe.read_text(encoding="utf-8").replace("name: clerk", 'name: "${CLERK}"'), encoding="utf-8"
    )
    monkeypatch.setenv("CLERK", "alpha")
    slots = done(recipe).manifest["asked"][0]["slots"]
    monkeypatch.setenv("CLERK", "beta")
    done(recipe)
    assert clerk.received.total() == 2 * slots


def test_what_would_stop_a_paid_run_is_found_before_it() -> None:
    model = {"name": "m", "base_url": "http://127.0.0.1/v1"}
    for wrong in (
        {"base_url": "api.example.com/v1"}, {"base_url": "https://x/v1?api_key=1"}, {"extra": {"model": "other"}},
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            Model.model_validate(model | wrong)
    for by in ("count(*)", "sum(score)", "question + 1"):
        with pytest.raises(ValidationError):
            Mix.model_validate({"balance": {"by": by}})


def test_a_phase_that_the_recipe_does_not_have_is_said(tmp_path: Path) -> None:
    recipe = synthesis.make(tmp_path / "one", "${CLERK_URL}", rows=12)
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(text[: text.index("export:")] + "export: [rag]\n", encoding="utf-8")
    result = run(recipe, "--until", "cap")
    assert result.exit_code == 1
    assert "--until mix" in result.output
