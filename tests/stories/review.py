"""A small workspace whose pairs people judge, and what they say, in files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from curate.review.adjudicate import for_adjudication
from curate.review.answers import results
from curate.review.interface import load_interface
from curate.run import open_run
from tests.conftest import ROOT
from tests.stories import synthesis

EXPERT = "zhou@example.com"
RECIPE = """\
name: fair
corpora:
  reports: {{path: reports.jsonl, key: id, columns: {{updated_at: day}}}}
split: {{ratios: {{train: 0.9, validation: 0.05, test: 0.05}}}}
synthesize:
  tasks:
    - template: {{corpus: reports, file: recipes/templates/fair.yaml}}
review:
  annotations: votes/*.jsonl
  experts: [zhou@example.com]
  projects:
    - pairs:
        interface: labelstudio/pair_review.xml
        guideline: labelstudio/pair_review.md
        sample: {{template: 1.0, most: 40}}
        {options}
export:
  - llamafactory: {{model: deepseek-r1-distill-qwen-1.5b, gpu: {{card: RTX 4090}}}}
"""
PAGE = load_interface(ROOT / "labelstudio/pair_review.xml", ROOT / "labelstudio/pair_review.md")
Decide = Callable[[dict[str, Any]], str]


def make(folder: Path, options: str = "controls: 0", rows: int = 20) -> Path:
    (folder / "recipes/templates").mkdir(parents=True)
    shutil.copytree(ROOT / "labelstudio", folder / "labelstudio")
    (folder / "recipes/templates/fair.yaml").write_text(synthesis.TEMPLATES, encoding="utf-8")
    synthesis.write_reports(folder, rows)
    (folder / "votes").mkdir()
    (folder / "votes/none.jsonl").write_text("", encoding="utf-8")
    recipe = folder / "recipes/fair.yaml"
    recipe.write_text(RECIPE.format(options=options), encoding="utf-8")
    return recipe


def items(recipe: Path) -> list[dict[str, Any]]:
    """What the newest run wants judged, in the order in which people see it."""
    step = next(step for step in open_run(recipe.parent.parent).steps if step.unit == "items:pairs")
    return pl.read_parquet(step.folder / "items.parquet").sort("place").to_dicts()


def values(item: dict[str, Any], decision: str) -> dict[str, Any]:
    data = json.loads(item["data"])
    if decision == "edit":
        return {
            "decision": "edit",
            "edited_question": f"请问，{data['question']}",
            "edited_answer": data["answer"],
        }
    return {"decision": decision} | ({"reasons": ["unclear"]} if decision == "reject" else {})


def say(
    recipe: Path, name: str, decide: Decide, *, stage: str = "annotate", at: str = "2026-11-20T08:00:00Z"
) -> None:
    """Somebody judges every item for which ``decide`` says anything."""
    page = for_adjudication(PAGE) if stage == "adjudicate" else PAGE
    lines = []
    for item in items(recipe):
        decision = decide(item)
        if not decision:
            continue
        told = values(item, decision) | ({"decision_reason": "看过资料"} if stage == "adjudicate" else {})
        lines.append(
            {
                "project": "pairs", "annotation_id": f"{name}/{item['item_id']}", "stage": stage,
                "item_id": item["item_id"], "content": item["content"], "annotator": name,
                "result": results(page, told), "seconds": 12, "updated_at": at,
            }
        )  # fmt: skip
    file = recipe.parent.parent / "votes" / f"{name.partition('@')[0]}_{stage}.jsonl"
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
