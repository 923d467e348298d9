"""The journal keeps what was paid: once, whole, over kills and beside other runs."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from curate.clients.chat.entries import answered, forgotten, lost, sent, settled, unpaid
from curate.clients.chat.journal import FORM, Journal, Spent
from curate.clients.chat.request import Reply, Request
from curate.errors import CurateError
from tests.clients.conftest import question

COST = Decimal("0.00036")


def reply_to(request: Request, **changes: object) -> Reply:
    found = Reply(request.key, 200, "是", "想", "stop", "m-1", 100, 20, False, COST, "")
    return replace(found, **changes)  # type: ignore[arg-type]


def test_a_reply_comes_back_as_it_was_put(journal: Journal) -> None:
    request = question("a")
    journal.put(request, '{"原文": 1}'.encode(), reply_to(request), "p")
    assert journal.replies([request.key, "other"]) == {request.key: reply_to(request)}
    fields, raw = journal.request(request.key) or ({}, b"")
    assert fields["messages"] == [["user", "#a# 展会在上海吗？"]]
    assert raw == '{"原文": 1}'.encode()
    assert journal.request("other") is None


def test_many_keys_are_read_at_once(journal: Journal) -> None:
    requests = [question(str(number)) for number in range(600)]
    journal.write([answered(request, b"{}", reply_to(request), "p") for request in requests])
    assert len(journal.replies(request.key for request in requests)) == 600
    assert journal.spent("p") == Spent(600, 60_000, 12_000, COST * 600)


def test_the_first_reply_stands_and_every_payment_counts(journal: Journal) -> None:
    request = question("a")
    for text in ("是", "否"):
        journal.put(request, b"{}", reply_to(request, text=text), "p")
    assert journal.replies([request.key])[request.key].text == "是"
    assert journal.spent("p").calls == 2


def test_a_refusal_costs_nothing_gives_way_and_can_be_forgotten(journal: Journal) -> None:
    request, other = question("a"), question("b")
    no = {"status": 400, "error": "不", "text": ""}
    journal.put(request, b"", reply_to(request, **no), "p", "here")
    journal.put(other, b"", reply_to(other, **no), "p", "here")
    assert journal.spent("p") == Spent()
    assert journal.replies([request.key], "here").keys() == {request.key}
    assert journal.replies([request.key], "there") == {}
    assert journal.replies([request.key])[request.key].error == "不"
    journal.put(request, b"", reply_to(request), "p", "there")
    assert journal.replies([request.key], "here")[request.key].status == 200
    journal.write([forgotten([request.key, other.key])])
    assert journal.replies([request.key, other.key]).keys() == {request.key}


def test_the_ledger_holds_the_worst_until_it_is_known(journal: Journal) -> None:
    request = question("a")
    calls = journal.write([sent("p", request.key, 100, 50, Decimal(1)) for _ in range(4)])
    assert journal.spent("p") == Spent(lost=4, lost_tokens=600, lost_cost=Decimal(4))
    journal.write(
        [
            unpaid(calls[0]),
            lost(calls[1], "timeout"),
            answered(request, b"", reply_to(request), "p", "", calls[2]),
        ]
    )
    assert journal.spent("p") == Spent(1, 100, 20, COST, 2, 300, Decimal(2))
    assert journal.spent("another") == Spent()


def test_a_settled_question_remembers_what_was_paid_for_it(journal: Journal) -> None:
    journal.write([settled("a", ["a", "b"]), settled("a", ["a"])])
    assert journal.settled(["a", "c"]) == {"a": ["a", "b"]}


def test_facts_are_remembered_for_an_endpoint_and_a_model(journal: Journal) -> None:
    journal.remember("http://x/v1", "m", {"structured": "prompt"})
    journal.remember("http://x/v1", "m", {"structured": "json_schema"})
    assert journal.recalled("http://x/v1", "m") == {"structured": "json_schema"}
    assert journal.recalled("http://y/v1", "m") is None


def test_the_usual_length_of_answers_needs_twenty(journal: Journal) -> None:
    requests = [question(str(number)) for number in range(20)]
    changes = [answered(request, b"", reply_to(request, output_tokens=30), "p") for request in requests]
    journal.write(changes[:19])
    assert journal.usual_output("m-1") is None
    journal.write(changes[19:])
    assert journal.usual_output("m-1") == 30


def test_a_broken_transaction_leaves_nothing(journal: Journal) -> None:
    request = question("a")

    def broken(_: sqlite3.Connection) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        journal.write([answered(request, b"", reply_to(request), "p"), broken])
    assert journal.replies([request.key]) == {}
    journal.put(request, b"", reply_to(request), "p")


def test_a_second_journal_on_the_file_reads_at_once_what_is_committed(journal: Journal) -> None:
    request = question("a")
    with Journal(journal.file) as other:
        journal.put(request, b"", reply_to(request), "p")
        assert other.replies([request.key])


def test_a_wal_that_a_kill_left_behind_is_read(journal: Journal, tmp_path: Path) -> None:
    request = question("a")
    journal.put(request, b"", reply_to(request), "p")
    copy = tmp_path / "copy" / journal.file.name
    copy.parent.mkdir()
    for name in (journal.file.name, journal.file.name + "-wal"):
        raw = (journal.file.parent / name).read_bytes()
        # the last frame is torn, as by a power cut while it was written
        copy.with_name(name).write_bytes(raw + (raw[-4000:-100] if name.endswith("-wal") else b""))
    with Journal(copy) as found:
        assert found.replies([request.key])


def test_writers_in_threads_wait_for_each_other(journal: Journal) -> None:
    def write(start: int) -> None:
        for number in range(start, start + 10):
            request = question(str(number))
            journal.put(request, b"", reply_to(request), "p")

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert journal.spent("p").calls == 30


def test_a_file_that_is_no_journal_is_told(tmp_path: Path) -> None:
    file = tmp_path / "requests.sqlite"
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(CurateError, match="不能读写"):
        Journal(file)


def test_a_journal_of_a_newer_curate_is_told(journal: Journal) -> None:
    with sqlite3.connect(journal.file) as opened:
        opened.execute(f"PRAGMA user_version={FORM + 1}")
    opened.close()
    with pytest.raises(CurateError, match="更新版本"):
        Journal(journal.file)
