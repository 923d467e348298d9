"""Notes: why rows were set aside: every error of a row, in both languages; and the rows themselves with the first of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from pydantic import ValidationError

from curate.language import say
from curate.messages import both
from curate.rows import because, nothing_dropped
from curate.types import BrokenRules

#: An error of a row that was set aside: which field (of a rule its fields, with commas), the value as it was validated, which rule
#: (pydantic's type of error, the name of a ``curate.types.Rule``, or ``reference``), and why, in both languages.
INVALID = dict.fromkeys(("row_id", "field", "value", "rule", "zh", "en"), pl.String)
#: characters of a value, and of a message, that are kept
LONGEST, LONGEST_MESSAGE = 200, 500

#: Place of a row -> its errors: the columns of ``INVALID`` without the id.
Errors = dict[int, list[dict[str, str]]]


def errors_of(raised: ValidationError) -> Errors:
    """What pydantic says of a list of rows."""
    found: Errors = {}
    for error in raised.errors(include_url=False):
        place, *where = error["loc"]
        of_row = found.setdefault(int(place), [])
        reason = (error.get("ctx") or {}).get("error")
        if isinstance(reason, BrokenRules):
            of_row += _of_rules(reason, error["input"])
        else:
            of_row.append(_of_field(error, str(where[0]) if where else ""))
    return found


def _of_rules(broken: BrokenRules, row: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "field": ",".join(rule.fields),
            "value": ", ".join(_shown(row.get(name)) for name in rule.fields)[:LONGEST],
            "rule": rule.name,
            "zh": rule.zh,
            "en": rule.en,
        }
        for rule in broken.rules
    ]


def _of_field(error: Mapping[str, Any], field: str) -> dict[str, str]:
    zh, en = both(error)
    value, missing = error["input"], error["type"] == "missing"
    if value is None and not missing:
        zh, en = f"空着，{zh}", f"is empty; it {en}"
    shown = "" if missing or isinstance(value, Mapping) else _shown(value)
    return {
        "field": field,
        "value": shown,
        "rule": error["type"],
        "zh": zh[:LONGEST_MESSAGE],
        "en": en[:LONGEST_MESSAGE],
    }


def _shown(value: Any) -> str:
    return "" if value is None else str(value)[:LONGEST]


def set_aside(rows: pl.DataFrame, wrong: Errors) -> pl.DataFrame:
    """The rows with errors; the reason is the first field's, the detail tells of all in the reader's language."""
    if not wrong:
        return nothing_dropped(rows)
    places = sorted(wrong)
    reasons, details = [], []
    for place in places:
        field = wrong[place][0]["field"]
        reasons.append(f"invalid_{field}" if field and "," not in field else "invalid_row")
        details.append("；".join(map(_sentence, wrong[place])))
    return because(
        rows[places],
        pl.lit(pl.Series(reasons, dtype=pl.String)),
        detail=pl.lit(pl.Series(details, dtype=pl.String)),
    )


def _sentence(error: Mapping[str, str]) -> str:
    value = f"{error['value'][:80]!r} " if error["value"] else ""
    return f"{error['field'] or say('整行', 'row')}: {value}{say(error['zh'], error['en'])}"


def notes_of(rows: pl.DataFrame, wrong: Errors) -> pl.DataFrame:
    """``INVALID``: one row an error."""
    ids = rows[next(name for name in ("row_id", "pair_id", "chunk_id") if name in rows.columns)]
    listed = [{"row_id": ids[place], **error} for place in sorted(wrong) for error in wrong[place]]
    return pl.DataFrame(listed, schema=INVALID)
