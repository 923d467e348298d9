"""One unit of work: a frozen pydantic model whose fields are its YAML, its help text and its cache key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from curate.files import sha256_of_file
from curate.language import pick


class Located(str):
    """A path as the recipe writes it, that knows where the file is."""

    where: Path

    def __new__(cls, path: str, where: Path) -> Located:
        located = super().__new__(cls, path)
        located.where = where
        return located


class Form(BaseModel):
    """A section of the recipe: unknown options are refused, and nothing changes after loading."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True
    )

    @classmethod
    def unit_name(cls) -> str:
        """``DropShort`` -> ``drop_short``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def help_text(cls) -> str:
        """The first paragraph of the docstring, in the reader's language."""
        first = (cls.__doc__ or "").strip().split("\n\n")[0]
        return pick(" ".join(first.split()))


class Unit(Form):
    """A section that does work and whose result is kept on disk under its fingerprint.

    ``version`` rises when the same options give other rows. ``libraries`` names the packages whose releases
    change the result (a dictionary inside OpenCC, a heuristic of ftfy): their installed versions are part
    of the fingerprint.
    """

    version: ClassVar[int] = 1
    libraries: ClassVar[tuple[str, ...]] = ()
    #: options that choose where the unit runs, not what it does
    not_in_fingerprint: ClassVar[frozenset[str]] = frozenset({"use", "only"})

    def fingerprint(self) -> dict[str, Any]:
        """What the result depends on besides its input; options at their defaults are left out, so that a
        new option with a default keeps old results. Of a file that an option names the content counts.
        """
        options = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        files = {
            path: sha256_of_file(path.where)
            for field in type(self).model_fields
            for path in _files_in(getattr(self, field))
        }
        return {
            "unit": self.unit_name(),
            "version": self.version,
            "libraries": {name: installed(name) for name in self.libraries},
            "options": {
                name: value for name, value in options.items() if name not in self.not_in_fingerprint
            },
            **({"files": files} if files else {}),
        }


def _files_in(value: Any) -> Iterator[Located]:
    """The files that an option names."""
    if isinstance(value, Located):
        yield value
    elif isinstance(value, Form):
        for field in type(value).model_fields:
            yield from _files_in(getattr(value, field))
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _files_in(item)
