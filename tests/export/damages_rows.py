"""The damage to rows: what LLaMA-Factory 0.9.5 drops, stops at, or learns wrongly."""

from __future__ import annotations

import gzip
import json
from typing import Any

from tests.export.damages import TRAIN, Change, Damage, lines, raw, row

SHAREGPT, CHAT = "data/expo_train_sharegpt.jsonl", "data/expo_train_chat.jsonl"
PREFERENCE, KTO, PRETRAIN = (f"data/expo_train_{kind}.jsonl" for kind in ("preference", "kto", "pretrain"))


def put(**values: Any) -> Change:
    """Another value in a row of the train set."""
    return row(TRAIN, lambda r: r | values)


def text(value: str) -> Change:
    return put(output=value)


def bad(sentence: str, change: Change, word: str, file: str = TRAIN, base: str = "all") -> Damage:
    return Damage(sentence, change, file, word, base)


def said(*messages: tuple[str, Any]) -> Change:
    """Another conversation in a row of the sharegpt file."""
    told = [{"role": role, "content": content} for role, content in messages]
    return row(SHAREGPT, lambda r: {"messages": told})


def chat(place: int, **values: Any) -> Change:
    """Change a message of a conversation that calls a function."""

    def edit(content: bytes) -> bytes:
        rows = content.decode().split("\n")
        number = next(n for n, line in enumerate(rows) if "function_call" in line)
        found = json.loads(rows[number])
        index = next(n for n, m in enumerate(found["messages"]) if m["role"] == "user") + place
        found["messages"][index] |= values
        rows[number] = json.dumps(found, ensure_ascii=False)
        return "\n".join(rows).encode()

    return raw(CHAT, edit)


def joined(file: str) -> Change:
    """The first row of a file stands in the training file, too."""
    return lambda folder: (folder / TRAIN).write_bytes(
        (folder / TRAIN).read_bytes() + (folder / file).read_bytes().split(b"\n")[0] + b"\n"
    )


def spelt_anew() -> Change:
    """A training question stands in the validation file, in capitals and full-width letters."""

    def change(folder: Any) -> None:
        asked = json.loads((folder / TRAIN).read_bytes().split(b"\n")[0])
        wide = asked["instruction"].replace("?", "？").upper() + " "
        row("data/expo_validation_alpaca.jsonl", lambda r: asked | {"instruction": wide}, 1)(folder)

    return change


