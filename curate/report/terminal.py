"""What the commands print."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table as Grid

from curate.cache import Step
from curate.check import Checked
from curate.errors import UsageError
from curate.language import say
from curate.messages import did_you_mean
from curate.recipe import shown
from curate.report.words import PHASE_NAMES, count, reason_name, reasons_text
from curate.rows import SYSTEM, WHY
from curate.run import PHASES, PastRun
from curate.trace import Trace

#: characters of a value that are shown
SHOWN = 160


def drawn(*parts: Any, width: int = 120) -> str:
    """Rich's tables as plain text: a log reads as a terminal does."""
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=False, highlight=False, markup=False)
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, str))
    return out.getvalue().rstrip("\n")


def _grid(*heads: str, right: tuple[int, ...] = ()) -> Grid:
    grid = Grid(box=None, pad_edge=False, header_style="")
    for place, head in enumerate(heads):
        grid.add_column(head, justify="right" if place in right else "left", overflow="fold")
    return grid


def checked_text(checked: Checked) -> str:
    grid = _grid(
        say("语料", "corpus"),
        say("文件", "files"),
        say("格式", "format"),
        say("样本行", "sample"),
        say("样本中会丢弃的", "of these would go"),
        right=(1, 3),
    )
    for tried in checked.corpora:
        gone: dict[str, int] = {}
        for (_, reason), rows in tried.dropped.items():
            gone[reason] = gone.get(reason, 0) + rows
        grid.add_row(tried.corpus, str(tried.files), tried.form, str(tried.rows), reasons_text(gone))
    files = ", ".join(checked.code)
    code = (
        say(
            f"运行时会执行这些数据规范里的代码：{files}", f"a run executes the code in these schemas: {files}"
        )
        if files
        else ""
    )
    verdict = (
        ""
        if checked.problems
        else say("没有发现问题，可以运行 curate run。", "No problem found: go on with curate run.")
    )
    return drawn(grid, "", *(part for part in (code, verdict) if part))


def finished_text(run: PastRun) -> str:
    """What a run leaves behind, and what to do next."""
    fresh = sum(not step.cached for step in run.steps)
    lines = [run_text(run, None)]
    if not fresh:
        lines.append(
            say(
                "什么都没有变：全部用上次的结果，没有重做任何一步。",
                "Nothing changed: every step is from cache; no work was done.",
            )
        )
    for folder in map(Path, run.manifest.get("exports", [])):
        lines.append(say(f"已导出：{shown(folder)}", f"exported: {shown(folder)}"))
        files = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
        counted = {name: about["rows"] for name, about in files.items() if about["rows"] is not None}
        lines += [f"    {name:<36} {count(rows):>10}" for name, rows in counted.items()]
    lines.append(
        say(
            f"用时 {run.manifest['seconds']} 秒。看被丢弃的例子：curate show clean；追踪一行：curate trace 行号",
            f"{run.manifest['seconds']} s. Examples of dropped rows: curate show clean; one row: curate trace ROW_ID",
        )
    )
    return "\n".join(lines)


def run_text(run: PastRun, corpus: str | None) -> str:
    """Rows by corpus and phase, and the accounting."""
    names = [name for name in run.manifest["corpora"] if corpus in (None, name)]
    if not names:
        raise UsageError(
            say(f"没有语料 {corpus}", f"there is no corpus {corpus}"),
            did_you_mean(str(corpus), run.manifest["corpora"]),
        )
    phases = [phase for phase in PHASES[:5] if any(step.phase == phase for step in run.steps)]
    grid = _grid(
        say("语料", "corpus"),
        say("读入", "in"),
        *(PHASE_NAMES[phase] for phase in phases),
        say("丢弃", "dropped"),
        say("问答", "pairs"),
        say("文本块", "chunks"),
        say("丢弃原因", "reasons"),
        right=tuple(range(1, len(phases) + 5)),
    )
    totals = [0] * (len(phases) + 4)
    for name in names:
        steps = list(run.of(name))
        flow = [step for step in steps if step.phase in phases]
        if not flow:
            continue
        after = {step.phase: step.kept for step in flow}
        reasons: dict[str, int] = {}
        for step in flow:
            for reason, rows in step.reasons.items():
                reasons[reason] = reasons.get(reason, 0) + rows
        last = flow[0].kept
        cells = [flow[0].rows_in]
        for phase in phases:
            last = after.get(phase, last)
            cells.append(last)
        made = {
            phase: sum(
                step.kept if phase == "mix" else step.rows_out or 0 for step in steps if step.phase == phase
            )
            for phase in ("mix", "chunk")
        }
        cells += [sum(step.dropped for step in flow), made["mix"], made["chunk"]]
        totals = [total + cell for total, cell in zip(totals, cells, strict=True)]
        grid.add_row(name, *map(count, cells), reasons_text(reasons, 3))
    if len(names) > 1:
        grid.add_row(say("合计", "total"), *map(count, totals))
    read, kept, dropped = totals[0], totals[len(phases)], totals[len(phases) + 1]
    sign = "=" if read == kept + dropped else "≠"
    accounts = say(
        f"核对：读入 {count(read)} {sign} 保留 {count(kept)} + 丢弃 {count(dropped)}",
        f"accounts: {count(read)} in {sign} {count(kept)} kept + {count(dropped)} dropped",
    )
    head = say(f"运行 {run.name}（{run.status}）", f"run {run.name} ({run.status})")
    return drawn(head, grid, accounts, width=130)


