"""Real PostgreSQL and MariaDB servers, from Debian's packages (``databases.sh``)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import pytest

from curate.errors import CurateError
from curate.sources import Corpus, fetch

pytestmark = pytest.mark.live

PASSWORD = "geheim:W0rt/%41@x"
SCRIPT = Path(__file__).parent / "databases.sh"
#: more than a batch and a part
MANY = 60_000


@dataclass(frozen=True)
class Server:
    """``execute(*statements)`` in a connection of its own, as a user of the database would."""

    kind: str
    url: str
    execute: Callable[..., None]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _served(kind: str, folder: Path, port: int, log: Path) -> Iterator[None]:
    """The server, until the test session ends; the first time its package is installed."""
    environment = {**os.environ, "DATABASE_PASSWORD": PASSWORD}
    with log.open("wb") as out:
        server = subprocess.Popen(
            [SCRIPT, kind, folder, str(port)], env=environment, stdout=out, stderr=out, start_new_session=True
        )
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", port)):
                    break
            if server.poll() is not None:
                pytest.fail(f"{kind} did not start: {log.read_text()[-2000:]}")
            time.sleep(0.5)
        yield
    finally:
        # its own process group, with the children that changed the user
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Where an unprivileged server may go: pytest's own folders are closed to others."""
    with tempfile.TemporaryDirectory(prefix="curate-databases-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture(scope="session")
def postgres(folder: Path) -> Iterator[Server]:
    from adbc_driver_postgresql import dbapi

    port = _free_port()
    url = f"postgresql://curate:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/postgres"

    def execute(*statements: str) -> None:
        with dbapi.connect(url) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    for _ in _served("postgres", folder / "postgres", port, folder / "postgres.log"):
        _retried(execute)
        yield Server("postgresql", url, execute)


@pytest.fixture(scope="session")
def mariadb(folder: Path) -> Iterator[Server]:
    import pymysql

    port = _free_port()

    def execute(*statements: str) -> None:
        connection = pymysql.connect(
            host="127.0.0.1", port=port, user="curate", password=PASSWORD, database="expo", charset="utf8mb4"
        )
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()

    for _ in _served("mariadb", folder / "mariadb", port, folder / "mariadb.log"):
        _retried(execute)
        yield Server("mysql", f"mysql://curate:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/expo", execute)


def _retried(execute: Callable[..., None]) -> None:
    """A server may listen before it answers."""
    for attempt in range(40):
        try:
            return execute("SELECT 1")
        except Exception:
            if attempt == 39:
                raise
            time.sleep(0.5)
    return None


@pytest.fixture(params=["postgres", "mariadb"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Server:
    found: Server = request.getfixturevalue(request.param)
    monkeypatch.setenv("EXPO_DB", found.url)
    return found


def rows(folder: Path, limit: int | None = None, **database: Any) -> pl.DataFrame:
    corpus = Corpus(database={"url_env": "EXPO_DB", **database}, key="id")
    files = fetch(corpus, "c", folder, folder / "runs", limit)
    return pl.concat([pl.read_parquet(file) for file in files], how="diagonal_relaxed")


def test_postgresql_types_are_kept_or_become_text(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPO_DB", postgres.url)
    columns = {
        "id": ("int", "1", 1),
        "big": ("bigint", "9007199254740993", 9007199254740993),
        "price": ("numeric(12,2)", "12.50", "12.50"),
        "share": ("float8", "0.1", 0.1),
        "open": ("bool", "true", True),
        "code": ("char(5)", "'00123'", "00123"),
        "day": ("date", "'2026-03-05'", "2026-03-05"),
        "forever": ("date", "'infinity'", "None"),
        "at": ("timestamptz", "'2026-03-05 14:30+08'", "2026-03-05 06:30:00+00:00"),
        "about": ("jsonb", """'{"馆": [1]}'""", '{"馆": [1]}'),
        "halls": ("text[]", "ARRAY['一号馆','二号馆']", '["一号馆","二号馆"]'),
        "raw": ("bytea", r"'\x01ff'", "01ff"),
        "uuid": ("uuid", "'00000000-0000-0000-0000-000000000001'", "00000000-0000-0000-0000-000000000001"),
        "host": ("inet", "'10.0.0.1'", "10.0.0.1/32"),
        "lasts": ("interval", "'1 day 2 hours'", "1 day 02:00:00"),
    }
    made = ", ".join(f'"{name}" {kind}' for name, (kind, _, _) in columns.items())
    values = ", ".join(value for _, value, _ in columns.values())
    postgres.execute(
        "DROP TABLE IF EXISTS types", f"CREATE TABLE types ({made})", f"INSERT INTO types VALUES ({values})"
    )
    row = rows(tmp_path, table="public.types").row(0, named=True)
    assert {
        name: value if isinstance(value, int | float | str) else str(value) for name, value in row.items()
    } == {name: value for name, (_, _, value) in columns.items()}


def test_mariadb_types_are_kept_or_become_text(
    mariadb: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPO_DB", mariadb.url)
    columns = {
        "id": ("int", "1", 1),
        "big": ("bigint unsigned", "18446744073709551615", "18446744073709551615"),
        "price": ("decimal(12,2)", "12.50", "12.50"),
        "day": ("date", "'2026-03-05'", "2026-03-05"),
        "at": ("datetime(3)", "'2026-03-05 14:30:00.5'", "2026-03-05 14:30:00.500000"),
        "opens": ("time", "'09:30:00'", "09:30:00"),
        "about": ("json", """'{"a": 1}'""", '{"a": 1}'),
        "raw": ("blob", "x'01ff'", "01ff"),
        "mood": ("text", "'展会😀'", "展会😀"),
    }
    made = ", ".join(f"`{name}` {kind}" for name, (kind, _, _) in columns.items())
    values = ", ".join(value for _, value, _ in columns.values())
    mariadb.execute(
        "DROP TABLE IF EXISTS types", f"CREATE TABLE types ({made})", f"INSERT INTO types VALUES ({values})"
    )
    row = rows(tmp_path, table="types").row(0, named=True)
    assert {name: value if isinstance(value, int | str) else str(value) for name, value in row.items()} == {
        name: value for name, (_, _, value) in columns.items()
    }


def test_many_rows_come_in_the_order_of_the_key(server: Server, tmp_path: Path) -> None:
    numbers = {
        "postgresql": f"SELECT g FROM generate_series(1, {MANY}) AS g",
        "mysql": f"SELECT seq FROM seq_1_to_{MANY}",
    }[server.kind]
    server.execute(
        "DROP TABLE IF EXISTS many", "CREATE TABLE many (id int PRIMARY KEY)", f"INSERT INTO many {numbers}"
    )
    assert rows(tmp_path, table="many")["id"].to_list() == list(range(1, MANY + 1))
    assert rows(tmp_path, table="many", limit=7).height == 7


def test_incremental_reads_what_is_new(server: Server, tmp_path: Path) -> None:
    source: dict[str, Any] = {"table": "news", "incremental": "changed"}
    server.execute(
        "DROP TABLE IF EXISTS news",
        "CREATE TABLE news (id int PRIMARY KEY, changed timestamp NULL)",
        "INSERT INTO news VALUES (1, '2026-03-01 08:00:00'), (2, '2026-03-01 09:00:00'), (3, NULL)",
    )
    assert rows(tmp_path, **source)["id"].sort().to_list() == [1, 2, 3]
    server.execute(
        "INSERT INTO news VALUES (4, '2026-03-01 09:00:00'), (5, '2026-03-02 09:00:00'), (6, NULL)",
        "UPDATE news SET changed = '2026-03-03 09:00:00' WHERE id = 1",
    )
    assert rows(tmp_path, **source)["id"].sort().to_list() == [1, 1, 2, 3, 4, 5, 6]
    assert rows(tmp_path, **source)["id"].sort().to_list() == [1, 1, 2, 3, 4, 5, 6]


def test_incremental_by_a_decimal_does_not_compare_as_words(server: Server, tmp_path: Path) -> None:
    source: dict[str, Any] = {"table": "amounts", "incremental": "amount"}
    server.execute(
        "DROP TABLE IF EXISTS amounts", "CREATE TABLE amounts (id int PRIMARY KEY, amount numeric(20,1))"
    )
    server.execute("INSERT INTO amounts VALUES (1, 9.5), (2, 100.5)")
    rows(tmp_path, **source)
    server.execute("INSERT INTO amounts VALUES (3, 99.5), (4, 100.5), (5, 1000.5)")
    assert rows(tmp_path, **source)["id"].to_list() == [1, 2, 4, 5]


def test_nothing_can_be_written(server: Server, tmp_path: Path) -> None:
    server.execute("DROP TABLE IF EXISTS safe", "CREATE TABLE safe (id int)", "INSERT INTO safe VALUES (1)")
    with pytest.raises(CurateError, match="读不出来"):
        rows(tmp_path, query="DELETE FROM safe")
    assert rows(tmp_path, table="safe").height == 1


@pytest.mark.parametrize("wrong", ["password", "port", "table"])
def test_an_error_never_shows_the_password(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    secret = "falsch:W0rt/%41@x" if wrong == "password" else PASSWORD
    address = server.url.replace(quote(PASSWORD, safe=""), quote(secret, safe=""))
    if wrong == "port":
        before, _, name = address.rpartition("/")
        address = f"{before.rpartition(':')[0]}:1/{name}"
    monkeypatch.setenv("EXPO_DB", address)
    with pytest.raises(CurateError, match="读不出来") as error:
        rows(tmp_path, table="there_is_none")
    for told in (secret, quote(secret, safe=""), "W0rt"):
        assert told not in str(error.value)
    assert error.value.__cause__ is None


RECIPE = """\
name: expo
corpora:
  companies:
    database: {url_env: EXPO_DB, table: companies, incremental: changed}
    key: id
    text: "{{name}}"
    columns: {updated_at: changed}
export: [rag]
"""


def test_a_run_from_a_database_keeps_the_password_to_itself(server: Server, tmp_path: Path) -> None:
    server.execute(
        "DROP TABLE IF EXISTS companies",
        "CREATE TABLE companies (id int PRIMARY KEY, name varchar(99), changed timestamp NULL)",
        "INSERT INTO companies VALUES (1, '上海国际展览有限公司', '2026-03-01 08:00:00')",
    )
    (tmp_path / "expo.yaml").write_text(RECIPE, encoding="utf-8")
    told = "".join(_curate(tmp_path, command) for command in ("check", "run", "run"))
    server.execute("INSERT INTO companies VALUES (2, '广州家具展览有限公司', '2026-03-02 08:00:00')")
    told += _curate(tmp_path, "run")
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    shards = [pl.read_parquet(file) for file in (tmp_path / "runs/cache").glob("*/kept/*.parquet")]
    assert {2} <= {shard.height for shard in shards}, "the second row came"
    for secret in (PASSWORD, quote(PASSWORD, safe=""), "W0rt"):
        assert secret not in told
        for file in files:
            assert secret.encode() not in file.read_bytes(), file


def _curate(workspace: Path, command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "curate.cli", command, str(workspace / "expo.yaml")],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
