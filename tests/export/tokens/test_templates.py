"""Templates, control tokens, and whether a tokenizer belongs to a template."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest

from curate.errors import CurateError
from curate.export.tokens import CONTROL_TOKENS, SPECIAL, TEMPLATES, check_tokenizer
from curate.export.tokens.tools import calls_text, tools_text
from tests.export.tokens.tokenizers import Family, make_tokenizer, write

FORGED = [
    "<|im_end|>",
    "你好<|im_start|>system\n",
    "<｜User｜>",
    "<｜end▁of▁sentence｜>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<tool_call>",
    "<|reserved_special_token_12|>",
    "<｜place▁holder▁no▁3｜>",
]
PLAIN = ["a <| b |> c", "<|…|>", "<think>", "<b>粗体</b>", "User: 你好", "｜User｜", "x |> f", "<tool>"]


def test_control_tokens_are_found_by_python_and_by_polars() -> None:
    assert [bool(re.search(CONTROL_TOKENS, text)) for text in FORGED + PLAIN] == [True] * 9 + [False] * 8
    found = pl.Series(FORGED + PLAIN).str.contains(CONTROL_TOKENS).to_list()
    assert found == [True] * len(FORGED) + [False] * len(PLAIN)


def test_every_control_token_is_found_whole() -> None:
    for token in frozenset().union(*SPECIAL.values()):
        assert re.fullmatch(CONTROL_TOKENS, token), token


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_a_template_writes_is_special_to_it(name: str) -> None:
    template = TEMPLATES[name]
    pieces = [template.user, template.assistant, template.system, template.function, template.observation]
    text = "".join(slot for slots in pieces for slot in slots if isinstance(slot, str))
    written = set(re.findall(r"<[|｜/]?[\w▁]+[|｜]?>", text)) | set(template.stop_words)
    assert name in SPECIAL
    allowed = SPECIAL[name] | ({"<|im_start|>", "<|im_end|>"} if name == "chatml" else set())
    assert written <= allowed


RIGHT: list[tuple[str, Family]] = [
    ("qwen", "qwen"),
    ("qwen3", "qwen"),
    ("qwen3_nothink", "qwen"),
    ("deepseekr1", "r1"),
    ("deepseek3", "r1"),
    ("llama3", "llama3"),
]


@pytest.mark.parametrize(("template", "family"), RIGHT)
def test_a_tokenizer_of_the_template(tmp_path: Path, template: str, family: Family) -> None:
    assert check_tokenizer(template, make_tokenizer(tmp_path, family)) == []


WRONG: list[tuple[str, Family, list[str]]] = [
    ("deepseekr1", "qwen", ["<｜User｜>", "<｜Assistant｜>", "bos_token"]),
    ("qwen", "r1", ["<|im_start|>", "<|im_end|>"]),
    ("qwen3", "llama3", ["<|im_start|>", "<think>", "</think>", "<|im_end|>"]),
    ("llama3", "bare", ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|eom_id|>", "bos_token"]),
    ("deepseek3", "bare", ["<｜User｜>", "<｜Assistant｜>", "bos_token", "eos_token"]),
]


@pytest.mark.parametrize(("template", "family", "named"), WRONG)
def test_a_tokenizer_of_another_model(
    tmp_path: Path, template: str, family: Family, named: list[str]
) -> None:
    problems = check_tokenizer(template, make_tokenizer(tmp_path, family))
    assert len(problems) == len(named)
    for problem, name in zip(problems, named, strict=True):
        assert name in problem


def test_a_byte_level_tokenizer_called_llama(tmp_path: Path) -> None:
    folder = make_tokenizer(tmp_path, "r1")
    write(folder / "config.json", {"model_type": "llama"})
    (problem,) = check_tokenizer("deepseekr1", folder)
    assert "LlamaTokenizerFast" in problem and "PreTrainedTokenizerFast" in problem
    (folder / "config.json").unlink()
    assert check_tokenizer("deepseekr1", folder) == [problem]
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    write(folder / "tokenizer_config.json", {**config, "tokenizer_class": "PreTrainedTokenizerFast"})
    assert check_tokenizer("deepseekr1", folder) == []


def test_errors(tmp_path: Path) -> None:
    with pytest.raises(CurateError, match=r"tokenizer\.json"):
        check_tokenizer("qwen", tmp_path)
    with pytest.raises(CurateError, match="nope"):
        check_tokenizer("nope", tmp_path)


ARGUMENTS = '{"type": "object", "properties": {"hall": {"type": "string", "description": "馆号", "enum": ["N1"]}}, "required": ["hall"]}'
TOOL = f'[{{"name": "find", "description": "查展位", "parameters": {ARGUMENTS}}}]'


def test_tools_in_the_default_format() -> None:
    text = tools_text("default", TOOL)
    assert text is not None
    assert "> Tool Name: find\nTool Description: 查展位\nTool Args:\n" in text
    assert "  - hall (string, required): 馆号, should be one of [N1]\n" in text
    assert "(one of [find])" in text and '```{"input": "hello world", "num_beams": 5}```' in text


@pytest.mark.parametrize("form", ["default", "qwen", "llama3"])
def test_tools_that_stop_the_trainer(form: str) -> None:
    assert tools_text(form, "[]") == ""  # type: ignore[arg-type]
    for bad in ("查展位", '["find"]', '{"name": "find"}'):
        assert tools_text(form, bad) is None  # type: ignore[arg-type]


CALL = '{"name": "find", "arguments": {"hall": "N1"}}'
CALLS = [
    ("default", CALL, 'Action: find\nAction Input: {"hall": "N1"}'),
    ("qwen", CALL, f"<tool_call>\n{CALL}\n</tool_call>"),
    ("llama3", CALL, '{"name": "find", "parameters": {"hall": "N1"}}'),
    ("qwen", f"[{CALL}, {CALL}]", f"<tool_call>\n{CALL}\n</tool_call>\n<tool_call>\n{CALL}\n</tool_call>"),
    (
        "qwen",
        f"<think>\n想\n</think>\n\n{CALL}",
        f"<think>\n想\n</think>\n\n<tool_call>\n{CALL}\n</tool_call>",
    ),
    ("llama3", f"先查<tool_call>{CALL}</tool_call>", '先查{"name": "find", "parameters": {"hall": "N1"}}'),
    ("qwen", "不是 JSON", None),
    ("qwen", '{"name": "find"}', None),
    ("qwen", "[1]", None),
]


@pytest.mark.parametrize(("form", "content", "text"), CALLS)
def test_calls(form: str, content: str, text: str | None) -> None:
    assert calls_text(form, content) == text  # type: ignore[arg-type]
