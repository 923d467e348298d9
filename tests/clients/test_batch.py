"""The offline Batch API: the same journal, half the price, nothing submitted twice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from curate.clients.chat.ask import Budget, Told, read
from curate.clients.chat.batch import ask_offline
from curate.clients.chat.journal import Journal
from curate.clients.chat.plan import Malformed, standard
from curate.clients.chat.request import Accepted, Endpoint, Plan, Price, Rejected, Request
from curate.errors import CurateError, Waiting
from tests.servers.batch import BatchServer, served

SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"], "additionalProperties": False}  # fmt: skip


def parse(text: str) -> Any:
    try:
        return json.loads(text)["answer"]
    except (ValueError, KeyError) as error:
        return Malformed(repr(error))


class Recipe:
    """Slots named by tags, and a pass of asking for them."""

    def __init__(self, server: BatchServer, journal: Journal) -> None:
        self.server, self.journal = server, journal
        self.tags, self.words, self.model, self.key_env = ["a", "b", "c"], "请回答", "m", ""
        self.budget = Budget(money=Decimal(10))
        self.wait_s, self.structured = 5.0, "json_schema"

    def plans(self) -> Iterable[tuple[str, Plan]]:
        for tag in self.tags:
            messages = (("user", f"#{tag}# {self.words}"),)
            yield tag, standard(Request(self.model, messages, 50, 0.7, schema=SCHEMA), parse)

    def ask(self) -> Told:
        endpoint = Endpoint(
            self.server.base_url, self.key_env, Price(Decimal(2), Decimal(8)), self.structured
        )
        return ask_offline(
            self.plans,
            endpoint,
            self.journal,
            project="expo",
            budget=self.budget,
            wait_s=self.wait_s,
            poll_s=0.01,
        )

    def ends(self) -> dict[str, str]:
        """Slot -> its value, or why it has none."""
        ends = {settled.slot: settled.end for settled in read(self.plans(), self.journal)}
        return {
            slot: end.value if isinstance(end, Accepted) else f"({end.reason})" for slot, end in ends.items()
        }


@pytest.fixture
def recipe(tmp_path: Path) -> Iterator[Recipe]:
    with served(BatchServer()) as server, Journal(tmp_path / "requests.sqlite") as journal:
        yield Recipe(server, journal)


def submitted(server: BatchServer) -> list[int]:
    """Lines of each batch."""
    return [len(server.files[batch["input_file_id"]].splitlines()) for batch in server.batches.values()]


def test_a_batch_fills_the_journal_and_is_not_asked_again(recipe: Recipe, tmp_path: Path) -> None:
    told = recipe.ask()
    assert recipe.ends() == {"a": "好", "b": "好", "c": "好"}
    assert (told.slots, told.cached, told.calls, told.paid) == (3, 0, 3, 3)
    again = recipe.ask()
    assert (again.slots, again.cached, again.calls) == (3, 3, 0)
    assert submitted(recipe.server) == [3]
    assert [path.suffix for path in (tmp_path / "batches").iterdir()] == [".lock"]


def test_a_line_is_what_the_server_wants(recipe: Recipe) -> None:
    recipe.ask()
    line = json.loads(recipe.server.files["file-1"].splitlines()[0])
    assert (line["method"], line["url"]) == ("POST", "/v1/chat/completions")
    request = Request("m", (("user", "#a# 请回答"),), 50, 0.7, schema=SCHEMA)
    assert line["custom_id"] == request.key
    assert line["body"]["response_format"]["json_schema"]["schema"] == SCHEMA
    found = recipe.journal.request(request.key)
    assert found
    assert found[0]["messages"] == [["user", "#a# 请回答"]], "for `explain`"


def test_it_costs_half(recipe: Recipe) -> None:
    assert recipe.ask().cost == Decimal("0.000078")  # 3 times 10 tokens at 1 and 4 at 4 a million
    spent = recipe.journal.spent("expo")
    assert (spent.calls, spent.lost, spent.cost) == (3, 0, Decimal("0.000078"))


#: outcomes of slot b, one an attempt; what becomes of it; lines of each batch; answers to b that were paid
ENDS = [
    (["ok"], "好", [3], 1),
    (["twice"], "好", [3], 1),
    (["expired", "ok"], "好", [3, 1], 1),
    (["missing", "ok"], "好", [3, 1], 1),
    (["failing", "ok"], "好", [3, 1], 1),
    (["truncated", "ok"], "好", [3, 1], 2),
    (["truncated", "truncated"], "(truncated)", [3, 1], 2),
    (["malformed", "ok"], "好", [3, 1], 2),
    (["malformed", "malformed", "malformed"], "(malformed)", [3, 1, 1], 3),
    (["refused"], "(refused)", [3], 0),
    (["failing"], "(unanswered)", [3, 1], 0),
    (["missing"], "(unanswered)", [3, 1], 0),
]


@pytest.mark.parametrize(("outcomes", "end", "lines", "paid"), ENDS, ids=["-".join(row[0]) for row in ENDS])
def test_each_outcome_has_its_end(
    recipe: Recipe, outcomes: list[str], end: str, lines: list[int], paid: int
) -> None:
    recipe.server.script = {"b": outcomes}
    told = recipe.ask()
    assert recipe.ends() == {"a": "好", "b": end, "c": "好"}
    assert submitted(recipe.server) == lines
    assert (recipe.server.paid["a"], recipe.server.paid["b"]) == (1, paid)
    assert set(told.unanswered) == ({"b"} if end == "(unanswered)" else set())
    assert told.paid == recipe.server.paid.total()
    if end != "(unanswered)":
        assert recipe.ask().calls == 0
        assert submitted(recipe.server) == lines


def test_it_waits_for_the_server_and_submits_nothing_twice(recipe: Recipe) -> None:
    recipe.server.polls, recipe.wait_s = 3, 0
    for _ in range(2):
        with pytest.raises(Waiting, match="batch-1") as told:
            recipe.ask()
        assert told.value.exit_code == 3
    recipe.ask()
    assert recipe.ends() == {"a": "好", "b": "好", "c": "好"}
    assert submitted(recipe.server) == [3]


def test_what_is_at_the_server_counts_against_the_budget_at_its_worst(recipe: Recipe) -> None:
    recipe.server.polls, recipe.wait_s = 3, 0
    with pytest.raises(Waiting):
        recipe.ask()
    spent = recipe.journal.spent("expo")
    assert (spent.lost, spent.calls) == (3, 0)
    assert spent.lost_cost >= 3 * 50 * Decimal("0.000004")


def test_a_changed_recipe_takes_what_was_submitted_and_asks_the_rest(recipe: Recipe) -> None:
    recipe.server.polls, recipe.wait_s = 2, 0
    with pytest.raises(Waiting):
        recipe.ask()
    recipe.tags, recipe.wait_s = ["b", "c", "d"], 5
    recipe.ask()
    assert recipe.ends() == {"b": "好", "c": "好", "d": "好"}
    assert submitted(recipe.server) == [3, 1]
    assert recipe.server.paid == {"a": 1, "b": 1, "c": 1, "d": 1}
    recipe.tags = ["a"]
    assert recipe.ask().cached == 1, "it was paid for, so it was kept"


#: after whose work the connection is lost, as by a kill at that moment; files and batches at the end
CUTS = [
    ("POST /v1/files", 2, 1),
    ("POST /v1/batches", 1, 1),
    ("GET /v1/batches/batch-1", 1, 1),
    ("GET /v1/files/batch-1-output_file_id/content", 1, 1),
]


@pytest.mark.parametrize(("cut", "files", "batches"), CUTS, ids=[row[0].replace("/", "-") for row in CUTS])
def test_a_lost_answer_at_any_step_submits_nothing_twice(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch, cut: str, files: int, batches: int
) -> None:
    monkeypatch.setattr("curate.clients.chat.batch_server.REPEATED", 0)
    recipe.server.cut = [cut]
    with pytest.raises(CurateError, match="没有回答"):
        recipe.ask()
    recipe.ask()
    assert recipe.ends() == {"a": "好", "b": "好", "c": "好"}
    assert len([name for name in recipe.server.files if name.startswith("file")]) == files
    assert len(recipe.server.batches) == batches
    assert recipe.server.paid == {"a": 1, "b": 1, "c": 1}
    spent = recipe.journal.spent("expo")
    assert (spent.calls, spent.lost) == (3, 0)


def test_looks_are_repeated_by_themselves(recipe: Recipe) -> None:
    recipe.server.cut = ["GET /v1/batches/batch-1"]
    assert recipe.ask().paid == 3


def test_a_batch_that_never_arrived_is_made_of_the_recipe_as_it_is_now(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("curate.clients.chat.batch_server.BatchServer._create", killed)
        with pytest.raises(KeyboardInterrupt):
            recipe.ask()
    recipe.words = "请好好回答"
    recipe.ask()
    assert submitted(recipe.server) == [3]
    assert (
        "请好好回答"
        in json.loads(recipe.server.files["file-2"].splitlines()[0])["body"]["messages"][0]["content"]
    )
    assert recipe.journal.spent("expo").lost == 0


def test_a_batch_that_is_at_fault_is_told_and_costs_nothing(recipe: Recipe) -> None:
    recipe.server.invalid = "model not supported for batch"
    with pytest.raises(CurateError, match="model not supported for batch"):
        recipe.ask()
    recipe.server.invalid = ""
    assert recipe.ask().paid == 3
    assert recipe.journal.spent("expo").lost == 0


@pytest.mark.parametrize("path", ["POST /v1/files", "POST /v1/batches"])
@pytest.mark.parametrize("status", [404, 429])
def test_a_server_that_takes_no_batch_leaves_nothing_behind(recipe: Recipe, path: str, status: int) -> None:
    recipe.server.status = {path: status}
    with pytest.raises(CurateError, match="not today"):
        recipe.ask()
    assert recipe.journal.spent("expo").lost == 0
    recipe.server.status, recipe.words = {}, "请再回答"
    assert recipe.ask().paid == 3
    assert recipe.journal.spent("expo").lost == 0


def test_a_probe_that_fails_leaves_nothing_behind(recipe: Recipe) -> None:
    recipe.structured, recipe.server.status = "auto", {"POST /v1/chat/completions": 401}
    with pytest.raises(CurateError, match="not today"):
        recipe.ask()
    assert recipe.journal.spent("expo").lost == 0
    assert not recipe.server.files


@pytest.mark.parametrize("path", ["GET /v1/batches/batch-1", "GET /v1/files/batch-1-output_file_id/content"])
def test_a_batch_that_is_not_found_is_not_given_up(recipe: Recipe, path: str) -> None:
    """Perhaps it is another account's, and paid."""
    recipe.server.status = {path: 404}
    with pytest.raises(CurateError, match="batch-1") as told:
        recipe.ask()
    assert "batches" in told.value.hint
    recipe.server.status = {}
    assert recipe.ask().paid == 3
    assert submitted(recipe.server) == [3]


