"""The hand-off: from the mixed pairs to a release. Two phases: fit takes out what a trainer would lose, cut or misread;
export makes the next version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from curate.cache import Cache, Place, Step, each
from curate.export import Llamafactory
from curate.export.decide import lengths_of
from curate.export.fit import cut, inspect
from curate.export.llamafactory import thinking_of
from curate.export.release import Order, find_release, need_unchanged, write_release
from curate.files import Digests, sha256_of
from curate.recipe import Loaded
from curate.run import Run

#: Told when a phase begins: phase, corpus or unit, rows (None while they are not known).
OnPhase = Callable[[str, str, int | None], None]


class HandOff:
    """The phases of one exporter in one run."""

    def __init__(
        self,
        exporter: Llamafactory,
        loaded: Loaded,
        run: Run,
        cache: Cache,
        digests: Digests,
        on_phase: OnPhase,
    ) -> None:
        self.exporter, self.name, self.workspace = exporter, loaded.recipe.name, loaded.workspace
        self.run, self.cache, self.digests, self.on_phase = run, cache, digests, on_phase
        #: what fit found out: lengths, cutoff, thoughts, and how many pairs were left out for which reason
        self.figures: dict[str, Any] = {}

    def fit(self, pairs: list[Step]) -> list[Step]:
        """The pairs that the model can be trained on."""
        exporter = self.exporter
        rows = sum(step.kept for step in pairs)
        self.on_phase("fit", "", rows)
        thinking = thinking_of([step.table for step in pairs])
        lengths = exporter.lengths(self.workspace, thinking)
        looked_at = exporter.looked_at(self.workspace, thinking)
        look = each(partial(inspect, lengths=lengths, allowed=exporter.personal_data))
        seen = [
            self.run.add(
                self.cache.rowwise(
                    sha256_of(["inspect", looked_at, step.key]),
                    Place("fit", f"inspect_{step.unit}", step.corpus),
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
                    Place("fit", step.unit.replace("inspect_", "cutoff_"), step.corpus),
                    step.table,
                    fitting,
                )
            )
            for step in seen
        ]
        reasons = Counter[str]()
        for step in [*seen, *kept]:
            reasons.update(step.reasons)
        self.figures = found | {
            "measured": exporter.tokenizer is not None,
            "thinking": thinking,
            "rows_in": rows,
            "dropped": dict(reasons),
        }
        return kept

    def release(self, pairs: list[Step], chunks: list[Step]) -> Path:
        """The release of these pairs: the one that there is, or the next version. ``chunks``: the retrieval set's."""
        exporter, figures = self.exporter, self.figures
        tables, name = [step.table for step in pairs], self.name
        rows = sum(table.rows for table in tables)
        self.on_phase("export", exporter.use, rows)
        key = sha256_of([exporter.released(self.workspace), name, [step.key for step in pairs], figures])
        folder = self.workspace / "exports" / name
        there = find_release(folder, key)
        if there is None:  # never made, or removed since
            (self.cache.folder_of(key) / "step.json").unlink(missing_ok=True)

        def work(scratch: Path) -> dict[str, Any]:
            order = Order(
                exporter, self.workspace, name, key, tables, [step.table for step in chunks], figures,
                scratch / "scratch",
            )  # fmt: skip
            made, manifest = write_release(order)
            for file, about in manifest["files"].items():
                self.digests.remember(made / file, about["sha256"])
            return {"rows_in": rows, "kept": rows, "metrics": {"version": made.name, **manifest["datasets"]}}

        step = self.run.add(self.cache.once(key, Place("export", exporter.use, "*"), work))
        target: Path = folder / step.metrics["version"]
        need_unchanged(target, self.digests.of)
        self.digests.save()
        return target
