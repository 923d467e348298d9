"""A corpus under construction: plain rows, then what is planted in them, with a line of truth for each."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from layout import LAYOUTS, Row, render
from normal import Shingled, normal, width


@dataclass
class Entry:
    """A row as it is written (`raw`) and as it must be after cleaning (`clean`)."""

    raw: Row
    clean: Row
    used: bool = False


@dataclass
class Corpus:
    name: str
    rng: random.Random
    make: Callable[[], Row]
    keys: Iterator[str]
    novelty: float = 0.42  # a new plain row is at most this similar to any other
    wrap: Callable[[str], str] = str  # how the body is written (news: as HTML)
    entries: list[Entry] = field(default_factory=list)
    truth: list[dict[str, Any]] = field(default_factory=list)
    broken: list[tuple[str, bytes, str]] = field(default_factory=list)  # kind, line, note
    seen: Shingled = field(default_factory=Shingled)

    def __post_init__(self) -> None:
        self.layout = LAYOUTS[self.name]

    def fresh(self) -> Row:
        """A plain row that resembles no other, with a new key."""
        for _ in range(400):
            row = self.make()
            text = render(self.name, row)
            if not self.seen.similar(text, self.novelty):
                self.seen.add(text)
                return {self.layout.key: next(self.keys), **row}
        raise RuntimeError(f"{self.name}：词汇不够，凑不出新的行")

    def add(self, row: Row, used: bool = False) -> Entry:
        body = self.layout.body
        raw = dict(row)
        if isinstance(raw[body], str):
            raw[body] = self.wrap(raw[body])
        self.entries.append(Entry(raw, dict(row), used))
        return self.entries[-1]

    def fill(self, count: int) -> None:
        for _ in range(count):
            self.add(self.fresh())

    def take(self, fits: Callable[[Row], bool] = lambda row: True) -> Entry:
        """A plain row in which nothing is planted yet; nothing else will be."""
        free = [entry for entry in self.entries if not entry.used and fits(entry.clean)]
        entry = self.rng.choice(free)
        entry.used = True
        return entry

    def copy(self, entry: Entry, **changes: Any) -> Row:
        """The clean row again under a new key."""
        return {**entry.clean, self.layout.key: next(self.keys), **changes}

    def note(self, row: Row, kind: str, **more: Any) -> None:
        self.truth.append({"corpus": self.name, "key": row[self.layout.key], "kind": kind, **more})

    def dirty(self, entry: Entry, kind: str, dirty: str, clean: str) -> None:
        """Write `dirty` into the main text; after cleaning it must read `clean`."""
        body = self.layout.body
        entry.raw[body], entry.clean[body] = self.wrap(dirty), clean
        self.note(entry.raw, kind, field=body, dirty=entry.raw[body], clean=clean)


def comfortable(text: str) -> bool:
    """Is the text far enough from the lengths at which shingles change their width?"""
    length = len(normal(text))
    return width("字" * max(1, length - 8)) == width("字" * (length + 8))
