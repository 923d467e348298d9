"""Attack: a schema file outside the workspace: its code is not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.validate.schema import load_model
from tests.small_workspace import RECIPE, make, run

EVIL = """
from pathlib import Path
from pydantic import BaseModel
Path(__file__).with_name("ran").touch()
class Company(BaseModel):
    id: str
"""


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CURATE_DATA_ROOTS")
    (tmp_path / "evil.py").write_text(EVIL, encoding="utf-8")
    (tmp_path / "own/schemas").mkdir(parents=True)
    return make(tmp_path / "own")


def told(recipe: Path, reference: str) -> str:
    recipe.write_text(
        RECIPE.replace("identity: [id],", f"identity: [id], schema: {reference},"), encoding="utf-8"
    )
    outcome = run("check", recipe)
    assert outcome.exit_code == 1
    assert not (recipe.parent.parent / "ran").exists()
    return outcome.stderr


def test_by_its_path(alone: Path) -> None:
    assert "recipe.yaml:3: ../evil.py 在工作区之外" in told(alone, "../evil.py:Company")
    assert "在工作区之外" in told(alone, f"{alone.parent.parent}/evil.py:Company")


def test_by_a_link(alone: Path) -> None:
    (alone.parent / "schemas/company.py").symlink_to(alone.parent.parent / "evil.py")
    assert "在工作区之外" in told(alone, "schemas/company.py:Company")


def test_by_a_folder_that_is_a_link(alone: Path) -> None:
    (alone.parent / "linked").symlink_to(alone.parent.parent)
    assert "在工作区之外" in told(alone, "linked/evil.py:Company")


@pytest.mark.parametrize(
    ("link", "wanted"),
    [
        ("other.py", "from .other import Company as Other"),
        ("other.py", "from . import other\nOther = other.Company"),
        ("package/__init__.py", "from .package import Company as Other"),
        ("package/other.py", "from .package.other import Company as Other"),
        ("package/other.py", "from .package import other\nOther = other.Company"),
    ],
)
def test_by_a_neighbour_that_is_a_link(alone: Path, link: str, wanted: str) -> None:
    place = alone.parent / "schemas" / link
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(alone.parent.parent / "evil.py")
    (alone.parent / "schemas/company.py").write_text(
        f"{wanted}\nclass Company(Other):\n    pass\n", encoding="utf-8"
    )
    assert "在工作区之外，不会运行它的代码" in told(alone, "schemas/company.py:Company")


def test_by_a_neighbour_in_a_folder_that_is_a_link(alone: Path) -> None:
    (alone.parent.parent / "__init__.py").write_text("from .evil import Company\n", encoding="utf-8")
    (alone.parent / "schemas/package").symlink_to(alone.parent.parent)
    (alone.parent / "schemas/company.py").write_text(
        "from .package import Company as Other\nclass Company(Other):\n    pass\n", encoding="utf-8"
    )
    assert "在工作区之外，不会运行它的代码" in told(alone, "schemas/company.py:Company")


def test_by_an_import_from_the_folder_above(alone: Path) -> None:
    (alone.parent / "company.py").write_text(
        "from ..evil import Company as Other\nclass Company(Other):\n    pass\n", encoding="utf-8"
    )
    assert "在工作区之外，不会运行它的代码" in told(alone, "company.py:Company")


def test_a_package_beside_it_is_its_own_and_an_edit_is_seen(tmp_path: Path) -> None:
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds/__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "company.py").write_text(
        "from pydantic import BaseModel\nfrom .kinds.text import Name\nclass Company(BaseModel):\n    id: Name\n",
        encoding="utf-8",
    )
    for kind in (str, int):
        (tmp_path / "kinds/text.py").write_text(f"Name = {kind.__name__}\n", encoding="utf-8")
        model = load_model(tmp_path, "company.py:Company")
        assert model.model_fields["id"].annotation is kind
