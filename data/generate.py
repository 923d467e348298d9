"""Write the sample corpora and what is planted in them; `--check` reads them back and verifies all claims."""

import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import dirt
import duplicates
import faults
import snippets
import structured
import unstructured
from check import check
from corpus import Corpus
from grammar import listed
from layout import Row
from writers import write_all

FOLDER = Path(__file__).parent
# What is planted, and how often in each of these corpora:
NAMES = listed("companies visitors products exhibitions forums reports news posts comments")
PLAN = {
    "same_key": (6, 5, 5, 4, 3, 0, 5, 4, 4),
    "exact_dup": (5, 4, 6, 4, 4, 3, 8, 6, 5),
    "near_dup": (6, 5, 8, 5, 6, 4, 10, 6, 0),
    "alike": (0, 0, 0, 0, 7, 5, 9, 0, 0),
    "lookalike": (16, 0, 18, 14, 0, 0, 0, 0, 0),
    "mojibake": (0, 0, 3, 1, 0, 1, 3, 3, 2),
    "control_chars": (0, 1, 3, 1, 0, 0, 3, 3, 2),
    "zero_width": (3, 3, 2, 1, 2, 1, 2, 2, 2),
    "soft_hyphen": (2, 0, 2, 0, 1, 1, 3, 2, 0),
    "private_use": (2, 0, 3, 0, 0, 0, 2, 3, 3),
    "fullwidth": (4, 4, 4, 2, 2, 0, 2, 3, 2),
    "html_lt_text": (0, 0, 4, 0, 0, 2, 5, 4, 0),
    "spaces_between_han": (2, 0, 2, 2, 2, 3, 3, 2, 0),
    "broken_lines": (2, 0, 2, 1, 2, 4, 0, 3, 0),
    "traditional": (2, 2, 3, 2, 2, 1, 3, 3, 2),
    "url_in_prose": (3, 0, 0, 1, 0, 1, 3, 4, 0),
    "placeholder": (8, 6, 3, 0, 3, 0, 3, 2, 0),
    "repeated_punctuation": (0, 2, 0, 0, 0, 0, 0, 5, 5),
    "boilerplate": (0, 0, 0, 0, 0, 2, 14, 0, 0),
    "phone_in_text": (3, 3, 0, 0, 0, 1, 3, 6, 3),
    "id_in_text": (0, 3, 0, 0, 0, 0, 2, 4, 2),
    "email_in_text": (2, 0, 0, 0, 0, 0, 3, 4, 2),
    "order_number": (2, 2, 0, 0, 0, 0, 4, 7, 5),
    "garbled": (0, 0, 2, 0, 0, 2, 4, 4, 2),
    "too_short": (0, 0, 0, 0, 0, 0, 2, 6, 10),
    "empty": (0, 0, 0, 0, 0, 1, 3, 3, 3),
    "bad_json_line": (0, 0, 3, 3, 0, 0, 3, 0, 4),
}


def shuffled(rng: random.Random, pattern: str, count: int) -> Iterator[str]:
    """Keys in random order, so that copies do not stand at the end."""
    keys = [pattern.format(number) for number in range(1, count + 1)]
    rng.shuffle(keys)
    return iter(keys)


def corpus(name: str, make: Callable[[random.Random], Row], pattern: str, keys: int, plain: int) -> Corpus:
    rng = random.Random(f"展会样例-{name}")
    made = Corpus(name, rng, lambda: make(rng), shuffled(rng, pattern, keys))
    made.novelty = {"visitors": 0.5, "comments": 0.62, "forums": 0.4}.get(name, 0.42)
    made.wrap = unstructured.as_html if name == "news" else str
    made.fill(plain)
    return made


def build() -> dict[str, Corpus]:
    """The plain rows; rows refer only to plain rows."""
    made = {"companies": corpus("companies", structured.company, "C{:05}", 620, 555)}
    made["visitors"] = corpus("visitors", structured.visitor, "V{:05}", 720, 670)
    companies = [entry.clean["company_id"] for entry in made["companies"].entries]
    made["products"] = corpus("products", lambda rng: structured.product(rng, companies), "P{:05}", 640, 545)
    made["exhibitions"] = corpus(
        "exhibitions", lambda rng: structured.exhibition(rng, companies), "E{:04}", 180, 125
    )
    shows = [entry.clean for entry in made["exhibitions"].entries]
    days = [(row["id"], row["start_date"]) for row in shows]
    made["forums"] = corpus("forums", lambda rng: structured.forum(rng, days), "F{:04}", 270, 215)
    made["reports"] = corpus("reports", unstructured.report, "report-{:03}", 70, 44)
    cities = [(row["name"], row["city"]) for row in shows]
    address = "https://news.example.com/2026/{:04}.html"
    made["news"] = corpus("news", lambda rng: unstructured.article(rng, cities), address, 680, 545)
    made["posts"] = corpus("posts", unstructured.post, "T{:05}", 520, 405)
    targets = [entry.clean["id"] for name in ("products", "exhibitions") for entry in made[name].entries]
    made["comments"] = corpus("comments", lambda rng: unstructured.comment(rng, targets), "K{:05}", 1000, 600)
    duplicates.short_comments(made["comments"], 240, targets)
    return made


def plant(corpora: dict[str, Corpus]) -> None:
    own: dict[str, Callable[[Corpus, int], None]] = {
        "same_key": duplicates.same_key,
        "exact_dup": duplicates.exact_dup,
        "near_dup": duplicates.near_dup,
        "alike": duplicates.alike,
        "lookalike": duplicates.lookalike,
        "placeholder": dirt.placeholder,
        "garbled": faults.garbled,
        "too_short": faults.too_short,
        "empty": faults.empty,
        "bad_json_line": faults.bad_json_line,
    }
    for kind, counts in PLAN.items():
        for name, count in zip(NAMES, counts, strict=True):
            if count and kind in own:
                own[kind](corpora[name], count)
            elif count and kind in dirt.SOILS:
                dirt.soil(corpora[name], kind, count)
            elif count:
                snippets.snippet(corpora[name], kind, count)
    dirt.html(corpora["news"], 12)
    for name in faults.WRONG:
        faults.invalid(corpora[name])
    faults.foreign(corpora["posts"], [0, 1, 2, 4, 6, 7])
    faults.foreign(corpora["news"], [3, 5, 8, 9])
    faults.test_row(corpora["posts"], [0, 1, 2, 8])
    faults.test_row(corpora["comments"], [3, 4, 5, 6, 7])
    faults.test_row(corpora["news"], [9])
    faults.bad_csv_line(corpora["visitors"], 4, "gb18030")
    faults.bad_csv_line(corpora["posts"], 4, "utf-8")
    faults.undecodable(corpora["visitors"])


def main() -> int:
    if "--check" in sys.argv[1:]:
        violations = check(FOLDER)
        print("\n".join(violations) or "全部属实")
        return 1 if violations else 0
    corpora = build()
    plant(corpora)
    write_all(corpora, FOLDER)
    for name, made in corpora.items():
        print(f"{name:<12} {len(made.entries):>5} 行，{len(made.truth):>4} 条记录")
    return 0


if __name__ == "__main__":
    sys.exit(main())
