"""Synthesize: instruction pairs from the rows that train, and the mix of all of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, model_validator

from curate.language import say
from curate.options import NamedUnits, problem
from curate.synthesize.existing import Existing
from curate.synthesize.pretrain import Pretrain
from curate.synthesize.template import Compiled, Template, load_questions
from curate.unit import Form

__all__ = ["CATALOGUE", "AnyTask", "Compiled", "Existing", "Synthesize", "Template", "load_questions"]

CATALOGUE = (Template, Existing, Pretrain)

AnyTask = Annotated[Annotated[Template | Existing | Pretrain, Discriminator("use")], NamedUnits(*CATALOGUE)]


class Synthesize(Form):
    """生成问答。 / Make instruction pairs."""

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
