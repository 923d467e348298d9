"""Which pairs or rows need people: shares of each origin, drawn at random within strata, the uncertain ones first."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from curate.algorithms.cap import as_fraction
from curate.algorithms.sample_size import sample_size
from curate.language import say
from curate.options import problem
from curate.rows import Table
from curate.sql import ask
from curate.unit import Form

ORIGINS = ("llm", "template", "real")
#: What the choice looks at: it is held for all pairs at once.
NARROW = ["pair_id", "corpus", "task", "question", "origin", "kind", "split", "score"]
#: Begins the name of a stratum whose items were picked for their low score: they say nothing of the others.
UNCERTAIN = "uncertain"
#: Bounds of the score's bands are rounded to this, so that a few pairs more do not move them.
GRID = 20


def _share(value: Any) -> str:
    try:
        whole = str(value).strip() in ("1", "1.0", "100%")
        return str(Fraction(1) if whole else as_fraction(value))
    except ValueError:
        raise problem(
            say(f"{value} 不是 0 到 1 之间的比例", f"{value} is no share from 0 to 1"),
            say("写成 1、0.02、2% 或 1/50", "write 1, 0.02, 2% or 1/50"),
        ) from None


SampleShare = Annotated[
    str, BeforeValidator(_share), WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]})
]
"""A share from 0 to 1 as the recipe writes it, kept as an exact fraction."""


class Sample(Form):
    """抽多少给人看：每种来源一个比例，再按语料、任务、得分分层随机抽。 / How much people see: a share of each origin, at random within strata.

    Who is drawn depends on the MD5 of the id alone, so that error rates of the sample hold for all pairs; a low score only
    says who comes first. A stratum that has pairs has one in the sample at least.
    """

    llm: SampleShare = "1"
    """大模型写的看多大比例 / the share of a model's pairs"""
    template: SampleShare = "0"
    """模板写的看多大比例 / the share of templates' pairs"""
    real: SampleShare = "0"
    """真实数据看多大比例 / the share of real pairs"""
    by: list[Literal["corpus", "task", "question", "split", "score"]] = ["corpus", "task", "score"]
    """除来源外按什么分层；score 按得分分三段 / strata besides the origin; score: in three bands"""
    most: int | None = Field(None, ge=1)
    """一共最多看多少条 / items in all, at the most"""
    order: Literal["uncertain", "random"] = "uncertain"
    """先看得分低的，还是随机 / those with a low score first, or at random"""
    uncertain: SampleShare = "0"
    """抽样名额里拿出多大比例专挑得分低的；这些不算进错误率 / the part of the sample that is picked for low scores; it is left out of error rates"""
    seed: str = ""
    """换一个种子就换一批 / another seed draws others"""
    confidence: float = Field(0.95, gt=0.5, lt=1)
    """算所需条数用的置信水平 / the confidence for which the required size is told"""
    margin: float = Field(0.05, gt=0, lt=1)
    """算所需条数用的误差（正负多少） / the half-width of the interval for which it is told"""

    @model_validator(mode="after")
    def _something(self) -> Sample:
        if not any(self.share(origin) for origin in ORIGINS):
            raise problem(
                say("三个比例都是 0，没有内容可审核", "all shares are 0: nothing would be judged"),
                say(
                    "例如 sample: {llm: 1.0, template: 0.02}",
                    "for example sample: {llm: 1.0, template: 0.02}",
                ),
            )
        if as_share(self.uncertain) == 1:
            raise problem(
                say(
                    "uncertain 不能是 1：没有随机抽的，就算不出错误率",
                    "uncertain must be below 1: error rates need a random part",
                ),
                say("例如 uncertain: 0.3", "for example uncertain: 0.3"),
            )
        return self

    def share(self, origin: str) -> Fraction:
        return as_share({"llm": self.llm, "template": self.template, "real": self.real}[origin])

    @property
    def origins(self) -> list[str]:
        """Those of which people see some."""
        return [origin for origin in ORIGINS if self.share(origin)]


