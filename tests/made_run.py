"""A run of synthesis, made by hand: a template task, a model's task with slots of every fate, and a task over its pairs."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from curate.cache import Step
from curate.clients.chat.journal import Journal
from curate.clients.chat.request import Reply, Request
from curate.export.data import DataFiles
from curate.files import sha256_of, sha256_of_file, write_json, write_parquet
from curate.pairs import MADE, PAIR
from curate.rows import WHY, Table
from curate.run import PastRun, open_run
from curate.sources.read import UNREAD

TEXT = "第三届云岚餐饮展于2026年3月5日开幕，展出面积2万平方米，1200家企业参展。联系电话138****8000。"
RECIPE = """name: demo
corpora:
  reports: {path: "data/*.jsonl", key: id, columns: {text: 正文}}
  notes: {path: notes.csv, key: id}
"""
WORDING = "- question: area\n  ask: [面积多大？, 有多大？]\n  answer: 面积是{{ area }}。\n"
QUESTION, ANSWER = "第三届云岚餐饮展有多少家企业参展？", "共有1200家企业参展。"
FIRST = Request("deepseek-chat", (("system", "只依据材料回答。"), ("user", f"材料：{TEXT}")), 512, 0.7)
AGAIN = Request("deepseek-chat", (("system", "只依据材料回答。"), ("user", "改正")), 512, 0.7)
JUDGE = Request("qwen-max", (("user", "请打分"),), 64)
WRITTEN = json.dumps({"question": QUESTION, "answer": ANSWER}, ensure_ascii=False)

DOC = "reports:1#doc_qa"
#: slot -> what became of it
SLOTS = {
    f"{DOC}.0": ("accepted", ""),
    f"{DOC}.1": ("malformed", "不是 JSON"),
    f"{DOC}.2": ("unanswered", "timeout"),
    f"{DOC}.3": ("accepted", ""),
}


def pair(name: str, **columns: Any) -> dict[str, Any]:
    """A pair of the report; ``made`` may hold some of its fields."""
    row, _, rest = name.partition("#")
    told = dict.fromkeys(PAIR) | {
        "pair_id": name, "parent_id": row, "corpus": "reports", "cluster_id": row, "tier": "primary", "split": "train",
        "origin": "template", "kind": "sft", "task": rest.partition(".")[0], "question": "area", "system": "",
        "instruction": f"{rest}？", "input": "", "output": f"{rest}。",
    }  # fmt: skip
    told |= columns
    if told["made"] is not None:
        told["made"] = dict.fromkeys(field.name for field in MADE.fields) | told["made"]
    return told


def _written(slot: str, number: int, calls: int = 1, **columns: Any) -> dict[str, Any]:
    """A candidate of a slot."""
    making = {
        "source": TEXT, "start": 0, "end": len(TEXT), "evidence": "1200家企业参展", "prompt": "recipes/doc_qa.j2",
        "prompt_sha256": "0" * 64, "model": "deepseek-chat", "parameters": "{}", "finish_reason": "stop",
        "requests": [FIRST.key, AGAIN.key][:calls], "calls": calls, "input_tokens": 400, "output_tokens": 30,
        "cost": 0.00104, "currency": "CNY",
    } | columns.pop("making", {})  # fmt: skip
    given = {"task": "doc_qa", "question": "数字", "origin": "llm", "slot_id": slot, "made": making} | columns
    return pair(f"{slot}.{number}", **given)


GOOD = _written(f"{DOC}.0", 1, calls=2, instruction=QUESTION, output=ANSWER)
INVENTED = _written(f"{DOC}.0", 2, instruction="有多少家？", output="共有1500家企业参展。")
MALFORMED = _written(
    f"{DOC}.1",
    1,
    instruction="",
    output="好的，以下是",
    making={"failure": "malformed", "detail": "不是 JSON"},
)
NEVER = _written(
    f"{DOC}.2", 1, instruction="", output="", making={"failure": "unanswered", "requests": [], "cost": 0.0}
)
TRIMMED = _written(f"{DOC}.3", 1, instruction="何时开幕？", output="2026年3月5日开幕。", score=0.6)
PASSED = {
    "score": 0.86,
    "made": GOOD["made"]
    | {
        "requests": [FIRST.key, AGAIN.key, JUDGE.key],
        "calls": 3,
        "scores": [{"gate": "grounded", "score": 0.92, "note": "2 处都有"}],
    },
}
REWORDED = pair(
    f"{GOOD['pair_id']}+perturb_doc_qa", task="perturb_doc_qa", origin="llm", of_pair=GOOD["pair_id"]
)
TEMPLATE = [pair(f"reports:{number}#report.area", instruction=f"{number} 面积多大？") for number in (1, 2, 3)]
AGGREGATE = pair("reports:*count.全部", task="query", made={"parents": ["reports:1", "reports:2"]})


class Maker:
    """Writes the steps of a run into a workspace."""

    def __init__(self, workspace: Path) -> None:
        self.workspace, self.steps = workspace, list[Step]()

    def step(self, phase: str, unit: str, kept: pl.DataFrame | None, dropped: pl.DataFrame | None = None,
             made: bool = False, **more: Any) -> Step:  # fmt: skip
        """A step of the reports; one without frames keeps its result in other files."""
        key = sha256_of([phase, unit])
        folder = self.workspace / "runs/cache" / key[:32]
        folder.mkdir(parents=True)
        counts: dict[str, Any] = {"rows_in": 0, "kept": 0, "dropped": 0, "reasons": {}}
        if kept is not None:
            none = kept.clear().with_columns(pl.lit(None, kind).alias(name) for name, kind in WHY.items())
            out = none if dropped is None else dropped
            write_parquet(folder / "kept/00000.parquet", kept)
            write_parquet(folder / "dropped/00000.parquet", out)
            counts = {"rows_in": kept.height + out.height, "kept": kept.height, "dropped": out.height,
                      "reasons": dict(out["reason"].value_counts(sort=True).iter_rows())}  # fmt: skip
            counts["rows_out"] = kept.height if made else None
        told = counts | {"changed": {}, "seconds": 0.1} | more
        self.steps.append(Step(key=key, phase=phase, unit=unit, corpus="reports", folder=folder, **told))
        return self.steps[-1]

    def finish(self, **about: Any) -> PastRun:
        manifest = {
            "name": "demo", "recipe": "recipes/demo.yaml", "corpora": {"reports": "primary", "notes": "primary"}, "status": "done",
            "process": 1, "started": "2026-11-22T12:00:00+00:00", "curate": "0", "python": "3.11", "seconds": 1.0, "exports": [],
        } | about  # fmt: skip
        folder = self.workspace / "runs/20261122-120000_demo"
        write_json(folder / "manifest.json", manifest | {"steps": [step.as_json() for step in self.steps]})
        (folder / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
        return open_run(self.workspace)


def frame(*rows: dict[str, Any], schema: Any = PAIR) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=schema)


def gone(*rows: tuple[dict[str, Any], str, str]) -> pl.DataFrame:
    """Dropped pairs: (pair, reason, detail)."""
    told = [row | {"row_id": row["pair_id"], "reason": why, "detail": detail} for row, why, detail in rows]
    return pl.DataFrame(told, schema={**PAIR, "row_id": pl.String, **WHY})


def flow(maker: Maker) -> None:
    """Three rows from their source to the split."""
    raw = pl.DataFrame(
        {
            "id": ["1", "2", "3"],
            "text": [TEXT.replace("****", "0013"), "甲", "乙"],
            "area": ["2万", None, "3万"],
        }
    )
    maker.step("sources", "read", raw, pl.DataFrame(schema=UNREAD))
    rows = raw.with_columns(
        ("reports:" + pl.col("id")).alias("row_id"), pl.lit("reports").alias("corpus"), pl.lit(1).alias("copies"),
        ("reports:" + pl.col("id")).alias("cluster_id"), pl.lit(None, pl.String).alias("updated_at"),
    )  # fmt: skip
    maker.step("sources", "identify", rows)
    clean = rows.with_columns(pl.Series("text", [TEXT, "甲", "乙"]))
    maker.step("clean", "clean", clean, changed={"text": 1})
    maker.step(
        "split", "split", clean.with_columns(pl.lit("primary").alias("tier"), pl.lit("train").alias("split"))
    )


def slots() -> pl.DataFrame:
    told = {
        "parent_id": "reports:1",
        "corpus": "reports",
        "question": "数字",
        "source": TEXT,
        "start": 0,
        "end": len(TEXT),
    }
    return pl.DataFrame(
        [{"slot_id": slot, "of_pair": None, "given": "{}", **told} for slot in [*SLOTS, f"{DOC}.4"]]
    )


def tasks(maker: Maker) -> None:
    """The phases of the pairs."""
    wording = maker.workspace / "recipes/report.yaml"
    wording.parent.mkdir()
    wording.write_text(WORDING, encoding="utf-8")
    making = {"prompt": "recipes/report.yaml", "prompt_sha256": sha256_of_file(wording)}
    template = frame(
        *(row | {"made": dict.fromkeys(field.name for field in MADE.fields) | making} for row in TEMPLATE),
        AGGREGATE,
    )
    maker.step("pairs", "report", template, made=True)
    all_slots = slots()
    maker.step("pairs", "slots:doc_qa", all_slots, made=True, rows_in=3)
    over = all_slots.tail(1).with_columns(
        pl.col("slot_id").alias("row_id"), pl.lit("over_limit").alias("reason"), pl.lit(None, pl.String).alias("detail"),
        pl.lit(None, pl.String).alias("of"), pl.lit(None, pl.Float64).alias("similarity"),
    )  # fmt: skip
    maker.step("pairs", "limit:doc_qa", all_slots.head(4), over)
    bill = {"slots": 4, "answered": 2, "unanswered": 1, "replies": 4, "input_tokens": 2000, "output_tokens": 150,
            "cost": 0.0052, "currency": "CNY", "model": "deepseek-chat"}  # fmt: skip
    asked = maker.step("pairs", "ask:doc_qa", None, metrics=bill)
    ledger = [
        {"slot_id": slot, "reason": why, "requests": [FIRST.key] if why != "unanswered" else []}
        for slot, (why, _) in SLOTS.items()
    ]
    write_parquet(asked.folder / "ledger/00000.parquet", pl.DataFrame(ledger))
    candidates = frame(GOOD, INVENTED, MALFORMED, NEVER, TRIMMED)
    maker.step("pairs", "doc_qa", candidates, made=True)
    failed = gone(
        (INVENTED, "not_grounded", "“1500家”"),
        (MALFORMED, "malformed", "不是 JSON"),
        (NEVER, "unanswered", "timeout"),
    )
    passed = frame(GOOD | PASSED, TRIMMED)
    maker.step("gate", "rules:doc_qa", passed, failed)
    weighed = pl.DataFrame(
        {
            "slot_id": ["j:0"],
            "parent_id": ["reports:1"],
            "given": [json.dumps([{"pair_id": GOOD["pair_id"]}])],
        }
    )
    maker.step("gate", "weigh:doc_qa", weighed, made=True)
    judged = maker.step("gate", "judge:doc_qa", None, metrics=bill | {"model": "qwen-max", "cost": 0.001})
    write_parquet(
        judged.folder / "ledger/00000.parquet", pl.DataFrame({"slot_id": ["j:0"], "requests": [[JUDGE.key]]})
    )
    maker.step("gate", "doc_qa", passed)
    maker.step("pairs", "perturb_doc_qa", frame(REWORDED), made=True)
    twin = TEMPLATE[2] | {"pair_id": f"{TEMPLATE[2]['pair_id']}~2"}
    again = gone((TEMPLATE[1], "same_question", "")).with_columns(of=pl.lit(TEMPLATE[0]["pair_id"]))
    first = template.filter(pl.col("pair_id") != TEMPLATE[1]["pair_id"])
    maker.step("mix", "report", pl.concat([first, frame(twin)]), again)
    maker.step("mix", "doc_qa", passed)
    maker.step("mix", "perturb_doc_qa", frame(REWORDED))
    for unit, rows in {
        "report": pl.concat([first, frame(twin)]),
        "doc_qa": passed,
        "perturb_doc_qa": frame(REWORDED),
    }.items():
        maker.step("fit", f"inspect:{unit}", rows.with_columns(pl.lit(40).alias("tokens")))
        maker.step("fit", f"cutoff:{unit}", rows.with_columns(pl.lit(40).alias("tokens")))
    maker.step("cap", "report", pl.concat([first, frame(twin)]))
    maker.step("cap", "doc_qa", frame(GOOD | PASSED), gone((TRIMMED, "over_cap", "3/20")))
    maker.step("cap", "perturb_doc_qa", frame(REWORDED))


def journal(workspace: Path) -> None:
    with Journal(workspace / "runs/requests.sqlite") as opened:
        for request, text, cost in (
            (FIRST, "好的，以下是", "0.0006"),
            (AGAIN, WRITTEN, "0.00044"),
            (JUDGE, '{"faithful": 5}', "0.001"),
        ):
            reply = Reply(
                request.key,
                200,
                text,
                input_tokens=400,
                output_tokens=30,
                cost=Decimal(cost),
                model=request.model,
            )
            opened.put(request, text.encode(), reply, "demo")


def release(workspace: Path) -> Path:
    """What the run released: its data files and its provenance."""
    folder = workspace / "exports/demo/v1"
    folder.mkdir(parents=True)
    rows = frame(GOOD | PASSED, REWORDED, TEMPLATE[0], TEMPLATE[2]).with_columns(pl.lit(40).alias("tokens"))
    write_parquet(workspace / "in.parquet", rows)
    DataFiles(folder, "demo", ["sharegpt"], "jsonl", 100).write(
        [Table("reports", (workspace / "in.parquet",))], workspace / "tmp"
    )
    write_json(folder / "manifest.json", {"name": "demo", "version": "v1", "files": {}})
    return folder


ABOUT: dict[str, Any] = {
    "asked": [
        {"task": "doc_qa", "corpus": "reports", "model": "deepseek-chat", "slots": 4, "cached": 1, "calls": 5, "paid": 3,
         "retried": 1, "input_tokens": 1200, "output_tokens": 90, "cost": 0.0031, "currency": "CNY", "unanswered": 1, "seconds": 2.5},
    ],
    "shares": [
        {"origin": "llm", "rows": 2, "characters": 60, "tokens": 80},
        {"origin": "template", "rows": 14, "characters": 900, "tokens": 600},
    ],
    "cap": {"cap": "3/20", "counts": ["llm"], "allowed": 2, "there_were": 3, "trimmed": 1},
    "left_out": [{"task": "faq", "corpus": "notes", "missing": ["LLM_BASE_URL", "LLM_API_KEY"], "slots": 120}],
}  # fmt: skip


def made_run(workspace: Path, **about: Any) -> PastRun:
    """The whole run below ``workspace``, with its journal and its release."""
    maker = Maker(workspace)
    flow(maker)
    tasks(maker)
    journal(workspace)
    return maker.finish(**ABOUT, exports=[str(release(workspace))], **about)
