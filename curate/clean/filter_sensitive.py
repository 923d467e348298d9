"""filter_sensitive: rows that hold words of people's own lists."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal, Self

import polars as pl
from pydantic import Field, model_validator

from curate.algorithms.word_list import FOUND, Word, WordList
from curate.clean.cleaner import Cleaner, Notes
from curate.errors import Problem
from curate.language import say
from curate.options import Files, Names, located
from curate.rows import Outcome, because, nothing_dropped
from curate.term_files import raise_problems, read_lines, read_table

COLUMNS = {"term": ("词", "敏感词", "词条", "word"), "category": ("类别", "分类")}
#: The column of ``action: flag``, and what stands between several categories.
FLAGS, BAR = "flags", "|"


class FilterSensitive(Cleaner):
    """丢弃或标记含敏感词的行，词表由自己提供。 / Drop or flag rows that hold words of your own lists.

    A list is a txt file (a word a line; lines that begin with # are left out; the file's name is the category) or a
    table (csv, tsv, xlsx, yaml) with the columns term 词 and category 类别. Of words that overlap the leftmost counts,
    then the longest; words of ``except`` compete with them, so 内蒙古 shields a 蒙古. Latin words are whole words.
    With ``flag`` the rows get a column ``flags``: the categories found, sorted, with | between, or null; what is there
    already stays. A dropped row's detail holds the words. Notes: the category, the word and how many values hold it.
    """

    use: Literal["filter_sensitive"] = "filter_sensitive"
    files: Files = Field(min_length=1)
    """词表，一个或几个 / the lists: one or several files"""
    action: Literal["drop", "flag"] = "drop"
    """丢弃，或在 flags 列里标记 / drop the row, or flag it in the column ``flags``"""
    columns: Names = ["text"]
    """检查哪些列；语料没有的列略过 / the columns to look at; those that a corpus lacks are passed over"""
    except_: list[str] = Field([], alias="except")
    """含有敏感词但没有问题的更长的词 / longer words that hold a listed one without harm"""
    ignore_case: bool = True
    """英文字母不分大小写 / letters A-Z match in any case"""
    ignore_width: bool = True
    """全角、带圈等字母数字与普通的一样 / full-width, circled … letters and digits match plain ones"""
    ignore_marks: bool = False
    """字之间夹着标点、空格、符号也算（代*开 发票） / also with marks, spaces or signs between the characters"""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if all(located(file).is_file() for file in self.files):
            _ = self.words
        return self

    @cached_property
    def words(self) -> WordList:
        """The words of all files.

        Raises:
            PydanticCustomError: all that is wrong with the files, with their lines.
        """
        problems: list[Problem] = []
        listed = [word for file in self.files for word in _read(file, problems)]
        words = WordList(
            listed,
            self.except_,
            ignore_case=self.ignore_case,
            ignore_width=self.ignore_width,
            ignore_marks=self.ignore_marks,
        )
        problems += [
            Problem(
                Path(word.file),
                word.line,
                say(
                    f"{word.spelling} 没有字，或也在 except 里",
                    f"{word.spelling} is nothing but marks, or in except too",
                ),
                say("删掉它，或从 except 里去掉", "take it out, or take it out of except"),
            )
            for word in words.faults
        ]
        raise_problems(problems)
        return words

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        found = self._found(rows, notes or Notes())
        if self.action == "flag":
            kept = rows.with_columns(self._flags(rows, found))
            return Outcome(kept, nothing_dropped(kept))
        told = found.group_by("place", maintain_order=True).agg(pl.col("word").str.join("、"))
        bad = because(rows[told["place"]], pl.lit("sensitive"), detail=pl.lit(told["word"]))
        return Outcome(rows.filter(~_among(told["place"], rows.height)), bad)

    def _found(self, rows: pl.DataFrame, notes: Notes) -> pl.DataFrame:
        """The columns of ``FOUND`` for rows, each word once a row; and tells them."""
        found = [pl.DataFrame(schema=FOUND)]
        for column in self.columns:
            if rows.schema.get(column) == pl.String:
                held = self.words.find(rows[column])
                found.append(held)
                for word, count in held["word"].value_counts(name="count").sort("word").iter_rows():
                    for category in self.words.categories[word]:
                        notes.add(column, category, word, count=count)
        return pl.concat(found).unique(maintain_order=True).sort("place", maintain_order=True)

    def _flags(self, rows: pl.DataFrame, found: pl.DataFrame) -> pl.Series:
        """The column ``flags``: what is there and the categories of the words that were found."""
        empty = pl.repeat(None, rows.height, dtype=pl.String, eager=True)
        old = rows[FLAGS] if FLAGS in rows.columns else empty.alias(FLAGS)
        categories = {word: BAR.join(names) for word, names in self.words.categories.items()}
        new = found.group_by("place", maintain_order=True).agg(
            pl.col("word").replace_strict(categories, return_dtype=pl.String).str.join(BAR)
        )
        before = pl.lit(old.gather(new["place"]))
        flags = pl.concat_str(before, "word", separator=BAR, ignore_nulls=True).str.split(BAR)
        told = new.select(flags.list.unique().list.sort().list.join(BAR))
        return old.clone().scatter(new["place"], told.to_series())


def _among(places: pl.Series, height: int) -> pl.Series:
    return pl.repeat(False, height, dtype=pl.Boolean, eager=True).scatter(places, True)


def _read(file: str, problems: list[Problem]) -> list[Word]:
    """The words of a file, and what is wrong with it."""
    before, name = len(problems), Path(file).stem
    if Path(file).suffix.lower() == ".txt":
        words = [Word(term, name, file, line) for line, term in read_lines(file, problems)]
    else:
        rows = read_table(file, COLUMNS, problems)
        words = [
            Word(row["term"], row.get("category", name), file, line) for line, row in rows if "term" in row
        ]
        nameless = [line for line, row in rows if "term" not in row]
        what, hint = (
            say("没有词", "there is no word"),
            say("写在 term 或 词 这一列", "put it in the column term"),
        )
        problems += [Problem(Path(file), line, what, hint) for line in nameless]
    if not words and len(problems) == before:
        what = say("一个词也没有", "holds no words")
        problems.append(Problem(Path(file), 0, what, say("一行写一个词", "write a word a line")))
    return words