def as_share(share: str) -> Fraction:
    """The exact fraction of a ``SampleShare``."""
    return Fraction(share)


def narrow(tables: Sequence[Table]) -> pl.DataFrame:
    """The columns ``NARROW`` of all pairs."""
    parts = [table.narrow(NARROW) for table in tables if table.shards]
    nothing = pl.DataFrame(schema=dict.fromkeys(NARROW, pl.String) | {"score": pl.Float64})
    return pl.concat([nothing, *parts])


def draw(pairs: pl.DataFrame, sample: Sample) -> tuple[pl.DataFrame, dict[str, Any]]:
    """(all pairs, in their order, with what the choice says of them; the plan, in JSON).

    Columns behind ``NARROW``: ``drawn``; ``turn``, the order in which people should see those that are drawn, from 0;
    ``stratum``, which tells those that were picked for their low score from the others of ``of_stratum``. Of a stratum
    ``ceil(share * pairs)`` are drawn: those with the smallest MD5s. The plan tells of each origin how many pairs there are, how
    many are ``drawn``, how many of these at ``random``, and how many are ``needed`` for the wanted margin, with the correction
    for a finite population.

    Args:
        pairs: ``NARROW``.
    """
    strata, cuts = _strata(pairs, sample)
    picked = _picked(strata, sample)
    last = "score NULLS LAST, " if sample.order == "uncertain" else ""
    told = ask(
        f"""SELECT * EXCLUDE (place, hash), CASE WHEN drawn THEN
                   row_number() OVER (PARTITION BY drawn ORDER BY {last}hash, pair_id) - 1 END AS turn
            FROM picked ORDER BY place""",
        picked=picked,
    )
    return told, _plan(told, sample) | ({"bands": cuts} if cuts else {})


def choose_rows(table: Table, size: int, seed: str = "", where: pl.Expr | None = None) -> pl.DataFrame:
    """``size`` rows of a table whole, or all where there are fewer: those whose row_id has the smallest MD5 behind the seed, in
    that order, so that a row more or less leaves the others in.

    Args:
        where: rows for which it does not hold are not chosen from.
    """
    rows = pl.scan_parquet(list(table.shards))
    ids = (rows if where is None else rows.filter(where)).select("row_id").collect()
    chosen = ask(
        f"SELECT row_id FROM ids ORDER BY md5(salted), row_id LIMIT {size}",
        ids=ids.with_columns((pl.lit(seed) + pl.col("row_id")).alias("salted")),
    )
    found = rows.filter(pl.col("row_id").is_in(chosen["row_id"].implode())).collect()
    return chosen.join(found, on="row_id", how="left", maintain_order="left").select(found.columns)


def _strata(pairs: pl.DataFrame, sample: Sample) -> tuple[pl.DataFrame, dict[str, list[float]]]:
    """``pairs`` with their ``stratum``; and origin -> the two bounds of its score's bands, which are its thirds."""
    cuts = {}
    bands = [pl.when(pl.col("score").is_null()).then(pl.lit("unscored"))]
    for origin in sample.origins if "score" in sample.by else ():
        scores = pairs.filter(pl.col("origin") == origin)["score"].drop_nulls()
        if scores.len():
            low, high = (round(float(scores.quantile(part / 3) or 0) * GRID) / GRID for part in (1, 2))
            cuts[origin] = [low, high]
            mine = pl.col("origin") == origin
            bands.append(pl.when(mine & (pl.col("score") < low)).then(pl.lit("low")))
            bands.append(pl.when(mine & (pl.col("score") < high)).then(pl.lit("middle")))
    banded = pairs.with_columns(pl.coalesce(*bands, pl.lit("high")).alias("band"))
    columns = ["origin", *("band" if name == "score" else name for name in sample.by)]
    parts = [pl.col(name).fill_null("") for name in columns]
    return banded.with_columns(pl.concat_str(parts, separator=" | ").alias("stratum")).drop("band"), cuts


