"""Answers in JSON: the schema that a server holds a model to, and the reader of what comes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from curate.clients.chat.plan import Malformed
from curate.options import in_place

#: A whole answer inside one code fence. Nothing else is cut out of an answer: what a search for braces saves out of a
#: broken one is garbage that looks like data.
_FENCE = re.compile(r"\s*```(?:json|JSON)?[ \t]*\n(.*)\n[ \t]*```\s*", re.DOTALL)

#: What is wrong, in the words of the corrective turn. They are part of a request and so of its key: never in the language
#: of the person who runs it, and never pydantic's, which change with its releases.
_WRONG = {
    "missing": "缺少这一项",
    "extra_forbidden": "不该有这一项",
    "json_invalid": "不是完整的 JSON",
    "string_type": "应当是字符串",
    "int_type": "应当是整数",
    "list_type": "应当是数组",
    "model_type": "应当是对象",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
}
MOST_WRONG = 3


class Answer(BaseModel):
    """The form of an answer: nothing missing, nothing besides, no value of another type."""

    model_config = ConfigDict(strict=True, extra="forbid", str_strip_whitespace=True, frozen=True)


def text(description: str, most: int) -> Any:
    """A field of text. ``most``: characters, told to the server alone (llama.cpp needs a bound, or a small model goes on to
    its limit); a longer answer is read all the same, and is the gates' to refuse.
    """
    return Field(description=description, json_schema_extra={"maxLength": most})


def items(description: str, most: int) -> Any:
    """A field of several; ``most`` is told to the server alone, as in ``text``."""
    return Field(description=description, json_schema_extra={"maxItems": most})


@cache
def schema_of(answer: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of an answer in the subset that OpenAI's strict mode and llama.cpp share: no references, every
    property required, none besides.
    """
    found: dict[str, Any] = _bare(in_place(answer.model_json_schema()))
    return found


def _bare(schema: Any) -> Any:
    """``schema`` without titles and docstrings: they would change the key of every request when a comment is mended."""
    if isinstance(schema, list):
        return [_bare(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    idle = {"title"} | ({"description"} if schema.get("type") == "object" else set())
    return {
        name: _bare(part) for name, part in schema.items() if name not in idle or not isinstance(part, str)
    }


Form = TypeVar("Form", bound=BaseModel)


def reader(answer: type[Form], look: Callable[[Form], Any | Malformed]) -> Callable[[str], Any | Malformed]:
    """Reads an answer's text, whole or not at all. ``look``: makes the value out of it, or says what is wrong."""

    def read(told: str) -> Any | Malformed:
        inside = _FENCE.fullmatch(told)
        try:
            found = answer.model_validate_json(inside[1] if inside else told)
        except ValidationError as errors:
            return Malformed(_in_words(errors))
        return look(found)

    return read


def _in_words(errors: ValidationError) -> str:
    wrong = []
    for error in errors.errors(include_url=False, include_input=False)[:MOST_WRONG]:
        place = ".".join(map(str, error["loc"])) or "回答"
        wrong.append(f"{place}：{_WRONG.get(error['type'], '不合要求')}")
    return "；".join(wrong)
