"""The hand-off: from the pairs of all tasks to a release.

mix takes out what repeats another pair or an evaluation, and balances; fit takes out what a trainer would lose, cut or
misread; cap, last of all, what is too much of a model's; export makes the next version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from curate.algorithms.cap import without_copy
from curate.cache import Cache, Place, Step, each
from curate.export import Llamafactory
from curate.export.decide import lengths_of
from curate.export.fit import cut, inspect
from curate.export.llamafactory import thinking_of
from curate.export.release import Order, find_release, need_unchanged, write_release
from curate.files import Digests, need_own, sha256_of, write_parquet
from curate.mix import VERSION as MIX_VERSION
from curate.mix import carry_out, decide, over_cap, shares, weights_of
from curate.overrides import Overrides
from curate.recipe import Loaded
from curate.run import Run, task_of
from curate.validate import load_model, schema_fingerprint

#: Told when a phase begins: phase, corpus or unit, rows (None while they are not known).
OnPhase = Callable[[str, str, int | None], None]


class HandOff:
    """The phases behind the pairs, of one run."""

    def __init__(
        self,
        loaded: Loaded,
        run: Run,
        cache: Cache,
        digests: Digests,
        on_phase: OnPhase,
        overrides: Overrides,
    ) -> None:
        trainers = [exporter for exporter in loaded.recipe.export if isinstance(exporter, Llamafactory)]
        self.trainer = trainers[0] if trainers else None
        self.name, self.workspace, self.unit = loaded.recipe.name, loaded.workspace, loaded.recipe.mix
        self.validate, self.overrides = loaded.recipe.validate_, overrides
        self.run, self.cache, self.digests, self.on_phase = run, cache, digests, on_phase
        #: what may be published of the data: a section for the card, and its figures
        self.statistics: tuple[str, dict[str, Any]] | None = None
        #: what fit found out: lengths, cutoff, thoughts, and how many pairs were left out for which reason
        self.figures: dict[str, Any] = {}
        #: what cap found out: the cap, what it counts, what was trimmed
        self.capped: dict[str, Any] = {}

    @property
    def phases(self) -> dict[str, Callable[[list[Step]], list[Step]]]:
        """Phase -> its work, in order; what a trainer needs only where the recipe exports for one."""
        work: dict[str, Callable[[list[Step]], list[Step]]] = {"mix": self.mix}
        return work | {"fit": self.fit, "cap": self.cap} if self.trainer else work

    def mix(self, pairs: list[Step]) -> list[Step]:
        """All pairs together: without what repeats another one or an evaluation, and balanced."""
        self.on_phase("mix", "", sum(_pairs_in(step) for step in pairs))
        key = sha256_of(["mix", MIX_VERSION, self.unit.fingerprint(), [step.key for step in pairs]])

        def decide_all(folder: Path) -> dict[str, Any]:
            told, metrics = decide([step.table for step in pairs], self.unit)
            write_parquet(folder / "told.parquet", told)
            return {"metrics": metrics}

        decided = self.run.add(self.cache.once(key, Place("mix", "decide", "*"), decide_all))
        # copies are made of the pair that they repeat
        return self._carried_out(key, decided, "mix", pairs, without_copy(pl.col("pair_id")))

    def cap(self, pairs: list[Step]) -> list[Step]:
        """What is left of the pairs that a model wrote when the cap is kept; the last cut that there is."""
        self.on_phase("cap", "", sum(_pairs_in(step) for step in pairs))
        unit = self.unit
        general = unit.general.model_dump(mode="json") if unit.general else None
        key = sha256_of(["cap", 2, MIX_VERSION, unit.cap, unit.counts, general, [step.key for step in pairs]])

        def decide_all(folder: Path) -> dict[str, Any]:
            told, figures = over_cap([step.table for step in pairs], unit.limit, unit.general)
            write_parquet(folder / "told.parquet", told)
            return {"metrics": figures}

        decided = self.run.add(self.cache.once(key, Place("cap", "decide", "*"), decide_all))
        self.capped = decided.metrics
        kept = self._carried_out(key, decided, "cap", pairs)
        self.run.about["cap"] = decided.metrics
        self.run.about["shares"] = shares([step.table for step in kept]).to_dicts()
        return kept

    def _carried_out(
        self, key: str, decided: Step, phase: str, pairs: list[Step], made_of: pl.Expr | None = None
    ) -> list[Step]:
        told = pl.read_parquet(decided.folder / "told.parquet")
        work = each(partial(carry_out, told=told))
        return [
            self.run.add(
                self.cache.rowwise(
                    sha256_of([key, step.key]),
                    Place(phase, task_of(step), step.corpus),
                    step.table,
                    work,
                    made_of=made_of,
                )
            )
            for step in pairs
        ]

    def fit(self, pairs: list[Step]) -> list[Step]:
        """The pairs that the model can be trained on."""
        exporter = self.trainer
        assert exporter is not None
        rows = sum(step.table.rows for step in pairs)
        self.on_phase("fit", "", rows)
        pairs = self._valid(pairs)
        thinking = thinking_of([step.table for step in pairs])
        lengths = exporter.lengths(self.workspace, thinking)
        looked_at = exporter.looked_at(self.workspace, thinking)
        look = each(partial(inspect, lengths=lengths, allowed=exporter.personal_data))
        seen = [
            self.run.add(
                self.cache.rowwise(
                    sha256_of(["inspect", looked_at, step.key]),
                    Place("fit", f"inspect:{task_of(step)}", step.corpus),
                    step.table,
                    look,
                )
            )
            for step in pairs
        ]

        def decide(_folder: Path) -> dict[str, Any]:
            return {"metrics": lengths_of([step.table for step in seen], exporter, self.workspace)}

        context = exporter.model_in(self.workspace).context
        key = sha256_of(["lengths", exporter.cutoff, context, [step.key for step in seen]])
        found = self.run.add(self.cache.once(key, Place("fit", "lengths", "*"), decide)).metrics
        fitting = each(partial(cut, cutoff=found["cutoff"]))
        kept = [
            self.run.add(
                self.cache.rowwise(
                    sha256_of(["cut", found["cutoff"], step.key]),
                    Place("fit", step.unit.replace("inspect:", "cutoff:"), step.corpus),
                    step.table,
                    fitting,
                )
            )
            for step in seen
        ]
        reasons = Counter[str]()
        for step in [*pairs, *seen, *kept]:
            reasons.update(step.reasons)
        self.figures = found | {
            "measured": exporter.tokenizer is not None,
            "thinking": thinking,
            "rows_in": rows,
            "dropped": dict(reasons),
        }
        return kept

    def _valid(self, pairs: list[Step]) -> list[Step]:
        """The pairs that fulfil their schema, where the recipe names one."""
        unit = self.validate
        if unit.pairs is None:
            return pairs
        model = load_model(self.workspace, unit.pairs)
        told = [unit.fingerprint(), schema_fingerprint(self.workspace, unit.pairs)]
        work = each(partial(unit.judge, model=model))
        valid = [
            self.run.add(
                self.cache.rowwise(
                    sha256_of(["schema", told, step.key]),
                    Place("fit", f"schema:{task_of(step)}", step.corpus),
                    step.table,
                    work,
                )
            )
            for step in pairs
        ]
        self.overrides.passing(
            "validate",
            lambda: unit.gate("pairs", sum(s.rows_in for s in valid), sum(s.dropped for s in valid), "fit"),
        )
        return valid

    def release(self, pairs: list[Step], chunks: list[Step]) -> Path:
        """The release of these pairs: the one that there is, or the next version. ``chunks``: the retrieval set's."""
        exporter, figures = self.trainer, self.figures
        assert exporter is not None
        tables, name = [step.table for step in pairs], self.name
        balance, general = self.unit.balance, self.unit.general
        rows = sum(table.rows for table in tables)
        self.on_phase("export", exporter.use, rows)
        overridden = tuple(
            {name: one[name] for name in ("gate", "problem", "reason", "who")} for one in self.overrides.used
        )
        # what was overridden, and what was published, makes another release; where there is neither, keys stay as they were
        governed = [*overridden, *([self.statistics[1]] if self.statistics else [])]
        key = sha256_of(
            [
                exporter.released(self.workspace),
                name,
                [step.key for step in pairs],
                figures,
                *([governed] if governed else []),
            ]
        )
        folder = self.workspace / "exports" / name
        there = find_release(folder, key)
        if there is None:  # never made, or removed since
            (self.cache.folder_of(key) / "step.json").unlink(missing_ok=True)

        def work(scratch: Path) -> dict[str, Any]:
            order = Order(
                exporter, self.workspace, name, key, tables, [step.table for step in chunks], figures,
                scratch / "scratch", self.capped,
                weights_of(tables, balance, general.corpus if general else None) if balance else None,
                overridden, self.statistics,
            )  # fmt: skip
            made, manifest = write_release(order)
            for file, about in manifest["files"].items():
                self.digests.remember(made / file, about["sha256"])
            return {"rows_in": rows, "kept": rows, "metrics": {"version": made.name, **manifest["datasets"]}}

        step = self.run.add(self.cache.once(key, Place("export", exporter.use, "*"), work))
        target: Path = need_own(folder / step.metrics["version"], self.workspace)
        need_unchanged(target, self.digests.of)
        self.digests.save()
        return target


def _pairs_in(step: Step) -> int:
    return step.kept if step.rows_out is None else step.rows_out
