"""Check: would the recipe run? Reads no more than a sample, writes nothing."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel

from curate.clean import Chain
from curate.clean.mask_pii import MaskPii
from curate.dedupe import Prefer
from curate.errors import CurateError, Problem
from curate.evaluate.declining import declines
from curate.governed import last_profiles, unprofiled
from curate.language import say
from curate.messages import did_you_mean
from curate.options import located
from curate.policy import policy_line
from curate.recipe import Loaded, read_recipe
from curate.review import Duplicates, Labels, NoiseAudit, Spans
from curate.review.gold import read_gold
from curate.review.lint import lint
from curate.rows import COMMON, ROUTED, SYSTEM
from curate.sources.batches import samples
from curate.sources.identify import assemble, column_errors, same_columns
from curate.sources.read import renamed
from curate.sql import columns_of, holds
from curate.synthesize import Classify, Existing, Extract, Template, query_problems
from curate.synthesize.span_task import SpanTask
from curate.validate import compiled, load_model
from curate.validate.profile import profile
from curate.validate.schema_drift import compare

#: rows of each corpus that are tried, from at most so many of its files
SAMPLE, FILES = 200, 3


@dataclass
class Tried:
    """What became of a corpus's sample. ``dropped``: (phase, reason) -> rows."""

    corpus: str
    files: int
    form: str
    rows: int = 0
    dropped: dict[tuple[str, str], int] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)


@dataclass
class Checked:
    """``code``: the schema files that a run executes, and that this check has executed. ``told``: what is no problem, and good to
    know.
    """

    problems: list[Problem] = field(default_factory=list)
    corpora: list[Tried] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def check_file(file: Path) -> Checked:
    """All problems of a recipe: those of its text, and those that the sample shows in its sound parts."""
    loaded, problems = read_recipe(file)
    checked = check(loaded) if loaded else Checked()
    checked.problems[:0] = problems
    return checked


def check(loaded: Loaded) -> Checked:
    """Try every corpus's sample through the row-local phases, and every name against its columns."""
    checked = Checked(code=loaded.code)
    checked.told.append(policy_line(loaded.workspace))
    before = last_profiles(loaded)
    for option, reference in (
        ("pairs", loaded.recipe.validate_.pairs),
        ("chunks", loaded.recipe.validate_.chunks),
    ):
        try:  # not after the pairs were paid for
            if reference:
                load_model(loaded.workspace, reference)
        except CurateError as error:
            checked.problems.append(loaded.problem(("validate", option), error.problem, error.hint))
    frames: dict[str, pl.DataFrame] = {}
    for name in loaded.recipe.corpora:
        try:
            rows = _sample(loaded, name, checked)
            checked.told += _drift(loaded, name, rows, before.get(name))
            frames[name] = _through(loaded, name, rows, checked)
        except CurateError as error:
            checked.problems.append(loaded.problem(_place(name, error), error.problem, error.hint))
    seen = {tried.corpus: {*tried.columns, *SYSTEM, *COMMON} for tried in checked.corpora if tried.columns}
    if set(seen) == loaded.named:  # else a column may be one of a corpus that could not be read
        _columns_of_cleaners(loaded, seen, checked)
        _rules(loaded, seen, frames, checked)
        _columns_of_dedupe(loaded, seen, checked)
        _columns_of_privacy(loaded, seen, checked)
        _columns_of_three_c(loaded, seen, checked)
    _reviews(loaded, frames, checked)
    _questions(loaded, frames, checked)
    _unknowns(loaded, checked)
    _queries(loaded, frames, checked)
    _columns_of_tasks(loaded, frames, checked)
    return checked


def _drift(loaded: Loaded, name: str, rows: pl.DataFrame, before: dict[str, Any] | None) -> list[str]:
    """Columns that are new, gone or of another type than in the last run; of values and ranges a sample says nothing."""
    if before is None:
        return []
    changes = compare(name, before, profile([rows], unprofiled(loaded.recipe)))
    return [change.line() for change in changes if change.what in ("new_column", "missing_column", "type")]


def _place(name: str, error: CurateError) -> tuple[Hashable, ...]:
    """The line that the error is about: the corpus's option that it names, else the corpus."""
    return ("corpora", name, *error.option)


