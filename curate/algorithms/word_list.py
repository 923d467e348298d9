"""Words that people list, by category, found in texts however they are dressed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from curate.algorithms.term_matcher import TermMatcher, folded

#: Letters and digits in another dress: full-width, raised, circled, bracketed, mathematical. Full-width marks, which
#: stand in every Chinese text, are none.
DRESSED = (
    r"[\x{FF10}-\x{FF19}\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}\x{2070}-\x{209F}\x{2100}-\x{214F}\x{2460}-\x{24FF}"
    r"\x{3200}-\x{33FF}\x{F900}-\x{FAFF}\x{1D400}-\x{1D7FF}\x{1F100}-\x{1F1FF}]"
)
MARKS = r"[^\p{L}\p{N}]+"
#: a word that was found: the place of the text and the word as its list spells it first
FOUND = {"place": pl.UInt32, "word": pl.String}


@dataclass(frozen=True)
class Word:
    """A word of a list. ``line``: where it stands, for messages."""

    spelling: str
    category: str
    file: str
    line: int


@dataclass(frozen=True)
class _View:
    """One way to look at texts. ``names``: a word as it looks there -> as its list spells it first."""

    marks: bool
    matcher: TermMatcher
    names: dict[str, str]


class WordList:
    """Finds listed words. Words that are alike under the options are one word with all their categories.

    Args:
        shields: longer words that hold a listed one without harm (内蒙古).
        ignore_case: ASCII letters match in any case.
        ignore_width: letters and digits in another dress match plain ones (compatibility forms, NFKC; only the copy
            that is searched changes).
        ignore_marks: words are also found in the text without its marks, spaces and signs; Latin words only where no
            Latin letter is beside them then (用V*P*N上网, not "buy V P N now").

    Attributes:
        categories: a word as its list spells it first -> its categories, sorted.
        faults: words that cannot match: nothing but marks, or shielded by themselves.
    """

    def __init__(
        self,
        words: Sequence[Word],
        shields: Iterable[str] = (),
        *,
        ignore_case: bool,
        ignore_width: bool,
        ignore_marks: bool,
    ) -> None:
        self.ignore_case, self.ignore_width, self.ignore_marks = ignore_case, ignore_width, ignore_marks
        keys, shield_keys = self._keys([word.spelling for word in words]), set(self._keys([*shields]))
        self.faults = [word for word, key in zip(words, keys, strict=True) if not key or key in shield_keys]
        names: dict[str, str] = {}
        categories: dict[str, set[str]] = {}
        for word, key in zip(words, keys, strict=True):
            name = names.setdefault(key, word.spelling)
            categories.setdefault(name, set()).add(word.category)
        self.categories = {name: tuple(sorted(found)) for name, found in categories.items()}
        spelt = {word.spelling: names[key] for word, key in zip(words, keys, strict=True)}
        views = (True, False) if ignore_marks else (True,)
        self._views = [self._view(spelt, [*shields], marks) for marks in views]

    def find(self, texts: pl.Series) -> pl.DataFrame:
        """The columns of ``FOUND``: each word once a text, in the order of the texts."""
        found = [self._found(texts, view) for view in self._views]
        return pl.concat(found).unique(maintain_order=True).sort("place", maintain_order=True)

    def _found(self, texts: pl.Series, view: _View) -> pl.DataFrame:
        hits = view.matcher.hits(self._plain(texts, view.marks)).filter(pl.col("term").is_in([*view.names]))
        return hits.select(
            "place", pl.col("term").replace_strict(view.names, return_dtype=pl.String).alias("word")
        )

    def _view(self, spelt: dict[str, str], shields: list[str], marks: bool) -> _View:
        looks = self._plain(pl.Series([*spelt], dtype=pl.String), marks)
        names = {look: name for look, name in zip(looks, spelt.values(), strict=True) if look}
        shielding = self._plain(pl.Series(shields, dtype=pl.String), marks)
        terms = [*names, *(look for look in shielding if look)]
        return _View(marks, TermMatcher(terms, ignore_case=self.ignore_case), names)

    def _keys(self, spellings: list[str]) -> list[str]:
        """What is one word under the options has one key."""
        plain = self._plain(pl.Series(spellings, dtype=pl.String), marks=not self.ignore_marks)
        return [folded(look) if self.ignore_case else look for look in plain]

    def _plain(self, texts: pl.Series, marks: bool) -> pl.Series:
        """The copy that is searched; with its ``marks`` or without them."""
        text = pl.col("x")
        plain = text.str.normalize("NFKC") if self.ignore_width else text
        frame = texts.alias("x").to_frame()
        if self.ignore_width:
            dressed = frame.select(text.str.contains(DRESSED).fill_null(False).arg_true())["x"]
            if not dressed.is_empty():
                new = frame[dressed].select(plain)["x"]
                frame = frame["x"].clone().scatter(dressed, new).to_frame()
        return frame["x"] if marks else frame.select(text.str.replace_all(MARKS, ""))["x"]
