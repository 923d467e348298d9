"""Types of options that the recipe's sections share; each checks itself while the recipe is loaded.

What is checked against the rest of the recipe or against the disk needs the loader's context
(``{"workspace": Path, "corpora": [names]}``); without one, as in unit tests, only the shape is checked.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from curate.files import ROOTS_ENV, leads_to, within
from curate.language import say
from curate.messages import did_you_mean
from curate.unit import Form, Located, Unit


def problem(what: str, hint: str = "") -> PydanticCustomError:
    """An error whose context carries the hint; braces would be taken for placeholders."""
    return PydanticCustomError("recipe", "{what}", {"what": what, "hint": hint})


def _workspace(info: ValidationInfo) -> Path | None:
    return (info.context or {}).get("workspace")


def _known_corpus(name: str, info: ValidationInfo) -> str:
    known = (info.context or {}).get("corpora")
    if known is not None and name not in known:
        raise problem(
            say(f"没有叫 {name} 的语料", f"there is no corpus {name}"),
            did_you_mean(name, known),
        )
    return name


CorpusName = Annotated[str, AfterValidator(_known_corpus)]
"""The name of a corpus of this recipe."""


def _inside(path: str, file: Path, workspace: Path) -> None:
    """Raises:
    PydanticCustomError: the file lies outside the workspace, links followed: a recipe may come from others, and would read, send to a
        model or publish what is not its own.
    """
    if not within(file, workspace):
        raise problem(
            say(
                f"{path} 在工作区之外（{leads_to(file)}），配方不能用",
                f"{path} lies outside the workspace ({leads_to(file)}): a recipe may not name it",
            ),
            say(
                f"把文件放进 {workspace}；确实要用别处的，由运行的人设环境变量 {ROOTS_ENV}=那个文件夹",
                f"put it into {workspace}; if it must stay, who runs curate sets {ROOTS_ENV} to its folder",
            ),
        )


def _existing_file(path: str, info: ValidationInfo) -> Located:
    workspace = _workspace(info)
    if workspace is not None:
        _inside(path, workspace / path, workspace)
    if workspace is not None and not (workspace / path).is_file():
        folder = (workspace / path).parent
        near = [file.name for file in folder.iterdir()] if folder.is_dir() else []
        raise problem(
            say(f"找不到文件 {path}", f"there is no file {path}"),
            did_you_mean(Path(path).name, near)
            if near
            else say(f"路径从 {workspace} 算起", f"paths start at {workspace}"),
        )
    return Located(path, (workspace or Path()) / path)


WorkspaceFile = Annotated[str, AfterValidator(_existing_file)]
"""A file; the path starts at the workspace. The value is a ``Located``: ``located(value)`` opens it."""


def located(path: str) -> Path:
    """Where the file of a ``WorkspaceFile`` is."""
    return path.where if isinstance(path, Located) else Path(path)


def _existing_folder(path: str, info: ValidationInfo) -> str:
    workspace = _workspace(info)
    if workspace is not None:
        _inside(path, workspace / path, workspace)
    if workspace is not None and not (workspace / path).is_dir():
        raise problem(
            say(f"找不到文件夹 {path}", f"there is no folder {path}"),
            say(f"路径从 {workspace} 算起", f"paths start at {workspace}"),
        )
    return path


WorkspaceFolder = Annotated[str, AfterValidator(_existing_folder)]
"""A folder; the path starts at the workspace."""


def _folder_or_name(path: str, info: ValidationInfo) -> str:
    workspace = _workspace(info)
    if workspace is not None:  # owner/name leads nowhere else: only a path can
        _inside(path, workspace / path, workspace)
    return path


FolderOrName = Annotated[str, AfterValidator(_folder_or_name)]
"""A folder of the workspace, or a name on a hub where there is no such folder."""


def _matching_files(pattern: str, info: ValidationInfo) -> str:
    workspace = _workspace(info)
    if workspace is None:
        return pattern
    # before anything is looked for: /**/*.csv would walk the whole disk
    _inside(pattern, workspace / re.split(r"[*?[]", pattern)[0], workspace)
    files = files_of(workspace, pattern)
    for file in files:
        _inside(pattern, file, workspace)
    if not files:
        raise problem(
            say(f"找不到数据文件 {pattern}", f"no file matches {pattern}"),
            say(f"路径从 {workspace} 算起", f"paths start at {workspace}"),
        )
    return pattern


def files_of(workspace: Path, pattern: str) -> list[Path]:
    """The files that a path or glob names, sorted, so that their order does not depend on the disk."""
    if any(mark in pattern for mark in "*?["):
        path = Path(pattern)
        root = Path(path.anchor) if path.is_absolute() else workspace
        relative = path.relative_to(path.anchor) if path.is_absolute() else path
        return sorted(file for file in root.glob(str(relative)) if file.is_file())
    file = workspace / pattern
    return [file] if file.is_file() else []


DataPath = Annotated[str, AfterValidator(_matching_files)]
"""A data file or a glob (``data/news/*.jsonl.gz``)."""


def _template(source: str) -> str:
    import jinja2

    from curate.algorithms.template import RowTemplate

    if "{" in source:
        try:
            RowTemplate(source)
        except jinja2.TemplateSyntaxError as error:
            raise problem(
                say(f"模板写法有误：{error.message}", f"the template is malformed: {error.message}"),
                say("列名写在 {{ }} 里，例如 {{ name }}", "column names go into {{ }}, such as {{ name }}"),
            ) from error
    return source


Template = Annotated[str, AfterValidator(_template)]
"""A Jinja template over the row's columns, or the name of one column."""


def _condition(text: str) -> str:
    from curate.sql import check_condition

    wrong = check_condition(text)
    if wrong:
        raise problem(
            say(f"条件写法有误：{text}：{wrong}", f"the condition is malformed: {text}: {wrong}"),
            say(
                "写成一个 SQL 条件，例如 city = '上海' and area_sqm > 10000",
                "write one SQL condition, such as area_sqm > 10000",
            ),
        )
    return text


Condition = Annotated[str, AfterValidator(_condition)]
"""A SQL expression over the row's columns (DuckDB's dialect), without subqueries."""


def _schema_class(reference: str, info: ValidationInfo) -> str:
    path, mark, name = reference.rpartition(":")
    if not mark or not path.endswith(".py") or not name.isidentifier():
        raise problem(
            say(f"{reference} 不是“文件.py:类名”", f"{reference} is not file.py:Class"),
            say("例如 schemas/company.py:Company", "for example schemas/company.py:Company"),
        )
    _existing_file(path, info)
    workspace = _workspace(info)
    if workspace is not None:
        try:  # read, not run: loading a recipe executes nothing
            tree = ast.parse((workspace / path).read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError) as error:
            raise problem(
                say(f"{path} 不是合法的 Python：{error}", f"{path} is not valid Python: {error}"),
            ) from error
        classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
        if name not in classes:
            raise problem(
                say(f"{path} 里没有类 {name}", f"{path} has no class {name}"),
                did_you_mean(name, classes),
            )
    return reference


SchemaReference = Annotated[str, AfterValidator(_schema_class)]
"""A pydantic model: ``schemas/company.py:Company``. The one place where a recipe runs code."""


def as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_SEVERAL = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
Names = Annotated[list[str], BeforeValidator(as_list), WithJsonSchema(_SEVERAL)]
"""Column names: a list, or one alone."""


Files = Annotated[list[WorkspaceFile], BeforeValidator(as_list), WithJsonSchema(_SEVERAL)]
"""Files: a list, or one alone."""


class NamedUnits:
    """A list item that names one unit: ``- drop_short`` or ``- drop_short: {min_chars: 8}``.

    Used as ``Annotated[Union[...], NamedUnits(*classes)]`` over models with ``use: Literal["name"]``.
    """

    def __init__(self, *units: type[Unit]) -> None:
        self.units = {unit.unit_name(): unit for unit in units}

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(self.spread, handler(source))

    def spread(self, item: Any) -> Any:
        """``{"drop_short": {...}}`` -> ``{"use": "drop_short", ...}``."""
        if isinstance(item, Form):
            return item
        if isinstance(item, str):
            name, options = item, dict[str, Any]()
        elif isinstance(item, dict) and len(item) == 1:
            name, options = next(iter(item.items()))
            options = {} if options is None else options
        else:
            raise problem(
                say(
                    "每一项只写一个名称，选项写在它下面",
                    "each item names one unit, with its options below it",
                ),
                say("例如 - drop_short: {min_chars: 8}", "for example - drop_short: {min_chars: 8}"),
            )
        if name not in self.units:
            raise problem(say(f"没有 {name}", f"there is no {name}"), did_you_mean(name, self.units))
        if not isinstance(options, dict):
            raise problem(
                say(f"{name} 的选项应写成“名称: 值”", f"the options of {name} must be a mapping"),
                did_you_mean("", [field for field in self.units[name].model_fields if field != "use"]),
            )
        return {"use": name, **options}

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        handler(core)
        properties = {}
        for name, unit in self.units.items():
            schema = in_place(TypeAdapter(unit).json_schema(by_alias=True))
            schema.get("properties", {}).pop("use", None)
            schema["required"] = [field for field in schema.get("required", []) if field != "use"]
            properties[name] = {"anyOf": [schema, {"type": "null"}], "description": unit.help_text()}
        without_options = [name for name, unit in self.units.items() if not _required(unit)]
        return {
            "anyOf": [
                {"enum": without_options},
                {
                    "type": "object",
                    "properties": properties,
                    "additionalProperties": False,
                    "minProperties": 1,
                    "maxProperties": 1,
                },
            ]
        }


def in_place(schema: dict[str, Any]) -> dict[str, Any]:
    """A unit's schema with its own definitions (there are few) where they are used: editors follow no nested $defs."""
    known = schema.pop("$defs", {})

    def placed(value: Any) -> Any:
        if isinstance(value, list):
            return [placed(item) for item in value]
        if not isinstance(value, dict):
            return value
        name = str(value.get("$ref", "")).removeprefix("#/$defs/")
        rest = {key: placed(item) for key, item in value.items() if key != "$ref"}
        return {**placed(known[name]), **rest} if name else rest

    found: dict[str, Any] = placed(schema)
    return found


def _required(unit: type[Unit]) -> list[str]:
    return [name for name, field in unit.model_fields.items() if field.is_required() and name != "use"]
