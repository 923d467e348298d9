"""What people type into a cell, as a control's value; forgiven where its meaning is certain, and told where it is not."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from curate.language import say
from curate.review.interface import Control
from curate.review.result import tidy

#: Said in a cell for spans: looked, and found nothing. An empty cell says nothing at all.
NONE = "无"
_BETWEEN = " \t\n\r、，,;；|/"
#: “张三”[人名] 2–4, where quotes and place may be missing.
_SPAN = re.compile(
    r"(?P<text>.+?)\s*[\[［【](?P<label>[^\[\]［］【】]+)[\]］】]\s*(?:(?P<start>\d+)\s*[-–—~～至]\s*(?P<end>\d+))?",
    re.ASCII,
)


class Unclear(Exception):
    """A cell that cannot be read, in words for the person who filled it."""


def typed(control: Control, cell: str, text: str | None) -> Any:
    """The value of a cell that is not empty.

    Args:
        text: what spans are marked in.

    Raises:
        Unclear: the cell can be read in no way, or in more than one.
    """
    if control.tag == "TextArea":
        return tidy(cell)
    if control.tag == "Rating":
        mark = _plain(cell)
        if not re.fullmatch(r"[0-9]{1,2}", mark) or not 1 <= int(mark) <= (control.most or 0):
            raise Unclear(
                say(
                    f"应是 1 到 {control.most} 的整数，不是“{_short(cell)}”",
                    f"should be 1 to {control.most}, not “{_short(cell)}”",
                )
            )
        return int(mark)
    if control.tag == "Labels":
        return _spans(control, cell, text or "")
    picked = _picked(control, cell)
    if control.several:
        return sorted(set(picked))
    if len(picked) != 1:
        raise Unclear(say(f"只能选一个：“{_short(cell)}”", f"takes one: “{_short(cell)}”"))
    return picked[0]


def value_of(control: Control, told: str) -> str | None:
    """The value that a word or value means; case and width do not matter."""
    return _known(control).get(_plain(told))


def _known(control: Control) -> dict[str, str]:
    """What may be written -> value. The value itself wins over another one's word."""
    by_word = {_plain(word): value for value, word in control.words.items()}
    return by_word | {_plain(value): value for value in control.values}


def _picked(control: Control, cell: str) -> list[str]:
    """The choices in a cell. A choice may itself have a separator in it, so the longest that fits is taken."""
    known, rest, picked = _known(control), _plain(cell), []
    if rest in known:
        return [known[rest]]
    names = sorted(known, key=len, reverse=True)
    while rest := rest.lstrip(_BETWEEN):
        name = next(
            (n for n in names if rest.startswith(n) and rest[len(n) : len(n) + 1] in ("", *_BETWEEN)), None
        )
        if name is None:
            words = "、".join(control.words.values())
            unknown = _short(re.split(f"[{re.escape(_BETWEEN)}]", rest)[0])
            raise Unclear(
                say(f"没有选项“{unknown}”，可以写：{words}", f"no choice “{unknown}”; there are: {words}")
            )
        picked.append(known[name])
        rest = rest[len(name) :]
    return picked


def _spans(control: Control, cell: str, text: str) -> list[dict[str, Any]]:
    if _plain(cell) == NONE:
        return []
    spans = []
    for line in filter(None, map(str.strip, tidy(cell).split("\n"))):
        found = list(_SPAN.finditer(line))
        if not found or line[found[-1].end() :].strip(_BETWEEN + "。"):
            raise Unclear(
                say(
                    f"“{_short(line)}”看不懂，写成 文字[标签]，一行一个；没有就写“{NONE}”",
                    f"“{_short(line)}” is unclear: write text[label], one a line, or {NONE} for none",
                )
            )
        spans += [_span(control, match, text) for match in found]
    return sorted(spans, key=lambda span: (span["start"], span["end"], span["label"]))


def _span(control: Control, match: re.Match[str], text: str) -> dict[str, Any]:
    label = value_of(control, match["label"])
    if label is None:
        words = "、".join(control.words.values())
        raise Unclear(
            say(
                f"没有标签“{_short(match['label'])}”，可以写：{words}",
                f"no label “{_short(match['label'])}”; there are: {words}",
            )
        )
    told = match["text"].lstrip(_BETWEEN)
    if told not in text:
        told = told.strip("“”\"'")
    places = [start for start in range(len(text)) if text.startswith(told, start)] if told else []
    if match["start"]:
        places = [
            start
            for start in places
            if (start, start + len(told)) == (int(match["start"]), int(match["end"]))
        ]
    if len(places) != 1:
        raise Unclear(_nowhere(told, match, len(places)))
    return {"start": places[0], "end": places[0] + len(told), "text": told, "label": label}


def _nowhere(told: str, match: re.Match[str], count: int) -> str:
    if count:
        example = f"{_short(told)}[{match['label']}] 2–{2 + len(told)}"
        return say(
            f"“{_short(told)}”在原文里有 {count} 处，写明从第几个字到第几个字（从 0 数），如 {example}",
            f"“{_short(told)}” is there {count} times: add its place, such as {example}",
        )
    if match["start"]:
        place = f"{match['start']}–{match['end']}"
        return say(f"原文 {place} 不是“{_short(told)}”", f"“{_short(told)}” is not at {place}")
    return say(f"原文里没有“{_short(told)}”", f"“{_short(told)}” is not in the text")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _short(text: str) -> str:
    flat = "".join(char if char.isprintable() else " " for char in text)
    return flat if len(flat) <= 20 else flat[:20] + "…"
