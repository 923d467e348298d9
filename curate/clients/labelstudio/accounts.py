"""The accounts of a Label Studio on this machine: who may annotate, with generated passwords and access tokens.

The community edition has no roles and makes no usable accounts over its interface, so everybody is signed up by the link of
invitation, as people would do it by hand. Who is an expert is known to us alone.
"""

from __future__ import annotations

import csv
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.errors import CurateError
from curate.files import replacing
from curate.language import say

if TYPE_CHECKING:
    from httpx2 import Client, Response

ROLES = ("annotator", "expert")
ADMIN = "admin@curate.local"
_COLUMNS = ("email", "name", "role")


@dataclass(frozen=True)
class Account:
    """``role``: ``admin``, ``annotator`` or ``expert``. ``token``: a personal access token, null until the account is made."""

    email: str
    name: str
    role: str
    password: str
    token: str | None = None

    def __repr__(self) -> str:
        """Without password and token: a repr ends up in logs."""
        return f"Account({self.email}, {self.role})"


def read_people(file: Path) -> list[tuple[str, str, str]]:
    """(e-mail, name, role) of a csv with these columns; e-mails in lower case, as the server keeps them.

    Raises:
        CurateError: the file cannot be read, or a line of it is wrong.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CurateError(
            say(f"账号表读不出来：{file}：{error}", f"the accounts cannot be read: {file}: {error}"),
            say("存成 UTF-8 的 csv：email,name,role", "save it as csv in UTF-8: email,name,role"),
        ) from error
    people: dict[str, tuple[str, str, str]] = {}
    for line, row in rows:
        email, name, role = ((row.get(column) or "").strip() for column in _COLUMNS)
        email = email.lower()
        if wrong := _wrong(email, role, {*people, ADMIN}):
            raise CurateError(
                f"{file}:{line}: {wrong}", say("每行写 email,name,role", "every line is email,name,role")
            )
        people[email] = (email, name or email.partition("@")[0], role)
    if not people:
        raise CurateError(
            say(f"账号表是空的：{file}", f"there is nobody in {file}"),
            say("第一行写 email,name,role，下面每人一行", "email,name,role first, then a line for everybody"),
        )
    return list(people.values())


def _wrong(email: str, role: str, there: set[str]) -> str:
    """What is wrong with a line; empty if nothing."""
    mailbox, at, domain = email.partition("@")
    if not (mailbox and at and "." in domain) or " " in email:
        return say(f"不是邮箱：{email!r}", f"no e-mail address: {email!r}")
    if email in there:
        return say(f"邮箱重复：{email}", f"an e-mail address twice: {email}")
    if role not in ROLES:
        return say(f"角色要写 annotator 或 expert：{role!r}", f"the role is annotator or expert: {role!r}")
    return ""


class Accounts:
    """The private file (mode 0600) that holds everybody's password and token.

    A password is written before the account is made with it, and a token as soon as it is known: killed at any moment, the
    next start goes on.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.there: dict[str, Account] = {}
        if file.exists():
            listed = json.loads(file.read_text(encoding="utf-8"))["accounts"]
            self.there = {one["email"]: Account(**one) for one in listed}

    def expect(self, people: list[tuple[str, str, str]]) -> None:
        """Have a password for everybody; a changed name or role is taken over, nobody is removed."""
        for email, name, role in [(ADMIN, "admin", "admin"), *people]:
            known = self.there.get(email) or Account(email, name, role, secrets.token_urlsafe(15))
            self.there[email] = replace(known, name=name, role=role)
        self._write()

    def make(self, url: str) -> None:
        """Make the accounts that are not there yet, and mint the tokens that are missing.

        Raises:
            CurateError: the server refuses.
        """
        if all(account.token for account in self.there.values()):
            return
        with _session(url) as web:
            admin = self.there[ADMIN]
            if not _log_in(web, admin):
                raise _refused(admin.email, say("登录失败", "cannot log in"), self.file)
            self._keep(admin, web)
            invitation = _json(web.get("/api/invite"), admin.email, self.file)["invite_url"]
            signed_up = [self._make(url, account, invitation) for account in list(self.there.values())]
            if any(signed_up):
                # the link of invitation is in the server's log by now: from here on it opens nothing
                _json(web.post("/api/invite/reset-token", headers=_crumb(web)), admin.email, self.file)

    def _make(self, url: str, account: Account, invitation: str) -> bool:
        """Make this account and its token, where they are missing; was it signed up?"""
        if account.token is not None:
            return False
        with _session(url) as web:
            known = _log_in(web, account)
            if not (known or _sign_up(web, account, invitation)):
                raise _refused(account.email, say("注册失败", "cannot be signed up"), self.file)
            self._keep(account, web)
            return not known

    def _keep(self, account: Account, web: Client) -> None:
        """Mint the token of who is logged in, and write it down."""
        if account.token is None:
            token = _mint(web, account, self.file)
            self.there[account.email] = replace(account, token=token)
            self._write()

    def _write(self) -> None:
        text = json.dumps(
            {"accounts": [asdict(account) for account in self.there.values()]}, ensure_ascii=False, indent=1
        )
        with replacing(self.file) as temporary:
            with os.fdopen(
                os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
            ) as out:
                out.write(text + "\n")


@contextmanager
def _session(url: str) -> Iterator[Client]:
    """A browser of its own, as far as the server can tell."""
    import httpx2

    with httpx2.Client(base_url=url, trust_env=False, timeout=60, headers={"Referer": f"{url}/"}) as web:
        yield web


def _log_in(web: Client, account: Account) -> bool:
    return _submit(web, "/user/login/", account)


def _sign_up(web: Client, account: Account, invitation: str) -> bool:
    """The invitation is ``/user/signup/?token=…``."""
    return _submit(web, invitation, account)


def _submit(web: Client, page: str, account: Account) -> bool:
    """Fill in one of the two forms; a redirect means that it was accepted."""
    web.get(page)
    form = {
        "email": account.email,
        "password": account.password,
        "csrfmiddlewaretoken": _crumb(web)["X-CSRFToken"],
    }
    return web.post(page, data=form).status_code == 302


def _crumb(web: Client) -> dict[str, str]:
    """The header without which a session may not write."""
    return {"X-CSRFToken": web.cookies.get("csrftoken") or ""}


def _mint(web: Client, account: Account, file: Path) -> str:
    """A personal access token; the server shows it once and has one of each user, so a lost one is revoked first."""
    crumb = _crumb(web)
    for old in _json(web.get("/api/token/"), account.email, file):
        web.post("/api/token/blacklist/", json={"refresh": old["token"]}, headers=crumb)
    me = _json(web.get("/api/current-user/whoami"), account.email, file)
    web.patch(f"/api/users/{me['id']}/", json={"first_name": account.name}, headers=crumb)
    minted = _json(web.post("/api/token/", headers=crumb), account.email, file)
    return str(minted["token"])


def _json(answer: Response, email: str, file: Path) -> Any:
    if answer.status_code >= 400:
        raise _refused(email, f"HTTP {answer.status_code} {answer.url.path}", file)
    return answer.json()


def _refused(email: str, what: str, file: Path) -> CurateError:
    return CurateError(
        say(
            f"Label Studio 的账号没有建好：{email}：{what}",
            f"an account of Label Studio is not made: {email}: {what}",
        ),
        say(
            f"密码可能在网页上改过：把 {file} 里这个账号的 password 改成现在的，再启动一次",
            f"perhaps its password was changed on the page: put the present one into {file} and start again",
        ),
    )