def _sample(loaded: Loaded, name: str, checked: Checked) -> pl.DataFrame:
    corpus = loaded.recipe.corpora[name]
    sources = samples(corpus, loaded.workspace, SAMPLE)
    form = sources[0].form
    tried = Tried(name, len(sources), form)
    checked.corpora.append(tried)
    parts = [pl.DataFrame()]
    for source in sources if form.startswith(("text", "html")) else sources[:FILES]:
        if sum(part.height for part in parts) >= SAMPLE:
            break
        for batch in source.batches():
            for reason, count in batch.bad["reason"].value_counts().iter_rows():
                tried.dropped["sources", reason] = tried.dropped.get(("sources", reason), 0) + count
            parts.append(renamed(batch, corpus, SAMPLE).rows)
            break
    rows = pl.concat(parts, how="diagonal_relaxed").head(SAMPLE)
    if not rows.height:
        raise CurateError(
            say(f"语料 {name} 的样本里没有一行", f"the sample of {name} has no row"),
            say("检查文件内容", "look at the file"),
        )
    tried.columns = list(rows.columns)
    errors = column_errors(corpus, name, set(rows.columns))
    for error in errors[:-1]:
        checked.problems.append(loaded.problem(_place(name, error), error.problem, error.hint))
    for error in errors[-1:]:
        raise error
    kinds = {column: pl.String() if kind == pl.Null else kind for column, kind in rows.schema.items()}
    tried.rows = rows.height
    ids = pl.Series([str(number) for number in range(rows.height)], dtype=pl.String)
    return assemble(same_columns(rows, kinds), name, ids, corpus.derived_text)


def _through(loaded: Loaded, name: str, rows: pl.DataFrame, checked: Checked) -> pl.DataFrame:
    recipe, corpus, tried = loaded.recipe, loaded.recipe.corpora[name], checked.corpora[-1]

    def note(phase: str, dropped: pl.DataFrame) -> None:
        for reason, count in dropped["reason"].value_counts().sort("reason").iter_rows():
            tried.dropped[phase, reason] = tried.dropped.get((phase, reason), 0) + count

    outcome = Chain([one for one in recipe.clean if one.for_corpus(name)], corpus.derived_text)(rows)
    note("clean", outcome.dropped)
    rows = outcome.kept
    if corpus.schema_:
        model = load_model(loaded.workspace, corpus.schema_)
        lacking = [
            field
            for field, info in model.model_fields.items()
            if info.is_required() and field not in rows.columns
        ]
        if lacking:
            raise CurateError(
                say(
                    f"规范要求的列 {lacking[0]} 在 {name} 里没有",
                    f"{name} lacks the column {lacking[0]} of its schema",
                ),
                did_you_mean(lacking[0], rows.columns),
                option=("schema",),
            )
        checked.told += _slow(name, model)
        outcome = recipe.validate_.apply(rows, model, corpus.derived_text)
        note("validate", outcome.dropped)
        share = outcome.dropped.height / max(1, rows.height)
        if share > recipe.validate_.limit(name):
            checked.told.append(
                say(
                    f"{name} 的样本有 {share:.0%} 的行不合规范，超过 max_invalid：全部数据也这样的话，运行会在校验之后停下，并写好隔离表",
                    f"{share:.0%} of {name}'s sample is invalid, more than max_invalid: if all of it is so, a run stops behind validation, with a quarantine sheet",
                )
            )
        if loaded.whole and share > recipe.validate_.limit(name) and outcome.kept.is_empty():
            example = outcome.dropped["detail"][0]
            checked.problems.append(
                loaded.problem(
                    ("validate", "max_invalid"),
                    say(
                        f"{name} 的样本有 {share:.0%} 的行不合规范，例如 {example}",
                        f"{share:.0%} of {name}'s sample is invalid: {example}",
                    ),
                    say("改源数据、改规范，或放宽 max_invalid", "mend the source, the schema, or the limit"),
                )
            )
        rows = outcome.kept
    tried.columns = [column for column in rows.columns if column not in SYSTEM]
    return rows


def _slow(corpus: str, model: type[BaseModel]) -> list[str]:
    """The fields whose values pydantic must judge row by row."""
    slow = [
        f"{name}（{how.removeprefix('by row: ')}）"
        for name, how in compiled(model).plan.items()
        if how.startswith("by row")
    ]
    if not slow:
        return []
    told = "、".join(slow[:3])
    return [
        say(
            f"{corpus} 的规范有 {len(slow)} 个字段要一行一行检查，百万行要几十秒：{told}",
            f"{len(slow)} field(s) of {corpus}'s schema are judged row by row, tens of seconds a million rows: {told}",
        )
    ]


