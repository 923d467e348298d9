"""A Label Studio on this machine: listens on 127.0.0.1 alone, reports to nobody, and keeps everything in one folder."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from curate.clients.labelstudio import logs
from curate.clients.labelstudio.accounts import ADMIN, Accounts, read_people
from curate.errors import CurateError
from curate.language import say

HOST = "127.0.0.1"
#: seconds until the server answers: a first start makes the database, 40 s here and minutes on a loaded machine
_PATIENCE = 600.0
#: what the server needs of our environment. Not all of it: it reads settings from bare names (HOST, DEBUG …), and keys of
#: language models are none of its business
_PASSED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")


def serve(
    folder: Path, port: int, accounts: Path | None, env: Path, on_ready: Callable[[str, Path], None]
) -> None:
    """Run a server until it is interrupted (Ctrl-C, SIGTERM, a closed terminal).

    Args:
        folder: everything that the server keeps: database, secret key, exports, log, and ``accounts.json`` (mode 0600) with
            the passwords and tokens. A new one takes a minute, one that was used before some seconds.
        port: 0 for any free one.
        accounts: csv of those who annotate: email, name, role (annotator, expert).
        env: the environment that ``labelstudio/server.sh`` makes.
        on_ready: is given the address and the file with the passwords.

    Raises:
        CurateError: no environment, the port or the folder is in use, a wrong csv, or the server does not start or ends by itself.
    """
    # SIGINT too: a shell starts what runs in its background with that one ignored
    stops = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, signal.default_int_handler) for number in stops}
    try:
        with running(folder, port, accounts, env) as (url, process):
            on_ready(url, folder / "accounts.json")
            process.wait()
            raise _ended(folder, process.returncode)
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def running(
    folder: Path, port: int, accounts: Path | None, env: Path
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """(address, process) of a server that answers and has its accounts; stopped behind the block. As ``serve`` otherwise."""
    program = env.absolute() / "bin" / "label-studio"
    if not program.exists():
        raise CurateError(
            say(f"没有 Label Studio 的环境：{env}", f"there is no environment of Label Studio: {env}"),
            say(
                f"先运行 make labelstudio-env，或 bash labelstudio/server.sh {env}",
                f"run make labelstudio-env first, or bash labelstudio/server.sh {env}",
            ),
        )
    logs.keep_secrets_out()
    people = read_people(accounts) if accounts else []
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # the database and the key that signs tokens are in it
    with _alone(folder) as lock:
        port = _free(port)
        url, kept = f"http://{HOST}:{port}", Accounts(folder / "accounts.json")
        kept.expect(people)
        process = _start(program, folder, port, kept.there[ADMIN].password, lock)
        try:
            _wait(url, folder, process)
            kept.make(url)
            yield url, process
        finally:
            _stop(process)


@contextmanager
def _alone(folder: Path) -> Iterator[IO[str]]:
    """Two servers over one database would not know of each other's locks.

    The lock goes on to the server's process: it is held as long as that lives, also when we are killed. It names that process.
    """
    import fcntl

    with (folder / "lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            number = lock.read()
            raise CurateError(
                say(
                    f"已经有一个 Label Studio 在用 {folder}（进程 {number}）",
                    f"a Label Studio is running on {folder} already (process {number})",
                ),
                say(f"用那一个，或先停掉它：kill {number}", f"use that one, or stop it first: kill {number}"),
            ) from None
        yield lock


def _free(port: int) -> int:
    """The port, if nobody listens on it: the server itself would go to the next one without a word."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise CurateError(
                say(f"端口 {port} 已被占用", f"the port {port} is in use"),
                say("换一个：--port 8090", "take another: --port 8090"),
            ) from None
        return int(probe.getsockname()[1])


def _settings(folder: Path, password: str) -> dict[str, str]:
    """The whole environment of the server. The password is here and not on the command line, which everybody can read."""
    return {
        **{name: os.environ[name] for name in _PASSED if name in os.environ},
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder),
        # otherwise it writes into the home folder
        "XDG_CONFIG_HOME": str(folder / "xdg"),
        "XDG_DATA_HOME": str(folder / "xdg"),
        "LABEL_STUDIO_USERNAME": ADMIN,
        "LABEL_STUDIO_PASSWORD": password,
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        # empty and not absent: the default is the maker's own address
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        # seconds that an opened task is kept from others; the default is a day
        "LABEL_STUDIO_TASK_LOCK_TTL": "3600",
        "PYTHONUNBUFFERED": "1",
    }


def _start(program: Path, folder: Path, port: int, password: str, lock: IO[str]) -> subprocess.Popen[bytes]:
    command = [
        str(program),
        "start",
        "--no-browser",
        "--internal-host",
        HOST,
        "--port",
        str(port),
        "--log-level",
        "WARNING",
    ]
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(folder / "serve.log", flags, 0o600), "wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=_settings(folder, password), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,  # Ctrl-C is for us, who then stop it
            pass_fds=[lock.fileno()],
        )  # fmt: skip
    lock.truncate(0)
    lock.write(str(process.pid))
    lock.flush()
    return process


def _wait(url: str, folder: Path, process: subprocess.Popen[Any]) -> None:
    """Until the server answers.

    Raises:
        CurateError: it ended, or has not answered in time.
    """
    import httpx2

    late = time.monotonic() + _PATIENCE
    with httpx2.Client(base_url=url, trust_env=False, timeout=30) as web:
        while time.monotonic() < late:
            if process.poll() is not None:
                raise _ended(folder, process.returncode)
            try:
                if web.get("/health").status_code == 200:
                    return
            except httpx2.TransportError:
                pass  # not yet
            time.sleep(0.1)
    raise CurateError(
        say(f"Label Studio {_PATIENCE:g} 秒还没有启动好", f"Label Studio did not come up in {_PATIENCE:g} s"),
        say(f"看日志：{folder / 'serve.log'}", f"its log: {folder / 'serve.log'}"),
    )


def _ended(folder: Path, code: int) -> CurateError:
    return CurateError(
        say(f"Label Studio 自己停了（{code}）", f"Label Studio ended by itself ({code})"),
        say(f"看日志：{folder / 'serve.log'}", f"its log: {folder / 'serve.log'}"),
    )


def _stop(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
