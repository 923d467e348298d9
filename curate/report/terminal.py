"""What the commands print."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl
from rich.table import Table as Grid

from curate.cache import Step
from curate.check import Checked
from curate.errors import UsageError
from curate.export.training.memory import method_label
from curate.language import say
from curate.messages import did_you_mean
from curate.pairs import ASKED_ONLY, KINDS
from curate.recipe import shown
from curate.report.cleaning import cleanings, notes
from curate.report.difference import pieces_text
from curate.report.duplicates import Duplicates, dedupe_of, duplicates, duplicates_text, standing_lines
from curate.report.governed import governed_lines
from curate.report.grids import columns, drawn
from curate.report.noise import noise_line, noise_next, noise_of, noise_rules
from curate.report.privacy import privacy_lines
from curate.report.review import agreement_lines, head_line, settled_line
from curate.report.summary import examples, summary
from curate.report.synthesis import synthesis
from curate.report.synthesis_text import bill_lines, left_out_lines, pair_lines, synthesis_text
from curate.report.three_c import three_c_lines, three_c_text
from curate.report.words import (
    PHASE_NAMES,
    accounts_text,
    brief,
    count,
    head_text,
    note_word,
    reason_name,
    reason_word,
    reasons_text,
    why_text,
)
from curate.reviewing import reviews_of
from curate.rows import SPLITS, SYSTEM, WHY
from curate.run import PastRun
from curate.trace import Trace


def checked_text(checked: Checked) -> str:
    grid = columns(
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
    return drawn(grid, "", *checked.told, *(part for part in (code, verdict) if part))


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
    measured = noise_of(run)
    if measured:
        lines.append(noise_line(measured.metrics))
    lines += [*privacy_lines(run), *three_c_lines(run)]
    for name, found, _ in reviews_of(run):
        lines += [head_line(found), *(f"  {line}" for line in agreement_lines(found, bar=False))]
        if settled := settled_line(found["use"], run.manifest.get("settled", {}).get(name, {})):
            lines.append(settled)
        lines.append(
            say(
                f"  混淆表、每个人、争议：curate review report 配方 --project {name}",
                f"  confusions, people, disputes: curate review report RECIPE --project {name}",
            )
        )
    lines += run.manifest.get("reviewed", [])
    made = synthesis(run)
    if made:
        lines += [*bill_lines(made), *left_out_lines(made)]
    for folder in map(Path, run.manifest.get("exports", [])):
        lines.append(say(f"已导出：{shown(folder)}", f"exported: {shown(folder)}"))
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        lines.append(
            _release_text(manifest, shown(folder)) if "version" in manifest else _files_text(manifest)
        )
    lines += governed_lines(run)
    lines.append(
        say(
            f"用时 {run.manifest['seconds']} 秒。看被丢弃的例子：curate show clean；追踪一行：curate trace 行号；网页报告：curate report",
            f"{run.manifest['seconds']} s. Examples of dropped rows: curate show clean; one row: curate trace ROW_ID; a page: curate report",
        )
    )
    return "\n".join(lines)


def _files_text(manifest: dict[str, Any]) -> str:
    counted = {name: about["rows"] for name, about in manifest["files"].items() if about["rows"] is not None}
    return "\n".join(f"    {name:<36} {count(rows):>10}" for name, rows in counted.items())


def _release_text(manifest: dict[str, Any], folder: Path) -> str:
    """A release: pairs by kind and split, how it is trained, and what to do with it."""
    there = {kind for pairs in manifest["pairs"].values() for kind in pairs} - set(ASKED_ONLY)
    kinds = [kind for kind in KINDS if kind in there]
    table = columns("", *SPLITS, right=(1, 2, 3))
    for kind in kinds:
        table.add_row(
            f"    {kind}", *(count(manifest["pairs"].get(split, {}).get(kind, 0)) for split in SPLITS)
        )
    tokens = manifest["tokens"]
    longest = count(max(tokens["longest_kept"].values()))
    how = say("实测", "measured") if tokens["measured"] else say("估算", "estimated")
    stages = ", ".join(
        f"{stage} {method_label(method)} {manifest['memory_gb'][stage]:.1f} GB"
        for stage, method in manifest["methods"].items()
    )
    told = say(
        f"    {manifest['model']}，模板 {manifest['template']}，最长 {longest} / {count(tokens['cutoff'])} token（{how}）；{stages}\n    评测题 {count(manifest['asked'])} 道；"
        f"怎么训练：{folder / 'README.md'}    检查：curate export check {folder}",
        f"    {manifest['model']}, template {manifest['template']}, longest {longest} of {count(tokens['cutoff'])} tokens ({how}); "
        f"{stages}\n    {count(manifest['asked'])} questions for afterwards; how to train: {folder / 'README.md'}    check it: curate export check {folder}",
    )
    return drawn(table, told)


def run_text(run: PastRun, corpus: str | None) -> str:
    """Rows by corpus and phase, and the accounting."""
    lines = summary(run, corpus)
    phases = list(lines[0].after) if lines else []
    grid = columns(
        say("语料", "corpus"),
        say("读入", "in"),
        *(PHASE_NAMES[phase] for phase in phases),
        say("丢弃", "dropped"),
        say("问答", "pairs"),
        say("文本块", "chunks"),
        say("丢弃原因", "reasons"),
        right=tuple(range(1, len(phases) + 5)),
    )
    cells = [[line.read, *line.after.values(), line.gone, line.pairs, line.chunks] for line in lines]
    for line, row in zip(lines, cells, strict=True):
        grid.add_row(line.corpus, *map(count, row), reasons_text(line.by_reason, 3))
    if len(lines) > 1:
        grid.add_row(say("合计", "total"), *(count(sum(column)) for column in zip(*cells, strict=True)))
    return drawn(head_text(run), grid, accounts_text(lines), width=130)


def phase_text(run: PastRun, phase: str, corpus: str | None, examples: int) -> str:
    """The steps of a phase, and examples of what each reason drops."""
    steps = [step for step in run.steps if step.phase == phase and corpus in (None, step.corpus)]
    if not steps:
        there = list(dict.fromkeys(step.phase for step in run.steps))
        raise UsageError(
            say(f"这次运行没有 {phase} 阶段的记录", f"the run has no phase {phase}"),
            did_you_mean(phase, there),
        )
    grid = columns(
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
        for unit in step.units or [step.as_json()]:
            changed = ", ".join(
                f"{name} {count(rows)}" for name, rows in unit["changed"].items() if name not in SYSTEM
            )
            made = "" if step.rows_out is None else count(step.rows_out)
            seconds = say("缓存", "cache") if step.cached else f"{unit['seconds']:.2f}"
            figures = [count(unit[name]) for name in ("rows_in", "kept", "dropped")]
            grid.add_row(unit["unit"], step.corpus, *figures, made, changed, seconds)
    return drawn(
        grid,
        *_more(run, phase, corpus, examples),
        *_examples(steps, examples),
        *_duplicates(run, phase, corpus, examples),
        width=130,
    )


def _more(run: PastRun, phase: str, corpus: str | None, examples: int) -> list[Any]:
    """What a phase tells besides its steps."""
    if phase == "three_c":
        return three_c_text(run)
    if phase == "clean":
        return _cleaning(run, corpus, examples)
    if phase == "noise":
        return _noise(run)
    return list(synthesis_text(run, corpus)) if phase in ("pairs", "gate", "cap") else []


def _noise(run: PastRun) -> list[Any]:
    measured = noise_of(run)
    if measured is None:
        return []
    grid = columns(say("规则", "rule"), say("行", "rows"), say("例如", "such as"), right=(1,))
    for rule, rows, such_as in noise_rules(measured.metrics):
        grid.add_row(rule, count(rows), such_as)
    return ["\n" + noise_line(measured.metrics), grid, noise_next(measured)]


#: Notes that are shown of a cleaner; SQL has them all.
NOTES_SHOWN = 8


def _cleaning(run: PastRun, corpus: str | None, examples: int) -> list[Any]:
    """What the cleaners changed, by example, and what they told."""
    parts: list[Any] = []
    for one in cleanings(run, corpus, examples) if examples else []:
        if one.examples:
            parts.append(
                say(
                    f"\n{one.unit} 改了 {count(one.changed.total())} 处，例如",
                    f"\n{one.unit} changed {count(one.changed.total())} values, such as",
                )
            )
        for changed in one.examples:
            parts.append(f"  {changed.row_id} {changed.column}: {pieces_text(changed.pieces)}")
    told = notes(run, corpus)
    if told.height:
        parts += [say("\n清洗的记录", "\nWhat the cleaners noted"), _noted(told)]
        if any(left > NOTES_SHOWN for left in told["unit"].value_counts()["count"]):
            parts.append(say('全部：curate query "FROM notes"', 'all of them: curate query "FROM notes"'))
    return parts


def _noted(told: pl.DataFrame) -> Grid:
    grid = columns(
        say("步骤", "unit"), say("语料", "corpus"), say("列", "column"), say("记录", "note"),
        say("值", "value"), say("建议", "proposal"), say("分数", "score"), say("次数", "count"), right=(6, 7),
    )  # fmt: skip
    for note in told.group_by("unit", maintain_order=True).head(NOTES_SHOWN).iter_rows(named=True):
        score = "" if note["score"] is None else f"{note['score']:.2f}"
        grid.add_row(
            note["unit"], note["corpus"], note["column"], note_word(note["what"]),
            brief(note["value"]), brief(note["proposal"]), score, count(note["count"]),
        )  # fmt: skip
    return grid


def _duplicates(run: PastRun, phase: str, corpus: str | None, examples: int) -> list[Any]:
    """What is said of dedupe besides: removed rows by method, the largest groups, the pairs on the edge."""
    decided = dedupe_of(run, corpus) if phase == "dedupe" and examples else None
    if decided is None:
        return []
    found = duplicates(decided, examples)
    return [say("\n去掉的行", "\nRows removed"), _removed(found), *duplicates_text(found)]


def _removed(found: Duplicates) -> Grid:
    reasons = found.reasons
    grid = columns(
        say("语料", "corpus"), say("进", "in"), *map(reason_word, reasons), say("合计", "total"), "%",
        right=tuple(range(1, len(reasons) + 4)),
    )  # fmt: skip
    for corpus, rows, own in found.removed:
        gone = sum(own.values())
        figures = [count(own[reason]) if reason in own else "" for reason in reasons]
        grid.add_row(corpus, count(rows), *figures, count(gone), f"{100 * gone / max(1, rows):.1f}")
    return grid


def _examples(steps: list[Step], number: int) -> list[str]:
    lines: list[str] = []
    for step in steps if number else []:
        for reason, rows in step.reasons.items():
            lines.append(f"\n{step.corpus} · {step.unit} · {reason_name(reason)}: {count(rows)}")
            for row in examples([step], reason, number):
                lines.append(f"  {row.get('row_id') or row.get('pair_id')}{why_text(row)}")
                said = pair_lines(row) if "output" in row else [brief(row.get("text"))]
                lines += [f"      {line}" for line in said]
    return lines


def trace_text(traced: Trace) -> str:
    words = {
        "kept": say("保留", "kept"),
        "changed": say("改动", "changed"),
        "dropped": say("丢弃", "dropped"),
        "made": say("生成", "made"),
        "skipped": say("不用", "not used"),
        "waiting": say("待模型写", "for a model"),
        "lost": say("少一条", "one less"),
    }
    lines = [say(f"{traced.row_id}（运行 {traced.run}）", f"{traced.row_id} (run {traced.run})")]
    for event in traced.events:
        line = f"  {PHASE_NAMES.get(event.phase, event.phase)} {event.unit:<18} {words[event.what]}"
        if event.reason:
            line += f"  {reason_name(event.reason)}" + why_text(asdict(event))
        elif event.detail:
            line += f"  {event.detail}"
        if event.what == "lost":
            line += f"  [{event.made[0]}]"
        elif event.made:
            line += f"  {len(event.made)}: " + ", ".join(event.made[:8])
        lines.append(line)
        for name, (before, after) in event.changes.items():
            lines.append(f"      {name}: {brief(before)}")
            lines.append(f"      {' ' * len(name)}→ {brief(after)}")
        if event.phase == "dedupe" and traced.standing:
            lines += [f"      {line}" for line in standing_lines(traced.standing)]
    if any("#" in name for event in traced.events for name in event.made):
        lines.append(
            say("一条问答的来历：curate explain 编号", "where a pair came from: curate explain PAIR_ID")
        )
    if traced.survivor:
        lines.append(
            say(f"最终留下的是 {traced.survivor}", f"the row that stays in the end: {traced.survivor}")
        )
    if traced.also:
        lines.append(
            say(f"同一主键还有：{'、'.join(traced.also)}", f"the same key: {', '.join(traced.also)}")
        )
    values = [
        f"  {name}: {brief(value)}"
        for name, value in traced.row.items()
        if value is not None and name not in WHY
    ]
    return "\n".join([*lines, say("最后的内容：", "its last values:"), *values])


#: rows of a table that are printed
ROWS_SHOWN = 50


def frame_text(rows: pl.DataFrame) -> str:
    """A frame as a table, its middle left out where it is long; nested values as JSON without their nulls."""
    # one more on either side than is shown, so that the cut is seen
    ends = rows if rows.height <= ROWS_SHOWN else pl.concat([rows.head(ROWS_SHOWN), rows.tail(ROWS_SHOWN)])
    nested = [name for name, kind in rows.schema.items() if kind.is_nested()]
    shown = ends.with_columns(
        pl.Series(name, [_compact(value) for value in ends[name].to_list()], dtype=pl.String)
        for name in nested
    )
    with pl.Config(
        tbl_rows=ROWS_SHOWN,
        tbl_cols=30,
        fmt_str_lengths=60,
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
        tbl_width_chars=200,
    ):
        shape = say(f"{rows.height} 行", f"{rows.height} rows")
        return f"{shown}\n{shape}"


def _compact(value: Any) -> str | None:
    """A nested value as JSON; fields that are null say nothing."""
    return None if value is None else json.dumps(_told(value), ensure_ascii=False, default=str)


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _told(inner) for name, inner in value.items() if inner is not None}
    return [_told(inner) for inner in value] if isinstance(value, list) else value