def _columns_of_cleaners(loaded: Loaded, columns: dict[str, set[str]], checked: Checked) -> None:
    for number, cleaner in enumerate(loaded.recipe.clean):
        seen = set().union(*(found for name, found in columns.items() if cleaner.for_corpus(name)))
        for place, column in cleaner.named_columns():
            if column not in seen:
                checked.problems.append(
                    loaded.problem(
                        ("clean", number, cleaner.unit_name(), *place),
                        say(f"没有列 {column}", f"there is no column {column}"),
                        did_you_mean(column, seen),
                    )
                )


def _rules(
    loaded: Loaded, columns: dict[str, set[str]], frames: dict[str, pl.DataFrame], checked: Checked
) -> None:
    every = set().union(*columns.values()) | set(ROUTED)
    known = {column.lower() for column in every}  # SQL does not tell City from city
    for tier in ("primary", "secondary", "both"):
        for number, rule in enumerate(getattr(loaded.recipe.split, tier)):
            at = ("split", tier, number)
            unknown = sorted(column for column in columns_of(rule) if column.lower() not in known)
            for column in unknown:
                what = say(
                    f"条件 {rule} 用到的列 {column} 哪份语料都没有",
                    f"no corpus has the column {column} of {rule}",
                )
                checked.problems.append(loaded.problem(at, what, did_you_mean(column, every)))
            for rows in frames.values() if not unknown else ():
                try:
                    holds(rows.with_columns(pl.lit("").alias("tier")), {"rule": rule})
                except CurateError as error:
                    checked.problems.append(loaded.problem(at, error.problem, error.hint))
                    break


def _columns_of_dedupe(loaded: Loaded, columns: dict[str, set[str]], checked: Checked) -> None:
    dedupe = loaded.recipe.dedupe
    named: list[tuple[tuple[Hashable, ...], str, set[str]]] = [
        (("dedupe", "keep", number), criterion.column, set().union(*columns.values()))
        for number, criterion in enumerate(dedupe.keep)
        if isinstance(criterion, Prefer)
    ]
    named += [
        (("dedupe", "records", name, part, column), column, columns[name])
        for name, records in dedupe.records.items()
        for part, options in (("match", records.match), ("golden", records.golden))
        for column in options
    ]
    for at, column, known in named:
        if column not in known:
            what = say(f"没有列 {column}", f"there is no column {column}")
            checked.problems.append(loaded.problem(at, what, did_you_mean(column, known)))


def _columns_of_privacy(loaded: Loaded, columns: dict[str, set[str]], checked: Checked) -> None:
    for name, unit in loaded.recipe.privacy.anonymize.items():
        for option, what, hint in unit.faults(columns[name], loaded.recipe.corpora[name].key):
            at = ("privacy", "anonymize", name, option)
            checked.problems.append(loaded.problem(at, f"{name}: {what}", hint))
        for cleaner in loaded.recipe.clean:
            if isinstance(cleaner, MaskPii) and cleaner.for_corpus(name):
                both = sorted({*cleaner.names} & {*unit.identifiers})
                if both:
                    what = say(
                        f"{name}: {both[0]} 已被 mask_pii 的 names 遮盖，匿名时认不出正文里的这个名字",
                        f"{name}: {both[0]} is masked by names of mask_pii, so its value cannot be looked for in free text",
                    )
                    hint = say(
                        f"从 mask_pii 的 names 里去掉 {both[0]}，匿名会把整列去掉",
                        f"take {both[0]} out of mask_pii: names; anonymising takes the whole column out",
                    )
                    checked.problems.append(
                        loaded.problem(("privacy", "anonymize", name, "identifiers"), what, hint)
                    )


def _columns_of_three_c(loaded: Loaded, columns: dict[str, set[str]], checked: Checked) -> None:
    section = loaded.recipe.three_c
    for place, corpus, column in section.named_columns() if section else ():
        if column not in columns[corpus]:
            what = say(f"{corpus} 没有列 {column}", f"{corpus} has no column {column}")
            checked.problems.append(
                loaded.problem(("three_c", *place), what, did_you_mean(column, columns[corpus]))
            )


