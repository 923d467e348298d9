"""kill -9 and SIGTERM while requests are in flight: what is paid again, and that nothing is torn.

``python -m tests.live.test_requests URL JOURNAL`` asks the slots, as the tests start it.
"""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from curate.clients.chat.ask import Budget, ask, read
from curate.clients.chat.journal import Journal
from curate.clients.chat.request import Accepted, Endpoint, Plan
from curate.errors import CurateError
from tests.clients.conftest import slots

pytestmark = pytest.mark.live

SLOTS = [f"t{number}" for number in range(200)]
IN_FLIGHT = 8
KILLS = 20


@contextmanager
def server(seconds: float) -> Iterator[str]:
    """Address of a fault server in its own process, which outlives the kills of its clients."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.servers.fault", str(seconds)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def paid(url: str) -> dict[str, int]:
    """Tag -> how often it was paid, as the server saw it."""
    with urlopen(f"{url}/paid") as answer:
        return dict(json.load(answer))


def start(url: str, file: Path) -> subprocess.Popen[str]:
    """A client of its own, that has begun to ask."""
    command = [sys.executable, "-m", "tests.live.test_requests", url, str(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "asking\n"
    return process


def repeated(url: str) -> int:
    return sum(count - 1 for count in paid(url).values())


def test_twenty_kills_repeat_no_more_than_was_in_flight(tmp_path: Path) -> None:
    file = tmp_path / "requests.sqlite"
    chance = random.Random(20261122)
    before, kills, torn = 0, 0, []
    with server(0.25) as url:
        while True:
            process = start(url, file)
            if kills < KILLS:
                # a moment anywhere in two rounds of answers, so that all twenty lie inside the run
                time.sleep(chance.uniform(0.0, 0.5))
                process.kill()
                process.communicate()
                kills += 1
                time.sleep(0.3)  # the server ends what it had begun
                torn.append(repeated(url) - before)
                before = repeated(url)
                continue
            _, words = process.communicate(timeout=120)
            assert process.returncode == 0, words
            break
        with Journal(file) as journal:
            ends = [settled.end for settled in read(slots(*SLOTS), journal)]
            spent = journal.spent("p")
        counts = paid(url)
    print(
        f"{kills} kills: {sum(counts.values()) - 200} calls paid again, per kill {torn}; {spent.lost} known as lost"
    )
    assert sum(isinstance(end, Accepted) for end in ends) == 200
    assert spent.calls == 200
    assert counts.keys() == set(SLOTS)
    assert 0 < max(torn) <= IN_FLIGHT
    # every call that was paid is known: as paid, or as perhaps paid
    assert sum(counts.values()) <= spent.calls + spent.lost


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_repeats_nothing(number: signal.Signals, tmp_path: Path) -> None:
    file = tmp_path / "requests.sqlite"
    with server(0.2) as url:
        for _ in range(5):
            process = start(url, file)
            time.sleep(0.45)
            process.send_signal(number)
            _, words = process.communicate(timeout=30)
            assert process.returncode == 128 + number, words
            assert "不会重复付费" in words
        last = start(url, file)
        last.communicate(timeout=60)
        assert last.returncode == 0
        counts = paid(url)
    assert len(counts) == 200
    assert set(counts.values()) == {1}
    with Journal(file) as journal:
        assert journal.spent("p").lost == 0


def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    with server(20) as url:
        process = start(url, tmp_path / "requests.sqlite")
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=5)
        assert process.returncode == 128 + signal.SIGTERM
    with Journal(tmp_path / "requests.sqlite") as journal:
        assert journal.spent("p").lost == IN_FLIGHT


def test_two_runs_at_once_share_the_journal(tmp_path: Path) -> None:
    file = tmp_path / "requests.sqlite"
    with server(0.02) as url:
        both = [start(url, file) for _ in range(2)]
        for process in both:
            _, words = process.communicate(timeout=60)
            assert process.returncode == 0, words
        counts = paid(url)
    with Journal(file) as journal:
        assert all(isinstance(settled.end, Accepted) for settled in read(slots(*SLOTS), journal))
        spent = journal.spent("p")
    assert spent.calls == sum(counts.values()) >= 200
    assert spent.lost == 0
    with sqlite3.connect(file) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert opened.execute("SELECT COUNT(*) FROM replies").fetchone() == (200,)
    opened.close()


def told_when_pulled() -> Iterator[tuple[str, Plan]]:
    """The first plan is pulled when signals are listened to."""
    print("asking", flush=True)
    yield from slots(*SLOTS)


def main(url: str, file: Path) -> int:
    import openai  # noqa: F401  # a second or more, in which no moment of a kill shall lie

    endpoint = Endpoint(url, structured="json_schema", concurrency=IN_FLIGHT)
    with Journal(file) as journal:
        try:
            told = ask(told_when_pulled(), endpoint, journal, project="p", budget=Budget())
        except CurateError as error:
            print(error, file=sys.stderr)
            return error.exit_code
    return int(bool(told.unanswered))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
