"""Drift between two runs, to be read: in the terminal, as JSON, as a page."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from curate.cache import Step
from curate.drift import Limits, Measure, compare, judged
from curate.drift.changed import changed_rows
from curate.errors import GateFailed, UsageError
from curate.files import write_json, write_text
from curate.language import say
from curate.phases import FLOW
from curate.report.drift_text import flagged, name_of, sections_of, summary_lines
from curate.run import PastRun, open_run, runs_folder

#: Where the last comparison with an earlier run is kept, in a run's folder.
FILE = "drift.json"


def two_runs(workspace: Path, before: str | None, after: str | None) -> tuple[PastRun, PastRun]:
    """The runs of these names. With one name: that run and the newest finished one of its recipe; with none: the last two.

    Raises:
        UsageError: there are no two.
    """
    if before and after:
        return open_run(workspace, before), open_run(workspace, after)
    first = open_run(workspace, before) if before else None
    done = _done(workspace, str(first.manifest["name"]) if first else None)
    if first:
        done = [name for name in done if name != first.name]
        if done:
            return first, open_run(workspace, done[-1])
    elif len(done) > 1:
        return open_run(workspace, done[-2]), open_run(workspace, done[-1])
    raise UsageError(
        say("要比较，需要同一份配方的两次完成的运行", "a comparison needs two finished runs of a recipe"),
        say(
            "再运行一次 curate run 配方.yaml，或写两个运行的名字：curate diff 运行甲 运行乙",
            "run curate run RECIPE again, or name two runs: curate diff RUN_A RUN_B",
        ),
    )


def _done(workspace: Path, recipe: str | None) -> list[str]:
    """The finished runs of a recipe (of that which ran last, where none is named), oldest first."""
    found = []
    for file in sorted(runs_folder(workspace).glob("*/manifest.json")):
        manifest = json.loads(file.read_text(encoding="utf-8"))
        if manifest["status"] == "done":
            found.append((file.parent.name, manifest["name"]))
    recipe = recipe or (found[-1][1] if found else None)
    return [name for name, of in found if of == recipe]


def drift_between(before: PastRun, after: PastRun, limits: Limits, new_only: bool = False) -> dict[str, Any]:
    """Every corpus that both runs have, as JSON; also written into the later run's folder.

    Raises:
        UsageError: the rows of one of them were deleted.
    """
    before.need_rows()
    after.need_rows()
    ends = {name: (before.final(name), after.final(name)) for name in {**before.manifest["corpora"], **after.manifest["corpora"]}}  # fmt: skip
    shared = {name: (a, b) for name, (a, b) in ends.items() if a and b}
    other = {name: (a, b) for name, (a, b) in shared.items() if a.key != b.key and a.kept and b.kept}
    measures = [
        one
        for name, (a, b) in other.items()
        for one in compare(name, a.table, b.table, limits, new_only=new_only)
    ]
    measures = judged(measures, limits)
    told = {
        "before": before.name,
        "after": after.name,
        "same": len(shared) == len(ends) and not other and all(a.key == b.key for a, b in shared.values()),
        "limits": asdict(limits),
        "new_only": new_only,
        "only_before": [name for name, (a, b) in ends.items() if a and not b],
        "only_after": [name for name, (a, b) in ends.items() if b and not a],
        "corpora": {
            name: _corpus(before, after, a, b, [one for one in measures if one.corpus == name])
            for name, (a, b) in shared.items()
        },
    }
    write_json(after.folder / FILE, told, indent=1)
    return told


def _corpus(before: PastRun, after: PastRun, a: Step, b: Step, measures: list[Measure]) -> dict[str, Any]:
    if a.key == b.key:
        return {"same": True, "rows": {"before": a.kept, "after": b.kept}, "phases": [], "measures": []}
    empty = not a.kept or not b.kept
    rows = {"before": a.kept, "after": b.kept} if empty else asdict(changed_rows(a.table, b.table))
    told = {"same": False, "rows": rows, "phases": _phases(before, after, a.corpus)}
    return {**told, "measures": [asdict(one) for one in measures]}


def _phases(before: PastRun, after: PastRun, corpus: str) -> list[dict[str, Any]]:
    """The steps whose counts differ, with the reasons that do."""
    sides = [
        {(one.phase, one.unit): one for one in run.of(corpus) if one.phase in FLOW} for run in (before, after)
    ]
    found = []
    for number, place in enumerate({**sides[0], **sides[1]}):
        steps = [side.get(place) for side in sides]
        counts = {
            name: [getattr(step, name) if step else None for step in steps] for name in ("kept", "dropped")
        }
        why = [step.reasons if step else {} for step in steps]
        moved = {name: [side.get(name, 0) for side in why] for name in {**why[0], **why[1]}}
        moved = {name: pair for name, pair in moved.items() if pair[0] != pair[1]}
        order = sorted(moved, key=lambda name: (-abs(moved[name][0] - moved[name][1]), name))
        # behind the first step fewer rows may only be those that were not there
        if (
            counts["dropped"][0] != counts["dropped"][1]
            or moved
            or (not number and counts["kept"][0] != counts["kept"][1])
        ):
            reasons = {name: moved[name] for name in order}
            found.append({"phase": place[0], "unit": place[1], **counts, "reasons": reasons})
    return found


def gate(told: dict[str, Any]) -> None:
    """Raises:
    GateFailed: something has drifted.
    """
    found = flagged(told)
    if found:
        names = say("；", "; ").join(f"{one['corpus']} {name_of(one)}" for one in found)
        raise GateFailed(
            say(
                f"{told['after']} 和 {told['before']} 相比有 {len(found)} 处漂移：{names}",
                f"{told['after']} has drifted from {told['before']} in {len(found)} place(s): {names}",
            ),
            say(
                "先看清楚数据为什么变了；确实如此就重新训练，或放宽 --ks、--perplexity",
                "find out why the data changed; if it is right, train anew, or widen --ks, --perplexity",
            ),
            gate="drift",
        )


def drift_page(run: PastRun) -> dict[str, Any] | None:
    """The comparison that ``curate diff`` kept in the run's folder, with what a page shows of it; None where there is none."""
    try:
        told: dict[str, Any] = json.loads((run.folder / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return {**told, "lines": summary_lines(told), "sections": sections_of(told)}


def write_page(told: dict[str, Any], file: Path) -> None:
    """The same as one HTML file; values of rows are escaped."""
    import jinja2

    page = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )  # fmt: skip
    heads = [say("什么", "what"), say("个数", "values"), say("差别", "difference")]
    write_text(
        file,
        page.get_template("drift.html.j2").render(
            language=say("zh-CN", "en"), title=say("两次运行的差别", "Drift between two runs"), lines=summary_lines(told),
            sections=[] if told["same"] else sections_of(told), heads=heads,
        ),
    )  # fmt: skip
