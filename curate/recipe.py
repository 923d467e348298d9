"""The recipe: its sections in one form, loaded from YAML with every problem at once, each with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import polars as pl
from pydantic import AfterValidator, BaseModel, Field, Tag, ValidationError, model_validator

from curate.clean import AnyCleaner
from curate.dedupe import Dedupe
from curate.errors import CurateError, Problem, RecipeError
from curate.export import AnyExporter
from curate.files import sha256_of_file
from curate.language import say
from curate.messages import did_you_mean, in_words
from curate.mix import Mix
from curate.noise import Noise
from curate.options import NamedUnits, problem
from curate.privacy import Privacy
from curate.review import Review
from curate.rows import Outcome
from curate.sources import Corpus
from curate.split import Split
from curate.synthesize import (
    CATALOGUE,
    Classify,
    Compiled,
    Extract,
    Judge,
    ModelTask,
    Query,
    SqlQuestion,
    Synthesize,
    Template,
    load_queries,
    load_questions,
)
from curate.synthesize.prompt import Prompt, load_prompt
from curate.three_c import ThreeC
from curate.unit import Form, Unit
from curate.validate import Validate
from curate.yaml_lines import Document, read_yaml


def _plain_name(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        what = say(
            f"名称 {name} 只能用小写英文、数字和下划线，并以字母开头",
            f"the name {name} may hold a-z, 0-9 and _ only",
        )
        hint = say(
            "LLaMA-Factory 只认这样的名称，例如 expo_2026", "LLaMA-Factory wants it so; for example expo_2026"
        )
        raise problem(what, hint)
    return name


Name = Annotated[str, AfterValidator(_plain_name)]


class Recipe(Form):
    """配方：从上到下就是数据经过的路。 / A recipe: from top to bottom, the way that the data takes."""

    name: Name
    """数据集名：小写英文、数字、下划线（LLaMA-Factory 的要求） / the data set's name: a-z, 0-9, _"""
    corpora: dict[Name, Corpus] = Field(min_length=1)
    """语料：每一份数据从哪里来 / the corpora: where each comes from"""
    clean: list[AnyCleaner] = []
    """清洗，按顺序 / cleaners, in this order"""
    validate_: Validate = Field(Validate(), alias="validate")
    """校验 / validation against the schemas"""
    dedupe: Dedupe = Dedupe()
    """去重 / deduplication"""
    noise: Noise | None = None
    """剩下多少噪声行 / how many noisy rows are left"""
    privacy: Privacy = Privacy()
    """隐私：k-匿名，和加噪声公布的统计 / k-anonymity, and statistics published with noise"""
    three_c: ThreeC | None = None
    """3C：一致、覆盖、干净，各有多少、达不达标 / the three Cs: consistency, coverage, cleanliness"""
    split: Split = Split()
    """分流和划分 / tiers, and train, validation, test"""
    synthesize: Synthesize = Synthesize()
    """生成问答 / instruction pairs"""
    review: Review = Review()
    """人工审核 / what people judge"""
    mix: Mix = Mix()
    """混合：去重、防泄漏、均衡 / the mix: repeated, leaked, balanced"""
    export: list[AnyExporter] = Field(min_length=1)
    """导出 / what leaves the house"""

    @model_validator(mode="after")
    def _exporters_once(self) -> Recipe:
        if self.three_c and self.three_c.cleanliness and self.noise is None:
            raise problem(
                say(
                    "three_c.cleanliness 要看噪声率，配方里没有 noise",
                    "three_c.cleanliness needs noise, which the recipe lacks",
                ),
                say("写上 noise: {}", "add noise: {}"),
            )
        names = [exporter.use for exporter in self.export]
        if len(set(names)) < len(names):
            what = say("同一种导出写了两次", "an exporter is there twice")
            raise problem(what)
        if "llamafactory" in names and not self.synthesize.tasks:
            what = say(
                "要导出训练数据，却没有生成问答的任务", "training data is exported, but no task makes pairs"
            )
            hint = say(
                "在 synthesize 下写 tasks，或去掉 export 里的 llamafactory",
                "add synthesize.tasks, or drop the exporter",
            )
            raise problem(what, hint)
        return self

    @property
    def units(self) -> list[Unit]:
        """All units that name files of their own."""
        section = self.synthesize
        there = (
            *self.clean,
            self.noise,
            *self.privacy.anonymize.values(),
            self.three_c,
            *section.tasks,
            section.judge,
            *self.review.projects,
            self.mix,
        )
        return [unit for unit in there if unit is not None]


