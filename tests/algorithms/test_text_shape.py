"""The shape of texts: as counted by plain Python, character by character."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.text_shape import ENDINGS, ENTRIES, SHORT_LINE, shape_of


def shape(text: str | None, **options: tuple[int, ...]) -> dict[str, float]:
    return shape_of(pl.Series([text], dtype=pl.String), **options).row(0, named=True)


KINDS = {
    "Han": ("展會㐀𠮷〇々", "han"),
    "Latin": ("aZéＡ", "latin"),
    "kana": ("のカー", "kana"),
    "Hangul": ("한글", "hangul"),
    "other letters": ("жω", "letter"),
    "digits": ("3３①", "digit"),
    "marks": ("，。！…—★😀", "sign"),
}


@pytest.mark.parametrize(("text", "kind"), KINDS.values(), ids=KINDS.keys())
def test_a_character_has_one_kind(text: str, kind: str) -> None:
    told = shape(text)
    assert told[kind] == told["chars"] == len(text)
    assert told["words"] == (0 if kind == "sign" else len(text))


def test_white_space_is_no_character() -> None:
    assert shape(" 展\u3000会\t\u00a0")["chars"] == 2


LINES = {
    "none": ("", (0, 0, 0, 0)),
    "null": (None, (0, 0, 0, 0)),
    "blank lines are none": ("\n \n\u3000\n", (0, 0, 0, 0)),
    "prose": ("展会昨天在上海开幕，观众很多。\n今年的观众比去年多了一倍。", (2, 1, 0, 0)),
    "white space behind the mark": ("展会昨天在上海开幕了呢。 \n", (1, 1, 0, 0)),
    "a menu": ("首页\n新闻\n联系我们", (3, 0, 1, 0)),
    "a list begins as a list does": ("- 上海\n2. 北京\n# 标题", (3, 1, 1, 0)),
    "the second of equal lines": ("上海展会\n上海展会\n北京", (3, 0, 1, 0.4)),
    "white space makes no other line": ("上 海\n上海 ", (2, 0, 1, 0.5)),
    "equal lines of different texts": ("上海展会", (1, 0, 1, 0)),
}


@pytest.mark.parametrize(("text", "want"), LINES.values(), ids=LINES.keys())
def test_lines(text: str | None, want: tuple[float, ...]) -> None:
    told = shape_of(pl.Series(["上海展会", text], dtype=pl.String)).row(1, named=True)
    assert (told["lines"], told["ended"], told["short"], told["repeated_lines"]) == pytest.approx(want)


NGRAMS = {
    "nothing repeats": ("一二三四五六七八九十", 0, 0),
    "one character": ("哈" * 10, 0.5, 2 * 8 / 10),
    "half of it": ("上海国际展会" * 2, 5 / 12, 2 / 12),
    "signs and spaces between change nothing": ("上海，国际 展会。\n上海国际展会！！", 5 / 12, 2 / 12),
    "too short": ("上海", 0, 0),
}


@pytest.mark.parametrize(("text", "repeated", "top"), NGRAMS.values(), ids=NGRAMS.keys())
def test_ngrams(text: str, repeated: float, top: float) -> None:
    told = shape(text, repeats=(5,), tops=(2,))
    assert (told["repeated_5"], told["top_2"]) == pytest.approx((repeated, top))


def counted(text: str, n: int) -> tuple[float, float]:
    """Repeats as Gopher's code counts them, and the commonest n-gram."""
    words = [mark for mark in text if shape(mark)["words"]]
    seen, place, repeated = set(), 0, 0
    while place + n <= len(words):
        gram = tuple(words[place : place + n])
        repeated += n * (gram in seen)
        place += n if gram in seen else 1
        seen.add(gram)
    grams = [tuple(words[start : start + n]) for start in range(len(words) - n + 1)]
    most = max(map(grams.count, grams), default=1)
    share = 1 / max(1, len(words))
    return repeated * share, n * (most - 1) * share


@given(st.lists(st.text("ab一二，\n ", max_size=40), max_size=5), st.integers(2, 4))
@settings(max_examples=40)
def test_ngrams_of_any_texts_are_counted_as_plain_python_counts(texts: list[str], n: int) -> None:
    told = shape_of(pl.Series(texts, dtype=pl.String), repeats=(n,), tops=(n,))
    assert told[f"repeated_{n}"].to_list() == pytest.approx([counted(text, n)[0] for text in texts])
    assert told[f"top_{n}"].to_list() == pytest.approx([counted(text, n)[1] for text in texts])


@given(st.lists(st.one_of(st.none(), st.text(max_size=60)), max_size=4))
@settings(max_examples=40)
def test_any_text_has_a_shape_whatever_stands_beside_it(texts: list[str | None]) -> None:
    told = shape_of(pl.Series(texts, dtype=pl.String))
    assert told.rows() == [
        row for text in texts for row in shape_of(pl.Series([text], dtype=pl.String)).rows()
    ]
    for text, row in zip(texts, told.iter_rows(named=True), strict=True):
        lines = [line for line in (text or "").split("\n") if line.strip()]
        assert row["lines"] == len(lines)
        assert row["chars"] == sum(not mark.isspace() for mark in text or "")
        bare = ["".join(line.split()) for line in lines]
        assert row["short"] * len(lines) == pytest.approx(sum(len(line) < SHORT_LINE for line in bare))
        ended = sum(line[-1] in ENDINGS or line[0] in ENTRIES for line in bare)
        assert row["ended"] * len(lines) == pytest.approx(ended)


def test_no_rows_have_no_shape_but_its_columns() -> None:
    assert shape_of(pl.Series([], dtype=pl.String)).columns == shape_of(pl.Series(["a"])).columns
