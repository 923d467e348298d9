"""A review with a server in memory, as people run it: push and pull with what the log knows at that moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from curate.review.assess import Assessment
from curate.review.log import Log
from curate.review.pull import Pulled, pull
from curate.review.push import Pushed, push
from curate.review.schema import Stage, opaque
from tests.review.small_pages import page
from tests.review.small_votes import assessed, items, project, results
from tests.servers.fake_labelstudio import FakeServer

SAMPLE = items("0", "1", "2", "3")
LI, WU, HE, EXPERT = 1, 2, 3, 9
NUMBERS = {"li": LI, "wu": WU, "he": HE, "expert": EXPERT}
EXPERTS = ["zhuanjia@x.cn"]
WHOSE = ("expo", "pairs")


class Review:
    """The project ``pairs`` of the recipe ``expo`` with four items."""

    def __init__(self, server: FakeServer, log: Log) -> None:
        self.server, self.log, self.page, self.items = server, log, page(), SAMPLE
        self.project = project(name="pairs")

    def assessed(self, *filed: dict[str, Any], events: pl.DataFrame | None = None) -> Assessment:
        """``filed``, ``events``: annotations, and what was put back, that came in files."""
        rows = [*self.log.annotations(*WHOSE).iter_rows(named=True), *filed]
        told = self.log.events(*WHOSE) if events is None else pl.concat([events, self.log.events(*WHOSE)])
        return assessed(self.items, *rows, what=self.project, events=told, experts=EXPERTS)

    def push(self, *filed: dict[str, Any], events: pl.DataFrame | None = None, **more: Any) -> Pushed:
        told = self.assessed(*filed, events=events)
        server: Any = self.server
        return push(server, self.log, "expo", self.project, self.page, self.items, told, **more)

    def pull(self, stage: Stage = "annotate", full: bool = False) -> Pulled:
        server: Any = self.server
        return pull(server, self.log, "expo", self.project, self.page, self.items, stage, full=full)

    def task(self, item: str, place: int = -1) -> int:
        """The newest task of an item (or the one at that place)."""
        name = opaque("pairs", item)
        tasks = self.server.tasks.items()
        return [number for number, task in tasks if task["data"].get("curate_id") == name][place]

    def say(self, item: str, **said_by: str) -> None:
        """``say("0", li="accept", wu="reject")``."""
        for who, told in said_by.items():
            self.server.annotate(self.task(item), NUMBERS[who], results(told))


@contextmanager
def small_review(folder: Path) -> Iterator[Review]:
    with Log(folder / "runs" / "review.sqlite") as log:
        yield Review(FakeServer(), log)
