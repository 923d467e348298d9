"""template: pairs from rows by templates, several phrasings a question, without a model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import jinja2
import polars as pl
from pydantic import Field, TypeAdapter, ValidationError, field_validator

from curate.algorithms.template import RowTemplate
from curate.errors import Problem
from curate.files import sha256_of_file
from curate.language import say
from curate.messages import did_you_mean, in_words
from curate.options import CorpusName, WorkspaceFile, as_list
from curate.rows import PAIR, Outcome, because
from curate.sql import ask
from curate.unit import Form, Unit


class Question(Form):
    """One question of a template file, with its phrasings."""

    question: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """编号：小写英文 / its name"""
    ask: list[str] = Field(min_length=1)
    """几种问法 / phrasings of the question"""
    answer: list[str] = Field(min_length=1)
    """几种答法 / phrasings of the answer"""
    input: str = ""
    """附在问题后面的材料 / material behind the question"""

    @field_validator("ask", "answer", mode="before")
    @classmethod
    def _one_alone(cls, value: Any) -> Any:
        return as_list(value)


class Template(Unit):
    """用模板从每一行生成问答；用到的字段有空值时不问。 / Question-answer pairs from a row by templates.

    Which phrasing a row gets is chosen by the MD5 of its id and the question's name, so that it stays.
    """

    not_in_fingerprint: ClassVar = frozenset({"use", "file"})

    use: Literal["template"] = "template"
    corpus: CorpusName
    """语料 / the corpus"""
    file: WorkspaceFile
    """模板文件：recipes/templates/*.yaml / the file of templates"""
    system: str = ""
    """每个问答的系统提示 / the system prompt of its pairs"""
    max_answer_chars: int = Field(2000, ge=1)
    """答案超过这么多字就不生成 / answers with more characters are not made"""

    def apply(self, rows: pl.DataFrame, questions: list[Compiled]) -> Outcome:
        """Pairs out of the rows that train; ``dropped`` are the rows that gave none."""
        usable = rows.filter(pl.col("split").is_not_null())
        parts, too_long = [pl.DataFrame(schema=PAIR)], pl.Series([], dtype=pl.String)
        for question in questions:
            made = question.ask_rows(usable, self.system)
            fits = made["output"].str.len_chars() <= self.max_answer_chars
            parts.append(made.filter(fits))
            too_long = too_long.append(made.filter(~fits)["parent_id"])
        pairs = pl.concat(parts)
        rest = rows.filter(~pl.col("row_id").is_in(pairs["parent_id"].implode()))
        reason = (
            pl.when(pl.col("split").is_null())
            .then(pl.lit("retrieval_only"))
            .when(pl.col("row_id").is_in(too_long.implode()))
            .then(pl.lit("answer_too_long"))
            .otherwise(pl.lit("fields_missing"))
        )
        return Outcome(pairs, because(rest, reason))

    @property
    def stem(self) -> str:
        """The task's name in pairs and manifests: its file's, without the ending."""
        return Path(self.file).stem

    def digest(self, workspace: Path) -> str:
        return sha256_of_file(workspace / self.file)


@dataclass(frozen=True)
class Compiled:
    """A question with its templates compiled."""

    task: str
    name: str
    ask: list[RowTemplate]
    answer: list[RowTemplate]
    input: RowTemplate

    @property
    def names(self) -> set[str]:
        return {name for template in [*self.ask, *self.answer, self.input] for name in template.names}

    def ask_rows(self, rows: pl.DataFrame, system: str) -> pl.DataFrame:
        """The pairs of all rows that have every column the question needs."""
        needed = sorted(
            {name for template in [*self.ask, *self.answer, self.input] for name in template.needed}
        )
        rows = rows.filter(pl.all_horizontal(pl.lit(True), *(pl.col(name).is_not_null() for name in needed)))
        choice = ask(
            f"""SELECT ('0x' || substr(md5(row_id || '#{self.name}'), 1, 8))::BIGINT AS ask,
                       ('0x' || substr(md5(row_id || '#{self.name}'), 9, 8))::BIGINT AS answer
                FROM rows ORDER BY place""",
            rows=rows.select("row_id").with_row_index("place"),
        )
        made = rows.select(
            # with the task: two files may ask a row a question of the same name
            (pl.col("row_id") + f"#{self.task}.{self.name}").alias("pair_id"),
            pl.col("row_id").alias("parent_id"),
            "corpus",
            "cluster_id",
            "split",
            pl.lit("template").alias("origin"),
            pl.lit(self.task).alias("task"),
            pl.lit(self.name).alias("question"),
            pl.lit(system).alias("system"),
            _chosen(rows, self.ask, choice["ask"]).alias("instruction"),
            self.input.render(rows).str.strip_chars().alias("input"),
            _chosen(rows, self.answer, choice["answer"]).alias("output"),
        )
        return made.filter((pl.col("instruction") != "") & (pl.col("output") != ""))


def _chosen(rows: pl.DataFrame, templates: list[RowTemplate], choice: pl.Series) -> pl.Series:
    """Each row by the template that its number chooses."""
    which = choice % len(templates)
    parts = []
    places = pl.Series(range(rows.height), dtype=pl.UInt32)
    for number, template in enumerate(templates):
        mine = which == number
        parts.append(pl.DataFrame({"place": places.filter(mine), "text": template.render(rows.filter(mine))}))
    return pl.concat(parts).sort("place")["text"].str.strip_chars()


def load_questions(workspace: Path, file: str) -> tuple[list[Compiled], list[Problem]]:
    """The compiled questions of a template file, and all that is wrong with it."""
    from curate.yaml_lines import read_yaml

    path = workspace / file
    document = read_yaml(path)
    problems = list(document.problems)
    if problems:
        return [], problems
    try:
        questions = TypeAdapter(list[Question]).validate_python(document.value)
    except ValidationError as errors:
        for error in errors.errors(include_url=False):
            last = str(error["loc"][-1]) if error["loc"] else ""
            hint = did_you_mean(last, Question.model_fields) if error["type"] == "extra_forbidden" else ""
            problems.append(Problem(path, document.line(error["loc"]), f"{last}: {in_words(error)}", hint))
        return [], problems
    compiled = []
    for number, question in enumerate(questions):
        texts: dict[tuple[str | int, ...], str] = {
            ("ask", place): text for place, text in enumerate(question.ask)
        }
        texts |= {("answer", place): text for place, text in enumerate(question.answer)}
        texts["input",] = question.input
        templates = {}
        for where, text in texts.items():
            try:
                templates[where] = RowTemplate(text)
            except jinja2.TemplateSyntaxError as error:
                told = say(f"模板写法有误：{error.message}", f"the template is malformed: {error.message}")
                problems.append(Problem(path, document.line((number, *where)), told))
        if len(templates) == len(texts):
            kinds: dict[str, list[RowTemplate]] = {"ask": [], "answer": [], "input": []}
            for where, template in templates.items():
                kinds[str(where[0])].append(template)
            task = Path(file).stem
            compiled.append(
                Compiled(task, question.question, kinds["ask"], kinds["answer"], kinds["input"][0])
            )
    names = [question.question for question in questions]
    for number, name in enumerate(names):
        if name in names[:number]:
            told = say(f"问题 {name} 写了两次", f"the question {name} is there twice")
            problems.append(Problem(path, document.line((number, "question")), told))
    return compiled, problems
