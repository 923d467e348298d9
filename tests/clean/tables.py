"""What the tables of cases need: run one cleaner on some texts, and name the cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from curate.clean import CATALOGUE
from curate.clean.cleaner import Cleaner
from curate.rows import Outcome

CLEANERS = {unit.unit_name(): unit for unit in CATALOGUE}
RECIPES = Path(__file__).parents[2] / "recipes"
#: what a cleaner cannot do without
NEEDED: dict[str, dict[str, Any]] = {
    "normalize_fields": {"columns": {"text": "date"}},
    "add_pinyin": {"columns": {"text_pinyin": "text"}},
    "apply_glossary": {"file": str(RECIPES / "glossary" / "terms.csv")},
    "filter_sensitive": {"files": str(RECIPES / "sensitive" / "ads.txt")},
}
#: columns that a cleaner adds
ADDS = {
    "add_pinyin": {"text_pinyin": pl.String},
    "score_quality": {"quality": pl.Float64, "quality_why": pl.String},
}


def cleaner(use: str, **options: Any) -> Cleaner:
    return CLEANERS[use](use=use, **{**NEEDED.get(use, {}), **options})


def outcome_of(use: str, *texts: str | None, **options: Any) -> Outcome:
    """The outcome for rows that have nothing but an id and a text."""
    rows = pl.DataFrame(
        {
            "row_id": [f"news:{number}" for number in range(len(texts))],
            "text": pl.Series(texts, dtype=pl.String),
        },
        schema_overrides={"row_id": pl.String},
    )
    return cleaner(use, **options).apply(rows)


def rewritten(use: str, *texts: str | None, **options: Any) -> list[str | None]:
    """The texts as a text cleaner leaves them; none is dropped."""
    outcome = outcome_of(use, *texts, **options)
    assert outcome.dropped.height == 0
    return outcome.kept["text"].to_list()


def reasons(use: str, *texts: str | None, **options: Any) -> list[str | None]:
    """For each text the reason for which it was dropped, or None where it was kept."""
    outcome = outcome_of(use, *texts, **options)
    told = dict(zip(outcome.dropped["row_id"], outcome.dropped["reason"], strict=True))
    ids = [f"news:{number}" for number in range(len(texts))]
    assert sorted([*outcome.kept["row_id"], *told]) == sorted(ids)
    return [told.get(row) for row in ids]
