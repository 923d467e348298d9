"""``curate schema``: drafts of the sample corpora, the files that it writes, and what it refuses."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from curate.algorithms.placeholders import PLACEHOLDERS
from curate.cli_schema import schema
from curate.errors import CurateError, UsageError
from curate.recipe import load
from curate.schema_work import Tried, draft_of, keys_of, open_corpus, open_source

ROOT = Path(__file__).resolve().parents[2]
EXPO = ROOT / "recipes/expo.yaml"

#: corpus -> (fields that a draft must find, fields with values that are set aside)
SAMPLES = {
    "companies": (
        ['company_id: str = Field(description="企业编号", pattern=r"^C[0-9]{5}$")', "credit_code: CreditCode",
         "founded: ChineseDate", 'capital_wan: Annotated[int, In("万元")]', '"智能制造",  # ', "phone: Phone | None",
         'website: str | None = Field(default=None, description="官网", pattern=r"^https?://")'],
        {"credit_code", "founded"},
    ),
    "visitors": (["email: Email | None", "id_number: IdNumber | None", 'age: Annotated[int, In("岁")] | None'], {"age", "updated_at"}),
    "products": (['company_id: Annotated[str, References("companies")]', "tags: list[str]", '"箱",  # '], {"launched", "price_yuan"}),
    "exhibitions": (['organizer_id: Annotated[str, References("companies")]', 'area_sqm: Annotated[int, In("平方米")]'], set()),
    "forums": (['exhibition_id: Annotated[str, References("exhibitions")] | None', "start: ChineseDateTime"], set()),
    "reports": (["title: Text"], set()),
    "news": (["updated_at: ChineseDateTime", '"产业灯塔",  # '], {"updated_at"}),
    "posts": (['"技术讨论",  # '], {"updated_at"}),
    "comments": (["stars: int"], set()),
}  # fmt: skip


@cache
def keys() -> dict[str, pl.Series]:
    return keys_of(load(EXPO), ["companies", "exhibitions"])


@cache
def tried(name: str) -> Tried:
    others = {corpus: values for corpus, values in keys().items() if corpus != name}
    return draft_of(open_corpus(load(EXPO), name, None, others), 0.01)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_draft_of_a_sample_corpus_loads_and_accepts_all_but_what_it_tells_of(name: str) -> None:
    wanted, aside = SAMPLES[name]
    for line in wanted:
        assert line in tried(name).text
    rejected, fields = tried(name).judged
    assert set(fields) == aside
    assert fields == tried(name).draft.misfits
    assert rejected <= sum(fields.values())


def test_no_visitor_is_in_the_draft_of_visitors() -> None:
    text = tried("visitors").text
    for rows in tried("visitors").opened.shards():
        for column in ("name", "phone", "email", "id_number"):
            assert not [
                value for value in set(rows[column].drop_nulls()) - set(PLACEHOLDERS) if value in text
            ]


def test_a_file_is_drafted_under_its_own_column_names() -> None:
    done = CliRunner().invoke(schema, ["infer", "data/companies.xlsx", "-C", str(ROOT)])
    assert done.exit_code == 0
    assert "class Companies(Row):" in done.stdout
    assert 'Field(description="注册资本"' in done.stdout
    assert "草稿接受其中 591 行" in done.stderr


def test_english_speaks_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_LANG", "en")
    done = CliRunner().invoke(
        schema, ["infer", "data/comments/*.jsonl", "-C", str(ROOT), "--name", "Comment"]
    )
    assert "class Comment(Row):" in done.stdout
    assert "in all 889 rows" in done.stdout
    assert "4 lines were not read: bad_json" in done.stderr


def made(folder: Path, rows: list[dict[str, object]]) -> Path:
    file = folder / "things.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file


def test_a_schema_that_is_there_is_not_overwritten_without_force(tmp_path: Path) -> None:
    made(tmp_path, [{"a": 1}])
    target = tmp_path / "schemas/thing.py"
    target.parent.mkdir()
    target.write_text("# mine\n", encoding="utf-8")
    arguments = ["infer", "things.jsonl", "-C", str(tmp_path), "--write", str(target)]
    refused = CliRunner().invoke(schema, arguments)
    assert isinstance(refused.exception, UsageError)
    assert "已经有了，没有动它" in str(refused.exception)
    assert "--force" in str(refused.exception)
    assert target.read_text(encoding="utf-8") == "# mine\n"
    assert CliRunner().invoke(schema, [*arguments, "--force"]).exit_code == 0
    assert "class Things(Row):" in target.read_text(encoding="utf-8")


def test_a_draft_is_not_written_through_a_link(tmp_path: Path) -> None:
    made(tmp_path, [{"a": 1}])
    victim, target = tmp_path / "victim.txt", tmp_path / "thing.py"
    victim.write_text("mine", encoding="utf-8")
    target.symlink_to(victim)
    refused = CliRunner().invoke(
        schema, ["infer", "things.jsonl", "-C", str(tmp_path), "--write", str(target)]
    )
    assert "已经有了" in str(refused.exception)
    CliRunner().invoke(
        schema, ["infer", "things.jsonl", "-C", str(tmp_path), "--write", str(target), "--force"]
    )
    assert victim.read_text(encoding="utf-8") == "mine"


REFUSED = {
    "a file that is not there": (["nothing.csv"], "找不到数据文件 nothing.csv"),
    "a name that is no class's": (["things.jsonl", "--name", "os.system"], "os.system 不能作类名"),
    "a target that is no Python": (["things.jsonl", "--write", "x.txt"], "x.txt 不是 .py 文件"),
    "a file without rows": (["empty.jsonl"], "empty.jsonl 里没有一行数据"),
}


@pytest.mark.parametrize(("arguments", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_drafted_is_said(arguments: list[str], told: str, tmp_path: Path) -> None:
    made(tmp_path, [{"a": 1}])
    (tmp_path / "empty.jsonl").write_text("", encoding="utf-8")
    done = CliRunner().invoke(schema, ["infer", *arguments, "-C", str(tmp_path)])
    assert isinstance(done.exception, CurateError)
    assert told in str(done.exception)


def test_a_corpus_that_the_recipe_lacks_has_a_nearest_name() -> None:
    done = CliRunner().invoke(schema, ["infer", "company", "--recipe", str(EXPO)])
    assert "配方里没有语料 company" in str(done.exception)
    assert "companies" in str(done.exception)


def test_rows_of_other_columns_and_types_are_drafted_together(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1, 2], "b": ["x", "y"]}).write_parquet(tmp_path / "1.parquet")
    pl.DataFrame({"a": ["3"], "c": [True]}).write_parquet(tmp_path / "2.parquet")
    told = draft_of(open_source(tmp_path, "*.parquet", None, "Thing", {}), 0.01)
    assert "a: int = " in told.text
    assert "c: bool | None" in told.text
    assert told.judged == (0, {})


def test_how_a_recipe_reads_its_corpus_is_the_recipes_word() -> None:
    done = CliRunner().invoke(schema, ["infer", "companies", "--recipe", str(EXPO), "--sheet", "2"])
    assert "--sheet 不能与 --recipe 同用" in str(done.exception)


def test_a_corpus_of_a_recipe_looks_for_references_in_the_others() -> None:
    done = CliRunner().invoke(schema, ["infer", "forums", "--recipe", str(EXPO), "--name", "Forum"])
    assert done.exit_code == 0
    assert 'exhibition_id: Annotated[str, References("exhibitions")]' in done.stdout
