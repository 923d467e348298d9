"""Gates that a person answers for: ``--override-gate NAME --reason "…"`` is the only way past one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from curate.algorithms.personal_data import mask
from curate.audit.log import record
from curate.errors import GateFailed, UsageError
from curate.language import say
from curate.messages import did_you_mean
from curate.policy import need

T = TypeVar("T")
#: Gates that may be overridden. "release" may not: who lets test rows into training, or more made pairs than the cap, has no data set.
#: "budget" may not: what noise was to protect is told for good once the budget is overspent.
OVERRIDABLE = ("drift", "validate", "dedupe", "noise", "privacy", "three_c", "review")
#: characters of a reason that says something
REASON_CHARS = 10


@dataclass
class Overrides:
    """The gates of one run that are overridden, and why. Made by ``overrides_of``, which checks both.

    ``used``: what was overridden, for the manifest and the card: gate, problem, reason, who, at, and the entry's seq and hash.
    ``reached``: gates that were asked, whatever they said.
    """

    names: frozenset[str]
    reason: str
    workspace: Path
    run: str = ""
    used: list[dict[str, Any]] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)

    def passing(self, gate: str, check: Callable[[], T]) -> T | None:
        """What ``check`` gives; None where its gate failed and is overridden, which is recorded first.

        One call a gate and corpus: what ``check`` had still to look at behind a failure is not looked at.

        Raises:
            GateFailed: the gate is not overridden; its hint says how, where that is possible.
            CurateError: the override cannot be recorded, so it does not happen.
        """
        self.reached.add(gate)
        try:
            return check()
        except GateFailed as failed:
            self.reached.add(failed.gate)
            if failed.gate in self.names:
                self._record(failed)
                return None
            if failed.gate not in OVERRIDABLE:
                raise
            raise _with_way(failed) from failed

    def _record(self, failed: GateFailed) -> None:
        about = {"gate": failed.gate, "problem": mask(failed.problem), "run": self.run}
        entry = record(self.workspace, "gate.override", about, self.reason)
        told = {"gate": failed.gate, "problem": about["problem"], "reason": entry.why}
        self.used.append({**told, "who": entry.who, "at": entry.at, "audit": entry.head})

    def not_needed(self) -> list[str]:
        """A line for each gate that was to be overridden but did not fail; nothing is recorded of it."""
        failed = {one["gate"] for one in self.used}
        return [
            say(
                f"--override-gate {name} 用不着：这个关卡通过了",
                f"--override-gate {name} was not needed: the gate passed",
            )
            if name in self.reached
            else say(
                f"--override-gate {name} 用不着：这次没有走到这个关卡",
                f"--override-gate {name} was not needed: the run did not come to that gate",
            )
            for name in sorted(self.names - failed)
        ]


def overrides_of(workspace: Path, names: Iterable[str], reason: str | None) -> Overrides:
    """The overrides that a command asks for; none where no gate is named.

    Raises:
        UsageError: no such gate, one that cannot be overridden, or no reason that says something.
        NotAllowed: the user may not.
    """
    gates, why = frozenset(names), (reason or "").strip()
    for name in sorted(gates - set(OVERRIDABLE)):
        raise _not_overridable(name)
    if gates and len(why) < REASON_CHARS:
        raise UsageError(
            say(
                f"--override-gate 要写明原因：--reason 至少 {REASON_CHARS} 个字",
                f"--override-gate wants a reason: --reason of {REASON_CHARS} characters at least",
            ),
            say(
                '写清为什么可以放行、谁同意的，例如 --reason "供应商确认为真实数据，李经理同意"',
                "say why it may pass and who agreed; it goes into the audit log",
            ),
        )
    if why and not gates:
        raise UsageError(
            say("写了 --reason，却没有写 --override-gate", "--reason without --override-gate"),
            say("--reason 只用来放行关卡", "--reason is for overriding a gate"),
        )
    if gates:
        need(workspace, "override", say("放行 ", "override ") + say("、", ", ").join(sorted(gates)))
    return Overrides(gates, why, workspace)


def _not_overridable(name: str) -> UsageError:
    if name == "release":
        return UsageError(
            say(
                "release 不能放行：训练集混进测试题，或合成数据超过上限，就不是可用的数据集",
                "release cannot be overridden: a training set with test rows in it, or over the cap, is none",
            ),
            say("按它的提示改配方", "change the recipe as its message says"),
        )
    return UsageError(
        say(f"没有可以放行的关卡 {name}", f"there is no gate {name} that may be overridden"),
        did_you_mean(name, OVERRIDABLE),
    )


def _with_way(failed: GateFailed) -> GateFailed:
    """With the only way past it in the hint."""
    way = say(
        f"唯一的办法：--override-gate {failed.gate} --reason “…”（要有 override 权限，记入审计日志）",
        f'the only way past it: --override-gate {failed.gate} --reason "…" (needs the permission override; is recorded)',
    )
    return GateFailed(
        failed.problem, "\n    ".join(part for part in (failed.hint, way) if part), gate=failed.gate
    )
