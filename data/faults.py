"""Rows that must go: garbled, too short, foreign, test, empty, invalid, and lines that cannot be read."""

import csv
import io
import json
import random
from typing import Any

from corpus import Corpus
from ids import CREDIT_ALPHABET
from layout import Row
from phrases_prose import FOREIGN

SHORT = ("顶", "。", "1", "好评", "赞", "路过", "+1", "好", "？", "收到")
TESTS = (
    "测试",
    "asdf",
    "111111",
    "测试测试",
    "asdfasdf",
    "test123",
    "qwerty",
    "aaaaaa",
    "测试内容请忽略",
    "123123",
)


def garble(rng: random.Random, text: str) -> str:
    """What is left after decoding with the wrong table, saving, and decoding again."""
    style = rng.randrange(3)
    if style == 0:
        return text.encode("gb18030").decode("utf-8", "replace")
    noise = "锟斤拷" if style == 1 else "烫烫烫"
    parts = [part if rng.random() < 0.4 else noise * rng.randint(2, 5) for part in text.split("，")]
    return noise + "，".join(parts) + noise * 3


def with_body(corpus: Corpus, kind: str, text: str, **more: Any) -> None:
    row = corpus.fresh() | {corpus.layout.body: text} | more
    entry = corpus.add(row, used=True)
    corpus.note(entry.raw, kind, field=corpus.layout.body, dirty=entry.raw[corpus.layout.body])


def garbled(corpus: Corpus, count: int) -> None:
    for _ in range(count):
        with_body(corpus, "garbled", garble(corpus.rng, str(corpus.make()[corpus.layout.body])))


def too_short(corpus: Corpus, count: int) -> None:
    for _ in range(count):
        with_body(corpus, "too_short", corpus.rng.choice(SHORT))


def foreign(corpus: Corpus, numbers: list[int]) -> None:
    for number in numbers:
        text = FOREIGN[number]
        with_body(corpus, "foreign", text, title=" ".join(text.split()[:6]).rstrip(",."))


def test_row(corpus: Corpus, numbers: list[int]) -> None:
    for number in numbers:
        with_body(corpus, "test_row", TESTS[number])


def empty(corpus: Corpus, count: int) -> None:
    for _ in range(count):
        with_body(corpus, "empty", "")


def wrong_code(code: str) -> str:
    """The same credit code with another check character."""
    return code[:-1] + CREDIT_ALPHABET[(CREDIT_ALPHABET.index(code[-1]) + 7) % 31]


WRONG: dict[str, list[tuple[str, Any]]] = {
    "companies": [
        ("credit_code", wrong_code), ("credit_code", wrong_code), ("name", None), ("capital_wan", -500),
        ("founded", "2015-13-45"), ("employees", -3),
    ],
    "visitors": [
        ("age", 230), ("age", "三十出头"), ("name", None),
        ("updated_at", "昨天下午"), ("company", None),
    ],
    "products": [
        ("price_yuan", -99), ("price_yuan", "面议"), ("name", None),
        ("launched", "2024-02-31"), ("model", None),
    ],
    "exhibitions": [
        ("end_date", "2019-05-01"), ("end_date", "2021-11-11"), ("edition", 0), ("visitors", -1200),
    ],
    "forums": [("title", None), ("exhibition_id", None)],
    "news": [("title", ""), ("updated_at", "2026-02-31 10:00:00"), ("title", None)],
    "posts": [("updated_at", "刚刚"), ("title", None), ("board", None)],
    "comments": [("stars", 9), ("stars", 0), ("stars", -1), ("target", None)],
}  # fmt: skip


def invalid(corpus: Corpus) -> None:
    for field, wrong in WRONG[corpus.name]:
        row = corpus.fresh()
        row[field] = wrong(row[field]) if callable(wrong) else wrong
        entry = corpus.add(row, used=True)
        corpus.note(entry.raw, "invalid", field=field, dirty=row[field])


def named(corpus: Corpus, row: Row) -> dict[str, Any]:
    """A row under the headings of its file."""
    return {heading: row[field] for field, heading in corpus.layout.columns.items()}


def bad_json_line(corpus: Corpus, count: int) -> None:
    for number in range(count):
        line = json.dumps(named(corpus, corpus.fresh()), ensure_ascii=False)
        broken = (line[: len(line) // 2], line.replace('": ', '" ', 1), line.replace('"', "'"))[number % 3]
        note = ("写到一半断掉", "少一个冒号", "用了单引号")[number % 3]
        corpus.broken.append(("bad_json_line", broken.encode(), note))


def bad_csv_line(corpus: Corpus, count: int, encoding: str) -> None:
    for number in range(count):
        values = [str(value or "").replace("\n", "") for value in named(corpus, corpus.fresh()).values()]
        values, note = (values[:4], "字段太少") if number % 2 else ([*values, "多余", "字段"], "字段太多")
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow(values)
        corpus.broken.append(("bad_csv_line", out.getvalue().encode(encoding), note))


def undecodable(corpus: Corpus) -> None:
    row = corpus.fresh()
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(list(named(corpus, row).values()))
    data = out.getvalue().encode("gb18030")
    name = str(row["name"]).encode("gb18030")
    note = f"{row[corpus.layout.key]} 的姓名里有 0xFF 0xFF"
    corpus.broken.append(("undecodable", data.replace(name, name[:2] + b"\xff\xff", 1), note))