class Loaded:
    """A recipe with the file it came from.

    Attributes:
        workspace: paths in the recipe start here: the folder that holds ``recipes/`` when the recipe stands in
            one, else the recipe's own folder.
        whole: no part was left out because of a problem.
        named: the corpora of the file, also those that were left out.

    Args:
        before: the document as it was, where parts with a problem were left out of ``document``.
    """

    def __init__(
        self, recipe: Recipe, document: Document, workspace: Path, before: Document | None = None
    ) -> None:
        self.recipe, self.document, self.workspace = recipe, document, workspace
        self.whole = before is None
        self.named = set((before or document).value["corpora"])

    @property
    def file(self) -> Path:
        return self.document.file

    @property
    def code(self) -> list[str]:
        """The schema files, whose code a check and a run execute."""
        unit = self.recipe.validate_
        named = [*(corpus.schema_ for corpus in self.recipe.corpora.values()), unit.pairs, unit.chunks]
        return sorted({reference.rpartition(":")[0] for reference in named if reference})

    @cached_property
    def questions(self) -> dict[int, list[Compiled]]:
        """Number of a task with templates -> its questions."""
        tasks = enumerate(self.recipe.synthesize.tasks)
        return {
            n: load_questions(self.workspace, task.file)[0] for n, task in tasks if isinstance(task, Template)
        }

    @cached_property
    def queries(self) -> dict[int, list[SqlQuestion]]:
        """Number of a task with queries -> its questions."""
        tasks = enumerate(self.recipe.synthesize.tasks)
        return {n: load_queries(self.workspace, task.file)[0] for n, task in tasks if isinstance(task, Query)}

    @cached_property
    def prompts(self) -> dict[int, Prompt]:
        """Number of a task that asks a model -> its prompt."""
        tasks = enumerate(self.recipe.synthesize.tasks)
        found = {
            n: load_prompt(self.workspace, task.prompt, task.variables, task.needed)[0]
            for n, task in tasks
            if isinstance(task, ModelTask)
        }
        return {number: prompt for number, prompt in found.items() if prompt}

    @cached_property
    def judge_prompt(self) -> Prompt | None:
        judge = self.recipe.synthesize.judge
        return load_prompt(self.workspace, judge.prompt, Judge.variables, Judge.needed)[0] if judge else None

    @property
    def missing(self) -> list[str]:
        """The environment variables that its models need and that are not set."""
        section = self.recipe.synthesize
        models = [section.model, section.judge.model if section.judge else None]
        asks = any(isinstance(task, ModelTask) for task in section.tasks)
        return list(dict.fromkeys(name for model in models if model and asks for name in model.missing))

    @property
    def left_out(self) -> list[int]:
        """Numbers of the tasks that ask a model while its endpoint is not set, and of those that start from them."""
        if not self.missing:
            return []
        out: dict[tuple[str, str], int] = {}
        for number, task in enumerate(self.recipe.synthesize.tasks):
            if isinstance(task, ModelTask) or (task.corpus, getattr(task, "of", "")) in out:
                out[task.corpus, task.stem] = number
        return list(out.values())

    def need_endpoint(self) -> None:
        """Raises:
        CurateError: the environment of a model is not set, and the recipe does not say that its tasks may be left out.
        """
        if self.missing and self.recipe.synthesize.without_endpoint == "stop":
            names = "、".join(self.missing)
            raise CurateError(
                say(
                    f"环境变量 {names} 没有设置，请不了大模型",
                    f"not set in the environment: {', '.join(self.missing)}",
                ),
                say(
                    f"先运行 export {self.missing[0]}=…；只看要花多少：--dry-run；不请大模型也行：without_endpoint: leave_out",
                    f"run export {self.missing[0]}=… first; --dry-run tells the price; without_endpoint: leave_out does without",
                ),
            )

    def maker(self, number: int) -> Callable[[pl.DataFrame], Outcome]:
        """What makes pairs out of rows or pairs: the task of that number, of those that ask no model."""
        task = self.recipe.synthesize.tasks[number]
        if isinstance(task, Template):
            return partial(task.apply, questions=self.questions[number])
        assert not isinstance(task, ModelTask | Query | Classify | Extract)
        return task.apply

    def task_digest(self, number: int) -> str:
        """Digest of the file of questions that the task names; empty where it names none."""
        task = self.recipe.synthesize.tasks[number]
        return sha256_of_file(self.workspace / task.file) if isinstance(task, Template | Query) else ""

    @property
    def task_files(self) -> dict[str, str]:
        """The files of questions that tasks name -> their digests."""
        tasks = enumerate(self.recipe.synthesize.tasks)
        return {
            str(task.file): self.task_digest(n) for n, task in tasks if isinstance(task, Template | Query)
        }

    def problem(self, at: Iterable[Hashable], what: str, hint: str = "") -> Problem:
        """A problem at a place of the recipe."""
        return Problem(shown(self.file), self.document.line(at), what, hint)

    def task_place(self, number: int) -> tuple[Hashable, ...]:
        return ("synthesize", "tasks", number, self.recipe.synthesize.tasks[number].use)


