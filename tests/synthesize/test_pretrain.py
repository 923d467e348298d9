"""pretrain: texts become pieces of whole sentences, and no character of them is lost or doubled."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.pairs import PAIR
from curate.synthesize.pretrain import Pretrain


def rows(*texts: str | None, split: str | None = "train") -> pl.DataFrame:
    ids = [f"g:{number}" for number in range(len(texts))]
    return pl.DataFrame(
        {"row_id": ids, "corpus": "g", "cluster_id": ids, "tier": "both", "split": [split] * len(texts), "text": list(texts)},
        schema_overrides={"text": pl.String, "split": pl.String, "row_id": pl.String, "cluster_id": pl.String},
    )  # fmt: skip


def pieces(text: str, most: int = 50) -> list[str]:
    return Pretrain(corpus="g", max_chars=most).apply(rows(text)).kept["output"].to_list()


LINE = "布展从早上八点半开始，到下午五点半结束。"  # 20 characters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LINE, [LINE]),
        (LINE * 5, [LINE * 2, LINE * 2, LINE]),
        (f"{LINE}\n\n{LINE}\n{LINE}", [f"{LINE}\n\n{LINE}", LINE]),
        ("展" * 120, ["展" * 50, "展" * 50, "展" * 20]),
        (f"  {LINE}\n ", [LINE]),
    ],
    ids=["short", "long", "paragraphs", "a sentence that is too long", "white space around it"],
)
def test_a_text_is_cut_at_the_ends_of_sentences(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_a_piece_carries_where_it_comes_from() -> None:
    outcome = Pretrain(corpus="g", max_chars=50).apply(rows(LINE * 3, split="validation"))
    assert outcome.kept.schema == pl.Schema(PAIR)
    assert outcome.kept["pair_id"].to_list() == ["g:0#pretrain.0", "g:0#pretrain.1"]
    first = {name: value for name, value in outcome.kept.row(0, named=True).items() if value is not None}
    assert first == {
        "pair_id": "g:0#pretrain.0", "parent_id": "g:0", "corpus": "g", "cluster_id": "g:0", "tier": "both",
        "split": "validation", "origin": "real", "kind": "pretrain", "task": "pretrain", "question": "text",
        "instruction": "", "output": LINE * 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "split", "reason"),
    [
        (None, "train", "empty"),
        ("", "train", "empty"),
        (" \n ", "train", "empty"),
        (LINE, None, "retrieval_only"),
    ],
    ids=["no text", "an empty text", "white space", "only retrieved"],
)
def test_a_row_without_a_piece_says_why(text: str | None, split: str | None, reason: str) -> None:
    outcome = Pretrain(corpus="g").apply(rows(text, split=split))
    assert outcome.kept.is_empty()
    assert outcome.dropped.select("row_id", "reason").rows() == [("g:0", reason)]


def test_an_empty_shard_gives_nothing() -> None:
    outcome = Pretrain(corpus="g").apply(rows())
    assert outcome.kept.schema == pl.Schema(PAIR)
    assert outcome.dropped.is_empty()


def test_pieces_below_fifty_characters_are_refused() -> None:
    with pytest.raises(ValidationError, match="max_chars"):
        Pretrain(corpus="g", max_chars=49)


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(st.text(alphabet="展会。！\n 甲乙", max_size=200), min_size=1, max_size=4),
    most=st.integers(50, 90),
)
def test_no_character_is_lost_doubled_or_too_many(texts: list[str], most: int) -> None:
    outcome = Pretrain(corpus="g", max_chars=most).apply(rows(*texts))
    made = dict(outcome.kept.group_by("parent_id", maintain_order=True).agg("output").iter_rows())
    for number, text in enumerate(texts):
        found = made.get(f"g:{number}", [])
        assert "".join("".join(found).split()) == "".join(text.split())
        assert all(0 < len(piece) <= most for piece in found)
    assert set(made) | set(outcome.dropped["row_id"]) == {f"g:{number}" for number in range(len(texts))}
