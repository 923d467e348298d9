"""The linter knows the tags of the server's own page."""

from __future__ import annotations

import re

import pytest

from curate.review.lint import OWN_KEYS, PROGRAMS, TAGS
from tests.servers.labelstudio import environment

pytestmark = pytest.mark.live
#: The page puts it in the place of others before it looks for tags.
EXPANDED = {"repeater"}


@pytest.fixture(scope="module")
def page() -> str:
    """The program of the labeling page."""
    scripts = environment().glob("lib/python*/site-packages/web/dist/apps/labelstudio/*.js")
    (text,) = [
        text for text in (file.read_text(encoding="utf-8") for file in scripts) if "requiredmessage" in text
    ]
    return text


def test_the_tags_are_those_that_the_page_registers(page: str) -> None:
    registered = set(re.findall(r"addTag\(.([a-z0-9]+).,", page))
    of_people = {name for name in registered if not name.endswith("region")} - PROGRAMS
    assert {tag.lower() for tag in TAGS} == of_people | EXPANDED


def test_the_pages_own_keys_are_known(page: str) -> None:
    keys = dict(
        re.findall(r'["\\]*((?:annotation|region):[a-z-]+)["\\]*:\{["\\]*key["\\]*:["\\]*([^"\\]+)', page)
    )
    assert len(keys) > 10
    assert set(keys.values()) <= OWN_KEYS
