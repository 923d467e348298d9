"""Gates of fact: the evidence stands in the source, and so does every claim of the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from curate.algorithms.grounding import Claim, Grounded, evidence_in, grounded
from curate.algorithms.locked import same_facts
from curate.language import say
from curate.synthesize.gates.found import Finding, Words

if TYPE_CHECKING:
    from curate.synthesize.gates import Gates

#: so many claims are named in a reason
MOST_NAMED = 3
#: fewer characters stand in any text, and prove nothing
LEAST_EVIDENCE = 4
#: What makes an answer ungrounded: all that the check knows. A summary may use words of its own; a rewording must, and of
#: it only new facts and turned negations count.
_ANSWERED = frozenset({"claim_not_in_source", "attached_elsewhere", "negated", "words_not_in_source"})
_SUMMED_UP = _ANSWERED - {"words_not_in_source"}
_REWORDED = frozenset({"claim_not_in_source", "negated"})
_SMALL = re.compile(r"[0-9](?:\.[0-9]+)?")
_WHY = {
    "": ("", ""),
    "claim_not_in_source": ("资料里没有", "not in the source: "),
    "attached_elsewhere": ("资料里说的是另一回事：", "told of something else: "),
    "negated": ("肯定和否定相反：", "denied, or not: "),
    "words_not_in_source": ("资料里没有这样的话：", "words of no source: "),
    "low_coverage": ("", ""),
}


def look_at_facts(words: Words, gates: Gates) -> Iterator[Finding]:
    """Nothing can be said of a pair without a source."""
    if not words.source:
        return
    if gates.evidence and words.evidence is not None:
        quotes = [quote for quote in words.evidence.split("\n") if quote.strip()]
        wrong = [
            quote for quote in quotes if len(quote) < LEAST_EVIDENCE or not evidence_in(quote, words.source)
        ]
        yield Finding("evidence_missing", not quotes or bool(wrong), wrong[0][:80] if wrong else "")
    if gates.same_facts and words.reworded:
        now = "\n".join(part for turn in words.turns for part in turn)
        changed = same_facts(words.source, now)
        yield Finding("facts_changed", bool(changed), _named(changed))
    if gates.grounded:
        yield from _groundedness(words, gates)
        if words.thought:
            invented = _invented(words.thought, words.source)
            yield Finding("thought_not_grounded", bool(invented), _named(invented))


def _groundedness(words: Words, gates: Gates) -> Iterator[Finding]:
    """Each turn alone; the weakest of them is the pair's measure. What is measured is told before what fails."""
    told, support, before = list[Grounded](), list[float](), ""
    for question, answer in words.turns:
        # what was said so far counts as the question: a later turn may speak of it
        known = before + question
        told.append(grounded(answer, words.source, question=known, derived=gates.derived, min_coverage=0))
        if words.evidence:
            support.append(grounded(answer, words.evidence, question=known).coverage)
        before = f"{known}\n{answer}\n"
    coverage = min(one.coverage for one in told)
    yield Finding("coverage", False, "", round(coverage, 4))
    if support:
        yield Finding("evidence", False, "", round(min(support), 4))
    fatal = _REWORDED if words.reworded else _SUMMED_UP if words.seen else _ANSWERED
    for one in told:
        yield Finding(
            "not_grounded", one.reason in fatal, f"{say(*_WHY[one.reason])}{_named(one.unsupported)}"
        )
    if not words.reworded:
        low = coverage < gates.min_coverage
        yield Finding("not_grounded", low, f"{coverage:.2f} < {gates.min_coverage}")
    if not words.seen:
        for question, _ in words.turns:
            new = _taken_for_granted(question, words.source, derived=gates.derived)
            yield Finding("question_not_grounded", bool(new), _named(new))


def _taken_for_granted(question: str, source: str, *, derived: bool) -> list[Claim]:
    """Facts of a question that the source does not hold: an answer to 1500家企业参加的展会在哪里 would teach them. What is asked
    for (哪一年, 哪三项) is no fact, and where an organisation's name begins in a question is not sure enough.
    """
    told = grounded(question, source, derived=derived, min_coverage=0)
    if told.reason != "claim_not_in_source":
        return []
    return [
        claim
        for claim in told.unsupported
        if claim.kind != "organisation" and question[: claim.start][-1:] not in ("哪", "几")
    ]


def _invented(thought: str, source: str) -> list[Claim]:
    """Facts that a thought brings in. It may work with the source's numbers, count its own steps and name what it likes; a
    number of ten or more, a date, a code or an address that comes from nowhere is made up.
    """
    told = grounded(thought, source, derived=True, min_coverage=0)
    if told.reason != "claim_not_in_source":
        return []
    return [
        claim
        for claim in told.unsupported
        if claim.kind in ("date", "code", "url", "email")
        or (claim.kind == "number" and not claim.unit.startswith("第") and not _SMALL.fullmatch(claim.value))
    ]


def _named(claims: list[Claim]) -> str:
    told = dict.fromkeys(claim.text for claim in claims)
    return "、".join(f"“{text}”" for text in list(told)[:MOST_NAMED])
