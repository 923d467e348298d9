"""The steps of a run that made pairs, task by task."""

from __future__ import annotations

from dataclasses import dataclass

from curate.cache import Step
from curate.phases import PAIR_PHASES
from curate.run import PastRun, task_of


@dataclass(frozen=True)
class TaskSteps:
    """A task in a run. ``steps``: all of its steps in order, those without pairs (slots, answers of a model) too."""

    name: str
    corpus: str
    steps: list[Step]

    def step(self, phase: str, doing: str = "") -> Step | None:
        """The task's step of a phase; ``doing``: ``slots``, ``ask``, ``rules`` … of ``slots:doc_qa``."""
        unit = f"{doing}:{self.name}" if doing else self.name
        return next((step for step in self.steps if (step.phase, step.unit) == (phase, unit)), None)

    @property
    def slots(self) -> Step | None:
        """What a model was to fill, no more than the task may have; None where no model is asked."""
        return self.step("pairs", "limit") or self.step("pairs", "slots")

    @property
    def of_pairs(self) -> list[Step]:
        """The steps that hold its pairs, from the making to the last."""
        return [step for step in self.steps if task_of(step)]

    def after(self, phase: str) -> Step | None:
        """The last step of its pairs up to the end of a phase; None where the run did not get there."""
        there = [step for step in self.of_pairs if step.phase == phase]
        return there[-1] if there else None


def tasks_of(run: PastRun) -> list[TaskSteps]:
    """The tasks that a run got to, in their order."""
    found: dict[tuple[str, str], TaskSteps] = {}
    for step in run.steps:
        if step.phase in PAIR_PHASES and step.corpus != "*":
            name = step.unit.partition(":")[2] or step.unit
            found.setdefault((step.corpus, name), TaskSteps(name, step.corpus, [])).steps.append(step)
    return list(found.values())
