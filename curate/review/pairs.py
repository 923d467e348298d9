"""pairs: people accept, edit or reject what the model would learn."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import Field

from curate.options import located
from curate.review.carried import EDIT, bases_of, carry_out, counts, fates, with_decisions
from curate.review.controls import candidates, controls_of
from curate.review.gold import interleaved, read_gold
from curate.review.project import Chosen, Material, Project
from curate.review.sample import Sample, draw, narrow
from curate.review.schema import ITEM, as_json
from curate.review.shown import (
    Sources,
    answer_shown,
    edited,
    evidence_marks,
    item_of,
    question_shown,
    read_pairs,
)
from curate.rows import Outcome

VALUES = ("accept", "edit", "reject")
#: What becomes of a pair that was made from one with such a decision; from any other it goes as ``base_rejected``.
FATES = {"accept": "", "edit": "base_edited"}
#: What an edit may change.
EDITABLE = ("instruction", "input", "thought", "output", "messages", "facts", "label")


class Pairs(Project):
    """审核问答：接受、修改或不要；修改过的会再过一遍合成的关口。 / People accept, edit or reject pairs; edited ones pass the gates again.

    Pairs of questions and answers alone (kind ``sft``); what is compared is for ``preferences``. A pair that nobody judged, made
    from one that was rejected or edited, goes too.
    """

    of: ClassVar[Literal["rows", "pairs"]] = "pairs"
    control: ClassVar[str] = "decision"
    fields: ClassVar[tuple[str, ...]] = ("question", "answer", "passage", "about")

    use: Literal["pairs"] = "pairs"
    sample: Sample = Sample()
    """抽多少给人看：每种来源一个比例 / how much people see: a share of each origin"""
    controls: float = Field(0.1, ge=0, le=0.5)
    """混进多少改错一个数的对照题（占抽样的比例，一般 0.1–0.15），看谁看得出来 / control items with one wrong number, as a share of the sample: who notices?"""
    unsampled: Literal["keep", "drop"] = "keep"
    """要审核的来源里没抽到的：保留还是丢弃（比例为 0 的来源总是保留） / pairs of sampled origins that nobody saw; origins with share 0 are always kept"""

    def choose(self, material: Material) -> Chosen:
        """The sample, its controls, and the gold items; ``plan`` is that of ``sample.draw``, with ``left_out`` (kind -> pairs that
        this project does not look at), ``controls`` and ``gold``.
        """
        every = narrow(material.pairs)
        fits = (pl.col("kind") == "sft") & pl.col("split").is_not_null()
        pairs, plan = draw(every.filter(fits), self.sample)
        left_out = every.filter(~fits).group_by("kind").len().sort("kind")
        wanted = round(self.controls * plan["drawn"])
        spare = candidates(pairs, wanted, self.sample.seed)
        chosen = pairs.filter("drawn").sort("turn").select("pair_id", "stratum")
        sample = self._items(material, chosen)
        controls, unfit = controls_of(self._items(material, spare), wanted, self.sample.seed)
        gold = pl.DataFrame(schema=ITEM)
        if self.gold is not None and sample:
            gold = read_gold(located(self.gold), self.fields, self.control, VALUES)
        checks = pl.concat([pl.DataFrame(controls, schema=ITEM), gold])
        told = {"wanted": wanted, "made": len(controls), "nothing_to_alter": unfit}
        return Chosen(
            interleaved(pl.DataFrame(sample, schema=ITEM), checks, self.sample.seed),
            plan | {"left_out": dict(left_out.iter_rows()), "controls": told, "gold": gold.height},
        )

    def _items(self, material: Material, chosen: pl.DataFrame) -> list[dict[str, Any]]:
        """Items of these pairs (pair_id, stratum), in their order."""
        pairs = read_pairs(material.pairs, chosen["pair_id"])
        sources, strata = Sources(pairs, material.rows), dict(chosen.iter_rows())
        items = []
        for pair in pairs.iter_rows(named=True):
            data = {
                "question": question_shown(pair),
                "answer": answer_shown(pair),
                "passage": sources.of(pair),
                "about": sources.about(pair),
            }
            marks = evidence_marks(data["passage"], (pair["made"] or {}).get("evidence"))
            items.append(item_of(pair, data, strata[pair["pair_id"]], marks))
        return items

    def apply(self, frame: pl.DataFrame, items: pl.DataFrame, decided: pl.DataFrame) -> Outcome:
        """The pairs that may go on, with ``review`` filled in and edits carried out.

        Dropped: ``rejected_in_review``, ``disputed_in_review`` (nobody settled it, and the recipe drops such), ``edit_unusable``,
        ``base_rejected`` and ``base_edited`` (``detail`` is the base), ``not_reviewed``.
        """
        told = with_decisions(frame, items, decided)
        edits = _edits(told.filter(pl.col("value") == "edit"))
        usable = (pl.col("value") != "edit") | pl.col("pair_id").is_in(edits["pair_id"].implode())
        shared = fates(bases_of(frame), items, decided, FATES, "base_rejected")
        told = told.join(shared, on="pair_id", how="left", maintain_order="left")
        mine = (pl.col("kind") == "sft") & pl.col("origin").is_in(self.sample.origins)
        why = (
            pl.when(pl.col("value") == "reject").then(pl.lit("rejected_in_review"))
            .when(pl.col("sampled") & pl.col("value").is_null()).then(pl.lit("disputed_in_review"))
            .when(pl.col("sampled") & ~usable).then(pl.lit("edit_unusable"))
            .when(~pl.col("sampled") & pl.col("fate").is_not_null()).then("fate")
            .when(~pl.col("sampled") & mine & (self.unsampled == "drop")).then(pl.lit("not_reviewed"))
        )  # fmt: skip
        return carry_out(frame, told, why, edits, EDITABLE)

    def settle(self, items: pl.DataFrame, decided: pl.DataFrame) -> dict[str, Any]:
        """``accepted``, ``edited`` and ``rejected`` items of the sample."""
        told = counts(items, decided)
        names = ("accepted", "edited", "rejected")
        return {name: told.get(value, 0) for name, value in zip(names, VALUES, strict=True)}


def _edits(edited_ones: pl.DataFrame) -> pl.DataFrame:
    """(``EDIT``) the pairs that were edited in a way that can be carried out. A fact or class that the new answer no longer
    holds is no longer asked for.
    """
    rows = []
    for pair in edited_ones.iter_rows(named=True):
        values = json.loads(pair["values"])
        changes = edited(pair, values.get("edited_question"), values.get("edited_answer"))
        if changes is None:
            continue
        if "output" in changes:
            changes |= _told_by(pair, changes["output"])
        was = {name: pair[name] for name in ("instruction", "input", "thought", "output") if pair[name]}
        rows.append(pair | changes | {"was": as_json(was) if changes else None})
    return pl.DataFrame(rows, schema=EDIT) if rows else pl.DataFrame(schema=EDIT)


def _told_by(pair: dict[str, Any], output: str) -> dict[str, Any]:
    """``facts`` and ``label`` for another answer."""
    gone = [fact for fact in pair["facts"] or [] if fact in pair["output"] and fact not in output]
    facts = [fact for fact in pair["facts"] or [] if fact not in gone]
    classified = pair["label"] and pair["output"].strip() == pair["label"]
    return {"facts": facts or None, "label": output if classified else pair["label"]}
