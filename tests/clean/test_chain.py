"""The cleaners of a corpus as one step: the same rows as one by one, and who changed and dropped what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.clean import Chain, clean_key
from curate.clean.chain import sample_frames
from curate.clean.cleaner import Cleaner, Learner, Notes, Scan, TextCleaner
from curate.errors import AccountingError
from curate.rows import CHANGE, WHY, Outcome, Table, because, keep_where, nothing_dropped
from tests.clean.tables import cleaner
from tests.conftest import Rows

NAMES = [
    "repair_text",
    "strip_html",
    "fold_width",
    "fold_space",
    "convert_script",
    "drop_garbled",
    "drop_short",
]
EVERY = [cleaner(name) for name in NAMES]


class Shout(TextCleaner):
    """Sets a mark behind every text and tells how many."""

    use: Literal["shout"] = "shout"

    def rewrite_column(self, values: pl.Series, notes: Notes) -> pl.Series:
        notes.add(values.name, "shouted", count=len(values))
        return values + "!"


class Length(Cleaner):
    """Adds a column."""

    use: Literal["length"] = "length"

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        kept = rows.with_columns(pl.col("text").str.len_chars().alias("length"))
        return Outcome(kept, nothing_dropped(kept))


class Common(Learner):
    """Drops rows whose text was seen while learning."""

    use: Literal["common"] = "common"

    def learn(self, frames: Iterator[pl.DataFrame], folder: Path) -> dict[str, Any]:
        pl.concat(frame.select("text") for frame in frames).write_parquet(folder / "seen.parquet")
        return {}

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        if self._model is None:
            return Outcome(rows, nothing_dropped(rows))
        seen = pl.read_parquet(self._model / "seen.parquet")["text"].to_list()
        return keep_where(rows, {"common": ~pl.col("text").is_in(seen)})


def changes(outcome: Outcome) -> list[tuple[str, ...]]:
    assert outcome.changes is not None
    return sorted(outcome.changes.iter_rows())


def test_every_cleaner_is_told_of_as_a_step_of_its_own(rows: Rows) -> None:
    outcome = Chain(EVERY)(
        rows("<p>發展　Ａ１</p>", "锟斤拷", "好", "展会资讯", title=["Ａ", "x", None, "y"])
    )
    assert outcome.kept["text"].to_list() == ["发展 A1", "展会资讯"]
    assert outcome.dropped.select("text", "reason").rows() == [("锟斤拷", "garbled"), ("好", "too_short")]
    assert changes(outcome) == [
        ("news:0", "convert_script", "text"),
        ("news:0", "fold_width", "text"),
        ("news:0", "fold_width", "title"),
        ("news:0", "strip_html", "text"),
    ]
    told = {unit["unit"]: (unit["rows_in"], unit["kept"], unit["dropped"]) for unit in outcome.units}
    assert list(told) == NAMES
    assert told["strip_html"] == (4, 4, 0)
    assert told["drop_garbled"] == (4, 3, 1)
    assert told["drop_short"] == (3, 2, 1)
    assert outcome.units[2]["changed"] == {"text": 1, "title": 1}
    assert outcome.units[5]["reasons"] == {"garbled": 1}


PIECES = st.sampled_from(
    ["<p>", "</p>", "發", "Ａ１", "\u3000", " ", "\u200b", "展会", "锟斤", "&amp;", "\n", "好"]
)
TEXTS = st.lists(st.one_of(st.none(), st.lists(PIECES, max_size=8).map("".join)), max_size=6)


@settings(max_examples=25)
@given(TEXTS, TEXTS)
def test_the_chain_gives_the_rows_that_its_cleaners_give_one_by_one(
    texts: list[str | None], titles: list[str | None]
) -> None:
    number = min(len(texts), len(titles))
    rows = pl.DataFrame(
        {
            "row_id": [f"c:{n}" for n in range(number)],
            "title": pl.Series(titles[:number], dtype=pl.String),
            "text": pl.Series(texts[:number], dtype=pl.String),
        },
        schema_overrides={"row_id": pl.String},
    )
    outcome = Chain(EVERY)(rows)
    kept, gone = rows, []
    for one in EVERY:
        alone = one.apply(kept)
        kept = alone.kept
        gone.append(alone.dropped)
    dropped = pl.concat(gone)
    assert outcome.kept.equals(kept)
    assert outcome.dropped.select(dropped.columns).sort("row_id").equals(dropped.sort("row_id"))
    assert outcome.units[0]["rows_in"] == number
    last = list(Chain(EVERY).steps(rows))[-1][1]
    assert last.equals(kept)


def test_text_made_of_columns_is_made_anew_before_it_is_looked_at(rows: Rows) -> None:
    given = rows("好", "好好好", title=["Ａ\u3000" * 4, "x"])
    outcome = Chain([cleaner("fold_width"), cleaner("drop_short")], "{{ title }}")(given)
    assert outcome.kept["text"].to_list() == ["A A A A "]
    assert outcome.dropped["text"].to_list() == ["好好好"]
    assert changes(outcome) == [("news:0", "fold_width", "title")]
    behind_the_last = Chain([cleaner("fold_width")], "标题：{{ title }}")(given)
    assert behind_the_last.kept["text"].to_list() == ["标题：A A A A ", "好好好"]


def test_text_made_of_columns_is_not_rewritten_itself(rows: Rows) -> None:
    outcome = Chain([Shout()], "{{ title }}")(rows("old", title=["new"]))
    assert outcome.kept.select("title", "text").rows() == [("new!", "new!")]


def test_what_a_cleaner_notes_is_added_up_by_cleaner(rows: Rows) -> None:
    outcome = Chain([Shout(), Shout()])(rows("a", "b", None, title=["x", None, None]))
    assert outcome.notes is not None
    assert outcome.notes.select("unit", "column", "what", "count").rows() == [
        ("shout", "title", "shouted", 1), ("shout", "text", "shouted", 2),
        ("shout", "title", "shouted", 1), ("shout", "text", "shouted", 2),
    ]  # fmt: skip


def test_a_row_that_went_before_a_column_was_added_has_it_empty(rows: Rows) -> None:
    outcome = Chain([cleaner("drop_garbled"), Length(), cleaner("drop_short")])(
        rows("锟斤拷", "展", "展会资讯")
    )
    assert outcome.kept.select("text", "length").rows() == [("展会资讯", 4)]
    assert outcome.dropped.select("text", "length", "reason").rows() == [
        ("锟斤拷", None, "garbled"), ("展", 1, "too_short"),
    ]  # fmt: skip
    assert outcome.dropped.columns[-4:] == list(WHY)


def test_an_empty_shard_keeps_its_columns(rows: Rows) -> None:
    given = rows(title=[])
    outcome = Chain(EVERY)(given)
    assert outcome.kept.schema == given.schema
    assert outcome.dropped.schema == {**given.schema, **WHY}
    assert outcome.changes is not None
    assert outcome.changes.schema == CHANGE


class Loses(Length):
    """Gives a row less than it got."""

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        return Outcome(rows.head(1), nothing_dropped(rows))


class Doubles(Length):
    """Gives a row twice, and none of another."""

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        return Outcome(pl.concat([rows.head(1), rows.head(1)]), nothing_dropped(rows))


class Turns(Length):
    """Gives the rows in another order."""

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        return Outcome(rows.reverse(), nothing_dropped(rows))


class DropsTwice(Length):
    """Drops a row twice, and loses another."""

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        gone = because(rows.head(1), pl.lit("gone"))
        return Outcome(rows.clear(), pl.concat([gone, gone]))


class KeepsAndDrops(Length):
    """Drops a row that it keeps, and loses another."""

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        return Outcome(rows.head(1), because(rows.head(1), pl.lit("gone")))


@pytest.mark.parametrize("wrong", [Loses, Doubles, Turns, DropsTwice, KeepsAndDrops])
def test_a_cleaner_that_loses_doubles_or_turns_rows_stops_the_run(wrong: type[Cleaner], rows: Rows) -> None:
    with pytest.raises(AccountingError, match="对不上"):
        Chain([wrong()])(rows("a", "b"))


def test_a_learner_works_by_what_it_has_learned(rows: Rows, tmp_path: Path) -> None:
    Common().learn(iter([rows("请点赞")]), tmp_path)
    given = rows("请点赞", "展会")
    assert Chain([Common().learned(tmp_path)])(given).dropped["reason"].to_list() == ["common"]
    assert Chain([Common()])(given).dropped.is_empty()


def test_what_is_learned_from_is_taken_evenly_from_the_whole_table(tmp_path: Path) -> None:
    paths = []
    for shard in range(2):
        paths.append(tmp_path / f"{shard}.parquet")
        pl.DataFrame({"n": range(shard * 6, shard * 6 + 6)}).write_parquet(paths[-1])
    table = Table("c", tuple(paths))
    assert [frame["n"].to_list() for frame in sample_frames(table, most=5)] == [[0, 3], [6, 9]]
    assert sum(frame.height for frame in sample_frames(table)) == 12


def test_the_key_of_a_clean_step_depends_on_all_that_its_rows_depend_on() -> None:
    base = clean_key([{"unit": "a"}], None, "k")
    others = [
        clean_key([{"unit": "b"}], None, "k"),
        clean_key([{"unit": "a"}], "name", "k"),
        clean_key([{"unit": "a"}], None, "l"),
    ]
    assert len({base, *others}) == 4
    assert base == clean_key([{"unit": "a"}], None, "k")


def test_a_scan_follows_what_changes_and_what_goes() -> None:
    scan, texts = Scan(), pl.Series("text", ["<p>", "好", None, "發"])
    tag, traditional = cleaner("strip_html"), cleaner("convert_script")
    assert isinstance(tag, TextCleaner)
    assert isinstance(traditional, TextCleaner)
    assert scan.places(texts, tag.suspects()).to_list() == [0]
    scan.changed("text", pl.Series([0], dtype=pl.UInt32), pl.Series(["發"]))
    texts = pl.Series("text", ["發", "好", None, "發"])
    assert scan.places(texts, tag.suspects()).to_list() == []
    assert scan.places(texts, traditional.suspects()).to_list() == [0, 3]
    scan.keep(pl.Series([1, 3], dtype=pl.UInt32))
    assert scan.places(texts[[1, 3]], traditional.suspects()).to_list() == [1]
