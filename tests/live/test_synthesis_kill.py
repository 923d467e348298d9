"""kill -9 at twenty random moments of a run whose pairs a model writes: no more is paid twice than was in flight."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.live.test_kill import exported
from tests.stories import synthesis

pytestmark = pytest.mark.live

ROWS, KILLS, IN_FLIGHT = 225, 20, 4  #: nine of ten rows train: 200 slots
#: seconds for an answer: the whole asking takes some ten
SLOW = 0.2
ENVIRONMENT = os.environ | {"CLERK_KEY": "sk-kill"}


@contextmanager
def clerk(seconds: float) -> Iterator[str]:
    """A server in a process of its own; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.servers.clerk", str(seconds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def paid(url: str) -> Counter[str]:
    with urllib.request.urlopen(f"{url}/paid") as answer:
        return Counter(json.load(answer))


def start(recipe: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "curate.cli", "run", str(recipe)], env=ENVIRONMENT, cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def finished(recipe: Path) -> None:
    process = start(recipe)
    told, _ = process.communicate(timeout=300)
    assert process.returncode == 0, told


def stop_while_asking(recipe: Path, url: str, how: signal.Signals, after: float) -> bool:
    """Start a run, and stop it so long after its first new request; False if it was done before."""
    process, before = start(recipe), paid(url).total()
    while process.poll() is None and paid(url).total() == before:
        time.sleep(0.02)
    try:
        process.communicate(timeout=after)
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(how)
        process.communicate(timeout=60)
        return True


def test_twenty_kills_pay_no_more_twice_than_was_in_flight(tmp_path: Path) -> None:
    chance = random.Random(20261122)
    with clerk(SLOW) as url:
        recipe = synthesis.make(tmp_path / "killed", url, rows=ROWS, concurrency=IN_FLIGHT)
        kills = 0
        while kills < KILLS and stop_while_asking(recipe, url, signal.SIGKILL, chance.uniform(0, 0.45)):
            kills += 1
        finished(recipe)
        calls = paid(url)
        assert kills == KILLS
        slots = len(calls)
        assert 190 <= slots <= 210
        repeated = calls.total() - slots
        print(f"{kills} kills, {slots} slots, {repeated} of {calls.total()} calls repeated")
        assert repeated <= kills * IN_FLIGHT
    with clerk(0) as url:
        other = synthesis.make(tmp_path / "whole", url, rows=ROWS, concurrency=IN_FLIGHT)
        finished(other)
    assert exported(recipe.parent.parent) == exported(other.parent.parent)


def test_a_polite_end_pays_nothing_twice(tmp_path: Path) -> None:
    chance = random.Random(6)
    with clerk(SLOW) as url:
        recipe = synthesis.make(tmp_path / "stopped", url, rows=ROWS, concurrency=IN_FLIGHT)
        for how in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            assert stop_while_asking(recipe, url, how, chance.uniform(0.2, 1.5))
        finished(recipe)
        assert set(paid(url).values()) == {1}


def test_two_runs_at_once_pay_once(tmp_path: Path) -> None:
    with clerk(SLOW) as url:
        recipe = synthesis.make(tmp_path / "both", url, rows=60, concurrency=IN_FLIGHT)
        both = [start(recipe), start(recipe)]
        told = [process.communicate(timeout=300)[0] for process in both]
        assert [process.returncode for process in both] == [0, 0], told
        assert set(paid(url).values()) == {1}
