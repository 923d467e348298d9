"""A review project as people meet it on a Label Studio server: its title, its guideline, and the mark by which we know it."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout
from markdown_it import MarkdownIt

from curate.errors import CurateError
from curate.files import sha256_of
from curate.language import say
from curate.review.log import Log
from curate.review.schema import Stage
from curate.review.server_log import Made

#: the longest title that Label Studio takes
TITLE = 50
#: seconds that a push or pull waits for another one in the same workspace
PATIENCE = 600.0


def title_of(recipe: str, project: str, stage: Stage) -> str:
    """``recipe · project``, as long as it may be; titles need not be unique."""
    behind = " · 裁决" if stage == "adjudicate" else ""
    return f"{recipe} · {project}"[: TITLE - len(behind)] + behind


def mark_of(log: Log, recipe: str, project: str, stage: Stage, number: int) -> str:
    """By this a project is found again that was made when the log could not be told: a kill in between, or a lost log.

    It depends on machine and folder, so that two workspaces that share a server do not share a project by accident.

    Args:
        number: of projects that were made before on this server, and given up.
    """
    place = [platform.node(), str(log.file.resolve().parent), recipe, project, stage, number]
    return f"curate:{sha256_of(place)[:20]}"


#: Label Studio takes the marks of lists and the lines of tables away.
STYLE = """
.guideline h1, .guideline h2 { font-weight: 600; margin: 16px 0 8px }
.guideline p, .guideline ul, .guideline ol, .guideline table { margin: 0 0 10px; line-height: 1.7 }
.guideline ul { list-style: disc; padding-left: 24px } .guideline ol { list-style: decimal; padding-left: 24px }
.guideline td, .guideline th { border: 1px solid #d0d4da; padding: 3px 12px; text-align: left }
.guideline code { background: #eef0f3; color: #1f2329; padding: 0 5px; border-radius: 3px }
"""


def as_html(guideline: str) -> str:
    """Markdown as HTML. Raw HTML in it is shown, never obeyed, and links of a dangerous kind stay text."""
    page = MarkdownIt("js-default", {"html": False, "linkify": False}).render(guideline)
    return f'<div class="guideline"><style>{STYLE}</style>{page}</div>'


@contextmanager
def syncing(log: Log) -> Iterator[None]:
    """One push or pull at a time in a workspace: the server itself takes the same task twice."""
    lock = FileLock(log.file.with_name("review.sync.lock"))
    try:
        lock.acquire(timeout=PATIENCE)
    except Timeout:
        raise CurateError(
            say(
                "另一个 curate review push 或 pull 还没有结束",
                "another curate review push or pull is at work",
            ),
            say("等它结束后再运行", "wait until it is done, then run again"),
        ) from None
    try:
        yield
    finally:
        lock.release()


def gone(made: Made) -> CurateError:
    """The project is not on the server any more."""
    return CurateError(
        say(
            f"服务器上的项目 {made.title}（{made.server_id}）已经被删除",
            f"the project {made.title} ({made.server_id}) was deleted on the server",
        ),
        say(
            "已取回的标注仍在审核日志里；要重新建一个项目，运行 curate review push --again",
            "the annotations that were pulled are still in the log; curate review push --again makes a new project",
        ),
    )
