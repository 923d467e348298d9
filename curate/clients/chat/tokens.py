"""Tokens of a text, without its tokenizer: a bound to put money aside by, and what is usual, for prices told beforehand."""

from __future__ import annotations

from curate.clients.chat.request import Request

#: what a chat template puts around a message
_AROUND = 8


def at_most(text: str) -> int:
    """More than any tokenizer of a model that knows Chinese gives: 2 a character beyond ASCII, 1 for two of ASCII, rounded up.

    Qwen, DeepSeek, GLM and GPT need 0.6 to 1 a Chinese character; a byte-level tokenizer could need 3 for a rare one.
    """
    wide = len(text.encode()) - len(text)  # 1 or 2 more bytes a character beyond ASCII
    return wide + (len(text) - wide // 2 + 1) // 2 + 1


def usual(text: str) -> int:
    """What is usual: 0.6 a character beyond ASCII, 0.3 a character of ASCII (the figures that DeepSeek's documentation gives)."""
    ascii_ = sum(map(str.isascii, text)) if not text.isascii() else len(text)
    return round(0.6 * (len(text) - ascii_) + 0.3 * ascii_)


def prompt_at_most(request: Request) -> int:
    """The bound for a request's prompt, its schema included."""
    schema = at_most(str(request.schema)) if request.schema else 0
    return schema + sum(at_most(text) + _AROUND for _, text in request.messages)


def prompt_usual(request: Request) -> int:
    """What is usual for a request's prompt."""
    return sum(usual(text) + _AROUND // 2 for _, text in request.messages)
