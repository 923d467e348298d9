"""A release: made once, never changed, the next number when anything is different."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from curate.cli import main
from curate.errors import CurateError
from curate.export.release import find_release, need_unchanged, read_manifest, versions
from curate.files import sha256_of_file
from curate.run import open_run

RECIPE = """\
name: small
corpora:
  companies: {path: companies.csv, key: id, identity: [id], text: "{{name}}。{{intro}}"}
  talks: {path: talks.jsonl, key: id, text: "{{question}}{{answer}}"}
synthesize:
  tasks:
    - template: {corpus: companies, file: pairs.yaml}
    - existing: {corpus: talks, instruction: question, output: answer, origin: real}
export:
  - llamafactory: {formats: [sharegpt]}
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def make(folder: Path) -> Path:
    """A workspace of two corpora; returns its recipe."""
    companies = [f"{n},服务{n}公司,为第{n * 7}届展会提供搭建、物流和第{n}号翻译服务。" for n in range(40)]
    (folder / "companies.csv").write_text("id,name,intro\n" + "\n".join(companies) + "\n", encoding="utf-8")
    talks = [{"id": n, "question": f"第{n}届几点开门？", "answer": f"{n % 12 + 1}点。"} for n in range(20)]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in talks)
    (folder / "talks.jsonl").write_text(lines, encoding="utf-8")
    pairs = "- question: intro\n  ask: '{{ name }}做什么？'\n  answer: '{{ intro }}'\n"
    (folder / "pairs.yaml").write_text(pairs, encoding="utf-8")
    (folder / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    return folder / "recipe.yaml"


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    return make(tmp_path)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    assert run("run", make(folder)).exit_code == 0
    return folder


@pytest.fixture
def ran(finished: Path, tmp_path: Path) -> Path:
    """The recipe of a workspace of its own that has made its first release."""
    return shutil.copytree(finished, tmp_path / "ran") / "recipe.yaml"


def released(recipe: Path) -> list[str]:
    return [path.name for path in versions(recipe.parent / "exports/small").values()]


def change(recipe: Path, old: str, new: str) -> None:
    recipe.write_text(recipe.read_text("utf-8").replace(old, new), encoding="utf-8")


def test_the_same_data_and_settings_stay_one_version(ran: Path) -> None:
    before = (ran.parent / "exports/small/v1/manifest.json").stat().st_mtime_ns
    again = run("run", ran)
    assert "没有重做任何一步" in again.output
    assert released(ran) == ["v1"]
    assert (ran.parent / "exports/small/v1/manifest.json").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("formats: [sharegpt]", "formats: [sharegpt, alpaca]"),
        ("formats: [sharegpt]", "formats: [sharegpt], model: qwen3-8b"),
        ("formats: [sharegpt]", "formats: [sharegpt], train: {learning_rate: 0.00005}"),
        ("formats: [sharegpt]", "formats: [sharegpt], cutoff: 256"),
        ("origin: real}", "origin: real, name: talk}"),
    ],
)
def test_another_setting_is_another_version_and_the_old_one_stays(ran: Path, old: str, new: str) -> None:
    digest = sha256_of_file(ran.parent / "exports/small/v1/manifest.json")
    change(ran, old, new)
    result = run("run", ran)
    assert result.exit_code == 0, result.output
    assert released(ran) == ["v1", "v2"]
    assert sha256_of_file(ran.parent / "exports/small/v1/manifest.json") == digest
    need_unchanged(ran.parent / "exports/small/v1")


def test_going_back_finds_the_old_version(ran: Path) -> None:
    change(ran, "formats: [sharegpt]", "formats: [alpaca]")
    run("run", ran)
    change(ran, "formats: [alpaca]", "formats: [sharegpt]")
    result = run("run", ran)
    assert released(ran) == ["v1", "v2"]
    assert "exports/small/v1" in result.output.split("已导出")[1]


def test_new_rows_of_the_retrieval_set_make_no_release(recipe: Path) -> None:
    (recipe.parent / "news.jsonl").write_text('{"id": 1, "text": "今日开幕。"}\n', encoding="utf-8")
    change(recipe, "synthesize:", "  news: {path: news.jsonl, key: id, tier: secondary}\nsynthesize:")
    change(recipe, "  - llamafactory", "  - rag\n  - llamafactory")
    run("run", recipe)
    (recipe.parent / "news.jsonl").write_text('{"id": 2, "text": "明日闭幕。"}\n', encoding="utf-8")
    assert run("run", recipe).exit_code == 0
    assert released(recipe) == ["v1"]
    assert "明日闭幕" in (recipe.parent / "exports/small/rag/chunks.jsonl").read_text("utf-8")


