"""Is every claim of an answer in its source?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from curate.algorithms.grounding.attachment import misattached
from curate.algorithms.grounding.basis import basis
from curate.algorithms.grounding.claims import Read, claim_of, number_claim, read
from curate.algorithms.grounding.coverage import coverage
from curate.algorithms.grounding.derived import derivable
from curate.algorithms.grounding.kinds import Claim
from curate.algorithms.grounding.polarity import flipped

#: Why an answer is not grounded, the surest first: a claim that the source does not hold, a number that it tells of something
#: else, a negation turned round, words that it does not know, too few of its words.
Reason = Literal[
    "", "claim_not_in_source", "attached_elsewhere", "negated", "words_not_in_source", "low_coverage"
]


@dataclass(frozen=True)
class Grounded:
    """What became of one answer.

    Attributes:
        coverage: share of its pairs of characters that the source, or the question, holds (claims that were found count); 0-1.
        unsupported: the claims that the source does not hold; for the other reasons the part of the answer that it is about.
    """

    ok: bool
    coverage: float
    unsupported: list[Claim]
    reason: Reason


def grounded(
    answer: str, source: str, *, question: str = "", min_coverage: float = 0.45, derived: bool = False
) -> Grounded:
    """Whether every claim of an answer is in its source, and its words are the source's.

    Rules:
        - Numbers must be equal with the same unit after normalising; what is only in the question does not count.
          家 and 个 may stand for each other, 家 and 人 may not; % and 个百分点 are two things, as are 元 and 美元.
        - 超过, 约, 近, 不足 … are allowed before an equal number; only over against under (and 增长 against 下降) is refused. A
          hedged number may be the source's one rounded: 约2.88万 for 28760, at most 5 % off.
        - A date says no more than the source: 3月5日 for 2026-03-05. The other way round only if the source names one year.
        - Names, quotations and Latin words may also come from the question.
        - What is worked out is not in the source. ``derived=True`` allows, for numbers that the source does not hold:
          the sum of two numbers of one unit, or of all of that unit; their difference; their ratio as % or 倍 (rounded as it is
          told); and the count of things that the answer itself lists (A、B和C三项).
        - The words around a number must not be those of another number of the source; negations must stay; no run of three
          unknown characters, no clause of other words (``coverage.py``); coverage at least ``min_coverage``.

    Source of the threshold: twelve answers of our own, six right and six wrong, which 0.45 set apart.
    """
    told, known = read(answer), basis(source)
    asked = basis(question) if question else None
    text = told.plain.text
    missing = unsupported(answer, source, question=question)
    if derived:
        missing = [claim for claim in missing if not derivable(claim, answer, known)]
    spread = coverage(
        text,
        _taken(told),
        known.pairs | asked.pairs if asked else known.pairs,
        known.letters | asked.letters if asked else known.letters,
    )
    if missing:
        return Grounded(False, spread.share, missing, "claim_not_in_source")
    if wrong := misattached(answer, source):
        return _refused(told, spread.share, (wrong.start, wrong.end), "attached_elsewhere")
    if place := flipped(text, known.text):
        return _refused(told, spread.share, place, "negated")
    if spread.strange:
        return _refused(told, spread.share, spread.strange, "words_not_in_source")
    if spread.share < min_coverage:
        return Grounded(False, spread.share, [], "low_coverage")
    return Grounded(True, spread.share, [], "")


def unsupported(answer: str, source: str, *, question: str = "") -> list[Claim]:
    """The claims of an answer that its source does not hold, in order; names may come from the question."""
    told, known = read(answer), basis(source)
    asked = basis(question) if question else None
    numbers = (number for number in told.quantities if not number.article and not known.has_number(number))
    missing = [number_claim(told, number) for number in numbers]
    for date in told.dates:
        if not known.has_date(date):
            missing.append(claim_of(told, "date", date.start, date.end, date.value))
    for time in told.times:
        if not known.has_time(time):
            missing.append(claim_of(told, "time", time.start, time.end, time.value))
    taken = _taken(told)
    for kind, start, end, value in told.marks:
        # behind another claim a name begins
        before = "" if start and taken[start - 1] else told.plain.text[max(0, start - 4) : start]
        if known.has_mark(kind, value, before):
            continue
        if asked and kind not in ("code", "url", "email", "date") and asked.has_mark(kind, value, before):
            continue
        missing.append(claim_of(told, kind, start, end, value))
    return sorted(missing, key=lambda claim: claim.start)


def _taken(told: Read) -> bytearray:
    """1 for each character of a claim whose place is sure."""
    taken = bytearray(len(told.plain.text))
    for start, end in told.places("code", "url", "email", "latin", "place", "person", "date"):
        taken[start:end] = b"\1" * (end - start)
    return taken


def _refused(told: Read, share: float, place: tuple[int, int], reason: Reason) -> Grounded:
    part = claim_of(told, "words", *place, told.plain.text[slice(*place)])
    return Grounded(False, share, [part], reason)
