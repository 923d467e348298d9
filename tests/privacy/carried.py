"""One corpus through anonymisation as a run does it: decided, carried out, measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from curate.cache import Cache, Place, Step, each
from curate.files import write_parquet
from curate.privacy import Anonymize, Decision
from curate.rows import Table

PEOPLE: dict[str, Any] = {
    "identifiers": ["name"],
    "quasi": {"age": {"bands": [5, 10, 20]}, "city": {"division": ["province", "region"]}},
    "sensitive": ["interests"],
    "k": 5,
}


@dataclass(frozen=True)
class Carried:
    decided: Step
    done: Step
    measured: dict[str, Any]

    @property
    def rows(self) -> pl.DataFrame:
        return pl.read_parquet(list(self.done.table.shards))

    @property
    def dropped(self) -> pl.DataFrame:
        return pl.read_parquet(self.done.dropped_shards)

    @property
    def notes(self) -> pl.DataFrame:
        return pl.read_parquet(self.done.note_shards)


def people(groups: list[tuple[int | None, str | None, int]], remark: str = "想看设备") -> pl.DataFrame:
    """Rows of (age, city, how many)."""
    cells = [(age, city) for age, city, rows in groups for _ in range(rows)]
    ids = [f"V{number:04}" for number in range(len(cells))]
    return pl.DataFrame(
        {
            "row_id": [f"visitors:{one}" for one in ids], "corpus": "visitors", "cluster_id": ids, "copies": 1, "visitor_id": ids,
            "name": [f"王芳芳{one}" for one in ids],
            "age": pl.Series([age for age, _ in cells], dtype=pl.Int64), "city": pl.Series([city for _, city in cells], dtype=pl.String),
            "interests": [("家居", "电子", "汽车")[number % 3] for number in range(len(cells))], "remark": remark, "text": "",
        }
    )  # fmt: skip


def carry(
    folder: Path,
    rows: pl.DataFrame,
    derived_text: str | None = "{{city}}：{{remark}}",
    shards: int = 2,
    **options: Any,
) -> Carried:
    unit = Anonymize.model_validate({**PEOPLE, **options})
    size = max(-(-rows.height // shards), 1)
    files = tuple(folder / "in" / f"{number}.parquet" for number in range(shards))
    for number, file in enumerate(files):
        write_parquet(file, rows[number * size : (number + 1) * size])
    table, cache = Table("visitors", files), Cache(folder / "cache")
    decided = cache.once("a" * 32, Place("anonymize", "decide:visitors", "*"), partial(unit.decide, table))
    decision = Decision.read(decided.folder, decided.metrics)
    work = each(partial(unit.apply, decision=decision, derived_text=derived_text))
    done = cache.rowwise("b" * 32, Place("anonymize", "anonymize", "visitors"), table, work)
    measured = unit.measure(table, done.table, done.note_shards, ["visitor_id"])["metrics"]
    return Carried(decided, done, measured)
