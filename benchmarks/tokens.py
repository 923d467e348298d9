"""How fast lengths in tokens are estimated and measured, and how far the estimate is off.

``python -m benchmarks.tokens`` estimates a million generated pairs. With the folder of a model's tokenizer.json and
tokenizer_config.json it measures some of them as well; with a sharegpt export behind that (JSON lines) it says how
the estimate compares on those rows.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import polars as pl

from curate.export.tokens import Lengths

PAIRS = 1_000_000
MEASURED = 50_000
SUBJECTS = ["食品", "汽车", "装备", "医疗器械", "robotics", "智慧物流", "新能源", "纺织", "印刷", "packaging"]


def pairs(rows: int) -> pl.Series:
    """Generated conversations of one turn, about 120 tokens each."""
    number = pl.int_range(rows).cast(pl.String)
    subject = pl.lit(pl.Series([SUBJECTS])).first().list.get(pl.int_range(rows) % len(SUBJECTS))
    asked = pl.format("请介绍一下第 {} 届{}展览会的展商、观众和论坛安排，谢谢。", number, subject)
    answered = pl.format(
        "本届{}展览会共有 {} 家企业参展，展览面积三十六万平方米，分为八个展区。开幕论坛在 N1 馆举行，"
        "来自二十多个国家和地区的专家将介绍行业的最新进展。观众可以在网上预约，凭电子票入场；团体观众请提前三天登记。",
        subject,
        number,
    )
    said = [
        pl.struct(role=pl.lit("user"), content=asked),
        pl.struct(role=pl.lit("assistant"), content=answered),
    ]
    return pl.select(pl.concat_list(said).alias("messages")).to_series()


def timed(lengths: Lengths, rows: pl.Series) -> tuple[float, float]:
    """Seconds, and tokens a row."""
    start = time.perf_counter()
    tokens = lengths.conversation(rows)
    taken = time.perf_counter() - start
    return taken, int(tokens.sum()) / len(rows)


def main() -> None:
    """Print what was measured, and a line of JSON."""
    rows = pairs(PAIRS)
    taken, mean = timed(Lengths("deepseekr1"), rows)
    found: dict[str, float] = {"estimated_s": round(taken, 2), "estimated_tokens": round(mean, 1)}
    print(f"{PAIRS:,} pairs estimated  {taken:.2f} s (goal: under 5 s), {mean:.0f} tokens a pair")
    if len(sys.argv) > 1:
        model = Lengths("deepseekr1", Path(sys.argv[1]))
        taken, mean = timed(model, rows[:MEASURED])
        found |= {"measured_s": round(taken, 2), "measured_tokens": round(mean, 1)}
        print(f"{MEASURED:,} pairs measured  {taken:.2f} s, {mean:.0f} tokens a pair")
    if len(sys.argv) > 2:
        real = pl.read_ndjson(sys.argv[2])["messages"]
        frame = pl.DataFrame({"a": Lengths("deepseekr1").conversation(real), "b": model.conversation(real)})
        ratio = frame.filter(pl.col("b") > 50).select(pl.col("a") / pl.col("b")).to_series()
        found |= {"error": round(float(ratio.mean()) - 1, 3), "low": round(float((ratio < 0.95).mean()), 4)}  # type: ignore[arg-type]
        print(
            f"{len(ratio):,} real rows: mean error {found['error']:+.1%}, {found['low']:.2%} too low by over 5 %"
        )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
