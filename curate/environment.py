"""Values that a recipe takes from the environment: ``${NAME}``. Secrets are named there, never written."""

from __future__ import annotations

import os
import re

from curate.errors import CurateError
from curate.language import say

_NAMED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def named_in(text: str) -> list[str]:
    """The variables that a text names."""
    return _NAMED.findall(text)


def unset(names: list[str]) -> list[str]:
    """Those that are not set, each once."""
    return [name for name in dict.fromkeys(names) if not os.environ.get(name)]


def shown(text: str) -> str:
    """The text with the values that are set; the others stay as they are written."""
    return _NAMED.sub(lambda found: os.environ.get(found[1]) or found[0], text)


def value_of(name: str) -> str:
    """Raises:
    CurateError: the variable is not set.
    """
    there = os.environ.get(name)
    if not there:
        raise CurateError(
            say(f"环境变量 {name} 没有设置", f"the environment variable {name} is not set"),
            say(f"先运行 export {name}=…", f"run export {name}=… first"),
        )
    return there


def filled(text: str) -> str:
    """The text with all its values.

    Raises:
        CurateError: a variable is not set.
    """
    return _NAMED.sub(lambda found: value_of(found[1]), text)


def who() -> str:
    """The operating system's user, by number: the environment (USER, LOGNAME) may say anything."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user without a name
        return f"uid {os.getuid()}"
