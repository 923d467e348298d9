"""Write the sample annotations: what three annotators and an expert would have said of the example's review sample.

``python data/generate_review.py`` (in curate's environment) runs ``recipes/expo.yaml`` as far as it chooses what people should
judge, and writes ``review/pairs.jsonl``. No person made them: every line says so in ``made_by``. Two annotators see each
item; they are careful, and still differ here and there, which the expert settles.
"""

import json
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from hashlib import md5
from pathlib import Path

import polars as pl

from curate.errors import Waiting
from curate.pipeline import Pipeline, open_cache
from curate.recipe import load
from curate.review.adjudicate import for_adjudication
from curate.review.answers import results
from curate.review.interface import load_interface
from curate.review.schema import ANNOTATION
from curate.run import Run

HOUSE = Path(__file__).parent.parent
FILE = Path(__file__).parent / "review" / "pairs.jsonl"
PEOPLE = ("lijing@example.com", "wanglei@example.com", "chenchen@example.com")
EXPERT = "zhoumin@example.com"
MADE_BY = "data/generate_review.py：脚本编的示例，不是真人的判断"
BEGIN = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
#: per cent of the items that should be edited and rejected, and of the votes that miss it
EDITED, REJECTED, MISSED = 9, 6, 4


def main() -> None:
    """Write the file; the same each time."""
    with tempfile.TemporaryDirectory() as folder:
        items = sampled(Path(folder))
    interface = load_interface(HOUSE / "labelstudio/pair_review.xml", HOUSE / "labelstudio/pair_review.md")
    rows = []
    for item in items.sort("place").iter_rows(named=True):
        first, second = sorted(PEOPLE, key=lambda name: drawn(item["item_id"], name))[:2]
        right = truth(item)
        said = [values(item, right if careful(item, name) else "accept") for name in (first, second)]
        for name, one in zip((first, second), said, strict=True):
            rows.append(annotation(item, name, results(interface, one), interface.version))
        if said[0]["decision"] != said[1]["decision"] and item["part"] == "sample":
            settled = values(item, right) | {"decision_reason": REASONS[right]}
            page = for_adjudication(interface)
            row = annotation(item, EXPERT, results(page, settled), page.version)
            rows.append(row | {"stage": "adjudicate"})
    FILE.parent.mkdir(exist_ok=True)
    lines = (json.dumps({"project": "pairs", **row, "made_by": MADE_BY}, ensure_ascii=False) for row in rows)
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{FILE}: {len(rows)} annotations of {items.height} items")


REASONS = {
    "accept": "与资料一致，问法也自然，可以接受。",
    "edit": "内容对，但问得生硬，改一下再用。",
    "reject": "这样问没有人会问，答案也没有用处，不要。",
}


def sampled(workspace: Path) -> pl.DataFrame:
    """What the example's recipe wants judged, without a model and without annotations."""
    for name in ("recipes", "schemas", "labelstudio"):
        shutil.copytree(HOUSE / name, workspace / name)
    shutil.copytree(HOUSE / "data", workspace / "data", ignore=shutil.ignore_patterns("*.py", "review"))
    recipe = workspace / "recipes/expo.yaml"
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(
        "\n".join(line for line in text.splitlines() if "data/review/" not in line), encoding="utf-8"
    )
    loaded = load(recipe)
    run = Run(loaded)
    try:
        Pipeline(loaded, run, open_cache(workspace)).go("review")
    except Waiting:
        step = next(step for step in run.steps if step.unit == "items:pairs")
        return pl.read_parquet(step.folder / "items.parquet")
    raise SystemExit("the recipe asks nobody")


def drawn(*parts: str) -> int:
    """A number below 100 that hangs on nothing but the parts."""
    return int(digest(*parts)[:8], 16) % 100


def digest(*parts: str) -> str:
    return md5("\x1f".join(parts).encode(), usedforsecurity=False).hexdigest()


def truth(item: dict[str, str]) -> str:
    """What careful people should say of an item."""
    if item["part"] == "control":
        return "reject"
    number = drawn(item["item_id"], "truth")
    return "edit" if number < EDITED else "reject" if number < EDITED + REJECTED else "accept"


def careful(item: dict[str, str], name: str) -> bool:
    return drawn(item["item_id"], name, "missed") >= MISSED


def values(item: dict[str, str], decision: str) -> dict[str, object]:
    """A verdict with all that the page asks for."""
    data = json.loads(item["data"])
    if decision == "edit":
        question = data["question"].removeprefix("请问，").removeprefix("请问")
        edited = f"请问，{question}"
        return {"decision": decision, "edited_question": edited, "edited_answer": data["answer"]}
    if decision == "reject":
        return {"decision": decision, "reasons": ["wrong_fact" if item["part"] == "control" else "unclear"]}
    return {"decision": decision}


def annotation(
    item: dict[str, str], name: str, result: list[dict[str, object]], guideline: str
) -> dict[str, object]:
    at = BEGIN + timedelta(seconds=41 * int(item["place"]) + drawn(item["item_id"], name, "at"))
    time = at.isoformat().replace("+00:00", "Z")
    told = {
        "annotation_id": f"sample/{digest(item['item_id'], name)[:12]}",
        "stage": "annotate",
        "item_id": item["item_id"],
        "content": item["content"],
        "round": 1,
        "annotator": name,
        "result": result,
        "skipped": False,
        "deleted": False,
        "seconds": 8.0 + drawn(item["item_id"], name, "seconds") / 3,
        "guideline": guideline,
        "created_at": time,
        "updated_at": time,
    }
    return {key: told[key] for key in ANNOTATION if key in told}


if __name__ == "__main__":
    main()
