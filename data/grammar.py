"""Sentence templates: `{槽}` takes a word from a list, `{3-9}` a number, `{甲|乙}` one of the choices."""

import random
import re
from collections.abc import Mapping, Sequence

Words = Mapping[str, str | Sequence[str]]
_SLOT = re.compile(r"\{([^{}]*)\}")
_NUMBER = re.compile(r"(\d+)-(\d+)")


def listed(text: str) -> list[str]:
    """The words of a list that is written with spaces."""
    return text.split()


def expand(rng: random.Random, template: str, words: Words) -> str:
    """Fill every slot of a template, innermost first; no word of a list comes twice."""
    taken: set[str] = set()

    def fill(match: re.Match[str]) -> str:
        slot = str(match.group(1))
        if number := _NUMBER.fullmatch(slot):
            return str(rng.randint(int(number.group(1)), int(number.group(2))))
        if "|" in slot:
            return rng.choice(slot.split("|"))
        value = words[slot]
        if isinstance(value, str):
            return value
        word = rng.choice([item for item in value if item not in taken])
        taken.add(word)
        return word

    while _SLOT.search(template):
        template = _SLOT.sub(fill, template)
    return template


def sentences(rng: random.Random, templates: Sequence[str], count: int, words: Words) -> str:
    """So many different sentences, one after the other."""
    return "".join(expand(rng, template, words) for template in rng.sample(templates, count))
