"""What all cleaners share: columns, ``only``, ``skip``, accounting, and text made from columns."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from curate.clean import CATALOGUE, AnyCleaner, Chain
from curate.clean.cleaner import TextCleaner, only_where
from curate.rows import WHY
from tests.clean.tables import ADDS, CLEANERS, cleaner, outcome_of, rewritten
from tests.conftest import Rows

EVERY = [unit.unit_name() for unit in CATALOGUE]
REWRITING = [unit.unit_name() for unit in CATALOGUE if issubclass(unit, TextCleaner)]
DIRTY = "<p>\u200b發　Ａ１  13812345678</p>"
#: what some cleaners look for instead
DIRT = {
    "strip_boilerplate": "展会开幕。\n责任编辑：王小二",
    "strip_urls": "官网http://www.abc.com/x欢迎访问",
    "fold_punctuation": "太好了！！！！",
    "apply_glossary": "本届展销会开幕",
}

#: Any text, with what cleaners look for made likely.
PIECES = st.sampled_from(
    [
        "<p>",
        "</b>",
        "&amp;",
        "&#20013;",
        "lt;",
        "Ã",
        "©",
        "\u200b",
        "\u200d",
        "👨‍👩‍👧",
        "\n",
        "\u3000",
        " ",
        "发展",
        "發",
        "後",
        "，",
        "Ａ１",
        "138",
        "12345678",
        "021-6123",
        "@abc.com",
        "锟斤",
        "无",
        "展" * 15,
        "\x1e",
        "\x00",
        "：",
        "n/a",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=12).map("".join))
FRAMES = st.lists(st.one_of(st.none(), TEXTS), max_size=12)


@pytest.mark.parametrize("use", EVERY)
def test_an_empty_frame_stays_empty_and_keeps_its_columns(use: str, rows: Rows) -> None:
    given = rows(title=[])
    outcome = cleaner(use).apply(given)
    schema = {**given.schema, **ADDS.get(use, {})}
    assert outcome.kept.schema == schema
    assert set(outcome.dropped.schema.items()) >= set({**given.schema, **WHY}.items())
    assert outcome.kept.height == outcome.dropped.height == 0


@pytest.mark.parametrize("use", EVERY)
def test_a_frame_of_nulls_does_not_fail(use: str, rows: Rows) -> None:
    outcome = cleaner(use).apply(rows(None, None, title=[None, None]))
    assert outcome.kept.height + outcome.dropped.height == 2


@pytest.mark.parametrize("use", EVERY)
def test_system_columns_and_other_types_never_change(use: str, rows: Rows) -> None:
    given = rows(DIRTY, corpus="發Ａ<b>", amount=[13812345678], paid=[True])
    outcome = cleaner(use).apply(given)
    after = pl.concat([part.select(given.columns) for part in (outcome.kept, outcome.dropped)])
    untouched = ["row_id", "corpus", "cluster_id", "copies", "amount", "paid"]
    assert after.select(untouched).equals(given.select(untouched))


@pytest.mark.parametrize("use", sorted(set(REWRITING) - {"null_placeholders"}))
def test_all_text_columns_are_rewritten_but_the_skipped_ones(use: str, rows: Rows) -> None:
    dirty = DIRT.get(use, DIRTY)
    given = rows(dirty, title=[dirty], note=[dirty])
    kept = cleaner(use, skip="note").apply(given).kept
    assert kept["title"].item() == kept["text"].item() != dirty
    assert kept["note"].item() == dirty
    assert kept.columns == given.columns


def test_skip_takes_a_list_or_one_name() -> None:
    assert cleaner("fold_width", skip="a").skip == cleaner("fold_width", skip=["a"]).skip == ["a"]


@pytest.mark.parametrize("use", EVERY)
def test_only_chooses_corpora(use: str) -> None:
    assert cleaner(use).for_corpus("news")
    assert cleaner(use, only=["news"]).for_corpus("news")
    assert not cleaner(use, only=["news"]).for_corpus("papers")


def test_only_refuses_a_corpus_that_the_recipe_does_not_have() -> None:
    with pytest.raises(ValidationError, match="没有叫 newz 的语料"):
        CLEANERS["fold_width"].model_validate(
            {"use": "fold_width", "only": ["newz"]}, context={"corpora": ["news"]}
        )


@pytest.mark.parametrize("use", EVERY)
def test_an_unknown_option_is_refused(use: str) -> None:
    with pytest.raises(ValidationError, match="no_such_option"):
        cleaner(use, no_such_option=1)


def test_only_says_where_a_cleaner_runs_and_is_not_in_its_fingerprint() -> None:
    assert cleaner("drop_short", only=["news"]).fingerprint() == cleaner("drop_short").fingerprint()
    assert cleaner("drop_short", min_chars=5).fingerprint() != cleaner("drop_short").fingerprint()
    assert cleaner("drop_short", min_chars=4).fingerprint() == cleaner("drop_short").fingerprint()


def test_a_recipe_names_cleaners_bare_or_with_options() -> None:
    read = TypeAdapter(AnyCleaner).validate_python
    assert read("drop_short") == read({"drop_short": None}) == cleaner("drop_short")
    assert read({"drop_short": {"min_chars": 8}}) == cleaner("drop_short", min_chars=8)
    with pytest.raises(ValidationError, match="没有 drop_shrt"):
        read("drop_shrt")


def test_text_made_from_other_columns_is_made_anew_from_clean_ones(rows: Rows) -> None:
    given = rows("ＡＢＣ：old", title=["ＡＢＣ"])
    fold = [cleaner("fold_width")]
    assert Chain(fold, "{{ title }}：new")(given).kept["text"].item() == "ABC：new"
    assert Chain(fold, "title")(given).kept["text"].item() == "ABC"
    assert Chain(fold)(given).kept["text"].item() == "ABC：old"


def test_a_dropped_row_keeps_its_values_beside_the_reason(rows: Rows) -> None:
    outcome = cleaner("drop_short").apply(rows("好", "一行足够长的正文", title=["甲", "乙"]))
    assert outcome.dropped.select("row_id", "text", "title", "reason").rows() == [
        ("news:0", "好", "甲", "too_short")
    ]
    assert outcome.kept["row_id"].to_list() == ["news:1"]


def test_only_where_hands_over_nothing_but_the_values_that_match() -> None:
    seen: list[str] = []

    def rewrite(values: pl.Series) -> pl.Series:
        seen.extend(values.to_list())
        return values.str.to_uppercase()

    values = pl.Series("x", ["a1", None, "b", "a2", ""], dtype=pl.String)
    assert only_where(values, "^a", rewrite).to_list() == ["A1", None, "b", "A2", ""]
    assert seen == ["a1", "a2"]
    assert values.to_list() == ["a1", None, "b", "a2", ""]


@pytest.mark.parametrize("use", EVERY)
@given(texts=FRAMES)
@settings(max_examples=10)
def test_every_row_is_kept_or_dropped_in_its_order(use: str, texts: list[str | None]) -> None:
    outcome = outcome_of(use, *texts)
    kept = [int(row.removeprefix("news:")) for row in outcome.kept["row_id"]]
    dropped = [int(row.removeprefix("news:")) for row in outcome.dropped["row_id"]]
    assert kept == sorted(kept)
    assert dropped == sorted(dropped)
    assert sorted(kept + dropped) == list(range(len(texts)))
    assert outcome.dropped["reason"].null_count() == 0


@pytest.mark.parametrize("use", REWRITING)
@given(texts=FRAMES)
@settings(max_examples=10)
def test_a_row_is_rewritten_alike_alone_and_among_others(use: str, texts: list[str | None]) -> None:
    assert rewritten(use, *texts) == rewritten(use, *texts[:2]) + rewritten(use, *texts[2:])


@pytest.mark.parametrize("use", EVERY)
@given(texts=FRAMES)
@settings(max_examples=15)
def test_cleaning_twice_is_cleaning_once(use: str, texts: list[str | None]) -> None:
    once = outcome_of(use, *texts).kept
    again = cleaner(use).apply(once)
    assert again.dropped.is_empty()
    assert again.kept.equals(once)
