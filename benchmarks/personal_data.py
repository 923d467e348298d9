"""Recall and precision of the search for personal data, on invented sentences; what it finds in real texts.

``python -m benchmarks.personal_data`` writes ``benchmarks/results/personal_data.md``: the tables anew, what was read by
hand (below the last heading) as it was.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from time import perf_counter
from typing import Any

import polars as pl

from benchmarks import personal_sentences
from benchmarks.personal_sentences import SAME, Sentence
from curate.algorithms.personal_data import KINDS, Found, find_plain, search

SHARED = Path(__file__).parent.parent.parent / "shared" / "data"
RESULT = Path(__file__).parent / "results" / "personal_data.md"
BY_HAND = "## Read by hand"
#: real texts without personal data, or nearly: file -> the columns to read
REAL = {
    "news/xwlb_html.jsonl.gz": ("title", "content_html"),
    "community/v2ex_topics.jsonl.gz": ("title", "content"),
    "community/zhihu_hot_excerpts.jsonl.gz": ("title", "excerpt"),
    "structured/companies_smoothnlp.jsonl.gz": ("公司介绍", "地址"),
    "comments/online_shopping_10_cats.jsonl.gz": ("review",),
    "trad/zhwiki.jsonl.gz": ("text",),
    "instruct/alpaca_zh_carbonz0.jsonl.gz": ("instruction", "input", "output"),
}


def judged(
    told: list[Sentence],
) -> tuple[Counter[str], Counter[str], Counter[str], Counter[str], dict[str, list[str]]]:
    """(planted, gone, found, right) by kind, and what went wrong.

    A value is gone if all of it lies in what was found (and so is masked); a find is right if it overlaps a value.
    The search is the whole of it: the quick look first.
    """
    planted, gone, found, right = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    wrong: dict[str, list[str]] = defaultdict(list)
    texts = pl.Series("text", [one.text for one in told])
    suspects = {one.place: one for one in search(texts)}
    for place, one in enumerate(told):
        seen = find_plain(*suspects[place][1:]) if place in suspects else []
        covered = {at for span in seen for at in range(span.start, span.end)}
        for kind, start, end in one.truth:
            planted[kind] += 1
            letters = [at for at in range(start, end) if one.text[at].isalnum()]
            if covered.issuperset(letters):
                gone[kind] += 1
            else:
                wrong[f"missed {kind}"].append(f"{one.text!r}: {one.text[start:end]!r}")
        for span in seen:
            found[span.kind] += 1
            if any(span.start < end and start < span.end for _, start, end in one.truth):
                right[span.kind] += 1
            else:
                wrong[f"false {span.kind}"].append(f"{one.text!r}: {one.text[span.start : span.end]!r}")
    return planted, gone, found, right, wrong


def evaluate(sentences: int = 5000, seed: int = 20260) -> dict[str, Any]:
    """``pii_recall`` and ``pii_precision`` over all values, ``kinds``: the same for each with its counts, and ``wrong``."""
    planted, gone, found, right, wrong = judged(personal_sentences.sentences(sentences, seed))
    kinds = {}
    for kind in planted:
        as_found = SAME.get(kind, kind)
        kinds[kind] = {
            "values": planted[kind],
            "recall": gone[kind] / planted[kind],
            "found": found[as_found],
            "precision": right[as_found] / max(1, found[as_found]),
        }
    return {
        "sentences": sentences,
        "pii_recall": sum(gone.values()) / sum(planted.values()),
        "pii_precision": sum(right.values()) / sum(found.values()),
        "kinds": kinds,
        "wrong": dict(wrong),
    }


def real(file: str) -> tuple[int, float, Counter[str], list[tuple[Found, str]]]:
    """(rows, nanoseconds a byte, finds by kind, each find with its surroundings) in a real corpus, column by column."""
    with gzip.open(SHARED / file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    found, seconds, size = list[tuple[Found, str]](), 0.0, 0
    for column in REAL[file]:
        texts = pl.Series([row.get(column) for row in rows], dtype=pl.String, strict=False)
        for _ in range(2):  # patterns are compiled the first time
            start = perf_counter()
            told = [(one, find_plain(one.plain, one.kinds)) for one in search(texts)]
            spent = perf_counter() - start
        seconds += spent
        size += int(texts.str.len_bytes().sum())
        for suspect, finds in told:
            found += [(one, suspect.plain[max(0, one.start - 20) : one.end + 15]) for one in finds]
    return len(rows), seconds * 1e9 / size, Counter(one.kind for one, _ in found), found


def tables(told: dict[str, Any]) -> str:
    """What was measured, as Markdown."""
    lines = [
        "# Personal data: recall and precision",
        "",
        f"{told['sentences']:,} invented sentences (`benchmarks/personal_sentences.py`), of which two of five hold nothing"
        " but what looks like personal data. Recall: all letters and digits of the value lie in a find. Precision: the"
        " find overlaps a value.",
        "",
        "| kind | values | recall | finds | precision |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, one in sorted(told["kinds"].items()):
        lines.append(
            f"| {name} | {one['values']} | {one['recall']:.4f} | {one['found']} | {one['precision']:.4f} |"
        )
    lines.append(f"| all | | {told['pii_recall']:.4f} | | {told['pii_precision']:.4f} |")
    lines += [
        "",
        "## Finds in 10,000 rows of real text",
        "",
        "| corpus | rows | ns a byte |",
        "|---|--:|--:|",
    ]
    lines[-2:] = [
        f"| corpus | rows | ns a byte | {' | '.join(KINDS)} |",
        "|---" + "|--:" * (2 + len(KINDS)) + "|",
    ]
    for file in REAL if SHARED.is_dir() else ():
        rows, speed, counts, _ = real(file)
        finds = " | ".join(f"{counts[kind] * 1e4 / rows:.1f}" for kind in KINDS)
        lines.append(f"| {file.split('.')[0]} | {rows:,} | {speed:.1f} | {finds} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sentences", type=int, default=5000)
    asked.add_argument("--seed", type=int, default=20260)
    asked.add_argument("--wrong", action="store_true", help="print what went wrong")
    options = asked.parse_args()
    told = evaluate(options.sentences, options.seed)
    for name, cases in sorted(told["wrong"].items()) if options.wrong else ():
        sys.stdout.write(f"--- {name}: {len(cases)}\n" + "".join(f"  {case}\n" for case in cases[:14]))
    text = tables(told)
    sys.stdout.write(text)
    read = RESULT.read_text("utf-8").partition(BY_HAND)[2] if RESULT.exists() else ""
    RESULT.write_text(f"{text}\n{BY_HAND}{read}" if read else text, "utf-8")


if __name__ == "__main__":
    main()
