"""Logs without secrets: with logging at DEBUG the HTTP libraries write down session cookies, and addresses with tokens in them."""

from __future__ import annotations

import logging
import re

#: both libraries that we speak HTTP with: the SDK's, and our own
_TRACES = ("httpcore.http11", "httpcore.http2", "httpcore2.http11", "httpcore2.http2")
_REQUESTS = ("httpx", "httpx2")
_TOKEN = re.compile(r"(?<=[?&]token=)[^&\s\"']+")


def _without_headers(record: logging.LogRecord) -> bool:
    """The headers of an answer hold the session's cookie."""
    return not record.getMessage().startswith("receive_response_headers.complete")


def _without_token(record: logging.LogRecord) -> bool:
    record.msg, record.args = _TOKEN.sub("***", record.getMessage()), ()
    return True


def keep_secrets_out() -> None:
    """Filter what the libraries log, for the whole process; a second call changes nothing."""
    for names, keep in ((_TRACES, _without_headers), (_REQUESTS, _without_token)):
        for name in names:
            logging.getLogger(name).addFilter(keep)
