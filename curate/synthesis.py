"""Synthesis: the tasks of a recipe, one after the other; each asks its model, if it has one, and passes the gates."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from curate.cache import Cache, Place, Step, each
from curate.clients.chat.ask import Budget, Told, ask, read
from curate.clients.chat.batch import ask_offline, under_way
from curate.clients.chat.journal import JOURNAL, Journal
from curate.clients.chat.request import Endpoint, Plan, Rejected, Settled
from curate.errors import CurateError
from curate.files import sha256_of, write_parquet
from curate.hand_off import OnPhase
from curate.language import say
from curate.pairs import PAIR
from curate.recipe import Loaded
from curate.rows import Outcome, because, nothing_dropped
from curate.run import Run, runs_folder
from curate.sql import ask as sql
from curate.synthesize import Classify, Extract, Judge, Model, ModelTask, PairTask, Query
from curate.synthesize.ledger import LEDGER, candidates, line_of
from curate.synthesize.prompt import Writer


def open_journal(workspace: Path) -> Journal:
    """The journal that all runs of a workspace share."""
    folder = runs_folder(workspace)
    folder.mkdir(parents=True, exist_ok=True)
    return Journal(folder / JOURNAL)


@dataclass(frozen=True)
class Asking:
    """What is asked of a model.

    Attributes:
        slots: the step that holds the slots.
        plan: slot -> what to ask, and what to make of the replies.
        told: what the answers depend on besides the slots and the model.
    """

    slots: Step
    plan: Callable[[dict[str, Any]], Plan]
    model: Model
    told: Any

    def plans(self) -> Iterator[tuple[str, Plan]]:
        for frame in self.slots.table.frames():
            for slot in frame.iter_rows(named=True):
                yield slot["slot_id"], self.plan(slot)


class Synthesis:
    """The phases pairs and gate of one run."""

    def __init__(self, loaded: Loaded, run: Run, cache: Cache, on_phase: OnPhase) -> None:
        self.loaded, self.run, self.cache, self.on_phase = loaded, run, cache, on_phase
        self.recipe = loaded.recipe.synthesize
        #: (corpus, task) -> the pairs that passed its gates
        self.done: dict[tuple[str, str], Step] = {}

    def go(self, rows: dict[str, Step]) -> list[Step]:
        """The pairs of all tasks that can be done, in their order."""
        out = set(self.loaded.left_out)
        for number, task in enumerate(self.recipe.tasks):
            if number in out:
                continue
            made = self.make(number, rows)
            if isinstance(task, ModelTask):
                made = self.pass_gates(task, made)
            self.done[task.corpus, task.stem] = made
        self._tell_left_out(rows)
        return list(self.done.values())

    def make(self, number: int, rows: dict[str, Step]) -> Step:
        """The pairs of a task, before the gates."""
        task = self.recipe.tasks[number]
        step = self._input(task, rows)
        self.on_phase("pairs", task.corpus, step.kept if step.rows_out is None else step.rows_out)
        if isinstance(task, ModelTask):
            return self._asked(number, task, self.slots(task, step))
        if isinstance(task, Query):
            return self._queried(number, task, rows)
        place = Place("pairs", task.stem, task.corpus)
        key = sha256_of(
            [task.fingerprint(), self.loaded.task_digest(number), task.stem, step.key, list(PAIR)]
        )
        maker: Callable[[pl.DataFrame], Outcome]
        if isinstance(task, Classify | Extract):
            classes = task.classes(step.table)
            key, maker = sha256_of([key, classes]), partial(task.apply, classes=classes)
        else:
            maker = self.loaded.maker(number)
        made_of = pl.col("of_pair") if isinstance(task, PairTask) else pl.col("parent_id")
        return self.run.add(self.cache.rowwise(key, place, step.table, each(maker), made_of=made_of))

    def _input(self, task: Any, rows: dict[str, Step]) -> Step:
        of = getattr(task, "of", "")
        return self.done[task.corpus, of] if of else rows[task.corpus]

    def _queried(self, number: int, task: Query, rows: dict[str, Step]) -> Step:
        """The pairs of questions over whole tables; what is accounted are the rows of the answers."""
        tables = {name: list(step.table.shards) for name, step in rows.items()}
        ratios = self.loaded.recipe.split.ratios
        key = sha256_of(
            [
                task.fingerprint(), self.loaded.task_digest(number), task.stem, ratios.model_dump(mode="json"),
                {name: step.key for name, step in rows.items()}, list(PAIR),
            ]
        )  # fmt: skip

        def work(folder: Path) -> dict[str, Any]:
            outcome = task.apply(tables, self.loaded.queries[number], ratios, folder / "scratch")
            write_parquet(folder / "kept" / "00000.parquet", outcome.kept)
            write_parquet(folder / "dropped" / "00000.parquet", outcome.dropped)
            kept, dropped = outcome.kept.height, outcome.dropped.height
            reasons = dict(outcome.dropped["reason"].value_counts(sort=True).iter_rows())
            return {
                "rows_in": kept + dropped,
                "kept": kept,
                "dropped": dropped,
                "reasons": reasons,
                "rows_out": kept,
            }

        return self.run.add(self.cache.once(key, Place("pairs", task.stem, task.corpus), work))

    def slots(self, task: ModelTask, step: Step) -> Step:
        """The slots of a task, no more than it may have."""
        key = sha256_of(["slots", task.fingerprint(), task.stem, step.key])
        place = Place("pairs", f"slots:{task.stem}", task.corpus)
        made_of = pl.col("of_pair" if getattr(task, "of", "") else "parent_id")
        slots = self.run.add(self.cache.rowwise(key, place, step.table, each(task.slots), made_of=made_of))
        if task.max_slots is None or (slots.rows_out or 0) <= task.max_slots:
            return slots
        ids = slots.table.narrow(["slot_id"])
        chosen = sql(
            f"SELECT slot_id FROM ids ORDER BY md5(slot_id), slot_id LIMIT {task.max_slots}", ids=ids
        )
        return self.run.add(
            self.cache.rowwise(
                sha256_of(["limit", task.max_slots, slots.key]),
                Place("pairs", f"limit:{task.stem}", task.corpus),
                slots.table,
                each(partial(_chosen, chosen=chosen["slot_id"])),
            )
        )

    def asking(self, number: int, task: ModelTask, slots: Step) -> Asking:
        """What the task asks of the recipe's model for its slots."""
        model = self.recipe.model
        assert model is not None
        writer = Writer(self.loaded.prompts[number], model)
        return Asking(slots, partial(task.plan, writer=writer), model, task.fingerprint())

    def _asked(self, number: int, task: ModelTask, slots: Step) -> Step:
        """Ask for the slots; the candidates that came of them, and those that failed, each with its reason."""
        asking = self.asking(number, task, slots)
        model, ledger = asking.model, self.ask(asking, task.stem, task.corpus)
        told = {
            "prompt": task.prompt,
            "prompt_sha256": self.loaded.prompts[number].sha256,
            "model": model.called,
            "parameters": json.dumps(model.sampling(), ensure_ascii=False, sort_keys=True),
            "currency": model.price.currency if model.price else None,
        }

        def work(number: int, frame: pl.DataFrame) -> Outcome:
            found = pl.read_parquet(ledger.folder / "ledger" / f"{number:05d}.parquet")
            return Outcome(candidates(task, frame, found, told), nothing_dropped(frame))

        key = sha256_of(["candidates", list(PAIR), task.fingerprint(), told, ledger.key])
        place = Place("pairs", task.stem, task.corpus)
        return self.run.add(self.cache.rowwise(key, place, slots.table, work, made_of=pl.col("slot_id")))

    def ask(self, asking: Asking, name: str, corpus: str, what: str = "ask") -> Step:
        """The ledger of some slots: asked where the journal does not know, then read from it."""
        model = asking.model
        place = Place("pairs" if what == "ask" else "gate", f"{what}:{name}", corpus)
        parts = ["ledger", 2, asking.told, model.called, model.sampling(), asking.slots.key]
        # two runs at once must not pay for the same answers
        with self.cache.hold(sha256_of(["asking", *parts])):
            there = self.cache.find(sha256_of(parts), place)
            if there:
                return self.run.add(there)
            with open_journal(self.loaded.workspace) as journal:
                told = self._fill(asking, journal, name if what == "ask" else f"{what}:{name}", corpus)
                step = self.cache.once(
                    # what stayed without an answer is asked for again the next time
                    sha256_of([*parts, *([sorted(told.unanswered)] if told.unanswered else [])]),
                    place,
                    partial(self._write_ledger, asking, journal, told),
                )
        return self.run.add(step)

    def _fill(self, asking: Asking, journal: Journal, name: str, corpus: str) -> Told:
        model, limits = asking.model, self.recipe.budget
        slots = asking.slots.table.rows
        self.on_phase("gate" if name.startswith("judge:") else "pairs", corpus, slots)
        endpoint, budget = model.endpoint(), Budget(limits.money, limits.calls, limits.tokens)
        project = self.loaded.recipe.name
        if model.offline:
            told = ask_offline(
                asking.plans, endpoint, journal, project=project, budget=budget,
                discount=model.offline.discount, wait_s=60 * model.offline.wait_minutes,
            )  # fmt: skip
        else:
            _no_batch(endpoint, journal, project)
            told = ask(
                asking.plans(), endpoint, journal, project=project, budget=budget,
                on_settled=self.cache.on_rows,
            )  # fmt: skip
        self.run.about.setdefault("asked", []).append(
            {
                "task": name, "corpus": corpus, "model": model.called, "slots": told.slots, "cached": told.cached,
                "calls": told.calls, "paid": told.paid, "retried": told.retried, "input_tokens": told.input_tokens,
                "output_tokens": told.output_tokens, "cost": float(told.cost),
                "currency": model.price.currency if model.price else None,
                "unanswered": len(told.unanswered), "seconds": round(told.seconds, 2),
            }
        )  # fmt: skip
        return told

    def _write_ledger(self, asking: Asking, journal: Journal, told: Told, folder: Path) -> dict[str, Any]:
        settled = _with_errors(read(asking.plans(), journal), told.unanswered)
        counted: set[str] = set()
        totals: dict[str, float] = dict.fromkeys(
            ("slots", "answered", "replies", "input_tokens", "output_tokens", "cost"), 0
        )
        for shard, height in zip(asking.slots.table.shards, asking.slots.table.heights, strict=True):
            lines = [line_of(end, counted) for end in islice(settled, height)]
            ledger = pl.DataFrame(lines, schema=LEDGER, orient="row")
            write_parquet(folder / "ledger" / shard.name, ledger)
            totals["slots"] += height
            totals["answered"] += height - ledger["value"].null_count()
            totals["replies"] += int(ledger["calls"].sum())
            for name in ("input_tokens", "output_tokens", "cost"):
                totals[name] += float(ledger[name].sum())
        price = asking.model.price
        metrics = {
            **{name: int(total) for name, total in totals.items()}, "unanswered": len(told.unanswered), "cost": round(totals["cost"], 6),
            "currency": price.currency if price else None, "model": asking.model.called,
        }  # fmt: skip
        return {"rows_in": metrics["slots"], "kept": metrics["slots"], "metrics": metrics}

    def pass_gates(self, task: ModelTask, made: Step) -> Step:
        """Those of a model's pairs that pass every gate."""
        self.on_phase("gate", task.corpus, made.rows_out)
        judge, gates = self.recipe.judge, self.recipe.gates
        final = Place("gate", task.stem, task.corpus)
        first = Place("gate", f"rules:{task.stem}", task.corpus) if judge else final
        key = sha256_of(["gates", gates.fingerprint(), made.key])
        passed = self.run.add(self.cache.rowwise(key, first, made.table, each(gates.check)))
        return self._judged(task, judge, passed, final) if judge else passed

    def _judged(self, task: ModelTask, judge: Judge, passed: Step, place: Place) -> Step:
        """Those of the pairs that the judge finds good enough."""
        weigh = Place("gate", f"weigh:{task.stem}", task.corpus)
        key = sha256_of(["weigh", judge.fingerprint(), passed.key])
        slots = self.run.add(
            self.cache.rowwise(key, weigh, passed.table, each(judge.slots), made_of=judge.made_of)
        )
        assert self.recipe.model is not None and self.loaded.judge_prompt is not None
        model = judge.judging(self.recipe.model)
        plan = partial(judge.plan, writer=Writer(self.loaded.judge_prompt, model))
        ledger = self.ask(Asking(slots, plan, model, judge.fingerprint()), task.stem, task.corpus, "judge")

        def weighed(number: int, pairs: pl.DataFrame) -> Outcome:
            found = pl.read_parquet(ledger.folder / "ledger" / f"{number:05d}.parquet")
            return judge.apply(pairs, pl.read_parquet(slots.table.shards[number]), found)

        key = sha256_of(["judged", judge.fingerprint(), ledger.key, passed.key])
        return self.run.add(self.cache.rowwise(key, place, passed.table, weighed))

    def _tell_left_out(self, rows: dict[str, Step]) -> None:
        """What the tasks would ask that were left out because no endpoint is set."""
        told = []
        for number in self.loaded.left_out:
            task = self.recipe.tasks[number]
            base = (task.corpus, getattr(task, "of", ""))
            there = not base[1] or base in self.done
            slots = (
                self.slots(task, self._input(task, rows)) if isinstance(task, ModelTask) and there else None
            )
            told.append(
                {
                    "task": task.stem, "corpus": task.corpus, "missing": self.loaded.missing,
                    "slots": slots.table.rows if slots else None,
                }
            )  # fmt: skip
        if told:
            self.run.about["left_out"] = told


def _no_batch(endpoint: Endpoint, journal: Journal, project: str) -> None:
    """Raises:
    CurateError: a batch of the recipe is at the server: what it holds would be paid twice.
    """
    if under_way(endpoint, journal, project):
        raise CurateError(
            say(
                "这份配方还有一批离线请求在服务器上，现在在线再问会重复付费",
                "a batch of this recipe is at the server; asking online as well would be paid twice",
            ),
            say(
                "在 model 下写回 offline: {}，等它做完；真要放弃它，就删除 runs/batches",
                "put offline: {} back below model until it is done; to give it up, delete runs/batches",
            ),
        )


def _chosen(slots: pl.DataFrame, chosen: pl.Series) -> Outcome:
    mine = pl.col("slot_id").is_in(chosen.implode())
    rest = slots.filter(~mine).with_columns(pl.col("slot_id").alias("row_id"))
    return Outcome(slots.filter(mine), because(rest, pl.lit("over_limit")))


def _with_errors(settled: Iterator[Settled], unanswered: dict[str, str]) -> Iterator[Settled]:
    """The journal does not know why a request got no answer."""
    for end in settled:
        yield (
            replace(end, end=Rejected("unanswered", unanswered[end.slot])) if end.slot in unanswered else end
        )
