"""The retrieval set of a run: its rows cut into chunks, checked, and put into ``exports/<name>/rag``."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from curate import __version__
from curate.cache import Cache, Place, Step, each
from curate.export import Rag
from curate.export.files import check_written, describe, publish, written_digests
from curate.files import Digests, need_own, sha256_of
from curate.hand_off import OnPhase
from curate.overrides import Overrides
from curate.rag import VERSION, chunk
from curate.recipe import Loaded
from curate.run import Run
from curate.validate import load_model, schema_fingerprint


class Retrieval:
    """The phase ``chunk`` and its export, of one run."""

    def __init__(
        self,
        loaded: Loaded,
        run: Run,
        cache: Cache,
        digests: Digests,
        on_phase: OnPhase,
        overrides: Overrides,
    ) -> None:
        self.recipe, self.workspace = loaded.recipe, loaded.workspace
        self.run, self.cache, self.digests, self.on_phase, self.overrides = (
            run,
            cache,
            digests,
            on_phase,
            overrides,
        )

    def chunks(self, rows: dict[str, Step]) -> list[Step]:
        exporter = next((exporter for exporter in self.recipe.export if isinstance(exporter, Rag)), None)
        if exporter is None:
            return []
        work = each(partial(chunk, size=exporter.chunk_chars, overlap=exporter.overlap_chars))
        made = []
        for name, step in rows.items():
            self.on_phase("chunk", name, step.kept)
            key = sha256_of(["chunk", VERSION, exporter.fingerprint(), step.key])
            place = Place("chunk", "chunk", name)
            made.append(
                self.run.add(self.cache.rowwise(key, place, step.table, work, made_of=pl.col("parent_id")))
            )
        return self._valid(made)

    def _valid(self, made: list[Step]) -> list[Step]:
        """The chunks that fulfil their schema, where the recipe names one."""
        unit = self.recipe.validate_
        if unit.chunks is None:
            return made
        told = [unit.fingerprint(), schema_fingerprint(self.workspace, unit.chunks)]
        work = each(partial(unit.judge, model=load_model(self.workspace, unit.chunks)))
        valid = [
            self.run.add(
                self.cache.rowwise(
                    sha256_of(["schema", told, step.key]),
                    Place("chunk", "schema", step.corpus),
                    step.table,
                    work,
                )
            )
            for step in made
        ]
        rows, invalid = sum(step.rows_in for step in valid), sum(step.dropped for step in valid)
        self.overrides.passing("validate", lambda: unit.gate("chunks", rows, invalid, "chunk"))
        return valid

    def export(self, exporter: Rag, made: list[Step]) -> Path:
        tables = [step.table for step in made]
        rows = sum(table.rows for table in tables)
        self.on_phase("export", exporter.use, rows)
        name = self.recipe.name
        key = sha256_of([exporter.fingerprint(), name, [step.key for step in made]])

        def work(folder: Path) -> dict[str, Any]:
            files = folder / "files"
            shutil.rmtree(files, ignore_errors=True)  # what a killed run left would be exported with the rest
            files.mkdir()
            counts = exporter.write(files, name, tables, folder / "scratch")
            check_written(exporter.use, rows * exporter.times, counts)
            describe(
                files, counts, {"name": name, "exporter": exporter.use, "key": key, "curate": __version__}
            )
            return {"rows_in": rows, "kept": rows, "metrics": counts}

        step = self.run.add(self.cache.once(key, Place("export", exporter.use, "*"), work))
        target = need_own(self.workspace / "exports" / name / exporter.use, self.workspace)
        files = step.folder / "files"
        if publish(files, target, self.digests.of):
            for file, digest in written_digests(files).items():
                self.digests.remember(files / file, digest)
                self.digests.remember(target / file, digest)
        self.digests.save()
        return target
