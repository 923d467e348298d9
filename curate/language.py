"""The language in which curate speaks to people: Chinese, or English with ``CURATE_LANG=en``.

The users read Chinese and many work on servers whose locale is ``C`` or ``en_US``, so the locale says
nothing about them: only ``CURATE_LANG`` decides. Both wordings stand side by side where they are used.
"""

from __future__ import annotations

import os


def say(zh: str, en: str) -> str:
    """The wording for the reader: ``zh`` unless ``CURATE_LANG`` starts with ``en``."""
    return en if os.environ.get("CURATE_LANG", "").lower().startswith("en") else zh


def pick(both: str) -> str:
    """One half of a bilingual text ``中文 / English`` (docstrings and field descriptions are written so)."""
    zh, mark, en = both.partition(" / ")
    return say(zh.strip(), en.strip() if mark else zh.strip())
