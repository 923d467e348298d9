"""Pull: what people said comes home into the log, all of it, with what is wrong with it.

Only tasks that changed since the last pull are read. Label Studio lets everybody annotate in another's name and change the text of
a task, and it forgets what is deleted: here the makers are compared, the text is held against its digest, and an annotation that
was there before and is not any more is noted as deleted.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import polars as pl

from curate.errors import CurateError
from curate.language import say
from curate.review.adjudicate import for_adjudication
from curate.review.interface import Interface
from curate.review.log import Log, now
from curate.review.project import Project
from curate.review.remote import gone, syncing
from curate.review.schema import ANNOTATION, Stage, as_json, content_of, opaque
from curate.review.server_log import ServerLog

if TYPE_CHECKING:
    from curate.clients.labelstudio.api import Server

#: Seconds before the newest change from which the next pull reads again: a change may be dated before it can be read.
MARGIN = 15.0
#: tasks of one transaction
BATCH = 1000
#: the longest result that is kept, in bytes
LONGEST = 1_000_000
#: what we add to the fields of an item, and what the page of adjudication adds
OURS = frozenset({"curate_id", "curate_content", "curate_round"})


@dataclass
class Pulled:
    """What a pull saw: annotations in the tasks that were read; of them new to the log, changed and skipped ones, and those that are
    wrong by what is wrong; annotations that are gone. ``seconds``: how long it took.
    """

    seen: int = 0
    new: int = 0
    changed: int = 0
    deleted: int = 0
    skipped: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def pull(
    server: Server,
    log: Log,
    recipe: str,
    project: Project,
    interface: Interface,
    items: pl.DataFrame,
    stage: Stage = "annotate",
    *,
    full: bool = False,
) -> Pulled:
    """Note in the log what changed since the last pull. It may be killed at any moment, and repeated.

    Args:
        items: ``schema.ITEM``; annotations of items that were pushed earlier are known too.
        full: read everything: only so it is seen that whole tasks were deleted, or users.

    Raises:
        CurateError: the server cannot be reached, or the project was never pushed, or is gone.
    """
    started, remote = time.monotonic(), ServerLog(log, recipe, project.name, stage, server.url)
    with syncing(log):
        made = remote.made()
        if made is None:
            if stage == "adjudicate":
                return Pulled()
            raise _never_pushed(project.name)
        if not server.find_project(made.server_id):
            raise gone(made)
        version = (for_adjudication(interface) if stage == "adjudicate" else interface).version
        reader = _Reader(
            remote,
            made.server_id,
            {opaque(project.name, item): item for item in items["item_id"]} | remote.names(),
            server.users(),
            remote.versions(made.server_id) or [("", version)],
        )
        told = Pulled()
        _read(server, reader, None if full else remote.cursor(made.server_id), started, told)
        told.seconds = time.monotonic() - started
        return told


def _read(server: Server, reader: _Reader, since: str | None, started: float, told: Pulled) -> None:
    """Read the tasks that changed since then, batch by batch; with the last one the cursor moves."""
    remote, known = reader.remote, reader.remote.alive(reader.server_id)
    gone: dict[str, tuple[int, str]] = {}
    unseen, newest = set(known), since or ""
    tasks = server.changed(reader.server_id, since)
    while batch := list(islice(tasks, BATCH)):
        rows, of_task = [], dict[str, int]()
        for task in batch:
            number, at = int(task["id"]), in_utc(task["updated_at"])
            newest = max(newest, at)
            unseen.discard(number)
            there = [reader.row(task, annotation) for annotation in task["annotations"]]
            names = {row["annotation_id"] for row in there}
            of_task |= dict.fromkeys(names, number)
            gone |= dict.fromkeys(known.get(number, set()) - names, (number, at))
            rows += there
        _count(told, rows)
        new, changed = remote.record(pl.DataFrame(rows, schema=ANNOTATION), of_task, reader.server_id)
        told.new, told.changed = told.new + new, told.changed + changed
    if since is None:
        gone |= {name: (task, now()) for task in unseen for name in known[task]}
    told.deleted = len(gone)
    # what changed while we were reading may have been read too early
    back = timedelta(seconds=MARGIN + time.monotonic() - started)
    cursor = max(since or "", in_utc((datetime.fromisoformat(newest) - back).isoformat())) if newest else None
    tasks_of_gone = {name: task for name, (task, _) in gone.items()}
    remote.record(_as_deleted(remote, gone), tasks_of_gone, reader.server_id, cursor)


def _as_deleted(remote: ServerLog, gone: Mapping[str, tuple[int, str]]) -> pl.DataFrame:
    """The last versions of annotations that are gone, as deleted at the time when their task changed."""
    at = pl.DataFrame(
        {"annotation_id": list(gone), "at": [at for _, at in gone.values()]},
        schema={"annotation_id": pl.String, "at": pl.String},
    )
    return (
        remote.last_seen(gone)
        .join(at, on="annotation_id", maintain_order="left")
        .with_columns(pl.lit(True).alias("deleted"), pl.col("at").alias("updated_at"))
        .select(list(ANNOTATION))
    )


def _count(told: Pulled, rows: Sequence[Mapping[str, Any]]) -> None:
    told.seen += len(rows)
    told.skipped += sum(row["skipped"] for row in rows)
    told.wrong.update(row["wrong"] for row in rows if row["wrong"])


@dataclass(frozen=True)
class _Reader:
    """Turns what the server says into annotations of ours.

    Attributes:
        names: outside name -> item_id.
        users: number on the server -> e-mail.
        versions: (since when, version of interface and guideline), oldest first.
    """

    remote: ServerLog
    server_id: int
    names: Mapping[str, str]
    users: Mapping[int, str]
    versions: Sequence[tuple[str, str]]

    def row(self, task: Mapping[str, Any], annotation: Mapping[str, Any]) -> dict[str, Any]:
        """A row of ``schema.ANNOTATION``."""
        data, maker = task["data"], annotation["completed_by"]
        # half a surrogate pair is JSON, but no text that could be kept
        result = as_json(annotation["result"]).encode(errors="replace")
        made = in_utc(annotation["created_at"])
        wrong, detail = next(self._problems(data, annotation, len(result)), (None, None))
        seconds = annotation["lead_time"]
        return {
            "annotation_id": self.remote.annotation_id(self.server_id, annotation["id"]),
            "stage": self.remote.stage,
            "item_id": self.names.get(str(data.get("curate_id"))),
            "content": self._content(data),
            "round": _whole(data.get("curate_round")),
            "annotator": None if maker is None else self.users.get(maker),
            "result": "[]" if len(result) > LONGEST else result.decode(),
            "skipped": bool(annotation["was_cancelled"]),
            "deleted": False,
            "seconds": float(seconds) if isinstance(seconds, int | float) and seconds >= 0 else None,
            "guideline": self._version(made),
            "wrong": wrong,
            "detail": detail,
            "created_at": made,
            "updated_at": in_utc(annotation["updated_at"]),
        }

    def _problems(
        self, data: Mapping[str, Any], annotation: Mapping[str, Any], size: int
    ) -> Iterator[tuple[str, str]]:
        """(what is wrong, in which way), the gravest first."""
        maker, changer = annotation["completed_by"], annotation["updated_by"]
        if self.names.get(str(data.get("curate_id"))) is None or _whole(data.get("curate_round")) is None:
            yield "unknown_item", say("任务不是 curate 推送的", "curate did not push this task")
        if maker is None:
            yield "deleted_user", say("标注员的账号已删除", "the annotator's account was deleted")
        elif maker not in self.users:
            yield "no_annotator", say(f"没有编号为 {maker} 的用户", f"there is no user {maker}")
        if maker is not None and changer is not None and changer != maker:
            own, other = self.users.get(maker, maker), self.users.get(changer, changer)
            yield (
                "forged",
                say(
                    f"署名 {own}，实际由 {other} 提交或改动",
                    f"in the name of {own}, but sent or changed by {other}",
                ),
            )
        if size > LONGEST:
            yield "invalid", say(f"结果有 {size} 字节，没有保存", f"a result of {size} bytes, not kept")

    def _content(self, data: Mapping[str, Any]) -> str:
        """The digest of what was really shown: anybody may have changed the task's text on the server."""
        shown = {name: text for name, text in data.items() if name not in OURS}
        if self.remote.stage == "adjudicate":
            shown.pop("verdicts", None)
        try:
            return content_of(shown)
        except UnicodeEncodeError:
            return "unreadable"

    def _version(self, made: str) -> str:
        """Of interface and guideline, when the annotation was begun to be kept; the first one for what is older."""
        place = bisect_right(self.versions, made, key=lambda version: version[0])
        return self.versions[max(0, place - 1)][1]


def in_utc(at: str) -> str:
    """ISO 8601, UTC, always with microseconds, so that times as texts stand in their order."""
    return (
        datetime.fromisoformat(at).astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    )


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 1 else None


def _never_pushed(name: str) -> CurateError:
    return CurateError(
        say(
            f"审核项目 {name} 还没有推送到这台服务器",
            f"the review project {name} was never pushed to this server",
        ),
        say("先运行 curate review push", "run curate review push first"),
    )
