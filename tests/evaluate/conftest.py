"""A release with only what evaluation reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

Lines = list[dict[str, Any]]


def write_lines(file: Path, rows: Lines) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    file.write_text(text, encoding="utf-8", newline="\n")
    return file


def task(number: int, kind: str, reference: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"expo:{number}#{kind}",
        "corpus": "expo",
        "task": "intro",
        "question": kind,
        "kind": kind,
        "system": "",
        "prompt": f"问题 {number}",
        "reference": reference,
        "facts": [],
        "label": "",
        "retrievable": False,
        **more,
    }


#: one question of each kind about two rows
TASKS = [
    task(1, "facts", "展会于2026年3月5日在上海举办。", facts=["2026年3月5日", "上海"]),
    task(1, "classification", "食品机械", label="食品机械"),
    task(2, "text", "展会规模盛大，观众踊跃，产品丰富，技术先进，企业众多，成果显著。"),
    task(2, "unknown", "资料里查不到它的电话。"),
]
LABELS = {"intro.classification": ["食品", "食品机械", "服装"]}

Release = Callable[..., Path]


def make_release(folder: Path, tasks: Lines = TASKS, labels: dict[str, list[str]] = LABELS) -> Path:
    """A release folder of some questions."""
    write_lines(folder / "v1" / "eval" / "tasks.jsonl", tasks)
    (folder / "v1" / "eval" / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    return folder / "v1"


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return partial(make_release, tmp_path)


def predicted(*answers: str, tasks: Lines = TASKS) -> Lines:
    """What LLaMA-Factory writes."""
    return [
        {"prompt": f"<|im_start|>user\n{row['prompt']}", "predict": answer, "label": row["reference"]}
        for row, answer in zip(tasks, answers, strict=True)
    ]


RIGHT = [row["reference"] for row in TASKS]
