"""Facts that a rewording must not touch: taken out of a text, put back afterwards, and compared.

A model that paraphrases or translates sees ⟦1⟧ for 1,200家 and cannot change it. Locked are the claims of ``grounding`` (numbers
with units, dates, codes, addresses, quotations, Latin words, places, people, registered names of companies), the names that the
caller gives, and whatever digits are left.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from curate.algorithms.grounding.checking import unsupported
from curate.algorithms.grounding.claims import claims
from curate.algorithms.grounding.kinds import Claim

_PLACEHOLDER = re.compile(r"⟦[ ]?([0-9]{1,6})[ ]?⟧")
#: our own marks in a text, whole or single, and digits that belong to no claim
_ALSO = re.compile(r"⟦[0-9 ]*⟧|[⟦⟧]|[0-9０-９]+(?:[.,][0-9０-９]+)*")
_DIGIT = re.compile("[0-9０-９⟦⟧]")
#: an organisation whose run holds one of these does not begin where the run does
_INSIDE = re.compile("[的了在是由于和与及或对向从被把将为到至给让使如按就都也并但则其该此这那每本来自,，。]")

#: What became of the placeholders: one is lost, twice there, of no value, or a digit or value stands outside of them.
Broken = Literal["missing", "doubled", "invented", "outside"]


@dataclass(frozen=True)
class Locked:
    """``text`` with ⟦1⟧, ⟦2⟧ … in place of ``values[0]``, ``values[1]`` …"""

    text: str
    values: tuple[str, ...]


def lock(text: str, names: Iterable[str] = ()) -> Locked:
    """A text without its facts. ``names``: what must stay besides them, word for word.

    >>> lock("3月5日，1,200家企业到场")
    Locked(text='⟦1⟧，⟦2⟧企业到场', values=('3月5日', '1,200家'))
    """
    spans = _apart([*_named(text, names), *_claimed(text), *(found.span() for found in _ALSO.finditer(text))])
    # the same value elsewhere, where it is no claim: it must not look like one that a model let out
    values = {text[start:end] for start, end in spans if end - start > 1}
    spans = _apart([*spans, *_named(text, values)], keep=len(spans))
    pieces, last = [], 0
    for place, (start, end) in enumerate(spans, 1):
        pieces += [text[last:start], f"⟦{place}⟧"]
        last = end
    return Locked("".join([*pieces, text[last:]]), tuple(text[start:end] for start, end in spans))


def unlock(text: str, values: Iterable[str]) -> str | None:
    """A reworded text with its facts in place; None where ``broken`` tells why that cannot be done."""
    told = tuple(values)
    if broken(text, told):
        return None
    return _PLACEHOLDER.sub(lambda found: told[int(found[1]) - 1], text)


def broken(text: str, values: Iterable[str]) -> Broken | None:
    """What is wrong with the placeholders of a reworded text; None if each stands in it once and no fact beside them."""
    told = tuple(values)
    seen = Counter(int(found) for found in _PLACEHOLDER.findall(text))
    if any(not 1 <= number <= len(told) for number in seen):
        return "invented"
    if any(count > 1 for count in seen.values()):
        return "doubled"
    if len(seen) < len(told):
        return "missing"
    rest = _PLACEHOLDER.sub("\n", text)
    if _DIGIT.search(rest) or any(len(value) > 1 and value in rest for value in told):
        return "outside"
    return None


def same_facts(before: str, after: str) -> list[Claim]:
    """The claims of one text that the other lacks: first those that were lost, then those that are new; empty if both say the same.

    A lost claim's place is one in ``before``, a new one's in ``after``.
    """
    return unsupported(before, after) + unsupported(after, before)


def _named(text: str, names: Iterable[str]) -> Iterator[tuple[int, int]]:
    for name in sorted({name for name in names if name}, key=lambda name: (-len(name), name)):
        yield from (found.span() for found in re.finditer(re.escape(name), text))


def _claimed(text: str) -> Iterator[tuple[int, int]]:
    """The places of the claims, of organisations only where the name surely begins there."""
    for claim in claims(text):
        if claim.kind == "organisation":
            name = text[claim.start : claim.end]
            begins = not text[: claim.start] or not text[claim.start - 1].isalnum()
            if not begins or len(name) < 6 or not name.endswith("公司") or _INSIDE.search(name):
                continue
        yield claim.start, claim.end


def _apart(spans: list[tuple[int, int]], keep: int = 0) -> list[tuple[int, int]]:
    """Spans in order, none over another: the first ``keep`` stay, then the longest win."""
    chosen: list[tuple[int, int]] = list(spans[:keep])
    taken = {place for start, end in chosen for place in range(start, end)}
    for start, end in sorted(spans[keep:], key=lambda span: (span[0] - span[1], span)):
        if start < end and taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            chosen.append((start, end))
    return sorted(chosen)
