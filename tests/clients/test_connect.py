"""The key is taken out of all that a server says, and nothing else is."""

from __future__ import annotations

import pytest

from curate.clients.chat.connect import masked, without_key

KEY = "abcdefgh12345678"


@pytest.mark.parametrize(
    ("key", "said", "kept"),
    [
        (KEY, f"wrong key {KEY}", "wrong key ***"),
        (KEY, f'{{"answer": "{KEY}{KEY}"}}', '{"answer": "******"}'),
        ("", "no key at all", "no key at all"),
        ("x", "the next exhibition", "the next exhibition"),
        ("none", "there are none", "there are none"),
        ("EMPTY", "EMPTY 是空的", "EMPTY 是空的"),
    ],
    ids=["a key", "in an answer", "none is set", "one letter", "a word", "vLLM's usual"],
)
def test_an_answer_keeps_its_words_but_for_the_key(key: str, said: str, kept: str) -> None:
    assert without_key(said.encode(), key).decode() == kept


@pytest.mark.parametrize("said", ["Incorrect API key provided: sk-abc***xyz1", "Bearer other-key-123456"])
def test_an_error_loses_what_looks_like_a_key_too(said: str) -> None:
    assert "***" in masked(said, "x")
    assert not {"sk-abc***xyz1", "other-key-123456"} & set(masked(said, "x").split())
