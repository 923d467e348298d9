"""The quality of a text, 0 to 1: the product of what each of its features is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from curate.algorithms.idle_text import idle_parts
from curate.algorithms.text_shape import MENU_LINES, shape_of

Feature = Literal[
    "trial",
    "garbled",
    "letters",
    "chinese",
    "signs",
    "digits",
    "repeated_lines",
    "repeated_text",
    "repeated_phrase",
    "menu",
    "boilerplate",
    "advert",
    "gibberish",
]
FEATURES: tuple[Feature, ...] = get_args(Feature)
#: A text with fewer characters has too few for its bits a character to say much.
LEAST_SCORED = 12


@dataclass(frozen=True)
class Ramp:
    """Worth 1 from ``good`` on, 0 from ``bad`` on, and evenly in between; ``good`` may be the greater or the smaller."""

    good: float
    bad: float

    def of(self, value: pl.Expr) -> pl.Expr:
        return ((value - self.bad) / (self.good - self.bad)).clip(0, 1)


#: Calibrated on news, laws, encyclopedias, companies' introductions and reviews: see benchmarks/results/quality.md
RAMPS = {
    "letters": Ramp(8, 0),
    "chinese": Ramp(0.4, 0.05),
    "signs": Ramp(0.3, 0.7),
    "digits": Ramp(0.5, 0.95),
    "repeated_lines": Ramp(0.2, 0.7),
    "repeated_text": Ramp(0.4, 0.85),
    "repeated_phrase": Ramp(0.3, 0.8),
    "boilerplate": Ramp(0.15, 0.6),
    "advert": Ramp(0.8, 6.0),
}
#: A menu: most lines are short and hardly one ends as prose does.
MENU_ENDED, MENU_SHORT = Ramp(0.106, 0.0), Ramp(0.6, 0.95)


def worths(texts: pl.Series, gibberish: pl.Series | None = None) -> pl.DataFrame:
    """What each feature of a text is worth, a column each, in the order of ``Feature``.

    Args:
        gibberish: what the model says of each text (see ``score_quality``), 1 is good; null where it says nothing.
    """
    told = pl.repeat(None, len(texts), dtype=pl.Float64, eager=True) if gibberish is None else gibberish
    frame = shape_of(texts).hstack(idle_parts(texts)).with_columns(told.alias("gibberish"))
    letters = pl.sum_horizontal("han", "latin", "kana", "hangul", "letter")
    # a word of Latin letters has several where Chinese has one; kana and hangul say for certain that it's no Chinese
    foreign = (pl.col("latin") + pl.col("letter")) / 3 + 4 * (pl.col("kana") + pl.col("hangul"))
    values = {
        "letters": letters + pl.col("digit"),
        "chinese": pl.when(letters >= 4).then(pl.col("han") / (pl.col("han") + foreign)),
        # three signs are nothing in the shortest text: 很好！！！
        "signs": (pl.col("sign") - 3).clip(0) / pl.col("chars").clip(1),
        "digits": pl.col("digit") / (letters + pl.col("digit")).clip(1),
        "repeated_lines": pl.col("repeated_lines"),
        "repeated_text": pl.col("repeated_10"),
        "repeated_phrase": pl.col("top_2"),
        "boilerplate": pl.col("boilerplate"),
        "advert": pl.col("advert"),
    }
    menu = pl.when(pl.col("lines") >= MENU_LINES).then(
        pl.max_horizontal(MENU_ENDED.of(pl.col("ended")), MENU_SHORT.of(pl.col("short")))
    )
    found = {name: RAMPS[name].of(value) for name, value in values.items()}
    found |= {
        "menu": menu,
        "trial": (~pl.col("trial")).cast(pl.Float64),
        "garbled": (~pl.col("garbled")).cast(pl.Float64),
        "gibberish": pl.col("gibberish"),
    }
    return frame.select(found[name].fill_null(1.0).alias(name) for name in FEATURES)


def quality_of(worth: pl.DataFrame) -> pl.DataFrame:
    """``quality``: the product of a row's worths, to three places; ``quality_why``: the feature that is worth least, null
    where the product is 1.
    """
    product = worth.select(
        pl.fold(pl.lit(1.0), lambda one, other: one * other, pl.all()).abs().round(3).alias("quality")
    )
    least = worth.select(pl.concat_list(pl.all()).list.arg_min().alias("place"))["place"]
    why = pl.Series(worth.columns).gather(least)
    return product.select(
        "quality", pl.when(pl.col("quality") < 1).then(why.alias("why")).alias("quality_why")
    )
