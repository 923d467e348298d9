"""The recipe's section ``review``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Field, WithJsonSchema, model_validator

from curate.environment import filled, named_in, unset, value_of
from curate.language import say
from curate.options import DataPath, NamedUnits, as_list, problem
from curate.review.column import Column
from curate.review.duplicates import Duplicates
from curate.review.labels import Labels
from curate.review.noise_audit import NoiseAudit
from curate.review.pairs import Pairs
from curate.review.personal_data import PersonalData
from curate.review.preference import Preferences
from curate.review.spans import Spans
from curate.unit import Form

CATALOGUE = (Pairs, Preferences, Labels, Spans, NoiseAudit, Duplicates, PersonalData)

AnyProject = Annotated[
    Annotated[
        Pairs | Preferences | Labels | Spans | NoiseAudit | Duplicates | PersonalData, Discriminator("use")
    ],
    NamedUnits(*CATALOGUE),
]

_PATHS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


class LabelStudio(Form):
    """Label Studio 服务器。 / A Label Studio server."""

    url: str = Field(min_length=1)
    """地址，如 http://127.0.0.1:8080 或 ${LABEL_STUDIO_URL} / the address, or an environment variable in ${}"""
    token_env: str = Field("LABEL_STUDIO_TOKEN", pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    """存放令牌的环境变量名；令牌不写在配方里 / the environment variable that holds the token"""

    @property
    def missing(self) -> list[str]:
        """The environment variables that it needs and that are not set."""
        return unset([*named_in(self.url), self.token_env])

    def opened(self) -> tuple[str, str]:
        """(address, token).

        Raises:
            CurateError: an environment variable that it names is not set.
        """
        return filled(self.url), value_of(self.token_env)


class Review(Form):
    """人工审核：哪些内容请人看、几个人看、一致性多高才放行。 / What people judge, how many of them, and how well they must agree."""

    server: LabelStudio | None = None
    """Label Studio 服务器；不写就只用文件 / the Label Studio server; files alone where there is none"""
    annotations: Annotated[list[DataPath], BeforeValidator(as_list), WithJsonSchema(_PATHS)] = []
    """标注文件：curate review save 写出的 jsonl / files of annotations, as curate review save writes them"""
    experts: list[str] = []
    """裁决争议的专家：他们的登录邮箱 / who settles disputes: the e-mails by which they log in"""
    projects: list[AnyProject] = []
    """审核项目 / the projects"""

    @model_validator(mode="after")
    def _each_once(self) -> Review:
        names = [project.name for project in self.projects]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise problem(
                say(f"两个审核项目都叫 {twice[0]}", f"two review projects are called {twice[0]}"),
                say("用 name 给其中一个换个名字", "give one of them another name"),
            )
        return self

    @model_validator(mode="after")
    def _no_two_alike(self) -> Review:
        kinds = [project.use for project in self.projects if not isinstance(project, Column | PersonalData)]
        twice = next((kind for kind in kinds if kinds.count(kind) > 1), None)
        if twice:
            raise problem(
                say(f"{twice} 只能写一个", f"{twice} can be there once"),
                say(
                    "一个项目看全部语料；两个会互相改掉对方的结论",
                    "one project looks at all corpora; two would undo each other's decisions",
                ),
            )
        columns = [(one.corpus, one.target) for one in self.projects if isinstance(one, Column)]
        double = next((one for one in columns if columns.count(one) > 1), None)
        if double:
            raise problem(
                say(
                    f"语料 {double[0]} 有两个项目都写进 {double[1]} 这一列",
                    f"two projects fill the column {double[1]} of {double[0]}",
                ),
                say("用 column 另起一个列名", "give one of them another name by column"),
            )
        return self

    @model_validator(mode="after")
    def _experts_there(self) -> Review:
        asking = [project.name for project in self.projects if project.disputes != "drop"]
        if asking and not self.experts:
            raise problem(
                say(
                    f"项目 {asking[0]} 的争议要请专家裁决，但 review 里没有写 experts",
                    f"the disputes of {asking[0]} go to an expert, but review names no experts",
                ),
                say(
                    "加上 experts: [邮箱]，或在项目里写 disputes: drop",
                    "add experts: [e-mail], or disputes: drop in the project",
                ),
            )
        return self
