"""A glossary: one canonical term for each thing, and the other forms in which people write it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from curate.algorithms.term_matcher import folded
from curate.language import say

Kind = Literal["canonical", "alias", "forbidden"]


@dataclass(frozen=True)
class Entry:
    """A row of a glossary or a code table. ``place``: where it stands, for messages: ``terms.csv:7``."""

    place: str
    canonical: str
    aliases: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    code: str = ""
    system: str = ""

    def forms(self) -> Iterator[tuple[str, Kind]]:
        yield self.canonical, "canonical"
        yield from ((form, "alias") for form in self.aliases if form != self.canonical)
        yield from ((form, "forbidden") for form in self.forbidden)


@dataclass(frozen=True)
class Fault:
    """Where a glossary contradicts itself."""

    entry: Entry
    what: str
    hint: str


class Glossary:
    """The forms of all entries, each with one meaning; what contradicts itself is in ``faults``.

    A form belongs to one canonical term only, and a canonical term is no form of another: so a text has one outcome,
    and replacements form neither chains nor circles.

    Args:
        ignore_case: forms that differ only in the case of ASCII letters are one.
    """

    def __init__(self, entries: Iterable[Entry], *, ignore_case: bool = False) -> None:
        self.faults: list[Fault] = []
        #: form -> its kind and its entry
        self.forms: dict[str, tuple[Kind, Entry]] = {}
        self._written: dict[str, str] = {}
        self._codes: dict[tuple[str, str], Entry] = {}
        self._ignore_case = ignore_case
        known = list(entries)
        forms = [(form, kind, entry) for entry in known for form, kind in entry.forms()]
        for form, kind, entry in sorted(forms, key=lambda one: one[1] != "canonical"):
            self._add(form, kind, entry)
        for entry in known:
            self._add_code(entry)

    @property
    def codes(self) -> set[str]:
        return {code for _, code in self._codes}

    def meaning(self, form: str, found: str) -> tuple[Kind, str]:
        """(kind, canonical term) of a form as it was ``found`` in a text. A canonical term that was found in another
        case is an alias of itself.
        """
        kind, entry = self.forms[form]
        return "alias" if kind == "canonical" and found != form else kind, entry.canonical

    def _add(self, form: str, kind: Kind, entry: Entry) -> None:
        """Of equal forms the first counts; canonical terms come first."""
        written = self._written.setdefault(folded(form) if self._ignore_case else form, form)
        before, other = self.forms.setdefault(written, (kind, entry))
        if entry is other and kind == before:
            return
        if other.canonical != entry.canonical:
            self._fault(entry, *_other_term(form, kind, entry, before, other))
        elif before == kind == "canonical" and (entry.code, entry.system) == (other.code, other.system):
            self._fault(
                entry,
                say(
                    f"标准词 {form} 在 {other.place} 已有",
                    f"the canonical term {form} is at {other.place} too",
                ),
                say("合并成一行", "put the two into one row"),
            )
        elif kind == "forbidden" != before:
            self._fault(
                entry,
                say(f"{form} 既可用又禁用", f"{form} is both forbidden and a term or its alias"),
                say("禁用词不能同时是标准词或别名", "take it out of one of the columns"),
            )

    def _add_code(self, entry: Entry) -> None:
        other = self._codes.setdefault((entry.system, entry.code), entry) if entry.code else entry
        if other.canonical != entry.canonical:
            self._fault(
                entry,
                say(
                    f"代码 {entry.code} 是 {entry.canonical}，在 {other.place} 却是 {other.canonical}",
                    f"the code {entry.code} is {entry.canonical}, but {other.canonical} at {other.place}",
                ),
                say("一个代码只对应一个标准词", "a code stands for one canonical term"),
            )

    def _fault(self, entry: Entry, what: str, hint: str) -> None:
        self.faults.append(Fault(entry, what, hint))


def _other_term(form: str, kind: Kind, entry: Entry, before: Kind, other: Entry) -> tuple[str, str]:
    """What to say of a form that two canonical terms claim."""
    if before != "canonical":
        what = say(
            f"{form} 是 {entry.canonical} 的另一种写法，在 {other.place} 又是 {other.canonical} 的",
            f"{form} is a form of {entry.canonical}, and of {other.canonical} at {other.place}",
        )
        return what, say("只留在一处", "leave it in one place")
    if kind == "canonical":
        what = say(
            f"标准词 {form} 与 {other.place} 的 {other.canonical} 只差大小写",
            f"the canonical term {form} differs only in case from {other.canonical} at {other.place}",
        )
        return what, say("只留一个，或写 ignore_case: false", "leave one, or set ignore_case: false")
    what = say(
        f"{form} 是 {entry.canonical} 的另一种写法，在 {other.place} 却是标准词",
        f"{form} is a form of {entry.canonical}, but a canonical term at {other.place}",
    )
    return what, say(
        "标准词不能再被替换：两行合并成一行，或删掉一处",
        "a canonical term is not replaced: put the two rows into one, or take one out",
    )
