"""Prompts: Jinja files with a block ``system`` and a block ``user``; and requests out of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import jinja2.sandbox
from jinja2 import nodes
from jinja2.meta import find_undeclared_variables
from pydantic import BaseModel

from curate.algorithms.template import date_zh, list_zh
from curate.clients.chat.request import Request
from curate.errors import Problem
from curate.files import sha256_of_file
from curate.language import say
from curate.messages import did_you_mean
from curate.synthesize.answer import schema_of
from curate.synthesize.model import Model

BLOCKS = ("system", "user")


def fenced(text: str, name: str = "资料") -> str:
    """``text`` between ``<资料>`` and ``</资料>``, so that the model can tell data from orders.

    A text that holds such a mark itself, full-width or with spaces in it too, gets other marks (``资料1``): it cannot
    close its fence and go on as if it were the prompt.
    """
    plain, mark, number = "".join(unicodedata.normalize("NFKC", text).split()), name, 0
    while f"{mark}>" in plain:
        number += 1
        mark = f"{name}{number}"
    return f"<{mark}>\n{text}\n</{mark}>"


# strict and closed, as the templates over rows (algorithms/template.py); blocks on their own lines leave no empty lines
_environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
    undefined=jinja2.StrictUndefined,
    finalize=lambda value: "" if value is None else value,
    autoescape=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals.clear()
_environment.filters |= {"date_zh": date_zh, "list_zh": list_zh, "fenced": fenced}


@dataclass(frozen=True)
class Prompt:
    """A prompt file, compiled. ``file``: as the recipe names it."""

    file: str
    sha256: str
    template: jinja2.Template

    def render(self, **values: Any) -> tuple[tuple[str, str], ...]:
        """The messages (role, content); a name that is not given is an error."""
        context = self.template.new_context(values)
        return tuple((role, "".join(self.template.blocks[role](context)).strip()) for role in BLOCKS)


@dataclass(frozen=True)
class Writer:
    """Writes a task's requests: its prompt, for its model."""

    prompt: Prompt
    model: Model

    def request(
        self, values: Mapping[str, Any], answer: type[BaseModel] | None = None, *, sample: int = 0
    ) -> Request:
        """The request of a slot. ``answer``: the form of the answer, told to the server as a JSON Schema."""
        model = self.model
        return Request(
            model=model.called,
            messages=self.prompt.render(**values),
            max_tokens=model.max_tokens,
            temperature=model.temperature,
            top_p=model.top_p,
            seed=model.seed,
            schema=schema_of(answer) if answer else None,
            sample=sample,
            extra=dict(model.extra),
        )


def load_prompt(
    workspace: Path, file: str, variables: Mapping[str, Any], needed: frozenset[str] = frozenset()
) -> tuple[Prompt | None, list[Problem]]:
    """The compiled prompt, or None and all that is wrong with it; no call is made for a prompt with problems.

    Args:
        variables: the names that the prompt may use, each with a value to try it with.
        needed: those that it must use, each in a fence of its own.
    """
    path = workspace / file
    try:
        source = path.read_text(encoding="utf-8")
        tree, template = _environment.parse(source), _environment.from_string(source)
    except (OSError, UnicodeDecodeError) as error:
        told = say(f"读不出来：{error}", f"cannot be read: {error}")
        return None, [Problem(path, 0, told, say("另存为 UTF-8 文本", "save it as UTF-8 text"))]
    except jinja2.TemplateSyntaxError as error:
        told = say(f"提示词写法有误：{error.message}", f"the prompt is malformed: {error.message}")
        return None, [Problem(path, error.lineno, told)]
    problems = [Problem(path, *told) for told in (*_blocks(tree), *_names(tree, variables))]
    if problems:
        return None, problems
    prompt = Prompt(file, sha256_of_file(path), template)
    problems = [Problem(path, 0, *told) for told in _tried(prompt, variables, needed)]
    return (None, problems) if problems else (prompt, [])


def _blocks(tree: nodes.Template) -> Iterator[tuple[int, str, str]]:
    """(line, what, hint): blocks that are missing or unknown, and text that stands in none."""
    there = {block.name: block.lineno for block in tree.find_all(nodes.Block)}
    for name in BLOCKS:
        if name not in there:
            what = say(f"缺少 {name} 块", f"the block {name} is missing")
            yield 0, what, say(f"写成 {{% block {name} %}}…{{% endblock %}}", f"write {{% block {name} %}}")
    for name, line in there.items():
        if name not in BLOCKS:
            yield line, say(f"没有叫 {name} 的块", f"there is no block {name}"), did_you_mean(name, BLOCKS)
    for part in tree.body:
        if isinstance(part, nodes.Block):
            continue
        text = "".join(data.data for data in part.find_all(nodes.TemplateData))
        if not isinstance(part, nodes.Output) or text.strip() or len(list(part.iter_child_nodes())) > 1:
            what = say("这里的内容在块外面，不会发给模型", "this stands in no block and is never sent")
            yield (
                part.lineno,
                what,
                say("移到 system 或 user 块里；说明写成 {# … #}", "move it into a block, or write {# … #}"),
            )


def _names(tree: nodes.Template, variables: Mapping[str, Any]) -> Iterator[tuple[int, str, str]]:
    """(line, what, hint) of each name that is no variable."""
    unknown = find_undeclared_variables(tree) - set(variables)
    for name in sorted(unknown):
        line = min(node.lineno for node in tree.find_all(nodes.Name) if node.name == name)
        what = say(f"提示词里没有叫 {name} 的变量", f"a prompt has no variable {name}")
        yield line, what, did_you_mean(name, variables)


def _tried(prompt: Prompt, variables: Mapping[str, Any], needed: frozenset[str]) -> Iterator[tuple[str, str]]:
    """(what, hint) of a prompt that fails on the values to try it with, says nothing, or leaves the data out."""
    try:
        messages = dict(prompt.render(**variables))
    except Exception as error:  # whatever filters and operators raise belongs to the prompt
        yield say(f"提示词运行出错：{error}", f"the prompt fails: {error}"), did_you_mean("", variables)
        return
    for role in BLOCKS:
        if not messages[role]:
            yield say(f"{role} 块是空的", f"the block {role} is empty"), ""
    for name in sorted(needed):
        inside = re.escape(str(variables[name]))
        if not re.search(rf"<(\S+)>\n{inside}\n</\1>", messages["user"]):
            what = say(f"user 块没有用 fenced 给出 {name}", f"the block user does not give {name} in a fence")
            hint = say(
                f"写成 {{{{ {name} | fenced }}}}，模型才分得清资料和指令",
                f"write {{{{ {name} | fenced }}}}: the model must tell data from orders",
            )
            yield what, hint
