"""What must hold for a release as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.export.gates import CAP, gate, retrieved_test
from curate.rows import CHUNK, Table

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
        # 15 % and not more
        [TRAIN | LLM] * 3 + [TRAIN] * 17,
        # only what trains is counted
        [TEST | LLM] * 5 + [VALIDATION | LLM] * 5 + [TRAIN],
        [TEST | LLM],
        # nor are questions that are only asked
        [TRAIN | LLM | {"kind": "unknown"}] * 5 + [TRAIN],
    ],
)
def test_nothing_stands_against_these(pairs: list[dict[str, Any]], tmp_path: Path) -> None:
    assert gate(provenance(tmp_path, *pairs)) == []


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
            "训练集里大模型写的有 4 条，占 16.0%，上限是 15%",
            "减少 origin: llm 的数据",
        ),
        ([TRAIN | LLM], "训练集里大模型写的有 1 条，占 100.0%", "增加模板和真实数据"),
    ],
)  # fmt: skip
def test_a_problem_is_told_with_an_example(
    pairs: list[dict[str, Any]], told: str, hint: str, tmp_path: Path
) -> None:
    [(what, then)] = gate(provenance(tmp_path, *pairs))
    assert told in what
    assert hint in then


def test_all_problems_are_told_at_once_and_in_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATE_LANG", "en")
    found = gate(provenance(tmp_path, TRAIN | Q | GROUP | LLM, TEST | Q | GROUP))
    assert [what.split(":")[0] for what, _ in found] == [
        "the same question stands in several splits",
        "the same group of similar rows stands in several splits",
        "a model wrote 1 of the training pairs, 100.0%; 15% are allowed",
    ]


def test_the_cap_is_the_plans() -> None:
    assert CAP == 0.15


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
