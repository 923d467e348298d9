"""Write the service desk's sample data and what is planted in it; `--check` reads it back and verifies all claims."""

import csv
import io
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ids
import service_talks as talks
import service_world as world
from grammar import expand
from normal import Shingled
from service_faults import plant
from service_sums import SUMS
from structured import brand, person
from vocabulary import COMPANY_ENDINGS

FOLDER = Path(__file__).parent / "service"
Row = dict[str, Any]
Corpora = dict[str, list[Row]]
#: corpus -> (rows, letter of its keys)
ROWS = {
    "answers": (150, "A"), "reasoned": (150, "R"), "dialogues": (118, "D"), "tools": (60, "T"),
    "comparisons": (150, "C"), "ratings": (150, "K"),
}  # fmt: skip
#: no two rows of a corpus that are not planted so are as similar as this
CERTAIN = 0.75
LIKED, DISLIKED = ("赞", "满意", "有用", "👍", "好"), ("踩", "不满意", "没用", "👎", "差")


class Maker:
    """Plain rows; no question is asked twice, no text nearly repeated."""

    def __init__(self) -> None:
        self.shows, self.topics = world.shows(), world.topics()
        self.asked: set[str] = set()

    def fill(self, name: str, make: Callable[[random.Random, int], Row]) -> list[Row]:
        rng, index = random.Random(f"客服样例-{name}"), Shingled()
        count, letter = ROWS[name]
        rows: list[Row] = []
        for number in range(count):
            for _ in range(400):
                row = make(rng, number)
                text = as_text(row)
                if first_asked(row) not in self.asked and not index.similar(text, CERTAIN):
                    break
            else:
                raise RuntimeError(f"{name}: {number}")
            self.asked.add(first_asked(row))
            index.add(text)
            rows.append(row)
        rng.shuffle(rows)
        return [{"id": f"{letter}{number:04}"} | row for number, row in enumerate(rows, 1)]

    def about(self, rng: random.Random, number: int) -> tuple[world.Topic, dict[str, str]]:
        show = rng.choice(self.shows)
        return self.topics[number % len(self.topics)], show | world.place(rng)

    def answered(self, rng: random.Random, number: int) -> Row:
        topic, words = self.about(rng, number)
        return {
            "question": world.question(rng, topic, words),
            "answer": world.answer(rng, topic, words),
            "system": rng.choice(talks.SYSTEM) if rng.random() < 0.3 else "",
            "reasoning": world.thought(rng, topic, words) if rng.random() < 0.3 else "",
            "answered_by": person(rng),
        }

    def reasoned(self, rng: random.Random, number: int) -> Row:
        who = rng.choice(("我们", "我公司", f"{brand(rng)}{rng.choice(COMPANY_ENDINGS)}", "我们部门"))
        asked, thought, told = SUMS[number % len(SUMS)](rng, rng.choice(self.shows), who)
        return {"question": rng.choice(world.LEADS) + asked, "thought": thought, "answer": told}

    def dialogue(self, rng: random.Random, number: int) -> Row:
        first, words = self.about(rng, number)
        near = [topic for topic in self.topics if topic.group == first.group and topic is not first]
        others = rng.sample(near, min(len(near), rng.choice([0, 1, 1, 2])))
        turns = talks.dialogue(rng, [first, *others], words)
        return {"topic": first.group, "messages": turns if number % 2 else talks.sharegpt(turns)}

    def tool(self, rng: random.Random, number: int) -> Row:
        name = list(talks.CALLS)[number % len(talks.CALLS)]
        words, other = rng.sample(self.shows, 2)
        turns, wrapped = talks.tool_talk(rng, name, words, other), rng.random() < 0.5
        return {
            "messages": turns if wrapped else talks.sharegpt(turns),
            "tools": talks.tools_of(rng, name, wrapped),
        }

    def comparison(self, rng: random.Random, number: int) -> Row:
        topic, words = self.about(rng, number)
        worse = world.worse_answer(rng, topic, words)
        if rng.random() < 0.2:  # a worse answer that is not wrong, but says only half
            worse = expand(rng, topic.answer, words).partition("，")[0] + "。"
        better = world.answer(rng, topic, words)
        return {"question": world.question(rng, topic, words), "better": better, "worse": worse}

    def rating(self, rng: random.Random, number: int) -> Row:
        topic, words = self.about(rng, number)
        liked = rng.random() < 0.55
        told = world.answer(rng, topic, words) if liked else world.worse_answer(rng, topic, words)
        asked = world.question(rng, topic, words)
        return {"question": asked, "answer": told, "评价": rng.choice(LIKED if liked else DISLIKED)}


