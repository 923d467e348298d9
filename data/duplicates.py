"""Copies, near copies, rewritten stories, and rows that only look like copies."""

import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import ids
import vocabulary as words
from corpus import Corpus, Entry, comfortable
from grammar import listed
from layout import Row, render
from normal import jaccard, normal
from phrases_prose import COMMENT_OPPOSITES, COMMENT_SHORT
from unstructured import short_comment

_HAN = re.compile(r"[\u4e00-\u9fff]")
_SYNONYMS = listed(
    "目前=现在 超过=突破 安排=布置 提供=给予 需要=须要 "
    "平均=人均 方便=便于 建议=提议 希望=盼望 主要=首要 降低=减少 "
    "参加=出席 包括=涵盖 增加=提升 开始=着手 常见=多见 预计=预期 采用=运用 适合=适用 支持=允许"
)


def later(value: Any, days: int) -> Any:
    moved = datetime.fromisoformat(str(value)) + timedelta(days=days)
    return moved if isinstance(value, datetime) else str(moved)


def early(row: Row) -> bool:
    return str(row["updated_at"]) < "2026-03"


def slip(rng: random.Random, text: str) -> str:
    """One small edit: a synonym, a character left out, typed twice or swapped with the next."""
    known = [pair.split("=") for pair in _SYNONYMS if pair.split("=")[0] in text]
    if known and rng.random() < 0.4:
        old, new = rng.choice(known)
        return text.replace(old, new, 1)
    places = [i for i in range(1, len(text) - 2) if all(_HAN.match(char) for char in text[i : i + 2])]
    place = rng.choice(places)
    one, two = text[place], text[place + 1]
    return text[:place] + rng.choice((two, one + one + two, two + one)) + text[place + 2 :]


def respell(rng: random.Random, text: str) -> str:
    """Other punctuation, spaces, widths and case; the normal form does not change."""
    text = re.sub("，", lambda match: rng.choice("，；、"), text)
    text = re.sub("。", lambda match: rng.choice("。！"), text)
    text = re.sub(r"(?<=[\u4e00-\u9fff])(?=[0-9])", " ", text, count=rng.randint(0, 3))
    if rng.random() < 0.5:
        text = re.sub(r"[A-Za-z0-9]", lambda match: chr(ord(match.group()) + 0xFEE0), text)
    return text.upper().rstrip("。！") + rng.choice(("！", "……", "～"))


def same_key(corpus: Corpus, count: int) -> None:
    body = corpus.layout.body
    for _ in range(count):
        entry = corpus.take(lambda row: bool(row[body]) and early(row))
        newer = dict(entry.clean) | {
            "updated_at": later(entry.clean["updated_at"], corpus.rng.randint(3, 20))
        }
        newer[body] = slip(corpus.rng, slip(corpus.rng, str(newer[body])))
        older = corpus.entries.pop(next(i for i, item in enumerate(corpus.entries) if item is entry))
        pair = [dict(older.clean), newer]
        corpus.rng.shuffle(pair)
        for row in pair:
            corpus.add(row, used=True)
        key = entry.clean[corpus.layout.key]
        corpus.note(
            newer,
            "same_key",
            of=key,
            note=f"保留 updated_at={newer['updated_at']}，去掉 updated_at={entry.clean['updated_at']}",
        )


def exact_dup(corpus: Corpus, count: int) -> None:
    body = corpus.layout.body
    while count:
        entry = corpus.take(lambda row: len(row[body] or "") > 18)
        text = str(entry.clean[body])
        row = corpus.copy(entry, **{body: respell(corpus.rng, text)})
        if row[body] != text and normal(row[body]) == normal(text):
            corpus.note(row, "exact_dup", of=entry.clean[corpus.layout.key])
            corpus.add(row, used=True)
            count -= 1


def related(
    corpus: Corpus,
    kind: str,
    low: float,
    high: float,
    count: int,
    change: Callable[[Entry], dict[str, Any] | None],
) -> None:
    """Add changed copies whose similarity to the original lies within bounds."""
    done = 0
    for _ in range(count * 40):
        if done == count:
            return
        entry = corpus.take(lambda row: bool(row[corpus.layout.body]))
        text = render(corpus.name, entry.clean)
        for _ in range(30 if comfortable(text) else 0):
            changes = change(entry)
            if changes is None:
                break
            other = render(corpus.name, entry.clean | changes)
            score = jaccard(text, other)
            if low <= score <= high and comfortable(other):
                row = corpus.copy(entry, **changes)
                corpus.note(row, kind, of=entry.clean[corpus.layout.key], note=f"J={score:.3f}")
                corpus.add(row, used=True)
                done += 1
                break
        else:
            entry.used = False
    raise RuntimeError(f"{corpus.name}：凑不出 {kind}")


