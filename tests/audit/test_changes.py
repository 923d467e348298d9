"""Changed files: against what was last recorded of the same recipe."""

from __future__ import annotations

from pathlib import Path

from curate.audit import Change, Tracked, changed_files, record_changes

RECIPE = Tracked("recipes/expo.yaml", "recipe", "a" * 64)
SCHEMA = Tracked("schemas/company.py", "schema", "b" * 64)
OTHER = Tracked("schemas/company.py", "schema", "c" * 64)


def test_the_first_time_all_files_are_new(tmp_path: Path) -> None:
    entry = record_changes(tmp_path, "expo", [SCHEMA, RECIPE])
    assert entry is not None and entry.action == "change"
    assert entry.about["changes"] == [
        {"path": "recipes/expo.yaml", "kind": "recipe", "before": None, "after": "a" * 64},
        {"path": "schemas/company.py", "kind": "schema", "before": None, "after": "b" * 64},
    ]


def test_what_did_not_change_is_not_recorded_again(tmp_path: Path) -> None:
    record_changes(tmp_path, "expo", [SCHEMA, RECIPE])
    assert record_changes(tmp_path, "expo", [RECIPE, SCHEMA]) is None


def test_changed_removed_and_returned_files(tmp_path: Path) -> None:
    record_changes(tmp_path, "expo", [SCHEMA, RECIPE])
    assert changed_files(tmp_path, "expo", [OTHER, RECIPE]) == [
        Change("schemas/company.py", "schema", "b" * 64, "c" * 64)
    ]
    record_changes(tmp_path, "expo", [OTHER])
    assert changed_files(tmp_path, "expo", [OTHER]) == []
    assert changed_files(tmp_path, "expo", [SCHEMA, RECIPE]) == [
        Change("recipes/expo.yaml", "recipe", None, "a" * 64),
        Change("schemas/company.py", "schema", "c" * 64, "b" * 64),
    ]


def test_recipes_of_one_workspace_do_not_see_each_others_files(tmp_path: Path) -> None:
    record_changes(tmp_path, "expo", [SCHEMA, RECIPE])
    assert len(changed_files(tmp_path, "news", [SCHEMA])) == 1
    record_changes(tmp_path, "news", [SCHEMA])
    assert changed_files(tmp_path, "expo", [SCHEMA, RECIPE]) == []