def as_text(row: Row) -> str:
    """What the recipe compares: all that is said."""
    turns = row.get("messages")
    if isinstance(turns, list):
        return "\n".join(
            str(turn.get("content") or turn.get("value") or turn.get("tool_calls")) for turn in turns
        )
    return "\n".join(str(row.get(name, "")) for name in ("question", "answer", "better", "worse"))


def first_asked(row: Row) -> str:
    if "messages" not in row:
        return str(row["question"])
    turn = next(turn for turn in row["messages"] if turn.get("role", turn.get("from")) in ("user", "human"))
    return str(turn.get("content", turn.get("value")))


def build() -> Corpora:
    maker = Maker()
    return {
        "answers": maker.fill("answers", maker.answered),
        "reasoned": maker.fill("reasoned", maker.reasoned),
        "dialogues": maker.fill("dialogues", maker.dialogue),
        "tools": maker.fill("tools", maker.tool),
        "comparisons": maker.fill("comparisons", maker.comparison),
        "ratings": maker.fill("ratings", maker.rating),
        "guides": guides(maker),
    }


def guides(maker: Maker) -> list[Row]:
    rng = random.Random("客服样例-guides")
    return [
        {"id": name, "text": expand(rng, text, show | world.place(rng))}
        for (name, text), show in zip(world.guides(), maker.shows, strict=False)
    ]


def csv_text(rows: list[Row]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def json_lines(rows: list[Row]) -> str:
    return "".join(f"{row.get('raw') or json.dumps(row, ensure_ascii=False)}\n" for row in rows)


def files(corpora: Corpora, truth: list[Row]) -> dict[str, str]:
    """File -> its text."""
    found = {f"{name}.csv": csv_text(corpora[name]) for name in ("answers", "ratings")}
    found |= {
        f"{name}.jsonl": json_lines(corpora[name])
        for name in ("reasoned", "dialogues", "tools", "comparisons")
    }
    found |= {f"guides/{row['id']}.md": row["text"] for row in corpora["guides"]}
    return found | {"truth.jsonl": json_lines(truth)}


def check(texts: dict[str, str]) -> list[str]:
    """The files are the ones that are made, and what is planted stands where truth.jsonl says."""
    wrong = [
        f"{name}：与生成的不同"
        for name, text in texts.items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text("utf-8") != text
    ]
    extra = {str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*") if file.is_file()} - set(texts)
    wrong += [f"{name}：多出来的文件" for name in sorted(extra)]
    for line in map(json.loads, texts["truth.jsonl"].split("\n")[:-1]):
        file = next(
            name
            for name in texts
            if name.startswith((f"{line['corpus']}.", f"{line['corpus']}/{line['key']}"))
        )
        if line.get("dirty") and line["dirty"] not in texts[file]:
            wrong.append(f"{line}：文件里没有")
        if line["kind"] == "id_in_text" and not ids.id_is_valid(line["dirty"]):
            wrong.append(f"{line}：不是有效的身份证号")
    return wrong


def main() -> int:
    corpora = build()
    truth = plant(corpora)
    texts = files(corpora, truth)
    if "--check" in sys.argv[1:]:
        wrong = check(texts)
        print("\n".join(wrong) or "全部属实")
        return 1 if wrong else 0
    for name, text in texts.items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_text(text, encoding="utf-8")
    for name, rows in corpora.items():
        print(f"{name:<12} {len(rows):>4} 行，{sum(line['corpus'] == name for line in truth):>3} 条记录")
    return 0


if __name__ == "__main__":
    sys.exit(main())
