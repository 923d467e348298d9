"""Read the corpora back as they are in the files, under the names of the fields; skip what cannot be read."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped,unused-ignore]
import polars as pl
from layout import LAYOUTS, Row

Unreadable = set[tuple[str, int]]  # file, line


def renamed(corpus: str, row: dict[str, Any]) -> Row:
    return {field: row[heading] for field, heading in LAYOUTS[corpus].columns.items()}


def read_json(corpus: str, folder: Path, pattern: str, unreadable: Unreadable) -> list[Row]:
    rows = []
    for path in sorted(folder.glob(pattern)):
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for number, line in enumerate(data.decode().split("\n")[:-1], start=1):
            try:
                rows.append(renamed(corpus, json.loads(line)))
            except json.JSONDecodeError:
                unreadable.add((str(path.relative_to(folder)), number))
    return rows


def read_csv(corpus: str, path: Path, encoding: str, unreadable: Unreadable) -> list[Row]:
    lines = path.read_bytes().decode(encoding, "surrogateescape").split("\n")
    records = csv.reader(f"{line}\n" for line in lines[:-1])
    head = next(records)
    rows = []
    before = records.line_num
    for record in records:
        place = (path.name, before + 1)
        before = records.line_num
        if len(record) != len(head) or any("\udc80" <= char <= "\udcff" for char in "".join(record)):
            unreadable.add(place)
        else:
            rows.append(renamed(corpus, dict(zip(head, record, strict=True))))
    return rows


def read_all(folder: Path) -> tuple[dict[str, list[Row]], Unreadable]:
    unreadable: Unreadable = set()
    sheet = openpyxl.load_workbook(folder / "companies.xlsx", read_only=True).worksheets[0]
    head, *records = (list(record) for record in sheet.iter_rows(values_only=True))
    corpora = {
        "companies": [
            renamed("companies", dict(zip(map(str, head), record, strict=True))) for record in records
        ]
    }
    corpora["visitors"] = read_csv("visitors", folder / "visitors.csv", "gb18030", unreadable)
    corpora["products"] = read_json("products", folder, "products.jsonl.gz", unreadable)
    corpora["exhibitions"] = read_json("exhibitions", folder, "exhibitions.jsonl", unreadable)
    corpora["forums"] = pl.read_parquet(folder / "forums.parquet").to_dicts()
    corpora["reports"] = []
    for path in sorted((folder / "reports").glob("*.md")):
        data = path.read_bytes()
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("gb18030")
        title, _, body = text.partition("\n")
        corpora["reports"].append(
            {"file": path.stem, "title": title.removeprefix("# "), "text": body.strip("\n")}
        )
    corpora["news"] = read_json("news", folder, "news/*.jsonl.gz", unreadable)
    corpora["posts"] = read_csv("posts", folder / "posts.csv", "utf-8-sig", unreadable)
    corpora["comments"] = read_json("comments", folder, "comments/*.jsonl", unreadable)
    return corpora, unreadable
