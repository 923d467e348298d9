"""Lists every key that the installed LLaMA-Factory accepts, as ``arguments.json`` keeps it.

Run by the Python of the train environment; needs nothing of curate:

    python list_arguments.py arguments.json
"""

from __future__ import annotations

import dataclasses
import enum
import json
import os
import sys
import types
import typing
from pathlib import Path
from typing import Any

#: what its parser lets pass and what fails or is silently ignored later: key -> where the values are listed
LISTED = {
    "flash_attn": "AttentionFunction",
    "infer_backend": "EngineName",
    "rope_scaling": "RopeScaling",
}
#: of the enum's methods those that quantize while loading; the others name what a checkpoint already is
QUANTIZERS = ("bnb", "hqq", "eetq")


def simple(kind: Any) -> tuple[set[str], list[Any]]:
    """Names of the JSON types that an annotation takes, and its values where they are listed."""
    if kind is type(None):
        return {"null"}, []
    if typing.get_origin(kind) is typing.Literal:
        values = list(typing.get_args(kind))
        return {name for value in values for name in simple(type(value))[0]}, values
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        parts = [simple(part) for part in typing.get_args(kind)]
        return set().union(*(names for names, _ in parts)), [value for _, values in parts for value in values]
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return {"str"}, [member.value for member in kind]
    plain = typing.get_origin(kind) or kind
    known = {bool: "bool", int: "int", float: "float", str: "str", dict: "dict", list: "list"}
    # anything else is the trainer's own object, or not said
    return {known.get(plain, "any")}, []


def default_of(field: dataclasses.Field[Any]) -> Any:
    value = field.default
    if field.default_factory is not dataclasses.MISSING:
        value = field.default_factory()
    if isinstance(value, enum.Enum):
        value = value.value
    return value if isinstance(value, bool | int | float | str | list | dict) else None


def keys_of(groups: list[Any]) -> dict[str, dict[str, Any]]:
    """Each key with its types, default, values where they are listed, and the argument class that has it."""
    keys = {}
    for group in groups:
        hints = typing.get_type_hints(group)
        for field in dataclasses.fields(group):
            if not field.init:
                continue
            names, values = simple(hints[field.name])
            keys[field.name] = {"class": group.__name__, "types": sorted(names), "default": default_of(field)}
            values = values or list(field.metadata.get("choices") or [])
            if values:
                keys[field.name]["values"] = values
    return keys


def listing() -> dict[str, Any]:
    from importlib.metadata import version

    from llamafactory.data.template import TEMPLATES  # type: ignore[import-not-found, unused-ignore]
    from llamafactory.data.tool_utils import TOOLS  # type: ignore[import-not-found, unused-ignore]
    from llamafactory.extras import constants  # type: ignore[import-not-found, unused-ignore]
    from llamafactory.hparams import parser  # type: ignore[import-not-found, unused-ignore]
    from transformers.integrations.integration_utils import (  # type: ignore[import-not-found, unused-ignore]
        INTEGRATION_TO_CALLBACK,
    )

    train, infer = keys_of(parser._TRAIN_ARGS), keys_of(parser._INFER_ARGS)
    assert set(infer) <= set(train)
    for name, values in LISTED.items():
        train[name]["values"] = [member.value for member in getattr(constants, values)]
    methods = {member.value for member in constants.QuantizationMethod}
    assert methods.issuperset(QUANTIZERS)
    train["quantization_method"]["values"] = list(QUANTIZERS)
    train["report_to"]["values"] = ["all", "none", *sorted(INTEGRATION_TO_CALLBACK)]
    train["template"]["values"] = sorted(TEMPLATES)
    train["tool_format"]["values"] = sorted(TOOLS)
    for name in train:
        train[name]["train_only"] = name not in infer
    # as pip has it: without the name of the build
    versions = {
        name: version(name).split("+")[0] for name in ("llamafactory", "transformers", "datasets", "torch")
    }
    return {"versions": versions, "keys": dict(sorted(train.items()))}


def main() -> None:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    found = listing()
    # one line a key: a new release of LLaMA-Factory shows as the lines that differ
    keys = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(about, sort_keys=True)}" for name, about in found["keys"].items()
    )
    text = f'{{"versions": {json.dumps(found["versions"])},\n"keys": {{\n{keys}\n}}}}\n'
    Path(sys.argv[1]).write_text(text, encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
