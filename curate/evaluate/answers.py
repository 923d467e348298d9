"""What an answer says: its facts, its label, that it declines, that it runs away."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from curate.evaluate.tokens import char_ids, grams

#: marks that may end an answer without changing it
_FINAL = "。．.!！?？;；,，、…~～ \"'”’"

#: A heavy repetition: this many characters, more often than this in one answer.
RUN, TIMES = 10, 5

NO_LABEL = "none"

_DATE = r"(?-u:\b)([0-9]{4})[-/.年]0?([0-9]{1,2})[-/.月]0?([0-9]{1,2})(?:日|(?-u:\b))"


def plain(text: pl.Expr) -> pl.Expr:
    """``text`` in the form in which facts and labels are compared.

    NFKC, lower case, no bold marks, no thousands commas (1,200 is 1200), days written 2026年3月5日 in whichever
    of the usual ways they came, and white space only between Latin words or numbers.
    """
    # commas before NFKC, which makes the Chinese comma of a list one of them
    for _ in range(3):
        text = text.str.replace_all(r"([0-9]),([0-9]{3})(?-u:\b)", "$1$2")
    return (
        text.str.normalize("NFKC")
        .str.to_lowercase()
        .str.replace_all(r"[*`]", "")
        .str.replace_all(r"\s+", " ")
        .str.replace_all(r" ?([^0-9a-z .,]) ?", "$1")
        .str.strip_chars()
        .str.replace_all(_DATE, "${1}年${2}月${3}日")
        .str.replace_all(r"([年月])0([0-9])", "$1$2")
    )


def same(answer: pl.Expr, reference: pl.Expr) -> pl.Expr:
    """Exact match after NFKC, lower case, and without white space and final marks."""

    def bare(text: pl.Expr) -> pl.Expr:
        text = text.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"\s", "")
        return text.str.strip_chars_end(_FINAL)

    return bare(answer) == bare(reference)


def facts_found(answers: pl.Series, facts: pl.Series) -> pl.Series:
    """The share of each row's facts that its answer contains, null where it has none.

    A fact stands whole: 12 is neither in 120 nor in 3.12, 12.5 or a12; 12 in 12kg is.
    """
    long = (
        pl.DataFrame({"answer": answers, "fact": facts})
        .with_row_index("row")
        .with_columns(plain(pl.col("answer")))
        .explode("fact")
        .with_columns(plain(pl.col("fact")))
        .filter(pl.col("fact").fill_null("") != "")
    )
    found = pl.col("answer").str.contains(_whole(pl.col("fact")))
    shares = long.group_by("row").agg(found.mean().alias("share"))
    rows = pl.select(pl.int_range(len(answers), dtype=pl.get_index_type()).alias("row"))
    return rows.join(shares, on="row", how="left", maintain_order="left")["share"]


def _whole(fact: pl.Expr) -> pl.Expr:
    """A pattern that finds ``fact`` where it is no part of a longer number or Latin word."""
    number_before = r"(?:^|[^.]|(?:^|[^0-9])\.)(?-u:\b)"
    number_after = r"(?:$|[^0-9.]|\.(?:$|[^0-9]))"
    before = pl.when(fact.str.contains("^[0-9]")).then(pl.lit(number_before))
    after = pl.when(fact.str.contains("[0-9]$")).then(pl.lit(number_after))
    return (
        before.when(fact.str.contains("^[a-z]")).then(pl.lit(r"(?-u:\b)")).otherwise(pl.lit(""))
        + fact.str.escape_regex()
        + after.when(fact.str.contains("[a-z]$")).then(pl.lit(r"(?-u:\b)")).otherwise(pl.lit(""))
    )


def named_label(answers: pl.Series, labels: list[str]) -> pl.Series:
    """The only one of ``labels`` that the answer names, else ``NO_LABEL``: it names none, or several.

    The longest name wins where names overlap (食品机械 is not 食品); Latin names and numbers stand whole.
    """
    names = pl.DataFrame({"label": labels}).with_columns(plain(pl.col("label")).alias("name"))
    names = names.sort(pl.col("name").str.len_chars(), "name", descending=[True, False])

    def whole(name: str) -> str:
        edge = r"(?-u:\b)"
        return (
            (edge if re.match("[0-9a-z]", name) else "")
            + re.escape(name)
            + (edge if re.search("[0-9a-z]$", name) else "")
        )

    pattern = "|".join(whole(name) for name in names["name"])
    frame = pl.DataFrame({"answer": answers}).select(plain(pl.col("answer")).alias("answer"))
    found = pl.col("answer").str.extract_all(pattern).list.unique()
    only = pl.when(found.list.len() == 1).then(found.list.first())
    return frame.select(
        only.replace_strict(names["name"], names["label"], default=None, return_dtype=pl.String)
        .fill_null(NO_LABEL)
        .alias("named")
    )["named"]


def repeats(answers: pl.Series) -> pl.Series:
    """Whether a run of ``RUN`` characters, white space not counted, comes more than ``TIMES`` times.

    Its first and last place must lie so far apart that so many fit side by side: a dashed line is no runaway.
    """
    bare = answers.str.replace_all(r"\s", "")
    rows, ids = grams(*char_ids(bare), RUN)
    often = (
        pl.DataFrame({"row": rows, "gram": ids, "at": np.arange(len(rows))})
        .group_by("row", "gram")
        .agg(pl.len().alias("times"), (pl.col("at").max() - pl.col("at").min()).alias("span"))
        .filter((pl.col("times") > TIMES) & (pl.col("span") >= RUN * TIMES))
    )
    found = np.zeros(len(answers), bool)
    found[often["row"].to_numpy()] = True
    return pl.Series(found)
