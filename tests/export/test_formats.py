"""The rows of every format, for every kind of pair, to the letter."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from curate.export.formats import CHOSEN, LLAMAFACTORY, TAGS, Format, with_calls
from curate.pairs import PAIR

Row = dict[str, Any]


def said(*turns: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in turns]


U1, A1, U2, A2 = ("user", "你好"), ("assistant", "您好"), ("user", "展位在哪？"), ("assistant", "三号馆")
SYSTEM = ("system", "你是展会顾问。")
CALL = ("function_call", '{"name": "find", "arguments": {"company": "云岚"}}')
FOUND, TOOLS = ("tool", '{"booth": "A1"}'), '[{"name": "find"}]'
THOUGHT = "<think>\n先查展位表\n</think>\n\n三号馆"

#: name -> the columns of a pair; what is not named is null
PAIRS: dict[str, Row] = {
    "question": {"instruction": "在哪？", "output": "三号馆"},
    "with material": {"instruction": "总结", "input": "第一行\n第二行", "output": "好", "system": ""},
    "with a system's text": {"instruction": "在哪？", "output": "三号馆", "system": SYSTEM[1]},
    "with a thought": {"instruction": "在哪？", "output": "三号馆", "thought": "先查展位表"},
    "conversation": {"messages": said(U1, A1, U2, A2), "output": "三号馆"},
    "told conversation": {"messages": said(U1, A1, U2, A2), "output": "三号馆", "system": SYSTEM[1]},
    "tool call": {"messages": said(U2, CALL, FOUND, A2), "output": "三号馆", "tools": TOOLS},
    "call of no tool": {"messages": said(U2, CALL, FOUND, A2), "output": "三号馆"},
    "tools not called": {"messages": said(U1, A1, U2, A2), "output": "三号馆", "tools": TOOLS},
    "preference": {"kind": "preference", "instruction": "在哪？", "output": "三号馆", "rejected": "不知道"},
    "preference in talk": {
        "kind": "preference", "messages": said(U1, A1, U2), "output": "三号馆", "rejected": "不知道",
        "system": SYSTEM[1], "thought": "先查展位表",
    },
    "liked": {"kind": "kto", "instruction": "在哪？", "input": "展位表", "output": "三号馆", "desirable": True},
    "disliked in talk": {
        "kind": "kto", "messages": said(U1, A1, U2, A2), "output": "三号馆", "desirable": False, "system": SYSTEM[1],
    },
    "text": {"kind": "pretrain", "output": "展会报告。"},
    "unanswered": {"kind": "unknown", "instruction": "几点？", "output": "资料里没有。"},
}  # fmt: skip

FORMATS: dict[str, Format] = {
    form.path: form
    for form in [*LLAMAFACTORY.values(), *(form for forms in CHOSEN.values() for form in forms)]
}
ORIGIN = {
    "pair_id": "c:1#a.b",
    "parent_id": "c:1",
    "corpus": "c",
    "task": "company",
    "origin": "template",
}

BETTER, WORSE = [said(A2), said(("assistant", THOUGHT))], said(("assistant", "不知道"))
ASKED, LISTED = said(("user", "在哪？")), said(("user", "在哪？\n展位表"))
#: what a single question is as a conversation
SINGLE: dict[str, Row] = {
    "question": {"messages": [*ASKED, *said(A2)]},
    "with material": {"messages": said(("user", "总结\n第一行\n第二行"), ("assistant", "好"))},
    "with a system's text": {"messages": said(SYSTEM, ("user", "在哪？"), A2)},
    "with a thought": {"messages": said(("user", "在哪？"), ("assistant", THOUGHT))},
}
TALK = said(U1, A1, U2, A2)
#: the conversations of several turns
SEVERAL: dict[str, Row] = {
    "conversation": {"messages": TALK, "tools": ""},
    "told conversation": {"messages": said(SYSTEM, U1, A1, U2, A2), "tools": ""},
    "tool call": {"messages": said(U2, CALL, FOUND, A2), "tools": TOOLS},
    "call of no tool": {"messages": said(U2, CALL, FOUND, A2), "tools": ""},
    "tools not called": {"messages": TALK, "tools": TOOLS},
}
COMPARED: dict[str, Row] = {
    "preference": {"prompt": ASKED, "chosen": BETTER[0], "rejected": WORSE},
    "preference in talk": {"prompt": said(SYSTEM, U1, A1, U2), "chosen": BETTER[1], "rejected": WORSE},
}
RATED: dict[str, Row] = {
    "liked": {"prompt": LISTED, "completion": said(A2), "label": True},
    "disliked in talk": {"prompt": said(SYSTEM, U1, A1, U2), "completion": said(A2), "label": False},
}
#: format -> the pairs that it holds, and the row of each
ROWS: dict[str, dict[str, Row]] = {
    "data/{name}_{split}_alpaca": {
        "question": {"instruction": "在哪？", "input": "", "output": "三号馆", "system": ""},
        "with material": {"instruction": "总结", "input": "第一行\n第二行", "output": "好", "system": ""},
        "with a system's text": {"instruction": "在哪？", "input": "", "output": "三号馆", "system": SYSTEM[1]},
        "with a thought": {"instruction": "在哪？", "input": "", "output": THOUGHT, "system": ""},
    },
    "data/{name}_{split}_sharegpt": SINGLE,
    "data/{name}_{split}_chat": SEVERAL,
    "data/{name}_{split}_preference": {
        name: {"messages": row["prompt"], "chosen": row["chosen"][0], "rejected": row["rejected"][0]}
        for name, row in COMPARED.items()
    },
    "data/{name}_{split}_kto": {
        name: {"messages": [*row["prompt"], *row["completion"]], "kto_tag": row["label"]} for name, row in RATED.items()
    },
    "data/{name}_{split}_pretrain": {"text": {"text": "展会报告。"}},
    "messages/{split}": SINGLE
    | {name: {"messages": SEVERAL[name]["messages"]} for name in ("conversation", "told conversation")},
    "trl/{split}_preference": COMPARED,
    "trl/{split}_kto": RATED,
    "swift/{split}_preference": {
        name: {"messages": [*row["prompt"], *row["chosen"]], "rejected_response": "不知道"}
        for name, row in COMPARED.items()
    },
    "swift/{split}_kto": {
        name: {"messages": [*row["prompt"], *row["completion"]], "label": row["label"]} for name, row in RATED.items()
    },
    "openai/{split}_preference": {
        name: {
            "input": {"messages": row["prompt"]},
            "preferred_output": row["chosen"],
            "non_preferred_output": row["rejected"],
        }
        for name, row in COMPARED.items()
    },
    "huggingface/sft/{split}": {
        name: {**ORIGIN, "tools": "", **row} for name, row in {**SINGLE, **SEVERAL}.items()
    },
    "huggingface/preference/{split}": {name: ORIGIN | row for name, row in COMPARED.items()},
    "huggingface/kto/{split}": {name: ORIGIN | row for name, row in RATED.items()},
    "huggingface/pretrain/{split}": {"text": {**ORIGIN, "text": "展会报告。"}},
}  # fmt: skip


def frame(*names: str) -> pl.DataFrame:
    rows = [{"kind": "sft", **ORIGIN, **PAIRS[name]} for name in names]
    return with_calls(pl.DataFrame(rows, schema=PAIR))


def test_the_table_tells_of_every_format() -> None:
    assert sorted(ROWS) == sorted(FORMATS)


@pytest.mark.parametrize("path", FORMATS)
def test_a_format_takes_its_pairs_and_no_others(path: str) -> None:
    taken = [name for name in PAIRS if frame(name).filter(FORMATS[path].takes).height]
    assert sorted(taken) == sorted(ROWS[path])


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, rows in ROWS.items() for name in rows])
def test_the_row_of_a_pair(path: str, name: str) -> None:
    """Alone: a batch of one kind goes another way than a mixed one."""
    assert FORMATS[path].rows(frame(name)).to_dicts() == [ROWS[path][name]]


@pytest.mark.parametrize("path", FORMATS)
def test_the_rows_are_the_same_among_others(path: str) -> None:
    form = FORMATS[path]
    assert form.rows(frame(*PAIRS).filter(form.takes)).to_dicts() == [
        ROWS[path][name] for name in PAIRS if name in ROWS[path]
    ]


@pytest.mark.parametrize("path", FORMATS)
def test_a_format_has_the_same_columns_and_types_whatever_it_holds(path: str) -> None:
    form = FORMATS[path]
    schemas = [form.rows(frame(name)).schema for name in ROWS[path]]
    assert all(schema == schemas[0] for schema in schemas)
    assert form.rows(frame(*PAIRS).clear()).schema == schemas[0]


@pytest.mark.parametrize("path", [path for path, form in FORMATS.items() if form.info is not None])
def test_what_llamafactory_is_told_fits_the_rows(path: str) -> None:
    """It takes a column or tag that is not listed for absent, and dies of one that is not there."""
    info = FORMATS[path].info
    assert info is not None
    columns = list(FORMATS[path].rows(frame(next(iter(ROWS[path])))).columns)
    assert sorted(info["columns"].values()) == sorted(columns)
    assert info.get("ranking", False) is ("rejected" in columns)
    assert info["formatting"] == ("sharegpt" if "messages" in columns else "alpaca")
    assert info.get("tags") == (TAGS if "messages" in columns else None)
    roles = {turn["role"] for row in ROWS[path].values() if "messages" in row for turn in row["messages"]}
    assert roles <= set(TAGS.values())
    assert FORMATS[path].dataset("expo", "train") == path.format(name="expo", split="train").removeprefix(
        "data/"
    )


@pytest.mark.parametrize("path", FORMATS)
def test_no_value_is_null(path: str) -> None:
    """A column that is null for its first 10 MB stops LLaMA-Factory's loader."""
    assert "null" not in json.dumps(FORMATS[path].rows(frame(*ROWS[path])).to_dicts())


@pytest.mark.parametrize(
    ("names", "calls"),
    [
        (["question"], [False]),
        (["conversation"], [False]),
        (["tool call"], [True]),
        (["question", "tool call", "text", "tools not called"], [False, True, False, False]),
    ],
)
def test_a_call_is_seen_in_the_turns(names: list[str], calls: list[bool]) -> None:
    assert frame(*names)["calls"].to_list() == calls
