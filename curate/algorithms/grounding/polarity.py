"""Does an answer deny what its source says, or say what it denies? Negations that stand before the same words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_NO = "不得|不能|不可|不许|不准|不应|不会|不再|不|没有|没|未|无须|无需|无|禁止|严禁|切勿|勿|免"
#: negators that are part of another word or of a comparison: 不超过, 不仅, 不同
_NOT_NO = "超过|低于|高于|少于|小于|多于|大于|足|到|仅|但|同|论|管|过|妨|断|锈|含|等|如|良|限|需|用|必|宜|便|止|久|变|一|符|合格|合|齐|确|可抗|动产|及|线|人|形|损|障碍|菌|尘|胶|机|创|来|经|影|法|从"
_MODAL = "可以|能够|允许|可|能|会|得|须|需要|要|应当|应|再|被|将|用|以"
_NEGATION = re.compile(rf"(?:{_NO})(?!{_NOT_NO})(?:{_MODAL})?")
_STRIP = re.compile(rf"(?:{_NO})(?!{_NOT_NO})(?:{_MODAL})?|可以|能够|允许|可|能|会|也|都|均|就")
_CLAUSE = re.compile(r"[^,，。；;！!？?\n]+")
_HAN = re.compile(r"[\u3400-\u9fff]+")
#: so many characters behind a negation are what is negated
_REACH = 4


def flipped(answer: str, source: str) -> tuple[int, int] | None:
    """Where in a plain answer something is denied that its plain source says, or the other way round; None if nowhere."""
    heads, scope, said = _polarities(source)
    stripped = _stripped(source)
    for clause in _CLAUSE.finditer(answer):
        text = clause[0]
        own_heads, own_scope, own_said = _polarities(text)
        if own_heads & (said - scope) or (own_said - own_scope) & (heads - said):
            return clause.span()
        bare, negations = _bare(text)
        mine = _pairs(bare)
        if len(mine) < 3:
            continue
        near = [count for theirs, count in stripped if mine <= theirs and len(theirs) <= len(mine) + 3]
        if near and all(count % 2 != negations % 2 for count in near):
            return clause.span()
    return None


@lru_cache(256)
def _polarities(text: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """(what stands right behind a negation, what stands behind it in its clause, what stands in no such place).

    All are runs of three and four characters.
    """
    denied: set[str] = set()
    scope: set[str] = set()
    said: set[str] = set()
    for clause in _CLAUSE.findall(text):
        begin = len(clause)
        for found in _NEGATION.finditer(clause):
            begin = min(begin, found.start())
            words = _HAN.match(clause, found.end())
            if words and len(words[0]) >= 3:
                denied.add(words[0][:_REACH])
                denied.add(words[0][:3])
        said.update(_grams(clause[:begin]))
        scope.update(_grams(clause[begin:]))
    return frozenset(denied), frozenset(scope), frozenset(said)


def _grams(text: str) -> Iterator[str]:
    for run in _HAN.findall(text):
        for size in (3, _REACH):
            yield from (run[place : place + size] for place in range(len(run) - size + 1))


@lru_cache(256)
def _stripped(text: str) -> tuple[tuple[frozenset[str], int], ...]:
    """The pairs of each clause without negations and modal words, and how many negations it has."""
    told = (_bare(clause) for clause in _CLAUSE.findall(text))
    return tuple((_pairs(bare), negations) for bare, negations in told)


def _bare(clause: str) -> tuple[str, int]:
    return _STRIP.sub("", clause), len(_NEGATION.findall(clause))


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[place : place + 2] for place in range(len(text) - 1))
