"""The file in which a person confirms boilerplate: one pattern a line.

``^`` in front: at the beginning of a text; ``$`` behind: at its end; neither: a whole line, wherever it stands. ``*``
stands for anything within the line. A backslash makes ``^ $ * #`` ordinary characters. A line that begins with ``#`` is
a comment, and so is what follows a tab and ``#``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from curate.language import say


@dataclass(frozen=True)
class ConfirmedLine:
    """One pattern: ``where`` is line, head or tail; ``shown`` as the file writes it; ``parts``: the texts around *."""

    where: str
    shown: str
    parts: tuple[str, ...]

    @property
    def regex(self) -> str:
        return r"[^\n]*?".join(pl.escape_regex(part) for part in self.parts)

    @property
    def trigger(self) -> str:
        """A text that holds the pattern holds this."""
        return max(self.parts, key=len)

    def covers(self, where: str, line: str) -> bool:
        """Whether it would remove this candidate."""
        return where == self.where and re.fullmatch(self.regex, line) is not None


class Malformed(ValueError):
    """A line of the file is no pattern.

    Args:
        line: its number, from 1.
    """

    def __init__(self, line: int, problem: str, hint: str) -> None:
        super().__init__(problem)
        self.line, self.problem, self.hint = line, problem, hint


def read_confirmed(file: Path) -> list[ConfirmedLine]:
    """Raises: Malformed."""
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    read = [_parsed(number, line) for number, line in enumerate(lines, 1)]
    return [pattern for pattern in read if pattern]


def _parsed(number: int, line: str) -> ConfirmedLine | None:
    shown = re.split(r"\t+#", line)[0].strip()
    if not shown or shown.startswith("#"):
        return None
    where, body = "line", shown
    if body.startswith("^"):
        where, body = "head", body[1:]
    elif re.search(r"(?<!\\)(?:\\\\)*\$$", body):
        where, body = "tail", body[:-1]
    parts = [re.sub(r"\\(.)", r"\1", part) for part in re.split(r"(?<!\\)\*+", body)]
    if len(max(parts, key=len).strip()) < 2:
        raise Malformed(
            number,
            say(f"“{shown}”会去掉几乎任何内容", f'"{shown}" would remove almost anything'),
            say("除了 * 至少再写两个字", "write at least two characters besides *"),
        )
    return ConfirmedLine(where, shown, tuple(parts))


def written(where: str, line: str) -> str:
    """A candidate as a line of the file."""
    text = re.sub(r"([\\*])", r"\\\1", line)
    text = re.sub(r"^([#^])", r"\\\1", text)
    text = re.sub(r"\$$", r"\\$", text)
    return {"head": f"^{text}", "tail": f"{text}$"}.get(where, text)


def as_file(found: pl.DataFrame, confirmed: Iterable[ConfirmedLine], about: str) -> str:
    """The text of the file: what is confirmed, then the candidates as comments; taking away a line's ``#`` confirms it.

    Args:
        found: where, line, rows, share, confirmed.
        about: what was counted, for the first line.
    """
    how = say(
        "去掉一行最前面的 # 就是确认：以后清洗时去掉这一行。^ 在开头，$ 在结尾，都没有就是整行；* 代表任意内容。",
        "Take away the # in front of a line to confirm it. ^: at the beginning of a text, $: at its end, neither: a whole line; * is anything.",
    )
    lines = [f"# {about}", f"# {how}", "", *(pattern.shown for pattern in confirmed), ""]
    fresh = found.filter(~pl.col("confirmed")).select("where", "line", "rows", "share")
    for where, line, rows, share in fresh.iter_rows():
        count = say(f"{rows:,} 行", f"{rows:,} rows")
        lines.append(f"#{written(where, line)}\t# {count} {share:.1%}")
    return "\n".join(lines) + "\n"
