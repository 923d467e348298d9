"""Gates: what must hold for a release as a whole, read from its provenance. Used when it is made and when it is checked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl

from curate.algorithms.cap import Cap, allowed
from curate.language import say
from curate.pairs import ASKED_ONLY
from curate.rows import Table
from curate.sql import ask

Problem = tuple[str, str]
"""(what is wrong, what to do)"""
#: Kind of pair -> the endings of the training sets that hold it; alpaca and sharegpt hold the same pairs, and beside
#: them chat the conversations.
SETS = {
    "sft": ("alpaca", "sharegpt", "chat"),
    "preference": ("preference",),
    "kto": ("kto",),
    "pretrain": ("pretrain",),
}


def gate(provenance: Path, cap: Cap) -> list[Problem]:
    """The problems of a release: questions or groups in two splits, and more pairs than the cap allows."""
    pairs = pl.read_parquet(
        provenance, columns=["pair_id", "parent_id", "cluster_id", "split", "kind", "origin", "question_md5"]
    )
    return [*_twice(pairs, "question_md5"), *_twice(pairs, "cluster_id"), *_over_cap(_train(pairs), cap)]


def counted(provenance: Path, cap: Cap) -> dict[str, int]:
    """What a manifest tells beside the cap: the training pairs that it counts, and the others."""
    pairs = pl.read_parquet(provenance, columns=["pair_id", "split", "kind", "origin"])
    written, others = cap.measure(_train(pairs))
    return {"counted": written, "others": others}


def _train(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.filter((pl.col("split") == "train") & ~pl.col("kind").is_in(ASKED_ONLY))


def _twice(pairs: pl.DataFrame, column: str) -> list[Problem]:
    found = ask(
        f"""SELECT count(*) AS groups, min(first) AS example, min(splits) AS splits FROM (
              SELECT {column}, min(pair_id) AS first, string_agg(DISTINCT split, ', ' ORDER BY split) AS splits
              FROM pairs WHERE {column} IS NOT NULL GROUP BY 1 HAVING count(DISTINCT split) > 1)""",
        pairs=pairs,
    ).row(0, named=True)
    if not found["groups"]:
        return []
    what = (
        say("同一个问题", "the same question")
        if column == "question_md5"
        else say("同一组相似的行", "the same group of similar rows")
    )
    return [
        (
            say(
                f"{what}出现在不止一个划分里：{found['groups']} 处，例如 {found['example']}（{found['splits']}）",
                f"{what} stands in several splits: {found['groups']} of them, such as {found['example']} ({found['splits']})",
            ),
            say("评测会偏高；重新运行 curate run", "an evaluation would be too good; run curate run again"),
        )
    ]


def _over_cap(train: pl.DataFrame, cap: Cap) -> list[Problem]:
    written, others = cap.measure(train)
    room = allowed(others, cap.share)
    if written <= room:
        return []
    share, whom = written / (written + others), ", ".join(cap.counts)
    told = (
        say("大模型写的", "a model wrote")
        if whom == "llm"
        else say(f"来源为 {whom} 的", f"of origin {whom} are")
    )
    return [
        (
            say(
                f"训练集里{told}有 {written:,} 条，占 {share:.1%}；上限是 {float(cap.share):.4g}，"
                f"其他的有 {others:,} 条，只容得下 {room:,} 条",
                f"{told} {written:,} of the training pairs, {share:.1%}; at a cap of {float(cap.share):.4g} "
                f"the {others:,} others leave room for {room:,}",
            ),
            say(
                f"减少来源为 {whom} 的数据，或增加其他数据",
                f"take fewer pairs of origin {whom}, or add others",
            ),
        )
    ]


def lost_or_added(folder: Path, name: str) -> list[Problem]:
    """Do the training files on disk hold as many rows as the provenance, by which the cap is measured?"""
    train = _train(pl.read_parquet(folder / "provenance.parquet", columns=["split", "kind"]))
    told: Counter[str] = Counter(dict(train["kind"].value_counts().iter_rows()))
    problems = []
    for kind, endings in SETS.items():
        there = {ending: _rows_in(folder / "data", f"{name}_train_{ending}") for ending in endings}
        chats = there.pop("chat", 0)
        # of alpaca and sharegpt the recipe chose one or both
        for ending, rows in there.items():
            if (rows or not any(there.values())) and rows + chats != told[kind]:
                what = say(
                    f"{name}_train_{ending} 有 {rows + chats:,} 行，provenance.parquet 里有 {told[kind]:,} 条",
                    f"{name}_train_{ending} has {rows + chats:,} rows, provenance.parquet {told[kind]:,} pairs",
                )
                hint = say("这是程序的错误，请报告给开发者", "this is a defect of curate: report it")
                problems.append((what, hint))
    return problems


def _rows_in(folder: Path, name: str) -> int:
    """Rows of a data set, which is a file or a folder of them."""
    found = [file for file in (*folder.glob(f"{name}.*"), *folder.glob(f"{name}/*")) if file.is_file()]
    return sum(
        pl.scan_parquet(file).select(pl.len()).collect().item() if file.suffix == ".parquet" else _lines(file)
        for file in found
    )


def _lines(file: Path) -> int:
    with file.open("rb") as opened:
        return sum(block.count(b"\n") for block in iter(lambda: opened.read(1 << 20), b""))


def retrieved_test(provenance: Path, chunks: list[Table]) -> int:
    """How many test rows a retrieval set holds although they are not meant for both (0 unless curate errs)."""
    parents = [table.narrow(["parent_id"])["parent_id"] for table in chunks]
    if not parents:
        return 0
    tested = pl.read_parquet(provenance, columns=["parent_id", "split", "tier"]).filter(
        (pl.col("split") == "test") & (pl.col("tier") != "both")
    )
    return int(tested["parent_id"].unique().is_in(pl.concat(parents).unique().implode()).sum())
