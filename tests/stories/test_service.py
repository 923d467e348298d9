"""The service desk's data becomes training data for every stage; what was planted in it meets its fate."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from curate.cli import main
from curate.query import query
from curate.run import PastRun, open_run
from tests.conftest import ROOT, copy_example

Line = dict[str, Any]
SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of a finished run of ``recipes/service.yaml``; tests read it only."""
    workspace = copy_example(tmp_path_factory.mktemp("service"))
    result = CliRunner().invoke(main, ["run", str(workspace / "recipes/service.yaml")])
    assert result.exit_code == 0, result.output
    return workspace


@pytest.fixture(scope="module")
def run(service: Path) -> PastRun:
    return open_run(service)


@pytest.fixture(scope="module")
def release(service: Path) -> Path:
    return service / "exports/service/v1"


@pytest.fixture(scope="module")
def planted() -> list[Line]:
    return _lines(ROOT / "data/service/truth.jsonl")


@pytest.fixture(scope="module")
def dropped(run: PastRun) -> pl.DataFrame:
    """All that is not trained on; rows are kept from retrieval for another reason."""
    return query(run, "SELECT row_id, phase, reason, detail, of FROM dropped WHERE phase <> 'chunk'")


@pytest.fixture(scope="module")
def provenance(release: Path) -> pl.DataFrame:
    return pl.read_parquet(release / "provenance.parquet")


def _lines(file: Path) -> list[Line]:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line]


def _data(release: Path, ending: str) -> list[Line]:
    """The rows of all splits of one format."""
    return [row for split in SPLITS for row in _lines(release / f"data/service_{split}_{ending}.jsonl")]


def _ids(line: Line) -> set[str]:
    """The row that is planted; of copies either of the two may stay."""
    return {f"{line['corpus']}:{key}" for key in (line["key"], line.get("of")) if key}


def of_kind(planted: list[Line], kind: str) -> list[Line]:
    found = [line for line in planted if line["kind"] == kind]
    assert found, f"nothing of {kind} is planted"
    return found


def test_the_sample_is_what_its_generator_makes_and_every_claim_holds() -> None:
    command = [sys.executable, str(ROOT / "data/generate_service.py"), "--check"]
    result = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"}
    )
    assert (result.returncode, result.stdout.strip()) == (0, "全部属实"), result.stderr


def test_the_check_finds_nothing_wrong_with_the_recipe(tmp_path: Path) -> None:
    workspace = copy_example(tmp_path)
    result = CliRunner().invoke(main, ["check", str(workspace / "recipes/service.yaml")])
    assert result.exit_code == 0, result.output
    assert "没有发现问题" in result.output


@pytest.mark.parametrize(
    ("kind", "reason", "phase"),
    [
        ("bad_json_line", "bad_json", "sources"),
        ("exact_dup", "exact_duplicate", "dedupe"),
        ("near_dup", "near_duplicate", "dedupe"),
        ("empty_answer", "fields_missing", "pairs"),
        ("unreadable_rating", "bad_rating", "pairs"),
        ("ends_with_user", "bad_turns", "pairs"),
        ("two_users", "bad_turns", "pairs"),
        ("unknown_role", "bad_turns", "pairs"),
        ("empty_content", "bad_turns", "pairs"),
        ("starts_with_answer", "bad_turns", "pairs"),
        ("not_json", "bad_turns", "pairs"),
        ("broken_arguments", "bad_turns", "pairs"),
        ("content_and_calls", "bad_turns", "pairs"),
        ("call_without_result", "bad_turns", "pairs"),
        ("tools_not_json", "bad_turns", "pairs"),
        ("control_token", "control_token", "fit"),
        ("stray_think", "broken_thought", "fit"),
        ("media_tag", "media_tag", "fit"),
        ("same_answers", "same_answers", "fit"),
        ("phone_in_turns", "personal_data", "fit"),
        ("email_in_turns", "personal_data", "fit"),
    ],
)
def test_what_a_model_must_not_learn_is_dropped_with_its_reason(
    kind: str, reason: str, phase: str, planted: list[Line], dropped: pl.DataFrame
) -> None:
    told = {
        row["row_id"].partition("#")[0]: (row["phase"], row["reason"])
        for row in dropped.iter_rows(named=True)
    }
    for line in of_kind(planted, kind):
        assert line["reason"] == reason
        if kind == "bad_json_line":
            assert told[f"dialogues:!dialogues.jsonl:{line['line']}"] == (phase, reason)
            continue
        fates = [told[row_id] for row_id in _ids(line) if row_id in told]
        assert fates == [(phase, reason)], line


def test_nothing_is_dropped_that_was_not_planted(planted: list[Line], dropped: pl.DataFrame) -> None:
    wanted = Counter(line["reason"] for line in planted if "reason" in line)
    assert Counter(dropped["reason"]) == wanted


@pytest.mark.parametrize("kind", ["phone_in_text", "email_in_text", "id_in_text", "json_in_json"])
def test_what_can_be_mended_is_trained_on(kind: str, planted: list[Line], provenance: pl.DataFrame) -> None:
    trained = set(provenance["parent_id"])
    assert all(_ids(line) <= trained for line in of_kind(planted, kind))


def test_nobodys_number_or_address_leaves_the_house(service: Path, planted: list[Line]) -> None:
    files = [file for file in (service / "exports").rglob("*") if file.suffix in (".jsonl", ".md", ".json")]
    exported = "".join(file.read_text("utf-8") for file in files)
    exported += "".join(
        pl.read_parquet(file).write_json() for file in (service / "exports").rglob("huggingface/*/*.parquet")
    )
    secrets = [line for line in planted if "_in_t" in line["kind"]]
    assert len(secrets) > 12
    for line in secrets:
        assert line["dirty"] not in exported, line
    masked = [line["dirty"] for line in of_kind(planted, "phone_in_text")]
    for number in masked:
        assert f"{number[:3]}****{number[-4:]}" in exported


