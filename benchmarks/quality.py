"""How well ``score_quality`` and ``drop_repetitive`` tell noise from good Chinese, and how fast.

``python -m benchmarks.quality`` prints tables and ends with one JSON line. Good text is that of ``../shared/data``; noise is planted:
made here from other good texts and from invented phrases, of which those of advertising partly share no phrase with the
list that ``curate`` knows. The model learns from the even texts; the odd ones are scored. AUC: the chance that a good text
scores better than a noisy one, ties half.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.dedupe_material import lines, real_data
from curate.algorithms.text_shape import shape_of
from curate.clean.cleaner import Cleaner
from curate.clean.drop_repetitive import DropRepetitive
from curate.clean.score_quality import ScoreQuality
from curate.files import write_parquet

#: genre -> (file, column); reviews and posts are as people wrote them, with some true noise among them
GENRES = {
    "news": ("news/xwlb_html", "content_html"),
    "laws": ("reports/laws_zh", "text"),
    "laws, traditional": ("trad/moj_law_articles", "text"),
    "encyclopedia": ("trad/zhwiki", "text"),
    "encyclopedia, traditional": ("trad/drcd", "context"),
    "companies": ("structured/companies_smoothnlp", "公司介绍"),
    "questions": ("community/zhihu_hot_excerpts", "excerpt"),
    "posts": ("community/v2ex_topics", "content"),
    "shop reviews": ("comments/online_shopping_10_cats", "review"),
    "meal reviews": ("comments/waimai_10k", "review"),
}
#: stubs of the encyclopedia are a title in any language and nothing else
LEAST = {"encyclopedia": 60}
LEARNED = ["news", "companies", "shop reviews", "posts"]
#: FineWeb-2's limits for cmn_Hani as published for words, here on characters; those between 5 and 10 interpolated
PUBLISHED = {5: 0.198, 6: 0.184, 7: 0.17, 8: 0.155, 9: 0.141, 10: 0.127}
BOILERPLATE = ["责任编辑：{}", "本文来源：{}网", "扫码关注{}公众号", "点击查看更多", "版权所有 {} 未经授权请勿转载", "上一篇：{}", "下一篇：{}", "原标题：{}", "分享到微信 微博 QQ空间"]  # fmt: skip
ADVERTS = [
    "代开发票，正规可查，加微信{}", "兼职日结，日赚三百，进群私聊我", "高仿手表一比一复刻，货到付款，VX：{}", "无抵押低息贷款，当天秒到账，电话{}",
    "淘宝刷单月入过万，加QQ{}", "专业通下水道，开锁换锁，随叫随到，电话{}", "祖传秘方根治脱发，七天见效，无效退款，详询{}", "出售各地老酒，回收冬虫夏草，高价上门，{}",
    "十年老店，专治各种疑难杂症，药到病除，{}",
]  # fmt: skip
TRIALS = ["测试", "测试数据{}", "test", "test{}", "asdf", "qwerty", "111", "1111111", "aaaa", "试一下", "这是一条测试", "随便写写", "asdfasdf", "123123", "测试公司"]  # fmt: skip


def good_texts() -> dict[str, pl.Series]:
    """Genre -> its texts, each once."""
    found = {}
    for genre, (file, column) in GENRES.items():
        told = [row[column] for row in lines(file)]
        whole = pl.Series("text", [text for text in told if isinstance(text, str) and text.strip()])
        bare = whole.str.replace_all(r"<[^>]*>", "\n").str.replace_all("\r", "")
        found[genre] = bare.filter(bare.str.len_chars() >= LEAST.get(genre, 1)).unique(maintain_order=True)
    return found


def noise(texts: list[str]) -> dict[str, list[str]]:
    """Kind -> noisy texts made of good ones and of phrases."""
    draw = random.Random(11)

    def number() -> str:
        return "".join(draw.choices("0123456789", k=draw.randrange(5, 12)))

    def name() -> str:
        return draw.choice(texts)[:3]

    def shuffled(text: str) -> str:
        return "".join(draw.sample(text, len(text)))

    def mistaken(text: str) -> str:
        """UTF-8 read as GBK: rare characters, and no mark where a byte fitted nothing."""
        return text.encode().decode("gbk", "ignore")

    kinds: dict[str, Callable[[str], str]] = {
        "shuffled characters": lambda text: shuffled(text[:200]),
        "random Han": lambda text: "".join(chr(draw.randrange(0x4E00, 0x9FA5)) for _ in text[:80]),
        "UTF-8 read as GBK": lambda text: mistaken(text[:120]),
        "UTF-8 read as Latin-1": lambda text: text[:120].encode().decode("latin-1"),
        "keys struck at random": lambda _: "".join(draw.choices("asdfghjkl;qwertyuiop ", k=draw.randrange(8, 60))),
        "one sentence pasted": lambda text: text[:40] * draw.randrange(5, 12),
        "one word pasted": lambda text: text[:2] * draw.randrange(8, 40),
        "signs": lambda text: text[:8] + "".join(draw.choices("★☆◆◇●○■□▲△→←^_*#", k=draw.randrange(20, 60))),
        "numbers": lambda _: " ".join(number() for _ in range(draw.randrange(1, 12))),
        "menu": lambda _: "\n".join(name() for _ in range(draw.randrange(8, 25))),
        "boilerplate only": lambda _: " ".join(draw.choice(BOILERPLATE).format(name()) for _ in range(draw.randrange(1, 4))),
        "advertising": lambda _: draw.choice(ADVERTS).format(number()),
        "trials": lambda _: draw.choice(TRIALS).format(draw.randrange(1, 99)),
    }  # fmt: skip
    return {kind: [make(draw.choice(texts)) for _ in range(300)] for kind, make in kinds.items()}


def published(texts: pl.Series) -> pl.Series:
    """Which texts FineWeb-2's limits would drop, were its words characters."""
    shape = shape_of(texts, tuple(PUBLISHED), (2,))
    others = (pl.col("sign") + pl.col("digit")) / pl.col("chars").clip(1)
    bad = [pl.col(f"repeated_{n}") > most for n, most in PUBLISHED.items()]
    bad += [pl.col("top_2") > 0.256, pl.col("line_feeds") > 0.178, pl.col("ended") < 0.106, others > 0.735]
    return shape.select(bad=pl.any_horizontal(bad))["bad"]


