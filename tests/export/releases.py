"""Small releases of every kind, made by the real writer out of made-up pairs, without the pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from curate.export.decide import lengths_of
from curate.export.fit import cut, inspect
from curate.export.llamafactory import Llamafactory, thinking_of
from curate.export.release import MANIFEST, SUMS, Order, write_release
from curate.files import sha256_of_file, write_json, write_text
from curate.pairs import PAIR
from curate.rows import Table

#: What is fine in a text although it looks odd.
ODD = [
    "🎪👨‍👩‍👧 展会",
    "第一行\n第二行\t\u0085\u2028\u2029完",
    '他说"好"，然后走了\\n',
    "null",
    "NA",
    "好",
    "若 a<b 且 b>c，则 a<c；<b>粗体</b> <img> <|> x<y|z>",
    "think> 和 < think > 不是标记",
    "{{content}} {idx} [x] :: %s",
    "全角ＡＢＣ１２３、𠮷野家、ﷺ",
    "\ufeff开头有零宽字符",
    '{"a": null}',
]
TOOLS = json.dumps(
    [{"name": "find_booth", "description": "找展位", "parameters": {"type": "object", "properties": {}}}]
)
CALL = json.dumps({"name": "find_booth", "arguments": {"company": "云岚"}}, ensure_ascii=False)
SPLITS = ["train"] * 6 + ["validation", "test"]


def turns(*contents: str, roles: tuple[str, ...] = ("user", "assistant")) -> list[dict[str, str]]:
    return [{"role": roles[place % len(roles)], "content": content} for place, content in enumerate(contents)]


def _pair(number: int, kind: str, **columns: Any) -> dict[str, Any]:
    return {
        "pair_id": f"c:{kind}{number}#a.b",
        "parent_id": f"c:{kind}{number}",
        "corpus": "c",
        "cluster_id": f"c:{kind}{number}",
        "tier": "both" if number % 2 else "primary",
        "split": SPLITS[number % len(SPLITS)],
        "origin": "llm" if number == 0 else "template",
        "kind": kind,
        "task": "company",
        "question": "location",
        "system": "你是展会顾问。" if number % 3 == 0 else "",
    } | columns


def single(count: int = 48, thought: bool = False) -> list[dict[str, Any]]:
    """Questions with answers; some with material, some that name a class, one without an answer in the data."""
    rows = [
        _pair(
            number,
            "sft",
            instruction=f"{ODD[number % len(ODD)]} 第 {number} 问？",
            input=f"材料{number}" if number % 4 == 0 else "",
            output=ODD[-number % len(ODD)] if number % 5 else f"答{number}",
            thought=f"先想{number}" if thought else None,
            facts=[f"答{number}"],
            label="餐饮" if number % 8 == 7 else "",
        )
        for number in range(count)
    ]
    nobody = _pair(
        999,
        "unknown",
        split="test",
        instruction="没有写的事？",
        output="资料里没有。",
        thought="没有" if thought else None,
    )
    return [*rows, nobody]


def conversations(count: int = 16) -> list[dict[str, Any]]:
    """Of two turns each; every second one calls a function."""
    rows = []
    for number in range(count):
        said = turns(f"对话{number}，你好", "您好", f"展位{number}在哪？", "在三号馆")
        if number % 2:
            said = turns(
                f"工具{number}",
                CALL,
                '{"booth": "A1"}',
                "在 A1",
                roles=("user", "function_call", "tool", "assistant"),
            )
        rows.append(
            _pair(
                number,
                "sft",
                pair_id=f"d:{number}#x.pair",
                messages=said,
                output=said[-1]["content"],
                tools=TOOLS if number % 2 else None,
            )
        )
        rows[-1]["parent_id"] = rows[-1]["cluster_id"] = f"d:{number}"
    return rows


def preferences(count: int = 16) -> list[dict[str, Any]]:
    return [
        _pair(number, "preference", output=f"好答{number}", rejected=f"差答{number}")
        | (
            {"messages": turns(f"聊{number}", "嗯", f"选{number}")}
            if number % 2
            else {"instruction": f"比较{number}"}
        )
        for number in range(count)
    ]


def ratings(count: int = 16) -> list[dict[str, Any]]:
    return [
        _pair(number, "kto", instruction=f"评价{number}", output=f"回答{number}", desirable=number % 3 > 0)
        for number in range(count)
    ]


def texts(count: int = 16) -> list[dict[str, Any]]:
    return [
        _pair(number, "pretrain", output=f"报告{number}：{ODD[number % len(ODD)]}", system="")
        for number in range(count)
    ]


def in_training(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"split": "train"} for row in rows]


KINDS = {
    "training": lambda: [
        *single(24),
        *in_training([*conversations(8), *preferences(8), *ratings(8), *texts(8)]),
    ],
    "questions": lambda: single(),
    "thoughts": lambda: single(thought=True),
    "conversations": lambda: [*single(), *conversations()],
    "everything": lambda: [*single(), *conversations(), *preferences(), *ratings(), *texts()],
    "preferences": lambda: preferences(),
}
#: kind -> the recipe's options for it
OPTIONS: dict[str, dict[str, Any]] = {
    "everything": {"formats": ["alpaca", "sharegpt", "messages", "huggingface"]},
    "parquet": {"formats": ["sharegpt", "huggingface"], "files": "parquet"},
    "shards": {"formats": ["alpaca", "messages"], "shard_rows": 7},
}


def make(workspace: Path, rows: list[dict[str, Any]], name: str = "expo", **options: Any) -> Path:
    """A release ``exports/<name>/vN`` below ``workspace``; another call makes the next version."""
    exporter = Llamafactory(**options)
    workspace.mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame(rows, schema=PAIR)
    number = len(list(workspace.glob("in*.parquet")))
    file = workspace / f"in{number}.parquet"
    frame.write_parquet(file)
    thinking = thinking_of([Table("c", (file,))])
    looked = inspect(frame, exporter.lengths(workspace, thinking), exporter.personal_data)
    assert looked.dropped.is_empty(), looked.dropped.select("pair_id", "reason", "detail")
    looked.kept.write_parquet(file)
    tables = [Table("c", (file,))]
    about = lengths_of(tables, exporter, workspace)
    cut(looked.kept, about["cutoff"]).kept.write_parquet(file)
    fit = {**about, "measured": False, "thinking": thinking, "rows_in": frame.height, "dropped": {}}
    key = f"{number}"
    return write_release(Order(exporter, workspace, name, key, tables, [], fit, workspace / "scratch"))[0]


def reseal(release: Path) -> None:
    """Make the digests fit again, as somebody would who wants to hide a change."""
    manifest = json.loads((release / MANIFEST).read_text(encoding="utf-8"))
    old, files = manifest["files"], {}
    for path in sorted(path for path in release.rglob("*") if path.is_file()):
        name = path.relative_to(release).as_posix()
        if name not in (MANIFEST, SUMS):
            rows = old.get(name, {}).get("rows")
            files[name] = {"rows": rows, "bytes": path.stat().st_size, "sha256": sha256_of_file(path)}
    write_json(release / MANIFEST, {**manifest, "files": files}, indent=1)
    sums = {name: about["sha256"] for name, about in files.items()} | {
        MANIFEST: sha256_of_file(release / MANIFEST)
    }
    write_text(release / SUMS, "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())))
