"""train.sh, run: it finds its folder, checks the files, and starts the trainer with the right words."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from curate.export.training.configs import write_configs
from curate.export.training.gpus import Gpu
from curate.export.training.plan import Stage
from tests.export.training.cases import part, plan

#: writes down how it was called; ``version`` answers as the real one does
FAKE = """\
#!/usr/bin/env bash
if [ "$1" = version ]; then
  printf -- '----\\n| Welcome to LLaMA Factory, version %-20s|\\n|      |\\n----\\n' "${FAKE_VERSION-0.9.5}"
  exit 0
fi
{
  pwd
  printf '%s\\n' "torchrun=${FORCE_TORCHRUN-}" "cards=${CUDA_VISIBLE_DEVICES-}" "processes=${NPROC_PER_NODE-}"
  printf '%s\\n' "$@"
} > "$CALLED"
exit "${FAKE_EXIT-0}"
"""


class Release:
    """A release folder, with spaces and Chinese in its path, and a trainer that writes down its call."""

    def __init__(self, tmp_path: Path, gpus: int = 1, stages: tuple[Stage, ...] = ("sft", "dpo")) -> None:
        self.folder = tmp_path / "导出 的 文件夹" / "v1"
        self.called = tmp_path / "called"
        self.tools = tmp_path / "bin"
        chosen = plan(gpu=Gpu(count=gpus))
        write_configs(self.folder, "expo", chosen, [part(stage) for stage in stages], predict="expo_predict")
        (self.folder / "data").mkdir()
        (self.folder / "data" / "数据 一.jsonl").write_text('{"a": 1}\n', encoding="utf-8")
        self.sign()
        self.tools.mkdir()
        (self.tools / "llamafactory-cli").write_text(FAKE, encoding="utf-8")
        (self.tools / "llamafactory-cli").chmod(0o755)

    def sign(self) -> None:
        files = sorted(
            file for file in self.folder.rglob("*") if file.is_file() and file.name != "SHA256SUMS"
        )
        lines = [
            f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(self.folder).as_posix()}\n"
            for file in files
        ]
        (self.folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")

    def run(
        self, *words: str, cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        path = f"{self.tools}{os.pathsep}/usr/bin{os.pathsep}/bin"
        script = self.folder / "train.sh"
        bash = shutil.which("bash") or "bash"
        return subprocess.run(
            [bash, str(script) if cwd is None else os.path.relpath(script, cwd), *words],
            cwd=cwd or self.folder.parent,
            env={"PATH": path, "CALLED": str(self.called), "HOME": "/nowhere", **environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    def call(self) -> list[str]:
        """The words that the trainer got; [] when it was not started."""
        return self.called.read_text(encoding="utf-8").splitlines()[4:] if self.called.exists() else []

    def about(self) -> list[str]:
        """Its folder, and what it found in its environment."""
        return self.called.read_text(encoding="utf-8").splitlines()[:4]


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return Release(tmp_path)


@pytest.mark.parametrize(
    ("words", "called"),
    [
        ([], ["train", "train_sft.yaml"]),
        (["sft"], ["train", "train_sft.yaml"]),
        (["dpo"], ["train", "train_dpo.yaml"]),
        (["max_steps=2", "seed=1"], ["train", "train_sft.yaml", "max_steps=2", "seed=1"]),
        (["dpo", "output_dir=output/a b"], ["train", "train_dpo.yaml", "output_dir=output/a b"]),
    ],
)
def test_a_training_is_started_with_its_words(release: Release, words: list[str], called: list[str]) -> None:
    done = release.run(*words)
    assert done.returncode == 0, done.stderr
    assert release.call() == called


@pytest.mark.parametrize(
    ("task", "called"),
    [
        ("evaluate", ["train", "evaluate.yaml"]),
        ("merge", ["export", "merge.yaml"]),
        ("chat", ["chat", "chat.yaml"]),
    ],
)
def test_what_needs_an_adapter_waits_for_the_training(release: Release, task: str, called: list[str]) -> None:
    done = release.run(task)
    assert done.returncode == 1
    assert "还没有 output/sft" in done.stderr
    assert release.call() == []
    (release.folder / "output" / "sft").mkdir(parents=True)
    assert release.run(task, "a=b").returncode == 0
    assert release.call() == [*called, "a=b"]


def test_another_adapter_may_be_named(release: Release) -> None:
    done = release.run("merge", "adapter_name_or_path=output/dpo")
    assert done.returncode == 0, done.stderr
    assert release.call() == ["export", "merge.yaml", "adapter_name_or_path=output/dpo"]


def test_it_works_in_its_own_folder_wherever_it_is_called_from(release: Release, tmp_path: Path) -> None:
    for cwd in (None, tmp_path, release.folder, Path("/")):
        release.called.unlink(missing_ok=True)
        done = release.run(cwd=cwd, CDPATH=str(tmp_path))
        assert done.returncode == 0, done.stderr
        assert Path(release.about()[0]).resolve() == release.folder.resolve()


@pytest.mark.parametrize("file", ["data/数据 一.jsonl", "train_sft.yaml", "train.sh", "deepspeed/zero2.json"])
def test_a_changed_file_stops_everything_and_is_named(release: Release, file: str) -> None:
    path = release.folder / file
    path.write_bytes(path.read_bytes() + b"\n")
    done = release.run()
    assert done.returncode == 1
    assert release.call() == []
    assert f"{file}: FAILED" in done.stderr
    assert "没有开始训练" in done.stderr
    assert "nothing was started" in done.stderr
    assert ": OK" not in done.stderr


def test_a_missing_file_stops_everything(release: Release) -> None:
    (release.folder / "data" / "数据 一.jsonl").unlink()
    done = release.run()
    assert done.returncode == 1
    assert "数据 一.jsonl" in done.stderr
    assert release.call() == []


@pytest.mark.parametrize("content", [None, ""])
def test_without_sums_nothing_starts(release: Release, content: str | None) -> None:
    (release.folder / "SHA256SUMS").unlink()
    if content is not None:
        (release.folder / "SHA256SUMS").write_text(content, encoding="utf-8")
    assert release.run().returncode == 1
    assert release.call() == []


def test_what_the_trainer_writes_is_no_part_of_the_release(release: Release) -> None:
    (release.folder / "output" / "sft").mkdir(parents=True)
    (release.folder / "output" / "sft" / "trainer_state.json").write_text("{}", encoding="utf-8")
    assert release.run().returncode == 0


def test_who_knows_what_he_does_may_go_on(release: Release) -> None:
    (release.folder / "train_sft.yaml").write_text("changed: true\n", encoding="utf-8")
    done = release.run(SKIP_CHECK="1")
    assert done.returncode == 0
    assert "没有核对" in done.stderr
    assert release.call() == ["train", "train_sft.yaml"]


@pytest.mark.parametrize("version", ["0.9.4", "0.9.6.dev0", "0.9.50", ""])
def test_another_version_of_the_trainer_is_refused(release: Release, version: str) -> None:
    done = release.run(FAKE_VERSION=version)
    assert done.returncode == 1
    assert "pip install -r requirements-train.txt" in done.stderr
    assert release.call() == []


def test_without_the_trainer_it_says_how_to_install_it(release: Release) -> None:
    (release.tools / "llamafactory-cli").unlink()
    done = release.run()
    assert done.returncode == 1
    assert "找不到 llamafactory-cli" in done.stderr


@pytest.mark.parametrize("word", ["kto", "train_sft.yaml", "SFT", "-x"])
def test_a_task_that_is_not_there_is_refused_with_those_that_are(release: Release, word: str) -> None:
    done = release.run(word)
    assert done.returncode == 2
    assert "sft|dpo|evaluate|merge|chat" in done.stderr
    assert release.call() == []


def test_help_is_printed_without_checks(release: Release) -> None:
    (release.folder / "SHA256SUMS").unlink()
    done = release.run("--help")
    assert done.returncode == 0
    assert done.stdout.startswith("用法 / usage: bash train.sh")


def test_the_trainers_failure_is_the_scripts(release: Release) -> None:
    assert release.run(FAKE_EXIT="3").returncode == 3


def test_one_card_is_taken_without_torchrun_and_a_users_choice_is_kept(release: Release) -> None:
    release.run()
    assert release.about()[1:] == ["torchrun=", "cards=0", "processes="]
    release.run(CUDA_VISIBLE_DEVICES="3")
    assert release.about()[1:] == ["torchrun=", "cards=3", "processes="]


def test_several_cards_start_torchrun_for_training_only(tmp_path: Path) -> None:
    release = Release(tmp_path, gpus=2)
    release.run()
    assert release.about()[1:] == ["torchrun=1", "cards=0,1", "processes=2"]
    (release.folder / "output" / "sft").mkdir(parents=True)
    release.run("merge")
    assert release.about()[1:] == ["torchrun=", "cards=0,1", "processes="]


def test_the_first_stage_there_is_is_the_default(tmp_path: Path) -> None:
    release = Release(tmp_path, stages=("pt", "kto"))
    assert release.run().returncode == 0
    assert release.call() == ["train", "train_kto.yaml"]


def test_a_mac_has_shasum_instead_of_sha256sum(release: Release, tmp_path: Path) -> None:
    few = tmp_path / "few"
    few.mkdir()
    for tool in ("bash", "env", "dirname", "sed", "grep", "head"):
        (few / tool).symlink_to(shutil.which(tool) or tool)
    shutil.copy(release.tools / "llamafactory-cli", few)
    without = release.run(PATH=str(few))
    assert without.returncode == 1
    assert "shasum" in without.stderr
    real = shutil.which("sha256sum")
    (few / "shasum").write_text(f'#!/bin/sh\n[ "$1 $2" = "-a 256" ] && shift 2\nexec {real} "$@"\n')
    (few / "shasum").chmod(0o755)
    assert release.run(PATH=str(few)).returncode == 0
    (release.folder / "train_sft.yaml").write_text("changed: true\n", encoding="utf-8")
    done = release.run(PATH=str(few))
    assert done.returncode == 1
    assert "train_sft.yaml: FAILED" in done.stderr
