"""Attack: YAML that fills memory or makes objects."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.errors import CurateError
from curate.policy import load_policy
from curate.yaml_lines import MOST_BYTES, read_yaml
from tests.small_workspace import RECIPE, run

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LAUGHS, "锚点展开得太多"),
        ("a: " + "[" * 5000, "嵌套太深"),
        ("{a: " * 5000, "嵌套太深"),
        ("a: " + "x" * MOST_BYTES, "大于 5 MB"),
        ("name: x\nclean: !!python/object/apply:os.system [id]", "不认识的标记"),
        ("name: x\nclean: !!python/object:os.path {a: 1}", "不认识的标记"),
        ("name: x\nclean: !include /etc/passwd", "不认识的标记"),
        ("a: &a [*a]", "锚点引用了自己"),
    ],
    ids=["billion laughs", "deep lists", "deep mappings", "large", "call", "object", "include", "itself"],
)
def test_it_is_refused_in_words_and_at_once(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_text(text, encoding="utf-8")
    document = read_yaml(file)
    assert any(told in problem.what for problem in document.problems), document.problems
    assert run("check", file).exit_code == 1
    assert told in run("run", file).stderr


def test_a_file_of_many_values_is_given_up_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("curate.yaml_lines.MOST_NODES", 200)
    file = tmp_path / "recipe.yaml"
    file.write_text("a:\n" + "- x\n" * 300 + "] this is no YAML, but nobody comes so far", encoding="utf-8")
    (problem,) = read_yaml(file).problems
    assert (problem.line, problem.what) == (199, "内容太多，或锚点展开得太多（多于 200 个值），没有读")


def test_depth_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_text("\n".join(" " * n + "a:" for n in range(100)), encoding="utf-8")
    (problem,) = read_yaml(file).problems
    assert (problem.line, problem.what) == (61, "嵌套太深（多于 60 层），没有读")


def test_a_tag_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_text(RECIPE.replace("export: [", "export: !!python/tuple ["), encoding="utf-8")
    assert "recipe.yaml:13: 不认识的标记" in run("check", file).stderr


def test_the_policy_is_read_by_the_same_rules(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("roles: !!python/object:builtins.dict {}\n", encoding="utf-8")
    with pytest.raises(CurateError, match="不认识的标记"):
        load_policy(tmp_path)
