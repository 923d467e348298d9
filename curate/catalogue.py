"""The catalogue: every unit with its options, generated from the classes."""

from __future__ import annotations

import types
import typing
from typing import Any

from pydantic.fields import FieldInfo

from curate import clean, dedupe, export, review, synthesize
from curate.errors import UsageError
from curate.language import pick, say
from curate.messages import did_you_mean
from curate.mix import Mix
from curate.noise import Noise
from curate.privacy import Anonymize, Statistics
from curate.recipe import Recipe
from curate.sources import Corpus
from curate.split import Split
from curate.synthesize import Budget, Gates, Judge, Model
from curate.three_c import ThreeC
from curate.unit import Form
from curate.validate import Validate


def sections() -> dict[str, tuple[type[Form], ...]]:
    """Section of the recipe -> its units."""
    return {
        "corpora": (Corpus,),
        "clean": clean.CATALOGUE,
        "validate": (Validate,),
        "dedupe": (dedupe.Dedupe, *dedupe.CATALOGUE),
        "noise": (Noise,),
        "privacy": (Anonymize, Statistics),
        "three_c": (ThreeC,),
        "split": (Split,),
        "synthesize": (*synthesize.CATALOGUE, Model, Budget, Gates, Judge),
        "review": (review.Review, *review.CATALOGUE),
        "mix": (Mix,),
        "export": export.CATALOGUE,
    }


def catalogue_text(name: str | None) -> str:
    """All units a line each, or one with its options.

    Raises:
        UsageError: there is no unit of that name.
    """
    units = {unit.unit_name(): unit for group in sections().values() for unit in group}
    if name is None:
        lines = []
        for section, group in sections().items():
            lines.append(f"{section}:")
            lines += [f"  {unit.unit_name():18} {unit.help_text()}" for unit in group]
        lines.append(
            say("选项和默认值：curate catalogue 名称", "options and defaults: curate catalogue NAME")
        )
        return "\n".join(lines)
    if name not in units:
        raise UsageError(say(f"没有 {name}", f"there is no {name}"), did_you_mean(name, units))
    unit = units[name]
    lines = [f"{name}  —  {unit.help_text()}"]
    rest = "\n".join((unit.__doc__ or "").split("\n")[1:]).strip()
    if rest and say("", rest):  # the details are in English only
        lines += ["", *(line.strip() for line in rest.split("\n"))]
    lines += ["", *_options(unit, "  ")]
    for form in _forms(unit):
        lines += ["", f"  {_name(form)}  —  {form.help_text()}", *_options(form, "    ")]
    return "\n".join(lines)


def _options(form: type[Form], indent: str) -> list[str]:
    lines = []
    for name, field in form.model_fields.items():
        if name not in ("use", "kind"):
            lines.append(f"{indent}{field.alias or name}: {_kind(field)}{_default(field)}")
            lines.append(f"{indent}    {pick(field.description or '')}")
    return lines


def _forms(unit: type[Form]) -> list[type[Form]]:
    """The forms that stand inside a unit's options, in their order."""
    found: list[type[Form]] = []

    def look(annotation: Any) -> None:
        form = isinstance(annotation, type) and issubclass(annotation, Form)
        if form and annotation not in found:
            found.append(annotation)
        for inner in typing.get_args(annotation):
            look(inner)

    for field in unit.model_fields.values():
        look(field.annotation)
    return found


def _name(form: type[Form]) -> str:
    """What a recipe calls a form: its ``kind``, where it has one."""
    kind = form.model_fields.get("kind")
    return str(typing.get_args(kind.annotation)[0]) if kind else form.unit_name()


def _kind(field: FieldInfo) -> str:
    bounds = [
        f"{sign} {getattr(note, attribute)}"
        for note in field.metadata
        for attribute, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
        if getattr(note, attribute, None) is not None
    ]
    return ", ".join([_type(field.annotation), *bounds])


def _type(annotation: Any) -> str:
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return " | ".join(map(str, inner))
    if origin is typing.Annotated:
        return _type(inner[0])
    if origin in (typing.Union, types.UnionType):
        return " | ".join(_type(member) for member in inner if member is not type(None))
    if origin is list:
        return f"[{_type(inner[0])}, …]"
    if origin is dict:
        return f"{{{_type(inner[0])}: {_type(inner[1])}}}"
    if isinstance(annotation, type) and issubclass(annotation, Form):
        return _name(annotation)
    words = {
        str: say("文字", "text"),
        int: say("整数", "integer"),
        float: say("数字", "number"),
        bool: "true | false",
    }
    return words.get(annotation, getattr(annotation, "__name__", str(annotation)).lower())


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return say("  （必填）", "  (required)")
    value = field.get_default(call_default_factory=True)
    if value is None or value in ([], {}, ""):
        return ""
    if hasattr(value, "model_dump"):
        value = value.model_dump()
    return say(f"  默认 {value}", f"  default {value}")


def recipe_schema() -> dict[str, Any]:
    """The recipe's JSON Schema, as editors want it (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Recipe.model_json_schema(by_alias=True),
    }
