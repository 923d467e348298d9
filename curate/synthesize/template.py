"""template: pairs from rows by templates, several phrasings a question, without a model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import jinja2
import polars as pl
from pydantic import Field, TypeAdapter, ValidationError, field_validator

from curate.algorithms.template import RowTemplate
from curate.errors import CurateError, Problem
from curate.language import say
from curate.messages import did_you_mean, in_words
from curate.options import CorpusName, WorkspaceFile, as_list
from curate.pairs import PAIR, as_pairs, asked
from curate.rows import Outcome, because
from curate.sql import ask
from curate.unit import Form, Unit

#: What is expected where the data holds no answer.
UNKNOWN = "现有资料中没有这项信息。"
#: One row of so many that train is asked again in other words after training.
RECALLED = 20
#: Longer values are texts, not facts: they are compared as a whole (characters).
FACT_CHARS = 40


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
    label: str = ""
    """分类题：答案属于哪一类，例如 "{{ industry }}"，训练后按类算准确率 / the class that the answer names, for precision and recall"""

    @field_validator("ask", "answer", mode="before")
    @classmethod
    def _one_alone(cls, value: Any) -> Any:
        return as_list(value)


class Template(Unit):
    """用模板从每一行生成问答；用到的字段有空值时不问。 / Question-answer pairs from a row by templates.

    Which phrasing a row gets is chosen by the MD5 of its id and the question's name, so that it stays. Of the
    rows that are not trained on, the values that the answer holds are kept beside it, as facts to be looked for in a
    model's answers. For the evaluation alone, one question of twenty that are trained on is asked in other words, and what
    the data does not answer is asked all the same, to see whether a model makes it up.
    """

    version: ClassVar = 2
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
            parts += [
                made.filter(fits),
                question.recall(usable, self.system),
                question.unknown(usable, self.system),
            ]
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


@dataclass(frozen=True)
class Compiled:
    """A question with its templates compiled."""

    task: str
    name: str
    ask: list[RowTemplate]
    answer: list[RowTemplate]
    input: RowTemplate
    label: RowTemplate

    @property
    def names(self) -> set[str]:
        return {name for template in [*self._asking, *self.answer, self.label] for name in template.names}

    @property
    def _asking(self) -> list[RowTemplate]:
        return [*self.ask, self.input]

    def ask_rows(self, rows: pl.DataFrame, system: str) -> pl.DataFrame:
        """The pairs of all rows that have every column the question needs."""
        rows = rows.filter(_have([*self._asking, *self.answer]))
        choice = self._choice(rows)
        made = self._answered(rows, system, choice, choice["ask"], "sft")
        held_out = (made["split"] != "train") & (made["output"] != "")
        facts = self._facts(rows.filter(held_out), choice.filter(held_out), made.filter(held_out))
        made = made.join(facts, on="pair_id", how="left", maintain_order="left")
        return as_pairs(made.filter((pl.col("instruction") != "") & (pl.col("output") != "")))

    def recall(self, rows: pl.DataFrame, system: str) -> pl.DataFrame:
        """The question to a sample of the rows that train, in other words than it is trained in: does the model know
        the fact, or only the sentence?
        """
        if len(self.ask) == 1:
            return as_pairs(pl.DataFrame(schema={"pair_id": pl.String}))
        rows = rows.filter((pl.col("split") == "train") & _have([*self._asking, *self.answer]))
        choice = self._choice(rows)
        sampled = choice["sample"] % RECALLED == 0
        rows, choice = rows.filter(sampled), choice.filter(sampled)
        made = self._answered(rows, system, choice, choice["ask"] + 1, "recall").with_columns(
            pl.col("pair_id") + ".recall"
        )
        facts = self._facts(rows, choice, made)
        return as_pairs(made.join(facts, on="pair_id", how="inner", maintain_order="left"))

    def unknown(self, rows: pl.DataFrame, system: str) -> pl.DataFrame:
        """The question to test rows that do not hold its answer: a model should say that it does not know."""
        rows = rows.filter((pl.col("split") == "test") & _have(self._asking) & ~_have(self.answer))
        made = self._pairs(rows, system, self._choice(rows)["ask"]).with_columns(
            pl.lit("unknown").alias("kind"), pl.lit(UNKNOWN).alias("output")
        )
        return as_pairs(made.filter(pl.col("instruction") != ""))

    def _choice(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The numbers that choose a row's phrasings."""
        return ask(
            f"""SELECT ('0x' || substr(md5(row_id || '#{self.name}'), 1, 8))::BIGINT AS ask,
                       ('0x' || substr(md5(row_id || '#{self.name}'), 9, 8))::BIGINT AS answer,
                       ('0x' || substr(md5(row_id || '#{self.name}'), 17, 8))::BIGINT AS sample
                FROM rows ORDER BY place""",
            rows=rows.select("row_id").with_row_index("place"),
        )

    def _answered(
        self, rows: pl.DataFrame, system: str, choice: pl.DataFrame, asking: pl.Series, kind: str
    ) -> pl.DataFrame:
        """Pairs with their answers; ``asking`` chooses the wording of the question."""
        return self._pairs(rows, system, asking).with_columns(
            pl.lit(kind).alias("kind"),
            _chosen(rows, self.answer, choice["answer"]).alias("output"),
            self.label.render(rows).str.strip_chars().alias("label"),
        )

    def _pairs(self, rows: pl.DataFrame, system: str, choice: pl.Series) -> pl.DataFrame:
        return rows.select(
            # with the task: two files may ask a row a question of the same name
            (pl.col("row_id") + f"#{self.task}.{self.name}").alias("pair_id"),
            pl.col("row_id").alias("parent_id"),
            "corpus",
            "cluster_id",
            "tier",
            "split",
            pl.lit("template").alias("origin"),
            pl.lit(self.task).alias("task"),
            pl.lit(self.name).alias("question"),
            pl.lit(system).alias("system"),
            _chosen(rows, self.ask, choice).alias("instruction"),
            self.input.render(rows).str.strip_chars().alias("input"),
        )

    def _facts(self, rows: pl.DataFrame, choice: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
        """(pair_id, facts): the short values that stand in a row's answer and not yet in its question."""
        which = choice["answer"] % len(self.answer)
        parts = [pl.DataFrame(schema={"pair_id": pl.String, "fact": pl.String})]
        for number, template in enumerate(self.answer):
            mine = which == number
            for value in template.values:
                there = (
                    mine
                    & rows.select(
                        pl.all_horizontal(
                            pl.lit(True), *(pl.col(name).is_not_null() for name in sorted(value.names))
                        )
                    ).to_series()
                )
                try:
                    facts = value.render(rows.filter(there))
                except CurateError:  # a value that an {% if %} of the whole template keeps from these rows
                    continue
                parts.append(pl.DataFrame({"pair_id": made.filter(there)["pair_id"], "fact": facts}))
        found = pl.concat(parts).with_columns(pl.col("fact").str.strip_chars())
        texts = made.select("pair_id", "output", asked().alias("asked"))
        return (
            found.join(texts, on="pair_id", how="left", maintain_order="left")
            .filter(
                pl.col("fact").str.len_chars().is_between(1, FACT_CHARS)
                & pl.col("output").str.contains(pl.col("fact"), literal=True)
                & ~pl.col("asked").str.contains(pl.col("fact"), literal=True)
            )
            .group_by("pair_id", maintain_order=True)
            .agg(pl.col("fact").unique(maintain_order=True).alias("facts"))
        )


def _have(templates: list[RowTemplate]) -> pl.Expr:
    """Are all columns there that the templates need?"""
    needed = sorted({name for template in templates for name in template.needed})
    return pl.all_horizontal(pl.lit(True), *(pl.col(name).is_not_null() for name in needed))


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
        texts["label",] = question.label
        templates = {}
        for where, text in texts.items():
            try:
                templates[where] = RowTemplate(text)
            except jinja2.TemplateSyntaxError as error:
                told = say(f"模板写法有误：{error.message}", f"the template is malformed: {error.message}")
                problems.append(Problem(path, document.line((number, *where)), told))
        if len(templates) == len(texts):
            kinds: dict[str, list[RowTemplate]] = {"ask": [], "answer": [], "input": [], "label": []}
            for where, template in templates.items():
                kinds[str(where[0])].append(template)
            task, name = Path(file).stem, question.question
            alone = (kinds["input"][0], kinds["label"][0])
            compiled.append(Compiled(task, name, kinds["ask"], kinds["answer"], *alone))
    names = [question.question for question in questions]
    for number, name in enumerate(names):
        if name in names[:number]:
            told = say(f"问题 {name} 写了两次", f"the question {name} is there twice")
            problems.append(Problem(path, document.line((number, "question")), told))
    return compiled, problems
