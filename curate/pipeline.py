"""The flow, whole: sources, clean, validate, dedupe, split; then pairs and mix, and chunks; then export."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import polars as pl

from curate import __version__
from curate.algorithms.minhash import warm
from curate.audit import Tracked, record
from curate.audit.changes import Kind
from curate.cache import Cache, Place, Step, each
from curate.clean import Chain, Cleaner, Learner, clean_key, sample_frames
from curate.dedupe import Source
from curate.dry_run import DryRun, Prices
from curate.errors import CurateError
from curate.export import Llamafactory, Rag
from curate.export.files import check_written, describe, publish, written_digests
from curate.files import Digests, need_own, sha256_of, sha256_of_file
from curate.governed import Governed
from curate.hand_off import HandOff, OnPhase
from curate.language import say
from curate.options import files_of
from curate.overrides import Overrides
from curate.phases import PHASES
from curate.privacy import Anonymize, Decision
from curate.privacy.statistics import card_section
from curate.privacy.statistics import publish as publish_statistics
from curate.rag import VERSION as CHUNK_VERSION
from curate.rag import chunk
from curate.recipe import Loaded
from curate.returned import Returned
from curate.reviewing import Reviewing
from curate.run import Run, runs_folder
from curate.sources import fetch, identify, read
from curate.synthesis import Synthesis
from curate.validate import load_model, schema_fingerprint
from curate.validate.schema import schema_digest

#: Rows a shard: what a row-local phase holds in memory at a time, if the texts are not very long.
SHARD_ROWS = 50_000


class Pipeline:
    """One pass over a recipe. Every step goes through the cache and into the run's manifest."""

    def __init__(
        self,
        loaded: Loaded,
        run: Run,
        cache: Cache,
        on_phase: OnPhase = lambda phase, corpus, rows: None,
        shard_rows: int = SHARD_ROWS,
        limit: int | None = None,
        overrides: Overrides | None = None,
    ) -> None:
        self.loaded, self.recipe, self.workspace = loaded, loaded.recipe, loaded.workspace
        self.run, self.cache, self.on_phase = run, cache, on_phase
        self.shard_rows, self.limit = shard_rows, limit
        self.overrides = overrides or Overrides(frozenset(), "", loaded.workspace)
        self.digests = Digests(cache.folder / "digests.json")
        self.warming: Thread | None = None
        self.fetched: dict[str, list[Path]] = {}
        self.identified: dict[str, Step] = {}
        self.models: dict[int, tuple[Cleaner, str]] = {}
        self.returned = Returned(loaded, cache)
        self.governed = Governed(loaded, run, cache, on_phase, self.overrides, limit)
        self.reviewing = Reviewing(loaded, run, cache, on_phase, self.overrides)
        self.noised: Step | None = None
        self.remember: Callable[[], None] = lambda: None

    def go(self, until: str = PHASES[-1]) -> list[Path]:
        """Run the phases up to ``until``; returns the folders exported to."""
        wanted = PHASES[: PHASES.index(until) + 1]
        if until in ("fit", "cap") and not any(isinstance(one, Llamafactory) for one in self.recipe.export):
            raise CurateError(
                say(
                    f"这份配方不导出训练数据，没有 {until} 这个阶段",
                    f"the recipe exports no training data: it has no phase {until}",
                ),
                say(
                    "写 --until mix，或在 export 里加上 llamafactory",
                    "write --until mix, or export llamafactory",
                ),
            )
        if "pairs" in wanted:
            self.loaded.need_endpoint()  # not after an hour
        rows = self.flow(wanted)
        made: dict[str, list[Step]] = {"pairs": [], "chunks": []}
        hand_off = HandOff(self.loaded, self.run, self.cache, self.digests, self.on_phase, self.overrides)
        if "pairs" in wanted:
            made["pairs"] = Synthesis(self.loaded, self.run, self.cache, self.on_phase).go(rows)
        if "review" in wanted and self.limit is None:  # nobody is asked about a trial
            made["pairs"] = self.reviewing.pairs(made["pairs"], rows)
        for phase, work in hand_off.phases.items():
            if phase in wanted:
                made["pairs"] = work(made["pairs"])
        if "chunk" in wanted:
            made["chunks"] = self.chunks(rows)
        folders = []
        for exporter in self.recipe.export if "export" in wanted else ():
            if isinstance(exporter, Rag):
                folders.append(self.export(exporter, made["chunks"]))
            elif self.limit is not None and self.reviewing.of("pairs"):
                self.run.about["reviewed"] = [
                    say(
                        "试跑（--limit）没有请人审核，所以不写训练数据的版本",
                        "nobody is asked about a trial (--limit), so it makes no release",
                    )
                ]
            else:
                hand_off.statistics = self.statistics(rows)
                folders.append(hand_off.release(made["pairs"], made["chunks"]))
        if until == PHASES[-1] and self.limit is None:
            self.remember()  # last, so that rows that never left the house are not taken for known
        return folders

    def statistics(self, rows: dict[str, Step]) -> tuple[str, dict[str, Any]] | None:
        """What is published of the data, with noise: a section for the card, and the figures with their account. None where the recipe
        publishes nothing, or the budget is spent and a person let the release go without.
        """
        unit = self.recipe.privacy.statistics
        if unit is None:
            return None
        models = {
            name: load_model(self.workspace, corpus.schema_)
            for name, corpus in self.recipe.corpora.items()
            if corpus.schema_
        }
        tables, keys = (
            {name: getattr(step, what) for name, step in rows.items()} for what in ("table", "key")
        )
        told = self.overrides.passing(
            "privacy",
            lambda: publish_statistics(unit, tables, keys, self.workspace, self.recipe.name, models),
        )
        if told is None:
            return None
        if not told.repeated:
            about = {"run": self.run.folder.name, "epsilon": float(told.epsilon), "spent": float(told.spent)}
            record(self.workspace, "statistics.release", about)
        return card_section(told), told.as_json()

    def price(self) -> Prices:
        """Run the phases up to the pairs, and price what would be asked of the model instead of asking it."""
        rows = self.flow(PHASES[: PHASES.index("annotate")])
        rows = self.reviewing.trial(rows)  # a price waits for nobody
        return DryRun(self.loaded, self.run, self.cache, self.on_phase).price(rows)

    def flow(self, wanted: Sequence[str]) -> dict[str, Step]:
        """The rows of every corpus, behind those phases that are wanted of sources to split."""
        names = list(self.recipe.corpora)
        rows = {name: self.sources(name) for name in names}
        self.digests.save()
        self.governed.drift(rows)
        if "clean" in wanted:
            self.identified = rows
            rows = {name: self.clean(name, rows[name]) for name in names}
        if "validate" in wanted:
            rows = self.governed.references({name: self.validate(name, rows[name]) for name in names})
        valid = dict(rows)
        if "dedupe" in wanted:
            rows = self.dedupe(rows)
        if "noise" in wanted:
            self.noise(rows)
        if "anonymize" in wanted:
            rows = self.anonymize(rows)
        if "three_c" in wanted:
            self.three_c(rows, valid)
        if "split" in wanted:
            rows = {name: self.split(name, rows[name]) for name in names}
        if "annotate" in wanted:
            trial = self.limit is not None
            rows = self.reviewing.trial(rows) if trial else self.reviewing.rows(rows, self.noised)
        return rows

    def sources(self, name: str) -> Step:
        corpus = self.recipe.corpora[name]
        self.on_phase("sources", name, None)
        key = sha256_of(["read", name, corpus.fingerprint(), self._files_digest(name), self.limit])
        raw = self.run.add(
            read(corpus, name, self._files(name), self.cache, key, self.shard_rows, self.limit)
        )
        if not raw.cached:
            self._warm()
        if not raw.kept:
            raise CurateError(
                say(f"语料 {name} 一行也没有读到", f"the corpus {name} has no row"),
                say(f"检查 {corpus.place}", f"look at {corpus.place}"),
            )
        step = self.run.add(identify(corpus, name, raw.table, self.cache, sha256_of(["identify", raw.key])))
        mended = self.returned.step(name, step)
        return step if mended is step else self.run.add(mended)

    def _warm(self) -> None:
        """New rows will be compared: have the code for it compiled while they are read and cleaned."""
        if self.warming is None and (self.recipe.dedupe.exact or self.recipe.dedupe.minhash):
            self.warming = Thread(target=warm)
            self.warming.start()

    def clean(self, name: str, step: Step) -> Step:
        self.on_phase("clean", name, step.kept)
        cleaners = [cleaner for cleaner in self.recipe.clean if cleaner.for_corpus(name)]
        if not cleaners:
            return step
        ready = [self.learned(cleaner) for cleaner in cleaners]
        key = clean_key([told for _, told in ready], self._derived(name), step.key)
        chain = Chain([cleaner for cleaner, _ in ready], self._derived(name))
        return self.run.add(self.cache.rowwise(key, Place("clean", "clean", name), step.table, each(chain)))

    def _derived(self, name: str) -> str | None:
        return self.recipe.corpora[name].derived_text

    def learned(self, cleaner: Cleaner) -> tuple[Cleaner, Any]:
        """A cleaner that is ready to work, and what its work depends on besides its input."""
        told: Any = cleaner.fingerprint()
        if not isinstance(cleaner, Learner) or not cleaner.learn_from:
            return cleaner, told
        if id(cleaner) not in self.models:
            every: list[Cleaner] = list(self.recipe.clean)
            before = every[: next(place for place, one in enumerate(every) if one is cleaner)]
            chains = {
                name: [self.learned(one) for one in before if one.for_corpus(name)]
                for name in cleaner.learn_from
            }
            key = sha256_of(
                [
                    "learn",
                    told,
                    [[name, self.identified[name].key, [t for _, t in chains[name]]] for name in chains],
                ]
            )

            def learn(folder: Path) -> dict[str, Any]:
                frames = (
                    Chain([one for one, _ in chains[name]], self._derived(name))(rows).kept
                    for name in chains
                    for rows in sample_frames(self.identified[name].table)
                )
                return {"metrics": {"fingerprint": told, **cleaner.learn(frames, folder)}}

            step = self.run.add(
                self.cache.once(key, Place("clean", f"learn_{cleaner.unit_name()}", "*"), learn)
            )
            self.models[id(cleaner)] = (cleaner.learned(step.folder), step.key)
        ready, model = self.models[id(cleaner)]
        return ready, [told, model]

    def validate(self, name: str, step: Step) -> Step:
        corpus, unit = self.recipe.corpora[name], self.recipe.validate_
        if corpus.schema_ is None:
            return step
        self.on_phase("validate", name, step.kept)
        model = load_model(self.workspace, corpus.schema_)
        key = sha256_of([unit.fingerprint(), schema_fingerprint(self.workspace, corpus.schema_), step.key])
        work = each(partial(unit.apply, model=model, derived_text=corpus.derived_text))
        return self.run.add(self.cache.rowwise(key, Place("validate", "schema", name), step.table, work))

    def dedupe(self, rows: dict[str, Step]) -> dict[str, Step]:
        if not (self.recipe.dedupe.methods or self.recipe.dedupe.records):
            return rows
        self.on_phase("dedupe", "", sum(step.kept for step in rows.values()))
        sources = [
            Source(
                step.table, step.key, tuple(corpus.key), tuple(corpus.identity), corpus.derived_text,
                corpus.tier == "reference",
            )
            for step, corpus in ((rows[name], self.recipe.corpora[name]) for name in rows)
        ]  # fmt: skip
        told = None if self.limit else self.reviewing.duplicates(sources, self.recipe.dedupe)
        decided, done = self.recipe.dedupe.run(sources, self.cache, told)
        self.run.add(decided)
        rows = {step.corpus: self.run.add(step) for step in done}
        self.overrides.passing("dedupe", lambda: self.recipe.dedupe.guard(decided, done))
        self.remember = partial(self.recipe.dedupe.remember, sources, decided, self.cache)
        return rows

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
        if self.limit is None:  # one noisy row of a hundred that were tried says nothing of a share of 0.3 %
            self.overrides.passing("noise", lambda: unit.gate(measured.metrics))

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
            self._private(partial(unit.gate, decided.metrics))
            decision = Decision.read(decided.folder, decided.metrics)
            key = sha256_of(["carry_out", corpus.derived_text, list(corpus.key), decided.key])
            work = each(
                partial(unit.apply, decision=decision, derived_text=corpus.derived_text, key=corpus.key)
            )
            place = Place("anonymize", "anonymize", name)
            carried = done[name] = self.run.add(self.cache.rowwise(key, place, step.table, work))
            place = Place("anonymize", f"measure:{name}", "*")
            key = sha256_of(["measure", carried.key])
            measured = self.run.add(
                self.cache.once(key, place, self._measuring(unit, step, carried, corpus.key))
            )
            self._private(partial(unit.gate_measured, measured.metrics))
        return done

    @staticmethod
    def _measuring(
        unit: Anonymize, before: Step, after: Step, key: Sequence[str]
    ) -> Callable[[Path], dict[str, Any]]:
        return lambda _: unit.measure(before.table, after.table, after.note_shards, key)

    def _private(self, gate: Callable[[], None]) -> None:
        """A gate of anonymity. A trial of a hundred rows reaches no k: it stops nothing."""
        if self.limit is None:
            self.overrides.passing("privacy", gate)

    def three_c(self, rows: dict[str, Step], valid: dict[str, Step]) -> None:
        """Measure the three Cs, of the rows that go on and of those before dedupe; stops the run beyond a limit."""
        unit = self.recipe.three_c
        if unit is None:
            return
        self.on_phase("three_c", "", sum(step.kept for step in rows.values()))
        noise = self.noised.metrics if self.noised else None
        references = {name: corpus.schema_ for name, corpus in self.recipe.corpora.items() if corpus.schema_}
        models = {name: load_model(self.workspace, reference) for name, reference in references.items()}
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
            return unit.measure(tables, before, noise, folder, models)

        measured = self.run.add(self.cache.once(key, Place("three_c", "three_c", "*"), measure))
        if self.limit is None:
            self.overrides.passing("three_c", lambda: unit.gate(measured.metrics))

    def split(self, name: str, step: Step) -> Step:
        unit, tier = self.recipe.split, self.recipe.corpora[name].tier
        self.on_phase("split", name, step.kept)
        key = sha256_of([unit.fingerprint(), tier, step.key])
        work = each(partial(unit.apply, default=tier))
        return self.run.add(self.cache.rowwise(key, Place("split", "split", name), step.table, work))

    def chunks(self, rows: dict[str, Step]) -> list[Step]:
        exporter = next((exporter for exporter in self.recipe.export if isinstance(exporter, Rag)), None)
        if exporter is None:
            return []
        work = each(partial(chunk, size=exporter.chunk_chars, overlap=exporter.overlap_chars))
        made = []
        for name, step in rows.items():
            self.on_phase("chunk", name, step.kept)
            key = sha256_of(["chunk", CHUNK_VERSION, exporter.fingerprint(), step.key])
            place = Place("chunk", "chunk", name)
            made.append(
                self.run.add(self.cache.rowwise(key, place, step.table, work, made_of=pl.col("parent_id")))
            )
        return self.valid_chunks(made)

    def valid_chunks(self, made: list[Step]) -> list[Step]:
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
        self.overrides.passing("validate", lambda: unit.gate("chunks", rows, invalid))
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

    def inputs_digest(self) -> str:
        """Digest of the recipe and of every file that it names."""
        schemas = {corpus.schema_ for corpus in self.recipe.corpora.values() if corpus.schema_}
        return sha256_of(
            [
                __version__,
                self.recipe.model_dump(mode="json", by_alias=True),
                {name: self._files_digest(name) for name in self.recipe.corpora},
                {reference: schema_fingerprint(self.workspace, reference) for reference in sorted(schemas)},
                [self.loaded.task_digest(number) for number in range(len(self.recipe.synthesize.tasks))],
                # with the contents of the files that they name
                [unit.fingerprint() for unit in self.recipe.units],
            ]
        )

    def tracked(self) -> list[Tracked]:
        """The files that the recipe is made of, as the audit log records their changes; of a corpus all of them as one."""
        schemas = self.loaded.code
        named = self.loaded.task_files
        named |= {
            str(path): digest
            for unit in self.recipe.units
            for path, digest in unit.fingerprint().get("files", {}).items()
        }
        return [
            Tracked(self.loaded.file.name, "recipe", sha256_of_file(self.loaded.file)),
            *(Tracked(path, "schema", schema_digest(self.workspace / path)) for path in schemas),
            *(Tracked(path, _kind(path), digest) for path, digest in sorted(named.items())),
            *(
                Tracked(corpus.place, "data", sha256_of(self._files_digest(name)))
                for name, corpus in self.recipe.corpora.items()
                if corpus.path is not None
            ),
        ]

    def _files_digest(self, name: str) -> list[list[str]]:
        """(path, SHA-256) of a corpus's files."""
        return [[os.path.relpath(file, self.workspace), self.digests.of(file)] for file in self._files(name)]

    def _files(self, name: str) -> list[Path]:
        """A corpus's files; what is no file is fetched into some, once a pass."""
        corpus = self.recipe.corpora[name]
        if corpus.path is not None:
            return files_of(self.workspace, corpus.path)
        if name not in self.fetched:
            runs = runs_folder(self.workspace)
            self.fetched[name] = fetch(corpus, name, self.workspace, runs, self.limit, self.cache.on_rows)
        return self.fetched[name]


def _kind(path: str) -> Kind:
    """What a file is that a unit names, by its folder."""
    return "template" if "/templates/" in path else "prompt" if "/prompts/" in path else "other"


def open_cache(
    workspace: Path,
    on_rows: Callable[[int], None] = lambda rows: None,
    on_wait: Callable[[str], None] = lambda message: None,
) -> Cache:
    """The cache of a workspace, which all its runs share."""
    return Cache(runs_folder(workspace) / "cache", on_rows, on_wait)
