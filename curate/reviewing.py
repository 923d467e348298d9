"""Review in a run: which items people should judge, what they said, whether they agree, and what becomes of rows and pairs.

A run reads the log and the files of annotations; it never talks to a server: ``curate review push`` and ``pull`` do.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from curate.cache import Cache, Place, Step, each
from curate.dedupe import Dedupe, Source
from curate.errors import CurateError, GateFailed, UsageError, Waiting
from curate.files import sha256_of, write_parquet
from curate.hand_off import OnPhase
from curate.language import say
from curate.messages import did_you_mean
from curate.options import files_of
from curate.recipe import Loaded, shown
from curate.review import (
    Assessment,
    Duplicates,
    Interface,
    Labels,
    Log,
    Material,
    Project,
    Spans,
    assess,
    passes,
)
from curate.review.assess import DISPUTED, MISSING
from curate.review.duplicates import asked, told
from curate.review.filed import read_annotations, read_events
from curate.review.log import EVENT
from curate.review.schema import DECISION, ITEM, VOTE
from curate.rows import Outcome
from curate.run import PastRun, Run, open_run, runs_folder, task_of
from curate.synthesize import Gates

VERSION = 1
#: the tables of an assessment
TABLES = ("votes", "decided", "disputed", "missing")


def open_log(workspace: Path) -> Log:
    """The log that all recipes of a workspace share."""
    folder = runs_folder(workspace)
    folder.mkdir(parents=True, exist_ok=True)
    return Log(folder / "review.sqlite")


def annotations_of(loaded: Loaded, project: Project, log: Log) -> pl.DataFrame:
    """All annotations of a project: the log's, and those of the recipe's files."""
    logged = log.annotations(loaded.recipe.name, project.name)
    filed = read_annotations(_files(loaded)).get(project.name)
    if filed is None:
        return logged
    return pl.concat([logged, filed]).unique("annotation_id", keep="first", maintain_order=True)


def events_of(loaded: Loaded, project: Project, log: Log) -> pl.DataFrame:
    """What was put back and who was excluded, oldest first: by the recipe's files and by the log; each once."""
    logged = log.events(loaded.recipe.name, project.name)
    filed = (
        pl.DataFrame(
            read_events(_files(loaded)).get(project.name, []),
            schema={name: EVENT[name] for name in EVENT if name != "event_id"},
        )
        .with_row_index("event_id")
        .with_columns(pl.format("file {}", "event_id").alias("event_id"))
    )
    own = [name for name in EVENT if name != "event_id"]
    return (
        pl.concat([filed.select(*EVENT), logged])
        .unique(own, keep="first", maintain_order=True)
        .sort("at", maintain_order=True)
    )


def _files(loaded: Loaded) -> list[Path]:
    section = loaded.recipe.review
    return [file for pattern in section.annotations for file in files_of(loaded.workspace, pattern)]


def population(plan: dict[str, Any]) -> dict[str, int]:
    """Stratum -> how many rows or pairs it stands for."""
    return {line["stratum"]: line.get("pairs", line.get("rows")) for line in plan.get("strata", [])}


def assessed(
    loaded: Loaded, project: Project, items: pl.DataFrame, plan: dict[str, Any], log: Log
) -> Assessment:
    """What the annotations that there are by now say of these items."""
    return assess(
        project,
        project.page,
        items,
        annotations_of(loaded, project, log),
        events_of(loaded, project, log),
        loaded.recipe.review.experts,
        population(plan),
    )


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

    def __init__(self, loaded: Loaded, run: Run, cache: Cache, on_phase: OnPhase) -> None:
        self.loaded, self.run, self.cache, self.on_phase = loaded, run, cache, on_phase
        #: what was judged before the split: pairs of records
        self.early: list[Judged] = []

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
            known = asked(annotations_of(self.loaded, project, log)["item_id"].drop_nulls())
        decided = dedupe.decide(list(sources), self.cache, known)
        material = Material((), {source.name: source.table for source in sources}, None, decided.folder)
        self.early = [self._judge("annotate", project, material, [decided.key])]
        return told(self.early[0].assessment.decided)

    def trial(self, rows: dict[str, Step]) -> dict[str, Step]:
        """The rows of a run with ``--limit``, about which nobody is asked: they have the columns that people would fill."""
        votes, decided, disputed, missing = (
            pl.DataFrame(schema=kind) for kind in (VOTE, DECISION, DISPUTED, MISSING)
        )
        nothing = Assessment(votes, decided, disputed, missing, {})
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
        self._pass(judged)
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
        self._pass(judged)
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
            annotations = annotations_of(self.loaded, project, log)
            events = events_of(self.loaded, project, log)
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
        return Judged(project, items, read_assessment(step), step.key)

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
        kind = GateFailed if any(isinstance(error, GateFailed) for error in errors) else Waiting
        raise kind("\n\n".join(str(error) for error in errors))

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


@dataclass(frozen=True)
class Sampled:
    """A project as the newest run of its recipe left it.

    Attributes:
        items: what that run wants judged.
        assessment: of the annotations that there are by now.
    """

    project: Project
    interface: Interface
    items: pl.DataFrame
    plan: dict[str, Any]
    assessment: Assessment


def sampled(loaded: Loaded, log: Log, name: str | None = None) -> list[Sampled]:
    """The recipe's projects, or the one of that name, that its newest run chose items for.

    Raises:
        UsageError: the recipe has no such project, or no run got that far.
    """
    projects = loaded.recipe.review.projects
    if not projects:
        raise UsageError(
            say("配方里没有 review 的项目", "the recipe has no review project"),
            say(
                "在 review 下写 projects，说明：curate catalogue pairs",
                "add review.projects; see curate catalogue pairs",
            ),
        )
    wanted = [project for project in projects if name in (None, project.name)]
    if not wanted:
        raise UsageError(
            say(f"没有叫 {name} 的审核项目", f"there is no review project {name}"),
            did_you_mean(str(name), [project.name for project in projects]),
        )
    run = newest_run(loaded)
    run.need_rows()
    found = []
    for project in wanted:
        step = next((s for s in run.steps if s.unit == f"items:{project.name}"), None)
        if step is not None:
            items = pl.read_parquet(step.folder / "items.parquet")
            plan = step.metrics["plan"]
            told = assessed(loaded, project, items, plan, log)
            found.append(Sampled(project, project.page, items, plan, told))
    return found


def newest_run(loaded: Loaded) -> PastRun:
    """The newest run of this recipe that got as far as choosing what people should judge.

    Raises:
        UsageError: there is none.
    """
    for file in sorted(runs_folder(loaded.workspace).glob("*/manifest.json"), reverse=True):
        manifest = json.loads(file.read_text(encoding="utf-8"))
        if manifest["name"] == loaded.recipe.name and any(
            step["unit"].startswith("items:") for step in manifest["steps"]
        ):
            return open_run(loaded.workspace, file.parent.name)
    raise UsageError(
        say(
            f"配方 {loaded.recipe.name} 还没有运行到抽出要审核的内容",
            f"no run of {loaded.recipe.name} has chosen what people should judge",
        ),
        say(f"先运行 curate run {shown(loaded.file)}", f"first run curate run {shown(loaded.file)}"),
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
