"""Errors for people: what is wrong, where, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from curate.language import say


class CurateError(Exception):
    """Something the user can mend.

    Args:
        problem: what is wrong and where, one sentence.
        hint: what to do next.
        option: the path of the corpus's option that it is about, where it is about one.
    """

    exit_code = 1

    def __init__(self, problem: str, hint: str = "", option: tuple[str, ...] = ()) -> None:
        super().__init__(problem)
        self.problem, self.hint, self.option = problem, hint, option

    def __str__(self) -> str:
        return f"{self.problem}\n  → {self.hint}" if self.hint else self.problem


class UsageError(CurateError):
    """The command was called with something that is not there: a run, a row, a name."""

    exit_code = 2


class AccountingError(CurateError):
    """A phase gave back another number of rows than it was given: a defect of ours, never of the data."""


class Waiting(CurateError):
    """It goes on when others are done: people who review, or a server that works through a batch."""

    exit_code = 3


class GateFailed(CurateError):
    """A limit that the recipe sets is exceeded; nothing is exported.

    Args:
        gate: its name; ``overrides.OVERRIDABLE`` lists those that a person may answer for.
    """

    exit_code = 4

    def __init__(self, problem: str, hint: str = "", *, gate: str) -> None:
        super().__init__(problem, hint)
        self.gate = gate


class NotAllowed(CurateError):
    """The policy of the workspace does not let this user do it."""

    exit_code = 5


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake in a recipe or in a file that it names. ``line`` is 1-based; 0 stands for the whole file."""

    file: Path
    line: int
    what: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{place}: {self.what}" + (f"\n  → {self.hint}" if self.hint else "")


class RecipeError(CurateError):
    """All problems of a recipe at once."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        count = len(self.problems)
        super().__init__(
            say(f"配方有 {count} 处问题", f"the recipe has {count} problem(s)"),
            say("逐条改好后，再运行 curate check", "mend them, then run curate check again"),
        )

    def __str__(self) -> str:
        return "\n".join([*map(str, self.problems), super().__str__()])