def test_refusals_of_everything_are_not_the_rows_fault(recipe: Recipe) -> None:
    recipe.tags = [f"t{number}" for number in range(20)]
    recipe.server.script = {tag: ["refused", "ok"] for tag in recipe.tags}
    with pytest.raises(CurateError, match="400 no"):
        recipe.ask()
    recipe.ask()
    assert set(recipe.ends().values()) == {"好"}
    assert submitted(recipe.server) == [20, 20]


def test_what_the_budget_allows_is_asked_and_then_it_stops(recipe: Recipe) -> None:
    recipe.budget = Budget(calls=2)
    with pytest.raises(CurateError, match="3 个里有 2 个有了结果"):
        recipe.ask()
    assert submitted(recipe.server) == [2]
    assert recipe.journal.spent("expo").calls == 2


def test_models_go_into_batches_of_their_own(recipe: Recipe) -> None:
    def plans() -> Iterable[tuple[str, Plan]]:
        for slot, model in (("a", "m"), ("b", "judge"), ("c", "m")):
            yield slot, standard(Request(model, (("user", f"#{slot}#"),), 50), parse)

    recipe.plans = plans  # type: ignore[method-assign]
    recipe.ask()
    assert submitted(recipe.server) == [2, 1]


def test_equal_requests_of_two_slots_are_asked_once(recipe: Recipe) -> None:
    recipe.tags = ["a", "a", "b"]
    recipe.ask()
    assert submitted(recipe.server) == [2]


def test_a_large_asking_goes_in_several_batches(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curate.clients.chat.batch.MOST_REQUESTS", 2)
    recipe.tags = list("abcde")
    recipe.ask()
    assert submitted(recipe.server) == [2, 2, 1]


def test_a_second_run_leaves_the_batch_to_the_first(recipe: Recipe, tmp_path: Path) -> None:
    recipe.ask()
    [lock] = (tmp_path / "batches").iterdir()
    with FileLock(lock), pytest.raises(Waiting, match="另一次运行"):
        recipe.ask()


def test_the_key_is_kept_nowhere(recipe: Recipe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BATCH_KEY", "geheim-8472")
    recipe.key_env, recipe.server.answer = "BATCH_KEY", '{"answer": "geheim-8472"}'
    recipe.ask()
    assert recipe.ends()["a"] == "***"
    recipe.journal.close()
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"geheim-8472" not in path.read_bytes(), path


def test_rejections_keep_their_words(recipe: Recipe) -> None:
    recipe.server.script = {"b": ["refused"]}
    recipe.ask()
    [end] = [settled.end for settled in read(recipe.plans(), recipe.journal) if settled.slot == "b"]
    assert end == Rejected("refused", "no")