def auc(good: pl.Series, bad: pl.Series) -> float:
    from scipy.stats import mannwhitneyu

    return float(mannwhitneyu(good.to_numpy(), bad.to_numpy()).statistic) / (len(good) * len(bad))


def scores(unit: ScoreQuality, texts: pl.Series) -> pl.Series:
    return unit.apply(texts.alias("text").to_frame()).kept["quality"]


def measured(folder: Path) -> dict[str, Any]:
    """The tables' rows."""
    texts = good_texts()
    unit = ScoreQuality(learn_from=["good"])
    told = unit.learn((texts[genre].gather_every(2).alias("text").to_frame() for genre in LEARNED), folder)
    model = unit.learned(folder)
    genres = []
    for genre, whole in texts.items():
        odd = whole.gather_every(2, 1)
        rows = odd.alias("text").to_frame()
        genres.append(
            {
                "genre": genre,
                "rows": len(odd),
                "drop_repetitive": DropRepetitive().apply(rows).dropped.height / len(odd),
                "published limits": float(published(odd).mean() or 0),  # type: ignore[arg-type]
                "below 0.3": float((scores(ScoreQuality(), odd) < 0.3).mean() or 0),  # type: ignore[arg-type]
                "below 0.3, model": float((scores(model, odd) < 0.3).mean() or 0),  # type: ignore[arg-type]
            }
        )
    held = pl.concat(texts[genre].gather_every(2, 1).head(800) for genre in LEARNED)
    long = [text for text in held if len(text) >= 40]
    kinds = []
    plain_good, model_good = scores(ScoreQuality(), held), scores(model, held)
    for kind, made in noise(long).items():
        bad = pl.Series(made)
        plain, modelled = scores(ScoreQuality(), bad), scores(model, bad)
        kinds.append(
            {
                "noise": kind,
                "AUC": auc(plain_good, plain),
                "AUC, model": auc(model_good, modelled),
                "below 0.3": float((plain < 0.3).mean() or 0),  # type: ignore[arg-type]
                "below 0.3, model": float((modelled < 0.3).mean() or 0),  # type: ignore[arg-type]
            }
        )
    return {"genres": genres, "noise": kinds, "model": told, "speed": speed(model, texts, folder)}


def speed(model: ScoreQuality, texts: dict[str, pl.Series], folder: Path) -> list[dict[str, Any]]:
    """Seconds of one core, best of three, for rows of about 1 KB."""
    pool = pl.concat(texts[genre] for genre in ("news", "companies", "posts", "encyclopedia")).str.slice(
        0, 340
    )
    rows = pool.filter(pool.str.len_bytes() > 600).alias("text").to_frame()
    size = int(rows["text"].str.len_bytes().sum())
    file = folder / "rows.parquet"
    write_parquet(file, rows)
    units: dict[str, Callable[[], object]] = {
        "parquet copy": lambda: write_parquet(folder / "copy.parquet", pl.read_parquet(file))
    }
    made: dict[str, Cleaner] = {
        "drop_repetitive": DropRepetitive(),
        "score_quality": ScoreQuality(),
        "score_quality, model": model,
    }
    units |= {name: lambda unit=unit: unit.apply(rows) for name, unit in made.items()}  # type: ignore[misc]
    told = []
    for name, work in units.items():
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            work()
            best = min(best, time.process_time() - start)
        told.append(
            {
                "what": name,
                "rows": rows.height,
                "MB/s a core": size / best / 1e6,
                "ns/byte": best * 1e9 / size,
            }
        )
    return told


def table(rows: list[dict[str, Any]]) -> str:
    def cell(name: str, value: Any) -> str:
        if isinstance(value, float):
            return (
                f"{value:.1f}" if "/" in name else f"{value:.3f}" if "AUC" in name else f"{100 * value:.2f} %"
            )
        return f"{value:,}" if isinstance(value, int) else str(value)

    names = list(rows[0])
    out = [names, ["---"] * len(names), *([cell(name, row[name]) for name in names] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in out)


def main() -> None:
    if not real_data():
        sys.exit("../shared/data is absent: there is no good text to compare with")
    with tempfile.TemporaryDirectory() as folder:
        told = measured(Path(folder))
    print("## Good text: rows that would go\n", table(told["genres"]), "", sep="\n")
    print("## Planted noise, 300 of each kind, against good text\n", table(told["noise"]), "", sep="\n")
    print("## Speed\n", table(told["speed"]), "", sep="\n")
    genres = [row for row in told["genres"] if row["genre"].startswith(("news", "laws", "encyclopedia"))]
    rows = sum(row["rows"] for row in genres)
    figures = {
        "good_dropped": round(sum(row["drop_repetitive"] * row["rows"] for row in genres) / rows, 5),
        "good_dropped_published": round(
            sum(row["published limits"] * row["rows"] for row in genres) / rows, 4
        ),
        "auc": round(sum(row["AUC"] for row in told["noise"]) / len(told["noise"]), 4),
        "auc_model": round(sum(row["AUC, model"] for row in told["noise"]) / len(told["noise"]), 4),
        "model": told["model"],
        "ns_per_byte": {row["what"]: round(row["ns/byte"], 1) for row in told["speed"]},
    }
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    main()
