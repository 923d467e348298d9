"""Values that a recipe takes from the environment."""

from __future__ import annotations

import pytest

from curate.environment import filled, named_in, shown, unset
from curate.errors import CurateError


def test_values_are_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST_HERE", "http://127.0.0.1:8080")
    monkeypatch.delenv("NOT_HERE", raising=False)
    assert named_in("${HOST_HERE}/a/${NOT_HERE}") == ["HOST_HERE", "NOT_HERE"]
    assert unset(["HOST_HERE", "NOT_HERE", "NOT_HERE"]) == ["NOT_HERE"]
    assert filled("${HOST_HERE}/v1") == "http://127.0.0.1:8080/v1"
    assert shown("${HOST_HERE}/${NOT_HERE}") == "http://127.0.0.1:8080/${NOT_HERE}"


def test_what_is_not_set_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMPTY_HERE", "")
    with pytest.raises(CurateError, match="EMPTY_HERE") as told:
        filled("${EMPTY_HERE}/v1")
    assert "export EMPTY_HERE" in told.value.hint
