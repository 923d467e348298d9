"""Dirt in text: each function gives a dirty text and what it must be after cleaning."""

import random
import re
from collections.abc import Callable

import ftfy
import opencc  # type: ignore[import-untyped,unused-ignore]
import phrases_prose as phrases
from corpus import Corpus
from layout import Row
from structured import latin

_TO_TRADITIONAL, _TO_SIMPLIFIED = opencc.OpenCC("s2t"), opencc.OpenCC("t2s")
_HAN = re.compile(r"[\u4e00-\u9fff]")
Soil = Callable[[random.Random, str], tuple[str, str]]


def repaired(text: str) -> str:
    """What ftfy makes of a text when it leaves widths and quotation marks alone."""
    return ftfy.fix_text(text, unescape_html=False, uncurl_quotes=False, fix_character_width=False)


def scatter(rng: random.Random, text: str, marks: str) -> str:
    """Put some of the marks between Han characters."""
    places = [i for i in range(1, len(text)) if _HAN.match(text[i - 1]) and _HAN.match(text[i])]
    for place in sorted(rng.sample(places, min(len(places), rng.randint(2, 4))), reverse=True):
        text = text[:place] + rng.choice(marks) + text[place:]
    return text


def mojibake(rng: random.Random, text: str) -> tuple[str, str]:
    """UTF-8 read as Latin-1 or as Windows-1252."""
    data = text.encode()
    if rng.random() < 0.5:
        return data.decode("latin-1"), text
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in data), text


def control_chars(rng: random.Random, text: str) -> tuple[str, str]:
    return scatter(rng, text, "\x01\x02\x07\x08\x0e"), text


def zero_width(rng: random.Random, text: str) -> tuple[str, str]:
    return scatter(rng, text, "\u200b\u200c\u2060\ufeff"), text


def soft_hyphen(rng: random.Random, text: str) -> tuple[str, str]:
    return scatter(rng, text, "\u00ad"), text


def private_use(rng: random.Random, text: str) -> tuple[str, str]:
    return scatter(rng, text, "\ue056\ue327\ue41f\uf0b7"), text


def fullwidth(rng: random.Random, text: str) -> tuple[str, str]:
    """Letters and digits are folded; full-width punctuation stays."""
    booth = f"{rng.choice('ABCDEFG')}{rng.randint(10, 99)}"
    clean = text + rng.choice((f"（展位号{booth}，可否续订？）", f"（见{booth}展台Demo区，需预约！）"))
    return re.sub(r"[A-Za-z0-9]", lambda match: chr(ord(match.group()) + 0xFEE0), clean), clean


def html_lt_text(rng: random.Random, text: str) -> tuple[str, str]:
    """Comparisons that are not tags: the text must not change."""
    added = rng.choice(
        (
            "程序约定：当 0<i 且 i<n 时重复取样。",
            f"环境温度<{rng.randint(3, 9)}℃时须先预热。",
            "若 a<b 且 b<c 则判为合格。",
            f"尺寸误差<0.{rng.randint(2, 8)}毫米为一等品。",
            f"湿度>{rng.randint(60, 80)}%或温度<{rng.randint(10, 18)}℃时停机。",
            "排序规则写作 x<y 即前者优先。",
        )
    )
    return text + added, text + added


def spaces_between_han(rng: random.Random, text: str) -> tuple[str, str]:
    """One sentence comes letter-spaced, as from a PDF."""
    parts = re.split(r"(?<=。)", text)
    number = rng.choice([i for i, part in enumerate(parts) if len(part) > 6])
    parts[number] = re.sub(r"(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff])", rng.choice(" \u3000"), parts[number])
    return "".join(parts), text


def broken_lines(rng: random.Random, text: str) -> tuple[str, str]:
    """A line of 15 or more characters ends in mid sentence."""
    places = []
    start = 0
    for i in range(1, len(text) - 4):
        if text[i - 1] == "\n":
            start = i
        if (
            i - start >= 18
            and _HAN.match(text[i - 1])
            and _HAN.match(text[i])
            and "\n" not in text[i : i + 4]
        ):
            places.append(i)
    place = rng.choice(places)
    return text[:place] + "\n" + text[place:], text


