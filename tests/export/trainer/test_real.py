"""The loader is found, run apart from the network and secrets, and its answer is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curate.errors import CurateError, UsageError
from curate.export.trainer.real import find_python, load_with_llamafactory

ANSWER = {
    "llamafactory": "0.9.5",
    "transformers": "5.5.4",
    "yamls": [
        {"yaml": "train_dpo.yaml", "error": "KeyError: 'chosen'", "dataset": "a"},
        {
            "yaml": "train_sft.yaml",
            "stage": "sft",
            "template": "qwen",
            "enable_thinking": None,
            "cutoff": 512,
            "packing": False,
            "new_tokens": [],
            "split_template_tokens": ["<think>"],
            "sequences": 2,
            "datasets": [
                {
                    "dataset": "a",
                    "part": "train",
                    "rows": 3,
                    "loaded": 3,
                    "trained": 2,
                    "lost_rows": [1],
                    "cut": 0,
                }
                | {"cut_rows": [], "longest": 9, "tokens": 18, "left_over": 0}
            ],
            "example": None,
        },
    ],
}


def fake_python(folder: Path, script: str) -> Path:
    """An environment whose Python is a shell script."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    (folder / "whole").write_text("x")
    return python


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = tmp_path / "发布 v1"
    folder.mkdir()
    (folder / "train_sft.yaml").write_text("stage: sft\n")
    return folder


def test_the_answer_becomes_objects(release: Path, tmp_path: Path) -> None:
    python = fake_python(tmp_path / "env", f"echo noise; cat <<'END'\n{json.dumps(ANSWER)}\nEND\nexit 1")
    loaded = load_with_llamafactory(release, python)
    broken, sft = loaded.yamls
    assert not loaded.ok
    assert (broken.error, broken.dataset) == ("KeyError: 'chosen'", "a")
    assert (sft.split_template_tokens, sft.example, sft.enable_thinking) == (("<think>",), {}, None)
    assert (sft.datasets[0].lost, sft.datasets[0].lost_rows) == (1, (1,))


def test_it_runs_offline_without_secrets(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HF_TOKEN", "OPENAI_API_KEY", "PYTHONPATH", "ALLOW_EXTRA_ARGS", "WORLD_SIZE"):
        monkeypatch.setenv(name, "1")
    seen = tmp_path / "seen"
    answer = json.dumps({**ANSWER, "yamls": []})
    fake_python(tmp_path / "env", f"env > '{seen}'; printf '%s\\n' \"$@\" > '{seen}.args'; echo '{answer}'")
    load_with_llamafactory(release, tmp_path / "env", tmp_path / "tok", example=3, yamls=("train_sft.yaml",))
    names = dict(line.split("=", 1) for line in seen.read_text().splitlines() if "=" in line)
    assert names["HF_HUB_OFFLINE"] == names["HF_DATASETS_OFFLINE"] == "1"
    assert names["CUDA_VISIBLE_DEVICES"] == ""
    assert not {"HF_TOKEN", "OPENAI_API_KEY", "PYTHONPATH", "ALLOW_EXTRA_ARGS", "WORLD_SIZE"} & set(names)
    given = Path(f"{seen}.args").read_text().splitlines()
    assert given[0] == "-I"
    assert Path(given[1]).is_file()
    assert given[2:] == [str(release), "--example", "3", "--tokenizer", str(tmp_path / "tok"), "--yaml", "train_sft.yaml"]  # fmt: skip


def test_a_loader_that_breaks_off_says_why(release: Path, tmp_path: Path) -> None:
    python = fake_python(tmp_path / "env", "echo 'No module named llamafactory' >&2; exit 1")
    with pytest.raises(CurateError, match="No module named llamafactory") as caught:
        load_with_llamafactory(release, python)
    assert "env.sh" in caught.value.hint


def test_a_folder_without_configurations_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"train_\*\.yaml"):
        load_with_llamafactory(tmp_path, fake_python(tmp_path / "env", "exit 0"))


class TestWhichPython:
    @pytest.fixture(autouse=True)
    def here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CURATE_TRAIN_ENV", raising=False)
        (tmp_path / "a" / "b").mkdir(parents=True)
        monkeypatch.chdir(tmp_path / "a" / "b")

    def test_the_given_one_first(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        given, named = fake_python(tmp_path / "x", ""), fake_python(tmp_path / "y", "")
        monkeypatch.setenv("CURATE_TRAIN_ENV", str(tmp_path / "y"))
        assert find_python(given) == find_python(tmp_path / "x") == given
        assert find_python() == named

    def test_then_one_in_a_folder_above(self, tmp_path: Path) -> None:
        python = fake_python(tmp_path / ".train-env", "")
        assert find_python() == python

    def test_a_link_stays_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(fake_python(tmp_path / "x", ""))
        assert find_python(tmp_path / "link") == tmp_path / "link"

    def test_half_an_environment_is_none(self, tmp_path: Path) -> None:
        fake_python(tmp_path / ".train-env", "")
        (tmp_path / ".train-env" / "whole").unlink()
        with pytest.raises(UsageError) as caught:
            find_python()
        assert "make train-env" in caught.value.hint
        assert "env.sh" in caught.value.hint

    def test_a_name_without_a_python_is_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CURATE_TRAIN_ENV", str(tmp_path / "nowhere"))
        with pytest.raises(UsageError, match="nowhere"):
            find_python()
