"""What a pair teaches, as one text that its row gives back in every format: so a changed row is found by its digest."""

from __future__ import annotations

import polars as pl

from curate.pairs import answer, conversation, whole

#: Between role and content, between turns, between the parts of a row; none of them stands in a text.
_UNIT, _RECORD, _GROUP = "\x1f", "\x1e", "\x1d"


def content_text(turns: pl.Expr, rejected: pl.Expr, liked: pl.Expr, plain: pl.Expr) -> pl.Expr:
    """The text.

    Args:
        turns: List(Struct{role, content}), the system's turn and the answer included; null for a plain text.
        rejected: the worse answer, or null.
        liked: Boolean, or null.
        plain: the text of pre-training, or null.
    """
    said = pl.element().struct
    told = turns.list.eval(said.field("role") + _UNIT + said.field("content")).list.join(_RECORD)
    parts = [told, rejected, liked.cast(pl.String), plain]
    return pl.concat_str([part.fill_null("") for part in parts], separator=_GROUP)


def content_of(pairs: pl.DataFrame) -> pl.Expr:
    """The text of these pairs. Tools are no part of it: not every format carries them."""
    kind = pl.col("kind")
    turns = pl.when(kind == "preference").then(conversation(answer())).otherwise(whole(pairs))
    return content_text(
        pl.when(kind != "pretrain").then(turns),
        pl.when(kind == "preference").then("rejected"),
        pl.when(kind == "kto").then("desirable"),
        pl.when(kind == "pretrain").then("output"),
    )
