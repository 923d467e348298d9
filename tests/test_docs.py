"""What the documents say is true."""

from __future__ import annotations

import gzip
import importlib
import re
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from click.testing import CliRunner

from curate.cli import main
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh.md").read_text(encoding="utf-8")


def block(text: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found, f"no block of {language}"
    return found[1]


def test_the_readme_is_short_and_begins_with_its_two_commands() -> None:
    assert len(README.split()) < 600
    head = "\n".join(README.splitlines()[:20])
    assert "make demo" in head
    assert "make test" in head


@pytest.mark.parametrize("text", [README, CHINESE], ids=["en", "zh"])
def test_every_command_that_a_readme_names_is_there(text: str) -> None:
    named = set(re.findall(r"`?curate ([a-z]+)\b", text)) - {"run", "check"}
    assert named <= set(main.commands)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"make ([a-z-]+)", text):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_recipe_in_the_readme_runs(tmp_path: Path) -> None:
    for folder in ("recipes/templates", "data/news"):
        (tmp_path / folder).mkdir(parents=True)
    book = xlsxwriter.Workbook(str(tmp_path / "data/companies.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["企业编号", "公司名称", "简介"])
    for row in range(1, 30):
        sheet.write_row(row, 0, [f"C{row}", f"展会服务{row}公司", f"为第{row}届展会提供第{row * 3}号服务。"])
    book.close()
    with gzip.open(tmp_path / "data/news/1.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write('{"网址": "a", "正文": "<p>今日开幕。</p>"}\n')
    templates = "- question: intro\n  ask: '{{ name }}做什么？'\n  answer: '{{ intro }}'\n"
    (tmp_path / "recipes/templates/fair.yaml").write_text(templates, encoding="utf-8")
    recipe = tmp_path / "recipes/fair.yaml"
    recipe.write_text(block(README, "yaml"), encoding="utf-8")
    result = CliRunner().invoke(main, ["run", str(recipe)])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "exports/fair/v1/data/dataset_info.json").is_file()


def test_the_cleaner_in_contributing_works_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = block((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), "python")
    (tmp_path / "drop_shouting.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    cleaner = importlib.import_module("drop_shouting").DropShouting(max_share=0.4)
    outcome = cleaner.apply(pl.DataFrame({"row_id": ["a", "b"], "text": ["SALE SALE", "展会 A 馆"]}))
    assert outcome.kept["row_id"].to_list() == ["b"]
    assert outcome.dropped["reason"].to_list() == ["shouting"]


def test_no_file_names_a_registry_host() -> None:
    hosts = re.compile(r"https?://[\w.-]*(pypi|pythonhosted|npmjs|debian)[\w.-]*", re.IGNORECASE)
    for path in ("requirements.lock", "pyproject.toml", "Makefile", ".ci/run"):
        assert not hosts.search((ROOT / path).read_text(encoding="utf-8")), path
