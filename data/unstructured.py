"""Plain rows of reports, news, posts and comments."""

import random

import phrases_prose as phrases
from grammar import expand
from layout import Row
from structured import brand, latin, moment, topic
from vocabulary import INDUSTRIES


def report(rng: random.Random) -> Row:
    _, context = topic(rng)
    templates = rng.sample(phrases.REPORT, rng.randint(11, 28))
    heads = rng.sample(phrases.REPORT_HEADS, 12)
    paragraphs = []
    while templates:
        count = rng.randint(2, 4)
        chosen, templates = templates[:count], templates[count:]
        if rng.random() < 0.6:
            paragraphs.append(f"## {heads.pop()}")
        paragraphs.append("".join(expand(rng, template, context) for template in chosen))
    title = expand(
        rng, rng.choice(phrases.REPORT_TITLES), {**context, "年": rng.choice(("2024", "2025", "2026"))}
    )
    return {"title": title, "text": "\n\n".join(paragraphs)}


def article(rng: random.Random, exhibitions: list[tuple[str, str]]) -> Row:
    """An article; `exhibitions` are names and cities."""
    name, city = rng.choice(exhibitions)
    _, context = topic(rng, next(industry for industry in INDUSTRIES if industry in name))
    context |= {"简称": brand(rng), "展会": name, "展会城市": city.removesuffix("市")}
    templates = rng.sample(phrases.NEWS, rng.randint(5, 9))
    paragraphs = []
    while templates:
        count = rng.randint(1, 3)
        chosen, templates = templates[:count], templates[count:]
        paragraphs.append("".join(expand(rng, template, context) for template in chosen))
    return {
        "title": expand(rng, rng.choice(phrases.NEWS_TITLES), context),
        "text": "\n".join(paragraphs),
        "source": rng.choice(phrases.SOURCES),
        "updated_at": str(moment(rng)),
    }


def as_html(text: str) -> str:
    """The plain way to write an article: a paragraph for each line."""
    return "".join(f"<p>{line}</p>" for line in text.split("\n"))


def post(rng: random.Random) -> Row:
    _, context = topic(rng)
    board, title = rng.choice(phrases.POST_TITLES)
    chosen = rng.sample(phrases.POST, rng.randint(3, 5))
    if board in phrases.POST_OPENINGS:
        chosen[0] = rng.choice(phrases.POST_OPENINGS[board])
    filled = [expand(rng, template, context) for template in chosen]
    cut = rng.randint(1, 2)
    lines = ["".join(filled[:cut]), "".join(filled[cut:3]), "".join(filled[3:])]
    return {
        "board": board,
        "title": expand(rng, title, context),
        "text": "\n".join(line for line in lines if line),
        "author": f"{latin(rng, 2)}{rng.randint(1, 999)}"
        if rng.random() < 0.5
        else f"{brand(rng)}{rng.randint(2, 99)}号",
        "updated_at": str(moment(rng)),
    }


def comment(rng: random.Random, targets: list[str]) -> Row:
    _, context = topic(rng)
    head = expand(rng, rng.choice(phrases.COMMENT_HEAD), context)
    tail = expand(rng, rng.choice(phrases.COMMENT_TAIL), context)
    text = f"{head}，{tail}" if tail else head
    if rng.random() < 0.35:
        text += f"。{expand(rng, rng.choice(phrases.COMMENT_HEAD), context)}"
    return {
        "target": rng.choice(targets),
        "text": text,
        "stars": rng.randint(1, 5),
        "updated_at": str(moment(rng)),
    }


def short_comment(rng: random.Random, text: str, targets: list[str]) -> Row:
    stars = rng.randint(1, 3) if text in ("比较一般", "有点失望", "人太多了") else rng.randint(4, 5)
    return {"target": rng.choice(targets), "text": text, "stars": stars, "updated_at": str(moment(rng))}
