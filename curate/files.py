"""Files: atomic writes and digests that are not computed twice."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl

from curate.errors import CurateError
from curate.language import say

#: folders outside the workspace that recipes may read and write; set by whoever runs curate, never by a recipe
ROOTS_ENV = "CURATE_DATA_ROOTS"


def roots() -> list[Path]:
    """The folders that ``CURATE_DATA_ROOTS`` names, separated as in PATH."""
    named = os.environ.get(ROOTS_ENV, "").split(os.pathsep)
    return [leads_to(Path(folder)) for folder in named if folder]


def leads_to(path: Path) -> Path:
    """The place behind all links; links in a circle lead nowhere and stay as they are (``resolve`` raises)."""
    return Path(os.path.realpath(path))


def within(path: Path, workspace: Path) -> bool:
    """Does the path lead into the workspace, or into a folder that the environment allows, links followed?"""
    place = leads_to(path)
    return any(place.is_relative_to(root) for root in (leads_to(workspace), *roots()))


def need_own(path: Path, workspace: Path) -> Path:
    """The path, if what is written there stays in the workspace.

    Raises:
        CurateError: it, or a folder above it, is a link to somewhere else.
    """
    if within(path, workspace):
        return path
    raise CurateError(
        say(
            f"{path} 指向工作区之外的 {leads_to(path)}，不往那里写",
            f"{path} leads out of the workspace, to {leads_to(path)}: nothing is written there",
        ),
        say(
            f"去掉这个符号链接；确实要写到别处，就由运行的人设环境变量 {ROOTS_ENV}",
            f"remove the link; if that place is meant, who runs curate names it in {ROOTS_ENV}",
        ),
    )


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside ``path`` that takes its place when the block ends well, and is removed when not.

    A reader sees the old file or the new one, never half of one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{uuid4().hex[:8]}.tmp")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Any, indent: int | None = None) -> None:
    write_text(path, json.dumps(value, ensure_ascii=False, indent=indent) + "\n")


def write_parquet(path: Path, rows: pl.DataFrame) -> None:
    with replacing(path) as temporary:
        rows.write_parquet(temporary, compression="zstd", compression_level=1)


def link(source: Path, path: Path) -> None:
    """``path`` becomes the same file as ``source``: for a result that equals its input. Copies where the
    file system has no hard links.
    """
    import shutil

    with replacing(path) as temporary:
        try:
            os.link(source, temporary)
        except OSError:
            shutil.copyfile(source, temporary)


def sha256_of(value: Any) -> str:
    """Digest of a JSON value, with sorted keys."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Digests:
    """SHA-256 of files, remembered by path, size, inode and time of change, so that a second run over
    gigabytes of unchanged sources does not read them.
    """

    #: A file changed this recently may change again within the clock's grain: it is always read (seconds).
    FRESH = 2.0

    def __init__(self, memory: Path) -> None:
        self.memory = memory
        try:
            self.known: dict[str, list[Any]] = json.loads(memory.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            self.known = {}

    def of(self, path: Path) -> str:
        stat = path.stat()
        mark = [stat.st_size, stat.st_mtime_ns, stat.st_ino]
        seen = self.known.get(str(path))
        if seen and seen[:3] == mark:
            return str(seen[3])
        digest = sha256_of_file(path)
        if time.time() - stat.st_mtime > self.FRESH:
            self.known[str(path)] = [*mark, digest]
        return digest

    def remember(self, path: Path, digest: str) -> None:
        """The digest of a file that we have just written ourselves."""
        stat = path.stat()
        self.known[str(path)] = [stat.st_size, stat.st_mtime_ns, stat.st_ino, digest]

    def save(self) -> None:
        write_json(self.memory, self.known)
