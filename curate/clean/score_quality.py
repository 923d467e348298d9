"""score_quality: how good a row's text is, as a number that later phases can use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import Field

from curate.algorithms.char_model import CharModel
from curate.algorithms.quality import FEATURES, LEAST_SCORED, Feature, Ramp, quality_of, worths
from curate.clean.cleaner import Learner, Notes
from curate.errors import CurateError
from curate.files import write_json
from curate.language import say
from curate.rows import Outcome, because

#: Every twentieth row is held out of the model and scored with its characters shuffled; so many at most.
HELD_OUT, MOST_HELD_OUT = 20, 5_000
#: Characters of a held out text that are shuffled.
MOST_SHUFFLED = 1_000
#: How much the bits of single characters differ (standard deviation).
SPREAD = 4.0
#: Bits of characters alone: usual ones have 9 to 12, those that the model has never seen 25 and more.
RARITY = Ramp(16, 24)
#: Shuffled text has so many bits more than its characters alone, at least; and where no text was long enough to tell.
LEAST_SHUFFLED, SHUFFLED = 1.0, 3.0
#: Fewer characters teach nothing about what text looks like.
LEAST_LEARNED = 5_000


class ScoreQuality(Learner):
    """给每行正文打质量分（0–1），写进 quality 列；quality_why 是扣分最多的一项。 / Score each row's text from 0 to 1 (quality).

    The score is the product of what its features are worth, each from 0 to 1, evenly between two values::

        feature           measures                                                       worth 1   worth 0
        trial             the text is nothing but 测试, asdf, 111 …                             no       yes
        garbled           锟斤拷, �, UTF-8 read as Latin-1                                       no       yes
        letters           letters and digits of the text                                     >= 8         0
        chinese           Han among letters (Latin a third each; kana, hangul 4 times)     >= 0.4    <= 0.05
        signs             share of punctuation and signs, all but three                    <= 0.3    >= 0.7
        digits            share of digits among letters and digits                         <= 0.5    >= 0.95
        repeated_lines    share of characters in lines that were there before              <= 0.2    >= 0.7
        repeated_text     share of letters in 10-grams that were there before              <= 0.4    >= 0.85
        repeated_phrase   share of letters in the commonest 2-gram's repeats               <= 0.3    >= 0.8
        menu              five lines or more, short, without punctuation                       no       yes
        boilerplate       share of characters in 责任编辑 …, 扫码关注 …, 版权所有 …          <= 0.15    >= 0.6
        advert            advertising phrases (加微信, 代开发票 …) a hundred characters       <= 0.8    >= 6
        gibberish         order: bits a character under the model above those alone     <= 0.5 s  >= 0.85 s
                          times rarity: bits of the characters alone                       <= 16      >= 24

    The last needs ``learn_from``: a character trigram model of your own clean text (``algorithms.char_model``); texts of 12
    characters and more are judged. ``s`` is the median of texts held out of the model, with their characters shuffled.
    So nonsense is told from good text of another field, which has words the model has not seen, but words. Still
    text of another field or language may score worse than your own: learn from the corpora that you score.

    Later phases use the column: dedupe by ``keep: [{column: quality}]``, the split by ``quality < 0.3``.
    """

    libraries: ClassVar = ("opencc",)
    use: Literal["score_quality"] = "score_quality"
    min_quality: float = Field(0.0, ge=0, le=1)
    """丢弃低于此分的行（0–1）；0 就只打分 / drop rows that score less (0-1); 0: score only"""
    without: list[Feature] = Field([], max_length=len(FEATURES) - 1)
    """不计的项目，例如英文资料不计 chinese，产品名不计 letters / features that don't count: chinese for English text, letters for names"""

    def learn(self, frames: Iterator[pl.DataFrame], folder: Path) -> dict[str, Any]:
        held: list[pl.Series] = []
        seen = 0

        def rest() -> Iterator[pl.Series]:
            nonlocal seen
            for rows in frames:
                place = pl.int_range(seen, seen + rows.height, eager=True)
                seen += rows.height
                aside = (place % HELD_OUT == 0) & rows["text"].is_not_null()
                if sum(map(len, held)) < MOST_HELD_OUT:
                    held.append(rows["text"].filter(aside))
                yield rows["text"].filter(~aside)

        model = CharModel.train(rest())
        if model.characters < LEAST_LEARNED:
            raise CurateError(
                say(
                    f"score_quality 的 learn_from（{'、'.join(self.learn_from)}）一共只有 {model.characters} 个字，学不出什么",
                    f"score_quality learns from {', '.join(self.learn_from)}, which hold {model.characters} characters: too few",
                ),
                say(
                    f"换一份至少有 {LEAST_LEARNED} 字的语料，或去掉 learn_from",
                    f"name a corpus with {LEAST_LEARNED} characters or more, or leave learn_from out",
                ),
                ("clean", self.unit_name()),
            )
        model.save(folder / "characters.parquet")
        levels = {"shuffled": _shuffled(model, pl.concat(held).head(MOST_HELD_OUT))}
        write_json(folder / "levels.json", levels)
        return {"rows": seen, "characters": model.characters, **levels}

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        worth = worths(rows["text"], self._gibberish(rows["text"]))
        scored = rows.with_columns(quality_of(worth.drop(self.without)))
        if not self.min_quality:
            return Outcome(scored, because(scored.clear(), pl.lit(None, pl.String)))
        good = scored["quality"] >= self.min_quality
        why = pl.format("{} {}", "quality", "quality_why")
        return Outcome(scored.filter(good), because(scored.filter(~good), pl.lit("low_quality"), detail=why))

    def _gibberish(self, texts: pl.Series) -> pl.Series | None:
        if self._model is None or "gibberish" in self.without:
            return None
        model, shuffled = _load(self._model)
        told = model.surprise_of(texts).with_columns(chars=texts.str.len_chars())
        # the mean over few characters strays: it is given its standard error
        disorder = pl.col("bits") - pl.col("alone") - SPREAD / pl.col("chars").sqrt()
        worth = Ramp(0.5 * shuffled, 0.85 * shuffled).of(disorder) * RARITY.of(pl.col("alone"))
        return told.select(pl.when(pl.col("chars") >= LEAST_SCORED).then(worth).alias("worth"))["worth"]


@lru_cache(maxsize=4)
def _load(folder: Path) -> tuple[CharModel, float]:
    shuffled = json.loads((folder / "levels.json").read_text("utf-8"))["shuffled"]
    return CharModel.load(folder / "characters.parquet"), shuffled


def _shuffled(model: CharModel, held: pl.Series) -> float:
    """How many bits more than alone the characters of good text have when they are in no order."""
    import random

    draw = random.Random(5)
    long = held.filter(held.str.len_chars() >= LEAST_SCORED).str.slice(0, MOST_SHUFFLED)
    mixed = pl.Series(["".join(draw.sample(text, len(text))) for text in long], dtype=pl.String)
    told = model.surprise_of(mixed)
    middle = (told["bits"] - told["alone"]).median()
    return round(max(middle, LEAST_SHUFFLED), 4) if isinstance(middle, float) else SHUFFLED