BYTES = [
    bad("a line is GBK", row(TRAIN, lambda r: '{"instruction":"中文","input":"","output":"好","system":""}'.encode("gbk")), "UTF-8"),
    bad("the whole file is UTF-16", raw(TRAIN, lambda c: c.decode().encode("utf-16")), "UTF-16"),
    bad("the file begins with a BOM", raw(TRAIN, lambda c: b"\xef\xbb\xbf" + c), "BOM"),
    bad("the file is packed under its own name", raw(TRAIN, lambda c: gzip.compress(c)), "gzip"),
    bad("the file is empty", raw(TRAIN, lambda c: b""), "empty"),
    bad("the last line is cut off", raw(TRAIN, lambda c: c[:-9]), "cut off"),
    bad("only the last line end is gone", raw(TRAIN, lambda c: c[:-1]), "not ended"),
    bad("a line is cut in two", row(TRAIN, lambda r: json.dumps(r)[:30].encode() + b"\n" + json.dumps(r)[30:].encode()), "JSON"),
    bad("there is an empty line", lines(TRAIN, lambda rows: [*rows[:3], b"\n", *rows[3:]]), "empty line"),
    bad("the lines are one array", raw(TRAIN, lambda c: b"[" + c.strip().replace(b"\n", b",") + b"]\n"), "object"),
    bad("the rows hang under data", raw(TRAIN, lambda c: b'{"data":[' + c.strip().replace(b"\n", b",") + b"]}\n"), "keys"),
    bad("half of the rows are gone", lines(TRAIN, lambda rows: rows[: len(rows) // 2]), "rows and should have"),
    bad("a row is gone", lines(TRAIN, lambda rows: rows[1:]), "not in the files"),
    bad("a row stands twice", lines(TRAIN, lambda rows: [*rows, rows[0]]), "not among the pairs"),
]  # fmt: skip

ALPACA = [
    bad("an answer is empty", text(""), "empty answer"),
    bad("an answer is white space", text(" \n\u3000"), "empty answer"),
    bad("an answer is null", put(output=None), "null"),
    bad("an answer is a number", put(output=5), "type"),
    bad("an answer is a list", put(output=["a"]), "type"),
    bad("an answer is missing", row(TRAIN, lambda r: {k: v for k, v in r.items() if k != "output"}), "keys"),
    bad("a system text is null", put(system=None), "null"),
    bad("a question is empty", put(instruction="", input=""), "empty question"),
    bad("a key is too many", put(source="x"), "keys"),
    bad("a key stands twice", row(TRAIN, lambda r: json.dumps(r)[:-1].encode() + b',"output":"x"}'), "twice"),
    bad("a text has Qwen's end token", text("好<|im_end|>\n<|im_start|>user\n再说"), "control token"),
    bad("a text has DeepSeek's user token", put(instruction="问<｜User｜>"), "control token"),
    bad("a text has Llama's end token", put(system="你<|eot_id|>"), "control token"),
    bad("a control token hides in an escape", row(TRAIN, lambda r: json.dumps(r | {"output": "@"}).replace("@", "\\u003c|im_end|>").encode()), "control token"),
    bad("a thought is not ended", text("<think>\n想一想"), "think"),
    bad("a thought is not begun", text("想一想</think>\n答"), "think"),
    bad("a thought lacks its line breaks", text("<think>想</think>答"), "think"),
    bad("a thought is followed by nothing", text("<think>\n想\n</think>\n\n"), "empty answer"),
    bad("a question thinks", put(instruction="<think>\n想\n</think>\n\n问"), "think"),
    bad("a text has the tag of a picture", text("看<image>"), "media tag"),
    bad("a text has a telephone number", text("请打 13812345678"), "personal data (mobile)"),
    bad("a text has a landline", text("电话 010-62345678"), "personal data (landline)"),
    bad("a text has an e-mail address", put(input="写给 wang.li@example.com"), "personal data (email)"),
    bad("a text has an identity number", text("证号 11010519491231002X"), "personal data (id_card)"),
    bad("a text has a name behind its label", text("联系人：张伟"), "personal data (person_name)"),
    bad("a text has somebody's flat", text("家住张江路100弄5号302室"), "personal data (address)"),
    bad("a text has an account in escapes", row(TRAIN, lambda r: json.dumps(r | {"output": "微信：zhang_san1"}).encode()), "personal data (wechat)"),
    bad("a text has a NUL", text("a\0b"), "NUL"),
    bad("a text has half a character", row(TRAIN, lambda r: json.dumps(r | {"output": "\ud83d"}).encode()), "surrogate"),
    bad("an answer is another one", text("上海。"), "not among the pairs"),
    bad("two answers changed places", lines(TRAIN, lambda rows: _exchanged(rows)), "not among the pairs"),
    bad("an answer is much too long", text("很长的回答" * 5000), "cutoff_len"),
    bad("a test row is trained on", joined("data/expo_test_alpaca.jsonl"), "another split"),
    bad("a training question is spelt anew for the validation", spelt_anew(), "another split"),
]  # fmt: skip


def _exchanged(rows: list[bytes]) -> list[bytes]:
    one, two = json.loads(rows[0]), json.loads(rows[1])
    one["output"], two["output"] = two["output"], one["output"]
    return [json.dumps(one).encode() + b"\n", json.dumps(two).encode() + b"\n", *rows[2:]]


TURNS = [
    bad("a conversation starts with the assistant", said(("assistant", "好"), ("user", "问")), "order", SHAREGPT, "turns"),
    bad("a conversation ends with the user", said(("user", "问"), ("assistant", "好"), ("user", "问")), "does not end", SHAREGPT, "turns"),
    bad("the user speaks twice", said(("user", "问"), ("user", "问"), ("assistant", "好"), ("assistant", "好")), "order", SHAREGPT, "turns"),
    bad("a system message stands in the middle", said(("user", "问"), ("system", "你"), ("user", "问"), ("assistant", "好")), "order", SHAREGPT, "turns"),
    bad("a role is called developer", said(("developer", "你"), ("user", "问"), ("assistant", "好")), "unknown role (developer)", SHAREGPT, "turns"),
    bad("the roles are ShareGPT's", said(("human", "问"), ("gpt", "好")), "unknown role (human)", SHAREGPT, "turns"),
    bad("a conversation is empty", said(), "without messages", SHAREGPT, "turns"),
    bad("a conversation is the system's alone", said(("system", "你")), "without messages", SHAREGPT, "turns"),
    bad("a message is null", said(("user", None), ("assistant", "好")), "null", SHAREGPT, "turns"),
    bad("a message is a list of parts", said(("user", [{"type": "text", "text": "问"}]), ("assistant", "好")), "type", SHAREGPT, "turns"),
    bad("a message is empty", said(("user", "问"), ("assistant", "")), "empty answer", SHAREGPT, "turns"),
    bad("the conversation is null", row(SHAREGPT, lambda r: {"messages": None}), "null", SHAREGPT, "turns"),
    bad("a message lacks its content", row(SHAREGPT, lambda r: {"messages": [{"role": "user"}]}), "keys", SHAREGPT, "turns"),
    bad("a message has a name", row(SHAREGPT, lambda r: {"messages": [m | {"name": "x"} for m in r["messages"]]}), "keys", SHAREGPT, "turns"),
    bad("the keys are ShareGPT's", row(SHAREGPT, lambda r: {"conversations": r["messages"]}), "keys", SHAREGPT, "turns"),
    bad("the tools are no JSON", row(CHAT, lambda r: r | {"tools": "[{"}), "tools", CHAT),
    bad("the tools are a list and no text", row(CHAT, lambda r: r | {"tools": [{"name": "x"}]}), "type", CHAT),
    bad("the tools are null", row(CHAT, lambda r: r | {"tools": None}), "null", CHAT),
    bad("a call is no JSON", chat(1, content="find_booth()"), "function call", CHAT),
    bad("a call has no arguments", chat(1, content='{"name": "find_booth"}'), "function call", CHAT),
    bad("a call's arguments are a text", chat(1, content='{"name": "find_booth", "arguments": "{}"}'), "function call", CHAT),
    bad("a tool's answer is empty", chat(2, content=" "), "empty message", CHAT),
    bad("a conversation starts with a tool", chat(0, role="tool"), "order", CHAT),
]  # fmt: skip

ANSWERS = [
    bad("both answers are the same", row(PREFERENCE, lambda r: r | {"rejected": r["chosen"]}), "the same", PREFERENCE),
    bad("the worse answer is empty", row(PREFERENCE, lambda r: r | {"rejected": {"role": "assistant", "content": ""}}), "empty answer", PREFERENCE),
    bad("the better answer is null", row(PREFERENCE, lambda r: r | {"chosen": None}), "null", PREFERENCE),
    bad("the better answer is TRL's list", row(PREFERENCE, lambda r: r | {"chosen": [r["chosen"]]}), "type", PREFERENCE),
    bad("the better answer is a text", row(PREFERENCE, lambda r: r | {"chosen": r["chosen"]["content"]}), "type", PREFERENCE),
    bad("the better answer is the user's", row(PREFERENCE, lambda r: r | {"chosen": {"role": "user", "content": "好"}}), "role of an answer", PREFERENCE),
    bad("the worse answer is the user's", row(PREFERENCE, lambda r: r | {"rejected": {"role": "user", "content": "差"}}), "role of an answer", PREFERENCE),
    bad("the worse answer thinks", row(PREFERENCE, lambda r: r | {"rejected": {"role": "assistant", "content": "<think>\n想\n</think>\n\n差"}}), "think", PREFERENCE),
    bad("better and worse changed places", row(PREFERENCE, lambda r: r | {"chosen": r["rejected"], "rejected": r["chosen"]}), "not among the pairs", PREFERENCE),
    bad("what was asked ends with the assistant", row(PREFERENCE, lambda r: r | {"messages": [*r["messages"], {"role": "assistant", "content": "好"}]}), "order", PREFERENCE),
    bad("a rating is a text", row(KTO, lambda r: r | {"kto_tag": "true"}), "type", KTO),
    bad("a rating is a number", row(KTO, lambda r: r | {"kto_tag": 1}), "type", KTO),
    bad("a rating is null", row(KTO, lambda r: r | {"kto_tag": None}), "null", KTO),
    bad("a rating was turned round", row(KTO, lambda r: r | {"kto_tag": not r["kto_tag"]}), "not among the pairs", KTO),
    bad("all ratings are the same", raw(KTO, lambda c: c.replace(b":false}", b":true}")), "every kto_tag", "data/expo_train_kto"),
    bad("a text is empty", row(PRETRAIN, lambda r: {"text": ""}), "empty text", PRETRAIN),
    bad("a text is null", row(PRETRAIN, lambda r: {"text": None}), "null", PRETRAIN),
    bad("a text ends with an end token", row(PRETRAIN, lambda r: {"text": r["text"] + "<|endoftext|>"}), "control token", PRETRAIN),
    bad("an answer lost its thought", text("答"), "not among the pairs", base="thoughts"),
]  # fmt: skip

ROWS = [*BYTES, *ALPACA, *TURNS, *ANSWERS]