def near_dup(corpus: Corpus, count: int) -> None:
    body = corpus.layout.body

    def change(entry: Entry) -> dict[str, Any]:
        text = str(entry.clean[body])
        length = len(render(corpus.name, entry.clean))
        for _ in range(max(1, round(length * corpus.rng.uniform(0.01, 0.025)))):
            text = slip(corpus.rng, text)
        return {body: text}

    related(corpus, "near_dup", 0.835, 0.975, count, change)


def alike(corpus: Corpus, count: int) -> None:
    body = corpus.layout.body

    def change(entry: Entry) -> dict[str, Any]:
        """The same story, with some sentences told otherwise."""
        parts = re.split(r"(?<=。)", str(entry.clean[body]))
        others = [
            part for part in re.split(r"(?<=。)", str(corpus.make()[body])) if "\n" not in part and part
        ]
        places = [i for i, part in enumerate(parts) if part and "\n" not in part and "”" not in part]
        for place in corpus.rng.sample(places, min(len(places), max(1, round(len(parts) * 0.2)))):
            parts[place] = corpus.rng.choice(others or [parts[place]])
        return {body: slip(corpus.rng, "".join(parts))}

    related(corpus, "alike", 0.57, 0.73, count, change)


def lookalike(corpus: Corpus, count: int) -> None:
    rng = corpus.rng

    def company(entry: Entry) -> dict[str, Any] | None:
        row = entry.clean
        others = [city for city in words.PLACES[row["province"]] if city != row["city"]]
        if not others or row["city"].removesuffix("市") in row["introduction"]:
            return None
        city = rng.choice(others)
        name = row["name"].replace(row["city"].removesuffix("市"), city.removesuffix("市"))
        return {
            "name": name, "city": city, "credit_code": ids.credit_code(rng, row["province"]), "phone": ids.landline(rng),
            "website": None, "employees": rng.randint(6, 90),
        }  # fmt: skip

    def product(entry: Entry) -> dict[str, Any]:
        letters, number = re.findall(r"^(..)-(\d+)", entry.clean["model"])[0]
        return {
            "model": f"{letters}-{int(number) + rng.randint(1, 60)}{rng.choice('ABS')}",
            "price_yuan": round(entry.clean["price_yuan"] * rng.uniform(1.05, 1.6), 1),
        }

    def exhibition(entry: Entry) -> dict[str, Any]:
        row = entry.clean
        years = rng.choice((-1, 1))
        start = datetime.fromisoformat(row["start_date"]) + timedelta(days=364 * years)
        end = datetime.fromisoformat(row["end_date"]) + timedelta(days=364 * years)
        edition = row["edition"] + years
        name = row["name"].replace(f"第{row['edition']}届", f"第{edition}届")
        return {
            "name": name,
            "edition": edition,
            "start_date": str(start.date()),
            "end_date": str(end.date()),
        }

    changes: dict[str, Callable[[Entry], dict[str, Any] | None]] = {
        "companies": company, "products": product, "exhibitions": exhibition
    }  # fmt: skip
    related(corpus, "lookalike", 0.8, 0.99, count, changes[corpus.name])


def short_comments(corpus: Corpus, count: int, targets: list[str]) -> None:
    """Short comments that many people write, and pairs that differ in what matters."""
    first: dict[str, Row] = {}
    for _ in range(count):
        text = corpus.rng.choice(COMMENT_SHORT)
        row = {"id": next(corpus.keys), **short_comment(corpus.rng, text, targets)}
        corpus.add(row, used=True)
        if text in first:
            corpus.note(row, "repeated", of=first[text]["id"], note="不同的人写了同一句短评，不是抄来的")
        first.setdefault(text, row)
    for one, other in COMMENT_OPPOSITES:
        rows = [
            {"id": next(corpus.keys), **short_comment(corpus.rng, text, targets)} for text in (one, other)
        ]
        for row in rows:
            corpus.add(row, used=True)
        corpus.note(rows[1], "lookalike", of=rows[0]["id"], note=f"J={jaccard(one, other):.3f}")
