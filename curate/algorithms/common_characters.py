"""The commonest characters of Chinese, simplified and traditional: of any text they are three quarters."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def common_characters() -> frozenset[str]:
    """The characters of ``common_characters.txt``; its first line says what they are."""
    lines = resources.files("curate.algorithms").joinpath("common_characters.txt").read_text("utf-8")
    return frozenset("".join(line for line in lines.splitlines() if not line.startswith("#")))
