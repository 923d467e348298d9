"""Lengths under a template, counted by hand: every byte is a token, and every control token is one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.errors import CurateError
from curate.export.tokens import Lengths
from tests.export.tokens.tokenizers import Family, make_tokenizer, write

MESSAGES = pl.List(pl.Struct({"role": pl.String, "content": pl.String}))
BYTES = 256
#: <think> LF LF </think> LF LF
EMPTY = 6
#: <think> LF A LF </think> LF LF
THOUGHT = "<think>\nA\n</think>\n\n"


def talk(*turns: str) -> list[dict[str, str]]:
    """``u:text`` is said by the user, ``a:`` by the assistant, ``s:`` the system, ``f:`` a call, ``t:`` a tool."""
    roles = {"u": "user", "a": "assistant", "s": "system", "f": "function_call", "t": "tool"}
    return [{"role": roles[turn[0]], "content": turn[2:]} for turn in turns]


def series(*rows: Any) -> pl.Series:
    return pl.Series("messages", rows, dtype=MESSAGES)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[Family, Path]:
    root = tmp_path_factory.mktemp("tokenizers")
    families: list[Family] = ["qwen", "r1", "llama3", "bare"]
    return {family: make_tokenizer(root / family, family, BYTES) for family in families}


# qwen, user: <|im_start|> user LF text <|im_end|> LF <|im_start|> assistant LF = 1+5+n+1+1+1+10 = 19 + n
#       answer: text <|im_end|> LF = 2 + n;  system: <|im_start|> system LF text <|im_end|> LF = 10 + n
# r1, start token 1, user: 2 + n, answer: n + end token 1;  a system text as it is
ROWS: list[tuple[str, str, Family, bool | None, list[str], int]] = [
    ("one turn", "qwen3_nothink", "qwen", True, ["u:abc", "a:de"], 19 + 3 + 2 + 2),
    ("a Chinese character is three bytes", "qwen3_nothink", "qwen", True, ["u:展", "a:会"], 19 + 3 + 2 + 3),
    ("two turns", "qwen3_nothink", "qwen", True, ["u:a", "a:b", "u:c", "a:d"], 2 * (19 + 1 + 2 + 1)),
    ("a system text", "qwen3_nothink", "qwen", True, ["s:SYS", "u:a", "a:b"], 10 + 3 + 23),
    ("an empty system text is none", "qwen3_nothink", "qwen", True, ["s:", "u:a", "a:b"], 23),
    ("qwen's own system text", "qwen", "qwen", True, ["u:a", "a:b"], 10 + 68 + 23),
    ("a system text takes its place", "qwen", "qwen", True, ["s:S", "u:a", "a:b"], 10 + 1 + 23),
    ("an empty thought put in", "qwen3", "qwen", True, ["u:a", "a:b"], 23 + EMPTY),
    ("put into the prompt", "qwen3", "qwen", False, ["u:a", "a:b"], 23 + EMPTY),
    ("put into the prompt if thinking is mixed", "qwen3", "qwen", None, ["u:a", "a:b"], 23 + EMPTY),
    ("once a turn", "qwen3", "qwen", True, ["u:a", "a:b", "u:c", "a:d"], 2 * (23 + EMPTY)),
    ("a thought kept", "qwen3", "qwen", True, ["u:a", f"a:{THOUGHT}b"], 23 + 7),
    ("a thought taken out, an empty one in", "qwen3", "qwen", False, ["u:a", f"a:{THOUGHT}b"], 23 + EMPTY),
    ("a thought without line feeds stays", "qwen3", "qwen", False, ["u:a", "a:<think>A</think>b"], 23 + 3),
    ("no thinking, thought kept", "qwen3_nothink", "qwen", False, ["u:a", f"a:{THOUGHT}b"], 23 + 7),
    ("r1", "deepseekr1", "r1", True, ["u:abc", f"a:{THOUGHT}de"], 1 + 2 + 3 + 7 + 2 + 1),
    ("r1 with a system text", "deepseekr1", "r1", True, ["s:SYS", "u:a", "a:b"], 1 + 3 + 3 + 2 + EMPTY),
    ("deepseek3 does not reason", "deepseek3", "r1", True, ["u:a", "a:b"], 1 + 3 + 2),
    ("User: and Assistant: spelt out", "deepseek", "r1", True, ["u:a", "a:b"], 1 + 6 + 1 + 12 + 1 + 1),
    ("llama3", "llama3", "llama3", True, ["u:a", "a:b"], 1 + (8 + 1 + 1) + (2 + 11) + 2),
    (
        "markers in pieces under a wrong one",
        "deepseekr1",
        "qwen",
        True,
        ["u:a", "a:b"],
        12 + 1 + 17 + 2 + EMPTY,
    ),
    ("forged markers count as markers", "qwen3_nothink", "qwen", True, ["u:<|im_end|>", "a:b"], 23),
    ("{{idx}} is filled in", "qwen3_nothink", "qwen", True, ["u:{{idx}}", "a:b"], 23),
]


@pytest.mark.parametrize(
    ("template", "family", "thinking", "turns", "tokens"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS]
)
def test_the_length_of_a_conversation(
    folders: dict[Family, Path],
    template: str,
    family: Family,
    thinking: bool | None,
    turns: list[str],
    tokens: int,
) -> None:
    lengths = Lengths(template, folders[family], thinking)
    assert lengths.measured
    assert lengths.conversation(series(talk(*turns))).to_list() == [tokens]


REFUSED = {
    "no messages": [],
    "no answer": talk("u:a"),
    "the answer first": talk("a:b", "u:a"),
    "two questions": talk("u:a", "u:b", "a:c", "a:d"),
    "a system text in the middle": talk("u:a", "a:b", "s:S", "a:c"),
    "a null text": [{"role": "user", "content": None}, {"role": "assistant", "content": "b"}],
    "an unknown role": [{"role": "developer", "content": "a"}, {"role": "assistant", "content": "b"}],
    "a call that is no JSON": talk("u:a", "f:find"),
    "a call without arguments": talk("u:a", 'f:{"name": "find"}'),
}


@pytest.mark.parametrize("tokenizer", [True, False], ids=["measured", "estimated"])
def test_rows_that_the_trainer_refuses_have_no_length(folders: dict[Family, Path], tokenizer: bool) -> None:
    good = talk("u:a", "a:b")
    rows = series(good, *REFUSED.values(), None, good)
    tokens = Lengths("qwen3", folders["qwen"] if tokenizer else None).conversation(rows)
    assert tokens.is_null().to_list() == [False, *[True] * (len(rows) - 2), False]
    assert tokens[0] == tokens[-1]
    assert tokens.dtype == pl.Int64


def test_tools_stand_behind_the_system_text(folders: dict[Family, Path]) -> None:
    lengths = Lengths("qwen3_nothink", folders["qwen"])
    tools = '[{"name":"f","description":"展","parameters":{"type":"object","properties":{}}}]'
    wrapped = json.dumps({"type": "function", "function": json.loads(tools)[0]}, ensure_ascii=False)
    # the prompt without the tool is 373 bytes, of which <tool_call> and </tool_call> are one token, twice each
    prompt = 373 - 2 * (11 - 1) - 2 * (12 - 1)
    with_tool = 10 + prompt + 1 + len(wrapped.encode()) + 23
    rows = series(*[talk("u:a", "a:b")] * 5)
    counted = lengths.conversation(rows, pl.Series([tools, "", None, "[]", "no JSON"]))
    assert counted.to_list() == [with_tool, 23, 23, 10 + 23, None]


def test_calls_are_written_out_again(folders: dict[Family, Path]) -> None:
    turns = talk("u:a", 'f:{"name":"f","arguments":{"x":1}}', "t:r", "a:b")
    counted = Lengths("qwen3_nothink", folders["qwen"]).conversation(series(turns))
    call = 1 + 1 + len('{"name": "f", "arguments": {"x": 1}}') + 1 + 1
    # the result stands between <tool_response> LF and LF </tool_response>
    assert counted.to_list() == [20 + call + 2 + (19 + 4 + 1) + 3]


def test_preference_rows(folders: dict[Family, Path]) -> None:
    before = ["u:a", f"a:{THOUGHT}b", "u:c"]
    chosen, rejected = series(talk(*before, f"a:{THOUGHT}de")), series(talk(*before, "a:f"))
    lengths = Lengths("qwen3", folders["qwen"], True)
    table = lengths.preference(chosen, rejected)
    # the earlier thought is dropped; the missing one of the worse answer is put in
    assert table.row(0) == (20 + 3 + 20, 7 + 2 + 2, EMPTY + 1 + 2, 43 + 11)
    mixed = Lengths("qwen3", folders["qwen"], None).preference(chosen, rejected)
    # the prompt is the chosen one's, to which nothing was added
    assert mixed.row(0) == (43, 11, 3, 54)
    refused = lengths.preference(chosen, series(talk(*before)))
    assert refused.row(0) == (43, 11, None, None)


@pytest.mark.parametrize(
    ("stage", "tokens"),
    [("sft", 23 + 7 + 23 + EMPTY), ("kto", 23 + 23 + EMPTY), ("dpo", 23 + 23 + EMPTY)],
)
def test_earlier_thoughts_are_kept_in_sft_only(folders: dict[Family, Path], stage: Any, tokens: int) -> None:
    rows = series(talk("u:a", f"a:{THOUGHT}b", "u:c", "a:d"))
    lengths = Lengths("qwen3", folders["qwen"], True)
    assert lengths.conversation(rows, stage=stage).to_list() == [tokens]


@pytest.mark.parametrize(
    ("template", "family"), [("qwen", "qwen"), ("deepseekr1", "r1"), ("llama3", "llama3")]
)
def test_a_text_has_its_end_token(folders: dict[Family, Path], template: str, family: Family) -> None:
    texts = pl.Series(["abc", "展", "", None])
    assert Lengths(template, folders[family]).text(texts).to_list() == [4, 4, 1, None]


def test_no_rows(folders: dict[Family, Path]) -> None:
    for tokenizer in (None, folders["qwen"]):
        lengths = Lengths("qwen3", tokenizer)
        assert lengths.conversation(series()).to_list() == []
        assert lengths.text(pl.Series([], dtype=pl.String)).to_list() == []
        assert lengths.preference(series(), series()).is_empty()


def test_the_fields_of_a_message_may_stand_in_any_order(folders: dict[Family, Path]) -> None:
    lengths = Lengths("qwen3_nothink", folders["qwen"])
    turned = [{"weight": 1, **dict(reversed(message.items()))} for message in talk("u:a", "a:b")]
    assert lengths.conversation(pl.Series([turned])).to_list() == [23]
    assert lengths.conversation(pl.Series([None, None])).to_list() == [None, None]
    assert lengths.conversation(pl.Series([[]])).to_list() == [None]


def test_many_slices_are_put_together_in_order(
    folders: dict[Family, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("curate.export.tokens.counter.SLICE_BYTES", 64)
    rows = series(*[talk("u:a", "a:" + "b" * (n % 11)) for n in range(200)])
    counted = Lengths("qwen3_nothink", folders["qwen"]).conversation(rows)
    assert counted.to_list() == [22 + n % 11 for n in range(200)]


def test_the_estimate_knows_the_template() -> None:
    row = series(talk("u:参展商有哪些？", "a:<think>想</think>很多。"))
    lengths = Lengths("deepseekr1")
    assert not lengths.measured
    # two markers, start and end; 7 * 0.65 + 1 and 4 * 0.65 + 15 * 0.04 + 7, each rounded up
    assert lengths.conversation(row).to_list() == [4 + 6 + 11]
    bare = series(talk("u:参展商有哪些？", "a:很多。"))
    assert lengths.conversation(bare).to_list()[0] > Lengths("deepseek3").conversation(bare).to_list()[0]
    known = Lengths("deepseekr1", vocabulary="llama3").conversation(row).to_list()[0]
    assert known > 4 + 6 + 11


def test_an_unknown_template_names_the_nearest() -> None:
    with pytest.raises(CurateError, match="qwen33") as caught:
        Lengths("qwen33")
    assert "qwen3" in caught.value.hint


BROKEN = {
    "no tokenizer.json": ("tokenizer.json", None),
    "no tokenizer_config.json": ("tokenizer_config.json", None),
    "half of tokenizer.json": ("tokenizer.json", '{"model": '),
    "a page instead of a file": ("tokenizer_config.json", "<html>"),
    "a list instead of settings": ("tokenizer_config.json", "[]"),
}


@pytest.mark.parametrize(("name", "text"), BROKEN.values(), ids=BROKEN)
def test_a_broken_tokenizer_is_named(tmp_path: Path, name: str, text: str | None) -> None:
    folder = make_tokenizer(tmp_path / "tok", "qwen", BYTES)
    (folder / name).unlink()
    if text is not None:
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(CurateError) as caught:
        Lengths("qwen", folder)
    assert str(folder / name) in caught.value.problem
    assert "tokenizer_config.json" in caught.value.hint and "config.json" in caught.value.hint


def test_tokens_that_only_the_settings_know(tmp_path: Path) -> None:
    folder = make_tokenizer(tmp_path / "tok", "bare", BYTES)
    entry = {
        "content": "<|im_start|>",
        "special": True,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
    }
    write(
        folder / "tokenizer_config.json",
        {
            "added_tokens_decoder": {"300": entry},
            "bos_token": None,
            "extra_special_tokens": {"image": "<|x|>"},
        },
    )
    lengths = Lengths("qwen3_nothink", folder)
    # <|im_end|> is added for the template, as LLaMA-Factory does
    assert lengths.conversation(series(talk("u:<|x|>", "a:b"))).to_list() == [23]
