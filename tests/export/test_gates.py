"""What must hold for a release as a whole."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.algorithms.cap import Cap, allowed
from curate.errors import GateFailed
from curate.export.check_release import check_release
from curate.export.gates import counted, gate, lost_or_added, retrieved_test
from curate.export.release import MANIFEST
from curate.rows import CHUNK, Table
from tests.export.releases import in_training, make, reseal, single

COLUMNS = dict.fromkeys(
    ("pair_id", "parent_id", "cluster_id", "tier", "split", "kind", "origin", "question_md5"), pl.String
)


def provenance(folder: Path, *changed: dict[str, Any]) -> Path:
    """Pairs that are alike in nothing, but for the changes."""
    rows = [
        {
            "pair_id": f"c:{number}#a.b", "parent_id": f"c:{number}", "cluster_id": f"c:{number}", "tier": "primary",
            "split": "train", "kind": "sft", "origin": "template", "question_md5": f"md5-{number}",
        } | change
        for number, change in enumerate(changed)
    ]  # fmt: skip
    pl.DataFrame(rows, schema=COLUMNS).write_parquet(folder / "provenance.parquet")
    return folder / "provenance.parquet"


TRAIN, TEST, VALIDATION = ({"split": split} for split in ("train", "test", "validation"))
Q, GROUP, LLM = {"question_md5": "q"}, {"cluster_id": "g"}, {"origin": "llm"}


@pytest.mark.parametrize(
    "pairs",
    [
        [TRAIN, VALIDATION, TEST],
        [],
        # twice in one split is no matter
        [TRAIN | Q, TRAIN | Q, TEST],
        [TRAIN | GROUP, TRAIN | GROUP, TEST],
        # nobody's group
        [TRAIN | {"cluster_id": None}, TEST | {"cluster_id": None}],
        # 3 of 20 are 15 % and not more
        [TRAIN | LLM] * 3 + [TRAIN] * 17,
        # only what trains is counted
        [TEST | LLM] * 5 + [VALIDATION | LLM] * 5 + [TRAIN],
        [TEST | LLM],
        # nor are questions that are only asked
        [TRAIN | LLM | {"kind": "unknown"}] * 5 + [TRAIN],
    ],
)
def test_nothing_stands_against_these(pairs: list[dict[str, Any]], tmp_path: Path) -> None:
    assert gate(provenance(tmp_path, *pairs), Cap()) == []


@pytest.mark.parametrize(
    ("pairs", "told", "hint"),
    [
        (
            [TRAIN | Q, TRAIN, TEST | Q],
            "同一个问题出现在不止一个划分里：1 处，例如 c:0#a.b（test, train）",
            "重新运行 curate run",
        ),
        ([VALIDATION | Q, TEST | Q], "例如 c:0#a.b（test, validation）", "评测会偏高"),
        (
            [TRAIN | GROUP, VALIDATION | GROUP, TEST | GROUP, TRAIN | {"cluster_id": "h"}, TEST | {"cluster_id": "h"}],
            "同一组相似的行出现在不止一个划分里：2 处，例如 c:0#a.b",
            "重新运行 curate run",
        ),
        (
            [TRAIN | LLM] * 4 + [TRAIN] * 21 + [TEST] * 20,
            "训练集里大模型写的有 4 条，占 16.0%；上限是 0.15，其他的有 21 条，只容得下 3 条",
            "减少来源为 llm 的数据",
        ),
        ([TRAIN | LLM], "训练集里大模型写的有 1 条，占 100.0%", "或增加其他数据"),
    ],
)  # fmt: skip
def test_a_problem_is_told_with_an_example(
    pairs: list[dict[str, Any]], told: str, hint: str, tmp_path: Path
) -> None:
    [(what, then)] = gate(provenance(tmp_path, *pairs), Cap())
    assert told in what
    assert hint in then


def test_all_problems_are_told_at_once_and_in_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATE_LANG", "en")
    found = gate(provenance(tmp_path, TRAIN | Q | GROUP | LLM, TEST | Q | GROUP), Cap())
    assert [what.split(":")[0] for what, _ in found] == [
        "the same question stands in several splits",
        "the same group of similar rows stands in several splits",
        "a model wrote 1 of the training pairs, 100.0%; at a cap of 0.15 the 0 others leave room for 0",
    ]


REPEATED = {"pair_id": "c:0#a.b~2"}


@pytest.mark.parametrize(
    ("pairs", "cap", "over"),
    [
        ([TRAIN] * 2 + [TRAIN | LLM], Cap(Fraction(1, 3)), False),
        ([TRAIN] * 2 + [TRAIN | LLM], Cap(Fraction(3333, 10_000)), True),
        ([TRAIN] * 20, Cap(Fraction(1, 3), ("llm", "template")), True),
        ([TRAIN | {"origin": "real"}] * 2 + [TRAIN], Cap(Fraction(1, 3), ("llm", "template")), False),
        ([TRAIN | LLM, TRAIN], Cap(Fraction(0)), True),
        ([TRAIN], Cap(Fraction(0)), False),
        # a pair that stands twice makes no more room than once
        ([TRAIN, TRAIN | REPEATED, TRAIN | LLM], Cap(Fraction(1, 3)), True),
    ],
)
def test_the_cap_is_the_recipes_and_exact(
    pairs: list[dict[str, Any]], cap: Cap, over: bool, tmp_path: Path
) -> None:
    assert bool(gate(provenance(tmp_path, *pairs), cap)) is over


@pytest.mark.parametrize("others", [17, 34, 100, 1_001])
def test_what_is_allowed_passes_and_one_more_does_not(others: int, tmp_path: Path) -> None:
    most = allowed(others, Cap().share)
    pairs = [TRAIN] * others + [TRAIN | LLM] * most
    assert gate(provenance(tmp_path, *pairs), Cap()) == []
    assert counted(tmp_path / "provenance.parquet", Cap()) == {"counted": most, "others": others}
    assert gate(provenance(tmp_path, *pairs, TRAIN | LLM), Cap()) != []


@pytest.mark.parametrize(
    ("told", "exact"),
    [
        (0.15, Cap()),
        ({"cap": "1/3", "counts": ["llm"]}, Cap(Fraction(1, 3))),
        (
            {"cap": "0.05", "counts": ["llm", "template"], "trimmed": 7},
            Cap(Fraction(1, 20), ("llm", "template")),
        ),
    ],
    ids=["a number, as older releases have it", "exact", "with figures"],
)
def test_a_manifest_tells_its_cap(told: Any, exact: Cap) -> None:
    assert Cap.of(told) == exact


@pytest.mark.parametrize(
    "told", [0.9, {"cap": "0.5", "counts": ["llm"]}, {"cap": "0.1", "counts": ["template"]}, {"cap": "0.1"}, {}, None, True, "x"]
)  # fmt: skip
def test_a_cap_above_a_third_or_one_that_does_not_count_a_model_is_none(told: Any) -> None:
    with pytest.raises(ValueError, match=r"more than 1/3|not counted|no share"):
        Cap.of(told)


def written_by_a_model(rows: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    trained = [place for place, row in enumerate(rows) if row["split"] == "train"][:number]
    return [row | ({"origin": "llm"} if place in trained else {}) for place, row in enumerate(rows)]


ROWS = in_training(single(40))[:40]
#: the most of forty pairs that a model may have written
MOST = 6


@pytest.fixture(scope="module")
def at_the_cap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of which a model wrote as much as it may."""
    return make(
        tmp_path_factory.mktemp("cap"), written_by_a_model(ROWS, MOST), formats=["alpaca", "sharegpt"]
    )


