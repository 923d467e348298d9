"""A real Label Studio on 127.0.0.1 with its accounts, started in some seconds from a database that is migrated once per machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
from filelock import FileLock

from curate.clients.labelstudio import accounts
from curate.clients.labelstudio.accounts import ADMIN, Account, Accounts
from curate.clients.labelstudio.serve import running

REPO = Path(__file__).parents[2]
#: three annotators and an expert
PEOPLE = REPO / "labelstudio" / "accounts.csv"


@dataclass(frozen=True)
class Served:
    """A running server.

    Attributes:
        folder: what it keeps; ``serve.log`` is in it.
        annotators: three accounts, each with ``email``, ``password`` and ``token``.
    """

    url: str
    folder: Path
    admin: Account
    annotators: tuple[Account, ...]
    expert: Account


@cache
def environment() -> Path:
    """The environment of the server, made when a test first asks for it. ``CURATE_LABELSTUDIO_ENV`` names a folder other than
    ``.labelstudio-env``; nothing is done when it is whole.
    """
    folder = Path(os.environ.get("CURATE_LABELSTUDIO_ENV") or REPO / ".labelstudio-env").resolve()
    done = subprocess.run(
        ["bash", REPO / "labelstudio" / "server.sh", folder], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return folder


def template() -> Path:
    """The folder of a server that was started once and has its accounts; their tokens stay good in every copy of it."""
    # the first changes with the pinned packages
    parts = (environment() / "whole", PEOPLE, Path(accounts.__file__))
    digest = hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()[:12]
    folder = environment() / f"template-{digest}"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            part = folder.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            with running(part, 0, PEOPLE, environment()):
                pass
            part.rename(folder)
    return folder


@contextmanager
def labelstudio(tmp: Path) -> Iterator[Served]:
    """A server over a fresh copy of the template in ``tmp/labelstudio``, while the block runs."""
    folder = tmp / "labelstudio"
    shutil.copytree(template(), folder)
    with running(folder, 0, PEOPLE, environment()) as (url, _):
        there = Accounts(folder / "accounts.json").there
        annotators = tuple(account for account in there.values() if account.role == "annotator")
        (expert,) = (account for account in there.values() if account.role == "expert")
        yield Served(url, folder, there[ADMIN], annotators, expert)


class Person:
    """Somebody with an account, who works as the pages do: by the server's own interface."""

    def __init__(self, url: str, account: Account) -> None:
        self.email = account.email
        self.web = httpx2.Client(base_url=url, trust_env=False, timeout=60)
        made = self.web.post("/api/token/refresh/", json={"refresh": account.token})
        self.web.headers["Authorization"] = f"Bearer {made.raise_for_status().json()['access']}"
        self.number = int(self.web.get("/api/current-user/whoami").raise_for_status().json()["id"])

    def handed(self, project: int) -> dict[str, Any] | None:
        """The task that the label stream hands out, with its data."""
        answer = self.web.get(f"/api/projects/{project}/next")
        return None if answer.status_code == 404 else dict(answer.raise_for_status().json())

    def next(self, project: int) -> int | None:
        """The number of that task."""
        task = self.handed(project)
        return None if task is None else int(task["id"])

    def says(self, task: int, result: Any, **more: Any) -> int:
        sent = {"result": result, "lead_time": 7.5} | more
        return int(
            self.web.post(f"/api/tasks/{task}/annotations/", json=sent).raise_for_status().json()["id"]
        )

    def changes(self, annotation: int, **more: Any) -> None:
        self.web.patch(f"/api/annotations/{annotation}/", json=more).raise_for_status()

    def deletes(self, what: str) -> None:
        self.web.delete(f"/api/{what}/").raise_for_status()
