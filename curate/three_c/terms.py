"""Terms: how many stand in their canonical form, and which other forms are left."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import polars as pl

from curate.algorithms.glossary import Glossary
from curate.algorithms.term_matcher import TermMatcher
from curate.engines.local import map_shards
from curate.rows import Table

EXAMPLES = 3
#: forms that are told; ``forms.parquet`` has all of them
MOST = 40
FORM: dict[str, pl.DataType] = {
    "corpus": pl.String(),
    "kind": pl.String(),
    "found": pl.String(),
    "canonical": pl.String(),
    "times": pl.Int64(),
    "rows": pl.List(pl.String()),
}


def forms_in(tables: Sequence[Table], glossary: Glossary, *, ignore_case: bool = False) -> pl.DataFrame:
    """The forms in the texts, the columns of ``FORM``: how often, and some rows that hold them; the commonest first.

    The column ``text`` is what trains, so it is what counts; a term in a web address is none.
    """
    matcher = TermMatcher(glossary.forms, ignore_case=ignore_case)
    parts = [
        part
        for table in tables
        for part in map_shards(partial(_in_shard, matcher, glossary, table.corpus), table.shards)
    ]
    whole = pl.concat(parts) if parts else pl.DataFrame(schema=FORM)
    names = ["corpus", "kind", "found", "canonical"]
    summed = whole.group_by(names, maintain_order=True).agg(
        pl.col("times").sum(), pl.col("rows").explode().head(EXAMPLES)
    )
    return summed.sort("times", *names, descending=[True, *[False] * len(names)]).cast(FORM)  # type: ignore[arg-type]


def _in_shard(matcher: TermMatcher, glossary: Glossary, corpus: str, shard: Any) -> pl.DataFrame:
    rows = pl.read_parquet(shard, columns=["row_id", "text"])
    hits = matcher.hits(rows["text"], in_addresses=False)
    hits = hits.with_columns(rows["row_id"].gather(hits["place"]))
    few = pl.col("row_id").unique(maintain_order=True).head(EXAMPLES)
    forms = hits.group_by("term", "found", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("times"), few.alias("rows")
    )
    told = [glossary.meaning(term, found) for term, found in forms.select("term", "found").iter_rows()]
    return forms.select(
        pl.lit(corpus).alias("corpus"),
        pl.Series("kind", [kind for kind, _ in told], dtype=pl.String),
        "found",
        pl.Series("canonical", [canonical for _, canonical in told], dtype=pl.String),
        "times",
        "rows",
    ).cast(FORM)  # type: ignore[arg-type]


def told(forms: pl.DataFrame) -> dict[str, Any]:
    """The figures: all terms, those of each kind, the share of canonical ones, by corpus, and the forms that are left."""
    times = dict(forms.group_by("kind").agg(pl.col("times").sum()).iter_rows())
    total = sum(times.values())
    preferred = pl.col("times").filter(pl.col("kind") == "canonical").sum()
    corpora = forms.group_by("corpus").agg(pl.col("times").sum().alias("terms"), preferred.alias("preferred"))
    left = forms.filter(pl.col("kind") != "canonical")
    return {
        "terms": total,
        **{kind: times.get(kind, 0) for kind in ("canonical", "alias", "forbidden")},
        "preferred": round(times.get("canonical", 0) / total, 6) if total else None,
        "banned": round(times.get("forbidden", 0) / total, 6) if total else None,
        "corpora": {
            name: {"terms": terms, "preferred": count}
            for name, terms, count in corpora.sort("corpus").iter_rows()
        },
        "forms": left.height,
        # forbidden ones first: they are few, and matter most
        "left": left.sort(pl.col("kind") != "forbidden", maintain_order=True).head(MOST).to_dicts(),
    }