def workspace_of(file: Path) -> Path:
    folder = file.resolve().parent
    return folder.parent if folder.name == "recipes" else folder


def shown(file: Path) -> Path:
    """A path as the reader would type it: relative where that is shorter."""
    try:
        return file.resolve().relative_to(Path.cwd())
    except ValueError:
        return file


def load(file: Path) -> Loaded:
    """Read and check a recipe; executes nothing.

    Raises:
        RecipeError: all problems, with their lines.
    """
    loaded, problems = read_recipe(file)
    if loaded is None or problems:
        raise RecipeError(problems)
    return loaded


def read_recipe(file: Path) -> tuple[Loaded | None, list[Problem]]:
    """What can be used of a recipe, and all that is wrong with it.

    Parts with a problem are left out of the former, so that the others can still be tried on their data: who
    made ten mistakes wants to hear of ten. None when nothing is left.
    """
    document = read_yaml(file)
    problems = [Problem(shown(p.file), p.line, p.what, p.hint) for p in document.problems]
    if not isinstance(document.value, dict):
        what = (
            say("配方是空的", "the recipe is empty")
            if document.value is None
            else say("配方应写成“名称: 内容”", "the recipe must be a mapping")
        )
        hint = say("从 recipes/expo.yaml 抄一份", "copy recipes/expo.yaml")
        return None, problems or [Problem(shown(file), 0, what, hint)]
    workspace = workspace_of(file)
    corpora = document.value.get("corpora")
    context = {"workspace": workspace, "corpora": list(corpora) if isinstance(corpora, dict) else None}
    problems += _file_problems(document, workspace)
    try:
        return Loaded(Recipe.model_validate(document.value, context=context), document, workspace), problems
    except ValidationError as errors:
        found = errors.errors(include_url=False)
    problems += [_problem(document, error) for error in found]
    rest = _usable(document, [error["loc"] for error in found])
    try:
        return Loaded(Recipe.model_validate(rest.value, context=context), rest, workspace, document), problems
    except ValidationError:
        return None, problems


def _usable(document: Document, places: list[tuple[Hashable, ...]]) -> Document:
    """The recipe without the corpora, cleaners, rules … that have a problem; its export does not matter."""
    lists = ("split", "synthesize", "review")
    rest = document.without({place[: 3 if place[:1] and place[0] in lists else 2] for place in places})
    value = rest.value
    value |= {"name": "x", "export": ["rag"]}
    tasks = (value.get("synthesize") or {}).get("tasks") or []
    gone = {
        ("synthesize", "tasks", number)
        for number, task in enumerate(tasks)
        if not any(
            isinstance(options, dict) and options.get("corpus") in (value.get("corpora") or {})
            for options in (task.values() if isinstance(task, dict) else ())
        )
    }
    return rest.without(gone)


