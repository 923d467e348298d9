"""Files of questions: several phrasings a question, as Jinja templates over the columns of a row."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import jinja2
from pydantic import Field, TypeAdapter, ValidationError, field_validator

from curate.algorithms.template import RowTemplate
from curate.errors import Problem
from curate.files import sha256_of_file
from curate.language import say
from curate.messages import did_you_mean, in_words
from curate.options import as_list
from curate.synthesize.questions import DECLINING, Compiled
from curate.unit import Form


class Asked(Form):
    """What every question of a file has."""

    question: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """编号：小写英文 / its name"""
    ask: list[str] = Field(min_length=1)
    """几种问法 / phrasings of the question"""
    answer: list[str] = Field(min_length=1)
    """几种答法 / phrasings of the answer"""
    input: str = ""
    """附在问题后面的材料 / material behind the question"""
    label: str = ""
    """分类题：答案属于哪一类，例如 "{{ industry }}"，训练后按类算准确率 / the class that the answer names, for precision and recall"""

    @field_validator("ask", "answer", mode="before")
    @classmethod
    def _one_alone(cls, value: Any) -> Any:
        return as_list(value)


class Question(Asked):
    """One question of a template file, with its phrasings."""

    unknown: list[str] = Field(DECLINING, min_length=1)
    """资料里没有时怎么答，几种说法 / phrasings of the answer where the data holds none"""

    @field_validator("unknown", mode="before")
    @classmethod
    def _one_unknown(cls, value: Any) -> Any:
        return as_list(value)


F = TypeVar("F", bound=Asked)


@dataclass(frozen=True)
class Entry(Generic[F]):
    """A question of a file: as it is written, and compiled. ``lines``: the line of each of its options."""

    form: F
    compiled: Compiled
    lines: dict[str, int]


def load_questions(workspace: Path, file: str) -> tuple[list[Compiled], list[Problem]]:
    """The compiled questions of a template file, and all that is wrong with it."""
    entries, problems = load_file(workspace, file, Question)
    return [entry.compiled for entry in entries], problems


def load_file(workspace: Path, file: str, form: type[F]) -> tuple[list[Entry[F]], list[Problem]]:
    """The questions of a file whose entries have this form, and all that is wrong with it."""
    from curate.yaml_lines import read_yaml

    path = workspace / file
    document = read_yaml(path)
    problems = list(document.problems)
    if problems:
        return [], problems
    try:
        questions: list[F] = TypeAdapter(list[form]).validate_python(document.value)  # type: ignore[valid-type]
    except ValidationError as errors:
        for error in errors.errors(include_url=False):
            last = str(error["loc"][-1]) if error["loc"] else ""
            hint = did_you_mean(last, form.model_fields) if error["type"] == "extra_forbidden" else ""
            problems.append(Problem(path, document.line(error["loc"]), f"{last}: {in_words(error)}", hint))
        return [], problems
    sha256, names = sha256_of_file(path), [question.question for question in questions]
    entries = []
    for number, question in enumerate(questions):
        templates, wrong = _templates(question)
        problems += [Problem(path, document.line((number, *where)), told) for where, told in wrong]
        if not wrong:
            compiled = Compiled(Path(file).stem, question.question, str(file), sha256, **templates)
            lines = {name: document.line((number, name)) for name in form.model_fields}
            entries.append(Entry(question, compiled, lines))
        if question.question in names[:number]:
            told = say(
                f"问题 {question.question} 写了两次", f"the question {question.question} is there twice"
            )
            problems.append(Problem(path, document.line((number, "question")), told))
    return entries, problems


def _templates(question: Asked) -> tuple[dict[str, Any], list[tuple[tuple[Hashable, ...], str]]]:
    """The templates of a question by field, and (place, what) of those that are malformed."""
    found: dict[str, Any] = {}
    wrong: list[tuple[tuple[Hashable, ...], str]] = []
    for name in ("ask", "answer", "unknown", "input", "label"):
        told = getattr(question, name, None)
        if told is None:
            continue
        made_of = []
        for place, text in enumerate([told] if isinstance(told, str) else told):
            try:
                made_of.append(RowTemplate(text))
            except jinja2.TemplateSyntaxError as error:
                where = (name,) if isinstance(told, str) else (name, place)
                wrong.append(
                    (
                        where,
                        say(f"模板写法有误：{error.message}", f"the template is malformed: {error.message}"),
                    )
                )
        found[name] = made_of[0] if isinstance(told, str) and made_of else made_of
    return found, wrong
