"""The catalogue of cleaners is whole: no file outside it, no unit without words and tests."""

from __future__ import annotations

import importlib
import inspect
import typing
from pathlib import Path
from typing import Literal

import pytest

import curate.clean
from curate.clean import CATALOGUE, AnyCleaner
from curate.clean.cleaner import Cleaner, TextCleaner
from curate.rows import Outcome, nothing_dropped

FOLDER = Path(curate.clean.__file__).parent
MODULES = sorted(
    file.stem for file in FOLDER.glob("*.py") if file.stem not in ("__init__", "chain", "cleaner")
)


def faults(catalogue: tuple[type[Cleaner], ...], modules: list[str], union: set[type]) -> list[str]:
    """What is wrong with a catalogue of cleaners, one sentence a fault."""
    found = []
    listed = [unit.__module__.rpartition(".")[2] for unit in catalogue]
    found += [f"{module}.py is in no catalogue" for module in modules if module not in listed]
    if len(set(catalogue)) != len(catalogue):
        found.append("a unit is listed twice")
    if set(catalogue) != union:
        found.append("the union has other classes than the catalogue")
    for unit, module in zip(catalogue, listed, strict=True):
        name = unit.unit_name()
        if typing.get_args(unit.model_fields["use"].annotation) != (name,):
            found.append(f"{name}: `use` is another name")
        if module != name:
            found.append(f"{name}: its file is {module}.py")
        if " / " not in (unit.__doc__ or "").strip().split("\n\n")[0]:
            found.append(f"{name}: its first paragraph is not in two languages")
        found += [
            f"{name}.{option} is not described in two languages"
            for option, field in unit.model_fields.items()
            if option != "use" and " / " not in (field.description or "")
        ]
        if not (Path(__file__).parent / f"test_{name}.py").is_file():
            found.append(f"{name}: tests/clean/test_{name}.py is absent")
    return found


def in_union() -> set[type]:
    return set(typing.get_args(typing.get_args(AnyCleaner)[0]))


class Unlisted(TextCleaner):
    """Says it in one language."""

    use: Literal["other"] = "other"
    strange: int = 0

    def apply(self, rows: typing.Any) -> Outcome:
        return Outcome(rows, nothing_dropped(rows))


def test_the_catalogue_has_no_fault() -> None:
    assert len(MODULES) == len(CATALOGUE) > 0
    assert faults(CATALOGUE, MODULES, in_union()) == []


@pytest.mark.parametrize("module", MODULES)
def test_each_module_has_one_cleaner_and_it_is_listed(module: str) -> None:
    loaded = importlib.import_module(f"curate.clean.{module}")
    own = [
        member
        for _, member in inspect.getmembers(loaded, inspect.isclass)
        if issubclass(member, Cleaner) and member.__module__ == loaded.__name__
    ]
    assert own == [unit for unit in CATALOGUE if unit.unit_name() == module]


def test_a_file_outside_the_catalogue_is_found() -> None:
    assert faults(CATALOGUE, [*MODULES, "fold_case"], in_union()) == ["fold_case.py is in no catalogue"]


def test_a_unit_that_left_the_catalogue_is_found() -> None:
    gone = CATALOGUE[0].unit_name()
    assert faults(CATALOGUE[1:], MODULES, in_union()) == [
        f"{gone}.py is in no catalogue",
        "the union has other classes than the catalogue",
    ]


def test_a_unit_listed_twice_is_found() -> None:
    assert faults((*CATALOGUE, CATALOGUE[0]), MODULES, in_union()) == ["a unit is listed twice"]


def test_a_unit_with_another_name_one_language_and_no_test_is_found() -> None:
    assert faults((*CATALOGUE, Unlisted), MODULES, in_union()) == [
        "the union has other classes than the catalogue",
        "unlisted: `use` is another name",
        "unlisted: its file is test_catalogue.py",
        "unlisted: its first paragraph is not in two languages",
        "unlisted.strange is not described in two languages",
        "unlisted: tests/clean/test_unlisted.py is absent",
    ]


@pytest.mark.parametrize("unit", CATALOGUE, ids=lambda unit: unit.unit_name())
def test_help_is_given_in_the_readers_language(unit: type[Cleaner], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\u4e00" <= unit.help_text()[0] <= "\u9fff"
    monkeypatch.setenv("CURATE_LANG", "en_GB")
    assert "A" <= unit.help_text()[0] <= "Z"
