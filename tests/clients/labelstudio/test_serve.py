"""The process of the server: what it is started with, when it is refused, and that it does not stay behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from curate.clients.labelstudio.accounts import ADMIN
from curate.clients.labelstudio.serve import running, serve
from curate.errors import CurateError

#: answers /health, and writes down how it was called
PROGRAM = f"""#!{sys.executable}
import http.server, json, os, pathlib, sys
pathlib.Path("called.json").write_text(json.dumps([sys.argv[1:], dict(os.environ)]))
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Handler).serve_forever(0.02)
"""
Env = Callable[[str], Path]


@pytest.fixture
def env(tmp_path: Path) -> Env:
    """An environment whose ``label-studio`` is this program."""

    def make(program: str) -> Path:
        file = tmp_path / "env" / "bin" / "label-studio"
        file.parent.mkdir(parents=True)
        file.write_text(program, encoding="utf-8")
        file.chmod(0o755)
        return tmp_path / "env"

    return make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose only account, the administrator's, is made already."""
    made = tmp_path / "server"
    made.mkdir()
    admin = {"email": ADMIN, "name": "admin", "role": "admin", "password": "geheim-123", "token": "t"}
    (made / "accounts.json").write_text(json.dumps({"accounts": [admin]}), encoding="utf-8")
    return made


def test_it_listens_here_alone_reports_to_nobody_and_knows_no_key_of_ours(
    env: Env, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_API_KEY", "sk-secret")
    monkeypatch.setenv("LABEL_STUDIO_HOST", "https://elsewhere.example.com")
    with running(folder, 0, None, env(PROGRAM)) as (url, process):
        command, environ = json.loads((folder / "called.json").read_text(encoding="utf-8"))
        assert process.poll() is None
    assert process.poll() is not None, "stopped behind the block"
    assert url == f"http://127.0.0.1:{command[command.index('--port') + 1]}"
    assert command[command.index("--internal-host") + 1] == "127.0.0.1"
    assert "geheim-123" not in command
    assert environ["LABEL_STUDIO_PASSWORD"] == "geheim-123"
    assert environ["SENTRY_DSN"] == environ["FRONTEND_SENTRY_DSN"] == ""
    assert environ["COLLECT_ANALYTICS"] == environ["LATEST_VERSION_CHECK"] == "false"
    assert environ["LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK"] == "true"
    assert environ["LABEL_STUDIO_TASK_LOCK_TTL"] == "3600"
    for name in ("LABEL_STUDIO_BASE_DATA_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        assert Path(environ[name]).is_relative_to(folder)
    assert not {"LLM_API_KEY", "LABEL_STUDIO_HOST"} & set(environ)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "serve.log").stat().st_mode) == 0o600


def test_a_missing_environment_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CurateError, match="没有 Label Studio 的环境") as raised:
        serve(folder, 0, None, tmp_path / "nowhere", lambda url, file: None)
    assert "make labelstudio-env" in raised.value.hint


def test_a_port_in_use_is_refused(env: Env, folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(CurateError, match=f"端口 {port} 已被占用"),
            running(folder, port, None, env(PROGRAM)),
        ):
            pass


def test_a_folder_has_one_server_at_a_time(env: Env, folder: Path) -> None:
    program = env(PROGRAM)
    with running(folder, 0, None, program):
        with pytest.raises(CurateError, match="已经有一个 Label Studio"), running(folder, 0, None, program):
            pass
    with running(folder, 0, None, program) as (_, process):
        assert process.poll() is None


def test_a_server_whose_keeper_was_killed_is_named(env: Env, folder: Path) -> None:
    program = env(PROGRAM)
    keeper = start(folder, program)
    assert keeper.stdout
    keeper.stdout.readline()
    keeper.kill()
    keeper.communicate()
    with (
        pytest.raises(CurateError, match="已经有一个 Label Studio") as raised,
        running(folder, 0, None, program),
    ):
        pass
    left = int(raised.value.hint.rpartition("kill ")[2])
    os.kill(left, signal.SIGTERM)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            with running(folder, 0, None, program) as (_, process):
                assert process.poll() is None
                return
        except CurateError:
            time.sleep(0.05)
    pytest.fail("the folder stays locked")


def test_a_server_that_does_not_start_names_its_log(env: Env, folder: Path) -> None:
    with pytest.raises(CurateError, match=r"自己停了（3）") as raised:
        serve(folder, 0, None, env("#!/bin/sh\necho broken\nexit 3\n"), lambda url, file: None)
    assert str(folder / "serve.log") in raised.value.hint
    assert (folder / "serve.log").read_text(encoding="utf-8") == "broken\n"


def start(folder: Path, program: Path) -> subprocess.Popen[str]:
    """``serve`` as a process of its own; it prints address and file, and at its end that it ended well."""
    code = (
        "import sys; from pathlib import Path; from curate.clients.labelstudio.serve import serve\n"
        "serve(Path(sys.argv[1]), 0, None, Path(sys.argv[2]), lambda url, file: print(url, file, flush=True))\n"
        "print('ended well', flush=True)"
    )
    return subprocess.Popen([sys.executable, "-c", code, folder, program], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_both(number: signal.Signals, env: Env, folder: Path) -> None:
    process = start(folder, env(PROGRAM))
    assert process.stdout
    url, file = process.stdout.readline().split()
    assert file == str(folder / "accounts.json")
    process.send_signal(number)
    rest, _ = process.communicate(timeout=20)
    assert (rest, process.returncode) == ("ended well\n", 0)
    port = int(url.rpartition(":")[2])
    with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
        probe.connect(("127.0.0.1", port))
