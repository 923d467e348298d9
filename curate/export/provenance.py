"""The provenance of a release: what each pair is, where it comes from and how it was made, in a file beside the data."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from curate.algorithms.personal_data import Kind, replaced
from curate.export.content import content_of
from curate.pairs import MADE, REVIEWED, question_text
from curate.sql import ask

#: What the provenance file has always told of each pair.
IDENTITY: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(
        [
            "pair_id",
            "parent_id",
            "corpus",
            "tier",
            "cluster_id",
            "split",
            "kind",
            "origin",
            "task",
            "question",
        ],
        pl.String,
    ),
    "tokens": pl.Int64,
    "question_md5": pl.String,
    "content_md5": pl.String,
}
#: How it was made: the fields of ``pairs.MADE``. Why a slot gave no pair is no pair's story.
_RENAMED = {"start": "source_start", "end": "source_end"}
_MAKING = {
    field.name: _RENAMED.get(field.name, field.name)
    for field in MADE.fields
    if field.name not in ("failure", "detail")
}
_KINDS = {_MAKING[field.name]: field.dtype for field in MADE.fields if field.name in _MAKING}
#: What people decided: the fields of ``pairs.REVIEWED`` that leave the house.
_REVIEW = {
    f"review_{field.name}": field.dtype for field in REVIEWED.fields if field.name not in ("reason", "was")
}
_MADE = {**IDENTITY, "of_pair": pl.String, "slot_id": pl.String, "score": pl.Float64, **_KINDS}
#: All columns of the provenance file.
PROVENANCE = {**_MADE, **_REVIEW}
#: What it may hold: older releases tell of no review, the oldest of no making.
FORMS = (PROVENANCE, _MADE, IDENTITY)


def provenance(pairs: pl.DataFrame, looked_for: Sequence[Kind]) -> pl.DataFrame:
    """The rows of the provenance file (the columns of ``PROVENANCE``).

    Args:
        pairs: with ``tokens`` and ``calls``.
        looked_for: kinds of personal data that must not leave the house.
    """
    md5 = ask(
        "SELECT md5(question) AS question_md5, md5(content) AS content_md5 FROM asked ORDER BY place",
        asked=pairs.select(
            question_text().alias("question"), content_of(pairs).alias("content")
        ).with_row_index("place"),
    )
    making = (pl.col("made").struct.field(field).alias(column) for field, column in _MAKING.items())
    judged = (pl.col("review").struct.field(name.removeprefix("review_")).alias(name) for name in _REVIEW)
    return _masked(pairs.with_columns(*md5, *making, *judged), looked_for).select(*PROVENANCE)


def _masked(told: pl.DataFrame, looked_for: Sequence[Kind]) -> pl.DataFrame:
    """``told`` with the personal data in ``source`` and ``evidence`` masked: ``fit`` searches the pairs alone, and what is
    quoted beside them leaves the house with them. Evidence that is then no part of its source is left out.
    """
    source, in_source = replaced(told["source"], looked_for, lambda one: one.shown)
    evidence, in_evidence = replaced(told["evidence"], looked_for, lambda one: one.shown)
    if not in_source and not in_evidence:
        return told
    masked = told.with_columns(source.alias("source"), evidence.alias("evidence"))
    quoted = pl.col("source").str.contains(pl.col("evidence"), literal=True).fill_null(True)
    return masked.with_columns(pl.when(source.eq_missing(told["source"]) | quoted).then("evidence"))
