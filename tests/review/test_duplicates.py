"""duplicates: which pairs people see, and that what they say comes back to dedupe and holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.cache import Cache, Step
from curate.dedupe import TOLD, Dedupe, Source
from curate.errors import AccountingError, CurateError
from curate.review import duplicates
from curate.review.duplicates import Duplicates, asked, told
from curate.review.project import Chosen, Material
from curate.rows import Table
from tests.review.row_projects import data_of, decisions, on_disk, page, rows

NAMES = {
    "a": "深圳市科力达科技有限公司",
    "b": "深圳市科力达科技集团有限公司",
    "c": "广州家博会展有限公司",
    "d": "广州市家博会展有限公司",
    "e": "上海华展展览服务有限公司",
}
ROWS = rows(
    NAMES | {"e": None}, "companies", name=list(NAMES.values()), city=["深圳", None, "广州", "广州", "上海"]
)


def project(folder: Path, **options: Any) -> Duplicates:
    return Duplicates(**page(folder, "duplicates"), **options)


def listing(folder: Path, *pairs: tuple[str, str, float], asked: bool = False) -> None:
    """A list of dedupe: keys and scores."""
    schema = {
        "corpus": pl.String,
        "left": pl.String,
        "right": pl.String,
        "score": pl.Float64,
        "why": pl.String,
    }
    lines = [("companies", f"companies:{a}", f"companies:{b}", score, "") for a, b, score in pairs]
    frame = pl.DataFrame(lines, schema=schema, orient="row")
    frame.write_parquet(folder / ("asked.parquet" if asked else "review.parquet"))


def chosen(folder: Path, **options: Any) -> Chosen:
    material = Material((), {"companies": on_disk(folder, ROWS)}, dedupe=folder)
    return project(folder, **options).choose(material)


def keys(found: Chosen) -> list[str]:
    return [item.replace("companies:", "") for item in found.items["item_id"]]


def test_both_rows_are_shown_field_by_field_and_the_score_is_not(tmp_path: Path) -> None:
    listing(tmp_path, ("a", "b", 0.85))
    found = chosen(tmp_path)
    assert data_of(found.items) == {
        "companies:a|companies:b": {
            "left": f"name：{NAMES['a']}\ncity：深圳",
            "right": f"name：{NAMES['b']}\ncity：—",
            "about": "companies",
        }
    }
    assert found.items["score"].to_list() == [0.85]


def test_a_pair_is_the_same_whichever_row_dedupe_would_keep(tmp_path: Path) -> None:
    listing(tmp_path, ("a", "b", 0.85))
    one = chosen(tmp_path)
    listing(tmp_path, ("b", "a", 0.85))
    assert chosen(tmp_path).items.equals(one.items)


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({}, ["a|c", "c|d", "a|b"]),
        ({"first": "likely"}, ["a|b", "c|d", "a|c"]),
        ({"most": 1}, ["a|c"]),
        ({"most": 2, "first": "likely"}, ["a|b", "c|d"]),
    ],
)
def test_which_pairs_come_first(tmp_path: Path, options: dict[str, Any], shown: list[str]) -> None:
    listing(tmp_path, ("a", "b", 0.92), ("c", "d", 0.88), ("a", "c", 0.81))
    found = chosen(tmp_path, **options)
    assert keys(found) == shown
    stratum = "companies" if len(shown) == 3 else "uncertain | companies"
    assert found.plan["strata"] == [{"stratum": stratum, "rows": 3, "drawn": len(shown)}]
    assert set(found.items["stratum"]) == {stratum}


def test_a_random_choice_stands_for_all_pairs(tmp_path: Path) -> None:
    listing(tmp_path, ("a", "b", 0.92), ("c", "d", 0.88), ("a", "c", 0.81))
    found = chosen(tmp_path, first="random", most=2)
    assert found.plan == {
        "rows": 3,
        "drawn": 2,
        "strata": [{"stratum": "companies", "rows": 3, "drawn": 2}],
    }


def test_corpora_that_are_not_named_are_not_looked_at(tmp_path: Path) -> None:
    listing(tmp_path, ("a", "b", 0.92))
    assert chosen(tmp_path, corpora=["visitors"]).items.height == 0
    assert keys(chosen(tmp_path, corpora=["companies"])) == ["a|b"]


def test_pairs_that_people_were_asked_about_stay_whatever_else_is_listed(tmp_path: Path) -> None:
    listing(tmp_path, ("c", "d", 0.88), ("a", "c", 0.81))
    listing(tmp_path, ("a", "b", 0.99), ("d", "c", 0.88), asked=True)
    assert set(keys(chosen(tmp_path, most=1))) == {"a|b", "c|d"}
    assert set(keys(chosen(tmp_path, most=3))) == {"a|b", "c|d", "a|c"}


def test_columns_may_be_hidden_and_a_row_without_any_shows_its_text(tmp_path: Path) -> None:
    listing(tmp_path, ("a", "e", 0.85))
    (data,) = data_of(chosen(tmp_path, skip=["name", "city"]).items).values()
    assert (data["left"], data["right"]) == (f"text：{NAMES['a']}", "text：—")


def test_a_recipe_without_record_matching_has_no_pairs(tmp_path: Path) -> None:
    with pytest.raises(CurateError, match="records") as raised:
        project(tmp_path).choose(Material((), {}, dedupe=None))
    assert "match" in raised.value.hint


def test_rows_behind_dedupe_are_the_wrong_ones(tmp_path: Path) -> None:
    listing(tmp_path, ("a", "z", 0.85))
    with pytest.raises(AccountingError, match="companies:z"):
        chosen(tmp_path)


@pytest.mark.parametrize(
    ("item_id", "pair"),
    [
        ("companies:a|companies:b", ("companies", "companies:a", "companies:b")),
        ("companies:a|b|companies:c", ("companies", "companies:a|b", "companies:c")),
        ("companies:a|news:b", None),
        ("gold:1", None),
        ("", None),
    ],
)
def test_an_item_names_its_rows(item_id: str, pair: tuple[str, ...] | None) -> None:
    assert asked([item_id]).rows() == ([(*pair, None)] if pair else [])


def test_what_dedupe_is_told() -> None:
    said = decisions(
        "same", **{"c:1|c:2": "same", "c:2|c:3": "different", "c:3|c:4": "unsure", "c:4|c:5": None}
    )
    assert told(said).select("left", "same").rows() == [
        ("c:1", True),
        ("c:2", False),
        ("c:3", None),
        ("c:4", None),
    ]
    assert duplicates.TOLD == TOLD


def test_what_was_said_is_told_by_score(tmp_path: Path) -> None:
    items = pl.DataFrame({"item_id": ["a", "b", "c", "d"], "score": [0.81, 0.85, 0.88, None]})
    said = decisions("same", a="different", b="same", c="unsure", d="same")
    assert project(tmp_path).settle(items, said) == {
        "values": {"different": 1, "same": 2, "unsure": 1},
        "scores": [{"from": 0.8, "pairs": 1, "same": 0}, {"from": 0.85, "pairs": 2, "same": 1}],
        "unsure": ["c"],
    }


class Flow:
    """Two passes of dedupe with people between, as the pipeline makes them."""

    def __init__(self, folder: Path, frame: pl.DataFrame = ROWS, merge_above: float = 0.93) -> None:
        self.folder, self.cache = folder, Cache(folder / "cache")
        table = Table("companies", (folder / "all.parquet",))
        frame.write_parquet(table.shards[0])
        self.source = Source(table, f"{frame.hash_rows().sum()}")
        rules = {"match": {"name": "company_name"}, "merge_above": merge_above}
        self.form = Dedupe(keep=["corpus"], records={"companies": rules})

    def items(self, judged: pl.DataFrame) -> Chosen:
        known = asked(judged["item_id"])
        base = self.form.decide([self.source], self.cache, known)
        material = Material((), {"companies": self.source.table}, dedupe=base.folder)
        return project(self.folder).choose(material)

    def run(self, judged: pl.DataFrame) -> tuple[Step, dict[str, str]]:
        decided, [step] = self.form.run([self.source], self.cache, told(judged))
        gone = pl.concat(pl.read_parquet(file) for file in step.dropped_shards).select("row_id", "of")
        return decided, {row[-1]: of[-1] for row, of in gone.iter_rows()}


NOBODY = decisions("same")


@pytest.mark.parametrize(
    ("verdict", "gone", "listed"), [("same", {"b": "a"}, 0), ("different", {}, 0), ("unsure", {}, 1)]
)
def test_a_verdict_is_done_in_the_same_run_and_its_item_stays(
    tmp_path: Path, verdict: str, gone: dict[str, str], listed: int
) -> None:
    flow = Flow(tmp_path, ROWS.filter(pl.col("row_id").is_in(["companies:a", "companies:b", "companies:e"])))
    items = flow.items(NOBODY).items
    assert items["item_id"].to_list() == ["companies:a|companies:b"]
    judged = decisions("same", **{"companies:a|companies:b": verdict})
    assert flow.items(judged).items.equals(items)
    decided, found = flow.run(judged)
    assert found == gone
    assert pl.read_parquet(decided.folder / "review.parquet").height == listed


def test_a_verdict_holds_when_the_threshold_moves_below_the_score(tmp_path: Path) -> None:
    judged = decisions("same", **{"companies:a|companies:b": "different"})
    moved = Flow(tmp_path, merge_above=0.8)
    assert "b" in moved.run(NOBODY)[1]
    assert "b" not in moved.run(judged)[1]
    assert "companies:a|companies:b" in moved.items(judged).items["item_id"].to_list()
