"""Spans of a text as people mark them: BIO tags of words or characters, JSON, Label Studio's results."""

from __future__ import annotations

import json
from typing import Any

from curate.language import say

#: (start, end, label): characters, end exclusive.
Span = tuple[int, int, str]


class BadSpans(ValueError):
    """What is wrong with the spans of a row, and where."""


def from_tags(text: str, tokens: list[str], tags: list[str]) -> list[Span]:
    """Spans out of BIO tags (also BIOES and BMES), one a token. The tokens stand in ``text`` in their order, with nothing but
    white space between.

    Raises:
        BadSpans: tags and tokens do not fit; an I without its B: to guess where the name began would teach a wrong one.
    """
    if len(tokens) != len(tags):
        raise BadSpans(
            say(f"{len(tokens)} 个词，{len(tags)} 个标签", f"{len(tokens)} tokens, {len(tags)} tags")
        )
    places = _places(text, tokens)
    return [(places[first][0], places[last][1], label) for first, last, label in _runs(tags)]


def joined(tokens: list[str]) -> str:
    """The text of some tokens: Chinese as it is, a blank between words of letters and digits."""
    text = ""
    for token in tokens:
        apart = text[-1:].isascii() and text[-1:].isalnum() and token[:1].isascii() and token[:1].isalnum()
        text += (" " if apart else "") + token
    return text


def _places(text: str, tokens: list[str]) -> list[tuple[int, int]]:
    places, at = [], 0
    for number, token in enumerate(tokens, 1):
        start = text.find(token, at)
        if not token or start < 0 or text[at:start].strip():
            raise BadSpans(
                say(
                    f"第 {number} 个词“{token}”对不上正文",
                    f"token {number}, {token!r}, does not fit the text",
                )
            )
        at = start + len(token)
        places.append((start, at))
    return places


def _runs(tags: list[str]) -> list[tuple[int, int, str]]:
    """(first token, last token, label) of the runs of tags."""
    runs: list[tuple[int, int, str]] = []
    going = ""
    for number, tag in enumerate(tags):
        mark, _, label = tag.strip().partition("-")
        if mark == "O" and not label:
            going = ""
        elif mark in ("B", "S") and label:
            runs.append((number, number, label))
            going = label if mark == "B" else ""
        elif mark in ("I", "M", "E") and label:
            if going != label:
                raise BadSpans(
                    say(
                        f"第 {number + 1} 个标签 {tag} 前面没有 B-{label}",
                        f"tag {number + 1}, {tag}, has no B-{label} before it",
                    )
                )
            runs[-1] = (runs[-1][0], number, label)
            going = "" if mark == "E" else label
        else:
            raise BadSpans(
                say(f"第 {number + 1} 个标签 {tag!r} 不认识", f"tag {number + 1}, {tag!r}, is unknown")
            )
    return runs


def from_json(text: str, told: Any) -> list[Span]:
    """Spans out of ``[{start, end, label}]``, or of Label Studio's results; in the order of the text, each once. They may
    overlap, or stand inside each other.

    Raises:
        BadSpans: no such form, or a place that is not in the text or holds another text than is told.
    """
    if isinstance(told, str):
        try:
            told = json.loads(told)
        except (json.JSONDecodeError, RecursionError) as error:
            raise BadSpans(say(f"不是 JSON：{error}", f"no JSON: {error}")) from error
    if isinstance(told, dict):
        told = told.get("result")
    if not isinstance(told, list):
        raise BadSpans(say("不是标注的列表", "no list of spans"))
    return sorted({span for number, one in enumerate(told, 1) for span in _spans(text, one, number)})


def _spans(text: str, one: Any, number: int) -> list[Span]:
    """The spans that an item tells: Label Studio gives one place several labels."""
    if not isinstance(one, dict):
        one = {}
    value, labels = one, [one.get("label")]
    if isinstance(one.get("value"), dict):
        value = one["value"]
        labels = value.get("labels")
        if labels is None:
            return []  # a choice or a rating beside the spans
    start, end, said = value.get("start"), value.get("end"), value.get("text")
    if type(start) is not int or type(end) is not int or not labels or not all(map(_is_label, labels)):
        raise BadSpans(
            say(f"第 {number} 处标注缺少 start、end 或 label", f"span {number} lacks start, end or label")
        )
    place = (start, end)
    if said is not None and text[start:end] != said:
        place = (_characters(text, start), _characters(text, end))
    found = text[place[0] : place[1]] if 0 <= place[0] < place[1] <= len(text) else ""
    if not found.strip() or said not in (None, found):
        raise BadSpans(
            say(
                f"第 {number} 处标注 {start}–{end} 对不上正文",
                f"span {number}, {start}-{end}, does not fit the text",
            )
        )
    return [(*place, label) for label in labels]


def _is_label(label: Any) -> bool:
    return isinstance(label, str) and bool(label.strip())


def _characters(text: str, units: int) -> int:
    """A place in UTF-16 units, in which a browser counts (𠮷 is two), as one in characters."""
    return len(text.encode("utf-16-le")[: 2 * max(0, units)].decode("utf-16-le", "ignore"))


def as_items(told: Any) -> list[str]:
    """Tokens or tags of a cell: a list, a list in JSON, or words between blanks."""
    if isinstance(told, str) and told.lstrip().startswith("["):
        try:
            told = json.loads(told)
        except json.JSONDecodeError as error:
            raise BadSpans(say(f"不是 JSON：{error}", f"no JSON: {error}")) from error
    return told.split() if isinstance(told, str) else [str(item) for item in told]
