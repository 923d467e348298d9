"""The texts of two runs that can be compared: what the new ones are beside old ones that the model has not seen.

A refresh holds most texts of the run before. Beside a model that was trained on them they would look better than any new text,
so the old texts are parted: on 80 of 100 the model is trained, the rest is held out; and of the new run only texts count that were
not there before. Which text is where is decided by its hash.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.rows import Table
from curate.sql import ask

#: Texts of a run that are looked at, and characters of each.
TEXTS, CHARACTERS = 50_000, 1_000
#: The share of the old texts that trains.
TRAINED = 0.8


@dataclass(frozen=True)
class Texts:
    """Of all texts: ``lengths`` in characters, and ``digests``; of at most ``TEXTS`` of them: what they say.

    Attributes:
        sample: ``digest, part, text``, by digest; ``part`` in 0..1 is another number of the text's hash.
    """

    lengths: npt.NDArray[np.float64]
    digests: pl.Series
    sample: pl.DataFrame

    @property
    def trained(self) -> pl.Series:
        return self.sample.filter(pl.col("part") < TRAINED)["text"]

    @property
    def held_out(self) -> pl.Series:
        return self.sample.filter(pl.col("part") >= TRAINED)["text"]


def read_texts(table: Table, known: pl.Series | None = None) -> Texts:
    """Texts of all shards, one after the other; those in ``known`` are no part of the sample."""
    sample, lengths, digests = pl.DataFrame(), [], []
    for frame in table.frames(["text"]):
        told = ask(
            f"""SELECT ('0x' || substr(hash, 1, 15))::BIGINT AS digest, ('0x' || substr(hash, 16, 8))::BIGINT / 4294967296.0 AS part,
                       length(text) AS characters, left(text, {CHARACTERS}) AS text
                FROM (SELECT text, md5(text) AS hash FROM rows WHERE text IS NOT NULL AND text <> '')""",
            rows=frame,
        )
        lengths.append(told["characters"].cast(pl.Float64).to_numpy())
        digests.append(told["digest"])
        new = told if known is None else told.filter(~pl.col("digest").is_in(known.implode()))
        sample = pl.concat([sample, new.select("digest", "part", "text")], how="vertical") if sample.height else new.select("digest", "part", "text")  # fmt: skip
        sample = sample.unique("digest", keep="first").sort("digest").head(TEXTS)
    return Texts(
        np.concatenate(lengths) if lengths else np.empty(0),
        pl.concat(digests).unique().sort() if digests else pl.Series("digest", [], pl.Int64),
        sample
        if sample.height
        else pl.DataFrame(schema={"digest": pl.Int64, "part": pl.Float64, "text": pl.String}),
    )