def phase_text(run: PastRun, phase: str, corpus: str | None, examples: int) -> str:
    """The steps of a phase, and examples of what each reason drops."""
    steps = [step for step in run.steps if step.phase == phase and corpus in (None, step.corpus)]
    if not steps:
        there = list(dict.fromkeys(step.phase for step in run.steps))
        raise UsageError(
            say(f"这次运行没有 {phase} 阶段的记录", f"the run has no phase {phase}"),
            did_you_mean(phase, there),
        )
    grid = _grid(
        say("步骤", "unit"),
        say("语料", "corpus"),
        say("进", "in"),
        say("留", "kept"),
        say("弃", "dropped"),
        say("产出", "made"),
        say("改动", "changed"),
        say("秒", "s"),
        right=(2, 3, 4, 5, 7),
    )
    for step in steps:
        changed = ", ".join(
            f"{name} {count(rows)}" for name, rows in step.changed.items() if name not in SYSTEM
        )
        seconds = say("缓存", "cache") if step.cached else f"{step.seconds:.2f}"
        grid.add_row(
            step.unit,
            step.corpus,
            count(step.rows_in),
            count(step.kept),
            count(step.dropped),
            "" if step.rows_out is None else count(step.rows_out),
            changed,
            seconds,
        )
    return drawn(grid, *_examples(steps, examples), width=130)


def _examples(steps: list[Step], number: int) -> list[str]:
    lines: list[str] = []
    for step in steps if number else []:
        for reason, rows in step.reasons.items():
            lines.append(f"\n{step.corpus} · {step.unit} · {reason_name(reason)}: {count(rows)}")
            found = [
                pl.scan_parquet(shard).filter(pl.col("reason") == reason).head(number).collect()
                for shard in step.dropped_shards
            ]
            for row in pl.concat(found, how="diagonal_relaxed").head(number).to_dicts():
                lines.append(f"  {row.get('row_id') or row.get('pair_id')}{_why(row)}")
                lines.append(f"      {_brief(row.get('text') or row.get('instruction'))}")
    return lines


def _why(row: dict[str, Any]) -> str:
    told = f"  {row['detail']}" if row["detail"] else ""
    if row["of"]:
        told += say(f"  与 {row['of']} 重复", f"  copy of {row['of']}")
    if row["similarity"] is not None and row["similarity"] < 1:
        told += say(f"，相似度 {row['similarity']:.2f}", f", similarity {row['similarity']:.2f}")
    return told


def _brief(value: Any) -> str:
    text = (
        value
        if isinstance(value, str)
        else ""
        if value is None
        else json.dumps(value, ensure_ascii=False, default=str)
    )
    flat = text.replace("\n", "⏎")
    return flat if len(flat) <= SHOWN else flat[:SHOWN] + "…"


def trace_text(traced: Trace) -> str:
    words = {
        "kept": say("保留", "kept"),
        "changed": say("改动", "changed"),
        "dropped": say("丢弃", "dropped"),
        "made": say("生成", "made"),
        "skipped": say("不用", "not used"),
    }
    lines = [say(f"{traced.row_id}（运行 {traced.run}）", f"{traced.row_id} (run {traced.run})")]
    for event in traced.events:
        line = f"  {PHASE_NAMES.get(event.phase, event.phase)} {event.unit:<18} {words[event.what]}"
        if event.reason:
            line += f"  {reason_name(event.reason)}" + _why(
                {"detail": event.detail, "of": event.of, "similarity": event.similarity}
            )
        if event.made:
            line += f"  {len(event.made)}: " + ", ".join(event.made[:8])
        lines.append(line)
        for name, (before, after) in event.changes.items():
            lines.append(f"      {name}: {_brief(before)}")
            lines.append(f"      {' ' * len(name)}→ {_brief(after)}")
    if traced.survivor:
        lines.append(
            say(f"最终留下的是 {traced.survivor}", f"the row that stays in the end: {traced.survivor}")
        )
    if traced.also:
        lines.append(
            say(f"同一主键还有：{'、'.join(traced.also)}", f"the same key: {', '.join(traced.also)}")
        )
    values = [
        f"  {name}: {_brief(value)}"
        for name, value in traced.row.items()
        if value is not None and name not in WHY
    ]
    return "\n".join([*lines, say("最后的内容：", "its last values:"), *values])


def frame_text(rows: pl.DataFrame) -> str:
    with pl.Config(
        tbl_rows=50,
        tbl_cols=30,
        fmt_str_lengths=60,
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
        tbl_width_chars=200,
    ):
        shape = say(f"{rows.height} 行", f"{rows.height} rows")
        return f"{rows}\n{shape}"
