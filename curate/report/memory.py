"""The memory that models take, beside the well-known table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from curate.export.training.memory import METHODS, estimate, method_label
from curate.export.training.models import load_models
from curate.export.training.published import Cell, published_table
from curate.language import say
from curate.report.grids import columns, drawn


def memory_figures(cutoff: int, models: Path | None) -> dict[str, Any]:
    """GB by model and method, and the published table's cells."""
    known = load_models(models)
    return {
        "batch": 1,
        "cutoff": cutoff,
        "gb": {
            name: {method: round(estimate(model, method, batch=1, cutoff=cutoff).total, 1) for method in METHODS}
            for name, model in known.items()
        },
        "published": [
            {"model": cell.model, "method": cell.method, "published": cell.published, "ours": round(cell.ours, 1),
             "deviation": round(cell.deviation, 3), "explanation": cell.explanation}
            for cell in published_table()
        ],
    }  # fmt: skip


def memory_text(cutoff: int, models: Path | None) -> str:
    known = load_models(models)
    table = columns(
        say("模型", "model"), say("模板", "template"), say("思考", "thinks"), *(method_label(way) for way in METHODS),
        right=(3, 4, 5),
    )  # fmt: skip
    for name, model in known.items():
        figures = [f"{estimate(model, way, batch=1, cutoff=cutoff).total:.1f}" for way in METHODS]
        table.add_row(name, model.template, model.thinking, *figures)
    cells = published_table()
    beside = columns(say("模型", "model"), *(method_label(way) for way in METHODS), right=(1, 2, 3))
    for name in dict.fromkeys(cell.model for cell in cells):
        beside.add_row(name, *(_beside(cell) for cell in cells if cell.model == name))
    why = [
        f"  {cell.model} {method_label(cell.method)}: {cell.explanation}"
        for cell in cells
        if cell.explanation
    ]
    return drawn(
        say(
            f"训练要的显存（GB），批 1，一行 {cutoff} token，梯度检查点，LoRA r=16：",
            f"GB to train, batch 1, {cutoff} tokens a row, gradient checkpointing, LoRA r=16:",
        ),
        table,
        "",
        say(
            "与常见的那张表对照（我们 / 那张表，差）：",
            "Beside the well-known table (ours / theirs, deviation):",
        ),
        beside,
        *([say("差 20% 以上的原因：", "Why some are more than 20 % off:"), *why] if why else []),
        width=130,
    )


def _beside(cell: Cell) -> str:
    return f"{cell.ours:.1f} / {cell.published:g}  {cell.deviation:+.0%}"
