"""Values of a closed list: by their aliases first, then by likeness, and what is unsure goes to a person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from curate.algorithms.name_form import name_form

#: Where two values differ in one of these they are two values, however alike they look: 一级 and 二级, 会员 and 非会员, A区 and B区.
_TELLING = re.compile(
    r"[0-9一二三四五六七八九十两零〇甲乙丙丁戊非不未无否半上下左右前后高中低大小东南西北男女正副内外新旧老初双单多少]|[a-z](?![a-z])(?<![a-z][a-z])"
)
#: what a value came to
SAME, ALIAS, MATCHED, REVIEW, UNREAD = "same", "alias", "matched", "review", "unread"
_READ = pl.Struct({"value": pl.String, "how": pl.String, "proposal": pl.String, "score": pl.Float64})


@dataclass(frozen=True)
class Choices:
    """A closed list.

    Attributes:
        aliases: canonical value -> other ways to write it; compared in ``name_form`` without spaces.
        match_above: likeness from which a value becomes the canonical one.
        review_above: likeness from which a person should look.
    """

    aliases: Mapping[str, Sequence[str]]
    match_above: float
    review_above: float


def parse_choices(texts: pl.Series, choices: Choices) -> pl.DataFrame:
    """Value (null where it is not sure), how, proposal, score (normalised indel similarity, 0..1) of each text."""
    unique = texts.drop_nulls().unique()
    surfaces = [
        (canonical, name) for canonical, names in choices.aliases.items() for name in (canonical, *names)
    ]
    keys = _key(pl.Series([name for _, name in surfaces], dtype=pl.String)).to_list()
    known: dict[str, str] = {}
    for key, (canonical, _) in zip(keys, surfaces, strict=True):
        known.setdefault(key, canonical)
    read = [_choice(text, key, known, choices) for text, key in zip(unique, _key(unique), strict=True)]
    told = pl.DataFrame({"text": unique, "read": pl.Series(read, dtype=_READ)})
    return (
        texts.to_frame("text")
        .join(told, on="text", how="left", maintain_order="left")
        .select(pl.col("read").struct.unnest())
    )


def _key(values: pl.Series) -> pl.Series:
    return name_form(values).str.replace_all(r"[\s\-_·.,;:，。；：、()（）\[\]【】]+", "")


def _choice(text: str, key: str, known: Mapping[str, str], choices: Choices) -> dict[str, object]:
    from rapidfuzz import fuzz, process

    if text in choices.aliases:
        return {"value": text, "how": SAME}
    if key in known:
        return {"value": known[key], "how": ALIAS}
    near = process.extract(
        key, list(known), scorer=fuzz.ratio, score_cutoff=100 * choices.review_above, limit=None
    )
    best: dict[str, float] = {}
    for name, score, _ in near:
        best[known[name]] = max(best.get(known[name], 0.0), score / 100)
    if not best:
        return {"how": UNREAD}
    ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    proposal, score = ranked[0]
    tie = len(ranked) > 1 and ranked[1][1] == score
    like = max(
        (name for name, _, _ in near if known[name] == proposal), key=lambda name: fuzz.ratio(name, key)
    )
    sure = score >= choices.match_above and not tie and _telling(like) == _telling(key)
    found = {"proposal": proposal, "score": round(score, 4)}
    return {"value": proposal, "how": MATCHED, **found} if sure else {"how": REVIEW, **found}


def _telling(key: str) -> list[str]:
    return sorted(_TELLING.findall(key))
