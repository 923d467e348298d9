"""The run as one HTML page: no script, no picture, nothing from elsewhere."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import jinja2
import polars as pl

from curate.cache import Step
from curate.files import write_text
from curate.language import say
from curate.phases import FLOW
from curate.privacy.budget import budget_lines
from curate.query import query
from curate.report.cleaning import cleanings, notes
from curate.report.drift import drift_page
from curate.report.duplicates import dedupe_of, duplicates, duplicates_page
from curate.report.governed import governed_lines
from curate.report.noise import noise_line, noise_of, noise_rules
from curate.report.privacy import privacy_page
from curate.report.review import review_section
from curate.report.summary import Line, examples, summary
from curate.report.synthesis_text import synthesis_page
from curate.report.three_c import three_c_page
from curate.report.words import (
    PHASE_NAMES,
    accounts_text,
    brief,
    count,
    note_word,
    reason_word,
    why_text,
)
from curate.reviewing import reviews_of
from curate.rows import SPLITS
from curate.run import PastRun

KEPT = "#2f7d5b"
#: what a phase's dropped rows are drawn in
COLOURS = dict(
    zip(FLOW, ("#98a2b3", "#d9a441", "#b4532a", "#5b7fb9", "#7a6f9b", "#8a6bb0", "#3f8f8b"), strict=True)
)


def write_report(run: PastRun, shown: int = 3) -> Path:
    """Write ``report.html`` into the run's folder; ``shown`` examples of each reason.

    Returns the file. Values of rows are escaped: a row cannot bring its own markup.
    """
    page = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    template = page.get_template("page.html.j2")
    lines = summary(run)
    file = run.folder / "report.html"
    text = template.render(
        run=run,
        words=_words(),
        count=count,
        lines=lines,
        cards=_cards(lines),
        balanced=sum(line.read for line in lines) == sum(line.kept + line.gone for line in lines),
        accounts=accounts_text(lines),
        legend=_legend(lines),
        bars={line.corpus: _bar(line) for line in lines},
        reasons=_reasons([step for step in run.steps if step.phase in FLOW], shown),
        cleaned=_cleaned(run, shown),
        noted=_noted(run),
        noise=_noise(run),
        duplicates=_duplicates(run, shown),
        synthesis=synthesis_page(run, shown),
        review=_review(run),
        three_c=three_c_page(run),
        drift=drift_page(run),
        privacy=privacy_page(run),
        budget=budget_lines(run.folder.parent.parent, run.manifest["name"]),
        governed=governed_lines(run),
        lost=_reasons([step for step in run.steps if step.phase in ("review", "mix", "fit")], shown),
        splits=_splits(run),
        split_names=SPLITS,
        exports=[(folder, _files(Path(folder))) for folder in run.manifest.get("exports", [])],
        recipe=(run.folder / "recipe.yaml").read_text(encoding="utf-8"),
    )
    write_text(file, text)
    return file


def _cards(lines: list[Line]) -> list[tuple[str, str]]:
    figures = {
        say("读入（行）", "rows in"): sum(line.read for line in lines),
        say("保留（行）", "kept"): sum(line.kept for line in lines),
        say("丢弃（行）", "dropped"): sum(line.gone for line in lines),
        say("问答（条）", "pairs"): sum(line.pairs for line in lines),
        say("文本块", "chunks"): sum(line.chunks for line in lines),
    }
    return [(label, count(figure)) for label, figure in figures.items()]


def _legend(lines: list[Line]) -> list[tuple[str, str]]:
    """(word, colour); of the phases those that usually drop rows, and the others where they did."""
    shown = [phase for phase in FLOW if phase in FLOW[:4] or any(line.dropped[phase] for line in lines)]
    return [(say("保留", "kept"), KEPT), *((_dropped(phase), COLOURS[phase]) for phase in shown)]


def _dropped(phase: str) -> str:
    return say(f"{PHASE_NAMES[phase]}时丢弃", f"dropped in {PHASE_NAMES[phase]}")


def _bar(line: Line) -> list[tuple[str, str, str]]:
    """(label, per cent, colour) of a corpus's bar."""
    whole = max(1, line.read)
    parts = [(say("保留", "kept"), line.kept, KEPT)]
    parts += [(_dropped(phase), rows, COLOURS[phase]) for phase, rows in line.dropped.items() if rows]
    return [(f"{label} {count(rows)}", f"{100 * rows / whole:.2f}", colour) for label, rows, colour in parts]


def _reasons(steps: list[Step], shown: int) -> list[dict[str, Any]]:
    """The reasons for which some steps drop rows or pairs, the commonest first, with where and examples."""
    found: dict[str, Counter[str]] = {}
    for step in steps:
        for reason, rows in step.reasons.items():
            found.setdefault(reason, Counter())[step.corpus] += rows
    groups = []
    for reason, where in sorted(found.items(), key=lambda item: (-item[1].total(), item[0])):
        told = [
            {
                "row_id": row.get("row_id") or row["pair_id"],
                "why": why_text(row).strip(),
                "text": brief(row.get("text") or row.get("instruction") or row.get("output")),
            }
            for row in examples(steps, reason, shown)
        ]
        groups.append(
            {
                "reason": reason,
                "word": reason_word(reason),
                "rows": where.total(),
                "where": ", ".join(f"{corpus} {count(rows)}" for corpus, rows in where.items()),
                "examples": told,
            }
        )
    return groups


