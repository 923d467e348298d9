"""Dedupe: versions of one record, the same text, nearly the same text; each row that goes names the row that stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import polars as pl
from pydantic import BeforeValidator, Field

from curate.cache import Cache, Place, Step
from curate.dedupe.decide import Criterion, Source, carry_out, write_verdicts
from curate.dedupe.exact import Exact
from curate.dedupe.minhash import Minhash
from curate.dedupe.same_key import SameKey
from curate.files import sha256_of, sha256_of_file
from curate.rows import Outcome
from curate.unit import Form

__all__ = ["CATALOGUE", "Dedupe", "Method", "Source"]

Method = SameKey | Exact | Minhash
CATALOGUE = (SameKey, Exact, Minhash)


def _bare(value: Any) -> Any:
    """``exact:`` with nothing behind it asks for the method with its defaults."""
    return {} if value is None else value


class Dedupe(Form):
    """去重：先主键，再全文，再近似。 / Remove duplicates: by key, by text, by similarity."""

    keep: list[Criterion] = Field(["updated_at", "completeness", "length"])
    """留哪一行：按这个顺序比较，更新的、更完整的、更长的优先 / which row stays: the newer, the more complete, the longer"""
    same_key: Annotated[SameKey | None, BeforeValidator(_bare)] = Field(None, validate_default=False)
    """主键相同只留一版 / one version of a record"""
    exact: Annotated[Exact | None, BeforeValidator(_bare)] = Field(None, validate_default=False)
    """正文相同只留一行 / one row of the same text"""
    minhash: Annotated[Minhash | None, BeforeValidator(_bare)] = Field(None, validate_default=False)
    """近似的只留一行 / one row of nearly the same text"""

    @property
    def methods(self) -> Iterator[Method]:
        yield from (method for method in (self.same_key, self.exact, self.minhash) if method)

    def run(self, method: Method, sources: list[Source], cache: Cache) -> tuple[Step, list[Step]]:
        """One method over all corpora: decide over narrow columns, then carry it out shard by shard; returns
        the decision (of corpus ``*``) and a step a corpus.
        """
        key = sha256_of(
            [
                method.fingerprint(),
                self.keep,
                [[source.name, source.key, source.columns, source.identity] for source in sources],
            ]
        )

        def work(folder: Path) -> dict[str, Any]:
            told = (
                method.decide(sources, self.keep, cache)
                if isinstance(method, Minhash)
                else method.decide(sources, self.keep)
            )
            write_verdicts(folder, sources, told)
            rows = sum(source.table.rows for source in sources)
            return {"rows_in": rows, "kept": rows}

        decided = cache.once(key, Place("dedupe", f"decide_{method.use}", "*"), work)
        carried = [
            self._carry_out(method, source, decided.folder / f"{source.name}.parquet", cache)
            for source in sources
        ]
        return decided, carried

    def _carry_out(self, method: Method, source: Source, verdicts: Path, cache: Cache) -> Step:
        def work(_: int, rows: pl.DataFrame) -> Outcome:
            return carry_out(rows, pl.read_parquet(verdicts), REASONS[method.use])

        key = sha256_of(["carry_out", method.use, source.key, sha256_of_file(verdicts)])
        return cache.rowwise(key, Place("dedupe", method.use, source.name), source.table, work)


#: method -> the reason beside its dropped rows
REASONS = {"same_key": "older_version", "exact": "exact_duplicate", "minhash": "near_duplicate"}