def _reviews(loaded: Loaded, frames: dict[str, pl.DataFrame], checked: Checked) -> None:
    """The pages of the projects, their gold items, and the columns that they show. A column that people fill is there from here on."""
    for number, project in enumerate(loaded.recipe.review.projects):
        at = ("review", "projects", number, project.use)

        def tell(option: str, what: str, hint: str, at: tuple[Hashable, ...] = at) -> None:
            checked.problems.append(loaded.problem((*at, option), what, hint))

        try:
            interface = project.page
            for line, what, hint in lint(interface.xml, project.fields, project.control):
                tell("interface", f"{project.interface}:{line}: {what}", hint)
            if project.gold is not None:
                control = interface.controls[project.control]
                values = control.values if control.tag == "Choices" else ()
                read_gold(located(project.gold), project.fields, project.control, values)
        except CurateError as error:
            tell("interface", error.problem, error.hint)
        if isinstance(project, NoiseAudit) and (
            loaded.recipe.noise is None or not loaded.recipe.noise.sample
        ):
            tell(
                "use",
                say(
                    "配方没有 noise 一节，没有噪声抽样可看",
                    "there is no noise sample: the recipe has no section noise",
                ),
                say("加上 noise: {sample: 400}", "add noise: {sample: 400}"),
            )
        if isinstance(project, Duplicates) and not loaded.recipe.dedupe.records:
            tell(
                "use",
                say(
                    "dedupe 里没有 records，没有成对的记录可看",
                    "dedupe has no records: there are no pairs to judge",
                ),
                say(
                    "加上 dedupe: {records: {语料: {match: {…}}}}",
                    "add dedupe: {records: {corpus: {match: {…}}}}",
                ),
            )
        if isinstance(project, Labels | Spans) and project.corpus in frames:
            rows = frames[project.corpus]
            for option, column in project.columns.items():
                if column not in rows.columns:
                    what = say(
                        f"{project.corpus} 没有列 {column}", f"{project.corpus} has no column {column}"
                    )
                    tell(option, what, did_you_mean(column, rows.columns))
            frames[project.corpus] = rows.with_columns(pl.lit(None, pl.String).alias(project.target))


def _columns_of_tasks(loaded: Loaded, frames: dict[str, pl.DataFrame], checked: Checked) -> None:
    for number, task in enumerate(loaded.recipe.synthesize.tasks):
        rows = frames.get(task.corpus)
        named = task.columns if isinstance(task, Existing | Classify | Extract) else {}
        if isinstance(task, SpanTask) and task.title:
            named = {"title": task.title}
        if rows is not None:
            for option, column in named.items():
                if column not in rows.columns:
                    what = say(f"{task.corpus} 没有列 {column}", f"{task.corpus} has no column {column}")
                    at = (*loaded.task_place(number), option)
                    checked.problems.append(loaded.problem(at, what, did_you_mean(column, rows.columns)))


def _questions(loaded: Loaded, frames: dict[str, pl.DataFrame], checked: Checked) -> None:
    for number, questions in loaded.questions.items():
        task = loaded.recipe.synthesize.tasks[number]
        rows = frames.get(task.corpus)
        for question in questions if rows is not None else ():
            assert rows is not None and isinstance(task, Template)
            for column in sorted(question.names - set(rows.columns)):
                checked.problems.append(
                    loaded.problem(
                        (*loaded.task_place(number), "file"),
                        say(
                            f"{task.file} 的问题 {question.name} 用到的列 {column} 在 {task.corpus} 里没有",
                            f"{task.file}: {question.name} uses {column}, which {task.corpus} lacks",
                        ),
                        did_you_mean(column, rows.columns),
                    )
                )


def _queries(loaded: Loaded, frames: dict[str, pl.DataFrame], checked: Checked) -> None:
    if set(frames) != loaded.named:  # else a table may be of a corpus that could not be read
        return
    for number, questions in loaded.queries.items():
        for question, what, hint in query_problems(questions, frames):
            at = (*loaded.task_place(number), "file")
            checked.problems.append(loaded.problem(at, f"{question.called}: {what}", hint))


def _unknowns(loaded: Loaded, checked: Checked) -> None:
    """What a template teaches as "not known" must be known as such when the model's answers are evaluated."""
    for number, questions in loaded.questions.items():
        taught = [(question, template.source) for question in questions for template in question.unknown]
        declined = declines(
            pl.Series([text for _, text in taught], dtype=pl.String), pl.Series([], dtype=pl.String)
        )
        for (question, text), fine in zip(taught, declined, strict=True):
            if not fine:
                checked.problems.append(
                    loaded.problem(
                        (*loaded.task_place(number), "file"),
                        say(
                            f"问题 {question.name} 的 unknown 没有说“不知道”：{text}",
                            f"unknown of the question {question.name} does not say that it is not known: {text}",
                        ),
                        say("写成“现有资料中没有……”这样的话", "write it as 现有资料中没有…"),
                    )
                )
