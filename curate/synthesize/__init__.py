"""Synthesize: instruction pairs from the rows that train."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, model_validator

from curate.language import say
from curate.options import NamedUnits, problem
from curate.synthesize.back_translate import BackTranslate
from curate.synthesize.classify import Classify
from curate.synthesize.doc_qa import DocQa
from curate.synthesize.existing import Existing
from curate.synthesize.extract import Extract
from curate.synthesize.gates import Gates
from curate.synthesize.join_turns import JoinTurns
from curate.synthesize.judge import Judge
from curate.synthesize.model import Budget, Model
from curate.synthesize.multi_turn import MultiTurn
from curate.synthesize.paraphrase import Paraphrase
from curate.synthesize.perturb import Perturb
from curate.synthesize.preference import Preference
from curate.synthesize.pretrain import Pretrain
from curate.synthesize.query import Query
from curate.synthesize.question_files import load_questions
from curate.synthesize.questions import Compiled
from curate.synthesize.reasoning import Reasoning
from curate.synthesize.sql_questions import SqlQuestion, load_queries, query_problems
from curate.synthesize.summarise import Summarise
from curate.synthesize.task import ModelTask, PairTask
from curate.synthesize.template import Template
from curate.unit import Form

__all__ = [
    "CATALOGUE",
    "AnyTask",
    "Budget",
    "Classify",
    "Compiled",
    "Existing",
    "Extract",
    "Gates",
    "Judge",
    "Model",
    "ModelTask",
    "PairTask",
    "Query",
    "SqlQuestion",
    "Synthesize",
    "Template",
    "load_queries",
    "load_questions",
    "query_problems",
]

CATALOGUE = (
    Template,
    Query,
    Existing,
    Pretrain,
    Classify,
    Extract,
    Perturb,
    Preference,
    JoinTurns,
    DocQa,
    Summarise,
    MultiTurn,
    Paraphrase,
    BackTranslate,
    Reasoning,
)

AnyTask = Annotated[
    Annotated[
        Template
        | Query
        | Existing
        | Pretrain
        | Classify
        | Extract
        | Perturb
        | Preference
        | JoinTurns
        | DocQa
        | Summarise
        | MultiTurn
        | Paraphrase
        | BackTranslate
        | Reasoning,
        Discriminator("use"),
    ],
    NamedUnits(*CATALOGUE),
]


class Synthesize(Form):
    """生成问答。 / Make instruction pairs."""

    model: Model | None = None
    """大模型 / the language model"""
    without_endpoint: Literal["stop", "leave_out"] = "stop"
    """接口或密钥的环境变量没有设置时：stop 停下，leave_out 不做需要大模型的任务 / what to do where the endpoint's environment is not set"""
    budget: Budget = Budget()
    """最多花多少 / what may be spent"""
    gates: Gates = Gates()
    """大模型写的每一条都要通过的关卡 / what every pair that a model wrote has to pass"""
    judge: Judge | None = None
    """另请一个大模型打分 / a model that scores the pairs"""
    tasks: list[AnyTask] = []
    """任务，按顺序执行 / the tasks, in order"""

    @model_validator(mode="after")
    def _each_once(self) -> Synthesize:
        # a pair's id is made of row, task and question
        names = [(task.corpus, task.stem) for task in self.tasks]
        twice = [f"{corpus}: {stem}" for corpus, stem in names if names.count((corpus, stem)) > 1]
        if twice:
            raise problem(
                say(
                    f"同一份语料有两个同名的任务（{twice[0]}）",
                    f"a corpus has two tasks of one name ({twice[0]})",
                ),
                say(
                    "合并成一个，或给它（或模板文件）换个名字",
                    "put them together, or give one (or its file) another name",
                ),
            )
        return self

    @model_validator(mode="after")
    def _of_earlier(self) -> Synthesize:
        known: dict[str, list[str]] = {}
        for task in self.tasks:
            of = getattr(task, "of", "")
            if of and of not in known.get(task.corpus, []):
                there = "、".join(known.get(task.corpus, []))
                raise problem(
                    say(
                        f"{task.unit_name()} 要从任务 {of} 的问答做起，但 {task.corpus} 在它前面没有这个任务",
                        f"{task.unit_name()} starts from the pairs of {of}, but {task.corpus} has no such task before it",
                    ),
                    say(
                        f"{task.corpus} 在它前面的任务：{there or '没有'}",
                        f"the tasks of {task.corpus} before it: {there or 'none'}",
                    ),
                )
            known.setdefault(task.corpus, []).append(task.stem)
        return self

    @model_validator(mode="after")
    def _model_there(self) -> Synthesize:
        asking = next((task for task in self.tasks if isinstance(task, ModelTask)), None)
        if asking is not None and self.model is None:
            raise problem(
                say(
                    f"任务 {asking.unit_name()} 要请大模型写，但 synthesize 里没有 model",
                    f"{asking.unit_name()} asks a model, but synthesize has none",
                ),
                say(
                    "加上 model: {name: …, base_url: …, key_env: …}；说明：curate catalogue model",
                    "add model: {name: …, base_url: …, key_env: …}; see curate catalogue model",
                ),
            )
        models = [self.model, self.judge.model if self.judge else None]
        prices = [model.price for model in models if model]
        if self.budget.money is not None and None in prices:
            raise problem(
                say(
                    "budget 里限了钱，model（或 judge 的 model）却没有写 price",
                    "the budget limits money, but the model (or the judge's) has no price",
                ),
                say(
                    "加上 price: {input: 2, output: 8}，每百万 token",
                    "add price: {input: 2, output: 8} a million tokens",
                ),
            )
        if len({price.currency for price in prices if price}) > 1:
            raise problem(
                say("model 和 judge 的 model 用了两种币种", "the model and the judge's have two currencies"),
                say("换算成一种：钱是加在一起算的", "convert one: what they cost is added up"),
            )
        return self
