"""Other words for a question without a model: synonyms, the order of terms and clauses, polite frames.

Conservative: a word is exchanged only where it stands alone, which marks and particles around it show. Inside a name
(上海国际汽车展览会) nothing is touched, and what ``locked`` takes for a fact (numbers, codes, titles, registered names) stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from curate.algorithms.locked import Locked, lock, unlock

#: What may stand before a word that stands alone, and behind it.
_BEFORE = r"(?:^|(?<=[的是在和与及、，。？！：；,.?!:;\s了下请问有说看查给讲把]))"
_AFTER = r"(?=$|[的是在和与及、，。？！：；,.?!:;\s了吗呢吧]|有[多哪几什何]|多[少大长久高远]|[几何怎如什哪]|为[何什多])"
#: A word that begins so asks, and is no part of a name, whatever stands around it.
_ASKING = ("什么", "哪", "多少", "几", "如何", "怎", "何", "为什么", "为何", "有哪", "都有什么")
_FRAME = re.compile(r"^(?:请问|麻烦问一下|想了解一下|我想知道|请教一下)[，,：:]?")
FRAMES = ("请问", "麻烦问一下，", "想了解一下，", "我想知道，", "请教一下，")
_TELL = re.compile(r"^(?:请|麻烦|烦请)?(?:介绍一下|说说|讲讲|谈谈)")
TELLS = ("请介绍一下", "请讲讲", "麻烦说说", "麻烦介绍一下", "请谈谈")
_PLEASE = re.compile(r"^(?:请|麻烦|烦请)(?!问|教)")
#: Asks politely in a way of its own: 我想了解…，能讲讲吗？
_OWN_FRAME = re.compile(
    r"^(?:我(?!想知道)|想(?!了解一下)|你|您|能|可以|可否|请(?!问|教)|麻烦(?!问一下)|烦请)"
)
PLEASE = ("请", "麻烦", "烦请")
#: A last clause that asks for the answer stands as well in front.
_TAIL = re.compile(r"^(?P<rest>.+)，(?P<tail>请告诉我|麻烦告诉我|请说明|请回答)(?P<end>[。！]?)$")
#: Ways to combine the four changes before a question is given up.
_TRIES = 16


class Rewording:
    """Rewords by groups of words of which each may stand for the others.

    Args:
        groups: words of two characters or more, each in one group only.
    """

    def __init__(self, groups: Iterable[Iterable[str]]) -> None:
        self.others = {
            word: [other for other in group if other != word] for group in map(list, groups) for word in group
        }
        longest_first = sorted(self.others, key=lambda word: (-len(word), word))
        free = "|".join(
            re.escape(word) if word.startswith(_ASKING) else _BEFORE + re.escape(word) + _AFTER
            for word in longest_first
        )
        self._word = re.compile(free) if free else None
        words = "|".join(re.escape(word) for word in longest_first if not word.startswith(_ASKING))
        self._two = re.compile(f"{_BEFORE}({words})([和与及、])({words}){_AFTER}") if words else None

    def variants(self, question: str, draw: int) -> Iterator[str]:
        """Other wordings, each once, none of them the question itself; ``draw`` chooses which come first.

        >>> next(Rewording([["主营业务", "核心业务"]]).variants("云帆公司的主营业务是什么？", 1))
        '云帆公司的核心业务是什么？'
        """
        # finding the facts takes most of the time, and frames touch none
        exchanges = self._word is not None and self._word.search(question)
        locked = lock(question) if exchanges else Locked(question, ())
        seen = {locked.text}
        for turn in range(_TRIES):
            number = draw + turn
            # four bits choose which changes are made, the others by which words
            made = self._made(locked.text, number % 16 or 1, number // 16 + turn)
            if made not in seen:
                seen.add(made)
                whole = unlock(made, locked.values) if exchanges else made
                if whole:
                    yield whole

    def _made(self, text: str, changes: int, number: int) -> str:
        if changes & 1:
            text = self._exchanged(text, number)
        if changes & 2:
            text = self._swapped(text)
        if changes & 4:
            text = _TAIL.sub(r"\g<tail>，\g<rest>\g<end>", text)
        return framed(text, number) if changes & 8 else text

    def _exchanged(self, text: str, number: int) -> str:
        if self._word is None:
            return text
        return self._word.sub(lambda found: self.others[found[0]][number % len(self.others[found[0]])], text)

    def _swapped(self, text: str) -> str:
        """注册资本和员工人数 -> 员工人数和注册资本."""
        return self._two.sub(r"\3\2\1", text) if self._two else text


def framed(text: str, number: int) -> str:
    """A question or a request in another polite frame; anything else as it is."""
    if text.endswith(("？", "?")) and not _OWN_FRAME.match(text):
        bare = _FRAME.sub("", text)
        now = text[: len(text) - len(bare)]
        choices = [frame for frame in FRAMES if frame.rstrip("，") not in now or not now]
        return choices[number % len(choices)] + bare
    for pattern, heads in ((_TELL, TELLS), (_PLEASE, PLEASE)):
        found = pattern.match(text)
        if found:
            choices = [head for head in heads if head != found[0]]
            return choices[number % len(choices)] + text[found.end() :]
    return text
