"""A whole recipe on a real model, offline: run, run again for nothing, and once more with the server gone."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import polars as pl
import pytest

from curate.run import PastRun
from tests.servers.smollm import served
from tests.stories import synthesis
from tests.stories.test_synthesis import done, released, train

pytestmark = pytest.mark.live

SLOTS, ROWS = 20, 21  #: one row is held out
PROMPT = """\
{% block system %}
You write very short summaries.
{% endblock %}
{% block user %}
{{ source | fenced }}

Summarise it in one short sentence of at most ten words.
{% endblock %}
"""
#: what the small model says is mostly nonsense: these gates are for better ones
GATES = (
    "{language: any, min_answer_chars: 1, leaked: false, stand_alone: false, evidence: false, grounded: false, "
    "min_coverage: 0}"
)


def make(folder: Path, url: str) -> Path:
    """A workspace of reports in English, which the model can read; its recipe."""
    recipe = synthesis.make(folder, url, rows=0, concurrency=2)
    (folder / "recipes/prompts/summarise.j2").write_text(PROMPT, encoding="utf-8")
    rows = [{**synthesis.report(number), "text": in_english(number)} for number in range(ROWS)]
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "reports.jsonl").write_text("".join(lines), encoding="utf-8")
    text = recipe.read_text(encoding="utf-8")
    text = text.replace("name: clerk", "name: smollm2, max_tokens: 48, seed: 7")
    text = text.replace("structured: json_schema", "structured: auto")
    recipe.write_text(text.replace("export:", f"  gates: {GATES}\nexport:"), encoding="utf-8")
    return recipe


def in_english(number: int) -> str:
    told = synthesis.report(number)
    return (
        f"The fair number {number + 2} took place in hall {number % 7 + 1}. It had {told['firms']} firms on "
        f"{told['area']} square metres, and {told['visitors']} visitors came on {number % 4 + 2} days. "
        "Next year it will be in the same hall."
    )


def forget(folder: Path) -> None:
    """All that curate made is gone but for the journal."""
    shutil.rmtree(folder / "runs/cache")
    shutil.rmtree(folder / "exports")


def replies(folder: Path) -> int:
    with sqlite3.connect(folder / "runs/requests.sqlite") as journal:
        (count,) = journal.execute("SELECT count(*) FROM replies").fetchone()
    return int(count)


def accounted(past: PastRun) -> pl.DataFrame:
    """Every slot's candidate behind the gates, with the reason where it was refused."""
    gate = next(step for step in past.steps if step.phase == "gate")
    frames = [pl.read_parquet(shard) for shard in (*gate.table.shards, *gate.dropped_shards)]
    return pl.concat(frames, how="diagonal")


def test_a_recipe_on_a_real_model_is_paid_once_and_comes_out_the_same_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLERK_KEY", "sk-a-local-server-needs-none")
    folder = tmp_path / "work"
    with served(tmp_path / "server.log") as url:
        recipe = make(folder, url)
        first = done(recipe)
        (asked,) = first.manifest["asked"]
        assert (asked["slots"], asked["cached"], asked["unanswered"]) == (SLOTS, 0, 0)
        assert SLOTS <= asked["paid"] == asked["calls"] <= 3 * SLOTS
        assert asked["input_tokens"] > 1000 and asked["output_tokens"] > 100

        candidates = accounted(first)
        assert candidates["parent_id"].n_unique() == SLOTS
        refused = candidates.filter(pl.col("reason").is_not_null())
        print(
            f"{asked['calls']} calls, {SLOTS - refused.height} kept; refused: {refused['reason'].to_list()}"
        )
        assert set(refused["reason"]) <= {"truncated", "malformed", "wrong_schema", "nothing_to_ask"}
        assert 0 < refused.height < SLOTS, "some end, and some of its answers have no end"
        assert candidates["made"].struct.field("cost").sum() == pytest.approx(asked["cost"])
        written = train(recipe, "v1").filter(pl.col("origin") == "llm")
        assert 0 < written.height <= SLOTS - refused.height
        before, paid = released(recipe, "v1"), replies(folder)

        forget(folder)
        (again,) = done(recipe).manifest["asked"]
        assert (again["calls"], again["cached"]) == (0, SLOTS)
        assert released(recipe, "v1") == before

    forget(folder)
    (alone,) = done(recipe).manifest["asked"]
    assert (alone["calls"], alone["cached"]) == (0, SLOTS)
    assert released(recipe, "v1") == before
    assert replies(folder) == paid
