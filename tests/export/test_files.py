"""The folder that is handed over: whole, described, and replaced at once."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from curate.errors import AccountingError
from curate.export.files import check_written, describe, publish


@pytest.fixture
def made(tmp_path: Path) -> Path:
    folder = tmp_path / "cache" / "files"
    folder.mkdir(parents=True)
    (folder / "a.jsonl").write_text('{"text": "展会"}\n', encoding="utf-8")
    (folder / "dataset_info.json").write_text("{}\n", encoding="utf-8")
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def left_over(target: Path) -> list[str]:
    return [path.name for path in target.parent.iterdir() if path != target and path.is_dir()]


def test_an_export_appears_and_is_not_made_again(made: Path, tmp_path: Path) -> None:
    target = tmp_path / "exports" / "expo" / "llamafactory"
    assert publish(made, target) is True
    assert content(target) == content(made)
    before = (target / "a.jsonl").stat().st_mtime_ns
    assert publish(made, target) is False
    assert (target / "a.jsonl").stat().st_mtime_ns == before
    assert left_over(target) == []


@pytest.mark.parametrize("damage", ["changed", "same size", "removed", "added", "emptied", "folder"])
def test_a_tampered_export_is_made_whole(made: Path, tmp_path: Path, damage: str) -> None:
    target = tmp_path / "exports" / "rag"
    publish(made, target)
    file = target / "a.jsonl"
    match damage:
        case "changed":
            file.write_text("别的", encoding="utf-8")
        case "same size":
            file.write_bytes(file.read_bytes().replace(b"text", b"TEXT"))
        case "removed":
            file.unlink()
        case "added":
            (target / "b.jsonl").write_text("x", encoding="utf-8")
        case "emptied":
            for path in target.iterdir():
                path.unlink()
        case "folder":
            file.unlink()
            file.mkdir()
    assert publish(made, target) is True
    assert content(target) == content(made)
    assert left_over(target) == []


def test_a_file_that_is_no_longer_made_goes(made: Path, tmp_path: Path) -> None:
    target = tmp_path / "exports" / "rag"
    publish(made, target)
    (made / "a.jsonl").unlink()
    assert publish(made, target) is True
    assert list(content(target)) == ["dataset_info.json"]


def test_what_a_killed_run_left_lying_is_cleared(made: Path, tmp_path: Path) -> None:
    target = tmp_path / "exports" / "rag"
    for name in (".rag.new", ".rag.old"):
        (tmp_path / "exports" / name).mkdir(parents=True)
        (tmp_path / "exports" / name / "half").write_text("x", encoding="utf-8")
    assert publish(made, target) is True
    assert content(target) == content(made)
    assert left_over(target) == []


def test_the_old_export_stays_when_the_new_one_cannot_be_copied(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "exports" / "rag"
    publish(made, target)
    before = content(target)
    (made / "a.jsonl").write_text("新", encoding="utf-8")

    def full(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("curate.export.files.shutil.copytree", full)
    with pytest.raises(OSError, match="disk full"):
        publish(made, target)
    assert content(target) == before


def test_the_manifest_describes_every_file(made: Path) -> None:
    describe(made, {"a.jsonl": 1}, {"name": "展会", "exporter": "rag"})
    manifest = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["name"] == "展会"
    assert sorted(manifest["files"]) == ["a.jsonl", "dataset_info.json"]
    data = (made / "a.jsonl").read_bytes()
    assert manifest["files"]["a.jsonl"] == {
        "rows": 1,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    assert manifest["files"]["dataset_info.json"]["rows"] is None


@pytest.mark.parametrize("counts", [{"a": 3}, {"a": 5}, {}, {"a": 2, "b": 1}])
def test_rows_that_are_not_in_the_files_stop_the_export(counts: dict[str, int]) -> None:
    check_written("rag", 4, {"a": 2, "b": 2})
    with pytest.raises(AccountingError, match=f"应写 4 行，文件里有 {sum(counts.values())} 行"):
        check_written("rag", 4, counts)
