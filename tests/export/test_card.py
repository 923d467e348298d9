"""The data set's card: its figures are those of the files, and nothing in it is a placeholder."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from ruamel.yaml import YAML

from curate.export.card import table
from curate.export.release import find_release
from tests.export.releases import KINDS, OPTIONS, make

SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """In Chinese and in English."""
    found = {}
    for language in ("zh", "en"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CURATE_LANG", language)
            folder = tmp_path_factory.mktemp(language)
            found[language] = make(folder, KINDS["everything"](), **OPTIONS["everything"])
    return found


@pytest.fixture(params=["zh", "en"])
def release(request: pytest.FixtureRequest, releases: dict[str, Path]) -> Path:
    return releases[request.param]


def card(release: Path) -> str:
    return (release / "README.md").read_text(encoding="utf-8")


def tables(text: str) -> list[list[list[str]]]:
    """The Markdown tables: rows of cells, without the line below the head."""
    blocks = re.findall(r"(?:^\|.*\|\n?)+", text, re.MULTILINE)
    cells = [[line.strip("| ").split(" | ") for line in block.strip().split("\n")] for block in blocks]
    return [[rows[0], *rows[2:]] for rows in cells]


def test_nothing_is_a_placeholder(release: Path) -> None:
    text = card(release)
    assert not re.search(r"[{}]|\bNone\b|\bnan\b|\bTrue\b|\bFalse\b|%[sd]|\[\]|TODO|  :", text)
    assert text.startswith(f"# expo {release.name}\n")
    assert text.endswith("\n")
    assert "\n\n\n" not in text


def test_the_pairs_are_counted_as_the_provenance_has_them(release: Path) -> None:
    rows = pl.read_parquet(release / "provenance.parquet")
    head, *lines = tables(card(release))[0]
    kinds = head[1:]
    # what trains; questions that are only asked are told of further down
    assert kinds[:4] == ["sft", "preference", "kto", "pretrain"]
    want = [[split, *(str(rows.filter(split=split, kind=kind).height) for kind in kinds)] for split in SPLITS]
    assert lines == want


def test_the_data_sets_are_counted_as_the_files_have_them(release: Path) -> None:
    rows = {name: int(count.replace(",", "")) for name, count in tables(card(release))[1][1:]}
    info = json.loads((release / "data/dataset_info.json").read_bytes())
    assert rows == {
        name: (release / "data" / entry["file_name"]).read_bytes().count(b"\n")
        for name, entry in info.items()
    }


def test_the_lengths_and_the_questions_are_those_of_the_release(release: Path) -> None:
    longest = pl.read_parquet(release / "provenance.parquet")["tokens"].max()
    asked = (release / "eval/tasks.jsonl").read_bytes().count(b"\n")
    talks = (release / "data/expo_test_chat.jsonl").read_bytes().count(b"\n")
    numbers = re.findall(r"\d(?:[\d,]*\d)?", card(release).split("\n## ")[3])
    assert numbers[:3] == ["512", str(longest), "0"]
    last = card(release).split("\n## ")[-1]
    assert re.findall(r"\d+", last)[:2] == [str(asked), str(talks)]


def test_it_speaks_one_language(releases: dict[str, Path]) -> None:
    chinese = re.compile(r"[一-鿿]")
    # the name of a split or of a setting is no sentence
    assert not chinese.search(card(releases["en"]))
    for heading in ("## 怎么训练", "## 有什么", "## 长度", "## 显存", "## 其他文件"):
        assert heading in card(releases["zh"])


def test_the_files_that_it_names_are_there(release: Path) -> None:
    named = set(re.findall(r"`([\w./-]+(?:\.\w+|/))`", card(release)))
    assert {"messages/", "trl/", "swift/", "openai/", "huggingface/", "eval/tasks.jsonl"} <= named
    for name in named:
        assert (release / name).exists(), name
    for name in ("requirements-train.txt", "train.sh", "SHA256SUMS", "provenance.parquet"):
        assert name in card(release)
        assert (release / name).is_file()


def front_matter(hub: Path) -> dict[str, Any]:
    _, front, body = (hub / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    assert body.startswith("\n# expo v1\n")
    found: dict[str, Any] = YAML(typ="safe").load(front)
    return found


def test_the_hub_card_leads_to_every_file(release: Path) -> None:
    hub = release / "huggingface"
    configs = front_matter(hub)["configs"]
    assert [config["config_name"] for config in configs] == ["kto", "preference", "pretrain", "sft"]
    led_to = [
        (entry["split"], file.relative_to(hub).as_posix())
        for config in configs
        for entry in config["data_files"]
        for file in hub.glob(entry["path"])
    ]
    there = sorted(file.relative_to(hub).as_posix() for file in hub.rglob("*.parquet"))
    assert sorted(file for _, file in led_to) == there
    assert all(file.partition("/")[2].startswith(f"{split}-") for split, file in led_to)


def test_a_split_that_a_kind_lacks_is_not_named(tmp_path: Path) -> None:
    release = make(tmp_path, KINDS["training"](), **OPTIONS["everything"])
    splits = {
        config["config_name"]: [entry["split"] for entry in config["data_files"]]
        for config in front_matter(release / "huggingface")["configs"]
    }
    assert splits.pop("sft") == list(SPLITS)
    assert splits == {"kto": ["train"], "preference": ["train"], "pretrain": ["train"]}


def test_what_is_not_there_is_not_spoken_of(tmp_path: Path) -> None:
    """Preferences alone: no questions to ask, no other kinds, no card of a hub."""
    release = make(tmp_path, KINDS["preferences"]())
    text = card(release)
    assert "bash train.sh evaluate" not in text
    assert "curate eval" not in text
    assert "bash train.sh merge" in text
    assert tables(text)[0][0] == ["划分", "preference"]
    assert not (release / "huggingface").exists()
    assert "不出题" not in text
    assert re.search(r"阶段：dpo（", text)


@pytest.mark.parametrize(
    ("options", "there", "absent"),
    [
        ({"model": "deepseek-r1-distill-qwen-7b"}, "模板 deepseekr1", "模板 qwen"),
        ({"model": "deepseek-r1-distill-qwen-7b"}, "R1 的聊天模板", "qwen"),
        ({"model": "qwen2.5-7b-instruct"}, "模板 qwen）", "R1"),
        ({"personal_data": ["mobile", "email"]}, "允许保留：email、mobile", "已查过，没有"),
        ({}, "已查过，没有；", "允许保留"),
        ({"gpu": {"card": "RTX 4090"}}, "RTX 4090", "None"),
        ({"cutoff": 2048}, "cutoff_len 2,048，", "cutoff_len 2048"),
    ],
)
def test_it_tells_what_was_chosen(options: dict[str, Any], there: str, absent: str, tmp_path: Path) -> None:
    # the model's name holds the word as well
    text = card(make(tmp_path, KINDS["training"](), **options)).replace("distill-qwen", "")
    assert there in text
    assert absent not in text


def test_what_was_left_out_is_told_by_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    from curate.export import card as module

    about = {
        "pairs": {"train": {"sft": 1200}}, "datasets": {"expo_train_sharegpt": 1200}, "personal_data": [],
        "cap": {"cap": "3/20", "counts": ["llm"], "rows": {"counted": 0, "others": 1200}},
        "tokens": {"dropped": {"personal_data": 12, "control_token": 3456}},
    }  # fmt: skip
    told = module._rows(about)
    assert "不能训练而没有导出的：control_token 3,456，personal_data 12（curate show fit）。" in told
    assert "| train | 1,200 |\n| validation | 0 |\n| test | 0 |" in told
    monkeypatch.setenv("CURATE_LANG", "en")
    assert "Left out: control_token 3,456, personal_data 12 (curate show fit)." in module._rows(about)


def test_a_table_writes_thousands() -> None:
    made = table(["名称", "行"], [["a", 12431], ["b", "-"], ["c", 0]])
    assert made == "| 名称 | 行 |\n| --- | --- |\n| a | 12,431 |\n| b | - |\n| c | 0 |"


def test_the_card_belongs_to_the_release(release: Path) -> None:
    """It is in the manifest with its digest, and the release is found by its key."""
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    assert {"README.md", "huggingface/README.md"} <= set(manifest["files"])
    assert find_release(release.parent, manifest["key"]) == release
