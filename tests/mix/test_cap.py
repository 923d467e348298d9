"""The cap comes last: it holds exactly, trims the lowest scores, and general pairs make up their share."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.algorithms.cap import Cap, allowed
from curate.mix import Mix, carry_out, over_cap, shares
from curate.mix.form import General
from curate.pairs import PAIR
from curate.rows import Table
from tests.mix.tables import LLM, REAL, TEST, pair, tables


def trimmed(
    folder: Path, pairs: list[dict[str, Any]], cap: Cap | None = None, general: General | None = None
) -> Any:
    """(pairs that go, by reason; figures)."""
    told, figures = over_cap(tables(folder, pairs), cap or Cap(), general)
    reasons: dict[str, set[str]] = {}
    for name, reason in told.select("pair_id", "reason").iter_rows():
        reasons.setdefault(reason, set()).add(name)
    return reasons, figures


OTHERS = [pair(f"c:{n}#q") for n in range(17)]


def test_the_lowest_scores_go_and_those_without_one_first(tmp_path: Path) -> None:
    mine = [pair(f"m:{n}#q", score=score, **LLM) for n, score in enumerate([0.9, None, 0.5, 0.7, 0.8])]
    gone, figures = trimmed(tmp_path, [*mine, *OTHERS])
    assert gone == {"over_cap": {"m:1#q", "m:2#q"}}
    assert {name: figures[name] for name in ("cap", "counts", "there_were", "allowed", "trimmed")} == {
        "cap": "3/20", "counts": ["llm"], "there_were": 5, "allowed": 3, "trimmed": 2,
    }  # fmt: skip
    assert figures["stages"] == {"sft": {"rows": 20, "counted": 3}}


def test_the_same_pairs_go_whatever_the_order(tmp_path: Path) -> None:
    mine = [pair(f"m:{n}#q", score=0.5, **LLM) for n in range(9)]
    one, _ = trimmed(tmp_path, [*mine, *OTHERS])
    assert trimmed(tmp_path, [*OTHERS, *mine[::-1]])[0] == one
    assert len(one["over_cap"]) == 6


@pytest.mark.parametrize(
    ("others", "cap", "stay"),
    [
        ([pair("c:t#q", **TEST)] * 1, Cap(), 0),
        ([pair(f"c:{n}#q", kind="unknown") for n in range(20)], Cap(), 0),
        ([pair(f"c:{n}#q", kind="pretrain") for n in range(20)], Cap(), 3),
        ([pair(f"c:{n}#q") for n in range(20)], Cap(counts=("llm", "template")), 0),
        ([pair(f"c:{n}#q", **REAL) for n in range(20)], Cap(counts=("llm", "template")), 3),
        ([pair("c:0#q"), *(pair(f"c:0#q~{n}") for n in range(2, 40))], Cap(), 0),
        ([], Cap(), 0),
        (OTHERS, Cap(Fraction(0)), 0),
        (OTHERS, Cap(Fraction(1, 3)), 8),
    ],
    ids=[
        "the test set makes no room", "nor what is only asked", "all kinds are one set", "templates are counted too",
        "real ones are not", "repetitions make no room", "nothing else", "none at all", "a third",
    ],
)  # fmt: skip
def test_what_makes_room(tmp_path: Path, others: list[dict[str, Any]], cap: Cap, stay: int) -> None:
    mine = [pair(f"m:{n}#q", score=n / 100, **LLM) for n in range(30)]
    gone, figures = trimmed(tmp_path, [*others, *mine], cap)
    # where templates are counted they have no score and go first
    assert sum(name.startswith("m:") for name in gone.get("over_cap", ())) == 30 - stay
    assert figures["allowed"] == stay


@settings(max_examples=15, deadline=None)
@given(
    others=st.integers(0, 60), mine=st.integers(0, 30),
    cap=st.sampled_from(["0", "1/20", "3/20", "3/10", "1/3"]), general=st.integers(0, 20), share=st.sampled_from(["1/10", "1/3"]),
)  # fmt: skip
def test_both_shares_hold_and_one_more_of_either_would_exceed_its_own(
    tmp_path_factory: pytest.TempPathFactory, others: int, mine: int, cap: str, general: int, share: str
) -> None:
    folder = tmp_path_factory.mktemp("cap")
    pairs = [
        *(pair(f"c:{n}#q") for n in range(others)), *(pair(f"m:{n}#q", **LLM) for n in range(mine)),
        *(pair(f"g:{n}#q", corpus="g", **REAL) for n in range(general)),
    ]  # fmt: skip
    file = folder / "all.parquet"
    pl.DataFrame(pairs, schema=PAIR).write_parquet(file)
    exact, wanted = Cap(Fraction(cap)), General(corpus="g", share=share)
    told, _ = over_cap([Table("c", (file,))], exact, wanted)
    kept = carry_out(pl.read_parquet(file), told).kept
    written, common = (
        int((kept[column] == value).sum()) for column, value in (("origin", "llm"), ("corpus", "g"))
    )
    assert kept.height - written - common == others, "the others stay"
    assert written <= exact.share * kept.height
    assert common <= Fraction(share) * kept.height
    assert written == min(mine, allowed(kept.height - written, exact.share))
    assert common == min(general, allowed(kept.height - common, Fraction(share)))


def test_too_few_general_pairs_are_told(tmp_path: Path) -> None:
    few = [pair(f"g:{n}#q", corpus="g", **REAL) for n in range(1)]
    gone, figures = trimmed(tmp_path, [*few, *OTHERS, pair("c:x#q")], general=General(corpus="g"))
    assert gone == {}
    assert figures["general"]["message"] == "通用数据只有 1 条，占不到 1/10（要 2 条）"
    gone, figures = trimmed(
        tmp_path,
        [*(few[0] | {"pair_id": f"g:{n}#q"} for n in range(5)), *OTHERS],
        general=General(corpus="g"),
    )
    assert {len(names) for names in gone.values()} == {4}
    assert "message" not in figures["general"]


def test_the_shares_are_told_by_rows_characters_and_tokens(tmp_path: Path) -> None:
    pairs = [
        pair("c:1#q", instruction="问", output="答案"),
        pair("c:2#q", instruction="问", output="答", **LLM),
        pair("c:3#q", **TEST),
    ]
    made = tables(tmp_path, pairs)
    rows = {"real": (0, 0, None), "template": (1, 5, None), "llm": (1, 4, None)}
    assert {origin: tuple(rest) for origin, *rest in shares(made).iter_rows()} == rows  # with two line breaks
    for shard in made[0].shards:
        pl.read_parquet(shard).with_columns(pl.lit(7, pl.Int64).alias("tokens")).write_parquet(shard)
    again = Table("c", made[0].shards)
    assert shares([again])["tokens"].to_list() == [None, 7, 7]
    assert shares([])["rows"].to_list() == [0, 0, 0]


@pytest.mark.parametrize(
    ("options", "told"),
    [({"cap": 0.5}, "最多 1/3"), ({"cap": "viel"}, "比例"), ({"cap": 1}, "比例"), ({"counts": ["template"]}, "要有 llm"), ({"counts": []}, "counts")],
)  # fmt: skip
def test_a_cap_that_is_none_is_refused_with_the_recipe(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Mix(**options)


def test_a_cap_is_kept_exactly_and_does_not_decide_the_mix_before_it() -> None:
    assert Mix(cap=0.15).limit == Cap(Fraction(3, 20)) == Mix().limit
    assert Mix(cap="1/3", counts=["llm", "template"]).fingerprint() == Mix().fingerprint()
