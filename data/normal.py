"""The normal form of a text, its shingles, and how alike two texts are (exact Jaccard)."""

import unicodedata
from collections import Counter, defaultdict

_DROP = "，。！？、；：“”‘’（）《》〈〉【】「」『』…—～·!?;\"'()[]{}<>~"
_TABLE = str.maketrans("", "", _DROP)


def normal(text: str) -> str:
    return unicodedata.normalize("NFKC", "".join(text.split()).translate(_TABLE)).lower()


def width(text: str) -> int:
    """The shingle length that suits a normal form."""
    return 2 if len(text) <= 30 else 3 if len(text) <= 200 else 5


def shingles(text: str) -> frozenset[str]:
    form = normal(text)
    n = width(form)
    return frozenset(form[i : i + n] for i in range(max(1, len(form) - n + 1))) if form else frozenset()


def jaccard(one: str, other: str) -> float:
    a, b = shingles(one), shingles(other)
    return len(a & b) / len(a | b) if a and b else 0.0


class Shingled:
    """Texts by number; finds the ones that share shingles with a new text."""

    def __init__(self) -> None:
        self.sets: list[frozenset[str]] = []
        self._where: defaultdict[str, list[int]] = defaultdict(list)

    def similar(self, text: str, at_least: float) -> list[tuple[int, float]]:
        mine = shingles(text)
        shared = Counter(number for shingle in mine for number in self._where.get(shingle, ()))
        scored = (
            (number, same / (len(mine) + len(self.sets[number]) - same)) for number, same in shared.items()
        )
        return [(number, score) for number, score in scored if score >= at_least]

    def add(self, text: str) -> None:
        self.sets.append(shingles(text))
        for shingle in self.sets[-1]:
            self._where[shingle].append(len(self.sets) - 1)
