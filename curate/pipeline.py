"""The flow, whole: sources, clean, validate, dedupe, split; then pairs and mix, and chunks; then export."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from curate import __version__
from curate.algorithms.minhash import warm
from curate.audit import Tracked
from curate.audit.changes import Kind
from curate.cache import Cache, Place, Step, each
from curate.clean import Chain, Cleaner, Learner, clean_key, sample_frames
from curate.dedupe import Source
from curate.dry_run import DryRun, Prices
from curate.errors import CurateError
from curate.export import Llamafactory, Rag
from curate.files import Digests, need_own, sha256_of, sha256_of_file
from curate.governed import Governed
from curate.hand_off import HandOff, OnPhase
from curate.language import say
from curate.measured import Measured
from curate.options import files_of
from curate.overrides import Overrides
from curate.phases import PHASES
from curate.recipe import Loaded
from curate.recorded import exported
from curate.retrieval import Retrieval
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
        self.measured = Measured(loaded, run, cache, on_phase, self.overrides, limit)
        self.retrieval = Retrieval(loaded, run, cache, self.digests, on_phase, self.overrides)
        self.reviewing = Reviewing(loaded, run, cache, on_phase, self.overrides)
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
            made["chunks"] = self.retrieval.chunks(rows)
        folders = []
        for exporter in self.recipe.export if "export" in wanted else ():
            if isinstance(exporter, Rag):
                folders.append(
                    exported(self.loaded, self.run, self.retrieval.export(exporter, made["chunks"]))
                )
            elif self.limit is not None and self.reviewing.of("pairs"):
                self.run.about["reviewed"] = [
                    say(
                        "试跑（--limit）没有请人审核，所以不写训练数据的版本",
                        "nobody is asked about a trial (--limit), so it makes no release",
                    )
                ]
            else:
                hand_off.statistics = self.measured.statistics(rows)
                folders.append(
                    exported(self.loaded, self.run, hand_off.release(made["pairs"], made["chunks"]))
                )
        if until == PHASES[-1] and self.limit is None:
            self.remember()  # last, so that rows that never left the house are not taken for known
        return folders

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
            self.measured.noise(rows)
        if (
            "three_c" in wanted
        ):  # of the rows as they are: where identifiers are gone, nothing contradicts itself any more
            self.measured.three_c(rows, valid)
        if "anonymize" in wanted:
            rows = self.measured.anonymize(rows)
        if "split" in wanted:
            rows = {name: self.split(name, rows[name]) for name in names}
        if "annotate" in wanted:
            trial = self.limit is not None
            rows = self.reviewing.trial(rows) if trial else self.reviewing.rows(rows, self.measured.noised)
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

    def split(self, name: str, step: Step) -> Step:
        unit, tier = self.recipe.split, self.recipe.corpora[name].tier
        self.on_phase("split", name, step.kept)
        key = sha256_of([unit.fingerprint(), tier, step.key])
        work = each(partial(unit.apply, default=tier))
        return self.run.add(self.cache.rowwise(key, Place("split", "split", name), step.table, work))

    def inputs_digest(self) -> str:
        """Digest of the recipe and of every file that it names."""
        unit = self.recipe.validate_
        named = [*(corpus.schema_ for corpus in self.recipe.corpora.values()), unit.pairs, unit.chunks]
        schemas = {reference for reference in named if reference}
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
    return Cache(need_own(runs_folder(workspace) / "cache", workspace), on_rows, on_wait)
