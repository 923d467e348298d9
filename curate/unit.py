"""One unit of work: a frozen pydantic model whose fields are its YAML, its help text and its cache key."""

from __future__ import annotations

import re
from importlib.metadata import version as installed
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from curate.language import pick


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
        new option with a default keeps old results.
        """
        options = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return {
            "unit": self.unit_name(),
            "version": self.version,
            "libraries": {name: installed(name) for name in self.libraries},
            "options": {
                name: value for name, value in options.items() if name not in self.not_in_fingerprint
            },
        }
