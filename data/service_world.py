"""The exhibitions that the service data talks about, what they cost, and the topics of the service desk."""

import json
import random
import re
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from grammar import Words, expand

FOLDER = Path(__file__).parent
SHOWS = 18


class Topic(NamedTuple):
    """What people ask the service desk about one thing, and what it says."""

    group: str
    asks: list[str]
    answer: str
    more: list[str]
    worse: str
    thought: str
    then_ask: str
    then_answer: str


def topics() -> list[Topic]:
    """``service_topics.txt``, a topic a paragraph."""
    found = []
    text = (FOLDER / "service_topics.txt").read_text(encoding="utf-8")
    for block in text.strip().split("\n\n"):
        lines = [line for line in block.split("\n") if not line.startswith("#")]
        if not lines:
            continue
        by_mark: dict[str, list[str]] = {}
        for line in lines[1:]:
            by_mark.setdefault(line[0], []).append(line[2:])
        one = {mark: values[0] for mark, values in by_mark.items()}
        found.append(
            Topic(lines[0], by_mark["?"], one["="], by_mark["+"], one["-"], one["~"], one[">"], one["<"])
        )
    return found


def guides() -> list[tuple[str, str]]:
    """(file name without ending, text with slots) of ``service_guides.txt``."""
    text = (FOLDER / "service_guides.txt").read_text(encoding="utf-8")
    return [
        (name, body.strip() + "\n")
        for name, _, body in (part.partition("\n") for part in text.split("@ ")[1:])
    ]


def day(value: date) -> str:
    return f"{value.year}年{value.month}月{value.day}日"


def _prices(rng: random.Random) -> dict[str, str]:
    online = rng.choice([30, 40, 50, 60, 80])
    return {
        "标展价": str(rng.randrange(8800, 16800, 200)),
        "光地价": str(rng.randrange(780, 1480, 20)),
        "押金": str(rng.choice([50, 60, 80, 100])),
        "加班费": str(rng.randrange(300, 900, 50)),
        "票价": str(online),
        "现场价": str(online + rng.choice([20, 30, 40])),
        "班车": str(rng.choice([15, 20, 25, 30, 40])),
        "酒店价": str(rng.randrange(268, 568, 10)),
        "餐价": str(rng.choice([25, 28, 30, 32, 35, 38])),
        "会议价": str(rng.randrange(3000, 9000, 500)),
        "翻译价": str(rng.randrange(700, 1300, 50)),
        "仓储价": str(rng.choice([8, 10, 12, 15, 18])),
        "叉车价": str(rng.randrange(160, 320, 20)),
    }


def shows() -> list[dict[str, str]]:
    """Words for the slots, an exhibition each: sound rows of ``exhibitions.jsonl``, with prices and days."""
    truth = (json.loads(line) for line in (FOLDER / "truth.jsonl").read_text("utf-8").split("\n") if line)
    touched = {
        key for line in truth if line["corpus"] == "exhibitions" for key in (line["key"], line.get("of"))
    }
    found: list[dict[str, str]] = []
    for line in (FOLDER / "exhibitions.jsonl").read_text("utf-8").split("\n"):
        try:
            row = json.loads(line)
        except json.JSONDecodeError:  # planted there
            continue
        if row["id"] in touched or len(found) == SHOWS:
            continue
        first, last = date.fromisoformat(row["start_date"]), date.fromisoformat(row["end_date"])
        before = {
            "早鸟日": 120, "退展日": 60, "函日": 50, "手册日": 40, "证日": 15, "到货日": 5, "布展首日": 3, "布展末日": 1,
        }  # fmt: skip
        found.append(
            {name: day(first - timedelta(days)) for name, days in before.items()}
            | _prices(random.Random(f"客服样例-{row['id']}"))
            | {
                "展": row["name"],
                "城市": row["city"].removesuffix("市"),
                "场馆": row["venue"],
                "编号": row["id"],
            }
            | {"开展日": day(first), "闭展日": day(last), "首日": first.isoformat()}
            | {"面积": str(row["area_sqm"]), "展商": str(row["exhibitors"])}
        )
    return found


