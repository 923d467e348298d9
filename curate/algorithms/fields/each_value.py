"""A column's values repeat: each is read once, and found again for its rows."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TypeVar

import polars as pl

Read = TypeVar("Read")


def each_value(
    texts: pl.Series, read: Callable[[str], Read | None], dtype: pl.DataType | type[pl.String] = pl.String
) -> pl.Series:
    """``read`` of every text, as a column of ``dtype``; null stays null."""
    unique = texts.drop_nulls().unique()
    told = pl.DataFrame({"text": unique, "read": pl.Series(map(read, unique.to_list()), dtype=dtype)})
    return texts.to_frame("text").join(told, on="text", how="left", maintain_order="left")["read"]


def each_other_value(texts: pl.Series, normal: pl.Series, read: Callable[[str], str | None]) -> pl.Series:
    """``read`` of the texts that are not in normal form already, as ``normal`` (boolean) says."""
    other = (~normal.fill_null(False) & texts.is_not_null()).arg_true()
    if other.is_empty():
        return texts
    return texts.clone().scatter(other, each_value(texts.gather(other), read))


def narrow(text: str) -> str:
    """Half-width (NFKC), without white space at the ends and invisible characters: for a field, never for prose."""
    return "".join(
        mark for mark in unicodedata.normalize("NFKC", text) if unicodedata.category(mark) != "Cf"
    ).strip()
