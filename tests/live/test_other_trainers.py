"""What the ``datasets`` library, TRL, ms-swift and OpenAI's documented format make of a release's shared files: every
row comes out again, with the content of its pair.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import BaseModel

from curate.query import query
from curate.run import open_run
from tests.conftest import copy_example
from tests.live.shared_files import FILES, Chat, Preference, Row, message, wanted
from tests.live.swift_env import swift_python, trl_python
from tests.live.tiny_model import make_tiny_model
from tests.live.train_env import train_python

pytestmark = pytest.mark.live

SPLITS = ("train", "validation", "test")
#: seconds until a program is given up
PATIENCE = 300


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of ``recipes/service.yaml`` with every format."""
    workspace = copy_example(tmp_path_factory.mktemp("others") / "展会")
    recipe = workspace / "recipes/service.yaml"
    said = recipe.read_text(encoding="utf-8")
    chosen = "formats: [sharegpt, messages, huggingface]"
    assert chosen in said
    recipe.write_text(said.replace(chosen, chosen.replace("[", "[alpaca, ")), encoding="utf-8")
    _run([sys.executable, "-m", "curate.cli", "run", recipe], workspace)
    return workspace


@pytest.fixture(scope="module")
def release(workspace: Path) -> Path:
    return workspace / "exports/service/v1"


@pytest.fixture(scope="module")
def pairs(workspace: Path, release: Path) -> dict[str, list[Row]]:
    """Split -> its pairs as the run made them, in the order of the files."""
    order = pl.read_parquet(release / "provenance.parquet", columns=["pair_id"])
    made = query(open_run(workspace), "SELECT * FROM pairs")
    rows = order.join(made, on="pair_id", how="left", validate="1:1", maintain_order="left").to_dicts()
    assert len(rows) > 600
    return {split: [row for row in rows if row["split"] == split] for split in SPLITS}


def _run(command: list[str | Path], scratch: Path) -> None:
    """Run a program that neither downloads nor leaves anything outside ``scratch``."""
    caches = {name: str(scratch / "cache") for name in ("HOME", "HF_HOME", "MODELSCOPE_CACHE")}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE,
        env={**os.environ, **caches, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]


def _ask(python: Path | str, script: str, *given: Path | str) -> Any:
    """What ``script`` writes to the file that is its last argument."""
    scratch = Path(given[0])
    told = scratch / "told.json"
    _run([python, "-c", script, *given, told], scratch)
    return json.loads(told.read_text(encoding="utf-8"))


def lines(file: Path) -> list[Row]:
    # split at line feeds only: U+0085 and U+2028 are text
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


READ = """
import json, pathlib, sys
from datasets import get_dataset_config_names, load_dataset
release, out = pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
hub, found = str(release / "huggingface"), {}
for config in get_dataset_config_names(hub):
    for split, rows in load_dataset(hub, config).items():
        found[f"huggingface/{config}/{split}"] = rows.to_list()
for file in sorted(release.rglob("*.jsonl")):
    rows = load_dataset("json", data_files=str(file), split="train")
    found[str(file.relative_to(release).with_suffix(""))] = rows.to_list()
out.write_text(json.dumps(found))
"""


@pytest.mark.parametrize("version", ["5.2", "4.0"])
def test_the_datasets_library_reads_every_file_as_it_is(
    version: str, release: Path, pairs: dict[str, list[Row]], tmp_path: Path
) -> None:
    found = _ask(sys.executable if version == "5.2" else train_python(), READ, tmp_path, release)
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    rows = {name: about["rows"] for name, about in manifest["files"].items() if name != "provenance.parquet"}
    told = {
        name.removesuffix("-00000-of-00001.parquet").removesuffix(".jsonl"): count
        for name, count in rows.items()
        if count is not None
    }
    assert {name: len(there) for name, there in found.items()} == told
    for file in FILES:
        for name, want in wanted(file, pairs).items():
            assert found.pop(name) == want, name
    # what is left is the evaluation's: as it stands in the file
    assert sorted(found) == ["data/service_predict", "eval/tasks"]
    for name, there in found.items():
        assert there == lines(release / f"{name}.jsonl")


TRAIN = """
import json, sys
from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, SFTConfig, SFTTrainer
scratch, release, model, out = sys.argv[1:]
words, found = AutoTokenizer.from_pretrained(model), {}
common = dict(output_dir=scratch, max_steps=2, per_device_train_batch_size=2, use_cpu=True, bf16=False,
              report_to="none", save_strategy="no", logging_steps=1, max_length=4096)
for file, config, trainer in (("messages/train", SFTConfig, SFTTrainer), ("trl/train_preference", DPOConfig, DPOTrainer),
                              ("trl/train_kto", KTOConfig, KTOTrainer)):
    rows = load_dataset("json", data_files=f"{release}/{file}.jsonl", split="train")
    trained = trainer(model=AutoModelForCausalLM.from_pretrained(model), args=config(**common), train_dataset=rows,
                      processing_class=words)
    trained.train()
    kept = trained.train_dataset
    texts = {name: [words.decode(ids) for ids in kept[name]] for name in kept.column_names if name.endswith("ids")}
    found[file] = {"steps": trained.state.global_step, "texts": texts, "losses": [
        line["loss"] for line in trained.state.log_history if "loss" in line]}
open(out, "w").write(json.dumps(found))
"""