def _problem(document: Document, error: Any) -> Problem:
    """One of pydantic's errors, at its line and in words."""
    where = error["loc"]
    context = error.get("ctx") or {}
    last = next(
        (str(step) for step in reversed(where) if isinstance(step, str) and not step.startswith("[")), ""
    )
    file, line = shown(document.file), document.line(where)
    if error["type"] == "extra_forbidden":
        hint = did_you_mean(last, _options(Recipe, where[:-1]))
        return Problem(file, line, say(f"没有 {last} 这个选项", f"there is no option {last}"), hint)
    if error["type"] == "missing":
        what = say(f"缺少 {last}", f"{last} is missing")
        return Problem(file, line, what, say(f"在这一行下面加上 {last}: …", f"add {last}: … below this line"))
    if "what" in context:
        return Problem(file, line, str(context["what"]), str(context.get("hint", "")))
    hint = ""
    if error["type"] == "literal_error":
        known = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        hint = did_you_mean(str(error["input"]), known)
    got = error["input"]
    value = f" {got!r}" if isinstance(got, str | int | float | bool) else ""
    return Problem(file, line, f"{last}{value}: {in_words(error)}", hint)


def _options(model: Any, where: tuple[Hashable, ...]) -> list[str]:
    """The names of the options at a place of the recipe."""
    for step in where:
        model = _member(model, step)
    return _field_names(model)


def _member(model: Any, step: Hashable) -> Any:
    model = _bare(model)
    if isinstance(model, NamedUnits):
        return model.units.get(str(step), model)
    if isinstance(model, type) and issubclass(model, BaseModel):
        for name, field in model.model_fields.items():
            if step in (name, field.alias):
                named = [note for note in field.metadata if isinstance(note, NamedUnits)]
                return named[0] if named else field.annotation
        return model
    if get_origin(model) is dict:
        return get_args(model)[1]
    if get_origin(model) is list:
        return get_args(model)[0]
    # pydantic puts the tag of one of several forms into the place of an error
    forms = {
        note.tag: form for form in get_args(model) for note in get_args(form)[1:] if isinstance(note, Tag)
    }
    return forms.get(str(step), model)


def _bare(annotation: Any) -> Any:
    """Without ``Annotated`` and ``None``; a list's named units as such."""
    if get_origin(annotation) is Annotated:
        named = [note for note in get_args(annotation)[1:] if isinstance(note, NamedUnits)]
        return named[0] if named else _bare(get_args(annotation)[0])
    members = [member for member in get_args(annotation) if member is not type(None)]
    if len(members) == 1 and get_origin(annotation) not in (list, dict):
        return _bare(members[0])
    return annotation


def _field_names(model: Any) -> list[str]:
    model = _bare(model)
    if isinstance(model, NamedUnits):
        return list(model.units)
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [field.alias or name for name, field in model.model_fields.items() if name != "use"]
    return []


def _file_problems(document: Document, workspace: Path) -> list[Problem]:
    """What is wrong inside the templates, queries and prompts that the recipe names."""
    section = document.value.get("synthesize") if isinstance(document.value, dict) else None
    if not isinstance(section, dict):
        return []
    found: list[Problem] = []
    tasks = section.get("tasks")
    judge = section.get("judge")
    units = [*(tasks if isinstance(tasks, list) else []), {"judge": judge} if judge else {}]
    for name, options in (item for unit in units if isinstance(unit, dict) for item in unit.items()):
        for option in ("file", "prompt") if isinstance(options, dict) else ():
            file = options.get(option)
            if isinstance(file, str) and (workspace / file).is_file():
                found += _problems_in(workspace, str(name), file)
    return [Problem(shown(p.file), p.line, p.what, p.hint) for p in found]


def _problems_in(workspace: Path, name: str, file: str) -> list[Problem]:
    unit: type[Unit] | None = (
        Judge if name == "judge" else {unit.unit_name(): unit for unit in CATALOGUE}.get(name)
    )
    if unit is Template:
        return load_questions(workspace, file)[1]
    if unit is Query:
        return load_queries(workspace, file)[1]
    if unit is not None and issubclass(unit, Judge | ModelTask):
        return load_prompt(workspace, file, unit.variables, unit.needed)[1]
    return []
