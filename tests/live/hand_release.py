"""A small release folder written by hand, in the layout that the exporter promises: what the loader is tested on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.live.tiny_model import Kind, make_tiny_model

ROWS = 24
#: short enough for small tests, long enough for every row
CUTOFF = 512
TAGS = {
    "role_tag": "role",
    "content_tag": "content",
    "user_tag": "user",
    "assistant_tag": "assistant",
    "observation_tag": "tool",
    "function_tag": "function_call",
    "system_tag": "system",
}
INFO: dict[str, dict[str, Any]] = {
    "alpaca": {
        "columns": {"prompt": "instruction", "query": "input", "response": "output", "system": "system"}
    },
    "sharegpt": {"formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": TAGS},
    "tools": {
        "formatting": "sharegpt",
        "columns": {"messages": "messages", "tools": "tools"},
        "tags": TAGS,
    },
    "preference": {
        "formatting": "sharegpt",
        "ranking": True,
        "columns": {"messages": "messages", "chosen": "chosen", "rejected": "rejected"},
        "tags": TAGS,
    },
    "kto": {
        "formatting": "sharegpt",
        "columns": {"messages": "messages", "kto_tag": "kto_tag"},
        "tags": TAGS,
    },
    "pretrain": {"columns": {"prompt": "text"}},
}
TOOLS = json.dumps(
    [{"name": "find_expo", "description": "查展会", "parameters": {"type": "object", "properties": {}}}]
)


def say(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def answer(number: int) -> str:
    return f"<think>\n先看第{number}条记录。\n</think>\n\n{number}号展会在上海举办。"


def row(form: str, number: int) -> dict[str, Any]:
    asked = say("user", f"{number}号展会在哪里？")
    if form == "alpaca":
        return {"instruction": asked["content"], "input": "", "output": answer(number), "system": ""}
    if form == "sharegpt":
        system = [say("system", "你是展会顾问。")] if number % 2 else []
        return {"messages": [*system, asked, say("assistant", answer(number))]}
    if form == "tools":
        call = say("function_call", json.dumps({"name": "find_expo", "arguments": {"number": number}}))
        return {
            "messages": [asked, call, say("tool", '{"city": "上海"}'), say("assistant", answer(number))],
            "tools": TOOLS,
        }
    if form == "preference":
        return {
            "messages": [asked],
            "chosen": say("assistant", answer(number)),
            "rejected": say("assistant", "不知道。"),
        }
    if form == "kto":
        return {"messages": [asked, say("assistant", answer(number))], "kto_tag": number % 2 == 0}
    days = "".join(f"第{day}天展出机床{number * day}台，量具{number + day}件。" for day in range(20))
    return {"text": f"{number}号展会由上海的公司承办。{days}"}


def write_rows(release: Path, dataset: str, rows: list[dict[str, Any]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (release / "data" / f"{dataset}.jsonl").write_text(text, encoding="utf-8")


def write_yaml(path: Path, settings: dict[str, Any]) -> None:
    path.write_text(
        "".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items()), encoding="utf-8"
    )


def settings(stage: str, forms: tuple[str, ...], **changed: Any) -> dict[str, Any]:
    """What a train_*.yaml says, written for a graphics card; ``model_name_or_path`` is no folder here."""
    return {
        "model_name_or_path": "nobody/no-such-model",
        "stage": stage,
        "do_train": True,
        "finetuning_type": "lora",
        "dataset_dir": "data",
        "dataset": ",".join(f"expo_train_{form}" for form in forms),
        "eval_dataset": ",".join(f"expo_validation_{form}" for form in forms),
        "template": "deepseekr1",
        "cutoff_len": CUTOFF,
        "overwrite_cache": True,
        "preprocessing_num_workers": 1,
        "output_dir": f"output/{stage}",
        "bf16": True,
        "report_to": "tensorboard",
        "quantization_bit": 4 if stage == "sft" else None,
        **changed,
    }


def write_release(release: Path) -> Path:
    (release / "data").mkdir(parents=True)
    info = {}
    for form, about in INFO.items():
        for split, first in (("train", 0), ("validation", ROWS)):
            dataset = f"expo_{split}_{form}"
            count = ROWS if split == "train" else ROWS // 4
            write_rows(release, dataset, [row(form, first + number) for number in range(count)])
            info[dataset] = {"file_name": f"{dataset}.jsonl", **about}
    (release / "data" / "dataset_info.json").write_text(json.dumps(info), encoding="ascii")
    write_yaml(release / "train_sft.yaml", settings("sft", ("alpaca", "sharegpt", "tools")))
    write_yaml(release / "train_dpo.yaml", settings("dpo", ("preference",)))
    write_yaml(release / "train_kto.yaml", settings("kto", ("kto",)))
    write_yaml(release / "train_pt.yaml", settings("pt", ("pretrain",)))
    return release


def small_model(folder: Path, python: Path, kind: Kind) -> Path:
    """A model of 64 dimensions whose tokenizer knows the words of the release."""
    texts = [f"{answer(number)}{row('pretrain', number)['text']}" for number in range(50)]
    return make_tiny_model(folder, python, [*texts, TOOLS], kind=kind, vocab=600)
