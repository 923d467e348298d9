"""Every fault that a server can have: how often it is asked, how often it is paid, and what becomes of the slot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from curate.clients.chat.ask import Budget, Told, ask, read
from curate.clients.chat.journal import Journal
from curate.clients.chat.plan import Malformed, standard, then
from curate.clients.chat.request import Accepted, Endpoint, Plan, Price, Settled
from curate.errors import CurateError
from tests.clients.conftest import Clock, answer_in, question, slots
from tests.servers.fault import FaultServer, running

#: what happens -> (requests received, paid, how the slot ends, requests of another run)
FAULTS: dict[str, tuple[int, int, str, int]] = {
    "ok": (1, 1, "accepted", 0),
    "429, ok": (2, 1, "accepted", 0),
    "429 7, ok": (2, 1, "accepted", 0),
    "429 date, ok": (2, 1, "accepted", 0),
    "408, 409, 425, ok": (4, 1, "accepted", 0),
    "500, 502, 503 3, ok": (4, 1, "accepted", 0),
    "500": (6, 0, "unanswered", 6),
    "503": (6, 0, "unanswered", 6),
    "504": (3, 0, "unanswered", 3),
    "400": (1, 0, "refused", 0),
    "422": (1, 0, "refused", 0),
    "413": (1, 0, "refused", 0),
    "drop, ok": (2, 1, "accepted", 0),
    "drop": (3, 0, "unanswered", 3),
    "cut, ok": (2, 2, "accepted", 0),
    "cut": (3, 3, "unanswered", 3),
    "not_json, ok": (2, 2, "accepted", 0),
    "not_json": (3, 3, "unanswered", 3),
    "error200, ok": (2, 1, "accepted", 0),
    "broken_off, ok": (2, 2, "accepted", 0),
    "length, ok": (2, 2, "accepted", 0),
    "length": (2, 2, "truncated", 0),
    "malformed, ok": (2, 2, "accepted", 0),
    "malformed, malformed, ok": (3, 3, "accepted", 0),
    "malformed": (3, 3, "malformed", 0),
    "wrong_schema": (3, 3, "malformed", 0),
    "malformed, length, ok": (3, 3, "accepted", 0),
    "length, malformed, length": (3, 3, "truncated", 0),
    "cut, malformed": (3, 3, "unanswered", 1),
    "empty, ok": (2, 2, "accepted", 0),
    "empty": (3, 3, "malformed", 0),
    "filtered": (1, 1, "content_filter", 0),
    "refusal": (1, 1, "refused_by_model", 0),
    "no_usage": (1, 1, "accepted", 0),
    "slow 0.1": (1, 1, "accepted", 0),
    "reasoning": (1, 1, "accepted", 0),
    "think": (1, 1, "accepted", 0),
}


@dataclass
class Passes:
    """Two runs over all faults."""

    server: FaultServer
    received: dict[str, int]
    paid: dict[str, int]
    again: dict[str, int]
    told: Told
    ends: dict[str, Settled]
    clock: Clock
    journal: Journal


@pytest.fixture(scope="module")
def passes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Passes]:
    clock = Clock()
    pace = clock.pace(failures_at_first=99, failures_in_a_row=99)
    with ExitStack() as stack:
        server = stack.enter_context(running(FaultServer({name: name.split(", ") for name in FAULTS})))
        journal = stack.enter_context(Journal(tmp_path_factory.mktemp("faults") / "requests.sqlite"))
        endpoint = Endpoint(server.base_url, structured="json_schema", concurrency=8)

        def run() -> Told:
            return ask(slots(*FAULTS), endpoint, journal, project="p", budget=Budget(), pace=pace)

        told = run()
        received, paid = dict(server.received), dict(server.paid)
        ends = {settled.slot: settled for settled in read(slots(*FAULTS), journal)}
        server.script = {name: name.split(", ")[-1:] for name in FAULTS}
        server.received.clear()
        run()
        yield Passes(server, received, paid, dict(server.received), told, ends, clock, journal)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_asked_and_paid_as_often_as_it_may_and_has_its_reason(passes: Passes, fault: str) -> None:
    received, paid, reason, again = FAULTS[fault]
    end = passes.ends[fault].end
    assert (end.reason if not isinstance(end, Accepted) else "accepted") == reason
    assert passes.received[fault] == received
    assert passes.paid.get(fault, 0) == paid
    assert passes.again.get(fault, 0) == again
    assert (fault in passes.told.unanswered) == (reason == "unanswered")


def test_what_is_told_adds_up(passes: Passes) -> None:
    told = passes.told
    assert told.slots == len(FAULTS)
    assert told.calls == sum(passes.received.values())
    assert told.paid == sum(len([r for r in end.replies if r.status == 200]) for end in passes.ends.values())
    assert told.unanswered.keys() == {name for name, case in FAULTS.items() if case[2] == "unanswered"}
    assert "scripted 500" in told.unanswered["500"]


def test_a_wait_that_the_server_asks_for_is_kept_exactly(passes: Passes) -> None:
    assert 7 in passes.clock.slept
    assert 3 in passes.clock.slept
    assert any(57 < seconds <= 60 for seconds in passes.clock.slept)  # the date, a minute away


def test_what_was_thought_stands_apart_and_missing_usage_is_estimated(passes: Passes) -> None:
    assert passes.ends["reasoning"].replies[0].reasoning == "想了想"
    assert passes.ends["think"].replies[0].text == '{"answer": "是"}'
    assert passes.ends["think"].replies[0].reasoning == "想了想"
    assert not passes.ends["no_usage"].replies[0].counted
    assert passes.ends["no_usage"].replies[0].input_tokens > 10
    assert passes.ends["ok"].replies[0].counted


def test_a_cut_answer_is_asked_with_twice_the_limit(passes: Passes) -> None:
    limits = [b["max_tokens"] for b in passes.server.bodies if "#length, ok#" in b["messages"][0]["content"]]
    assert limits == [50, 100]


def test_a_correction_shows_the_model_its_answer(passes: Passes) -> None:
    fault = "malformed, malformed, ok"
    asked = [b["messages"] for b in passes.server.bodies if f"#{fault}#" in b["messages"][0]["content"]]
    assert [message["role"] for message in asked[1]] == ["user", "assistant", "user"]
    assert "要有 answer" in asked[1][2]["content"]
    assert asked[2] == asked[0]  # the fresh sample


def test_calls_without_an_answer_are_counted_at_their_worst(passes: Passes) -> None:
    spent = passes.journal.spent("p")
    lost = {"drop": 6, "cut": 6, "not_json": 6, "504": 6}  # both runs
    once = {"drop, ok", "cut, ok", "not_json, ok", "broken_off, ok", "cut, malformed", "408, 409, 425, ok"}
    assert spent.lost == sum(lost.values()) + len(once)
    assert spent.lost_tokens > 50 * spent.lost


def settle(
    server: FaultServer, journal: Journal, plans: Any, clock: Clock | None = None, **changes: Any
) -> Told:
    """One asking pass. ``changes``: of the endpoint, or ``budget``, ``project``."""
    pace = (clock or Clock()).pace()
    budget, project = changes.pop("budget", Budget()), changes.pop("project", "p")
    endpoint = replace(Endpoint(server.base_url, structured="json_schema", concurrency=4), **changes)
    return ask(plans, endpoint, journal, project=project, budget=budget, pace=pace)


STOPS = {
    "401": "TEST_KEY",
    "403": "TEST_KEY",
    "404": "base_url",
    "405": "base_url",
    "302": "base_url",
    "402": "充值",
    "quota": "充值",
    "arrears": "充值",
    "429 90000": "要求等 90000 秒",
}


@pytest.mark.parametrize(("fault", "words"), STOPS.items())
def test_what_no_retry_can_mend_stops_the_run_at_once(
    fault: str, words: str, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_KEY", "key-1234567")
    with running(FaultServer({f"bad{n}": [fault] for n in range(30)})) as server:
        with pytest.raises(CurateError) as told:
            settle(server, journal, slots(*(f"bad{n}" for n in range(30))), key_env="TEST_KEY")
        assert words in str(told.value)
        assert server.received.total() <= 4
    assert journal.spent("p").lost == 0


def test_in_flight_calls_are_awaited_and_kept_when_the_run_stops(journal: Journal) -> None:
    with running(FaultServer({"bad": ["401"], "late": ["slow 0.3"]})) as server:
        with pytest.raises(CurateError, match="401"):
            settle(server, journal, slots("late", "bad"))
        assert settle(server, journal, slots("late")).calls == 0


def test_no_text_that_is_kept_or_shown_holds_the_key(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "sk-abcdefghijklmnop"
    monkeypatch.setenv("TEST_KEY", secret)
    with running(FaultServer({"a": ["400 echo"], "b": ["401 echo"]})) as server:
        settle(server, journal, slots("a"), key_env="TEST_KEY")
        with pytest.raises(CurateError) as told:
            settle(server, journal, slots("b"), key_env="TEST_KEY")
        assert secret in server.headers[0]
    journal.close()
    kept = b"".join(path.read_bytes() for path in journal.file.parent.iterdir())
    assert secret.encode() not in kept
    assert b"Incorrect API key: ***" in kept
    assert secret not in str(told.value) + caplog.text


def test_a_timeout_is_asked_three_times_at_the_most(journal: Journal) -> None:
    with running(FaultServer({"dead": ["hang"], "once": ["hang", "ok"]})) as server:
        told = settle(server, journal, slots("dead", "once"), timeout=0.4)
        assert server.received == {"dead": 3, "once": 2}
    assert "0.4 秒内没有回答" in told.unanswered["dead"]
    assert journal.spent("p").lost == 4


def test_a_server_that_is_not_there_stops_the_run(journal: Journal) -> None:
    with running(FaultServer()) as server:
        pass
    with pytest.raises(CurateError, match="一直没有回答"):
        settle(server, journal, slots(*map(str, range(100))))
    assert journal.spent("p") == type(journal.spent("p"))()


def test_the_breaker_opens_after_a_row_of_failures_and_keeps_what_was_paid(journal: Journal) -> None:
    tags = [f"t{n}" for n in range(100)]
    with running(FaultServer({tag: ["500"] for tag in tags[5:]})) as server:
        with pytest.raises(CurateError, match="一直没有回答"):
            settle(server, journal, slots(*tags))
        assert server.received.total() <= 5 + 6 * (
            20 + 4 + 8
        )  # those that wait for another attempt are open too
        assert journal.spent("p").calls == 5


def test_refusals_of_all_are_the_settings_fault_and_are_not_kept(journal: Journal) -> None:
    tags = [f"t{n}" for n in range(60)]
    with running(FaultServer({tag: ["400"] for tag in tags})) as server:
        with pytest.raises(CurateError, match="拒绝了每一个请求"):
            settle(server, journal, slots(*tags))
        assert (
            server.received.total() <= 20 + 2 * 4
        )  # several may end in one turn of the loop, and as many have begun
        server.script = {}
        # what was in flight at the stop stays refused
        assert settle(server, journal, slots(*tags)).paid >= 60 - 2 * 4


def test_a_refusal_counts_for_the_way_in_which_it_was_sent(journal: Journal) -> None:
    with running(FaultServer({"a": ["400", "malformed", "ok"]})) as server:
        settle(server, journal, slots("a"))
        settle(server, journal, slots("a"))
        assert server.received["a"] == 1
        settle(server, journal, slots("a"), structured="prompt")
        assert server.received["a"] == 3
    assert isinstance(next(read(slots("a"), journal)).end, Accepted)


def with_parser(parse: Callable[[str], Any]) -> Iterator[tuple[str, Plan]]:
    return ((tag, standard(question(tag), parse)) for tag in ("a", "b", "fixed"))


def test_what_changes_the_answer_is_asked_and_nothing_else(journal: Journal) -> None:
    def calls(plans: Iterator[tuple[str, Plan]], **changes: Any) -> int:
        return settle(server, journal, plans, **changes).calls

    price = Price(Decimal(2), Decimal(8))
    with running(FaultServer()) as server:
        assert calls(slots("a", "b")) == 2
        assert calls(slots("a", "b", "c")) == 1
        assert calls(slots("c", "b", "a"), concurrency=9, timeout=9, price=price, requests_per_minute=99) == 0
        assert calls(slots("a", "b", "c", model="m-2")) == 3
        assert calls(slots("a", "b", "c", temperature=0.5)) == 3
        assert calls(slots("a", messages=(("system", "你是编辑"), ("user", "#a#")))) == 1


def test_another_parser_costs_nothing(journal: Journal) -> None:
    with running(FaultServer({"fixed": ["malformed", "ok"]})) as server:
        assert settle(server, journal, with_parser(answer_in)).calls == 4

        def other(text: str) -> Any:
            return answer_in(text) if "answer" in text else Malformed("其他的话")

        def strict(_: str) -> Any:
            return Malformed("永远不对")

        for parse in (other, strict):
            assert settle(server, journal, with_parser(parse)).calls == 0
    # the corrected answer was paid: another parser's words do not lose it
    assert [type(settled.end) for settled in read(with_parser(other), journal)] == [Accepted] * 3
    ends = [settled.end for settled in read(with_parser(strict), journal)]
    assert [getattr(end, "reason", "") for end in ends] == ["malformed"] * 3


def test_a_new_second_question_is_asked_though_the_first_is_settled(journal: Journal) -> None:
    def chained(word: str) -> Iterator[tuple[str, Plan]]:
        def second(value: str) -> Plan:
            return standard(question(f"{word}{value}"), answer_in)

        yield "chain", then(standard(question("one"), answer_in), second)

    with running(FaultServer()) as server:
        assert settle(server, journal, chained("x")).calls == 2
        assert settle(server, journal, chained("x")).calls == 0
        assert settle(server, journal, chained("y")).calls == 1


def test_equal_requests_in_flight_are_asked_once(journal: Journal) -> None:
    plan = next(slots("same"))[1]
    with running(FaultServer(delay=0.05)) as server:
        told = settle(server, journal, ((f"s{n}", plan) for n in range(20)))
        assert (told.slots, told.calls, server.received["same"]) == (20, 1, 1)
    assert all(
        isinstance(settled.end, Accepted) for settled in read([(f"s{n}", plan) for n in range(20)], journal)
    )


BUDGETS = {
    "calls": (Budget(calls=7), "calls 7", 7),
    "money": (Budget(money=Decimal("0.0024")), "money 0.0024", 6),
    "tokens": (Budget(tokens=1000), "tokens 1000", 8),
}


@pytest.mark.parametrize("name", BUDGETS)
def test_the_budget_is_never_exceeded_and_is_over_all_runs(name: str, journal: Journal) -> None:
    budget, words, most = BUDGETS[name]
    price = Price(Decimal(2), Decimal(8))  # 120 tokens and 0.00036 for an answer
    tags = [f"t{n}" for n in range(40)]
    with running(FaultServer()) as server:
        with pytest.raises(CurateError) as told:
            settle(server, journal, slots(*tags), budget=budget, price=price)
        spent = server.paid.total()
        assert words in str(told.value)
        assert "有了结果" in str(told.value) and f" {spent} 个" in str(told.value)
        assert 0 < spent <= most
        with pytest.raises(CurateError):
            settle(server, journal, slots(*tags), budget=budget, price=price)
        assert server.paid.total() == spent
        # another project has its own budget, and shares the answers
        told_other = settle(
            server, journal, slots(*tags[:spent]), budget=budget, price=price, project="other"
        )
        assert told_other.calls == 0


def test_a_budget_in_money_needs_a_price(journal: Journal) -> None:
    with pytest.raises(CurateError, match="没有价格"):
        ask(
            slots("a"),
            Endpoint("http://127.0.0.1:9/v1"),
            journal,
            project="p",
            budget=Budget(money=Decimal(1)),
        )


def test_no_more_are_in_flight_than_allowed_and_429_slows_down(journal: Journal) -> None:
    tags = [f"t{n}" for n in range(60)]
    with running(FaultServer({tag: ["429", "ok"] for tag in tags[:30]}, delay=0.002)) as server:
        told = settle(server, journal, slots(*tags), concurrency=5)
        assert server.most_inside <= 5
        assert told.retried == 30
        assert told.paid == 60


def test_so_many_requests_and_tokens_a_minute(journal: Journal) -> None:
    limits: list[dict[str, Any]] = [{}, {"requests_per_minute": 60}, {"tokens_per_minute": 3000}]
    with running(FaultServer()) as server:
        for number, limit in enumerate(limits):
            clock = Clock()
            settle(server, journal, slots(*(f"{number}.{n}" for n in range(8))), clock, **limit)
            assert bool(clock.slept) == bool(limit)


def test_plans_are_pulled_as_they_are_needed(journal: Journal) -> None:
    pulled = 0

    def many() -> Iterator[tuple[str, Plan]]:
        nonlocal pulled
        for slot in slots(*(f"t{n}" for n in range(1000))):
            pulled += 1
            yield slot

    with running(FaultServer()) as server, pytest.raises(CurateError):
        settle(server, journal, many(), budget=Budget(calls=10))
    assert pulled <= 128


def test_a_defect_in_a_plan_is_raised_after_what_is_in_flight(journal: Journal) -> None:
    def broken(_: str) -> Any:
        raise ZeroDivisionError

    with running(FaultServer({"late": ["slow 0.2"]})) as server:
        plans = [*slots("late"), ("x", standard(question("x"), broken))]
        with pytest.raises(ZeroDivisionError):
            settle(server, journal, plans)
        assert settle(server, journal, slots("late", "x")).calls == 0


def test_auto_asks_the_probe_once_and_sends_as_it_says(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from curate.clients.chat import probe

    async def found(*_: object, **__: object) -> probe.Capabilities:
        return probe.Capabilities("json_object", True, "max_completion_tokens", False, False)

    monkeypatch.setattr(probe, "capabilities", found)
    with running(FaultServer()) as server:
        settle(server, journal, slots("a", temperature=0.5), structured="auto")
    body = server.bodies[0]
    assert body["response_format"] == {"type": "json_object"}
    assert "json" in body["messages"][0]["content"]
    assert body["max_completion_tokens"] == 50
    assert "temperature" not in body and "max_tokens" not in body


def test_the_variable_of_the_key_is_named_when_it_is_not_set(journal: Journal) -> None:
    endpoint = Endpoint("http://127.0.0.1:9/v1", key_env="NOT_SET_ANYWHERE")
    with pytest.raises(CurateError, match="NOT_SET_ANYWHERE"):
        ask(slots("a"), endpoint, journal, project="p", budget=Budget())
