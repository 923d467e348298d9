"""The client and the server's keeper against a real Label Studio 1.23 on 127.0.0.1."""

from __future__ import annotations

import json
import logging
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from curate.clients.labelstudio import logs
from curate.clients.labelstudio.accounts import Accounts
from curate.clients.labelstudio.api import MODEL_VERSION, Listed, Server
from curate.clients.labelstudio.serve import running
from curate.errors import CurateError
from tests.servers.labelstudio import PEOPLE, Served, environment, labelstudio, template

pytestmark = pytest.mark.live

PAGE = """<View><Text name="text" value="$text"/>
<Choices name="label" toName="text"><Choice value="好" alias="good"/><Choice value="坏" alias="bad"/></Choices></View>"""
GOOD = [{"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["good"]}}]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with labelstudio(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def server(served: Served) -> Iterator[Server]:
    with Server(served.url, served.admin.token or "") as opened:
        yield opened


@pytest.fixture
def newcomers(tmp_path: Path) -> Path:
    """The csv of the template and one person more."""
    people = tmp_path / "people.csv"
    people.write_text(
        PEOPLE.read_text(encoding="utf-8") + "xin.lai@example.com,新来,annotator\n", encoding="utf-8"
    )
    return people


def tasks(count: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {"data": {"text": f"第{n}届展会", "curate_id": f"i{n}", "curate_content": "c", "curate_round": 1}}
        | more
        for n in range(count)
    ]


def annotate(who: str, url: str, method: str, path: str, body: Any) -> Any:
    """As a script of an annotator would do it: with the token alone, and whatever body."""
    with httpx2.Client(base_url=url, trust_env=False, timeout=60) as web:
        access = web.post("/api/token/refresh/", json={"refresh": who}).json()["access"]
        answer = web.request(method, path, json=body, headers={"Authorization": f"Bearer {access}"})
        assert answer.status_code < 300, answer.status_code
        return answer.json() if answer.content else None


def test_everybody_of_the_csv_has_an_account_a_password_and_a_token(served: Served) -> None:
    for account in (*served.annotators, served.expert, served.admin):
        with Server(served.url, account.token or "") as server:
            assert server.whoami() == account.email
        with httpx2.Client(base_url=served.url, trust_env=False, timeout=60) as web:
            web.get("/user/login/")
            form = {
                "email": account.email,
                "password": account.password,
                "csrfmiddlewaretoken": web.cookies["csrftoken"],
            }
            assert web.post("/user/login/", data=form, headers={"Referer": served.url}).status_code == 302
    assert stat.S_IMODE((served.folder / "accounts.json").stat().st_mode) == 0o600


def test_nobody_signs_up_without_the_link(served: Served) -> None:
    with httpx2.Client(base_url=served.url, trust_env=False, timeout=60) as web:
        web.get("/user/login/")
        form = {
            "email": "x@y.cn",
            "password": "long-enough-1",
            "csrfmiddlewaretoken": web.cookies["csrftoken"],
        }
        answer = web.post("/user/signup/", data=form, headers={"Referer": served.url})
    assert answer.status_code == 403


def test_it_listens_on_this_machine_alone(served: Served) -> None:
    port = f"{int(served.url.rpartition(':')[2]):04X}"
    listening = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            address, _, state = line.split()[1:4]
            if address.endswith(f":{port}") and state == "0A":
                listening.append(address.partition(":")[0])
    assert listening == ["0100007F"]


def test_a_second_start_makes_only_who_is_missing(tmp_path: Path, newcomers: Path) -> None:
    folder = tmp_path / "server"
    shutil.copytree(template(), folder)
    before = Accounts(folder / "accounts.json").there
    lost = json.loads((folder / "accounts.json").read_text(encoding="utf-8"))
    lost["accounts"][1]["token"] = (
        None  # killed after the account was made, before its token was written down
    )
    (folder / "accounts.json").write_text(json.dumps(lost), encoding="utf-8")
    with running(folder, 0, newcomers, environment()) as (url, _):
        now = Accounts(folder / "accounts.json").there
        assert set(now) - set(before) == {"xin.lai@example.com"}
        (used,) = set(
            re.findall(r"/user/signup/\?token=(\S+)", (folder / "serve.log").read_text(encoding="utf-8"))
        )
        changed = {email for email, account in before.items() if now[email] != account}
        assert changed == {"chen.lan@example.com"}, "a new token, and nothing else of anybody"
        assert now["chen.lan@example.com"].password == before["chen.lan@example.com"].password
        for email in ("chen.lan@example.com", "xin.lai@example.com"):
            with Server(url, now[email].token or "") as server:
                assert server.whoami() == email
                assert sorted(server.users().values()) == sorted(now)
                assert used not in server._to.get("", "api/invite")["invite_url"], (
                    "a link in a log opens nothing"
                )


def test_a_project_is_made_filled_listed_and_changed(server: Server) -> None:
    assert server.version() == "1.23.2"
    project = server.create_project("配方 · 很长的名字" * 9, PAGE, "<p>说明</p>", 2, "curate:mark-1")
    assert server.find_project(project)
    assert server.find_marked("curate:mark-1") == project
    assert server.find_marked("curate:mark") is None
    assert server.import_tasks(project, tasks(1200)) == 1200
    server._to.send("", "POST", f"api/projects/{project}/import", [{"data": {"text": "别人的"}}])
    there = server.listing(project)
    assert [task.curate_id for task in there] == [f"i{n}" for n in range(1200)]
    first, _, third = there[:3]
    assert first == Listed(first.task_id, "i0", "c", 1, 2, 0)
    server.set_overlap([first.task_id], 3)
    assert server.delete_tasks([third.task_id]) == 1
    there = server.listing(project)
    assert [task.overlap for task in there[:2]] == [3, 2]
    assert len(there) == 1199
    server.update_project(project, instructions="<p>新的</p>", overlap=4)
    assert {task.overlap for task in server.listing(project)} == {4}
    assert not server.find_project(project + 1000)


def test_marks_are_those_that_the_project_shows(server: Server) -> None:
    project = server.create_project("带预标注", PAGE, "", 1)
    server.import_tasks(project, tasks(2, predictions=[{"model_version": MODEL_VERSION, "result": GOOD}]))
    assert server._to.get("", f"api/projects/{project}/")["model_version"] == MODEL_VERSION


def test_what_the_server_refuses_is_told(server: Server, served: Served) -> None:
    project = server.create_project("被拒绝的", PAGE, "", 1)
    with pytest.raises(CurateError, match=r"\$字段"):
        server.import_tasks(project, [{"data": {"curate_id": "x"}}])
    server.import_tasks(project, tasks(1))
    (task,) = server.listing(project)
    annotate(
        served.expert.token or "",
        served.url,
        "POST",
        f"/api/tasks/{task.task_id}/annotations/",
        {"result": GOOD},
    )
    with pytest.raises(CurateError, match="--again"):
        server.update_project(project, config=PAGE.replace('name="label"', 'name="other"'))
    assert server.delete_tasks([task.task_id]) == 0, "somebody has judged it"
    with pytest.raises(CurateError, match="3 到 50"):
        server.create_project("ab", PAGE, "", 1)


def test_what_changed_and_who_really_made_it(server: Server, served: Served) -> None:
    project = server.create_project("谁做的", PAGE, "", 2)
    server.import_tasks(project, tasks(8))
    numbers = {email: number for number, email in server.users().items()}
    one, two, three = (account.token or "" for account in served.annotators)
    me, other, third = (numbers[account.email] for account in served.annotators)
    ids = [task.task_id for task in server.listing(project)]
    whole = list(server.changed(project))
    assert [task["id"] for task in whole] == ids
    start = max(task["updated_at"] for task in whole)

    def post(who: str, task: int, **more: Any) -> int:
        made = annotate(who, served.url, "POST", f"/api/tasks/{task}/annotations/", {"result": GOOD, **more})
        return int(made["id"])

    post(one, ids[0], lead_time=4.5)
    post(one, ids[1], completed_by=other)
    given = post(one, ids[2])
    annotate(
        one, served.url, "PATCH", f"/api/annotations/{given}/", {"completed_by": other, "updated_by": other}
    )
    touched = post(one, ids[3])
    annotate(two, served.url, "PATCH", f"/api/annotations/{touched}/", {"result": []})
    post(three, ids[4], result=[], was_cancelled=True)
    deleted = post(three, ids[5])
    annotate(three, served.url, "DELETE", f"/api/annotations/{deleted}/", None)
    found = {task["id"]: task["annotations"] for task in server.changed(project, start)}
    assert sorted(found) == ids[:6], "also the one whose annotation is gone; not the two that nobody touched"
    makers = [(mine["completed_by"], mine["updated_by"]) for task in ids[:4] for mine in found[task]]
    assert makers == [(me, me), (other, me), (other, me), (me, other)]
    (mine,) = found[ids[0]]
    assert (mine["result"], mine["was_cancelled"], mine["lead_time"]) == (GOOD, False, 4.5)
    assert found[ids[4]][0]["was_cancelled"] is True
    assert found[ids[5]] == []
    assert [task.annotations for task in server.listing(project)] == [1, 1, 1, 1, 1, 0, 0, 0]
    latest = max(task["updated_at"] for task in server.changed(project, start))
    assert list(server.changed(project, latest)) == []

    server._to.send("", "DELETE", f"api/users/{third}/", None)
    assert third not in server.users()
    assert list(server.changed(project, latest)) == [], "a user's deletion changes no task"
    gone = {task["id"]: task["annotations"] for task in server.changed(project)}[ids[4]][0]
    assert (gone["completed_by"], gone["updated_by"]) == (None, None)


def test_no_secret_is_in_a_log_an_error_or_on_the_screen(
    tmp_path: Path, newcomers: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in (*logs._TRACES, *logs._REQUESTS):
        logging.getLogger(name).filters.clear()
    folder, errors, cookies = tmp_path / "server", list[Exception](), list[str]()
    shutil.copytree(template(), folder)
    with caplog.at_level(logging.DEBUG), running(folder, 0, newcomers, environment()) as (url, _):
        people = Accounts(folder / "accounts.json").there.values()
        (admin,) = (account.token or "" for account in people if account.role == "admin")
        with Server(url, admin, tries=1) as server:
            invitation = server._to.get("", "api/invite")["invite_url"].partition("token=")[2]
            project = server.create_project("失败的调用", PAGE, "", 1)
            for call in (
                lambda: server.listing(project + 99),
                lambda: server.set_overlap([10**6], 2),
                lambda: server.update_project(project, config="<View>"),
                lambda: server.import_tasks(project, [{"data": {}}]),
                lambda: server._to.get("a page of 170 kB", "api/nowhere/"),
            ):
                with pytest.raises(CurateError) as raised:
                    call()
                errors.append(raised.value)
            cookies += server._to._web.cookies.values()
        with (
            pytest.raises(CurateError, match="401") as raised,
            Server(url, admin[:-4] + "AAAA", tries=1) as forged,
        ):
            forged.version()
        errors.append(raised.value)
    assert cookies, "the server gave a session"
    screen, kept = capfd.readouterr(), (folder / "serve.log").read_text(encoding="utf-8")
    said = "".join([caplog.text, screen.out, screen.err, kept, *map(repr, errors), *map(str, errors)])
    assert "/user/signup/?token=***" in said
    assert "/api/nowhere/" in said
    passwords = [secret for account in people for secret in (account.password, account.token or "")]
    for secret in (*passwords, *cookies, invitation, admin[:-4], "sessionid=", "csrftoken=", "Bearer "):
        assert secret
        assert secret not in said


def test_the_environment_is_made_once() -> None:
    script = PEOPLE.parent / "server.sh"
    done = subprocess.run(["bash", script, environment()], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "已就绪" in done.stdout
    assert "正在建立" not in done.stdout


def test_a_legacy_token_works_where_the_organisation_allows_it(served: Served, server: Server) -> None:
    legacy = str(server._to.get("", "api/current-user/token")["token"])
    with Server(served.url, legacy, tries=1) as old, pytest.raises(CurateError, match="401"):
        old.whoami()
    server._to.send("", "POST", "api/jwt/settings", {"legacy_api_tokens_enabled": True})
    with Server(served.url, legacy, tries=1) as old:
        assert old.whoami() == served.admin.email
        assert old.find_project(10**6) is False