def test_trl_trains_on_every_row(release: Path, pairs: dict[str, list[Row]], tmp_path: Path) -> None:
    """Two steps each of SFT, DPO and KTO; what the trainers hold are our turns in the model's chat template."""
    texts = (release / "messages/train.jsonl").read_text(encoding="utf-8").split("\n")
    model = make_tiny_model(tmp_path / "model", train_python(), texts, kind="qwen", vocab=2000)
    found = _ask(trl_python(), TRAIN, tmp_path, release, model)
    for file, told in found.items():
        assert told["steps"] == 2, file
        assert len(told["losses"]) == 2, file
        assert all(loss > 0 for loss in told["losses"]), file
        rows = wanted(file.replace("train", "{}"), pairs)[file]
        for column, spelt in TURNS[file].items():
            assert told["texts"][column] == [spelt(row) for row in rows], (file, column)


def chatml(turns: list[dict[str, str]]) -> str:
    own = [] if turns[0]["role"] == "system" else [message("system", QWEN)]
    return "".join(f"<|im_start|>{one['role']}\n{one['content']}<|im_end|>\n" for one in [*own, *turns])


QWEN = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."
#: file -> column of token numbers -> what they should say
TURNS: dict[str, dict[str, Callable[[Row], str]]] = {
    "messages/train": {"input_ids": lambda row: chatml(row["messages"])},
    "trl/train_preference": {
        "prompt_ids": lambda row: chatml(row["prompt"]) + "<|im_start|>assistant\n",
        "chosen_ids": lambda row: row["chosen"][0]["content"] + "<|im_end|>\n",
        "rejected_ids": lambda row: row["rejected"][0]["content"] + "<|im_end|>\n",
    },
    "trl/train_kto": {
        "prompt_ids": lambda row: chatml(row["prompt"]) + "<|im_start|>assistant\n",
        "completion_ids": lambda row: row["completion"][0]["content"] + "<|im_end|>\n",
    },
}

SWIFT = """
import json, sys
from swift.dataset import load_dataset
release, out = sys.argv[2], sys.argv[-1]
found = {}
for file in sys.argv[3:-1]:
    rows, _ = load_dataset(f"{release}/{file}.jsonl", num_proc=1, load_from_cache_file=False, strict=True)
    found[file] = list(rows)
open(out, "w").write(json.dumps(found))
"""
#: LLaMA-Factory's words for who speaks, and ms-swift's
SPEAKERS = {"function_call": "tool_call"}


def swifts(row: Row) -> Row:
    """A row of ours as ms-swift should have read it."""
    if "text" in row:
        return {"messages": [message("assistant", row["text"])]}
    if "instruction" in row:
        asked = row["instruction"] + ("\n" + row["input"] if row["input"] else "")
        return {
            "messages": [
                message("system", row["system"]),
                message("user", asked),
                message("assistant", row["output"]),
            ]
        }
    turns = [message(SPEAKERS.get(one["role"], one["role"]), one["content"]) for one in row["messages"]]
    return {**row, "messages": turns}


def test_ms_swift_reads_every_row(release: Path, pairs: dict[str, list[Row]], tmp_path: Path) -> None:
    """Its own detection of the format, without a word from us; ``strict``: it would stop at a row it cannot read."""
    shared = [
        "messages/{}", "swift/{}_preference", "swift/{}_kto",
        "data/service_{}_alpaca", "data/service_{}_sharegpt", "data/service_{}_chat", "data/service_{}_pretrain",
    ]  # fmt: skip
    rows = {name: there for file in shared for name, there in wanted(file, pairs).items()}
    found = _ask(swift_python(), SWIFT, tmp_path, release, *rows)
    for name, want in rows.items():
        there = [{key: value for key, value in row.items() if key != "dataset"} for row in found[name]]
        for got, row in zip(there, want, strict=True):
            expected = swifts(row)
            if "tools" in row:
                # LLaMA-Factory's "" is for ms-swift a tool that is no JSON, at which it stops when it comes to train; so
                # is a list of calls. Conversations without tools stand in messages/ too, and from there it trains
                assert got.pop("tools") == (json.loads(expected.pop("tools") or "null") or [""]), name
            assert got == expected, name


@pytest.mark.parametrize(
    ("file", "kind"),
    [("messages/{}", Chat), ("openai/{}_preference", Preference)],
    ids=["chat", "preference"],
)
def test_openai_would_take_every_row(
    file: str, kind: type[BaseModel], release: Path, pairs: dict[str, list[Row]]
) -> None:
    """By the format that is documented; its service was not asked."""
    for name, want in wanted(file, pairs).items():
        content = (release / f"{name}.jsonl").read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf")
        there = [line for line in content.split(b"\n") if line]
        assert len(there) == len(want)
        for line in there:
            kind.model_validate_json(line)


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"messages": [message("user", "?")]}, Chat),
        ({"messages": [message("user", "?"), message("function_call", "!")]}, Chat),
        ({"messages": [message("user", "?"), {"role": "assistant", "content": None}]}, Chat),
        (
            {
                "input": {"messages": [message("user", "?")]},
                "preferred_output": message("assistant", "!"),
                "non_preferred_output": [],
            },
            Preference,
        ),
    ],
)
def test_the_format_is_no_rubber_stamp(wrong: Row, kind: type[BaseModel]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        kind.model_validate_json(json.dumps(wrong))
