"""Limits: evenly, never more than allowed, slower when told so and faster again."""

from __future__ import annotations

import asyncio
import random

import pytest

from curate.clients.chat.limits import Gate, Pace, Rate


def test_a_rate_lets_one_second_through_at_once_and_the_rest_evenly() -> None:
    rate = Rate(120, lambda: 0.0)
    assert [rate.take(1) for _ in range(6)] == [0, 0, 0, 0.5, 1.0, 1.5]


def test_a_rate_takes_more_than_a_seconds_worth_and_makes_the_next_wait() -> None:
    rate = Rate(6000, lambda: 0.0)
    assert rate.take(1000) == 0
    assert rate.take(1) == pytest.approx(9)
    rate.give_back(900)
    assert rate.take(1) == pytest.approx(0.01)


def test_time_unused_is_not_saved_up() -> None:
    now = 0.0
    rate = Rate(60, lambda: now)
    now = 1000.0
    assert [rate.take(1) for _ in range(4)] == [0, 0, 1, 2]


def test_no_limit_never_waits() -> None:
    assert {Rate(None, lambda: 0.0).take(10**9) for _ in range(3)} == {0}


def test_a_gate_lets_in_as_many_as_it_may_and_in_order() -> None:
    async def play() -> list[int]:
        gate, came, inside, most = Gate(3), list[int](), 0, 0

        async def pass_(number: int) -> None:
            nonlocal inside, most
            await gate.enter()
            inside += 1
            most = max(most, inside)
            came.append(number)
            await asyncio.sleep(0.001)
            inside -= 1
            gate.leave()

        await asyncio.gather(*map(pass_, range(12)))
        return [most, gate.inside, *came]

    assert asyncio.run(play()) == [3, 0, *range(12)]


def test_who_is_sent_away_while_waiting_leaves_no_hole() -> None:
    async def play() -> int:
        gate = Gate(1)
        await gate.enter()
        waiting = [asyncio.create_task(gate.enter()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        gate.leave()  # the second gets the place
        waiting[1].cancel()  # and is sent away before it takes it
        await asyncio.wait(waiting)
        return gate.inside + 10 * (not waiting[2].cancelled())

    assert asyncio.run(play()) == 11


def test_too_fast_takes_a_quarter_once_for_those_in_flight_and_answers_give_it_back() -> None:
    async def play() -> list[int]:
        gate, limits = Gate(64), list[int]()
        passages = [await gate.enter() for _ in range(64)]
        for passage in passages:
            gate.too_fast(passage)
        limits.append(gate.limit)
        for _ in passages:
            gate.leave()
        gate.too_fast(await gate.enter())
        gate.leave()
        limits.append(gate.limit)
        for _ in range(49):
            gate.answered()
        limits.append(gate.limit)
        for _ in range(10_000):
            gate.answered()
        limits.append(gate.limit)
        for _ in range(50):
            gate.too_fast(await gate.enter())
            gate.leave()
        return [*limits, gate.limit]

    assert asyncio.run(play()) == [48, 36, 37, 64, 1]


def test_waits_grow_up_to_their_limit_with_full_jitter() -> None:
    pace = Pace(chance=random.Random(1), first_wait=1, longest_wait=60)
    drawn = {failures: [pace.wait(failures) for _ in range(300)] for failures in (1, 2, 5, 7, 5000)}
    assert [round(max(waits)) for waits in drawn.values()] == [1, 2, 16, 60, 60]
    assert all(min(waits) < 0.1 * max(waits) for waits in drawn.values())
