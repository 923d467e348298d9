"""Debian's Chromium without a window, driven by Playwright."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

SCRIPT = Path(__file__).parents[1] / "live" / "chromium.sh"
#: no sandbox: it does not run as root, and meets no page but that of our own server
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--lang=en-US")


@cache
def program() -> str:
    """The path of Chromium, which is installed when a test first asks for it."""
    done = subprocess.run(["bash", SCRIPT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser of its own, while the block runs."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        try:
            yield chromium
        finally:
            chromium.close()