def test_an_export_over_the_cap_is_impossible(at_the_cap: Path) -> None:
    told = json.loads((at_the_cap / MANIFEST).read_text(encoding="utf-8"))["cap"]
    assert told == {"cap": "3/20", "counts": ["llm"], "rows": {"counted": MOST, "others": 40 - MOST}}
    assert check_release(at_the_cap) == []
    with pytest.raises(GateFailed, match=r"上限是 0\.15"):
        make(at_the_cap.parents[2], written_by_a_model(ROWS, MOST + 1))
    assert [path.name for path in at_the_cap.parent.glob("v*")] == ["v1"], "nothing of it is left"


def test_who_hides_what_a_model_wrote_is_found_by_the_manifest(at_the_cap: Path, tmp_path: Path) -> None:
    forged = Path(shutil.copytree(at_the_cap, tmp_path / "v1"))
    told = pl.read_parquet(forged / "provenance.parquet")
    told.with_columns(pl.lit("template").alias("origin")).write_parquet(forged / "provenance.parquet")
    reseal(forged)
    [found] = check_release(forged)
    assert "manifest.json 的 cap 说的是" in found.what


def test_the_files_must_hold_what_the_provenance_tells(at_the_cap: Path, tmp_path: Path) -> None:
    assert lost_or_added(at_the_cap, "expo") == []
    forged = Path(shutil.copytree(at_the_cap, tmp_path / "v1"))
    file = forged / "data/expo_train_alpaca.jsonl"
    file.write_bytes(file.read_bytes() * 2)
    [(what, _)] = lost_or_added(forged, "expo")
    assert what == "expo_train_alpaca 有 80 行，provenance.parquet 里有 40 条"


def chunks(folder: Path, name: str, *parents: str) -> Table:
    rows = [{"chunk_id": f"{parent}#0", "parent_id": parent} for parent in parents]
    pl.DataFrame(rows, schema=CHUNK).write_parquet(folder / f"{name}.parquet")
    return Table(name, (folder / f"{name}.parquet",))


BOTH = {"tier": "both"}


@pytest.mark.parametrize(
    ("tables", "leaked"),
    [
        ([], 0),
        ([[]], 0),
        ([["c:0", "c:2", "x:9"]], 0),
        ([["c:1"]], 1),
        ([["c:1", "c:1", "c:1"]], 1),
        ([["c:0", "c:1"], ["c:1", "c:3"]], 2),
        # of the tier "both": meant to be retrieved and asked
        ([["c:2"]], 0),
    ],
)
def test_test_rows_in_the_retrieval_set_are_counted(
    tables: list[list[str]], leaked: int, tmp_path: Path
) -> None:
    file = provenance(tmp_path, TRAIN, TEST, TEST | BOTH, TEST, TEST | {"parent_id": "c:1"}, TRAIN | BOTH)
    made = [chunks(tmp_path, f"t{number}", *parents) for number, parents in enumerate(tables)]
    assert retrieved_test(file, made) == leaked