def test_the_same_release_is_the_same_to_the_byte(recipe: Path, tmp_path: Path) -> None:
    run("run", recipe, "--shard-rows", "7")
    other = tmp_path / "other"
    other.mkdir()
    for name in ("companies.csv", "talks.jsonl", "pairs.yaml", "recipe.yaml"):
        shutil.copy(recipe.parent / name, other / name)
    run("run", other / "recipe.yaml")
    one, two = (folder / "exports/small/v1" for folder in (recipe.parent, other))
    names = sorted(str(path.relative_to(one)) for path in one.rglob("*") if path.is_file())
    assert len(names) > 15
    data = [name for name in names if name.startswith(("data/", "eval/", "train_", "README"))]
    for name in data:
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


@pytest.mark.parametrize("file", ["data/small_train_sharegpt.jsonl", "train_sft.yaml", "eval/tasks.jsonl"])
@pytest.mark.parametrize("how", ["changed", "removed"])
def test_a_changed_release_is_never_passed_on_as_whole(ran: Path, file: str, how: str) -> None:
    damaged = ran.parent / "exports/small/v1" / file
    if how == "changed":
        damaged.write_text(damaged.read_text("utf-8") + " \n", encoding="utf-8")
    else:
        damaged.unlink()
    result = run("run", ran)
    assert result.exit_code == 1
    assert damaged.name in result.output
    assert "发布版本不能改" in result.output


def test_a_release_that_was_deleted_is_made_again(ran: Path) -> None:
    release = ran.parent / "exports/small/v1"
    key = read_manifest(release)["key"]
    shutil.rmtree(release)
    assert find_release(release.parent, key) is None
    assert run("run", ran).exit_code == 0
    assert find_release(release.parent, key) == release
    need_unchanged(release)


def test_what_a_killed_run_left_is_not_released(recipe: Path) -> None:
    left = recipe.parent / "exports/small/.making/data"
    left.mkdir(parents=True)
    (left / "half.jsonl").write_text("{", encoding="utf-8")
    assert run("run", recipe).exit_code == 0
    assert not left.exists()
    assert "data/half.jsonl" not in read_manifest(recipe.parent / "exports/small/v1")["files"]


def test_too_many_answers_of_a_model_are_left_out(recipe: Path) -> None:
    change(recipe, "origin: real", "origin: llm")
    assert run("run", recipe).exit_code == 0
    past = open_run(recipe.parent)
    cap, told = past.manifest["cap"], read_manifest(recipe.parent / "exports/small/v1")["cap"]
    reasons = Counter[str]()
    for step in past.steps:
        if step.phase == "cap":
            reasons.update(step.reasons)
    assert reasons == {"over_cap": cap["trimmed"]}
    assert cap["trimmed"] == cap["there_were"] - cap["allowed"] > 0
    assert told["rows"] == {"counted": cap["allowed"], "others": cap["others"]}
    assert told["cap"] == "3/20"


def test_a_folder_that_is_no_release_says_so(tmp_path: Path) -> None:
    with pytest.raises(CurateError, match=r"没有 manifest\.json"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(CurateError, match="读不出来"):
        read_manifest(tmp_path)


def test_a_pair_that_is_left_out_is_traced_to_its_row(recipe: Path) -> None:
    talks = recipe.parent / "talks.jsonl"
    bad = {"id": 99, "question": "怎么停？", "answer": "写 <|im_end|> 就停。"}
    talks.write_text(talks.read_text("utf-8") + json.dumps(bad, ensure_ascii=False) + "\n", encoding="utf-8")
    assert run("run", recipe).exit_code == 0
    told = run("trace", "talks:99", "-C", recipe.parent).output
    assert "control_token" in told
    assert "<|im_end|>" in told
    shown = run("show", "fit", "-C", recipe.parent).output
    assert "含有模型的控制符 control_token: 1" in shown
    card = (recipe.parent / "exports/small/v1/README.md").read_text("utf-8")
    assert "control_token 1" in card
