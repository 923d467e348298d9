"""What must hold of a run's rows before they leave: little noise, nobody to be told apart, the three Cs; and what is published of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from curate.audit import record
from curate.cache import Cache, Place, Step, each
from curate.files import sha256_of
from curate.hand_off import OnPhase
from curate.overrides import Overrides
from curate.privacy import Anonymize, Decision
from curate.privacy.statistics import card_section, publish
from curate.recipe import Loaded
from curate.run import Run
from curate.validate import load_model, schema_fingerprint


class Measured:
    """The phases ``noise``, ``anonymize`` and ``three_c`` of one run, and its published statistics. A trial (``limit``) stops at no gate:
    a few rows say nothing of a share, and reach no k.

    ``noised``: the step that measured the noise.
    """

    def __init__(
        self,
        loaded: Loaded,
        run: Run,
        cache: Cache,
        on_phase: OnPhase,
        overrides: Overrides,
        limit: int | None,
    ) -> None:
        self.loaded, self.recipe, self.workspace = loaded, loaded.recipe, loaded.workspace
        self.run, self.cache, self.on_phase, self.overrides, self.limit = (
            run,
            cache,
            on_phase,
            overrides,
            limit,
        )
        self.noised: Step | None = None

    @cached_property
    def models(self) -> Mapping[str, type[BaseModel]]:
        """Corpus -> its schema."""
        return {
            name: load_model(self.workspace, corpus.schema_)
            for name, corpus in self.recipe.corpora.items()
            if corpus.schema_
        }

    def noise(self, rows: dict[str, Step]) -> None:
        """Measure the noise that is left; stops the run where it is more than the recipe allows."""
        unit = self.recipe.noise
        if unit is None:
            return
        own = [step for name, step in rows.items() if unit.for_corpus(name)]
        self.on_phase("noise", "", sum(step.kept for step in own))
        key = sha256_of(["noise", unit.fingerprint(), [step.key for step in own]])
        tables = [step.table for step in own]
        measured = self.run.add(
            self.cache.once(key, Place("noise", "noise", "*"), partial(unit.measure, tables))
        )
        self.noised = measured
        self._pass("noise", partial(unit.gate, measured.metrics))

    def anonymize(self, rows: dict[str, Step]) -> dict[str, Step]:
        """The corpora that the recipe anonymises, with their rows as they may be released; what was done is measured anew."""
        done = dict(rows)
        for name, unit in self.recipe.privacy.anonymize.items():
            step, corpus = rows[name], self.recipe.corpora[name]
            self.on_phase("anonymize", name, step.kept)
            unit.need(step.table, corpus.key)
            key = sha256_of(["anonymize", unit.fingerprint(), step.key])
            place = Place("anonymize", f"decide:{name}", "*")
            decided = self.run.add(self.cache.once(key, place, partial(unit.decide, step.table)))
            self._pass("privacy", partial(unit.gate, decided.metrics))
            decision = Decision.read(decided.folder, decided.metrics)
            key = sha256_of(["carry_out", corpus.derived_text, list(corpus.key), decided.key])
            work = each(partial(unit.apply, decision=decision, derived_text=corpus.derived_text))
            place = Place("anonymize", "anonymize", name)
            carried = done[name] = self.run.add(self.cache.rowwise(key, place, step.table, work))
            place = Place("anonymize", f"measure:{name}", "*")
            key = sha256_of(["measure", carried.key])
            measured = self.run.add(
                self.cache.once(key, place, self._measuring(unit, step, carried, corpus.key))
            )
            self._pass("privacy", partial(unit.gate_measured, measured.metrics))
        return done

    @staticmethod
    def _measuring(
        unit: Anonymize, before: Step, after: Step, key: Sequence[str]
    ) -> Callable[[Path], dict[str, Any]]:
        return lambda _: unit.measure(before.table, after.table, after.note_shards, key)

    def three_c(self, rows: dict[str, Step], valid: dict[str, Step]) -> None:
        """Measure the three Cs, of the rows that go on and of those before dedupe; stops the run beyond a limit."""
        unit = self.recipe.three_c
        if unit is None:
            return
        self.on_phase("three_c", "", sum(step.kept for step in rows.values()))
        noise = self.noised.metrics if self.noised else None
        references = {name: corpus.schema_ for name, corpus in self.recipe.corpora.items() if corpus.schema_}
        told = {name: schema_fingerprint(self.workspace, reference) for name, reference in references.items()}
        key = sha256_of(
            [
                "three_c",
                unit.fingerprint(),
                noise,
                told,
                *([step.key for step in steps.values()] for steps in (rows, valid)),
            ]
        )

        def measure(folder: Path) -> dict[str, Any]:
            tables, before = ({name: step.table for name, step in steps.items()} for steps in (rows, valid))
            return unit.measure(tables, before, noise, folder, self.models)

        measured = self.run.add(self.cache.once(key, Place("three_c", "three_c", "*"), measure))
        self._pass("three_c", partial(unit.gate, measured.metrics))

    def statistics(self, rows: dict[str, Step]) -> tuple[str, dict[str, Any]] | None:
        """What is published of the data, with noise: a section for the card, and the figures with their account. None where the recipe
        publishes nothing.

        Raises:
            GateFailed: the budget would be overspent; no one may override that.
        """
        unit = self.recipe.privacy.statistics
        if unit is None:
            return None
        tables, keys = (
            {name: getattr(step, what) for name, step in rows.items()} for what in ("table", "key")
        )
        told = publish(unit, tables, keys, self.workspace, self.recipe.name, self.models)
        if not told.repeated:
            about = {"run": self.run.folder.name, "epsilon": float(told.epsilon), "spent": float(told.spent)}
            record(self.workspace, "statistics.release", about)
        return card_section(told), told.as_json()

    def _pass(self, gate: str, check: Callable[[], None]) -> None:
        if self.limit is None:
            self.overrides.passing(gate, check)