def traditional(rng: random.Random, text: str) -> tuple[str, str]:
    there, here = rng.choice(phrases.TRADITIONAL)
    return _TO_TRADITIONAL.convert(text) + there, text + here


def url_in_prose(rng: random.Random, text: str) -> tuple[str, str]:
    added = rng.choice(
        (
            f"公司官网http://www.{latin(rng, 2)}-zhanlan.example.com/新闻中心欢迎访问。",
            f"资料见https://{latin(rng, 3)}.example.com/d/{rng.randint(100, 999)}下载后请核对版本。",
        )
    )
    return text + added, text + added


SOILS: dict[str, Soil] = {
    soil.__name__: soil
    for soil in (
        mojibake, control_chars, zero_width, soft_hyphen, private_use, fullwidth, html_lt_text,
        spaces_between_han, broken_lines, traditional, url_in_prose,
    )
}  # fmt: skip


def holds(kind: str, dirty: str, clean: str) -> bool:
    """Can the dirt really be undone? (ftfy and OpenCC each miss some texts)"""
    if kind == "mojibake":
        return repaired(dirty) == clean
    return kind != "traditional" or (_TO_SIMPLIFIED.convert(dirty) == clean and dirty != clean)


def soil(corpus: Corpus, kind: str, count: int) -> None:
    body = corpus.layout.body

    def suits(row: Row) -> bool:
        return bool(row[body]) and (kind != "broken_lines" or len(row[body]) > 50)

    while count:
        entry = corpus.take(suits)
        dirty, clean = SOILS[kind](corpus.rng, str(entry.clean[body]))
        if holds(kind, dirty, clean):
            corpus.dirty(entry, kind, dirty, clean)
            count -= 1


def html(corpus: Corpus, count: int) -> None:
    """Articles with more than plain paragraphs in them: tags and entities."""
    rng = corpus.rng
    for _ in range(count):
        entry = corpus.take()
        lines = str(entry.clean["text"]).split("\n")
        clean = "\n".join([*lines, "主办方提示：研发&服务两馆相通，误差<3%的样机贴有绿标。"])
        name = latin(rng, 3)
        first = re.sub(
            r"(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff])", "&nbsp;", lines[0], count=rng.randint(1, 3)
        )
        start = f"<strong>{first[:9]}</strong>{first[9:]}&nbsp;"
        if "&" in first[:9] or "&" in first[9:20]:
            start = f'<span style="color:#333">{first}</span>&nbsp;'
        head = f'<div class="article-{name}"><p style="text-indent:2em">{start}</p>\n'
        middle = "<br/>".join(lines[1:])
        link = f'<a href="https://{name}.example.com/x?a=1&b=2" target="_blank">主办方提示</a>'
        tail = f"{link}：研发&amp;服务两馆相通，误差&lt;3%的样机贴有绿标。"
        image = f'<p><img src="/upload/{name}.jpg" alt="" /></p>\n'
        raw = f"{head}{image}<p>{middle}</p>\r\n\r\n<p>{tail}</p></div>".replace("“", "&ldquo;").replace(
            "”", "&rdquo;"
        )
        entry.raw["text"], entry.clean["text"] = raw, clean
        corpus.note(entry.raw, "html", field="text", dirty=raw, clean=clean)


PLACEHOLDERS = ("无", "暂无", "不详", "N/A", "-", "null")
OPTIONAL = {
    "companies": ("employees", "contact", "phone", "website"),
    "visitors": ("email", "age", "remark"),
    "products": ("launched",),
    "forums": ("room",),
    "news": ("source",),
    "posts": ("author",),
}


def placeholder(corpus: Corpus, count: int) -> None:
    for number in range(count):
        field = OPTIONAL[corpus.name][number % len(OPTIONAL[corpus.name])]
        entry = corpus.take()
        entry.raw[field], entry.clean[field] = corpus.rng.choice(PLACEHOLDERS), None
        corpus.note(entry.raw, "placeholder", field=field, dirty=entry.raw[field], clean=None)
