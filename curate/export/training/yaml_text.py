"""Settings as YAML that every parser reads to the same values, each with its reason behind it.

YAML 1.1 (PyYAML, OmegaConf) and 1.2 differ: ``no`` and ``on`` are booleans for one of them, ``1e-4`` is text for the
other. So floats are written out, and a word that any of them could take for something else stands in quotes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from curate.language import say

#: words that some parser takes for a truth value or for nothing
WORDS = {"true", "false", "yes", "no", "on", "off", "y", "n", "null", "none", "~"}
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./+-]*(,[A-Za-z0-9_./+-]+)*")


@dataclass(frozen=True)
class Setting:
    """One key of a trainer's YAML. Without a key it is a remark: a line of comment."""

    section: str
    key: str
    value: Any
    reason: str


def section_title(section: str) -> str:
    """The heading of a section."""
    return {
        "model": say("模型", "model"),
        "method": say("方法", "method"),
        "data": say("数据", "data"),
        "training": say("训练", "training"),
        "evaluation": say("验证和早停", "validation and early stopping"),
        "output": say("输出", "output"),
        "generation": say("生成", "generation"),
        "recipe": say("配方另加的", "added by the recipe"),
    }[section]


def scalar(value: Any) -> str:
    """A value in plain or flow style."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(scalar(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{scalar(str(key))}: {scalar(item)}' for key, item in value.items())}}}"
    return _text(str(value))


def _number(value: float) -> str:
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    digits = format(Decimal(repr(value)), "f")
    return digits if "." in digits else f"{digits}.0"


def _text(value: str) -> str:
    if PLAIN.fullmatch(value) and value.lower() not in WORDS:
        return value
    # JSON's quotes are YAML's; what YAML takes for a line's end or forbids is escaped
    quoted = json.dumps(value, ensure_ascii=False)
    return re.sub(
        r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", quoted
    )


def yaml_text(head: Iterable[str], settings: Iterable[Setting]) -> str:
    """The file: ``head`` as comment, then section by section ``key: value  # reason``."""
    lines = [f"# {_one_line(line)}".rstrip() for line in head]
    for section, group in groupby(settings, key=lambda setting: setting.section):
        lines += ["", f"### {section_title(section)}"]
        for setting in group:
            reason = f"  # {_one_line(setting.reason)}" if setting.reason else ""
            lines.append(f"{setting.key}: {scalar(setting.value)}{reason}" if setting.key else reason.strip())
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())
