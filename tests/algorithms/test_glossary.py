"""A glossary: what its forms mean, and where it contradicts itself."""

from __future__ import annotations

import pytest

from curate.algorithms.glossary import Entry, Glossary


def entry(line: int, canonical: str, aliases: str = "", forbidden: str = "", code: str = "") -> Entry:
    return Entry(f"t.csv:{line}", canonical, tuple(aliases.split()), tuple(forbidden.split()), code)


def faults(*entries: Entry, ignore_case: bool = False) -> list[tuple[str, str]]:
    """(place, what is wrong)"""
    return [(fault.entry.place, fault.what) for fault in Glossary(entries, ignore_case=ignore_case).faults]


@pytest.mark.parametrize(
    "entries",
    [
        [entry(2, "展览会", "展会 展会 展览会"), entry(3, "会展商务")],
        [entry(2, "霍乱", code="A00.0"), entry(3, "霍乱", "虎列拉", code="A00.1")],  # one name, two codes
        [entry(2, "展览会", "展会"), entry(3, "展览会", "展会", code="1")],
        [entry(2, "CES", "ces"), entry(3, "Ces")],
    ],
)
def test_what_does_not_contradict_itself_is_good(entries: list[Entry]) -> None:
    assert faults(*entries) == []


@pytest.mark.parametrize(
    ("entries", "place", "what"),
    [
        (
            [entry(2, "甲", "丙"), entry(3, "乙", "丙")],
            "t.csv:3",
            "丙 是 乙 的另一种写法，在 t.csv:2 又是 甲 的",
        ),
        ([entry(2, "甲", "乙"), entry(3, "乙")], "t.csv:2", "乙 是 甲 的另一种写法，在 t.csv:3 却是标准词"),
        (
            [entry(2, "甲", "乙"), entry(3, "乙", "甲")],
            "t.csv:2",
            "乙 是 甲 的另一种写法，在 t.csv:3 却是标准词",
        ),
        ([entry(2, "甲"), entry(9, "甲", "乙")], "t.csv:9", "标准词 甲 在 t.csv:2 已有"),
        ([entry(2, "甲", "乙", "乙")], "t.csv:2", "乙 既可用又禁用"),
        ([entry(2, "甲", "", "甲")], "t.csv:2", "甲 既可用又禁用"),
        ([entry(2, "甲", code="1"), entry(3, "乙", code="1")], "t.csv:3", "代码 1 是 乙，在 t.csv:2 却是 甲"),
    ],
)
def test_a_contradiction_is_told_with_both_places(entries: list[Entry], place: str, what: str) -> None:
    assert (place, what) in faults(*entries)


def test_forms_that_differ_in_case_only_are_one_when_case_is_ignored() -> None:
    assert faults(entry(2, "CES", "ces Ces"), ignore_case=True) == []
    assert faults(entry(2, "CES"), entry(3, "ces"), ignore_case=True) == [
        ("t.csv:3", "标准词 ces 与 t.csv:2 的 CES 只差大小写")
    ]
    assert faults(entry(2, "甲", "ces"), entry(3, "乙", "CES"), ignore_case=True) == [
        ("t.csv:3", "CES 是 乙 的另一种写法，在 t.csv:2 又是 甲 的")
    ]


def test_a_form_has_a_kind_and_a_canonical_term() -> None:
    glossary = Glossary([entry(2, "CES展", "消费电子展", "电子大集", code="B1")], ignore_case=True)
    assert glossary.meaning("CES展", "CES展") == ("canonical", "CES展")
    assert glossary.meaning("CES展", "ces展") == ("alias", "CES展")
    assert glossary.meaning("消费电子展", "消费电子展") == ("alias", "CES展")
    assert glossary.meaning("电子大集", "电子大集") == ("forbidden", "CES展")
    assert glossary.codes == {"B1"}
