"""What Office files share: how they open, and tables whose merged cells are filled."""

from __future__ import annotations

import io
from zipfile import BadZipFile, ZipFile

from curate.errors import CurateError
from curate.language import say
from curate.sources.documents.document import Unread
from curate.sources.opening import File

#: the container of Office before 2007, and of encrypted files since
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: bytes that a file's parts may unpack to: what is larger is a bomb, not a report
MOST = 1 << 30


def content(file: File) -> bytes:
    """The file's bytes.

    Raises:
        Unread: it is empty or damaged.
    """
    try:
        with file.readable(), file.opened() as opened:
            data = opened.read()
    except CurateError as error:
        raise Unread("unreadable", error.problem) from error
    if not data.strip(b"\0 \t\r\n"):
        raise Unread("no_content", say("文件是空的", "the file is empty"))
    return data


def package(file: File, newer: str) -> io.BytesIO:
    """The zip archive of an Office file; ``newer``: the ending of the format that can be read.

    Raises:
        Unread: it is encrypted, of the old format, or no archive.
    """
    data = content(file)
    if data.startswith(OLE):
        if ENCRYPTED in data:
            raise Unread("encrypted", say("有密码", "it has a password"))
        raise Unread(
            "old_format",
            say(f"是 2007 年以前的格式，请另存为 {newer}", f"of before 2007: save it as {newer}"),
        )
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            size = sum(
                part.file_size for part in archive.infolist() if part.filename.endswith((".xml", ".rels"))
            )
    except BadZipFile as error:
        raise Unread(
            "unreadable", say(f"不是完整的 {newer}：{error}", f"not a whole {newer}: {error}")
        ) from error
    if size > MOST:
        raise Unread("unreadable", say(f"解开后有 {size >> 20} MB", f"{size >> 20} MB when unpacked"))
    return io.BytesIO(data)