def _cleaned(run: PastRun, shown: int) -> list[dict[str, Any]]:
    """The cleaners that changed or dropped anything, with examples."""
    return [
        {
            "unit": one.unit,
            "changed": one.changed.total(),
            "dropped": one.dropped,
            "where": ", ".join(f"{column} {count(rows)}" for column, rows in one.changed.most_common(6)),
            "examples": [
                {"rows": found.row_id, "words": found.column, "pieces": found.pieces}
                for found in one.examples
            ],
        }
        for one in cleanings(run, number=shown)
        if one.changed or one.dropped
    ]


def _noise(run: PastRun) -> dict[str, Any] | None:
    measured = noise_of(run)
    return (
        {"told": noise_line(measured.metrics), "rules": noise_rules(measured.metrics)} if measured else None
    )


def _noted(run: PastRun, most: int = 12) -> list[dict[str, Any]]:
    """The commonest notes of each cleaner."""
    told = notes(run)
    few = told.group_by("unit", maintain_order=True).head(most) if told.height else told
    return [{**note, "what": note_word(note["what"])} for note in few.iter_rows(named=True)]


def _review(run: PastRun) -> list[dict[str, Any]]:
    return review_section([(found, plan) for _, found, plan in reviews_of(run)])


def _duplicates(run: PastRun, shown: int) -> dict[str, Any] | None:
    decided = dedupe_of(run)
    return duplicates_page(duplicates(decided, shown)) if decided else None


def _splits(run: PastRun) -> list[tuple[str, list[int]]]:
    """(corpus, pairs of each split)."""
    if not run.pairs:
        return []
    found = query(run, "SELECT corpus, split, count(*) AS pairs FROM pairs GROUP BY ALL")
    rows = found.pivot("split", index="corpus", values="pairs").sort("corpus").fill_null(0)
    wide = rows.with_columns(pl.lit(0).alias(split) for split in SPLITS if split not in rows.columns)
    return [(str(name), list(figures)) for name, *figures in wide.select("corpus", *SPLITS).iter_rows()]


def _files(folder: Path) -> list[tuple[str, Any]]:
    manifest = folder / "manifest.json"
    if not manifest.is_file():  # moved or removed since
        return []
    return list(json.loads(manifest.read_text(encoding="utf-8"))["files"].items())


def _words() -> dict[str, Any]:
    return {
        "lang": say("zh-CN", "en"),
        "run": say("运行", "run"),
        "status": {
            "done": say("完成", "done"),
            "failed": say("失败", "failed"),
            "stopped": say("中断", "stopped"),
            "waiting": say("等待中", "waiting"),
            "running": say("运行中", "running"),
        },
        "where": say("每份语料的去向", "Where the rows went"),
        "why": say("为什么丢弃", "Why rows were dropped"),
        "nothing": say("没有丢弃任何一行。", "No row was dropped."),
        "corpus": say("语料", "corpus"),
        "read": say("读入", "in"),
        "kept": say("保留", "kept"),
        "dropped": say("丢弃", "dropped"),
        "pairs": say("问答", "Pairs"),
        "chunks": say("文本块", "chunks"),
        "synthesis": say("合成", "Synthesis"),
        "reviewed": say("人工审核", "Review"),
        "privacy": say("隐私", "Privacy"),
        "drift": say("与另一次运行相比", "Against another run"),
        "governed": say("校验、放行、审计", "Validation, overrides, audit"),
        "three_c": say("3C：一致、覆盖、干净", "3C: consistency, coverage, cleanliness"),
        "lost": say("没有导出的问答", "Pairs that were left out"),
        "cleaned": say("清洗改了什么", "What cleaning changed"),
        "unit": say("步骤", "cleaner"),
        "changed": say("改动", "changed"),
        "columns": say("哪些列", "columns"),
        "legend_changed": say("红：删掉的；绿：加上的", "red: taken out; green: put in"),
        "noted": say("清洗的记录", "What the cleaners noted"),
        "noise": say("剩下的噪声", "Noise that is left"),
        "column": say("列", "column"),
        "note": say("记录", "note"),
        "value": say("值", "value"),
        "proposal": say("建议", "proposal"),
        "times": say("次数", "count"),
        "duplicates": say("重复的行", "Duplicates"),
        "total": say("合计", "total"),
        "groups": say("最大的组", "The largest groups"),
        "near": say("因为近似而最大的组", "The largest groups by similarity"),
        "least": say("去掉的行里最不像的", "The least similar rows that went"),
        "most": say("都留下的行里最像的", "The most similar rows that stay"),
        "review": say("等人看的记录（对）", "Pairs of records for people to look at"),
        "legend": say(
            "红：只有前一行有；绿：只有后一行有", "red: only the first row; green: only the second"
        ),
        "exports": say("导出的文件", "Exported files"),
        "recipe": say("这次运行的配方", "The recipe of this run"),
        "next": say(
            "追踪一行：curate trace 行号；用 SQL 查所有表：curate query。",
            "One row: curate trace ROW_ID. SQL over every table: curate query.",
        ),
    }
