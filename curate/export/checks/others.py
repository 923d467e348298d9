"""The files for other trainers and for the ``datasets`` library: the same pairs in other shapes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from curate.export.checks.finding import Finding, anew
from curate.export.checks.info import files_of
from curate.export.checks.layout import PROVENANCE
from curate.export.checks.origin import strangers
from curate.export.checks.scan import SEEN, kind_of, scan
from curate.export.formats import CHOSEN, Format
from curate.language import say
from curate.rows import SPLITS

FAMILIES = ("messages", "huggingface")


def check_others(
    folder: Path, manifest: dict[str, Any], personal: list[Any], pairs: pl.DataFrame, plain: pl.DataFrame
) -> list[Finding]:
    """Every row of these files, and that they hold the pairs that they should.

    Args:
        personal: the kinds of personal data that must not be there.
        pairs: the provenance.
        plain: the rows of LLaMA-Factory's files that neither call nor list tools: what ``messages/`` holds.
    """
    found: list[Finding] = []
    for family in FAMILIES:
        files = {
            (form, split): files_of(folder, form.path.format(name=manifest["name"], split=split))
            for form in CHOSEN[family] for split in SPLITS
        }  # fmt: skip
        found += _strays(folder, family, {file for names in files.values() for file in names})
        if not any(files.values()):
            continue  # the recipe did not choose it
        for (form, split), names in files.items():
            seen = [pl.DataFrame(schema=SEEN)]
            for name in names:
                rows, wrong = scan(folder, name, form, personal, None)
                seen.append(rows)
                found += wrong
            of = pairs.filter((pl.col("split") == split) & (pl.col("kind") == _kind(form)))
            only = plain.filter(pl.col("split") == split)["content_md5"]
            wanted = only if form.path.startswith("messages") else of["content_md5"]
            found += _same(form.path.format(name=manifest["name"], split=split), pl.concat(seen), wanted)
    return found


def _kind(form: Format) -> str:
    return form.path.split("/")[1] if form.path.startswith("huggingface") else kind_of(form)


def _same(path: str, rows: pl.DataFrame, wanted: pl.Series) -> Iterator[Finding]:
    yield from strangers(rows, wanted)
    if rows.height != len(wanted):
        told = say(
            f"有 {rows.height:,} 行，按 {PROVENANCE} 应有 {len(wanted):,} 行",
            f"it has {rows.height:,} rows and should have {len(wanted):,} by {PROVENANCE}",
        )
        yield Finding(path if rows.is_empty() else str(rows["file"][0]), None, told, anew())


def _strays(folder: Path, family: str, known: set[str]) -> Iterator[Finding]:
    roots = {form.path.partition("/")[0] for form in CHOSEN[family]}
    for root in sorted(roots):
        for path in sorted((folder / root).rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and name not in known and name != "huggingface/README.md":
                yield Finding(name, None, say("不属于这个版本", "does not belong to this release"), anew())
