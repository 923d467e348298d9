"""env.sh builds once, starts over after a kill, and removes nothing that is not its own.

The interpreter is a stub that writes down what it is asked, so nothing is installed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import curate.export.trainer

SCRIPT = Path(curate.export.trainer.__file__).parent / "env.sh"
#: -m venv makes a folder with another stub, -m pip and the last import are written down, the rest is real
STUB = f"""#!/bin/bash
case "$1 $2" in
  "-m venv") mkdir -p "$3/bin" "$3/lib/python3.11/site-packages/torchaudio/lib"
             touch "$3/pyvenv.cfg" "$3/lib/python3.11/site-packages/torchaudio/lib/x.so"
             cp "$0" "$3/bin/python"; echo "venv" >> "$ASKED" ;;
  "-m pip") shift 2; echo "pip $*" >> "$ASKED"
            case "$*" in *"$FAILS"*) echo "no such package"; exit 1 ;; esac ;;
  "-c from llamafactory"*) echo "import" >> "$ASKED" ;;
  *) exec {sys.executable} "$@" ;;
esac
"""


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    (tmp_path / "stub").write_text(STUB)
    (tmp_path / "stub").chmod(0o755)
    (tmp_path / "asked").write_text("")
    return tmp_path / "asked"


def run(
    asked: Path, folder: str | None = "训练 env", fails: str = "nothing", **more: str
) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHON": str(asked.parent / "stub"),
        "ASKED": str(asked),
        "FAILS": fails,
        **more,
    }
    return subprocess.run(
        ["bash", SCRIPT, *([folder] if folder else [])],
        cwd=asked.parent,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_it_is_built_once(asked: Path) -> None:
    first = run(asked)
    assert first.returncode == 0, first.stderr
    said = asked.read_text().splitlines()
    assert said[0] == "venv"
    assert "torch==" in said[1]  # alone and first
    assert "--no-deps --requirement" in said[2]
    assert said[-1] == "import"
    made = asked.parent / "训练 env"
    assert not list(made.rglob("*.so"))
    assert len((made / "whole").read_text().strip()) == 64
    assert run(asked).returncode == 0
    assert asked.read_text().splitlines() == said


def test_the_default_is_a_hidden_folder_here(asked: Path) -> None:
    assert run(asked, None).returncode == 0
    assert (asked.parent / ".train-env" / "whole").is_file()


def test_a_broken_off_build_starts_over(asked: Path) -> None:
    failed = run(asked, fails="jieba")
    assert failed.returncode == 1
    assert "no such package" in failed.stderr
    assert "install.log" in failed.stderr
    assert not (asked.parent / "训练 env" / "whole").exists()
    (asked.parent / "训练 env" / "left over").touch()
    assert run(asked).returncode == 0
    assert not (asked.parent / "训练 env" / "left over").exists()


def test_another_version_of_the_script_builds_again(asked: Path) -> None:
    run(asked)
    (asked.parent / "训练 env" / "whole").write_text("the digest of an older script")
    run(asked)
    assert asked.read_text().count("venv") == 2


def test_a_folder_with_other_files_is_left_alone(asked: Path) -> None:
    kept = asked.parent / "训练 env" / "thesis.md"
    kept.parent.mkdir()
    kept.touch()
    refused = run(asked)
    assert refused.returncode == 1
    assert "不会清空" in refused.stderr
    assert kept.exists()


def test_it_speaks_english_too(asked: Path) -> None:
    assert "is ready" in run(asked, CURATE_LANG="en").stdout


def test_a_python_that_is_none_is_refused(asked: Path) -> None:
    refused = run(asked, PYTHON="/no/python", CURATE_LANG="en")
    assert refused.returncode == 1
    assert "no Python 3.11" in refused.stderr


def test_every_package_is_pinned_and_no_index_is_named() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    pins = text.split("<<'PINS'\n")[1].split("PINS\n")[0].splitlines()
    assert len(pins) > 70
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][0-9A-Za-z.]*", pin) for pin in pins)
    assert pins == sorted(pins, key=str.lower)
    wanted = (
        "llamafactory",
        "transformers",
        "datasets",
        "bitsandbytes",
        "tensorboard",
        "nltk",
        "rouge-chinese",
    )
    assert set(wanted) <= {pin.split("==")[0] for pin in pins}
    assert "://" not in text
