"""Our token counts and our verdict on what is cut are LLaMA-Factory's own, row by row."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.export.tokens import TEMPLATES, Lengths, fits
from curate.export.tokens.lengths import Stage
from tests.export.tokens.shapes import rows_there
from tests.export.tokens.tokenizers import Family, make_tokenizer
from tests.live.train_env import train_python

pytestmark = pytest.mark.live

#: Reads {"tokenizer", "template", "rows": {stage: [...]}, "cutoffs": [...]}; writes for every way of thinking, stage
#: and cutoff the lengths row by row: what LLaMA-Factory's own converters and processors make of that row alone.
PROGRAM = """
import datetime, json, sys
from llamafactory.data import tool_utils
from llamafactory.data.converter import get_dataset_converter
from llamafactory.data.parser import DatasetAttr
from llamafactory.data.processor import (
    FeedbackDatasetProcessor, PairwiseDatasetProcessor, PretrainDatasetProcessor, SupervisedDatasetProcessor)
from llamafactory.data.template import get_template_and_fix_tokenizer
from llamafactory.hparams import DataArguments, ModelArguments
from llamafactory.model import load_tokenizer

class Fixed(datetime.datetime):
    @classmethod
    def now(cls):
        return cls(2026, 1, 1)

tool_utils.datetime = Fixed
task = json.load(open(sys.argv[1], encoding="utf-8"))
MAKERS = {"sft": SupervisedDatasetProcessor, "dpo": PairwiseDatasetProcessor,
          "kto": FeedbackDatasetProcessor, "pt": PretrainDatasetProcessor}

def attributes(stage):
    attr = DatasetAttr("file", dataset_name="x")
    attr.formatting = "alpaca" if stage == "pt" else "sharegpt"
    attr.ranking = stage == "dpo"
    if stage == "pt":
        attr.prompt, attr.query, attr.response, attr.history = "text", None, None, None
        return attr
    attr.messages, attr.tools = "messages", "tools"
    attr.role_tag, attr.content_tag, attr.user_tag, attr.assistant_tag = "role", "content", "user", "assistant"
    attr.observation_tag, attr.function_tag, attr.system_tag = "tool", "function_call", "system"
    if stage == "dpo":
        attr.chosen, attr.rejected = "chosen", "rejected"
    if stage == "kto":
        attr.kto_tag = "kto_tag"
    return attr

def lengths(stage, processor, converter, row):
    try:
        one = converter(row)
        made = processor.preprocess_dataset({key: [value] for key, value in one.items()})
        if stage == "dpo":
            return [len(made["chosen_input_ids"][0]), len(made["rejected_input_ids"][0])]
        return len(made["input_ids"][0])
    except (IndexError, KeyError, TypeError, RuntimeError, AttributeError):
        return None

found = []
for thinking in (True, False, None):
    tokenizer = load_tokenizer(ModelArguments(model_name_or_path=task["tokenizer"]))["tokenizer"]
    for cutoff in task["cutoffs"]:
        args = DataArguments(template=task["template"], cutoff_len=cutoff, enable_thinking=thinking, packing=False)
        template = get_template_and_fix_tokenizer(tokenizer, args)
        for stage, rows in task["rows"].items():
            processor = MAKERS[stage](template=template, tokenizer=tokenizer, processor=None, data_args=args)
            converter = get_dataset_converter(attributes(stage).formatting, attributes(stage), args)
            found.append([thinking, cutoff, stage, [lengths(stage, processor, converter, row) for row in rows]])
