"""Is a model's own answer right? Compared with one that is known; in doubt it is wrong."""

from __future__ import annotations

import re

from curate.algorithms.grounding import claims, grounded
from curate.algorithms.grounding.plain import unmarked

_NOT = re.compile("[不没未非无勿莫]")
#: so much may be said around the name of a class
_AROUND = 20


def wrong_about(known: str, facts: list[str], label: str, said: str, question: str) -> str:
    """What is wrong with ``said``; empty where it holds the label, else all facts, else all claims of the known answer, and no
    other number of the same kind: one who says 1200 家 or 1500 家 has not answered. Values are compared in their normal form
    (一千二百家 is 1,200家). What the question names already need not be said again.
    """
    short = said[:60]
    if label:
        return "" if _names(label, said) else short
    heard = f"{said}\n{question}"
    for fact in facts or [known]:
        told = grounded(fact, heard, min_coverage=0)
        if told.reason in ("claim_not_in_source", "negated"):
            return f"{told.unsupported[0].text} ≠ {short}"
        if not claims(fact) and not _says(fact, said):
            return f"{fact[:40]} ≠ {short}"
    return _other_number(known, said, question)


def _names(label: str, said: str) -> bool:
    """The class, named once and not denied, and little else."""
    bare, name = unmarked(said), unmarked(label)
    before, found, after = bare.partition(name)
    return (
        bool(found)
        and len(bare) <= len(name) + _AROUND
        and not _NOT.search(before[-2:])
        and name not in after
    )


def _says(fact: str, said: str) -> bool:
    """The same words with as many denials."""
    return unmarked(fact) in unmarked(said) and len(_NOT.findall(fact)) == len(_NOT.findall(said))


def _other_number(known: str, said: str, question: str) -> str:
    right = [claim for claim in claims(known) if claim.kind in ("number", "date")]
    values = {claim.value for claim in [*right, *claims(question)]}
    units = {(claim.kind, claim.unit) for claim in right}
    for claim in claims(said):
        if (claim.kind, claim.unit) in units and claim.value not in values:
            return f"{claim.text} ≠ {known[:40]}"
    return ""
