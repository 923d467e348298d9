"""Telephones, ID cards, order numbers, shouting and boilerplate added to a text; only they are recorded."""

import random
from collections.abc import Callable

import ids
import phrases_prose as phrases
from corpus import Corpus
from structured import latin


def _phone(rng: random.Random) -> tuple[str, str]:
    number = ids.mobile(rng)
    number = rng.choice(
        (
            number,
            number,
            f"{number[:3]}-{number[3:7]}-{number[7:]}",
            f"{number[:3]} {number[3:7]} {number[7:]}",
            f"+86{number}",
            f"+86 {number}",
        )
    )
    return number, rng.choice(
        (f"电话{number}请联系小陈。", f"有意者加微信{number}备注展会。", f"急事打{number}找值班员。")
    )


def _identity(rng: random.Random) -> tuple[str, str]:
    number = ids.id_number(rng, rng.randint(1958, 2003))
    return number, rng.choice((f"身份证号{number}已登记。", f"领证人证件{number}请核对。"))


def _email(rng: random.Random) -> tuple[str, str]:
    address = f"{latin(rng, 2)}.{latin(rng, 1)}{rng.randint(1, 99)}@mail.example.com"
    return address, rng.choice((f"资料请发邮箱{address}谢谢。", f"报价单投到{address}即可。"))


def _order(rng: random.Random) -> tuple[str, str]:
    long, middle, short = (ids.order_number(rng, length) for length in (18, 13, 12))
    return rng.choice(
        (
            (long, f"订单号{long}仍显示待发货。"),
            (long, f"流水号{long}请财务核对。"),
            (middle, f"快递单号{middle}昨天签收。"),
            (short, f"运单{short}卡在中转站。"),
            (code := ids.credit_code(rng), f"开票代码{code}没有变。"),
        )
    )


def _shouting(rng: random.Random) -> tuple[str, str]:
    marks = rng.choice(("！！！！！！", "？？？？？", "。。。。。。", "~~~~~~~", "！！！！！！！！！"))
    return marks, rng.choice(("太意外了", "真的假的", "就这样吧", "欢迎围观")) + marks


def _boilerplate(rng: random.Random) -> tuple[str, str]:
    name = rng.choice(phrases.SOURCES)
    text = rng.choice(
        (
            f"责任编辑：{latin(rng, 2)}",
            f"本文来源：{name}",
            "点击查看更多",
            f"扫码关注{name}公众号，获取更多展会资讯",
        )
    )
    return text, "\n" + text


SNIPPETS: dict[str, Callable[[random.Random], tuple[str, str]]] = {
    "phone_in_text": _phone,
    "id_in_text": _identity,
    "email_in_text": _email,
    "order_number": _order,
    "repeated_punctuation": _shouting,
    "boilerplate": _boilerplate,
}


def snippet(corpus: Corpus, kind: str, count: int) -> None:
    """Add something to the main text and record that part alone."""
    body = corpus.layout.body
    for _ in range(count):
        entry = corpus.take(lambda row: bool(row[body]))
        found, added = SNIPPETS[kind](corpus.rng)
        text = str(entry.clean[body])
        if text[-1] not in "。？！，；…" and not added.startswith("\n"):
            text += "。"
        text += added
        entry.raw[body], entry.clean[body] = corpus.wrap(text), text
        corpus.note(entry.raw, kind, field=body, dirty=found)
