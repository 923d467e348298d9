"""What governs the rows of a run beside its phases: what changed since the last one, and what refers to what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from curate.cache import Cache, Place, Step, each
from curate.clean.mask_pii import MaskPii
from curate.files import sha256_of
from curate.hand_off import OnPhase
from curate.language import say
from curate.overrides import Overrides
from curate.recipe import Loaded, Recipe
from curate.rows import SYSTEM
from curate.run import Run, runs_folder
from curate.validate import load_model
from curate.validate import references as refer
from curate.validate.profile import VERSION as PROFILE
from curate.validate.profile import profile
from curate.validate.schema_drift import Change, compare, gate


class Governed:
    """Schema drift, references, and the gate over both validations of one run.

    ``told``: lines for the reader: what differs from the last run, and what could not be checked.
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
        self.loaded, self.recipe = loaded, loaded.recipe
        self.run, self.cache, self.on_phase, self.overrides, self.limit = (
            run,
            cache,
            on_phase,
            overrides,
            limit,
        )
        self.told: list[str] = run.about.setdefault("governed", [])

    def drift(self, rows: Mapping[str, Step]) -> None:
        """Tell what differs from the recipe's last run, or stop, before anything is worked on.

        Raises:
            GateFailed: something does, and the recipe says ``validate: {drift: stop}``.
        """
        before = last_profiles(self.loaded)
        new = [name for name in rows if name not in before]
        if self.limit is not None or new:
            self.told.append(_not_compared(self.limit is not None, new))
        changes: list[Change] = []
        for name, step in rows.items():
            now = self._profile(name, step)
            reference = self.recipe.corpora[name].schema_
            if self.limit is None and name in before:
                model = load_model(self.loaded.workspace, reference) if reference else None
                changes += compare(name, before[name], now, model)
        self.run.about["schema_drift"] = [change.line() for change in changes]
        if self.recipe.validate_.drift == "stop":
            self.overrides.passing("drift", lambda: gate(changes))

    def _profile(self, name: str, step: Step) -> dict[str, Any]:
        skip = unprofiled(self.recipe)

        def look(_: Path) -> dict[str, Any]:
            return {"rows_in": step.kept, "kept": step.kept, "metrics": profile(step.table.frames(), skip)}

        key = sha256_of(["profile", PROFILE, skip, step.key])
        return self.run.add(self.cache.once(key, Place("sources", f"profile:{name}", "*"), look)).metrics

    def references(self, valid: dict[str, Step]) -> dict[str, Step]:
        """The valid rows without those that refer to a row that is not there.

        Raises:
            GateFailed: a corpus has more invalid rows than the recipe allows.
        """
        unit, keys = (
            self.recipe.validate_,
            {name: tuple(one.key) for name, one in self.recipe.corpora.items()},
        )
        kept = dict(valid)
        for name, step in valid.items():
            reference = self.recipe.corpora[name].schema_
            if reference is None:
                continue
            found, unchecked = refer.references_of(load_model(self.loaded.workspace, reference), keys)
            self.told += [f"{name}.{line}" for line in unchecked]
            if found and self.limit is not None:
                fields = "、".join(one.field for one in found)
                self.told.append(
                    say(
                        f"试跑（--limit）没有核对 {name} 的引用（{fields}）",
                        f"a trial (--limit) does not check the references of {name} ({fields})",
                    )
                )
            elif found:
                kept[name] = self._carried_out(name, step, found, valid)
        for name, step in kept.items():
            if self.recipe.corpora[name].schema_:
                rows = valid[name].rows_in
                invalid = rows - step.kept
                self.overrides.passing("validate", partial(unit.gate, name, rows, invalid))
        return kept

    def _carried_out(
        self, name: str, step: Step, found: list[refer.Reference], valid: Mapping[str, Step]
    ) -> Step:
        targets = {one.target: valid[one.target] for one in found}
        shards = {target: (there.table.shards, there.dropped_shards) for target, there in targets.items()}
        about = [[one.field, one.target, one.column] for one in found]
        key = sha256_of(
            ["references", refer.VERSION, about, step.key, [there.key for there in targets.values()]]
        )

        def decide(folder: Path) -> dict[str, Any]:
            return {
                "rows_in": step.kept,
                "kept": step.kept,
                "metrics": refer.look_up(step.table.shards, shards, found, folder),
            }

        decided = self.run.add(self.cache.once(key, Place("validate", f"look_up:{name}", "*"), decide))
        for field, counts in decided.metrics.items():
            if counts["quarantined"]:
                self.told.append(
                    say(
                        f"{name}.{field}：{counts['quarantined']} 行指向的 {counts['target']} 行被隔离了，这些行照常保留",
                        f"{name}.{field}: {counts['quarantined']} rows refer to rows of {counts['target']} that are in quarantine; they stay",
                    )
                )
        missing = pl.read_parquet(decided.folder / "missing.parquet")
        work = each(
            partial(refer.carry_out, missing=missing, drop=self.recipe.validate_.references == "drop")
        )
        place = Place("validate", "references", name)
        return self.run.add(
            self.cache.rowwise(sha256_of([key, self.recipe.validate_.references]), place, step.table, work)
        )


def _not_compared(trial: bool, new: list[str]) -> str:
    if trial:
        return say(
            "试跑（--limit）没有核对数据与上次有何不同",
            "a trial (--limit) does not compare the data with the last run's",
        )
    return say(
        f"没有更早的完整运行可比，没有核对数据的变化：{'、'.join(new)}",
        f"no earlier whole run to compare with: {', '.join(new)}",
    )


def unprofiled(recipe: Recipe) -> list[str]:
    """Columns that no profile has: those that every corpus has, and those that hold names of people."""
    people = [column for one in recipe.clean if isinstance(one, MaskPii) for column in one.names]
    return sorted({*SYSTEM, "text", *people})


def last_profiles(loaded: Loaded) -> dict[str, dict[str, Any]]:
    """Corpus -> its profile in the last run of this recipe that came to its end; without those of trials."""
    for file in sorted(runs_folder(loaded.workspace).glob("*/manifest.json"), reverse=True):
        manifest = json.loads(file.read_text(encoding="utf-8"))
        if manifest["name"] != loaded.recipe.name or manifest["status"] != "done" or manifest.get("limit"):
            continue
        found = {
            step["unit"].partition(":")[2]: step["metrics"]
            for step in manifest["steps"]
            if step["phase"] == "sources" and step["unit"].startswith("profile:")
        }
        if found:
            return found
    return {}