def place(rng: random.Random) -> dict[str, str]:
    """A hall, a stand in it and its area."""
    hall = rng.randint(1, 9)
    return {
        "馆": f"{hall}号馆",
        "台": f"{hall}{rng.choice('ABCDEF')}{rng.randint(1, 68):02}",
        "面积": str(9 * rng.randint(2, 16)),
    }


OPENINGS = (
    "您好，", "您好！", "感谢您的咨询。", "您好，感谢关注本届展会。", "这个问题问的人很多。", "可以帮您查到。", "收到，",
    "您好，我是展会客服。", "", "", "", "",
)  # fmt: skip
CLOSINGS = (
    "还有不清楚的地方，随时在线上找我们。", "祝您参展顺利。", "如果有变化，以系统里的通知为准。", "需要的话，我把表格发到您的邮箱。",
    "以上信息也可以在参展商手册里查到。", "感谢您的理解与支持。", "", "", "", "", "",
)  # fmt: skip
LEADS = (
    "你好，", "您好，", "请教一下：", "麻烦问一下，", "想确认一下，", "我是新来的展务，", "我们是老客户了，", "领导让我问一下，",
    "着急，", "", "", "", "",
)  # fmt: skip


#: a sentence with one of these is a question
ASKING = "吗|呢|怎|多少|什么|哪|几|谁|多久|多长|还有|有没有|能不能|要不要|会不会|要交税"


def question(rng: random.Random, topic: Topic, words: Words) -> str:
    """One way to ask about the topic."""
    lead, asked = rng.choice(LEADS), expand(rng, rng.choice(topic.asks), words)
    for greeting in ("请问", "想问"):
        if lead and asked.startswith(greeting):
            asked = asked[len(greeting) :]
    if asked[-1] in "？！":
        return lead + asked
    last = re.split("[，。？！]", asked)[-1]
    return lead + asked + ("？" if re.search(ASKING, last) else "。")


def answer(rng: random.Random, topic: Topic, words: Words) -> str:
    """A good answer: its core, and some of what else there is to say."""
    more = rng.sample(topic.more, rng.randint(1, len(topic.more)))
    parts = [rng.choice(OPENINGS), topic.answer, *more, rng.choice(CLOSINGS)]
    return "".join(expand(rng, part, words) for part in parts)


WORSE = (
    "这个不归我们管，您问别的部门吧。", "手册里都写了，请自己看。", "不清楚，大概和往年差不多。", "您过几天再来问。", "没有办法，规定就是这样。",
    "这个问题我回答不了，建议您上网查查。", "忙着呢，稍后再说。", "您自己打电话问主办方。",
)  # fmt: skip


def worse_answer(rng: random.Random, topic: Topic, words: Words) -> str:
    """An answer that nobody wants: curt, vague or wrong."""
    style = rng.random()
    own = expand(rng, topic.worse, words)
    if style < 0.5:
        return rng.choice(OPENINGS) + own
    if style < 0.75:
        return own + rng.choice(WORSE)
    return f"关于{words['展']}，" + rng.choice(WORSE) + rng.choice(("", "就这样。", "请谅解。"))


def thought(rng: random.Random, topic: Topic, words: Words) -> str:
    """What the clerk thinks before the answer."""
    start = (
        f"对方问的是{words['展']}，属于{topic.group}类问题。", f"先看展会：{words['展']}，在{words['城市']}。", "先弄清对方真正想知道什么。",
        f"这是{topic.group}方面的咨询，按{words['展']}的资料来答。",
    )  # fmt: skip
    end = (
        "资料里都有，可以直接答。",
        "不确定的内容不说，按规定回答。",
        "语气要客气，结论放在前面。",
        "答完再问一句还需要什么。",
    )
    return rng.choice(start) + expand(rng, topic.thought, words) + rng.choice(end)