def _picked(pairs: pl.DataFrame, sample: Sample) -> pl.DataFrame:
    """``pairs`` with ``hash``, ``place`` and ``drawn``; the stratum of those that were picked for their low score says so."""
    rows = pl.len().over("stratum")
    shares = [sample.share(origin) for origin in ORIGINS]
    above, below = (
        pl.col("origin").replace_strict(list(ORIGINS), parts, default=0, return_dtype=pl.Int64)
        for parts in ([share.numerator for share in shares], [share.denominator for share in shares])
    )
    # at least one of each stratum; where all are drawn there is nothing to pick
    wanted = pl.when(above > 0).then((rows * above + below - 1) // below).otherwise(0)
    part = as_share(sample.uncertain)
    told = pairs.with_columns(
        (pl.lit(sample.seed) + pl.col("pair_id")).alias("salted"),
        wanted.alias("wanted"),
        pl.when(wanted < rows).then(wanted * part.numerator // part.denominator).otherwise(0).alias("low"),
    ).with_row_index("place")
    most = f"LIMIT {sample.most}" if sample.most else ""
    return ask(
        f"""WITH hashed AS (SELECT * EXCLUDE (salted), md5(salted) AS hash FROM pairs),
                 turned AS (SELECT *, row_number() OVER (PARTITION BY stratum ORDER BY hash, pair_id) AS turn FROM hashed),
                 weighed AS (SELECT *, row_number() OVER (PARTITION BY stratum, turn <= wanted - low
                                                          ORDER BY score NULLS LAST, hash, pair_id) AS weak FROM turned),
                 chosen AS (SELECT *, turn <= wanted - low AS at_random, turn > wanted - low AND weak <= low AS picked FROM weighed),
                 -- fewer than the shares give: of every stratum the first, then of all of them alike
                 few AS (SELECT pair_id FROM chosen WHERE at_random OR picked
                         ORDER BY turn > 1, CASE WHEN picked THEN weak / low ELSE turn / (wanted - low) END, hash, pair_id {most})
            SELECT chosen.* EXCLUDE (stratum, wanted, low, turn, weak, at_random, picked), stratum AS of_stratum,
                   few.pair_id IS NOT NULL AS drawn,
                   CASE WHEN few.pair_id IS NOT NULL AND picked THEN '{UNCERTAIN} | ' || stratum ELSE stratum END AS stratum
            FROM chosen LEFT JOIN few USING (pair_id) ORDER BY place""",
        pairs=told,
    )


def _plan(pairs: pl.DataFrame, sample: Sample) -> dict[str, Any]:
    counted = pairs.with_columns(
        (pl.col("drawn") & ~pl.col("stratum").str.starts_with(f"{UNCERTAIN} | ")).alias("random")
    )
    counts = [pl.len().alias("pairs"), pl.col("drawn").sum(), pl.col("random").sum()]
    rows = {row["origin"]: row for row in counted.group_by("origin").agg(counts).iter_rows(named=True)}
    origins = []
    for origin in ORIGINS:
        if origin not in rows:
            continue
        needed = sample_size(sample.margin, 0.5, rows[origin]["pairs"], sample.confidence)
        told = {
            "share": str(sample.share(origin)),
            "needed": needed,
            "enough": rows[origin]["random"] >= needed if sample.share(origin) else None,
        }
        origins.append(rows[origin] | told)
    mine = counted.filter(pl.col("origin").is_in(sample.origins))
    strata = mine.group_by(pl.col("of_stratum").alias("stratum")).agg(counts).sort("stratum")
    return {
        "pairs": pairs.height,
        "drawn": int(pairs["drawn"].sum()),
        "confidence": sample.confidence,
        "margin": sample.margin,
        "origins": origins,
        "strata": strata.to_dicts(),
    }
