"""The guards: a run stops when dedupe took more than the recipe allows, with the rows that show why."""

from __future__ import annotations

import polars as pl

from curate.cache import Step
from curate.dedupe.decide import verdicts_of
from curate.dedupe.explain import Decided
from curate.errors import GateFailed
from curate.language import say

#: Removals that rest on a similarity; the same key or the same text needs no guard.
BY_SIMILARITY = ("near_duplicate", "same_entity")
#: Fewer removed rows than this are never too many: three of the four rows of a test are no catastrophe.
LEAST = 50
SHOWN, LETTERS = 3, 60


def guard(decided: Decided, step: Step, max_loss: float, max_group: float) -> None:
    """Raises:
    GateFailed: a corpus lost more than ``max_loss`` of its rows by similarity, or more than ``max_group`` of
        them went because of one row.
    """
    told = pl.read_parquet(verdicts_of(decided.folder, step.corpus))
    gone = told.filter(pl.col("reason").is_in(BY_SIMILARITY))
    if gone.height < LEAST:
        return
    largest = gone["of"].value_counts().sort("count", "of", descending=[True, False]).row(0, named=True)
    group = gone.filter(pl.col("of") == largest["of"])
    example = group.sort("similarity", "row_id").head(SHOWN)
    if gone.height > max_loss * step.rows_in:
        share = gone.height / step.rows_in
        _stop(
            decided,
            example,
            say(
                f"{step.corpus} 有 {gone.height}/{step.rows_in} 行（{share:.1%}）因为相似被去掉，超过 max_loss: {max_loss}",
                f"{step.corpus}: {gone.height} of {step.rows_in} rows ({share:.1%}) went because they are similar, more than max_loss: {max_loss}",
            ),
            _hint("max_loss", step.corpus, gone),
        )
    if largest["count"] >= LEAST and largest["count"] > max_group * step.rows_in:
        share = largest["count"] / step.rows_in
        _stop(
            decided,
            example,
            say(
                f"{step.corpus} 有 {largest['count']}/{step.rows_in} 行（{share:.1%}）都被当作 {largest['of']} 的重复，超过 max_group: {max_group}",
                f"{step.corpus}: {largest['count']} of {step.rows_in} rows ({share:.1%}) went as copies of {largest['of']}, more than max_group: {max_group}",
            ),
            _hint("max_group", step.corpus, group),
        )


def _stop(decided: Decided, example: pl.DataFrame, what: str, hint: str) -> None:
    """Raises: GateFailed with texts of the largest group."""
    names = [example["of"][0], *example["row_id"]]
    texts = {name: row["text"] for name, row in decided.rows(names).items()}
    lines = [say("留下的 ", "kept ") + _line(names[0], texts)]
    lines += [
        say(f"去掉的（相似度 {similarity:.2f}） ", f"gone (similarity {similarity:.2f}) ")
        + _line(name, texts)
        for name, similarity in example.select("row_id", "similarity").iter_rows()
    ]
    raise GateFailed("\n    ".join([what, *lines]), hint, gate="dedupe")


def _hint(option: str, corpus: str, gone: pl.DataFrame) -> str:
    """What tells different records apart, by the method that took these rows; and the guard's own ``option``."""
    apart = {
        "near_duplicate": say(
            "在语料里写 identity（区分它们的列），或提高 minhash.threshold",
            "name the columns that tell them apart (identity), or raise minhash.threshold",
        ),
        "same_entity": say(
            f"在 records.{corpus}.match 里加上区分它们的列，或提高 records.{corpus}.merge_above",
            f"let records.{corpus}.match name a column that tells them apart, or raise records.{corpus}.merge_above",
        ),
    }
    reasons = gone["reason"].to_list()
    ways = [way for reason, way in apart.items() if reason in reasons]
    return say(
        f"如果它们其实是不同的记录：{'；或'.join(ways)}；"
        f"如果确实重复：把 dedupe.{option} 调大。curate show dedupe 列出更多例子",
        f"if these are different records, {'; or '.join(ways)}; "
        f"if they are copies, raise dedupe.{option}. curate show dedupe lists more",
    )


def _line(name: str, texts: dict[str, str]) -> str:
    text = " ".join((texts.get(name) or "").split())
    return f"{name}：{text[:LETTERS]}{'…' if len(text) > LETTERS else ''}"
