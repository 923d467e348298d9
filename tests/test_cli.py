"""The command line: every command explains itself, errors go to stderr with their exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import jsonschema
import pytest
from click.testing import CliRunner, Result

from curate.cli import main
from curate.yaml_lines import read_yaml
from tests.conftest import ROOT


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def undocumented(group: click.Group) -> list[str]:
    """Commands and options without help."""
    found = []
    for name, command in group.commands.items():
        if not command.help:
            found.append(name)
        if isinstance(command, click.Group):
            found += undocumented(command)
        found += [
            f"{name} {option.opts[0]}"
            for option in command.params
            if isinstance(option, click.Option) and not option.help
        ]
    return found


def test_every_command_and_option_has_help() -> None:
    assert undocumented(main) == []
    for name in main.commands:
        result = run(name, "--help")
        assert result.exit_code == 0
        assert any("\u4e00" <= mark <= "\u9fff" for mark in result.output)


def test_the_help_check_can_fail() -> None:
    group = click.Group(commands={"x": click.Command("x", params=[click.Option(["--y"])])})
    assert undocumented(group) == ["x", "x --y"]


def test_help_imports_nothing_heavy() -> None:
    heavy = [
        "polars",
        "duckdb",
        "pydantic",
        "numpy",
        "scipy",
        "rich",
        "pyarrow",
        "datasketch",
        "opencc",
        "jinja2",
    ]
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom curate.cli import main\n"
        f"CliRunner().invoke(main, ['--help'])\nprint([n for n in {heavy!r} if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_worked_example_fits_the_json_schema_and_a_mistake_does_not() -> None:
    schema = json.loads(run("catalogue", "--json-schema").output)
    recipe = read_yaml(ROOT / "recipes/expo.yaml").value
    validator = jsonschema.Draft202012Validator(schema)
    assert [error.message for error in validator.iter_errors(recipe)] == []
    recipe["clean"].append({"drop_short": {"min_char": 3}})
    recipe["clean"].append("drop_shrt")
    assert len(list(validator.iter_errors(recipe))) == 2


def test_the_catalogue_tells_the_options_inside_options() -> None:
    fields = run("catalogue", "normalize_fields").output
    assert "columns: {文字: date | amount | quantity" in fields
    assert "credit_code | division" in fields
    assert "amount  —  金额" in fields
    assert "currency: 文字" in fields
    assert "incremental: 文字" in run("catalogue", "corpus").output


@pytest.mark.parametrize("name", ["corpus", "drop_short", "minhash", "split", "template", "rag"])
def test_the_catalogue_tells_the_options_of_a_unit(name: str) -> None:
    result = run("catalogue", name)
    assert result.exit_code == 0
    assert name in result.output


def test_an_unknown_unit_is_answered_with_the_nearest() -> None:
    result = run("catalogue", "drop_shrt")
    assert result.exit_code == 2
    assert "是不是 drop_short" in result.stderr


def test_commands_on_a_workspace_without_runs_say_what_to_do(tmp_path: Path) -> None:
    for command in (["show"], ["trace", "a:b"], ["query", "select 1"]):
        result = run(*command, "-C", tmp_path)
        assert result.exit_code == 2
        assert "curate run" in result.stderr


def test_a_starter_project_is_copied_once_and_passes_its_check(tmp_path: Path) -> None:
    project = tmp_path / "mine"
    assert run("init", project).exit_code == 0
    result = run("check", project / "recipes/expo.yaml")
    assert result.exit_code == 0, result.output
    assert "没有发现问题" in result.output
    assert "schemas/company.py" in result.output  # a check announces what code a run executes
    again = run("init", project)
    assert again.exit_code == 2
    assert "已经存在" in again.stderr


def test_check_finds_what_a_run_would_fail_on(tmp_path: Path) -> None:
    (tmp_path / "news.jsonl").write_text('{"id": 1, "title": "标题", "text": "正文"}\n', encoding="utf-8")
    (tmp_path / "schema.py").write_text(
        "from pydantic import BaseModel\nclass Article(BaseModel):\n    body: str\n", encoding="utf-8"
    )
    (tmp_path / "pairs.yaml").write_text(
        "- question: q\n  ask: '{{ titel }}？'\n  answer: '{{ text }}'\n", encoding="utf-8"
    )
    (tmp_path / "recipe.yaml").write_text(
        """\
