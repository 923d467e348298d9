"""The 3C report of a run, to be read: lines for the terminal's summary, tables for ``curate show three_c``, a section of the page."""

from __future__ import annotations

from typing import Any

from rich.table import Table as Grid

from curate.cache import Step
from curate.language import say
from curate.report.grids import columns
from curate.report.three_c_tables import axis_text, bars_of, matrix_of, tables_of
from curate.report.words import count
from curate.run import PastRun
from curate.three_c.gates import percent, problem_of

NAMES = {
    "consistency": say("一致", "consistency"),
    "coverage": say("覆盖", "coverage"),
    "cleanliness": say("干净", "cleanliness"),
}


def three_c_of(run: PastRun) -> Step | None:
    """The step that measured the three Cs; None where the recipe has no ``three_c``."""
    return next((step for step in run.steps if step.phase == "three_c"), None)


def three_c_lines(run: PastRun) -> list[str]:
    """A line for each C, with ✓ or ✗ where the recipe sets limits, and where to read on."""
    step = three_c_of(run)
    if step is None:
        return []
    lines = [f"{NAMES[of]} {_mark(step.metrics, of)} {_sentence(step.metrics, of)}" for of in _measured(step)]
    return [*lines, say("3C 的表和例子：curate show three_c", "tables and examples: curate show three_c")]


def three_c_text(run: PastRun) -> list[Any]:
    """The tables for a terminal, ready for ``grids.drawn``."""
    step = three_c_of(run)
    if step is None:
        return []
    parts: list[Any] = []
    for of in _measured(step):
        parts.append(f"\n{NAMES[of]} {_mark(step.metrics, of)} {_sentence(step.metrics, of)}")
        for table in tables_of(step.metrics, of):
            parts += [f"\n{table['title']}", _grid(table)]
    for gate in _broken(step.metrics):
        what, hint = problem_of(gate, step.metrics)
        parts.append(f"\n✗ {what}\n  → {hint}")
    parts.append(say(f"\n全部数字：{step.folder}", f"\nall figures: {step.folder}"))
    return parts


def three_c_page(run: PastRun) -> dict[str, Any] | None:
    """What ``three_c.html.j2`` shows: a part for each C; None where nothing was measured."""
    step = three_c_of(run)
    if step is None:
        return None
    metrics = step.metrics
    coverage = metrics["coverage"] or {"by": [], "matrix": []}
    return {
        "parts": [
            {
                "title": NAMES[of],
                "mark": _mark(metrics, of),
                "good": _good(metrics, of),
                "told": _sentence(metrics, of),
                "tables": tables_of(metrics, of, page=True),
                "bars": [bars_of(one) for one in coverage["by"]] if of == "coverage" else [],
                "matrices": [matrix_of(one) for one in coverage["matrix"]] if of == "coverage" else [],
            }
            for of in _measured(step)
        ],
        "broken": [problem_of(gate, metrics) for gate in _broken(metrics)],
    }


def _measured(step: Step) -> list[str]:
    return [of for of in NAMES if step.metrics[of] is not None]


def _broken(metrics: dict[str, Any]) -> list[dict[str, Any]]:
    return [gate for gate in metrics["gates"] if not gate["passed"]]


def _good(metrics: dict[str, Any], of: str) -> bool | None:
    """Are its limits kept? None where it has none."""
    own = [gate["passed"] for gate in metrics["gates"] if gate["of"] == of]
    return all(own) if own else None


def _mark(metrics: dict[str, Any], of: str) -> str:
    return {True: "✓", False: "✗", None: "·"}[_good(metrics, of)]


def _sentence(metrics: dict[str, Any], of: str) -> str:
    told = {"consistency": _consistent, "coverage": _covered, "cleanliness": _clean}[of](metrics[of])
    limits = {
        f"{gate['name']} {'≥' if gate['at_least'] else '≤'} {percent(gate['limit'])}": None
        for gate in metrics["gates"]
        if gate["of"] == of
    }
    sentence = say("；", "; ").join(told) or say("没有要看的", "nothing to look at")
    return (
        f"{sentence}{say('（', ' (')}{say('，', ', ').join(limits)}{say('）', ')')}" if limits else sentence
    )


def _consistent(told: dict[str, Any]) -> list[str]:
    parts = []
    terms = told["glossary"]
    if terms is not None:
        share, total = percent(terms["preferred"]), count(terms["terms"])
        parts.append(say(f"术语 {total} 处，{share} 是标准词", f"{share} of {total} terms are canonical"))
    if told["codes"]:
        checked, invalid = (sum(one[name] for one in told["codes"]) for name in ("checked", "invalid"))
        parts.append(
            say(
                f"代码 {count(checked)} 个，{count(invalid)} 个无效",
                f"{count(invalid)} of {count(checked)} codes are invalid",
            )
        )
    if told["same"]:
        several, bad = (sum(one[name] for one in told["same"]) for name in ("entities", "contradicting"))
        left = sum(one["left"] or 0 for one in told["same"])
        parts.append(
            say(
                f"{count(several)} 个对象有几行，{count(bad)} 个自相矛盾，去重后剩 {count(left)} 个",
                f"of {count(several)} entities with several rows {count(bad)} contradict themselves, {count(left)} behind dedupe",
            )
        )
    return parts


def _covered(told: dict[str, Any]) -> list[str]:
    parts = [
        say(
            f"{one['corpus']}.{one['column']} 长尾 {percent(one['share'])}",
            f"long tail of {one['corpus']}.{one['column']} {percent(one['share'])}",
        )
        for one in told["long_tail"]
    ]
    parts += [
        say(
            f"{one['corpus']} 的 {axis_text(one, 'rows')}×{axis_text(one, 'columns')} 空 {count(one['empty'])}/{count(one['cells'])} 格（{percent(one['share'])}）",
            f"{one['corpus']}: {count(one['empty'])} of {count(one['cells'])} cells of {axis_text(one, 'rows')}×{axis_text(one, 'columns')} are empty ({percent(one['share'])})",
        )
        for one in told["matrix"]
    ]
    if told["by"]:
        parts.append(say(f"{len(told['by'])} 个分布", f"{len(told['by'])} distribution(s)"))
    return parts


def _clean(told: dict[str, Any]) -> list[str]:
    rate, rows = percent(told["rate"]), count(told["rows"])
    if told["high"] is None:
        return [
            say(f"噪声率 {rate}（规则查了 {rows} 行，没有人工判断）", f"noise rate {rate} (by rules over {rows} rows, nobody judged)")
        ]  # fmt: skip
    bounds = f"{percent(told['low'])}–{percent(told['high'])}"
    return [say(f"噪声率 {rate}（人工抽样，{bounds}）", f"noise rate {rate} (by a judged sample, {bounds})")]


def _grid(table: dict[str, Any]) -> Grid:
    grid = columns(*table["heads"], right=tuple(range(table["left"], len(table["heads"]))))
    for row in table["rows"]:
        grid.add_row(*row)
    return grid
