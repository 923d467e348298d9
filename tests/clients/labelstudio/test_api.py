"""What is asked of a Label Studio, what its answers mean, and what becomes of an import that broke off."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from curate.clients.labelstudio.api import Listed, Server
from curate.errors import CurateError
from tests.clients.labelstudio.conftest import ACCESS, COOKIE, TOKEN, Answer, Fake, break_off, jwt


def task(number: int, **data: Any) -> dict[str, Any]:
    """A task as the server lists it."""
    ours = {"curate_id": f"i{number}", "curate_content": "c", "curate_round": 1}
    counts = {"overlap": 2, "total_annotations": 1, "cancelled_annotations": 1}
    return {"id": number, "data": data or ours, "annotations": [], "updated_at": "", **counts}


def page(tasks: list[dict[str, Any]], query: dict[str, str]) -> tuple[int, Any]:
    """As the server does it: what is behind the number that the filter names, at most ``page_size``."""
    first = json.loads(query["query"])["filters"]["items"][0]
    assert (first["filter"], first["operator"]) == ("filter:tasks:id", "greater")
    behind = [one for one in tasks if one["id"] > first["value"]][: int(query["page_size"])]
    return 200, {"tasks": behind, "total": len(tasks)}


FAILURES: dict[str, tuple[Answer, str, str]] = {
    "a wrong token": (401, "HTTP 401", "Personal Access Token"),
    "no right": (403, "HTTP 403", "没有权限"),
    "not there": (404, "HTTP 404", "被删除"),
    "too large": (413, "HTTP 413", "上限"),
    "a server that broke": (500, "HTTP 500", "服务器的日志"),
    "a gateway": (502, "HTTP 502", "服务器的日志"),
    "a redirect": (302, "HTTP 302", "重定向"),
    "a page and no JSON": (200, "不像 Label Studio", "代理"),
    "JSON of something else": ((200, {"hello": "world"}), "不像 Label Studio", "代理"),
    "a list and no object": ((200, [1, 2]), "不像 Label Studio", "代理"),
    "a broken connection": (break_off, "连接断了", "再运行一次"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_an_error_says_what_and_what_to_do_and_no_secret(
    case: str, fake: Fake, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    told, what, todo = FAILURES[case]
    fake.answer = lambda *_: told
    calls = [server.version, lambda: server.listing(7), lambda: server.find_marked("m")]
    if what != "不像 Label Studio":  # of what writes, only the status is read
        calls.append(lambda: server.set_overlap([3], 2))
    with caplog.at_level(logging.DEBUG):
        raised = [_error_of(call) for call in calls]
    assert len(fake.asked) >= len(calls)
    for error in raised:
        assert what in error.problem
        assert fake.url in error.problem
        assert todo in error.hint
        # whoever logs the error with its history must not log the cookie of the SDK's error
        assert (error.__cause__, error.__context__) == (None, None)
    for secret in (TOKEN, ACCESS, COOKIE, "csrf-in-the-page"):
        assert secret not in "".join(map(str, raised)) + caplog.text


def _error_of(call: Callable[[], object]) -> CurateError:
    with pytest.raises(CurateError) as raised:
        call()
    return raised.value


def test_nobody_listens() -> None:
    with Server("http://127.0.0.1:9", TOKEN, tries=1) as server, pytest.raises(CurateError) as raised:
        server.version()
    assert "连不上 Label Studio：http://127.0.0.1:9" in raised.value.problem
    assert "make labelstudio" in raised.value.hint


def test_a_slow_server(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curate.clients.labelstudio.connection.TIMEOUT", 0.05)
    late = threading.Event()

    def wait(handler: BaseHTTPRequestHandler) -> None:
        late.wait(5)
        break_off(handler)

    fake.answer = lambda *_: wait
    with Server(fake.url, TOKEN, tries=1) as server, pytest.raises(CurateError, match="太久没有回答"):
        server.version()
    late.set()


@pytest.mark.parametrize(
    ("url", "token", "what"),
    [
        ("127.0.0.1:8080", TOKEN, "地址不对"),
        ("ftp://127.0.0.1", TOKEN, "地址不对"),
        ("http://admin:geheim@127.0.0.1", TOKEN, "地址不对"),
        ("http://127.0.0.1", " ", "令牌是空的"),
        ("http://127.0.0.1", jwt(1), "HTTP 401"),
    ],
    ids=["no scheme", "another scheme", "a password in it", "no token", "an expired token"],
)
def test_what_cannot_be_a_server(url: str, token: str, what: str) -> None:
    with pytest.raises(CurateError) as raised:
        Server(url, token)
    assert what in raised.value.problem
    assert "geheim" not in str(raised.value)


def test_a_missing_sdk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "label_studio_sdk", None)
    with pytest.raises(CurateError, match="没有安装 label-studio-sdk") as raised:
        Server("http://127.0.0.1", TOKEN)
    assert "pip install 'curate[labelstudio]'" in raised.value.hint


def test_a_server_below_a_path(fake: Fake) -> None:
    fake.answer = lambda *_: (200, {"label-studio-os-package": {"version": "1.23.2"}})
    with Server(f"{fake.url}/biaozhu/", TOKEN) as server:
        assert server.version() == "1.23.2"
    assert [path for _, path, _, _ in fake.asked] == ["/biaozhu/api/version"]


def test_the_listing_goes_on_behind_the_last_number_and_leaves_out_what_is_not_ours(
    fake: Fake, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("curate.clients.labelstudio.connection.PAGE", 2)
    there = [task(1), task(4, text="别人的任务"), task(9)]
    fake.answer = lambda method, path, query, body: page(there, query)
    assert server.listing(7) == [Listed(1, "i1", "c", 1, 2, 2), Listed(9, "i9", "c", 1, 2, 2)]
    assert len(fake.asked) == 2


def test_what_changed_is_asked_for_in_utc_and_users_come_as_numbers(fake: Fake, server: Server) -> None:
    annotation = {"id": 5, "completed_by": {"id": 3, "email": "a@b.c"}, "updated_by": 4, "result": []}
    changed = task(1) | {"annotations": [annotation], "updated_at": "2026-11-22T11:00:00.5Z"}
    fake.answer = lambda method, path, query, body: page([changed], query)
    (found,) = server.changed(7, "2026-11-22T19:00:00+08:00")
    assert found["annotations"][0]["completed_by"] == 3
    assert found["annotations"][0]["updated_by"] == 4
    assert found["annotations"][0]["lead_time"] is None
    (_, _, query, _) = fake.asked[0]
    after = json.loads(query["query"])["filters"]["items"][1]
    assert after["value"] == "2026-11-22T11:00:00.000000Z"
    assert after["filter"] == "filter:tasks:updated_at"
    # what is not named in ``include`` is missing from the annotations too
    assert {"result", "completed_by", "updated_by", "lead_time"} <= set(query["include"].split(","))


class Importing:
    """A server that imports, and breaks as told by ``breaks``: for each call None, ``before`` or ``after`` it has stored."""

    def __init__(self, breaks: list[str | None]) -> None:
        self.breaks, self.there = breaks, list[dict[str, Any]]()

    def __call__(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if path == "/api/tasks/":
            return page(self.there, query)
        assert (method, path) == ("POST", "/api/projects/7/import")
        how = self.breaks.pop(0) if self.breaks else None
        if how != "before":
            start = len(self.there)
            self.there += [task(start + place) | {"data": one["data"]} for place, one in enumerate(body, 1)]
        return 502 if how else (201, {"task_count": len(body)})

    @property
    def names(self) -> list[str]:
        return [one["data"]["curate_id"] for one in self.there]


@pytest.mark.parametrize(
    "breaks",
    [[], ["after"], ["before"], [None, "after"], ["after", None, "after"], ["before", None, "before"]],
    ids=lambda breaks: "-".join(map(str, breaks)) or "whole",
)
def test_no_task_is_imported_twice_and_none_is_lost(
    breaks: list[str | None], fake: Fake, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("curate.clients.labelstudio.api.PAGE", 2)
    fake.answer = importing = Importing(breaks)
    told: list[int] = []
    tasks = [{"data": task(number)["data"]} for number in range(5)]
    assert server.import_tasks(7, tasks, told.append) == 5
    assert importing.names == ["i0", "i1", "i2", "i3", "i4"]
    assert sum(told) == 5


def test_a_server_that_stays_broken_ends_the_import(fake: Fake, server: Server) -> None:
    fake.answer = importing = Importing(["before"] * 9)
    with pytest.raises(CurateError, match="HTTP 502"):
        server.import_tasks(7, [{"data": task(1)["data"]}])
    assert importing.there == []
    assert len(importing.breaks) == 7


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda server: server.import_tasks(7, [{"data": {}}]), r"\$字段"),
        (lambda server: server.update_project(7, config="<View/>"), "--again"),
        (lambda server: server.create_project("ab", "<View/>", "", 2), "3 到 50"),
    ],
    ids=["tasks", "a changed interface", "a new project"],
)
def test_what_the_server_refuses_is_told_in_its_own_words_for_each(
    call: Any, what: str, fake: Fake, server: Server
) -> None:
    fake.answer = lambda *_: (400, {"validation_errors": {"x": ["正文"]}})
    with pytest.raises(CurateError, match=what) as raised:
        call(server)
    assert "正文" not in str(raised.value)
    assert len(fake.asked) == 1, "asked once: a refusal does not change"


def test_only_what_was_listed_and_has_no_annotation_is_deleted(fake: Fake, server: Server) -> None:
    empty = {"total_annotations": 0, "cancelled_annotations": 0}
    there = [task(1) | empty, task(2), task(3) | empty, task(4, text="别人的") | empty]
    fake.answer = lambda method, path, query, body: page(there, query) if method == "GET" else (200, {})
    server.listing(7)
    assert server.delete_tasks([1, 2, 4, 99]) == 1
    (deleted,) = [body for method, _, _, body in fake.asked if method == "POST"]
    assert deleted == {"selectedItems": {"all": False, "included": [1]}}


def test_the_oldest_project_with_the_mark_is_found_on_any_page(fake: Fake, server: Server) -> None:
    pages = {
        "1": {"results": [{"id": 9, "description": "审核 curate:ab"}, {"id": 8, "description": None}], "next": "…"},
        "2": {"results": [{"id": 3, "description": "curate:ab"}, {"id": 2, "description": "curate:abc"}], "next": None},
    }  # fmt: skip
    fake.answer = lambda method, path, query, body: (200, pages[query["page"]])
    assert server.find_marked("curate:ab") == 3
    assert server.find_marked("curate:zz") is None


def test_marks_are_shown_to_those_who_annotate(fake: Fake, server: Server) -> None:
    importing = Importing([])

    def answer(method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if path == "/api/projects/7/":
            return 200, {"model_version": ""}
        return importing(method, path, query, body)

    fake.answer = answer
    server.import_tasks(
        7, [{"data": task(1)["data"], "predictions": [{"model_version": "curate", "result": []}]}]
    )
    assert fake.asked[-1][0] == "PATCH"
    assert fake.asked[-1][3] == {"model_version": "curate"}
