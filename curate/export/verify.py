"""Is a release what was released? Its files against its manifest, and its manifest against SHA256SUMS.

Nothing but the folder is read: it may have been copied to a machine that has never seen the run. Whoever changes a file
and all digests as well is not noticed here, see ``check_release``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from curate.export.checks.finding import Finding, findings_text
from curate.export.checks.layout import MANIFEST, OUTPUT, SUMS, read_manifest
from curate.files import sha256_of_file
from curate.language import say

__all__ = ["Finding", "findings_text", "verify"]

#: What file managers leave behind; inside a folder of shards it stops LLaMA-Factory ("File types should be identical").
JUNK = {".DS_Store", "Thumbs.db", "desktop.ini"}


def verify(release: Path) -> list[Finding]:
    """Every file that is gone, changed, or too many; SHA256SUMS, too. ``output/`` is the trainer's and not looked at."""
    if not release.is_dir():
        return [Finding(str(release), None, say("没有这个文件夹", "there is no such folder"), "")]
    manifest, found = read_manifest(release)
    if manifest:
        found += [
            one for name, about in sorted(manifest["files"].items()) for one in _file(release, name, about)
        ]
        found += _extra(release, set(manifest["files"]))
        found += _sums(release, manifest)
    return found


def _again() -> str:
    return say("重新复制这个文件，或整个文件夹", "copy the file again, or the whole folder")


def _file(release: Path, name: str, about: dict[str, Any]) -> Iterator[Finding]:
    path = release / name
    if path.is_symlink():
        yield Finding(name, None, say("是一个链接，不是文件", "is a link and no file"), _again())
    elif not path.is_file():
        yield Finding(name, None, say("文件不见了", "the file is gone"), _again())
    elif path.stat().st_size != about["bytes"]:
        there, told = path.stat().st_size, about["bytes"]
        what = say(
            f"大小变了：{there:,} 字节，应为 {told:,}", f"changed: {there:,} bytes instead of {told:,}"
        )
        yield Finding(name, None, what, _again())
    elif sha256_of_file(path) != about["sha256"]:
        yield Finding(name, None, say("内容变了（SHA-256 不同）", "changed: another SHA-256"), _again())


def _extra(release: Path, known: set[str]) -> Iterator[Finding]:
    folders = {parent.as_posix() for name in known for parent in Path(name).parents}
    own = {MANIFEST, SUMS}
    for path in sorted(release.rglob("*")):
        name = path.relative_to(release).as_posix()
        if name == OUTPUT or name.startswith(f"{OUTPUT}/"):
            continue
        if path.is_dir() and not path.is_symlink():
            extra = name not in folders | known and not any(path.iterdir())
        else:
            extra = name not in known | own
        if extra:
            what = say("多出来的文件，不是发布的一部分", "is extra: no part of what was released")
            if path.name in JUNK or path.name.startswith("."):
                what += say(
                    "；在数据分片的文件夹里，LLaMA-Factory 会因它中断",
                    "; in a folder of shards LLaMA-Factory would stop at it",
                )
            yield Finding(name, None, what, say("删掉它", "remove it"))


def _sums(release: Path, manifest: dict[str, Any]) -> Iterator[Finding]:
    """SHA256SUMS holds every digest of the manifest and the manifest's own, and nothing else."""
    wanted = {name: about["sha256"] for name, about in manifest["files"].items()}
    wanted[MANIFEST] = sha256_of_file(release / MANIFEST)
    try:
        lines = (release / SUMS).read_bytes().decode("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        yield Finding(SUMS, None, say(f"读不出来：{error}", f"cannot be read: {error}"), _again())
        return
    seen = set()
    for number, line in enumerate(lines, 1):
        digest, mark, name = line.partition("  ")
        if not line and number == len(lines):
            continue
        seen.add(name)
        if not mark or wanted.get(name) != digest:
            what = say(f"这一行和 {MANIFEST} 不一致", f"this line is not what {MANIFEST} says")
            yield Finding(SUMS, number, what, _again())
    for name in sorted(set(wanted) - seen):
        yield Finding(SUMS, None, say(f"缺少 {name}", f"it lacks {name}"), _again())
