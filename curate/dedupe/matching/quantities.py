"""Values that are equal or not, or nearly: codes, phones, e-mail addresses, numbers, dates, categories."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.checksums import is_id_card
from curate.algorithms.name_form import name_form
from curate.algorithms.similarity import pairwise
from curate.dedupe.matching.keys import Keys

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_AMOUNTS = {"万": 1e4, "亿": 1e8, "千": 1e3, "百万": 1e6, "千万": 1e7, "k": 1e3}


def code_form(values: pl.Series) -> pl.Series:
    """Upper case letters and digits; less than three of them, or one repeated (0000), is no code."""
    plain = values.str.normalize("NFKC").str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "").to_frame("code")
    real = (pl.col("code").str.len_chars() >= 3) & (
        pl.col("code").str.strip_chars(pl.col("code").str.slice(0, 1)) != ""
    )
    return plain.select(pl.when(real).then("code")).to_series()


def code_values(forms: pl.Series) -> pl.DataFrame:
    """``valid``: a credit code or an identity number whose check digit is right: two of them are two entities."""
    return pl.DataFrame({"form": forms, "valid": valid_codes(forms)})


def valid_codes(codes: pl.Series) -> npt.NDArray[np.bool_]:
    """Which codes are unified social credit codes (GB 32100-2015) or identity numbers (GB 11643-1999)?"""
    valid = np.zeros(len(codes), dtype=bool)
    shaped = np.flatnonzero((codes.str.len_bytes() == 18).fill_null(False).to_numpy())
    if not len(shaped):
        return valid
    marks = np.frombuffer("".join(codes.gather(shaped).to_list()).encode("ascii"), dtype=np.uint8).reshape(
        -1, 18
    )
    values = np.full(256, -1, dtype=np.int64)
    values[np.frombuffer(_CREDIT_ALPHABET.encode(), dtype=np.uint8)] = np.arange(len(_CREDIT_ALPHABET))
    numbers = values[marks]
    weights = np.array([pow(3, place, 31) for place in range(17)])
    right = (numbers >= 0).all(axis=1) & (-(numbers[:, :17] @ weights) % 31 == numbers[:, 17])
    digits = shaped[(marks[:, :17] < ord("A")).all(axis=1) & ~right]
    valid[shaped[right]] = True
    valid[digits] = [is_id_card(code) for code in codes.gather(digits).to_list()]
    return valid


def phone_form(values: pl.Series) -> pl.Series:
    """Digits of the first number, without 86, a leading 0 and an extension; less than seven are no phone."""
    first = (
        values.str.normalize("NFKC")
        .str.extract(r"^([^;,、，；]+)")
        .str.replace(r"(?i)(?:ext|转|分机|#).*$", "")
    )
    digits = first.str.replace(r"(\d{7,8})\s*-\s*\d{1,5}$", "$1").str.replace_all(r"\D", "").to_frame("phone")
    bare = pl.col("phone").str.replace(r"^(?:00)?86(\d{10,12})$", "$1").str.replace(r"^0+", "")
    same = bare.str.strip_chars(bare.str.slice(0, 1)) == ""
    return digits.select(pl.when((bare.str.len_chars() >= 7) & ~same).then(bare)).to_series()


def email_form(values: pl.Series) -> pl.Series:
    return (
        values.str.normalize("NFKC")
        .str.to_lowercase()
        .str.extract(r"([a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,})")
    )


def number_form(values: pl.Series) -> pl.Series:
    """The first number, in full: 100万元 is 1000000."""
    plain = values.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"(\d),(\d{3})", "$1$2")
    parts = plain.to_frame("text").select(
        pl.col("text").str.extract(r"(-?\d+(?:\.\d+)?)").cast(pl.Float64, strict=False).alias("number"),
        pl.col("text")
        .str.extract(r"\d\s*(百万|千万|万|亿|千|k)")
        .replace_strict(_AMOUNTS, default=1.0)
        .alias("times"),
    )
    return parts.select((pl.col("number") * pl.col("times")).cast(pl.String)).to_series()


def number_similarity(values: pl.DataFrame, left: I64, right: I64) -> F64:
    """1 - relative difference."""
    number = values["form"].cast(pl.Float64).to_numpy()
    one, other = number[left], number[right]
    larger = np.maximum(np.maximum(np.abs(one), np.abs(other)), 1e-12)
    return np.asarray(np.clip(1.0 - np.abs(one - other) / larger, 0.0, 1.0))


def date_form(values: pl.Series) -> pl.Series:
    """yyyymmdd, yyyymm or yyyy, as much as is known."""
    plain = values.str.normalize("NFKC").to_frame("text")
    told = plain.select(
        year=pl.col("text").str.extract(r"((?:1[5-9]|20|21)\d{2})"),
        rest=pl.col("text").str.extract(r"(?:1[5-9]|20|21)\d{2}\D{0,2}(\d.*)$"),
    ).with_columns(
        month=pl.col("rest").str.extract(r"^(\d{1,2})").str.zfill(2),
        day=pl.col("rest").str.extract(r"^(?:\d{2}|\d\D)\D?(\d{1,2})").str.zfill(2),
    )
    known = pl.col("month").is_between(pl.lit("01"), pl.lit("12"))
    month = pl.when(known).then("month").otherwise(pl.lit("")).fill_null("")
    day = (
        pl.when(known & pl.col("day").is_between(pl.lit("01"), pl.lit("31")))
        .then("day")
        .otherwise(pl.lit(""))
    )
    return told.select(pl.concat_str("year", month, day.fill_null(""))).to_series()


def date_similarity(values: pl.DataFrame, left: I64, right: I64) -> F64:
    """1 for equal dates, 0.95 when one only says less, 0.85 for a slip (a digit, day and month), else 0."""
    from rapidfuzz.distance import OSA

    form = values["form"]
    pairs = pl.DataFrame({"one": form.gather(left), "other": form.gather(right)})
    one, other = pl.col("one"), pl.col("other")
    swapped = pl.concat_str(other.str.slice(0, 4), other.str.slice(6, 2), other.str.slice(4, 2))
    told = pairs.select(
        less=one.str.starts_with(other) | other.str.starts_with(one),
        slip=(one.str.len_bytes() == 8) & (other.str.len_bytes() == 8),
        swapped=(one.str.len_bytes() == 8) & (one == swapped),
    )
    slip = told["slip"].to_numpy() & (pairwise(OSA.normalized_similarity, form, left, right) >= 0.87)
    found = np.where(slip | told["swapped"].to_numpy(), 0.85, 0.0)
    return np.where(told["less"].to_numpy(), 0.95, found)


def category_form(values: pl.Series) -> pl.Series:
    """Names of places without 市 and 省: 深圳市 and 深圳 are one."""
    return name_form(values).str.replace(r"^(.{2,}?)(?:省|市|地区)$", "$1")


def plain_values(forms: pl.Series) -> pl.DataFrame:
    return forms.to_frame("form")


def same_value(values: pl.DataFrame) -> list[Keys]:
    """Rows of one value are compared."""
    return [Keys("value", pl.DataFrame({"place": np.arange(values.height), "key": values["form"]}))]


def equal_only(values: pl.DataFrame, left: I64, right: I64) -> F64:  # noqa: ARG001
    """0: another phone is another phone, however alike the digits."""
    return np.zeros(len(left))


def code_similarity(values: pl.DataFrame, left: I64, right: I64) -> F64:
    """Share of characters that agree (optimal string alignment)."""
    from rapidfuzz.distance import OSA

    return pairwise(OSA.normalized_similarity, values["form"], left, right)
