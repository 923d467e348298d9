"""Synthesize: instruction pairs from the rows that train, and the mix of all of them."""

from __future__ import annotations

from typing import Annotated

from curate.options import NamedUnits
from curate.synthesize.template import Compiled, Template, load_questions
from curate.unit import Form

__all__ = ["CATALOGUE", "Compiled", "Synthesize", "Template", "load_questions"]

CATALOGUE = (Template,)

AnyTask = Annotated[Template, NamedUnits(*CATALOGUE)]


class Synthesize(Form):
    """生成问答。 / Make instruction pairs."""

    tasks: list[AnyTask] = []
    """任务，按顺序执行 / the tasks, in order"""
