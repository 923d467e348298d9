"""preferences: people say which of two answers is better."""

from __future__ import annotations

from hashlib import md5
from typing import Any, ClassVar, Literal

import polars as pl

from curate.options import located
from curate.review.carried import EDIT, carry_out, counts, with_decisions
from curate.review.gold import interleaved, read_gold
from curate.review.project import Chosen, Material, Project
from curate.review.sample import Sample, draw, narrow
from curate.review.schema import ITEM, as_json
from curate.review.shown import Sources, item_of, question_shown, read_pairs
from curate.rows import Outcome

VALUES = ("a", "b", "tie", "bad")


class Preferences(Project):
    """审核好坏对比：两个回答哪个好；与原来相反就对调，分不出或都不好就不要。 / People say which of two answers is better.

    The two stand in an order that is drawn by the MD5 of the pair's id. A comparison that people see the other way round is
    turned round.
    """

    of: ClassVar[Literal["rows", "pairs"]] = "pairs"
    control: ClassVar[str] = "better"
    fields: ClassVar[tuple[str, ...]] = ("question", "answer_a", "answer_b", "passage", "about")

    use: Literal["preferences"] = "preferences"
    sample: Sample = Sample()
    """抽多少给人看：每种来源一个比例 / how much people see: a share of each origin"""
    unsampled: Literal["keep", "drop"] = "keep"
    """要审核的来源里没抽到的：保留还是丢弃（比例为 0 的来源总是保留） / comparisons of sampled origins that nobody saw; origins with share 0 are always kept"""

    def choose(self, material: Material) -> Chosen:
        """The sample and the gold items; ``plan`` is that of ``sample.draw``, with ``gold``."""
        every = narrow(material.pairs)
        fits = (pl.col("kind") == "preference") & pl.col("split").is_not_null()
        pairs, plan = draw(every.filter(fits), self.sample)
        chosen = pairs.filter("drawn").sort("turn").select("pair_id", "stratum")
        sample = pl.DataFrame(self._items(material, chosen), schema=ITEM)
        gold = pl.DataFrame(schema=ITEM)
        if self.gold is not None and sample.height:
            gold = read_gold(located(self.gold), self.fields, self.control, VALUES)
        return Chosen(interleaved(sample, gold, self.sample.seed), plan | {"gold": gold.height})

    def _items(self, material: Material, chosen: pl.DataFrame) -> list[dict[str, Any]]:
        pairs = read_pairs(material.pairs, chosen["pair_id"])
        sources, strata = Sources(pairs, material.rows), dict(chosen.iter_rows())
        items = []
        for pair in pairs.iter_rows(named=True):
            better_first = better_is_first(pair["pair_id"])
            first, second = ("output", "rejected") if better_first else ("rejected", "output")
            data = {
                "question": question_shown(pair),
                "answer_a": pair[first],
                "answer_b": pair[second],
                "passage": sources.of(pair),
                "about": sources.about(pair),
            }
            items.append(item_of(pair, data, strata[pair["pair_id"]]))
        return items

    def apply(self, frame: pl.DataFrame, items: pl.DataFrame, decided: pl.DataFrame) -> Outcome:
        """The comparisons that may go on, turned round where people see them so.

        Dropped: ``tie_in_review``, ``both_bad_in_review``, ``disputed_in_review``, ``not_reviewed``.
        """
        told = with_decisions(frame, items, decided).with_columns(pl.lit(None, pl.String).alias("base"))
        edits = _turned_round(told.filter(pl.col("value").is_in(["a", "b"])))
        mine = (pl.col("kind") == "preference") & pl.col("origin").is_in(self.sample.origins)
        why = (
            pl.when(pl.col("value") == "tie").then(pl.lit("tie_in_review"))
            .when(pl.col("value") == "bad").then(pl.lit("both_bad_in_review"))
            .when(pl.col("sampled") & pl.col("value").is_null()).then(pl.lit("disputed_in_review"))
            .when(~pl.col("sampled") & mine & (self.unsampled == "drop")).then(pl.lit("not_reviewed"))
        )  # fmt: skip
        return carry_out(frame, told, why, edits, ("output", "rejected"))

    def settle(self, items: pl.DataFrame, decided: pl.DataFrame) -> dict[str, Any]:
        """Comparisons that people see as they were (``kept``), the other way round (``swapped``), as a ``tie``, as both ``bad``."""
        ids = items["item_id"].to_list()
        first = pl.DataFrame({"item_id": ids, "first": [better_is_first(one) for one in ids]}, schema=FIRST)
        told = decided.join(first, on="item_id", how="inner")
        kept = (pl.col("value") == "a") == pl.col("first")
        chosen = told.filter(pl.col("value").is_in(["a", "b"])).select(kept.alias("kept"))["kept"]
        values = counts(items, decided)
        return {
            "kept": int(chosen.sum()),
            "swapped": chosen.len() - int(chosen.sum()),
            "tie": values.get("tie", 0),
            "bad": values.get("bad", 0),
        }


FIRST = {"item_id": pl.String, "first": pl.Boolean}


def better_is_first(pair_id: str) -> bool:
    """Does the pair's own better answer stand as a? Half of them, by the MD5 of the id."""
    return int(md5(f"{pair_id}?a".encode(), usedforsecurity=False).hexdigest()[:8], 16) % 2 == 0


def _turned_round(chosen: pl.DataFrame) -> pl.DataFrame:
    """(``EDIT``) the comparisons whose worse answer people call the better one."""
    rows = [
        pair | {
            "output": pair["rejected"],
            "rejected": pair["output"],
            "was": as_json({"output": pair["output"], "rejected": pair["rejected"]}),
        }
        for pair in chosen.iter_rows(named=True)
        if (pair["value"] == "a") != better_is_first(pair["pair_id"])
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=EDIT) if rows else pl.DataFrame(schema=EDIT)
