"""One entry of the log: a line of JSON that says what it is and what came before it."""

from __future__ import annotations

import hmac
import json
import os
from dataclasses import dataclass, replace
from typing import Any

from curate.errors import CurateError
from curate.files import sha256_of
from curate.language import say

KEY_ENV = "CURATE_AUDIT_KEY"
#: a key that can be tried out is none
KEY_CHARS = 16
#: what is in front of the first entry
NOTHING = "0" * 64


@dataclass(frozen=True)
class Entry:
    """``seq`` counts from 1; ``at`` is UTC with microseconds; ``previous`` is the ``hash`` of the entry before.

    ``hash``: SHA-256 over the canonical JSON (sorted keys, no spaces, UTF-8) of all else but ``seal``. ``seal``: HMAC-SHA256 of ``hash``
    under the key; since a hash stands for all entries up to it, so does a seal. Empty where the writer had no key.
    """

    seq: int
    at: str
    who: str
    host: str
    action: str
    about: dict[str, Any]
    why: str
    previous: str
    hash: str = ""
    seal: str = ""

    @property
    def head(self) -> dict[str, Any]:
        """``{"seq", "hash"}``: what a witness keeps (``"audit"`` in a manifest)."""
        return {"seq": self.seq, "hash": self.hash}

    def digest(self) -> str:
        told = dict(vars(self))
        del told["hash"], told["seal"]
        return sha256_of(told)

    def closed(self, key: bytes | None) -> Entry:
        """With its hash and, where there is a key, its seal."""
        digest = self.digest()
        return replace(self, hash=digest, seal=sealed(digest, key) if key else "")

    def line(self) -> bytes:
        """The line of the file, without its end."""
        told = dict(vars(self))
        if not self.seal:
            del told["seal"]
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


_KINDS = {field: dict if field == "about" else str for field in Entry.__dataclass_fields__} | {"seq": int}


def parse(line: bytes) -> Entry:
    """The entry of a line; its hash is not looked at.

    Raises:
        ValueError: the line is no entry, or not written as an entry is, to the byte.
    """
    try:
        told = json.loads(line)
        if not isinstance(told, dict) or told.keys() | {"seal"} != _KINDS.keys():
            raise ValueError("not the fields of an entry")
        if any(type(value) is not _KINDS[name] for name, value in told.items()):
            raise ValueError("not the types of an entry")
        entry = Entry(**told)
        if entry.line() != line:
            raise ValueError("another spelling")
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return entry


def read_whole(line: bytes) -> Entry | None:
    """The entry of a line with the right hash, else None."""
    try:
        entry = parse(line)
        return entry if entry.digest() == entry.hash else None
    except ValueError:
        return None


def sealed(digest: str, key: bytes) -> str:
    return hmac.new(key, digest.encode(), "sha256").hexdigest()


def key_of_environment() -> bytes | None:
    """The key in ``CURATE_AUDIT_KEY``; None where there is none.

    Raises:
        CurateError: it is too short.
    """
    key = os.environ.get(KEY_ENV, "")
    if key and len(key) < KEY_CHARS:
        raise CurateError(
            say(
                f"环境变量 {KEY_ENV} 不足 {KEY_CHARS} 个字符，封不住审计日志",
                f"{KEY_ENV} has less than {KEY_CHARS} characters and would not seal the audit log",
            ),
            say(
                "用 openssl rand -hex 32 生成一个，交给管理员保管，不要放进工作区",
                "make one with openssl rand -hex 32; let the administrator keep it, outside the workspace",
            ),
        )
    return key.encode() or None
