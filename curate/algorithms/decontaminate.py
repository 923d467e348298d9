"""Which training texts repeat a part of an evaluation, by shared character 13-grams.

The rule is GPT-3's (Brown et al., *Language models are few-shot learners*, 2020, appendix C): shared 13-grams, but for
those that stand in more than ten documents, which are common phrases. It counts words; Chinese is counted in characters
of the normal form (``text.normal_form``). Like Llama 2 (Touvron et al. 2023, A.6) it judges by the share of a text that
is covered, so that a long name that both texts hold is no contamination.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.minhash import U32, Bools, Sets
from curate.algorithms.packed import packed, sorted_unique, unpacked
from curate.algorithms.text import normal_bytes

I64 = npt.NDArray[np.int64]
#: Characters a gram.
N = 13
#: A gram in more documents is a common phrase.
COMMON = 10


def _salts() -> npt.NDArray[np.uint64]:
    """N odd constants (Steele's SplitMix64, from 0)."""
    with np.errstate(over="ignore"):
        mixed = np.arange(1, N + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        return mixed ^ (mixed >> np.uint64(31)) | np.uint64(1)


def grams(texts: pl.Series) -> Sets:
    """The set of 13-gram hashes of each text's normal form; a shorter text is one gram, an empty one has none."""
    from curate.algorithms import kernels

    data, offsets = normal_bytes(texts)
    values = np.empty(int(offsets[-1] - offsets[0]) + 1, np.uint32)
    ends = np.zeros(len(offsets), np.int64)
    size = kernels.shingled(data, offsets, N, _salts(), values, ends[1:])
    return Sets(values[:size], ends)


def owners(sets: Sets) -> I64:
    """The document of each value."""
    return np.repeat(np.arange(len(sets.offsets) - 1), np.diff(sets.offsets))


class Reference:
    """The grams of the evaluation's documents, and which documents hold each.

    Args:
        values, documents: a gram's hash and its document's number, each such pair at least once.
        groups: the number of what each document was made of: a gram that all documents of one row hold is no phrase.
    """

    def __init__(self, values: U32, documents: I64, groups: I64) -> None:
        held = sorted_unique(packed(values, documents))
        hashes, self.documents = unpacked(held)
        self.values, starts = np.unique(hashes, return_index=True)
        self.starts = np.append(starts, len(hashes))
        self.held_by = _distinct(held, groups)
        self.size = len(groups)

    def find(self, values: U32) -> tuple[I64, I64]:
        """Places in ``values`` of known grams, and their numbers."""
        if not len(self.values):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        at = np.minimum(np.searchsorted(self.values, values), len(self.values) - 1)
        there = np.flatnonzero(self.values[at] == values)
        return there, at[there]

    def sizes(self, counted: Bools) -> I64:
        """How many of the ``counted`` grams each document holds."""
        every = np.repeat(np.arange(len(self.values)), np.diff(self.starts))
        return np.bincount(self.documents[counted[every]], minlength=self.size).astype(np.int64)

    def holders(self, number: I64) -> tuple[I64, I64]:
        """(place in ``number``, document) of every document that holds these grams."""
        counts = self.starts[number + 1] - self.starts[number]
        place = np.repeat(np.arange(len(number)), counts)
        inside = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
        return place, self.documents[self.starts[number][place] + inside]


def _distinct(held: npt.NDArray[np.uint64], groups: I64) -> I64:
    """For each gram how many different groups its documents belong to."""
    hashes, documents = unpacked(held)
    _, first = np.unique(sorted_unique(packed(hashes, groups[documents])) >> np.uint64(32), return_index=True)
    total = len(sorted_unique(packed(hashes, groups[documents])))
    return np.diff(np.append(first, total))


@dataclass
class Overlap:
    """What the texts that are judged share with a reference; filled block by block, 16 bytes a shared gram."""

    reference: Reference
    phrases: I64 = field(init=False)
    _found: list[tuple[I64, I64]] = field(default_factory=list, init=False)
    _sizes: list[I64] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.phrases = np.zeros(len(self.reference.values), np.int64)

    def count(self, sets: Sets, groups: I64) -> None:
        """Learn phrases from texts that are not judged: a gram counts once a group (the row a text was made of)."""
        places, numbers = self.reference.find(sets.values)
        once = sorted_unique(packed(numbers, groups[owners(sets)[places]]))
        np.add.at(self.phrases, unpacked(once)[0], 1)

    def add(self, sets: Sets) -> None:
        """Further texts to be judged; their numbers go on from the last."""
        start = sum(map(len, self._sizes))
        places, numbers = self.reference.find(sets.values)
        self._found.append((owners(sets)[places] + start, numbers))
        self._sizes.append(np.diff(sets.offsets))

    def shares(self, common: int = COMMON) -> pl.DataFrame:
        """(text, document, share): the shared grams among those of the text or of the document, whichever has fewer;
        phrases left out. So a test question in a frame of other words is found, and a piece of a test answer.
        """
        texts, numbers = (
            np.concatenate([np.zeros(0, np.int64), *side]) for side in zip(*self._found, strict=True)
        )
        phrase = (self.phrases > common) | (self.reference.held_by > common)
        sizes = np.concatenate([np.zeros(0, np.int64), *self._sizes])
        idle = np.bincount(texts[phrase[numbers]], minlength=len(sizes))
        texts, numbers = texts[~phrase[numbers]], numbers[~phrase[numbers]]
        place, documents = self.reference.holders(numbers)
        shared = pl.DataFrame({"text": texts[place], "document": documents})
        counted = shared.group_by("text", "document").len().sort("text", "document")
        known = self.reference.sizes(~phrase)[counted["document"].to_numpy()]
        fewer = np.minimum((sizes - idle)[counted["text"].to_numpy()], known)
        return counted.select("text", "document", share=pl.col("len") / pl.Series(fewer))


def longest_shared(one: str, other: str) -> str:
    """The longest text that both hold."""
    from difflib import SequenceMatcher

    found = SequenceMatcher(None, one, other, autojunk=False).find_longest_match()
    return one[found.a : found.a + found.size]
