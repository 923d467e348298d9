"""llamafactory: instruction data as LLaMA-Factory reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import Field

from curate.export.files import sorted_batches
from curate.files import replacing, write_text
from curate.rows import SPLITS, Table
from curate.unit import Unit

Format = Literal["alpaca", "sharegpt"]

#: Complete, because a name that is not listed is taken for absent: without ``query`` LLaMA-Factory loses
#: ``input`` and without ``system_tag`` it drops every row that has a system message, both silently.
INFO: dict[Format, dict[str, Any]] = {
    "alpaca": {
        "formatting": "alpaca",
        "columns": {"prompt": "instruction", "query": "input", "response": "output", "system": "system"},
    },
    "sharegpt": {
        "formatting": "sharegpt",
        "columns": {"messages": "messages"},
        "tags": {
            "role_tag": "role",
            "content_tag": "content",
            "user_tag": "user",
            "assistant_tag": "assistant",
            "observation_tag": "tool",
            "function_tag": "function_call",
            "system_tag": "system",
        },
    },
}


class Llamafactory(Unit):
    """写出 LLaMA-Factory 的训练、验证、测试集和 dataset_info.json。 / Data sets and dataset_info.json for LLaMA-Factory.

    ``alpaca``: instruction, input, output, system. ``sharegpt``: messages with role and content, which TRL and
    OpenAI's fine-tuning read as well. A split without rows gets no file: an empty file stops the trainer.
    """

    reads: ClassVar = "pairs"
    use: Literal["llamafactory"] = "llamafactory"
    formats: list[Format] = Field(["alpaca", "sharegpt"], min_length=1)
    """写哪些格式 / the formats to write"""

    @property
    def times(self) -> int:
        """How often a pair is written."""
        return len(self.formats)

    def write(self, folder: Path, name: str, tables: list[Table], scratch: Path) -> dict[str, int]:
        """Write the files; returns the rows of each."""
        counts: dict[str, int] = {}
        info: dict[str, Any] = {}
        for split in SPLITS:
            for form in self.formats:
                dataset = f"{name}_{split}_{form}"
                rows = _write_rows(folder / f"{dataset}.jsonl", tables, split, form, scratch)
                if rows:
                    counts[f"{dataset}.jsonl"] = rows
                    info[dataset] = {"file_name": f"{dataset}.jsonl", **INFO[form]}
        # last and in ASCII: LLaMA-Factory opens it in the machine's own encoding
        write_text(folder / "dataset_info.json", json.dumps(info, ensure_ascii=True, indent=2) + "\n")
        return counts


def _write_rows(path: Path, tables: list[Table], split: str, form: Format, scratch: Path) -> int:
    columns = "pair_id, system, instruction, input, output"
    rows = 0
    with replacing(path) as temporary, temporary.open("wb") as file:
        # in the order of a hash: neighbours in the file are no neighbours in the source
        for batch in sorted_batches(tables, columns, f"split = '{split}'", "md5(pair_id), pair_id", scratch):
            (_alpaca(batch) if form == "alpaca" else _sharegpt(batch)).write_ndjson(file)
            rows += batch.height
    if not rows:
        path.unlink()
    return rows


def _alpaca(pairs: pl.DataFrame) -> pl.DataFrame:
    # "" and not null: a column that is null for its first 10 MB stops the loader
    return pairs.select(pl.col("instruction", "input", "output", "system").fill_null(""))


def _sharegpt(pairs: pl.DataFrame) -> pl.DataFrame:
    asked = (
        pl.when(pl.col("input") != "")
        .then(pl.col("instruction") + "\n" + pl.col("input"))
        .otherwise("instruction")
    )

    def message(role: str, content: pl.Expr) -> pl.Expr:
        return pl.struct(pl.lit(role).alias("role"), content.alias("content"))

    user, assistant = message("user", asked), message("assistant", pl.col("output"))
    system = message("system", pl.col("system"))
    return pairs.select(
        pl.when(pl.col("system") != "")
        .then(pl.concat_list(system, user, assistant))
        .otherwise(pl.concat_list(user, assistant))
        .alias("messages")
    )
