"""Seeded control items: good pairs with one number, date or code made wrong, to see who notices."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import md5
from typing import Any

import polars as pl

from curate.algorithms.wrong_number import wrong_number
from curate.review.schema import as_json, content_of
from curate.sql import ask

#: Behind the id of the pair that a control copies.
MARK = "!control"
#: Who mends the number has caught it as well as who rejects the pair.
EXPECTED = {"decision": ["reject", "edit"]}
#: Pairs that are looked at for a control, for many have no number.
LOOKED_AT = 6


def candidates(pairs: pl.DataFrame, wanted: int, seed: str = "") -> pl.DataFrame:
    """(pair_id, stratum): pairs to make ``wanted`` controls of, the first ones first. They are of the strata of the sample, as
    many of each as it has there; those that are in the sample themselves come last, for who sees both sees the difference.

    Args:
        pairs: as ``sample.draw`` gives them.
    """
    return ask(
        f"""WITH sized AS (SELECT pair_id, of_stratum, drawn, md5(salted) AS hash,
                                  count(*) FILTER (drawn) OVER (PARTITION BY of_stratum) AS size FROM pairs),
                 turned AS (SELECT *, row_number() OVER (PARTITION BY of_stratum ORDER BY drawn, hash, pair_id) AS turn
                            FROM sized WHERE size > 0)
            SELECT pair_id, of_stratum AS stratum FROM turned ORDER BY turn / size, hash, pair_id LIMIT {LOOKED_AT * wanted}""",
        pairs=pairs.select(
            "pair_id", "of_stratum", "drawn", (pl.lit(f"{seed}{MARK}") + pl.col("pair_id")).alias("salted")
        ),
    )


def controls_of(
    items: Iterable[Mapping[str, Any]], wanted: int, seed: str = ""
) -> tuple[list[dict[str, Any]], int]:
    """(``wanted`` controls out of the first items that can give one, or fewer; how many items could not).

    The new value looks as right as the old one, and is true of nothing else in question and source.
    """
    made: list[dict[str, Any]] = []
    unfit = 0
    for item in items if wanted else ():
        control = _control(item, seed)
        if control is None:
            unfit += 1
            continue
        made.append(control)
        if len(made) == wanted:
            break
    return made, unfit


def _control(item: Mapping[str, Any], seed: str) -> dict[str, Any] | None:
    data = json.loads(item["data"])
    digest = md5(f"{seed}{item['item_id']}".encode(), usedforsecurity=False).hexdigest()
    answer = wrong_number(data["answer"], int(digest[:8], 16), data["question"], data["passage"])
    if answer is None or answer == data["answer"]:
        return None
    altered = data | {"answer": answer}
    return {
        **item,
        "item_id": f"{item['item_id']}{MARK}",
        "content": content_of(altered),
        "data": as_json(altered),
        "part": "control",
        "expected": as_json(EXPECTED),
        "of": item["item_id"],
    }
