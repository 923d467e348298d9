"""Gold items, whose right answer is known; and how checks are spread among the items so that nobody can tell which they are."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from hashlib import md5
from pathlib import Path
from typing import Any

import polars as pl

from curate.errors import CurateError, Problem
from curate.language import say
from curate.messages import did_you_mean
from curate.review.schema import ITEM, as_json, content_of

#: Problems of a file that are told at once.
MOST_PROBLEMS = 10


def read_gold(file: Path, fields: Sequence[str], control: str, values: Collection[str] = ()) -> pl.DataFrame:
    """Gold items (``schema.ITEM``) of a jsonl: ``{"data": {field: text}, "expected": {control: value}}`` a line, and an ``id`` if you
    like. An expected value may be a list: of values that are all right, or, of a control for spans, of the spans.

    Args:
        fields: the ``$fields`` of the interface; a line has exactly these.
        control: the declared control, for which something must be expected.
        values: what the control may say; anything, where empty.

    Raises:
        CurateError: the file cannot be read, or lines are wrong: all of them with their numbers.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CurateError(
            say(f"读不了标准答案 {file}：{error}", f"the gold items {file} cannot be read: {error}"),
            say("要一份 UTF-8 的 jsonl，每行一条", "a UTF-8 jsonl is wanted, one item a line"),
        ) from error
    problems: list[Problem] = []
    items: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        wrong, item = _read(line, fields, control, values)
        if item is not None and item["item_id"] in items:
            wrong = say(f"编号 {item['item_id']} 前面已经有了", f"{item['item_id']} stands above already"), ""
        if wrong:
            problems.append(Problem(file, number, *wrong))
        elif item is not None:
            items[item["item_id"]] = item
    if problems:
        more = len(problems) - MOST_PROBLEMS
        told = [str(problem) for problem in problems[:MOST_PROBLEMS]]
        told += [say(f"……还有 {more} 处", f"… and {more} more")] if more > 0 else []
        raise CurateError(
            "\n".join(told),
            say(
                f'每行写成 {{"data": {{{"、".join(fields)}}}, "expected": {{"{control}": …}}}}',
                f'write {{"data": {{{", ".join(fields)}}}, "expected": {{"{control}": …}}}} in each line',
            ),
        )
    return pl.DataFrame(list(items.values()), schema=ITEM)


def interleaved(sample: pl.DataFrame, checks: pl.DataFrame, seed: str = "") -> pl.DataFrame:
    """The items of both, with ``place``: the sample in its order, and the checks (controls and gold) spread evenly among it, in the
    order of their MD5s. Each has a stretch of the sample to itself and stands somewhere in it, so that no two are neighbours,
    unless there are more checks than items.
    """
    size, count = sample.height, checks.height
    drawn = [int(_digest(seed + item_id), 16) for item_id in checks["item_id"]]
    order = sorted(range(count), key=lambda number: (drawn[number], checks["item_id"][number]))
    # an item of the sample stands at an odd number, so that a check at the even one below it stands in front
    stretches = [(size * turn // count, size * (turn + 1) // count) for turn in range(count)]
    ahead = [
        2 * (start + drawn[number] // count % max(1, end - start))
        for (start, end), number in zip(stretches, order, strict=True)
    ]
    every = pl.concat(
        [
            sample.with_columns((2 * pl.int_range(pl.len()) + 1).alias("place")),
            checks[order].with_columns(pl.Series("place", ahead, dtype=pl.Int64)),
        ]
    )
    return every.sort("place", maintain_order=True).with_columns(pl.int_range(pl.len()).alias("place"))


def _digest(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()[:15]


def _read(
    line: str, fields: Sequence[str], control: str, values: Collection[str]
) -> tuple[tuple[str, str] | None, dict[str, Any] | None]:
    """(what is wrong and what to do, the item) of a line; one of them is null."""
    try:
        told = json.loads(line)
    except json.JSONDecodeError as error:
        return (say(f"不是 JSON：{error.msg}", f"no JSON: {error.msg}"), ""), None
    wrong = _wrong(told, fields, control, values)
    if wrong:
        return wrong, None
    data = {name: told["data"][name] for name in fields}
    item = {
        "item_id": f"gold:{told.get('id') or content_of(data)}",
        "content": content_of(data),
        "data": as_json(data),
        "part": "gold",
        "expected": as_json(told["expected"]),
        "stratum": "gold",
    }
    return None, item


def _wrong(told: Any, fields: Sequence[str], control: str, values: Collection[str]) -> tuple[str, str] | None:
    if not isinstance(told, dict) or not all(
        isinstance(told.get(name), dict) for name in ("data", "expected")
    ):
        return say("没有 data 和 expected", "data and expected are missing"), ""
    unknown = [name for name in told if name not in ("data", "expected", "id")]
    unknown += [f"data.{name}" for name in told["data"] if name not in fields]
    if unknown:
        known = [f"data.{name}" for name in fields]
        return say(f"不认识 {unknown[0]}", f"{unknown[0]} is unknown"), did_you_mean(unknown[0], known)
    missing = [name for name in fields if not isinstance(told["data"].get(name), str)]
    if missing:
        return say(f"data 里没有文字 {missing[0]}", f"data has no text {missing[0]}"), ""
    if control not in told["expected"]:
        return say(f"expected 里没有 {control}", f"expected does not name {control}"), ""
    expected = told["expected"][control]
    named = expected if isinstance(expected, list) else [expected]
    odd = [one for one in named if values and one not in values]
    if odd or (values and not named):
        shown = odd[0] if odd else expected
        return say(f"{control} 没有 {shown} 这个值", f"{control} has no value {shown}"), did_you_mean(
            str(shown), list(values)
        )
    return None
