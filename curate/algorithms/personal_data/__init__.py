"""Numbers, accounts, addresses and names that lead to a person: found, confirmed, replaced. Pure functions over texts."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from curate.algorithms.personal_data.finding import (
    Suspect,
    find,
    find_plain,
    kinds_in,
    replaced,
    search,
    with_instead,
)
from curate.algorithms.personal_data.kinds import KINDS, Found, Kind
from curate.algorithms.personal_data.names import names_in_cell

__all__ = [
    "KINDS",
    "Found",
    "Kind",
    "Suspect",
    "find",
    "find_plain",
    "kinds_in",
    "mask",
    "names_in_cell",
    "replaced",
    "search",
    "with_instead",
]


def mask(text: str, kinds: Iterable[Kind] = KINDS) -> str:
    """``text`` with its personal data masked: what stays readable leads to nobody."""
    return str(replaced(pl.Series([text]), kinds, lambda found: found.shown)[0][0])
