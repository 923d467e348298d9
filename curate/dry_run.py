"""Dry run: what a recipe would ask of its model, and what that costs. Every prompt is made, and no request is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from curate.cache import Step
from curate.clients.chat.ask import Estimate, dry
from curate.clients.chat.journal import Spent
from curate.clients.chat.request import Request
from curate.synthesis import Asking, Synthesis, open_journal
from curate.synthesize import ModelTask

#: Prompts that are shown, of as many tasks as there are.
SHOWN = 3


@dataclass(frozen=True)
class Priced:
    """A task. ``estimate``: None where its slots are not known before an earlier task is done."""

    task: str
    corpus: str
    estimate: Estimate | None
    of: str = ""


@dataclass
class Prices:
    """A dry run: the tasks, what the recipe paid so far, what it may pay, and some prompts as they would be sent. ``judged``:
    a judge will ask besides, about pairs that are not there yet.
    """

    model: str
    currency: str | None
    spent: Spent
    money: Decimal | None
    judged: bool = False
    tasks: list[Priced] = field(default_factory=list)
    prompts: list[tuple[str, tuple[tuple[str, str], ...]]] = field(default_factory=list)

    @property
    def likely(self) -> Decimal:
        """What the tasks cost that can be priced, as is usual."""
        return sum((task.estimate.cost or Decimal(0) for task in self.tasks if task.estimate), Decimal(0))

    @property
    def at_most(self) -> Decimal:
        return sum(
            (task.estimate.cost_at_most or Decimal(0) for task in self.tasks if task.estimate), Decimal(0)
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class DryRun(Synthesis):
    """The phases pairs and gate without a request: tasks that ask a model are priced, all others are done."""

    def price(self, rows: dict[str, Step]) -> Prices:
        model = self.recipe.model
        with open_journal(self.loaded.workspace) as journal:
            told = Prices(
                model=model.name if model else "",
                currency=model.price.currency if model and model.price else None,
                spent=journal.spent(self.loaded.recipe.name),
                money=self.recipe.budget.money,
                judged=self.recipe.judge is not None,
            )
            firsts: list[list[tuple[str, Request]]] = []
            for number, task in enumerate(self.recipe.tasks):
                of = getattr(task, "of", "")
                if of and (task.corpus, of) not in self.done:
                    told.tasks.append(Priced(task.stem, task.corpus, None, of))
                elif isinstance(task, ModelTask):
                    asking = self.asking(number, task, self.slots(task, self._input(task, rows)))
                    estimate = dry(asking.plans(), asking.model.endpoint(asked=False), journal)
                    told.tasks.append(Priced(task.stem, task.corpus, estimate))
                    firsts.append(list(_first(asking, SHOWN)))
                else:
                    self.done[task.corpus, task.stem] = self.make(number, rows)
        for place in range(SHOWN):
            told.prompts += [
                (slot, request.messages) for some in firsts for slot, request in some[place : place + 1]
            ]
        del told.prompts[SHOWN:]
        return told


def _first(asking: Asking, most: int) -> Iterator[tuple[str, Request]]:
    for slot, plan in asking.plans():
        request = plan([])
        if isinstance(request, Request):
            yield slot, request
            most -= 1
        if not most:
            return
