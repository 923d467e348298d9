"""A schema file: a pydantic model that says what a good row is. The one place where a recipe runs code."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import sys
import types
import typing
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel

from curate.errors import CurateError
from curate.files import sha256_of, sha256_of_file, within
from curate.language import say

#: Python type of a field -> type of its column; what is not listed here is kept as text
COLUMN_TYPES: dict[Any, pl.DataType] = {
    str: pl.String(),
    int: pl.Int64(),
    float: pl.Float64(),
    bool: pl.Boolean(),
    date: pl.Date(),
    datetime: pl.Datetime("us"),
    list[str]: pl.List(pl.String()),
    list[int]: pl.List(pl.Int64()),
    list[float]: pl.List(pl.Float64()),
}


@contextmanager
def _without_bytecode() -> Iterator[None]:
    """Python takes a file of the same size and second for unchanged: bytecode of a schema would hide an edit."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def load_model(workspace: Path, reference: str) -> type[BaseModel]:
    """The class that ``schemas/company.py:Company`` names; runs the file.

    The file's folder is a package of its own, so that schemas share types (``from .fields import ...``)
    without being on anybody's import path.

    Raises:
        CurateError: the file does not run, or the name is no pydantic model.
    """
    path, _, name = reference.rpartition(":")
    file = (workspace / path).resolve()
    for one in sorted(_with_neighbours(file, set())):
        _need_within(one, workspace)
    package = f"curate_schemas_{hashlib.sha256(str(file.parent).encode()).hexdigest()[:12]}_{schema_digest(file)[:12]}"
    module_name = f"{package}.{file.stem}"
    if module_name not in sys.modules:
        if package not in sys.modules:
            parent = types.ModuleType(package)
            parent.__path__ = [str(file.parent)]
            sys.modules[package] = parent
        spec = importlib.util.spec_from_file_location(module_name, file)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        try:
            with _without_bytecode():
                spec.loader.exec_module(module)
        except Exception as error:  # it is the user's code: anything may come
            del sys.modules[module_name]
            raise CurateError(
                say(
                    f"数据规范 {path} 运行出错：{type(error).__name__}: {error}",
                    f"the schema {path} fails: {error!r}",
                ),
                say("改好这个文件后再试", "mend that file"),
            ) from error
    model = getattr(sys.modules[module_name], name, None)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise CurateError(
            say(f"{reference} 不是 pydantic 模型", f"{reference} is no pydantic model"),
            say("类要继承 pydantic.BaseModel", "the class must inherit from pydantic.BaseModel"),
        )
    return model


def _need_within(file: Path, workspace: Path) -> None:
    """Raises:
    CurateError: the file lies outside the workspace: its code is not run.
    """
    if not within(file, workspace):
        raise CurateError(
            say(
                f"数据规范 {file} 在工作区之外，不会运行它的代码",
                f"the schema {file} lies outside the workspace: its code is not run",
            ),
            say(f"把它放进 {workspace}", f"put it into {workspace}"),
        )


def schema_digest(file: Path) -> str:
    """Digest of a schema file and of the neighbours that it imports (``from .fields import ...``).

    Raises:
        CurateError: one of them is not Python.
    """
    found = sorted(_with_neighbours(file, set()))
    return sha256_of({os.path.relpath(path, file.parent): sha256_of_file(path) for path in found})


def _with_neighbours(file: Path, seen: set[Path]) -> set[Path]:
    if file in seen or not file.is_file():
        return seen
    seen.add(file)
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError) as error:  # ValueError: not UTF-8, or null bytes
        raise CurateError(
            say(
                f"数据规范 {file} 不是合法的 Python：{error}",
                f"the schema {file} is not valid Python: {error}",
            ),
            say("改好这个文件后再试", "mend that file"),
        ) from error
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            for place in _places(file, node):
                _with_neighbours(place.with_name(f"{place.name}.py"), seen)
                _with_neighbours(place / "__init__.py", seen)
    return seen


def _places(file: Path, node: ast.ImportFrom) -> list[Path]:
    """What a relative import may run, without its ending: ``from ..a.b import c`` runs ../a, ../a/b and perhaps ../a/b/c."""
    folder = file.parent
    for _ in range(node.level - 1):
        folder = folder.parent
    steps = node.module.split(".") if node.module else []
    packages = [folder.joinpath(*steps[: number + 1]) for number in range(len(steps))]
    return [*packages, *(folder.joinpath(*steps, alias.name) for alias in node.names if alias.name != "*")]


def column_types(model: type[BaseModel]) -> dict[str, pl.DataType]:
    """Field -> type of its column."""
    return {name: _column_type(field.annotation) for name, field in model.model_fields.items()}


def written_as_json(annotation: Any) -> bool:
    """Is a value of this type JSON where it stands in a cell of text?"""
    if typing.get_origin(annotation) is typing.Annotated:
        return written_as_json(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        members = [member for member in typing.get_args(annotation) if member is not type(None)]
        return all(map(written_as_json, members))
    kind = typing.get_origin(annotation) or annotation
    return isinstance(kind, type) and issubclass(kind, list | tuple | set | frozenset | dict | BaseModel)


def _column_type(annotation: Any) -> pl.DataType:
    if typing.get_origin(annotation) is typing.Annotated:
        return _column_type(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        members = [member for member in typing.get_args(annotation) if member is not type(None)]
        return _column_type(members[0]) if len(members) == 1 else pl.String()
    if typing.get_origin(annotation) is list:
        (item,) = typing.get_args(annotation)
        return pl.List(_column_type(item))
    return COLUMN_TYPES.get(annotation, pl.String())
