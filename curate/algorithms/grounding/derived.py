"""Numbers that are worked out from those of a source."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import permutations

from curate.algorithms.grounding.basis import Basis
from curate.algorithms.grounding.kinds import Claim
from curate.algorithms.grounding.units import COUNTERS, same_unit

#: more numbers of one unit are not combined by anybody
_MOST = 12


def derivable(claim: Claim, answer: str, source: Basis) -> bool:
    """Whether a number is a sum, a difference or a ratio of numbers of the source, or counts what the answer lists before it."""
    if claim.kind != "number" or "~" in claim.value:
        return False
    value = Decimal(claim.value)
    if claim.unit in COUNTERS and _listed(answer[: claim.start]) == value:
        return True
    same = [number.low for number in source.quantities if same_unit(claim.unit, number.unit)][:_MOST]
    if len(same) > 1 and value == sum(same):
        return True
    if any(value in (one + other, one - other) for one, other in permutations(same, 2)):
        return True
    return claim.unit in ("%", "倍") and _ratio(value, claim.unit, source)


def _ratio(value: Decimal, unit: str, source: Basis) -> bool:
    exponent = Decimal(1).scaleb(int(value.normalize().as_tuple().exponent))
    scale = 100 if unit == "%" else 1
    numbers = [number for number in source.quantities if number.unit not in ("%", "倍") and number.low][
        :_MOST
    ]
    for one, other in permutations(numbers, 2):
        if one.unit == other.unit:
            ratio = one.low / other.low * scale
            if value in (ratio.quantize(exponent), (ratio - scale).quantize(exponent)):
                return True
    return False


def _listed(before: str) -> int:
    """How many things the end of a text lists: A、B和C."""
    clause = re.split(r"[,，。；;：:！？]", before)[-1]
    return len(re.split(r"、|和|以及|及|与", clause)) if "、" in clause or "和" in clause else 0
