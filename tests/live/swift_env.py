"""The environments in which ms-swift and today's TRL read data sets, made when a test first asks for them.

They stand on the train environment (torch, transformers) and add only what their reading of data imports: ms-swift's
full list of packages takes minutes and more than a gigabyte.
"""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

from filelock import FileLock

from tests.live.train_env import train_python

#: Without their dependencies, so the lists are whole. Both want a newer ``datasets`` than LLaMA-Factory allows.
SWIFT = [
    "ms-swift==4.6.0",
    "datasets==4.8.4",
    "modelscope==1.40.2",
    "modelscope_hub==0.5.1",
    "json_repair==0.64.5",
    "cryptography==50.0.2",
    "cffi==2.1.1",
    "pycparser==3.12",
]
TRL = ["trl==1.16.0", "datasets==4.8.4"]
#: seconds until an installation is given up
PATIENCE = 600


@cache
def swift_python() -> Path:
    """The Python that has ms-swift."""
    return _on_top("swift", SWIFT, "from swift.dataset import AutoPreprocessor")


@cache
def trl_python() -> Path:
    """The Python that has TRL of another year than LLaMA-Factory's own 0.24, which does not start without it."""
    return _on_top("trl", TRL, "from trl import SFTTrainer, DPOTrainer, KTOTrainer")


def _on_top(name: str, pins: list[str], proof: str) -> Path:
    """An environment over the train environment. It lies in that one's folder and so is made anew with it; nothing is
    done when it is whole.
    """
    train = train_python()
    folder = train.parents[1] / name
    python, whole = folder / "bin" / "python", folder / "whole"
    with FileLock(f"{folder}.lock"):  # two at a time would remove each other's work
        if not whole.is_file() or whole.read_text(encoding="utf-8").split() != pins:
            _run([train, "-m", "venv", "--without-pip", "--clear", folder])
            pip: list[str | Path] = [
                train,
                "-m",
                "pip",
                "--python",
                python,
                "--disable-pip-version-check",
                "--no-input",
            ]
            _run([*pip, "install", "--quiet", "--no-deps", *pins])
            own, below = (
                _run([which, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"])
                for which in (python, train)
            )
            # its own packages come first, the train environment's behind them; only now, or pip would count them in
            (Path(own) / "train.pth").write_text(f"{below}\n", encoding="utf-8")
            _run([python, "-I", "-c", proof])
            whole.write_text("\n".join(pins), encoding="utf-8")  # last: without it the next call starts over
    return python


def _run(command: list[str | Path]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()
