"""Write the news of the week after the sample's: new stories, and some that the sample already has.

``python data/generate_weekly.py`` writes ``weekly/2026-w14.jsonl`` and ``weekly/truth.jsonl`` (key, kind, of).
"""

import gzip
import json
import random
from pathlib import Path

import unstructured
from duplicates import respell, slip
from generate import build

FOLDER = Path(__file__).parent
NEW, SAME, NEARLY = 30, 5, 5


def main() -> None:
    """Write both files; the same each time."""
    rng = random.Random("展会样例-周更")
    shows = [(entry.clean["name"], entry.clean["city"]) for entry in build()["exhibitions"].entries]
    rows = [_story(unstructured.article(rng, shows)) for _ in range(NEW)]
    truth = [{"kind": "new", "of": None} for _ in rows]
    for count, kind, change in ((SAME, "exact_dup", respell), (NEARLY, "near_dup", slip)):
        for old in rng.sample(_plain(), count):
            text = old["正文"].replace("</p><p>", "\n").removeprefix("<p>").removesuffix("</p>")
            rows.append(_story({"title": old["标题"], "text": change(rng, text), "source": "周边转载"}))
            truth.append({"kind": kind, "of": old["网址"]})
    order = list(range(len(rows)))
    rng.shuffle(order)
    for number, place in enumerate(order, 1):
        address = f"https://news.example.com/2026/w14-{number:02}.html"
        rows[place] = {
            "网址": address,
            **rows[place],
            "发布时间": f"2026-04-0{1 + number % 7} 08:{number:02}:00",
        }
        truth[place] = {"key": address, **truth[place]}
    (FOLDER / "weekly").mkdir(exist_ok=True)
    for name, lines in (("2026-w14", rows), ("truth", truth)):
        text = "".join(json.dumps(lines[place], ensure_ascii=False) + "\n" for place in order)
        (FOLDER / f"weekly/{name}.jsonl").write_text(text, encoding="utf-8", newline="\n")


def _story(row: dict[str, str]) -> dict[str, str]:
    return {"标题": row["title"], "正文": unstructured.as_html(row["text"]), "来源": row["source"]}


def _plain() -> list[dict[str, str]]:
    """The sample's stories in which nothing is planted."""
    planted = {line["key"] for line in _lines((FOLDER / "truth.jsonl").read_text("utf-8")) if line.get("key")}
    planted |= {line["of"] for line in _lines((FOLDER / "truth.jsonl").read_text("utf-8")) if line.get("of")}
    texts = [gzip.decompress(file.read_bytes()).decode() for file in sorted((FOLDER / "news").glob("*.gz"))]
    stories = [row for text in texts for row in _lines(text)]
    return [row for row in stories if row.get("网址") not in planted and len(row.get("正文") or "") > 200]


def _lines(text: str) -> list[dict[str, str]]:
    found = []
    for line in text.split("\n"):
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:  # the empty last line, and lines that are planted broken
            continue
    return found


if __name__ == "__main__":
    main()
