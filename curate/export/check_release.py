"""Would a release train as it is? Whatever its digests say: somebody may have changed files and digests alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import polars as pl

from curate.algorithms.personal_data import Kind
from curate.export.checks.evaluation import check_evaluation
from curate.export.checks.finding import Finding, findings_text, learns
from curate.export.checks.info import DataSet, check_info, known_sets
from curate.export.checks.layout import check_layout, read_manifest
from curate.export.checks.origin import check_contents, check_leaks, check_provenance, read_provenance
from curate.export.checks.others import check_others
from curate.export.checks.scan import SEEN, Limit, scan
from curate.export.checks.scripts import check_scripts
from curate.export.checks.settings import OF_STAGE, check_settings
from curate.export.tokens import TEMPLATES, Lengths, check_tokenizer
from curate.language import say
from curate.pairs import KINDS

__all__ = ["Finding", "check_frame", "check_release", "findings_text"]


def check_release(release: Path, tokenizer: Path | None = None) -> list[Finding]:
    """What LLaMA-Factory, or a trainer of the other files, would drop, stop at, or learn wrongly.

    No digest is looked at: that is ``verify``. Rows are read once, in batches; a million takes less than a minute.

    Args:
        release: the folder of one version.
        tokenizer: the folder of the model's tokenizer; without it lengths are those of the provenance, and estimated for
            rows that it does not know.

    Raises:
        CurateError: the tokenizer cannot be read.
    """
    manifest, found = read_manifest(release)
    if not manifest:
        return found
    sets = known_sets(release, manifest)
    pairs, wrong = read_provenance(release)
    found += [*check_layout(release, manifest), *check_info(release, manifest, sets), *wrong]
    personal = [kind for kind in get_args(Kind) if kind not in manifest["personal_data"]]
    seen, wrong = _scanned(release, sets, personal, _limit(manifest, pairs, tokenizer))
    found += wrong
    if pairs.height:
        found += check_provenance(release, manifest, pairs, personal)
        found += check_contents(manifest, sets, seen, pairs)
    found += check_leaks(sets, seen)
    found += _ratings(sets, seen)
    found += check_settings(release, manifest, sets, _thoughts(manifest, sets, seen))
    found += check_others(release, manifest, personal, pairs, _plain(sets, seen))
    found += check_evaluation(release, manifest, sets, pairs)
    found += check_scripts(release, manifest)
    found += _tokenizer(manifest, tokenizer)
    return list(dict.fromkeys(found))


def check_frame(release: Path) -> list[Finding]:
    """The part of ``check_release`` that reads no rows: the files, dataset_info.json, the settings, the scripts. For a
    release that was just made, whose rows went through ``fit``.
    """
    manifest, found = read_manifest(release)
    if not manifest:
        return found
    sets = known_sets(release, manifest)
    thoughts = {stage: (part["rows_train"], part["thoughts"]) for stage, part in manifest["stages"].items()}
    return [
        *found,
        *check_layout(release, manifest),
        *check_info(release, manifest, sets),
        *check_settings(release, manifest, sets, thoughts),
        *check_scripts(release, manifest),
    ]


def _limit(manifest: dict[str, Any], pairs: pl.DataFrame, tokenizer: Path | None) -> Limit | None:
    template, cutoff = manifest["template"], manifest["tokens"]["cutoff"]
    if template not in TEMPLATES:
        return None  # said already
    thinking = manifest["tokens"]["thinking"]
    counters: dict[Any, Lengths] = {}
    for kind in KINDS:
        mode = thinking.get(kind)
        if mode not in counters:
            counters[mode] = Lengths(template, tokenizer, mode)
    known = pairs.filter(pl.col("tokens") < cutoff)["content_md5"].drop_nulls().hash().sort()
    return Limit(cutoff, {kind: counters[thinking.get(kind)] for kind in KINDS}, known)


def _scanned(
    release: Path, sets: dict[str, DataSet], personal: list[Kind], limit: Limit | None
) -> tuple[dict[str, pl.DataFrame], list[Finding]]:
    """The rows of all data sets: name -> what the later checks need."""
    seen, found = {}, []
    for name, known in sets.items():
        parts = [pl.DataFrame(schema=SEEN)]
        for file in known.files:
            rows, wrong = scan(release, file, known.form, personal, limit)
            parts.append(rows)
            found += wrong
        seen[name] = pl.concat(parts)
    return seen, found


def _first_format(sets: dict[str, DataSet]) -> str:
    """Alpaca and sharegpt hold the same rows: count one of them."""
    return "alpaca" if any(known.ending == "alpaca" for known in sets.values()) else "sharegpt"


def _thoughts(
    manifest: dict[str, Any], sets: dict[str, DataSet], seen: dict[str, pl.DataFrame]
) -> dict[str, tuple[int, int]]:
    """Stage -> (rows that train, rows of them with a thought), as the files have them."""
    counts = {}
    for stage in manifest["stages"]:
        endings = [
            ending
            for ending in OF_STAGE.get(stage, ())
            if stage != "sft" or ending in ("chat", _first_format(sets))
        ]
        rows = [seen[n] for n, known in sets.items() if known.split == "train" and known.ending in endings]
        counts[stage] = (sum(r.height for r in rows), sum(int(r["thinks"].sum()) for r in rows))
    return counts


def _ratings(sets: dict[str, DataSet], seen: dict[str, pl.DataFrame]) -> list[Finding]:
    """KTO compares answers that were liked with others that were not: with one kind alone there is nothing to learn."""
    return [
        Finding(
            f"data/{name}",
            None,
            say("kto_tag 全都一样；", "every kto_tag is the same; ") + learns(),
            say("两种评价都要有，否则去掉这些行", "both ratings are needed; else leave these rows out"),
        )
        for name, known in sets.items()
        if known.ending == "kto" and known.split == "train" and seen[name]["liked"].n_unique() == 1
    ]


def _plain(sets: dict[str, DataSet], seen: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The rows of instruction tuning without tools, with their split: what ``messages/`` holds."""
    endings = ("chat", _first_format(sets))
    parts = [
        seen[name].filter(~pl.col("tools")).with_columns(pl.lit(known.split).alias("split"))
        for name, known in sets.items()
        if known.ending in endings
    ]
    return pl.concat([pl.DataFrame(schema={**SEEN, "split": pl.String}), *parts])


def _tokenizer(manifest: dict[str, Any], tokenizer: Path | None) -> list[Finding]:
    """Does the tokenizer belong to the template?"""
    if tokenizer is None or manifest["template"] not in TEMPLATES:
        return []
    return [
        Finding("manifest.json", None, told, str(tokenizer))
        for told in check_tokenizer(manifest["template"], tokenizer)
    ]
