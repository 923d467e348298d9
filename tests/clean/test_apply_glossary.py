"""apply_glossary: one term for one thing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.clean.apply_glossary import ApplyGlossary
from curate.clean.cleaner import Notes
from tests.conftest import ROOT, Rows

SAMPLE = str(ROOT / "recipes/glossary/terms.csv")


def glossary(
    folder: Path, *lines: str, header: str = "标准词,别名,禁用词,代码", **options: Any
) -> ApplyGlossary:
    file = folder / "terms.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return ApplyGlossary(file=str(file), **options)


def told(cleaner: ApplyGlossary, *texts: str | None) -> tuple[list[str | None], list[tuple[Any, ...]]]:
    """(the texts as they are left, the notes)"""
    notes = Notes()
    outcome = cleaner.apply(pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}), notes)
    assert outcome.dropped.height == 0
    frame = notes.frame().select("what", "value", "proposal", "count")
    return outcome.kept["text"].to_list(), sorted(frame.rows(), key=repr)


def left(cleaner: ApplyGlossary, text: str | None) -> str | None:
    return told(cleaner, text)[0][0]


TERMS = ["展览会,展会|展销会,,", "参展商,展商,摊主,", "会展商务,,,", "人工智能,AI,,", "人工智能大会,AI大会,,"]


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("参加展会", "参加展览会"),
        ("展览会不变", "展览会不变"),
        ("参展商与展商", "参展商与参展商"),  # an alias within its own canonical term
        ("做会展商务", "做会展商务"),  # a term that shields
        ("用AI办AI大会", "用人工智能办人工智能大会"),
        ("人工智能大会", "人工智能大会"),
        ("MAIN, AIGC, http://ai.cn/AI, AI@AI.cn", "MAIN, AIGC, http://ai.cn/AI, AI@AI.cn"),
        ("摊主", "参展商"),
        ("ai", "ai"),
        ("", ""),
        (None, None),
    ],
)
def test_other_forms_become_the_canonical_term(tmp_path: Path, text: str | None, new: str | None) -> None:
    assert left(glossary(tmp_path, *TERMS), text) == new


@pytest.mark.parametrize(
    ("replace", "new"),
    [
        ("both", "参展商和参展商"),
        ("aliases", "参展商和摊主"),
        ("forbidden", "展商和参展商"),
        ("none", "展商和摊主"),
    ],
)
def test_what_is_replaced_can_be_chosen(tmp_path: Path, replace: Any, new: str) -> None:
    assert left(glossary(tmp_path, *TERMS, replace=replace), "展商和摊主") == new


@pytest.mark.parametrize("replace", ["both", "none"])
def test_all_hits_are_counted_whatever_is_replaced(tmp_path: Path, replace: Any) -> None:
    _, notes = told(glossary(tmp_path, *TERMS, replace=replace), "展商、展商、摊主、参展商", None, "展商")
    assert notes == [
        ("alias", "展商", "参展商", 3),
        ("canonical", "参展商", "参展商", 1),
        ("forbidden", "摊主", "参展商", 1),
    ]


def test_case_is_ignored_on_request(tmp_path: Path) -> None:
    lines = ["iPhone,苹果手机,,"]
    assert left(glossary(tmp_path, *lines), "IPHONE") == "IPHONE"
    cleaner = glossary(tmp_path, *lines, ignore_case=True)
    assert told(cleaner, "IPHONE和iPhone") == (
        ["iPhone和iPhone"],
        [("alias", "IPHONE", "iPhone", 1), ("canonical", "iPhone", "iPhone", 1)],
    )


def test_a_replacement_that_makes_another_form_is_followed(tmp_path: Path) -> None:
    """Else the second cleaning would change what the first left."""
    assert left(glossary(tmp_path, "丙,甲乙,,", "戊,丁丙,,"), "丁甲乙") == "戊"


def test_a_text_whose_replacements_do_not_end_is_left_alone(tmp_path: Path) -> None:
    cleaner = glossary(tmp_path, "乙甲,甲乙,,")  # 乙 walks to the front, a step a round
    assert left(cleaner, "甲甲乙") == "乙甲甲"
    long = "甲" * 30 + "乙"
    assert told(cleaner, long, "甲乙") == (
        [long, "乙甲"],
        [("alias", "甲乙", "乙甲", 2), ("unsettled", None, None, 1)],
    )


def test_codes_that_the_table_lacks_are_listed(tmp_path: Path) -> None:
    cleaner = glossary(tmp_path, "霍乱,,,A00.1", "伤寒,,,A01", code_pattern=r"[A-Z]\d{2}(\.\d{1,2})?")
    texts, notes = told(cleaner, "诊断A00.1、A01及Z99.9。诊断Z99.9", "B2号馆，BA012", None)
    assert texts[0] == "诊断A00.1、A01及Z99.9。诊断Z99.9"
    assert notes == [("unknown_code", "Z99.9", None, 2)]


def test_a_column_may_have_any_name(tmp_path: Path) -> None:
    cleaner = glossary(tmp_path, "展览会,展会,,A1", code_pattern=r"[A-Z]\d")
    for name in ("count", "code", "term", "place", "x", "row"):
        kept = cleaner.apply(pl.DataFrame({name: ["展会B2"]})).kept
        assert kept.to_dict(as_series=False) == {name: ["展览会B2"]}


def test_a_code_that_looks_like_personal_data_is_counted_but_not_told(tmp_path: Path) -> None:
    _, notes = told(glossary(tmp_path, "甲,,,00000000001", code_pattern=r"\d{11}"), "电话13812345678")
    assert notes == [("unknown_code", None, None, 1)]


@pytest.mark.parametrize(
    ("lines", "options", "where"),
    [
        (["甲,丙,,", "乙,丙,,"], {}, "terms.csv:3: 丙 是 乙 的另一种写法，在"),
        ([",丙,,"], {}, "terms.csv:2: 没有标准词"),
        ([], {}, "terms.csv: 没有标准词"),
        (["甲,,,A1"], {"code_pattern": r"[A-Z]\d{2}"}, "terms.csv:2: 代码 A1 不合 code_pattern"),
        (["甲,,,"], {"code_pattern": "["}, "code_pattern 不是合法的正则"),
        (["甲,,,"], {"code_pattern": r"\d*"}, "code_pattern 连空文字也匹配"),
    ],
)
def test_a_bad_glossary_is_told_while_the_recipe_loads(
    tmp_path: Path, lines: list[str], options: dict[str, Any], where: str
) -> None:
    with pytest.raises(ValidationError) as error:
        glossary(tmp_path, *lines, **options)
    assert where in str(error.value)


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValidationError) as error:
        glossary(tmp_path, "甲,丙,,", "乙,丙,,", ",丁,,", *(f"己{n},庚,," for n in range(20)))
    told = error.value.errors()[0]["ctx"]["what"]
    assert told.startswith("词表有 21 处问题")
    assert told.count("\n  → ") == 12
    assert "另有 9 处" in told


def test_a_file_that_is_not_there_is_told_by_its_path() -> None:
    with pytest.raises(ValidationError, match=r"找不到文件 no\.csv"):
        ApplyGlossary.model_validate({"file": "no.csv"}, context={"workspace": ROOT})


def test_the_sample_glossary_is_good(rows: Rows) -> None:
    given = rows("展商在标摊洽谈会展商务，AI大会用B to B", title=["展会"], note=["展会"])
    kept = ApplyGlossary(file=SAMPLE, skip=["note"]).apply(given).kept
    assert kept["text"].item() == "参展商在标准展位洽谈会展商务，人工智能大会用B2B"
    assert kept["title"].item() == "展览会"
    assert kept["note"].item() == "展会"


FORMS = st.text("甲乙丙A1", min_size=1, max_size=3)


@given(
    entries=st.lists(st.tuples(FORMS, FORMS, FORMS), min_size=1, max_size=4),
    texts=st.lists(st.none() | st.text("甲乙丙A1 ，", max_size=12), max_size=4),
    ignore_case=st.booleans(),
)
@settings(max_examples=50)
def test_cleaning_twice_is_cleaning_once(
    tmp_path_factory: pytest.TempPathFactory,
    entries: list[tuple[str, str, str]],
    texts: list[str | None],
    ignore_case: bool,
) -> None:
    folder = tmp_path_factory.getbasetemp()
    try:
        cleaner = glossary(folder, *(",".join([*entry, ""]) for entry in entries), ignore_case=ignore_case)
    except ValidationError:
        return
    once, _ = told(cleaner, *texts)
    assert told(cleaner, *once)[0] == once
    assert [told(cleaner, text)[0][0] for text in texts] == once