json.dump(found, open(sys.argv[2], "w", encoding="utf-8"))
"""

#: longer than every row of the test
WHOLE = 100_000
MESSAGES = pl.List(pl.Struct({"role": pl.String, "content": pl.String}))

CASES: list[tuple[str, Family]] = [
    ("deepseekr1", "r1"),
    ("deepseek3", "r1"),
    ("deepseek", "r1"),
    ("qwen", "qwen"),
    ("qwen3", "qwen"),
    ("qwen3_nothink", "qwen"),
    ("chatml", "qwen"),
    ("llama3", "llama3"),
    ("default", "llama3"),
    # wrong ones: markers in pieces, new tokens, no end token
    ("qwen", "r1"),
    ("deepseekr1", "qwen"),
    ("qwen3", "bare"),
    ("deepseekr1", "bare"),
]


def series(values: list[Any], kind: Any) -> pl.Series:
    return pl.Series("values", values, dtype=kind)


def ours(lengths: Lengths, stage: str, rows: list[dict[str, Any]]) -> tuple[list[Any], pl.Series]:
    """The lengths as LLaMA-Factory gives them for whole rows, and the one that decides whether a row is cut."""
    if stage == "pt":
        tokens = lengths.text(series([row["text"] for row in rows], pl.String))
        return tokens.to_list(), tokens
    tools = series([row["tools"] for row in rows], pl.String)
    if stage == "dpo":
        better, worse = (
            series([[*row["messages"], row[end]] for row in rows], MESSAGES) for end in ("chosen", "rejected")
        )
        table = lengths.preference(better, worse, tools)
        parts = table.rows()
        return [None if whole is None else [p + c, p + r] for p, c, r, whole in parts], table["tokens"]
    which: Stage = "kto" if stage == "kto" else "sft"
    tokens = lengths.conversation(series([row["messages"] for row in rows], MESSAGES), tools, which)
    return tokens.to_list(), tokens


def theirs(
    tmp_path: Path, template: str, folder: Path, cutoffs: list[int]
) -> dict[tuple[Any, int, str], list[Any]]:
    task = {"tokenizer": str(folder), "template": template, "rows": rows_there(), "cutoffs": cutoffs}
    (tmp_path / "task.json").write_text(json.dumps(task, ensure_ascii=False), encoding="utf-8")
    command = [str(train_python()), "-c", PROGRAM, str(tmp_path / "task.json"), str(tmp_path / "found.json")]
    environment = {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "LLAMAFACTORY_VERBOSITY": "ERROR",
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    return {(thinking, cutoff, stage): lengths for thinking, cutoff, stage, lengths in found}


def test_every_template_is_tested() -> None:
    assert {template for template, _ in CASES} == set(TEMPLATES)


@pytest.mark.parametrize(("template", "family"), CASES)
def test_lengths_and_cuts_are_llamafactorys(tmp_path: Path, template: str, family: Family) -> None:
    folder = make_tokenizer(tmp_path / family, family)
    rows = rows_there()
    # cutoffs that some rows have exactly, and others that none need have
    _, counted = ours(Lengths(template, folder), "sft", rows["sft"])
    known = counted.drop_nulls().sort().to_list()
    cutoffs = sorted({known[len(known) * part // 7] for part in range(1, 7)} | {16, 49})
    there = theirs(tmp_path, template, folder, [WHOLE, *cutoffs])
    compared = 0
    for thinking in (True, False, None):
        lengths = Lengths(template, folder, thinking)
        for stage, of_stage in rows.items():
            whole = there[thinking, WHOLE, stage]
            counted_here, tokens = ours(lengths, stage, of_stage)
            assert counted_here == whole, (thinking, stage)
            for cutoff in cutoffs:
                kept = there[thinking, cutoff, stage]
                unchanged = [None if a is None else a == b for a, b in zip(whole, kept, strict=True)]
                assert fits(tokens, cutoff).to_list() == unchanged, (thinking, stage, cutoff)
                compared += len(kept)
    assert compared > 5_000


def test_a_byte_level_llama_tokenizer_is_why_we_warn(tmp_path: Path) -> None:
    """Transformers 5 loses the Chinese of such a tokenizer; when this fails, the warning can go."""
    folder = make_tokenizer(tmp_path / "r1", "r1")
    (folder / "config.json").write_text('{"model_type": "llama"}', encoding="utf-8")
    rows = rows_there()
    measured, _ = ours(Lengths("deepseekr1", folder), "sft", rows["sft"])
    there = theirs(tmp_path, "deepseekr1", folder, [WHOLE])[True, WHOLE, "sft"]
    assert sum(b for b in there if b) < 0.7 * sum(a for a in measured if a)