name: small
corpora:
  plain: {path: news.jsonl, key: nr}
  told:
    path: news.jsonl
    text: "{{ titl }}"
  checked:
    path: news.jsonl
    schema: schema.py:Article
  good: {path: news.jsonl, tier: both}
clean:
  - fold_width: {skip: [titel], only: [good]}
split:
  both: ["titl = 'x'"]
synthesize:
  tasks:
    - template: {corpus: good, file: pairs.yaml}
export: [llamafactory, rag]
""",
        encoding="utf-8",
    )
    result = run("check", tmp_path / "recipe.yaml", "--json")
    assert result.exit_code == 1
    found = {
        (problem["line"], problem["what"].split("（")[0]) for problem in json.loads(result.stdout)["problems"]
    }
    lines = {line for line, _ in found}
    assert {3, 6, 9, 17} <= lines
    text = (tmp_path / "recipe.yaml").read_text("utf-8")
    text = (
        text.replace("key: nr", "key: id")
        .replace("titl }}", "title }}")
        .replace("    schema: schema.py:Article\n", "")
    )
    (tmp_path / "recipe.yaml").write_text(text, "utf-8")
    result = run("check", tmp_path / "recipe.yaml")
    assert result.exit_code == 1
    assert ":11:" in result.stderr  # the column to skip
    assert ":13:" in result.stderr  # the condition's column
    assert "是不是 title" in result.stderr


def test_a_failed_gate_has_its_own_exit_code(tmp_path: Path) -> None:
    rows = "".join(f'{{"id": {number}, "text": "展会新闻{number}号"}}\n' for number in range(300))
    (tmp_path / "news.jsonl").write_text(rows, encoding="utf-8")
    (tmp_path / "schema.py").write_text(
        "from pydantic import BaseModel, Field\nclass Article(BaseModel):\n    id: int = Field(lt=250)\n",
        encoding="utf-8",
    )
    (tmp_path / "recipe.yaml").write_text(
        "name: small\ncorpora:\n  news: {path: news.jsonl, key: id, tier: secondary, schema: 'schema.py:Article'}\n"
        "validate: {max_invalid: 0.1}\nexport: [rag]\n",
        encoding="utf-8",
    )
    result = run("run", tmp_path / "recipe.yaml")
    assert result.exit_code == 4
    assert "50/300" in result.stderr
    assert not (tmp_path / "exports").exists()


MIXED = """\
name: small
corpora:
  plain: {path: news.jsonl, key: nr, identity: [titl]}
  told:
    path: news.jsonl
    text: "{{ titel }}"
    columns: {author: 作者}
  lost: {path: nws.jsonl}
  good: {path: news.jsonl, tier: both}
clean:
  - fold_widt
  - fold_width: {skip: [titel], only: [good]}
  - drop_short: {min_char: 4}
split:
  both: ["title = 'x'", "title ="]
synthesize:
  tasks:
    - template: {corpus: god, file: pairs.yaml}
    - template: {corpus: good, file: pairs.yaml}
exports: [rag]
"""


def test_mistakes_of_the_text_and_of_the_data_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "news.jsonl").write_text('{"id": 1, "title": "标题", "text": "正文"}\n', encoding="utf-8")
    (tmp_path / "pairs.yaml").write_text(
        "- question: q\n  ask: '{{ tile }}？'\n  answer: '{{ text }}'\n", encoding="utf-8"
    )
    (tmp_path / "recipe.yaml").write_text(MIXED, encoding="utf-8")
    for command in ("check", "run"):
        result = run(command, tmp_path / "recipe.yaml")
        assert result.exit_code == 1
        lines = [int(line.split(":")[1]) for line in result.stderr.splitlines() if "recipe.yaml:" in line]
        # nr and titl, titel, 作者, nws.jsonl, fold_widt, min_char, the second rule, god, tile, export and exports
        assert lines == [1, 3, 3, 6, 7, 8, 11, 13, 15, 18, 19, 20], result.stderr
    assert not (tmp_path / "runs").exists()


DEDUPED = """\
name: x
corpora:
  news: {path: news.jsonl, key: id}
