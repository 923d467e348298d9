"""Review in a run: which items people should judge, what they said, whether they agree, and what becomes of rows and pairs.

A run reads the log and the files of annotations; it never talks to a server: ``curate review push`` and ``pull`` do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from curate.audit import record
from curate.cache import Cache, Place, Step, each
from curate.dedupe import Dedupe, Source
from curate.errors import CurateError, GateFailed, Waiting
from curate.files import sha256_of, write_parquet
from curate.hand_off import OnPhase
from curate.overrides import Overrides
from curate.recipe import Loaded, shown
from curate.review import (
    Assessment,
    Duplicates,
    Labels,
    Material,
    Project,
    Spans,
    assess,
    passes,
)
from curate.review.assess import DISPUTED, MISSING
from curate.review.duplicates import asked, told
from curate.review.filed import Filed
from curate.review.log import EVENT
from curate.review.schema import DECISION, ITEM, VOTE
from curate.rows import Outcome
from curate.run import PastRun, Run, task_of
from curate.said import annotations_of, events_of, filed_of, open_log, population
from curate.synthesize import Gates

VERSION = 2
#: the tables of an assessment
TABLES = ("votes", "decided", "disputed", "missing", "events")


@dataclass(frozen=True)
class Judged:
    """A project in a run.

    Attributes:
        items: what people judge; ``schema.ITEM``.
        key: of the step that holds the assessment.
    """

    project: Project
    items: pl.DataFrame
    assessment: Assessment
    key: str

    @property
    def sample(self) -> pl.DataFrame:
        return self.items.filter(pl.col("part") == "sample")

    def apply(self, frame: pl.DataFrame) -> Outcome:
        return self.project.apply(frame, self.sample, self.assessment.decided)


class Reviewing:
    """The phases ``annotate`` (of rows) and ``review`` (of pairs) of one run."""

    def __init__(
        self, loaded: Loaded, run: Run, cache: Cache, on_phase: OnPhase, overrides: Overrides
    ) -> None:
        self.loaded, self.run, self.cache, self.on_phase = loaded, run, cache, on_phase
        self.overrides = overrides
        #: what was judged before the split: pairs of records
        self.early: list[Judged] = []

    @cached_property
    def filed(self) -> Filed:
        return filed_of(self.loaded)

    def of(self, what: str) -> list[Project]:
        return [project for project in self.loaded.recipe.review.projects if project.of == what]

    def duplicates(self, sources: Sequence[Source], dedupe: Dedupe) -> pl.DataFrame | None:
        """What people said of pairs of records (``dedupe.TOLD``); None where the recipe does not ask them.

        Which pairs they should look at is decided without what they said, so that an answer does not change the questions.
        """
        project = next((one for one in self.of("rows") if isinstance(one, Duplicates)), None)
        if project is None:
            return None
        with open_log(self.loaded.workspace) as log:
            known = asked(annotations_of(self.loaded, project, log, self.filed)["item_id"].drop_nulls())
        decided = dedupe.decide(list(sources), self.cache, known)
        material = Material((), {source.name: source.table for source in sources}, None, decided.folder)
        self.early = [self._judge("annotate", project, material, [decided.key])]
        return told(self.early[0].assessment.decided)

    def trial(self, rows: dict[str, Step]) -> dict[str, Step]:
        """The rows of a run with ``--limit``, about which nobody is asked: they have the columns that people would fill."""
        nothing = Assessment(
            pl.DataFrame(schema=VOTE), pl.DataFrame(schema=DECISION), pl.DataFrame(schema=DISPUTED),
            pl.DataFrame(schema=MISSING), pl.DataFrame(schema=EVENT), {},
        )  # fmt: skip
        judged = [
            Judged(project, pl.DataFrame(schema=ITEM), nothing, "trial")
            for project in self.of("rows")
            if isinstance(project, Labels | Spans)
        ]
        return {name: self._carry_out("annotate", step, judged, name) for name, step in rows.items()}

    def rows(self, rows: dict[str, Step], noise: Step | None) -> dict[str, Step]:
        """The rows with what people said of them.

        Raises:
            Waiting: people are not done.
            GateFailed: they do not agree, or found more wrong than the recipe allows.
        """
        tables = {name: step.table for name, step in rows.items()}
        material = Material((), tables, noise.folder if noise else None)
        keys = [step.key for step in (*rows.values(), *([noise] if noise else []))]
        projects = [one for one in self.of("rows") if not isinstance(one, Duplicates)]
        judged = [*self.early, *(self._judge("annotate", one, material, keys) for one in projects)]
        self.overrides.passing("review", lambda: self._pass(judged))
        return {name: self._carry_out("annotate", step, judged, name) for name, step in rows.items()}

    def pairs(self, pairs: list[Step], rows: dict[str, Step]) -> list[Step]:
        """The pairs that people accepted, some of them changed; those that changed have passed the gates again.

        Raises:
            Waiting: people are not done.
            GateFailed: they do not agree.
        """
        material = Material([step.table for step in pairs], {name: step.table for name, step in rows.items()})
        keys = [step.key for step in (*pairs, *rows.values())]
        judged = [self._judge("review", project, material, keys) for project in self.of("pairs")]
        self.overrides.passing("review", lambda: self._pass(judged))
        return [self._carry_out("review", step, judged, task_of(step)) for step in pairs]

    def _judge(self, phase: str, project: Project, material: Material, keys: list[str]) -> Judged:
        self.on_phase(phase, project.name, None)

        def choose(folder: Path) -> dict[str, Any]:
            chosen = project.choose(material)
            write_parquet(folder / "items.parquet", chosen.items)
            count = chosen.items.height
            return {"rows_in": count, "kept": count, "metrics": {"plan": chosen.plan}}

        key = sha256_of(["items", VERSION, project.fingerprint(), keys])
        chosen = self.run.add(self.cache.once(key, Place(phase, f"items:{project.name}", "*"), choose))
        items = pl.read_parquet(chosen.folder / "items.parquet")
        with open_log(self.loaded.workspace) as log:
            annotations = annotations_of(self.loaded, project, log, self.filed)
            events = events_of(self.loaded, project, log, self.filed)
        interface, experts = project.page, self.loaded.recipe.review.experts
        counts = population(chosen.metrics["plan"])

        def judge(folder: Path) -> dict[str, Any]:
            assessment = assess(project, interface, items, annotations, events, experts, counts)
            write_assessment(folder, assessment)
            return {"rows_in": items.height, "kept": items.height, "metrics": assessment.findings}

        about = [
            project.annotators,
            project.disputes,
            project.gate.model_dump(),
            sorted(experts),
            interface.version,
        ]
        key = sha256_of(
            [
                "votes",
                VERSION,
                chosen.key,
                about,
                annotations.sort("annotation_id").to_dicts(),
                events.to_dicts(),
            ]
        )
        step = self.run.add(self.cache.once(key, Place(phase, f"votes:{project.name}", "*"), judge))
        assessment = read_assessment(step)
        if not step.cached and assessment.decided.height:
            decided = {
                "recipe": self.loaded.recipe.name,
                "project": project.name,
                "items": assessment.decided.height,
            }
            record(self.loaded.workspace, "review.decide", decided)
        return Judged(project, items, assessment, step.key)

    def _pass(self, judged: Sequence[Judged]) -> None:
        """What all projects wait for or fail at, told at once."""
        errors: list[CurateError] = []
        said: list[str] = []
        for one in judged:
            try:
                said += passes(one.project, one.assessment, shown(self.loaded.file))
                self.run.about.setdefault("settled", {})[one.project.name] = one.project.settle(
                    one.sample, one.assessment.decided
                )
            except (Waiting, GateFailed) as error:
                errors.append(error)
        self.run.about.setdefault("reviewed", []).extend(said)
        if not errors:
            return
        if len(errors) == 1:
            raise errors[0]
        problem = "\n\n".join(error.problem for error in errors)
        hint = "\n  → ".join(dict.fromkeys(error.hint for error in errors))
        if any(isinstance(error, GateFailed) for error in errors):
            raise GateFailed(problem, hint, gate="review")
        raise Waiting(problem, hint)

    def _carry_out(self, phase: str, step: Step, judged: Sequence[Judged], name: str) -> Step:
        """The verdicts of all projects on the rows of a corpus, or on the pairs of a task."""
        concerned = [one for one in judged if one.project.concerns(step.corpus)]
        if not concerned:
            return step
        gates = self.loaded.recipe.synthesize.gates

        def work(frame: pl.DataFrame) -> Outcome:
            dropped = []
            for one in concerned:
                outcome = one.apply(frame)
                frame = outcome.kept
                dropped.append(outcome.dropped)
            if phase == "review":
                outcome = again(frame, gates)
                frame = outcome.kept
                dropped.append(outcome.dropped)
            return Outcome(frame, pl.concat(dropped, how="diagonal_relaxed"))

        unit = name if phase == "review" else "annotate"
        key = sha256_of(["carry_out", VERSION, gates.fingerprint(), [one.key for one in concerned], step.key])
        return self.run.add(self.cache.rowwise(key, Place(phase, unit, step.corpus), step.table, each(work)))


def again(pairs: pl.DataFrame, gates: Gates) -> Outcome:
    """The pairs that people edited go through the gates of synthesis once more; the others stay as they are."""
    edited = pl.col("review").struct.field("decision").eq("edit").fill_null(False)
    placed = pairs.with_row_index("place")
    outcome = gates.check(placed.filter(edited))
    kept = pl.concat([placed.filter(~edited), outcome.kept]).sort("place").drop("place")
    return Outcome(kept, outcome.dropped.drop("place"))


def write_assessment(folder: Path, assessment: Assessment) -> None:
    for name in TABLES:
        write_parquet(folder / f"{name}.parquet", getattr(assessment, name))


def read_assessment(step: Step) -> Assessment:
    return Assessment(
        **{name: pl.read_parquet(step.folder / f"{name}.parquet") for name in TABLES}, findings=step.metrics
    )


def reviews_of(run: PastRun) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(project, findings, plan of its sample) of each project that a run got to."""
    found, plans = {}, {}
    for step in run.steps:
        doing, _, name = step.unit.partition(":")
        if step.corpus == "*" and doing == "items":
            plans[name] = step.metrics["plan"]
        elif step.corpus == "*" and doing == "votes":
            found[name] = step.metrics
    return [(name, findings, plans[name]) for name, findings in found.items()]
