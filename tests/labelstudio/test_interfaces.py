"""The pages and guidelines that the starter brings: each fits its project, and its guideline tells what the page offers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from curate.review.duplicates import Duplicates
from curate.review.interface import Interface, load_interface, options
from curate.review.labels import Labels
from curate.review.lint import lint
from curate.review.noise_audit import NoiseAudit
from curate.review.pairs import Pairs
from curate.review.personal_data import PersonalData
from curate.review.preference import Preferences
from curate.review.project import Project
from curate.review.spans import Spans
from curate.review.tags import parse

FOLDER = Path(__file__).parents[2] / "labelstudio"
PROJECTS: dict[str, type[Project]] = {
    "pair_review": Pairs,
    "preference": Preferences,
    "labels": Labels,
    "spans": Spans,
    "noise_audit": NoiseAudit,
    "duplicates": Duplicates,
    "personal_data": PersonalData,
}
#: The controls that the program knows by name, with their values, or None where these are free. A page may have more controls.
KNOWN: dict[str, dict[str, set[str] | None]] = {
    "pair_review": {"decision": {"accept", "edit", "reject"}, "reasons": None, "edited_question": set(),
                    "edited_answer": set(), "faithful": set(), "useful": set(), "clear": set(), "note": set(), "evidence": None},
    "preference": {"better": {"a", "b", "tie", "bad"}},
    "labels": {"label": None},
    "spans": {"spans": None},
    "noise_audit": {"noisy": {"yes", "no"}, "kinds": None},
    "duplicates": {"same": {"same", "different", "unsure"}},
    "personal_data": {"leaked": {"yes", "no"}, "found": None},
}  # fmt: skip
#: A cell of a guideline's table that holds keys: `a`, or `1` `2`.
KEYS = re.compile(r"`([^`\s+])`")
HAN = re.compile(r"[\u4e00-\u9fff]")

pages = pytest.mark.parametrize("name", PROJECTS)


def page(name: str) -> Interface:
    return load_interface(FOLDER / f"{name}.xml", FOLDER / f"{name}.md")


def keys_of(interface: Interface) -> dict[str, str]:
    """Key -> the word of its choice, or the name of its control."""
    return {
        tag.attributes["hotkey"]: tag.attributes.get("value") or tag.attributes["name"]
        for tag in parse(interface.xml).walk()
        if "hotkey" in tag.attributes
    }


def rows_of(guideline: str) -> list[list[str]]:
    """The cells of every row of its tables, without stars."""
    lines = (line.strip() for line in guideline.splitlines())
    return [
        [cell.strip(" *") for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")
    ]


def test_every_page_in_the_folder_belongs_to_a_kind_of_project_and_has_a_guideline() -> None:
    assert {file.stem for file in FOLDER.glob("*.xml")} == set(PROJECTS)
    assert {file.stem for file in FOLDER.glob("*.md")} == {*PROJECTS, "README"}


@pages
def test_lint_finds_nothing(name: str) -> None:
    project = PROJECTS[name]
    assert lint(page(name).xml, project.fields, project.control) == []


@pages
def test_a_page_shows_all_that_its_items_have(name: str) -> None:
    assert set(page(name).fields) == set(PROJECTS[name].fields)


@pages
def test_a_page_has_the_controls_and_values_that_the_program_reads(name: str) -> None:
    controls = page(name).controls
    assert KNOWN[name].keys() <= controls.keys()
    for control, values in KNOWN[name].items():
        if values is not None:
            assert set(controls[control].values) == values, control
        else:
            assert controls[control].values, control


@pages
def test_what_people_see_is_chinese_and_what_is_stored_is_not(name: str) -> None:
    for control in page(name).controls.values():
        for value, word in control.words.items():
            assert re.fullmatch(r"[a-z][a-z_]*", value), f"{control.name}: {value} needs an alias"
            assert HAN.search(word), f"{control.name}: {word}"


@pages
def test_every_choice_has_a_key_of_its_own(name: str) -> None:
    picks = [pick for tag in parse(page(name).xml).walk() for pick in options(tag)]
    keys = [pick.attributes.get("hotkey", "") for pick in picks]
    assert all(len(key) == 1 for key in keys), keys
    assert len(set(keys)) == len(keys)


@pages
def test_a_required_answer_that_is_missing_is_asked_for_in_chinese(name: str) -> None:
    for tag in parse(page(name).xml).walk():
        if tag.attributes.get("required") == "true":
            assert HAN.search(tag.attributes.get("requiredMessage", "")), tag.attributes["name"]


@pages
def test_a_page_says_at_its_top_what_may_be_changed(name: str) -> None:
    top = page(name).xml.partition("<View")[0]
    assert "可以改" in top
    assert "不能改" in top
    assert f"{name}.md" in top


@pages
def test_the_guideline_tells_every_choice_beside_its_key(name: str) -> None:
    interface, rows = page(name), rows_of(page(name).guideline)
    words = {word for control in interface.controls.values() for word in control.words.values()}
    for key, word in keys_of(interface).items():
        told = [row for row in rows if any(key in KEYS.findall(cell) for cell in row)]
        assert told, f"no row tells what {key} does"
        if word in words:
            assert any(word in row for row in told), f"{key} is {word}, but the guideline says {told}"


@pages
def test_the_guideline_tells_no_key_that_the_page_does_not_have(name: str) -> None:
    told = {key for row in rows_of(page(name).guideline) for cell in row for key in KEYS.findall(cell)}
    assert told == set(keys_of(page(name)))


@pages
def test_the_guideline_explains_every_choice_beyond_the_table(name: str) -> None:
    guideline = page(name).guideline
    prose = "\n".join(line for line in guideline.splitlines() if not line.lstrip().startswith("|"))
    words = [word for control in page(name).controls.values() for word in control.words.values()]
    assert [word for word in words if word not in prose] == []


@pages
def test_the_guideline_is_chinese_and_has_examples_and_edge_cases(name: str) -> None:
    guideline = page(name).guideline
    assert len(HAN.findall(guideline)) > 500
    assert guideline.startswith("# ")
    assert guideline.count("“") >= 10, "examples are quoted"
    assert "拿不准" in guideline
    assert "Ctrl+Enter" in guideline
