"""How well structured fields are read, against truth that people wrote by reading; and how fast.

``python -m benchmarks.fields [--labels FOLDER]`` prints a table and ends with one JSON line. A label file is JSON lines of
``value`` and ``truth`` (null: not to be read). Those of sources that may be copied are in tests/algorithms/fields/labels; the
others stand in a folder outside the repo, one ``<field>.jsonl`` each, and are left out without it. ``wrong`` counts values that
were read as something else than the truth, or read though they should not be; ``unread``: those left alone that should be read.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from curate.algorithms.fields.amounts import amount_unit, parse_amounts
from curate.algorithms.fields.companies import parse_companies
from curate.algorithms.fields.credit_codes import parse_credit_codes
from curate.algorithms.fields.dates import parse_dates
from curate.algorithms.fields.divisions import parse_divisions
from curate.algorithms.fields.urls import parse_urls
from curate.clean.normalize_fields import NormalizeFields

COMMITTED = Path(__file__).parent.parent / "tests/algorithms/fields/labels"


def amounts(texts: pl.Series) -> list[Any]:
    unit = amount_unit("万元")
    assert unit is not None
    return [list(row) if row[0] is not None else None for row in parse_amounts(texts, unit).iter_rows()]


def divisions(texts: pl.Series) -> list[Any]:
    return [list(row) for row in parse_divisions(texts)["province", "city", "district"].iter_rows()]


def plain(parse: Callable[[pl.Series], pl.Series]) -> Callable[[pl.Series], list[Any]]:
    return lambda texts: parse(texts).to_list()


#: label file -> (what it is, source, parser)
FIELDS: dict[str, tuple[str, str, Callable[[pl.Series], list[Any]]]] = {
    "conference_url": ("url", "confs.tech, url", plain(parse_urls)),
    "conduct_url": ("url", "confs.tech, cocUrl", plain(parse_urls)),
    "website": ("url", "FinanceDatabase, website", plain(parse_urls)),
    "company_english": ("company_name", "FinanceDatabase, name", plain(parse_companies)),
    "company_chinese": (
        "company_name",
        "company-name-match, names with other than Han",
        plain(parse_companies),
    ),
    "registry_website": ("url", "registry, 网址", plain(parse_urls)),
    "registry_website_odd": ("url", "registry, 网址 of rare shapes", plain(parse_urls)),
    "registry_company": ("company_name", "registry, 公司名称", plain(parse_companies)),
    "registry_company_odd": (
        "company_name",
        "registry, 公司名称 with other than Han",
        plain(parse_companies),
    ),
    "founded": ("date", "registry, 成立时间", plain(parse_dates)),
    "capital": ("amount", "registry, 注册资金", amounts),
    "capital_odd": ("amount", "registry, 注册资金 of rare shapes", amounts),
    "credit_code": ("credit_code", "registry, 统一信用代码", plain(parse_credit_codes)),
    "address": ("division", "registry, 地址: province, city, district", divisions),
}


def labelled(folders: list[Path]) -> Iterator[tuple[str, pl.Series, list[Any]]]:
    """(field, texts, truths) of the label files that are there."""
    for name in FIELDS:
        for folder in folders:
            file = folder / f"{name}.jsonl"
            if file.is_file():
                rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
                yield (
                    name,
                    pl.Series([row["value"] for row in rows], dtype=pl.String),
                    [row["truth"] for row in rows],
                )


def judged(found: list[Any], truths: list[Any]) -> dict[str, int]:
    """right, unread, wrong; for a place of three levels a level that is left out is unread, another one wrong."""
    told = {"rows": len(truths), "right": 0, "unread": 0, "wrong": 0}
    for one, truth in zip(found, truths, strict=True):
        levels = list(zip(one, truth, strict=True)) if isinstance(truth, list) and one else [(one, truth)]
        if all(left == right for left, right in levels):
            told["right"] += 1
        elif all(left in (right, None) for left, right in levels):
            told["unread"] += 1
        else:
            told["wrong"] += 1
    return told


def microseconds(rows: int) -> dict[str, float]:
    """Per row and kind, every value another one that is not in normal form."""
    number = pl.select(pl.int_range(rows).alias("n")).to_series()
    frame = pl.DataFrame({"n": number}).select(
        date=pl.format(
            "{}年{}月{}日",
            1900 + pl.col("n") % 120,
            1 + pl.col("n") // 120 % 12,
            1 + pl.col("n") // 1440 % 28,
        ),
        amount=pl.format("{}万元人民币", pl.col("n")),
        phone=pl.format("+86 138 {} {}", 1000 + pl.col("n") // 9000, 1000 + pl.col("n") % 9000),
        url=pl.format("WWW.A{}.com/", pl.col("n")),
        division=pl.format("浙江杭州西湖区文三路{}号", pl.col("n")),
        company_name=pl.format("宏达(杭州){}科技有限公司", pl.col("n")),
    )
    told = {}
    for name in frame.columns:
        options: Any = {"kind": name, "unit": "万元"} if name == "amount" else name
        cleaner = NormalizeFields(columns={name: options})
        start = time.perf_counter()
        cleaner.apply(frame.select(name))
        told[name] = round(1e6 * (time.perf_counter() - start) / rows, 1)
    return told


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--labels", type=Path, help="folder of label files that are not in the repo")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--mistakes", action="store_true", help="print every value that is not right")
    options = parser.parse_args()
    folders = [COMMITTED, *([options.labels] if options.labels else [])]
    told = {}
    print("| kind | source | rows | right | unread | wrong |\n|---|---|---|---|---|---|")
    for name, texts, truths in labelled(folders):
        kind, source, parse = FIELDS[name]
        found = parse(texts)
        told[name] = judged(found, truths)
        print(f"| {kind} | {source} | " + " | ".join(map(str, told[name].values())) + " |")
        for text, one, truth in zip(texts, found, truths, strict=True) if options.mistakes else ():
            if one != truth:
                print("   ", repr(text), one, truth)
    print(json.dumps({"accuracy": told, "microseconds_a_value": microseconds(options.rows)}))


if __name__ == "__main__":
    main()
