"""Every damage that a release can suffer is named: by its digests, and by what it holds when the digests fit again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.export.check_release import check_release, findings_text
from curate.export.checks.origin import check_provenance, read_provenance
from curate.export.checks.scan import scan
from curate.export.verify import verify
from curate.yaml_lines import read_yaml
from tests.export.damages import (
    DESCRIPTION,
    EVALUATION,
    FILES,
    MANIFEST,
    PROVENANCE,
    TRAIN,
    Damage,
    raw,
    row,
    setting,
)
from tests.export.damages_rows import ROWS
from tests.export.damages_settings import SETTINGS
from tests.export.releases import KINDS, OPTIONS, make, reseal

DAMAGES = [*FILES, *DESCRIPTION, *PROVENANCE, *EVALUATION, *MANIFEST, *ROWS, *SETTINGS]
#: What is damaged: all kinds of pairs in one release, in shards, as parquet; and one whose answers think.
BASES: dict[str, tuple[str, dict[str, Any]]] = {
    "all": ("training", {"formats": ["alpaca"]}),
    "turns": ("questions", {"formats": ["sharegpt"]}),
    "others": ("training", {"formats": ["alpaca", "messages"]}),
    "shards": ("conversations", {"formats": ["alpaca"], "shard_rows": 6}),
    "parquet": ("training", {"formats": ["sharegpt", "huggingface"], "files": "parquet"}),
    "thoughts": ("thoughts", {"formats": ["alpaca"]}),
}


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bases")
    return {name: make(folder / name, KINDS[kind](), **options) for name, (kind, options) in BASES.items()}


@pytest.fixture(scope="module")
def whole(bases: dict[str, Path]) -> dict[str, dict[str, bytes]]:
    """What the releases hold that are damaged."""
    return {name: contents(base) for name, base in bases.items()}


@pytest.fixture(autouse=True, scope="module")
def _read_once() -> Iterator[None]:
    """What is not damaged, a file or the provenance, is looked at once for all of these tests."""
    known: dict[Any, Any] = {}

    def scanned(folder: Path, file: str, form: Any, kinds: Any, limit: Any) -> Any:
        about = limit and (
            limit.cutoff,
            str(limit.known.to_list()),
            [(k, c.template, c.enable_thinking) for k, c in limit.lengths.items()],
        )
        key = (file, (folder / file).read_bytes(), form.path, tuple(kinds), str(about))
        if key not in known:
            known[key] = scan(folder, file, form, kinds, limit)
        rows, found = known[key]
        return rows, list(found)

    def read(file: Path) -> Any:
        key = (file.name, file.read_bytes())
        known[key] = known.get(key) or read_yaml(file)
        return known[key]

    def checked(folder: Path, manifest: dict[str, Any], *more: Any) -> Any:
        about = {name: value for name, value in manifest.items() if name != "files"}
        key = ((folder / "provenance.parquet").read_bytes(), json.dumps(about, sort_keys=True))
        if key not in known:
            known[key] = check_provenance(folder, manifest, *more)
        return list(known[key])

    def provenance(folder: Path) -> Any:
        file = folder / "provenance.parquet"
        key = ("provenance", file.read_bytes() if file.is_file() else None)
        if key not in known:
            known[key] = read_provenance(folder)
        pairs, found = known[key]
        return pairs, list(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("curate.export.check_release.read_provenance", provenance)
        patch.setattr("curate.export.check_release.check_provenance", checked)
        patch.setattr("curate.export.check_release.scan", scanned)
        patch.setattr("curate.export.checks.others.scan", scanned)
        patch.setattr("curate.export.checks.settings.read_yaml", read)
        yield


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_LANG", "en")


def damaged(damage: Damage, bases: dict[str, Path], folder: Path) -> Path:
    release = folder / "copy"
    shutil.copytree(bases[damage.base], release)
    damage.change(release)
    return release


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.sentence)
def test_it_is_named(
    damage: Damage, bases: dict[str, Path], whole: dict[str, dict[str, bytes]], tmp_path: Path
) -> None:
    release = damaged(damage, bases, tmp_path)
    named = {finding.file for finding in verify(release)}
    changed = contents(release).items() ^ whole[damage.base].items()
    for name in {name for name, _ in changed}:
        # a changed manifest is told by SHA256SUMS
        assert name in named or (name == "manifest.json" and "SHA256SUMS" in named)
    reseal(release)
    found = check_release(release)
    if not damage.word:
        assert verify(release) == found == []
        return
    told = [
        finding for finding in found if finding.file.startswith(damage.file) and damage.word in finding.what
    ]
    assert told, f"not said of {damage.file}: {damage.word}\n{findings_text(found)}"
    assert all(finding.hint for finding in told)


def contents(release: Path) -> dict[str, bytes]:
    """Every file; of a folder that holds none, its name."""
    paths = (path for path in release.rglob("*") if path.is_file() or not any(path.iterdir()))
    return {
        path.relative_to(release).as_posix(): path.read_bytes() if path.is_file() else b"" for path in paths
    }


@pytest.mark.usefixtures("english")
def test_the_rows_are_counted_and_the_first_are_named(bases: dict[str, Path], tmp_path: Path) -> None:
    shutil.copytree(bases["all"], tmp_path / "copy")
    for line in (11, 4, 9, 6):
        row(TRAIN, lambda found: found | {"output": ""}, line)(tmp_path / "copy")
    found = next(one for one in check_release(tmp_path / "copy") if "empty answer" in one.what)
    assert (found.file, found.line) == (TRAIN, 4)
    assert "4 row(s), line 4, 6, 9 and others; LLaMA-Factory would train on it" in found.what


def test_every_sentence_is_another() -> None:
    assert len(DAMAGES) >= 60
    assert [sentence for sentence, times in Counter(d.sentence for d in DAMAGES).items() if times > 1] == []


@pytest.mark.parametrize("kind", [*KINDS, "parquet", "shards"])
def test_a_release_that_nobody_touched_has_nothing_wrong(kind: str, tmp_path: Path) -> None:
    release = make(tmp_path, KINDS.get(kind, KINDS["everything"])(), **OPTIONS.get(kind, {}))
    assert findings_text(verify(release)) == findings_text(check_release(release)) == "没有发现问题"
    # what training leaves behind is no part of it
    (release / "output/sft").mkdir(parents=True)
    (release / "output/sft/adapter.bin").write_bytes(b"x")
    assert verify(release) == check_release(release) == []


def test_a_row_of_exactly_the_cutoff_is_nothing_wrong(tmp_path: Path) -> None:
    rows = [
        {**row, "output": row["output"] * 9} if number == 3 else row
        for number, row in enumerate(KINDS["questions"]())
    ]
    whole = pl.read_parquet(make(tmp_path / "whole", rows) / "provenance.parquet")
    longest = int(whole["tokens"].max())
    release = make(tmp_path / "exact", rows, cutoff=longest)
    assert pl.read_parquet(release / "provenance.parquet")["tokens"].max() == longest >= 64
    assert check_release(release) == []


@pytest.mark.parametrize("damage", [Damage("a row was edited", raw(TRAIN, lambda c: c.replace(b"1", b"2", 1)), TRAIN, ""),
                                    Damage("a setting was edited", setting("train_sft.yaml", "seed", "7"), "train_sft.yaml", ""),
                                    Damage("a file is gone", lambda f: (f / TRAIN).unlink(), TRAIN, ""),
                                    Damage("a file is cut off", raw(TRAIN, lambda c: c[:100]), TRAIN, ""),
                                    Damage("the provenance was edited", raw("provenance.parquet", lambda c: c + b"x"), "provenance", ""),
                                    Damage("the digests are gone", lambda f: (f / "SHA256SUMS").unlink(), "SHA256SUMS", "")],
                         ids=lambda damage: damage.sentence)  # fmt: skip
def test_train_sh_does_not_start(damage: Damage, bases: dict[str, Path], tmp_path: Path) -> None:
    release = damaged(damage, bases, tmp_path)
    done = run(release, tmp_path)
    assert done.returncode == 1
    assert damage.file in done.stderr
    assert not (tmp_path / "trained").exists()


def test_train_sh_starts_where_nothing_was_touched(bases: dict[str, Path], tmp_path: Path) -> None:
    shutil.copytree(bases["all"], tmp_path / "copy")
    done = run(tmp_path / "copy", tmp_path)
    assert (done.returncode, (tmp_path / "trained").read_text()) == (0, "train train_sft.yaml\n"), done.stderr


def run(release: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """train.sh with a trainer that only notes what it was called with."""
    trainer = folder / "bin/llamafactory-cli"
    trainer.parent.mkdir()
    trainer.write_text(
        '#!/bin/sh\n[ "$1" = version ] && { echo "version 0.9.5"; exit; }\n'
        f'echo "$@" > "{folder}/trained"\n'
    )
    trainer.chmod(0o755)
    path = f"{trainer.parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", str(release / "train.sh")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
    )
