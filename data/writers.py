"""Write the corpora; note where the lines stand that cannot be read."""

import csv
import gzip
import io
import json
from datetime import datetime
from pathlib import Path

import polars as pl
import xlsxwriter  # type: ignore[import-untyped,unused-ignore]
from corpus import Corpus, Entry
from faults import named

GB18030_REPORTS = 3


def ordered(corpus: Corpus) -> list[Entry]:
    key = corpus.layout.key
    time = "updated_at" if corpus.name == "news" else key
    return sorted(
        corpus.entries,
        key=lambda entry: (
            (str(entry.raw[time]), str(entry.raw[key])) if time != key else (str(entry.raw[key]), "")
        ),
    )


def assemble(
    corpus: Corpus, file: str, head: bytes, rows: list[bytes], broken: list[tuple[str, bytes, str]]
) -> bytes:
    """Put the broken lines among the good ones and record where they are."""
    lines = list(rows)
    for item in broken:
        lines.insert(
            corpus.rng.randrange(1, len(lines)), item[1] + (b"\r\n" if lines[0].endswith(b"\r\n") else b"\n")
        )
    notes = {line: (kind, note) for kind, line, note in broken}
    number = 1 + head.count(b"\n")
    for line in lines:
        if found := notes.get(line.rstrip(b"\r\n")):
            place = {
                "corpus": corpus.name,
                "key": None,
                "kind": found[0],
                "file": file,
                "line": number,
                "note": found[1],
            }
            corpus.truth.append(place)
        number += line.count(b"\n")
    return head + b"".join(lines)


def json_lines(corpus: Corpus, entries: list[Entry]) -> list[bytes]:
    return [json.dumps(named(corpus, entry.raw), ensure_ascii=False).encode() + b"\n" for entry in entries]


def packed(data: bytes) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=out, mode="wb", mtime=0) as file:
        file.write(data)
    return out.getvalue()


def write_json(corpus: Corpus, folder: Path, files: dict[str, list[Entry]]) -> None:
    """Files whose names end in .gz are packed; the broken lines are dealt out among the files."""
    for number, (file, entries) in enumerate(files.items()):
        broken = corpus.broken[number :: len(files)]
        data = assemble(corpus, file, b"", json_lines(corpus, entries), broken)
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_bytes(packed(data) if file.endswith(".gz") else data)


def write_csv(corpus: Corpus, folder: Path, file: str, encoding: str, newline: str) -> None:
    def line(values: list[object]) -> bytes:
        out = io.StringIO()
        csv.writer(out, lineterminator=newline).writerow(values)
        return out.getvalue().encode(encoding)

    head = line(list(corpus.layout.columns.values()))
    rows = [line(list(named(corpus, entry.raw).values())) for entry in ordered(corpus)]
    mark = b"\xef\xbb\xbf" if file == "posts.csv" else b""
    (folder / file).write_bytes(assemble(corpus, file, mark + head, rows, corpus.broken))


def write_xlsx(corpus: Corpus, folder: Path, file: str) -> None:
    with xlsxwriter.Workbook(folder / file, {"strings_to_urls": False, "strings_to_formulas": False}) as book:
        book.set_properties({"created": datetime(2026, 4, 1)})
        sheet = book.add_worksheet("企业名录")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(corpus.layout.columns), 16)
        sheet.write_row(0, 0, list(corpus.layout.columns.values()))
        for number, entry in enumerate(ordered(corpus), start=1):
            sheet.write_row(number, 0, list(named(corpus, entry.raw).values()))


def write_parquet(corpus: Corpus, folder: Path, file: str) -> None:
    moments = {"start": pl.Datetime("us"), "updated_at": pl.Datetime("us")}
    schema = {name: moments.get(name, pl.String()) for name in corpus.layout.columns}
    frame = pl.DataFrame([named(corpus, entry.raw) for entry in ordered(corpus)], schema=schema)
    frame.write_parquet(folder / file, compression="zstd")


def write_reports(corpus: Corpus, folder: Path) -> None:
    target = folder / "reports"
    target.mkdir(exist_ok=True)
    for old in target.glob("*.md"):
        old.unlink()
    plain = [entry for entry in ordered(corpus) if not entry.used][
        :: max(1, sum(not e.used for e in corpus.entries) // 3)
    ]
    other = {entry.raw["file"] for entry in plain[:GB18030_REPORTS]}
    for entry in corpus.entries:
        text = f"# {entry.raw['title']}\n\n{entry.raw['text']}\n"
        encoding = "gb18030" if entry.raw["file"] in other else "utf-8"
        (target / f"{entry.raw['file']}.md").write_bytes(text.encode(encoding))


def write_all(corpora: dict[str, Corpus], folder: Path) -> None:
    write_xlsx(corpora["companies"], folder, "companies.xlsx")
    write_csv(corpora["visitors"], folder, "visitors.csv", "gb18030", "\r\n")
    write_json(corpora["products"], folder, {"products.jsonl.gz": ordered(corpora["products"])})
    write_json(corpora["exhibitions"], folder, {"exhibitions.jsonl": ordered(corpora["exhibitions"])})
    write_parquet(corpora["forums"], folder, "forums.parquet")
    write_reports(corpora["reports"], folder)
    months: dict[str, list[Entry]] = {f"news/2026-0{month}.jsonl.gz": [] for month in (1, 2, 3)}
    for entry in ordered(corpora["news"]):
        months[f"news/{entry.raw['updated_at'][:7]}.jsonl.gz"].append(entry)
    write_json(corpora["news"], folder, months)
    write_csv(corpora["posts"], folder, "posts.csv", "utf-8", "\n")
    comments = ordered(corpora["comments"])
    half = len(comments) // 2
    write_json(
        corpora["comments"],
        folder,
        {"comments/part-1.jsonl": comments[:half], "comments/part-2.jsonl": comments[half:]},
    )
    truth = [line for corpus in corpora.values() for line in corpus.truth]
    text = "".join(json.dumps(line, ensure_ascii=False, default=str) + "\n" for line in truth)
    (folder / "truth.jsonl").write_text(text, encoding="utf-8")
