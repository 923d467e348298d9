"""The rows of a release's files as they should be, spelt out once more in plain Python; and OpenAI's documented formats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Row = dict[str, Any]


def message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def answer(pair: Row) -> str:
    return f"<think>\n{pair['thought']}\n</think>\n\n{pair['output']}" if pair["thought"] else pair["output"]


def before(pair: Row) -> list[dict[str, str]]:
    """The turns before the answer."""
    system = [message("system", pair["system"])] if pair["system"] else []
    if turns := pair["messages"]:
        return [*system, *(turns if pair["kind"] == "preference" else turns[:-1])]
    asked = pair["instruction"] + ("\n" + pair["input"] if pair["input"] else "")
    return [*system, message("user", asked)]


def last(pair: Row) -> dict[str, str]:
    if pair["messages"] and pair["kind"] != "preference":
        return dict(pair["messages"][-1])
    return message("assistant", answer(pair))


def whole(pair: Row) -> list[dict[str, str]]:
    return [*before(pair), last(pair)]


def plain(pair: Row) -> bool:
    return not pair["tools"] and all(turn["role"] in ("user", "assistant") for turn in pair["messages"] or [])


def compared(pair: Row) -> Row:
    return {
        "prompt": before(pair),
        "chosen": [last(pair)],
        "rejected": [message("assistant", pair["rejected"])],
    }


def rated(pair: Row) -> Row:
    return {"prompt": before(pair), "completion": [last(pair)], "label": pair["desirable"]}


#: file -> (which pairs it holds, the row that each should be)
FILES: dict[str, tuple[Callable[[Row], bool], Callable[[Row], Row]]] = {
    "data/service_{}_alpaca": (
        lambda pair: pair["kind"] == "sft" and not pair["messages"],
        lambda pair: {
            "instruction": pair["instruction"],
            "input": pair["input"] or "",
            "output": answer(pair),
            "system": pair["system"] or "",
        },
    ),
    "data/service_{}_sharegpt": (
        lambda pair: pair["kind"] == "sft" and not pair["messages"],
        lambda pair: {"messages": whole(pair)},
    ),
    "data/service_{}_chat": (
        lambda pair: pair["kind"] == "sft" and bool(pair["messages"]),
        lambda pair: {"messages": whole(pair), "tools": pair["tools"] or ""},
    ),
    "data/service_{}_preference": (
        lambda pair: pair["kind"] == "preference",
        lambda pair: {
            "messages": before(pair),
            "chosen": last(pair),
            "rejected": message("assistant", pair["rejected"]),
        },
    ),
    "data/service_{}_kto": (
        lambda pair: pair["kind"] == "kto",
        lambda pair: {"messages": whole(pair), "kto_tag": pair["desirable"]},
    ),
    "data/service_{}_pretrain": (
        lambda pair: pair["kind"] == "pretrain",
        lambda pair: {"text": pair["output"]},
    ),
    "messages/{}": (
        lambda pair: pair["kind"] == "sft" and plain(pair),
        lambda pair: {"messages": whole(pair)},
    ),
    "trl/{}_preference": (lambda pair: pair["kind"] == "preference", compared),
    "trl/{}_kto": (lambda pair: pair["kind"] == "kto", rated),
    "swift/{}_preference": (
        lambda pair: pair["kind"] == "preference",
        lambda pair: {"messages": whole(pair), "rejected_response": pair["rejected"]},
    ),
    "swift/{}_kto": (
        lambda pair: pair["kind"] == "kto",
        lambda pair: {"messages": whole(pair), "label": pair["desirable"]},
    ),
    "openai/{}_preference": (
        lambda pair: pair["kind"] == "preference",
        lambda pair: {
            "input": {"messages": before(pair)},
            "preferred_output": [last(pair)],
            "non_preferred_output": [message("assistant", pair["rejected"])],
        },
    ),
    "huggingface/sft/{}": (
        lambda pair: pair["kind"] == "sft",
        lambda pair: {"messages": whole(pair), "tools": pair["tools"] or ""},
    ),
    "huggingface/preference/{}": (lambda pair: pair["kind"] == "preference", compared),
    "huggingface/kto/{}": (lambda pair: pair["kind"] == "kto", rated),
    "huggingface/pretrain/{}": (
        lambda pair: pair["kind"] == "pretrain",
        lambda pair: {"text": pair["output"]},
    ),
}


def wanted(file: str, pairs: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """File, without its ending -> the rows it should hold, for every split that has some."""
    takes, row = FILES[file]
    about = ("pair_id", "parent_id", "corpus", "task", "origin") if file.startswith("huggingface") else ()
    found = {
        file.format(split): [{name: pair[name] for name in about} | row(pair) for pair in rows if takes(pair)]
        for split, rows in pairs.items()
    }
    return {name: rows for name, rows in found.items() if rows}


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Message(Strict):
    role: Literal["system", "user", "assistant"]
    content: str = Field(min_length=1)


class Answer(Message):
    role: Literal["assistant"]


class Prompt(Strict):
    messages: list[Message] = Field(min_length=1)

    @model_validator(mode="after")
    def _asks(self) -> Prompt:
        roles = [one.role for one in self.messages]
        assert roles[-1] == "user"
        assert "system" not in roles[1:]
        return self


class Preference(Strict):
    """A row of OpenAI's preference fine-tuning."""

    input: Prompt
    preferred_output: list[Answer] = Field(min_length=1, max_length=1)
    non_preferred_output: list[Answer] = Field(min_length=1, max_length=1)


class Chat(Strict):
    """A row of OpenAI's supervised fine-tuning."""

    messages: list[Message] = Field(min_length=2)

    @model_validator(mode="after")
    def _answered(self) -> Chat:
        assert self.messages[-1].role == "assistant"
        Prompt(messages=self.messages[:-1])
        return self
