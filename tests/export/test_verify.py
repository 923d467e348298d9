"""verify: is a folder what was released? Nothing but the folder is looked at."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from curate.export.check_release import check_release, findings_text
from curate.export.checks.words import ROWS, rows_found
from curate.export.verify import Finding, verify
from tests.export.releases import KINDS, make, reseal, single


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("made"), single(24))


@pytest.fixture
def release(made: Path, tmp_path: Path) -> Path:
    """A copy in another place, as it comes to the training machine."""
    shutil.copytree(made, tmp_path / "elsewhere")
    return tmp_path / "elsewhere"


def places(findings: list[Finding]) -> list[tuple[str, int | None]]:
    return [(finding.file, finding.line) for finding in findings]


def test_a_copy_anywhere_is_what_was_released(release: Path) -> None:
    assert verify(release) == []
    assert findings_text([]) == "没有发现问题"


TRAIN = "data/expo_train_alpaca.jsonl"


def linked(release: Path) -> None:
    (release / TRAIN).rename(release.parent / "x")
    (release / TRAIN).symlink_to(release.parent / "x")


def a_folder(release: Path) -> None:
    (release / TRAIN).unlink()
    (release / TRAIN).mkdir()


CHANGES: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "a file is gone": (lambda f: (f / TRAIN).unlink(), TRAIN, "不见了"),
    "a file is longer": (lambda f: (f / TRAIN).write_bytes((f / TRAIN).read_bytes() + b"\n"), TRAIN, "大小变了"),
    "a file of the same size differs": (lambda f: (f / TRAIN).write_bytes(b"x" * (f / TRAIN).stat().st_size), TRAIN, "SHA-256"),
    "a file is a link": (linked, TRAIN, "链接"),
    "a file is a folder": (a_folder, TRAIN, "不见了"),
    "a file is too many": (lambda f: (f / "data/more.jsonl").write_text("{}\n"), "data/more.jsonl", "多出来"),
    "a hidden file is too many": (lambda f: (f / "data/.DS_Store").write_text("x"), "data/.DS_Store", "LLaMA-Factory 会因它中断"),
    "an empty folder is too many": (lambda f: (f / "data/old").mkdir(), "data/old", "多出来"),
    "the manifest is gone": (lambda f: (f / "manifest.json").unlink(), "manifest.json", "没有"),
    "the manifest is cut off": (lambda f: (f / "manifest.json").write_text('{"name"'), "manifest.json", "读不出来"),
    "the manifest is a list": (lambda f: (f / "manifest.json").write_text("[]"), "manifest.json", "不是一个 JSON 对象"),
    "the digests are gone": (lambda f: (f / "SHA256SUMS").unlink(), "SHA256SUMS", "读不出来"),
    "the folder is gone": (lambda f: shutil.rmtree(f), "", "没有这个文件夹"),
}  # fmt: skip


@pytest.mark.parametrize("sentence", CHANGES)
def test_a_change_is_named_with_its_file(sentence: str, release: Path) -> None:
    change, file, word = CHANGES[sentence]
    change(release)
    found = verify(release)
    assert [(finding.file, word in finding.what) for finding in found] == [(file or str(release), True)]
    assert str(found[0]).startswith(f"{found[0].file}: {found[0].what}")


def test_a_changed_manifest_is_told_by_the_digests(release: Path) -> None:
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    (release / "manifest.json").write_text(json.dumps(manifest | {"model": "another"}), encoding="utf-8")
    found = verify(release)
    lines = (release / "SHA256SUMS").read_text().splitlines()
    assert places(found) == [("SHA256SUMS", 1 + [line.split()[1] for line in lines].index("manifest.json"))]


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "data/../../x", "data\\x"])
def test_a_manifest_does_not_lead_out_of_the_folder(name: str, release: Path) -> None:
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][name] = manifest["files"]["train.sh"]
    (release / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    for found in (verify(release), check_release(release)):
        assert places(found) == [("manifest.json", None)]
        assert name in found[0].what


def test_what_training_writes_is_not_looked_at(release: Path) -> None:
    (release / "output/sft/checkpoint-10").mkdir(parents=True)
    (release / "output/sft/.cache").write_text("x")
    assert verify(release) == []


def test_findings_are_told_together(release: Path) -> None:
    (release / TRAIN).unlink()
    (release / "x").write_text("")
    assert findings_text(verify(release)).splitlines()[-1] == "共 2 处问题"


@pytest.mark.parametrize("code", ROWS)
def test_every_finding_about_rows_speaks_both_languages(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for language in ("zh", "en"):
        monkeypatch.setenv("CURATE_LANG", language)
        found = rows_found("a.jsonl", code, [5, 9], 12_345, "x")
        told.append(found.what)
        assert (found.line, bool(found.hint)) == (5, True)
        assert "12,345" in found.what
    assert told[0] != told[1]
    assert told[1].isascii()


BROKEN = [
    *("manifest.json", "provenance.parquet", "train.sh", "requirements-train.txt", "train_sft.yaml"),
    *("data/dataset_info.json", "data/expo_train_chat.parquet", "data/expo_train_sharegpt.parquet"),
    *("data/expo_train_pretrain.parquet", "eval/tasks.jsonl", "eval/labels.json", "SHA256SUMS"),
]


def test_nothing_that_is_broken_stops_the_check(tmp_path: Path) -> None:
    """Whatever bytes a file has: an answer, no exception; and the digests always tell."""
    made = make(tmp_path / "made", KINDS["training"](), formats=["sharegpt"], files="parquet")
    chance = random.Random(7)
    for name in BROKEN:
        release = tmp_path / "copy"
        shutil.copytree(made, release)
        content = bytearray((release / name).read_bytes())
        at = chance.randrange(len(content) - 20)
        content[at : at + 20] = chance.randbytes(chance.randrange(1, 19))
        (release / name).write_bytes(content)
        assert verify(release), name
        if name != "manifest.json":
            reseal(release)
        check_release(release)
        shutil.rmtree(release)
