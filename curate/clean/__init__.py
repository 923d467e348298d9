"""The catalogue of cleaners: one a file; adding one is its file, its test and a line here."""

from typing import Annotated

import polars as pl
from pydantic import Discriminator

from curate.clean.cleaner import Cleaner
from curate.clean.drop_foreign import DropForeign
from curate.clean.drop_garbled import DropGarbled
from curate.clean.drop_long import DropLong
from curate.clean.drop_short import DropShort
from curate.clean.fold_space import FoldSpace
from curate.clean.fold_width import FoldWidth
from curate.clean.mask_pii import MaskPii
from curate.clean.null_placeholders import NullPlaceholders
from curate.clean.repair_text import RepairText
from curate.clean.strip_html import StripHtml
from curate.clean.to_simplified import ToSimplified
from curate.options import NamedUnits
from curate.rows import Outcome, with_text


def clean(cleaner: Cleaner, derived_text: str | None, rows: pl.DataFrame) -> Outcome:
    """One cleaner over some rows; where ``text`` is made from other columns it is made anew."""
    outcome = cleaner.apply(rows)
    return Outcome(with_text(outcome.kept, derived_text), outcome.dropped)


CATALOGUE: tuple[type[Cleaner], ...] = (
    RepairText,
    StripHtml,
    FoldWidth,
    FoldSpace,
    ToSimplified,
    NullPlaceholders,
    MaskPii,
    DropGarbled,
    DropShort,
    DropLong,
    DropForeign,
)

AnyCleaner = Annotated[
    Annotated[
        RepairText
        | StripHtml
        | FoldWidth
        | FoldSpace
        | ToSimplified
        | NullPlaceholders
        | MaskPii
        | DropGarbled
        | DropShort
        | DropLong
        | DropForeign,
        Discriminator("use"),
    ],
    NamedUnits(*CATALOGUE),
]