def test_no_control_token_is_in_the_training_data(release: Path) -> None:
    for file in (release / "data").glob("*.jsonl"):
        text = file.read_text("utf-8")
        assert "<|" not in text, file.name
        assert "<｜" not in text, file.name
        assert "<image>" not in text, file.name


@pytest.mark.parametrize("stage", ["sft", "dpo", "kto", "pt"])
def test_every_stage_has_its_configuration_and_data(release: Path, stage: str) -> None:
    from ruamel.yaml import YAML

    settings = YAML(typ="safe").load((release / f"train_{stage}.yaml").read_text("utf-8"))
    known = json.loads((release / "data/dataset_info.json").read_text("ascii"))
    for key in ("dataset", "eval_dataset"):
        for name in settings[key].split(","):
            assert (release / "data" / known[name]["file_name"]).is_file()
            assert bool(known[name].get("ranking")) is (stage == "dpo")
    assert settings["stage"] == stage
    assert settings["template"] == "deepseekr1"


def test_every_kind_is_in_every_split_and_no_question_or_group_in_two(provenance: pl.DataFrame) -> None:
    found = set(provenance.select("kind", "split").unique().rows())
    assert found == {(kind, split) for kind in ("sft", "preference", "kto", "pretrain") for split in SPLITS}
    for column in ("question_md5", "cluster_id"):
        assert provenance.group_by(column).agg(pl.col("split").n_unique())["split"].max() == 1
    train = provenance.filter(split="train").height / provenance.height
    assert 0.75 < train < 0.87


def test_every_corpus_gives_pairs_of_its_kind(provenance: pl.DataFrame) -> None:
    kinds = dict(provenance.select("corpus", "kind").unique().iter_rows())
    assert kinds == {
        "answers": "sft", "reasoned": "sft", "dialogues": "sft", "tools": "sft",
        "comparisons": "preference", "ratings": "kto", "guides": "pretrain",
    }  # fmt: skip
    counted = dict(provenance.group_by("corpus").len().iter_rows())
    assert all(counted[corpus] >= 140 for corpus in ("answers", "reasoned", "comparisons", "ratings"))
    assert counted["dialogues"] >= 100
    assert counted["tools"] >= 50


def test_a_thought_stands_before_the_answer_in_r1s_form(release: Path, provenance: pl.DataFrame) -> None:
    answers = [row["messages"][-1]["content"] for row in _data(release, "sharegpt")]
    thinking = [text for text in answers if text.startswith("<think>\n")]
    assert len(thinking) >= provenance.filter(corpus="reasoned").height
    assert len(thinking) < len(answers), "some are answered without a thought"
    for text in thinking:
        thought, _, told = text.removeprefix("<think>\n").partition("\n</think>\n\n")
        assert thought.strip()
        assert told.strip()
        assert "think>" not in thought + told


def test_conversations_alternate_and_keep_their_tools(release: Path) -> None:
    talks, calling, parallel = _data(release, "chat"), 0, 0
    for row in talks:
        roles = [turn["role"] for turn in row["messages"]]
        if roles[0] == "system":
            roles.pop(0)
        assert len(roles) % 2 == 0
        assert set(roles[::2]) <= {"user", "tool"}
        assert set(roles[1::2]) <= {"assistant", "function_call"}
        calls = [json.loads(turn["content"]) for turn in row["messages"] if turn["role"] == "function_call"]
        assert bool(calls) is bool(row["tools"])
        if calls:
            calling += 1
            parallel += any(isinstance(call, list) for call in calls)
            offered = {tool.get("function", tool)["name"] for tool in json.loads(row["tools"])}
            listed = [one for call in calls for one in (call if isinstance(call, list) else [call])]
            assert {one["name"] for one in listed} <= offered
            assert all(isinstance(one["arguments"], dict) for one in listed)
    assert calling >= 50
    assert parallel >= 10
    assert sum(len(row["messages"]) > 4 for row in talks) >= 60, "of several turns"


def test_comparisons_hold_two_answers_and_ratings_both_sides(release: Path) -> None:
    for row in _data(release, "preference"):
        assert row["messages"][-1]["role"] == "user"
        assert row["chosen"]["content"].strip() != row["rejected"]["content"].strip()
    liked = [row["kto_tag"] for row in _data(release, "kto")]
    assert set(map(type, liked)) == {bool}
    assert 0.3 <= sum(liked) / len(liked) <= 0.7


def test_guides_are_pieces_of_whole_sentences_and_are_retrieved_too(service: Path, release: Path) -> None:
    texts = [row["text"] for row in _data(release, "pretrain")]
    assert all(len(text) <= 600 for text in texts)
    last = [text.split("\n")[-1] for text in texts]
    assert all(line[-1] in "。！？；" or line.startswith("## ") for line in last)
    chunks = _lines(service / "exports/service/rag/chunks.jsonl")
    assert {chunk["corpus"] for chunk in chunks} == {"guides"}


def test_every_row_is_accounted_for(run: PastRun, planted: list[Line], provenance: pl.DataFrame) -> None:
    for corpus in run.manifest["corpora"]:
        read = next(step for step in run.of(corpus) if step.rows_out is None)
        lost = sum("reason" in line for line in planted if line["corpus"] == corpus)
        pairs = provenance.filter(corpus=corpus).height
        if corpus != "guides":
            assert read.rows_in - lost == pairs, corpus
