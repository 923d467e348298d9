"""Tables as plain text."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console
from rich.table import Table as Grid


def drawn(*parts: Any, width: int = 120) -> str:
    """Rich's tables as plain text: a log reads as a terminal does."""
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=False, highlight=False, markup=False)
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, str))
    return out.getvalue().rstrip("\n")


def columns(*heads: str, right: tuple[int, ...] = ()) -> Grid:
    """An empty table; the columns of the numbers ``right`` are aligned to the right, and never broken."""
    grid = Grid(box=None, pad_edge=False, header_style="")
    for place, head in enumerate(heads):
        number = place in right
        grid.add_column(head, justify="right" if number else "left", overflow="fold", no_wrap=number)
    return grid
