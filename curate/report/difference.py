"""What sets two texts apart, short enough to be read beside each other."""

from __future__ import annotations

from typing import Literal

from curate.language import say

#: (what, characters): ``same`` in both, ``row`` in the first text only, ``of`` in the second only, ``cut``: left out
Piece = tuple[Literal["same", "row", "of", "cut"], str]

#: Characters that are shown around a difference, and of each side of it; differences that are shown.
AROUND, LONGEST, MOST = 12, 40, 6
#: Equal runs up to this length between two differences are part of one: 2019 and 2024 differ as a whole.
GLUE = 2
#: Characters compared: the table of edits grows with their square.
COMPARED = 4_000


def differences(row: str, of: str) -> list[Piece]:
    """The places where two texts differ, with some characters around each."""
    row, of = _plain(row), _plain(of)
    begin = max(0, _alike(row, of) - AROUND)
    edits = _edits(row[begin : begin + COMPARED], of[begin : begin + COMPARED])
    if not edits:
        return [("same", row[: 3 * LONGEST]), *_cut(len(row) > 3 * LONGEST)]
    pieces: list[Piece] = _cut(begin > 0)
    end = begin
    for number, (left, right, other, other_end) in enumerate(edits):
        if number == MOST:
            more = len(edits) - MOST
            return [*pieces, ("cut", say(f"…还有 {more} 处不同", f"…{more} more differences"))]
        left, right = left + begin, right + begin
        pieces += _between(row[end:left], first=end == begin and not pieces)
        pieces += _sides(row[left:right], of[other + begin : other_end + begin])
        end = right
    return [*pieces, ("same", row[end : end + AROUND]), *_cut(end + AROUND < len(row))]


def _alike(row: str, of: str) -> int:
    """Characters that both begin with."""
    unlike = (place for place, (one, other) in enumerate(zip(row, of, strict=False)) if one != other)
    return next(unlike, min(len(row), len(of)))


def _plain(text: str) -> str:
    """On one line, and without what a terminal would obey."""
    flat = text.replace("\n", "⏎")
    return flat if flat.isprintable() else "".join(mark if mark.isprintable() else "�" for mark in flat)


def _edits(row: str, of: str) -> list[tuple[int, int, int, int]]:
    """(start, end) in the first text and in the second of each difference."""
    from rapidfuzz.distance import Levenshtein

    found: list[tuple[int, int, int, int]] = []
    for step in Levenshtein.opcodes(row, of):
        if step.tag == "equal":
            continue
        edit = _whole_words(row, of, (step.src_start, step.src_end, step.dest_start, step.dest_end))
        if found and edit[0] - found[-1][1] <= GLUE:
            before = found.pop()
            edit = (before[0], max(before[1], edit[1]), before[2], max(before[3], edit[3]))
        found.append(edit)
    return found


def _whole_words(row: str, of: str, edit: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """A difference inside a number or a Latin word is one of the whole: 500 became 800, not 5 became 8."""
    start, end, other, other_end = edit
    for _ in range(AROUND):
        if not (start and other and _of_word(row[start - 1]) and row[start - 1] == of[other - 1]):
            break
        if not (_of_word(row[start : start + 1]) or _of_word(of[other : other + 1])):
            break
        start, other = start - 1, other - 1
    for _ in range(AROUND):
        if not (_of_word(row[end : end + 1]) and row[end] == of[other_end : other_end + 1]):
            break
        if not (_of_word(row[end - 1 : end]) or _of_word(of[other_end - 1 : other_end])):
            break
        end, other_end = end + 1, other_end + 1
    return start, end, other, other_end


def _of_word(mark: str) -> bool:
    return mark.isascii() and mark.isalnum()


def _between(text: str, first: bool) -> list[Piece]:
    """The equal characters between two differences, the middle of many left out."""
    if first and len(text) > AROUND:
        return [*_cut(True), ("same", text[-AROUND:])]
    if len(text) > 2 * AROUND + 4:
        return [("same", text[:AROUND]), *_cut(True), ("same", text[-AROUND:])]
    return [("same", text)] if text else []


def _sides(row: str, of: str) -> list[Piece]:
    sides: tuple[Piece, Piece] = ("row", _short(row)), ("of", _short(of))
    return [side for side in sides if side[1]]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…({len(text)})"


def _cut(there: bool) -> list[Piece]:
    return [("cut", "…")] if there else []


def marked(row: str | None, of: str | None) -> str:
    """``注册资本[-500-]{+800+}万``: what only the first text says, and what only the second."""
    return pieces_text(differences(row or "", of or ""))


def pieces_text(pieces: list[Piece]) -> str:
    """Pieces as plain text, with signs for what only one side says."""
    signs = {"row": "[-{}-]", "of": "{{+{}+}}"}
    return "".join(signs.get(what, "{}").format(text) for what, text in pieces)
