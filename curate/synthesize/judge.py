"""The judge: a model that scores pairs against their source, and can do nothing else to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

import polars as pl
from pydantic import Field

from curate.clients.chat.plan import Malformed, standard
from curate.clients.chat.request import Plan
from curate.options import WorkspaceFile
from curate.pairs import THINK, THOUGHT
from curate.rows import WHY, Outcome, because, keep_where
from curate.synthesize.answer import Answer, items, reader
from curate.synthesize.gates.score import scores_of, with_scores
from curate.synthesize.model import Model
from curate.synthesize.prompt import Writer
from curate.synthesize.span_task import SAMPLE
from curate.synthesize.task import SLOT
from curate.synthesize.verdicts import BEST, CRITERIA, paid, scored, verdicts_of
from curate.unit import Unit


class Verdict(Answer):
    """Scores of one pair: an id and three marks, no text. What the judge cannot write it cannot change."""

    id: int = Field(description="问答的编号")
    faithful: int = Field(description="忠实", ge=1, le=BEST)
    useful: int = Field(description="有用", ge=1, le=BEST)
    clear: int = Field(description="清楚", ge=1, le=BEST)


class Verdicts(Answer):
    """Scores of the pairs of a request."""

    verdicts: list[Verdict] = items("每个编号恰好一次", 20)


class Judge(Unit):
    """请大模型给问答打分：忠实、有用、清楚，各 1–5 分。 / A model scores pairs: faithful, useful, clear, 1 to 5 each.

    It sees the source and gives back ids and scores alone. A pair without a whole verdict is dropped: a judge that is
    down, or confused, lets nothing through. Another model than the one that wrote is better: models favour their own
    answers (Panickssery et al. 2024).
    """

    variables: ClassVar = {
        "source": SAMPLE["source"],
        "pairs": [{"id": 1, "text": "问：几家？\n答：1200家。"}],
    }
    needed: ClassVar = frozenset({"source"})
    not_in_fingerprint: ClassVar = frozenset({"use", "model"})

    prompt: WorkspaceFile
    """提示词文件：recipes/prompts/*.j2 / the prompt's file"""
    model: Model | None = None
    """打分的模型，最好与写问答的不同；不写就用同一个 / the model that judges; better another than the one that wrote"""
    min_score: int = Field(4, ge=1, le=BEST)
    """三项里最低的一项至少多少分 / the lowest of the three marks must reach this"""
    per_request: int = Field(4, ge=1, le=20)
    """同一段资料的问答一次最多送几个 / pairs of one source in a request at the most"""

    def judging(self, model: Model) -> Model:
        """The model that judges, ``model`` where the judge names none; at temperature 0 unless its own says another."""
        if self.model and "temperature" in self.model.model_fields_set:
            return self.model
        return (self.model or model).model_copy(update={"temperature": 0.0})

    @property
    def made_of(self) -> pl.Expr:
        """The ids of the pairs that slots are made of: several in one."""
        given = pl.List(pl.Struct({"pair_id": pl.String}))
        return pl.col("given").str.json_decode(given).explode().struct.field("pair_id")

    def slots(self, pairs: pl.DataFrame) -> Outcome:
        """A slot for the pairs of a model that share task and source, ``per_request`` at the most. ``given``: a list of
        ``{pair_id, text}``. ``dropped`` are the pairs that no model wrote: they are not judged.
        """
        told = keep_where(pairs, {"not_by_model": pl.col("origin") == "llm"})
        made = pl.col("made").struct
        judged = told.kept.with_columns(
            made.field("source").fill_null(""), made.field("start"), made.field("end")
        )
        groups: dict[tuple[str, str], list[list[dict[str, Any]]]] = {}
        for pair in judged.iter_rows(named=True):
            several = groups.setdefault((pair["task"], pair["source"]), [[]])
            if len(several[-1]) == self.per_request:
                several.append([])
            several[-1].append(pair)
        rows = [_slot(group) for several in groups.values() for group in several]
        return Outcome(pl.DataFrame(rows, schema=SLOT), told.dropped)

    def plan(self, slot: Mapping[str, Any], writer: Writer) -> Plan:
        """Value: a list of ``{pair_id, faithful, useful, clear}``, one for each pair of the slot, in its order."""
        given = json.loads(slot["given"])
        shown = [{"id": number, "text": pair["text"]} for number, pair in enumerate(given, 1)]

        def look(found: Verdicts) -> list[dict[str, Any]] | Malformed:
            told = {verdict.id: verdict for verdict in found.verdicts}
            if sorted(verdict.id for verdict in found.verdicts) != list(range(1, len(given) + 1)):
                return Malformed(f"id 应当是 1 到 {len(given)}，每个恰好一次")
            return [
                {"pair_id": pair["pair_id"], **told[number].model_dump(exclude={"id"})}
                for number, pair in enumerate(given, 1)
            ]

        request = writer.request({"source": slot["source"], "pairs": shown}, Verdicts)
        return standard(request, reader(Verdicts, look))

    def apply(self, pairs: pl.DataFrame, slots: pl.DataFrame, ledger: pl.DataFrame) -> Outcome:
        """Keeps what no model wrote, and the pairs whose lowest mark is ``min_score`` or better. ``ledger``: a row a slot,
        with ``value``, the plan's as JSON, or the ``reason`` why there is none; and what was paid for it.
        """
        told = pairs.join(verdicts_of(slots, ledger), on="pair_id", how="left", maintain_order="left")
        written = pl.col("origin") == "llm"
        unjudged = written & pl.col("mean").is_null()
        low = written & (pl.min_horizontal(*CRITERIA) < self.min_score)
        failure = pl.concat_str("failure", "detail", separator=": ", ignore_nulls=True)
        told = told.with_columns(
            pl.when(unjudged).then(pl.lit("not_judged")).when(low).then(pl.lit("judged_low")).alias("why"),
            pl.when(unjudged).then(failure).when(low).then("marks").alias("why_detail"),
            paid(),
        )
        scores = scores_of(pl.col("made")).list.concat(pl.concat_list(scored()))
        scored_pairs = with_scores(told, pl.when(written & pl.col("mean").is_not_null()).then(scores))
        kept = scored_pairs.filter(pl.col("why").is_null()).select(pairs.columns)
        gone = scored_pairs.filter(pl.col("why").is_not_null())
        dropped = because(gone, pl.col("why"), detail=pl.col("why_detail"))
        return Outcome(kept, dropped.select(*pairs.columns, *WHY))


def _slot(group: list[dict[str, Any]]) -> dict[str, Any]:
    """The slot of pairs that share their source."""
    first = group[0]
    shown = [{"pair_id": pair["pair_id"], "text": _text(pair)} for pair in group]
    kept = ("parent_id", "corpus", "cluster_id", "tier", "split", "source", "start", "end")
    return {
        **dict.fromkeys(SLOT),
        "slot_id": f"{first['pair_id']}~judge",
        "question": "judge",
        "given": json.dumps(shown, ensure_ascii=False),
        **{name: first[name] for name in kept},
    }


def _text(pair: Mapping[str, Any]) -> str:
    """A pair as the judge reads it. The text that a summary is of is its source, which the judge has already."""
    if pair["messages"]:
        names = {"user": "问", "assistant": "答"}
        return "\n".join(
            f"{names.get(turn['role'], turn['role'])}：{turn['content']}" for turn in pair["messages"]
        )
    more = pair["input"] if pair["input"] and pair["input"] != pair["source"] else ""
    asked = "\n".join(part for part in (pair["instruction"], more) if part)
    thought = f"{THINK}{pair['thought']}{THOUGHT}" if pair["thought"] else ""
    return f"问：{asked}\n答：{thought}{pair['output']}"
