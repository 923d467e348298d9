"""How long review waits for a real Label Studio: push and pull of 10,000 pairs, on SQLite and a server started here.

Every pair has a passage of some 400 characters and a mark of evidence, the costly case. ``pull_s_10k``: what two people said of 200
pairs since the pull before. ``pull_full_s_10k``: a first pull of two annotations for every pair.

    python -m benchmarks.review [--items 10000] [--share 200]
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import polars as pl

from benchmarks.agreement import kappa_max_error
from curate.clients.labelstudio.accounts import Account
from curate.clients.labelstudio.api import Server
from curate.review import Log, assess
from curate.review.interface import Interface, load_interface
from curate.review.pairs import Pairs
from curate.review.pull import pull
from curate.review.push import push
from curate.review.remote import mark_of
from curate.review.schema import ITEM, as_json, content_of, opaque
from tests.servers.labelstudio import REPO, Served, labelstudio

PAGE, GUIDELINE = REPO / "labelstudio" / "pair_review.xml", REPO / "labelstudio" / "pair_review.md"
GOALS = {"push_s_10k": 30.0, "pull_s_10k": 15.0}


def some_items(number: int) -> pl.DataFrame:
    """``schema.ITEM``; all of them different."""
    rows = []
    for place in range(number):
        fact = f"第{place}届展会共有{place * 3 + 7}家展商，"
        passage = fact + "来自上海、江苏和浙江的企业带来了新产品，主办方为观众准备了论坛和商务对接。" * 10
        data = {
            "question": f"第{place}届展会有多少家展商？",
            "answer": f"共有{place * 3 + 7}家。",
            "passage": passage,
            "about": f"报告 {place}",
        }
        value = {"start": 0, "end": len(fact), "text": fact, "labels": ["evidence"]}
        marks = [{"id": "m1", "from_name": "evidence", "to_name": "source", "type": "labels", "value": value}]
        row = {"item_id": f"{place:08}", "part": "sample", "stratum": "all", "place": place}
        rows.append({**row, "data": as_json(data), "content": content_of(data), "marks": as_json(marks)})
    return pl.DataFrame(rows, schema=ITEM)


def verdict(place: int) -> list[dict[str, Any]]:
    """Mostly accepted, now and then rejected with a reason, as the page sends it."""
    to = {"to_name": "answer", "type": "choices"}
    decision = {
        "from_name": "decision",
        **to,
        "value": {"choices": ["reject" if place % 10 == 0 else "accept"]},
    }
    reasons = {"from_name": "reasons", **to, "value": {"choices": ["wrong_fact"]}}
    return [decision, reasons] if place % 10 == 0 else [decision]


class Review:
    """A project over these items, on this server and in this log, under the name of a recipe."""

    def __init__(self, server: Server, log: Log, recipe: str, items: pl.DataFrame) -> None:
        self.server, self.log, self.recipe, self.items = server, log, recipe, items
        self.project = Pairs(interface=str(PAGE), guideline=str(GUIDELINE))
        self.page: Interface = load_interface(PAGE, GUIDELINE)

    def push(self) -> Any:
        whose = self.recipe, self.project.name
        annotations, events = self.log.annotations(*whose), self.log.events(*whose)
        told = assess(self.project, self.page, self.items, annotations, events, [])
        return push(self.server, self.log, self.recipe, self.project, self.page, self.items, told)

    def pull(self) -> Any:
        return pull(self.server, self.log, self.recipe, self.project, self.page, self.items)


def timed(what: str, job: Callable[[], Any]) -> tuple[float, Any]:
    """(seconds, what it gave)."""
    start = time.perf_counter()
    gave = job()
    seconds = time.perf_counter() - start
    print(f"{what:44} {seconds:6.1f} s")
    return round(seconds, 1), gave


def annotate(url: str, people: tuple[Account, ...], tasks: list[int]) -> None:
    """Two of three people say something of each task, all three at once."""

    def one(number: int) -> None:
        with httpx2.Client(base_url=url, trust_env=False, timeout=120) as web:
            for place, task in enumerate(tasks):
                if place % 3 != number:
                    # a token is good for five minutes
                    access = web.post("/api/token/refresh/", json={"refresh": people[number].token}).json()[
                        "access"
                    ]
                    sent = {"result": verdict(place), "lead_time": 12.5}
                    headers = {"Authorization": f"Bearer {access}"}
                    web.post(f"/api/tasks/{task}/annotations/", json=sent, headers=headers).raise_for_status()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(one, range(3)))


def fill(review: Review, served: Served) -> None:
    """A project in which everything is annotated twice: imported whole, since by the server's door it would take an hour."""
    users = {email: number for number, email in review.server.users().items()}
    makers = [users[account.email] for account in served.annotators[:2]]
    mark = mark_of(review.log, review.recipe, review.project.name, "annotate", 0)
    number = review.server.create_project("filled", review.page.xml, "", 2, mark)

    def outside() -> Iterator[dict[str, Any]]:
        for item, data, content, place in review.items.select(
            "item_id", "data", "content", "place"
        ).iter_rows():
            known = {
                "curate_id": opaque(review.project.name, item),
                "curate_content": content,
                "curate_round": 1,
            }
            said = [{"result": verdict(place), "completed_by": maker, "lead_time": 9.0} for maker in makers]
            yield {"data": json.loads(data) | known, "annotations": said}

    review.server.import_tasks(number, list(outside()))
    with closing(sqlite3.connect(served.folder / "label_studio.sqlite3", timeout=60)) as database, database:
        # an import is the importer's work; here everybody shall have done their own
        database.execute(
            "UPDATE task_completion SET updated_by_id = completed_by_id WHERE project_id = ?", (number,)
        )


def measure(items: pl.DataFrame, share: int, folder: Path) -> dict[str, Any]:
    """All times, in seconds, by name."""
    count, times = items.height, dict[str, Any]()
    with labelstudio(folder) as served, Server(served.url, served.admin.token or "") as server, Log(folder / "runs" / "review.sqlite") as log:  # fmt: skip
        review = Review(server, log, "bench", items)
        times["push_s_10k"], pushed = timed(f"push of {count} new items", review.push)
        assert pushed.created == count
        times["push_again_s_10k"], again = timed("push again: nothing to do", review.push)
        assert (again.created, again.already) == (0, count)
        review.pull()
        tasks = [task.task_id for task in server.listing(pushed.project_id)[:: max(1, count // share)]]
        timed(
            f"{len(tasks)} items annotated by two people",
            lambda: annotate(served.url, served.annotators, tasks),
        )
        times["pull_s_10k"], pulled = timed(f"pull of {2 * len(tasks)} annotations", review.pull)
        assert (pulled.new, sum(pulled.wrong.values())) == (2 * len(tasks), 0)
        times["pull_idle_s_10k"], _ = timed("pull again: nothing new but the last seconds", review.pull)
        whole = Review(server, log, "filled", items)
        fill(whole, served)
        adopted = whole.push()
        assert (adopted.created, adopted.already) == (0, count)
        times["pull_full_s_10k"], pulled = timed(f"first pull of {2 * count} annotations", whole.pull)
        assert (pulled.new, sum(pulled.wrong.values())) == (2 * count, 0)
    return times


def main() -> None:
    """Print a line for each step and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--share", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(some_items(arguments.items), arguments.share, Path(folder))
    for name, goal in GOALS.items():
        print(f"{name}: {found[name]} (goal: under {goal:g})")
    print(json.dumps({**found, "items": arguments.items, "kappa_max_error": kappa_max_error()}))


if __name__ == "__main__":
    main()
