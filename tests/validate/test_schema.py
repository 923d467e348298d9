"""schema files: loaded with their neighbours, told apart by what they depend on."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.errors import CurateError
from curate.validate import load_model, schema_fingerprint

SCHEMA = """
from pydantic import BaseModel
from .fields import Text
from . import units

class Company(BaseModel):
    name: Text
    area: units.Area
"""


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "company.py").write_text(SCHEMA, encoding="utf-8")
    (folder / "fields.py").write_text("from .deep import Text\n", encoding="utf-8")
    (folder / "deep.py").write_text("Text = str\n", encoding="utf-8")
    (folder / "units.py").write_text("Area = int\n", encoding="utf-8")
    (folder / "other.py").write_text("x = 1\n", encoding="utf-8")
    return folder


@pytest.mark.usefixtures("schemas")
def test_a_schema_may_import_its_neighbours(tmp_path: Path) -> None:
    model = load_model(tmp_path, "schemas/company.py:Company")
    assert model.model_validate({"name": "甲", "area": "3"}).model_dump() == {"name": "甲", "area": 3}
    assert load_model(tmp_path, "schemas/company.py:Company") is model, "unchanged, it runs once"


@pytest.mark.parametrize("name", ["company", "fields", "deep", "units"])
def test_the_digest_changes_with_every_file_that_it_imports(tmp_path: Path, schemas: Path, name: str) -> None:
    before = schema_fingerprint(tmp_path, "schemas/company.py:Company")
    file = schemas / f"{name}.py"
    file.write_text(file.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    assert schema_fingerprint(tmp_path, "schemas/company.py:Company") != before


def test_the_digest_does_not_change_with_a_file_that_it_does_not_import(
    tmp_path: Path, schemas: Path
) -> None:
    before = schema_fingerprint(tmp_path, "schemas/company.py:Company")
    (schemas / "other.py").write_text("x = 2\n", encoding="utf-8")
    assert schema_fingerprint(tmp_path, "schemas/company.py:Company") == before


def test_a_changed_neighbour_is_seen_in_the_same_process(tmp_path: Path, schemas: Path) -> None:
    load_model(tmp_path, "schemas/company.py:Company")
    (schemas / "deep.py").write_text("Text = int\n", encoding="utf-8")
    model = load_model(tmp_path, "schemas/company.py:Company")
    assert model.model_fields["name"].annotation is int


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        (
            "company",
            "raise RuntimeError('没有这个文件')",
            "数据规范 schemas/company.py 运行出错：RuntimeError: 没有这个文件",
        ),
        ("company", "import nowhere_at_all", "数据规范 schemas/company.py 运行出错：ModuleNotFoundError"),
        ("company", "class Company(:", "company.py 不是合法的 Python"),
        ("fields", "Text = (", "fields.py 不是合法的 Python"),
        ("company", "class Company: pass", "schemas/company.py:Company 不是 pydantic 模型"),
        ("company", "Company = 3", "schemas/company.py:Company 不是 pydantic 模型"),
        ("company", "", "schemas/company.py:Company 不是 pydantic 模型"),
    ],
)
def test_a_schema_that_does_not_run_is_told(
    tmp_path: Path, schemas: Path, file: str, content: str, told: str
) -> None:
    (schemas / f"{file}.py").write_text(content, encoding="utf-8")
    with pytest.raises(CurateError, match=told) as error:
        load_model(tmp_path, "schemas/company.py:Company")
    assert error.value.hint
