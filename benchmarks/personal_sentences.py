"""Invented Chinese sentences with personal data in them, and with what only looks like it; where it stands is known.

Values are made at random with the check digits that their standards ask for; the sentences
(``personal_sentences.txt``) are ours. The forms follow how people write in forms, chats, notices, company profiles and
remarks of a CRM, not how the search looks for them.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

from benchmarks.personal_values import MAKERS, SLOTS

#: What the search calls the kinds that stand here apart.
SAME = {
    "id_card_by_words": "id_card",
    "permit": "id_card",
    "address_by_itself": "address",
    "name_in_prose": "person_name",
}


@dataclass(frozen=True)
class Sentence:
    """A text and (kind, start, end) of each value that leads to a person."""

    text: str
    truth: tuple[tuple[str, int, int], ...]


def sentences(count: int, seed: int) -> list[Sentence]:
    """Three of five hold personal data, two only what looks like it."""
    dice = random.Random(seed)
    kinds = list(MAKERS)
    return [
        Sentence(_filled(dice, dice.choice(TEMPLATES["things"])), ())
        if number % 5 > 2
        else _personal(dice, kinds[(number // 5 * 3 + number % 5) % len(kinds)])
        for number in range(count)
    ]


def _personal(dice: random.Random, kind: str) -> Sentence:
    """A sentence of this kind; some stand in front of or behind another one, with nothing between."""
    parts = [_one(dice, kind)]
    if dice.random() < 0.25:
        parts.insert(dice.randrange(2), _one(dice, dice.choice(list(MAKERS))))
    text, truth = "", list[tuple[str, int, int]]()
    for part in parts:
        gap = "" if not text else dice.choice(["，", "。", " ", "；", "\n", "／"])
        truth += [(name, start + len(text + gap), end + len(text + gap)) for name, start, end in part.truth]
        text += gap + part.text
    return Sentence(text, tuple(truth))


def _one(dice: random.Random, kind: str) -> Sentence:
    before, _, after = dice.choice(TEMPLATES[kind]).partition("@")
    before, after = _filled(dice, before), _filled(dice, after)
    value = MAKERS[kind](dice)
    # of an address only the part behind the mark is what must go
    public, _, private = value.rpartition("|")
    whole = before + public + private + after
    start = len(before) + len(public)
    return Sentence(whole, ((kind, start, start + len(private)),))


def _filled(dice: random.Random, template: str) -> str:
    """``{digits:4}`` and the like by what they stand for."""

    def fill(slot: re.Match[str]) -> str:
        name, _, more = slot[1].partition(":")
        return SLOTS[name](dice, more)

    return re.sub(r"\{([a-z_]+(?::[^{}]*)?)\}", fill, template)


def _templates() -> dict[str, list[str]]:
    """The sentences of ``personal_sentences.txt`` by section; ``@`` is the value's place."""
    told: dict[str, list[str]] = {}
    for line in Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            told[line[1:-1]] = here = []
        elif line:
            here.append(line)
    return told


TEMPLATES = _templates()