dedupe:
  keep: [{column: souce, order: [官网]}, length]
  minhash: {}
  across: [[news, posts]]
  records:
    news:
      match: {titel: title}
      golden: {sorce: longest}
export: [rag]
"""


def test_check_names_the_line_of_every_column_that_dedupe_asks_for_in_vain(tmp_path: Path) -> None:
    rows = '{"id": 1, "title": "标题", "source": "官网", "text": "正文"}\n'
    (tmp_path / "news.jsonl").write_text(rows, encoding="utf-8")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(DEDUPED, encoding="utf-8")
    first = run("check", recipe)
    assert ":7:" in first.stderr and "posts" in first.stderr
    recipe.write_text(DEDUPED.replace("  across: [[news, posts]]\n", ""), encoding="utf-8")
    result = run("check", recipe)
    assert result.exit_code == 1
    for line, name in ((5, "source"), (9, "title"), (10, "source")):
        assert any(f":{line}:" in told for told in result.stderr.splitlines()), result.stderr
        assert f"是不是 {name}" in result.stderr


def test_a_run_whose_dedupe_took_too_much_stops_with_the_rows_that_explain_it(tmp_path: Path) -> None:
    rows = [
        {"id": number, "text": "本届展会在上海开幕，来自全国的观众参观了新产品展区和论坛" + f"{number:03d}"}
        for number in range(200)
    ]
    (tmp_path / "news.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    recipe = "name: x\ncorpora: {news: {path: news.jsonl, key: id}}\ndedupe: {minhash: {threshold: 0.7}}\nexport: [rag]\n"
    (tmp_path / "recipe.yaml").write_text(recipe, encoding="utf-8")
    result = run("run", tmp_path / "recipe.yaml")
    assert result.exit_code == 4, result.output
    assert "max_loss" in result.stderr
    assert result.stderr.count("本届展会在上海开幕") >= 4
    assert not (tmp_path / "exports").exists()
    shown = run("show", "dedupe", "-C", tmp_path)
    assert shown.exit_code == 0, shown.output


def test_a_reference_corpus_protects_and_goes_nowhere(tmp_path: Path) -> None:
    """Questions of an examination: what repeats them goes, and they are neither trained on nor retrieved."""
    question = "第二十三届工业博览会的主办单位是哪一家，展览面积有多少平方米？"
    news = [
        {"id": 1, "text": question},
        {"id": 2, "text": "深圳电子展昨日闭幕，到场观众十二万人次，比上届多一成。"},
    ]
    for name, rows in (("news", news), ("exam", [{"id": 9, "text": question}])):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (tmp_path / "recipe.yaml").write_text(
        "name: x\ncorpora:\n  news: {path: news.jsonl, key: id, tier: both}\n"
        "  exam: {path: exam.jsonl, key: id, tier: reference}\n"
        'dedupe: {exact: {}, minhash: {}}\nsplit: {both: ["text is not null"]}\nexport: [rag]\n',
        encoding="utf-8",
    )
    assert run("run", tmp_path / "recipe.yaml").exit_code == 0
    chunks = (tmp_path / "exports/x/rag/chunks.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["parent_id"] for line in chunks] == ["news:2"]
    told = run(
        "query", "SELECT row_id, reason, of FROM dropped ORDER BY row_id, reason", "-C", tmp_path, "--json"
    )
    assert json.loads(told.stdout) == [
        {"row_id": "exam:9", "reason": "reference_only", "of": None},
        {"row_id": "news:1", "reason": "protected", "of": "exam:9"},
    ]
