"""train.sh and requirements-train.txt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from curate.export.checks.finding import Finding, anew, stops
from curate.export.training.shell import REQUIREMENTS, TRAINER, train_script
from curate.language import say

SCRIPT, PACKAGES = "train.sh", "requirements-train.txt"


def check_scripts(folder: Path, manifest: dict[str, Any]) -> list[Finding]:
    """Both, where they are there."""
    return [*_script(folder / SCRIPT, manifest), *_packages(folder / PACKAGES)]


def _script(file: Path, manifest: dict[str, Any]) -> Iterator[Finding]:
    """It is bash, and every line of it that does something is one that curate writes."""
    if not file.is_file():
        return
    content = file.read_bytes()
    if b"\r" in content:
        yield Finding(
            SCRIPT,
            None,
            say("有 Windows 的换行，bash 会中断", "line ends of Windows: bash would stop"),
            anew(),
        )
        return
    gpus = manifest["gpu"].get("count", 1)
    wanted = train_script(list(manifest["stages"]), bool(manifest["asked"]), gpus, gpus > 1)
    there, right = _lines(content.decode(errors="replace")), _lines(wanted)
    added = [(number, line) for number, line in there if line not in {line for _, line in right}]
    missing = [line for _, line in right if line not in {line for _, line in there}]
    if added:
        number, line = added[0]
        told = say(f"多了这样的命令：{line}", f"a command that curate does not write: {line}")
        yield Finding(SCRIPT, number, told, anew())
    elif missing or [line for _, line in there] != [line for _, line in right]:
        line = missing[0] if missing else say("顺序", "the order")
        told = say(f"少了或换了位置：{line}", f"missing, or in another place: {line}")
        yield Finding(SCRIPT, None, told, anew())


def _lines(script: str) -> list[tuple[int, str]]:
    """The lines that do something, numbered; a first line that names bash is one of them."""
    lines = [(number, line.strip()) for number, line in enumerate(script.split("\n"), 1)]
    return [(number, line) for number, line in lines if line and (not line.startswith("#") or number == 1)]


def _packages(file: Path) -> Iterator[Finding]:
    if not file.is_file():
        return
    there: dict[str, tuple[int | None, str | None]] = {}
    for place, line in enumerate(file.read_text(encoding="utf-8", errors="replace").split("\n"), 1):
        if found := re.match(r"\s*([A-Za-z0-9_.-]+)\s*(.*?)\s*(#.*)?$", line):
            there[found[1].lower()] = (place, found[2])
    for line in REQUIREMENTS.split("\n"):
        name, mark, version = line.partition("==")
        number, pinned = there.get(name, (None, None))
        if name and (pinned is None or (mark and pinned != f"=={version}")):
            told = say(
                f"应有 {line}（LLaMA-Factory {TRAINER} 就是和它一起跑通的）",
                f"it should say {line}, with which LLaMA-Factory {TRAINER} was run",
            )
            yield Finding(PACKAGES, number, f"{told}{say('；', '; ')}{stops()}", anew())
