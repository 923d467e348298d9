"""Terms: those in their canonical form, and the others that are left."""

from __future__ import annotations

from pathlib import Path

from curate.algorithms.glossary import Entry, Glossary
from curate.three_c.terms import forms_in, told

from .made_tables import made_table

GLOSSARY = Glossary(
    [
        Entry("terms.csv:2", "展览会", ("展会",), ("展销大会",)),
        Entry("terms.csv:3", "AI", ("人工智能",)),
    ]
)


def test_forms_are_counted_over_all_shards_with_rows_that_hold_them(tmp_path: Path) -> None:
    texts = ["展览会与展会", "展会，展会", None, "展销大会用AI", "MAIN 见 https://a.cn/AI"]
    forms = forms_in([made_table(tmp_path, "news", {"text": texts}, shards=3)], GLOSSARY)
    assert forms.select("kind", "found", "canonical", "times", "rows").rows() == [
        ("alias", "展会", "展览会", 3, ["news:0", "news:1"]),
        ("canonical", "AI", "AI", 1, ["news:3"]),
        ("canonical", "展览会", "展览会", 1, ["news:0"]),
        ("forbidden", "展销大会", "展览会", 1, ["news:3"]),
    ], "a term within a word or a web address is none"


def test_the_share_is_that_of_occurrences(tmp_path: Path) -> None:
    texts = ["展览会与展会", "展会，展会", "展销大会用AI"]
    figures = told(forms_in([made_table(tmp_path, "news", {"text": texts})], GLOSSARY))
    assert (figures["terms"], figures["canonical"], figures["alias"], figures["forbidden"]) == (6, 2, 3, 1)
    assert figures["preferred"] == 0.333333
    assert figures["corpora"] == {"news": {"terms": 6, "preferred": 2}}
    assert [one["found"] for one in figures["left"]] == ["展销大会", "展会"], "forbidden ones come first"


def test_texts_without_a_term_have_no_share(tmp_path: Path) -> None:
    figures = told(forms_in([made_table(tmp_path, "news", {"text": ["今天天气很好"]})], GLOSSARY))
    assert (figures["terms"], figures["preferred"], figures["left"]) == (0, None, [])


def test_case_counts_unless_it_is_ignored(tmp_path: Path) -> None:
    table = made_table(tmp_path, "news", {"text": ["ai 与 AI"]})
    assert told(forms_in([table], GLOSSARY))["terms"] == 1
    loose = Glossary([Entry("terms.csv:3", "AI")], ignore_case=True)
    figures = told(forms_in([table], loose, ignore_case=True))
    assert (figures["canonical"], figures["alias"]) == (1, 1), "another case is an alias of the term itself"
