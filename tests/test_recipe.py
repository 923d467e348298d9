"""A recipe is read whole: every mistake with its line, what is wrong, and the nearest valid name."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.errors import RecipeError
from curate.recipe import load, workspace_of

GOOD = """\
name: small
corpora:
  news:
    path: news.jsonl
    key: id
    tier: secondary
export:
  - rag
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "news.jsonl").write_text('{"id": 1, "text": "展会"}\n', encoding="utf-8")
    (tmp_path / "schema.py").write_text("class Article: ...\n", encoding="utf-8")
    (tmp_path / "pairs.yaml").write_text(
        "- question: q\n  ask: '{{ id }}？'\n  answer: '{{ text }}'\n", encoding="utf-8"
    )
    return tmp_path


def problems(folder: Path, text: str) -> list[tuple[int, str, str]]:
    """(line, what, hint) of every problem; an empty list when the recipe loads."""
    file = folder / "recipe.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        load(file)
    except RecipeError as error:
        return [(problem.line, problem.what, problem.hint) for problem in error.problems]
    return []


def test_a_good_recipe_loads_and_its_paths_start_at_the_workspace(folder: Path) -> None:
    assert problems(folder, GOOD) == []
    (folder / "recipes").mkdir()
    assert workspace_of(folder / "recipes/expo.yaml") == folder
    assert workspace_of(folder / "expo.yaml") == folder


MISTAKES = """\
name: My Data
corpora:
  companies: {path: nothing.csv, tier: primry, keyy: id}
  news:
    path: news.jsonl
    text: "{{ title }"
    schema: schema.py:Artikel
    columns: {split: x}
clean:
  - repair_txt
  - drop_short: {min_char: 3, only: [newz]}
  - mask_pii: {kinds: [mobil]}
  - drop_long: 5
dedupe:
  minhash: {threshold: 1.5}
split:
  secondary: ["id =="]
  ratios: {train: 0.9, validation: 0.2, test: 0.1}
synthesize:
  tasks:
    - template: {corpus: news, file: pair.yaml}
exprt: []
name: twice
"""

#: line, a part of what is said, a part of the hint
EXPECTED = [
    (1, "export", ""),
    (1, "My Data", "expo_2026"),
    (3, "nothing.csv", ""),
    (3, "primry", "primary"),
    (3, "keyy", "是不是 key"),
    (6, "模板写法有误", "{{ name }}"),
    (7, "Artikel", ""),
    (8, "split", ""),
    (10, "repair_txt", "是不是 repair_text"),
    (11, "min_char", "是不是 min_chars"),
    (11, "newz", "是不是 news"),
    (12, "mobil", "是不是 mobile"),
    (13, "drop_long", "max_chars"),
    (15, "threshold", ""),
    (17, "id ==", "SQL"),
    (18, "1.2", ""),
    (21, "pair.yaml", "是不是 pairs.yaml"),
    (22, "exprt", "是不是 export"),
    (23, "name", "第 1 行"),
]


def test_every_mistake_of_a_recipe_is_told_at_once_with_its_line(folder: Path) -> None:
    found = problems(folder, MISTAKES)
    for line, what, hint in EXPECTED:
        assert any(line == at and what in told and hint in said for at, told, said in found), (
            line,
            what,
            found,
        )


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("name: x\ncorpora: {a: b\n", 3, "不是合法的 YAML"),
        ("name: x\n\tcorpora: 1\n", 2, "不是合法的 YAML"),
        ("", 0, "空"),
        (GOOD + "clean: [{drop_short: {}, drop_long: {}}]\n", 9, "每一项只写一个名称"),
        (GOOD + "audit: {annotators: 2}\n", 9, "audit"),
        (GOOD.replace("rag", "llamafactory"), 1, "没有生成问答的任务"),
        (GOOD.replace("- rag", "- rag\n  - rag"), 1, "写了两次"),
        (GOOD + 'split: {both: ["(SELECT 1) = 1"]}\n', 9, "子查询"),
        (
            GOOD + "split: {both: [\"x = (SELECT max(content) FROM read_text('/etc/passwd'))\"]}\n",
            9,
            "子查询",
        ),
        (GOOD + "dedupe: {minhash: {threshold: 0.4}}\n", 9, "alike"),
        (GOOD.replace("news:", "News:"), 3, "News"),
        (GOOD.replace("news.jsonl", "schema.py") + "validate: {max_invalid: 2}\n", 9, "不能大于 1"),
    ],
)
def test_a_mistake_is_told_in_words(folder: Path, text: str, line: int, what: str) -> None:
    found = problems(folder, text)
    assert any(line == at and what in told for at, told, _ in found), found


@pytest.mark.parametrize(
    ("keep", "what", "hint"),
    [
        ("lenght", "keep 'lenght': 只能是", "是不是 length"),
        ("7", "keep 7: 只能是", "corpus"),
        ("{column: views, smalest: true}", "没有 smalest 这个选项", "是不是 smallest"),
        ("{smallest: true}", "缺少 column", "column: …"),
        ("{column: views, order: [a], smallest: true}", "order 和 smallest 只能写一个", "去掉 smallest"),
    ],
)
def test_a_mistake_in_what_to_keep_is_told_once(folder: Path, keep: str, what: str, hint: str) -> None:
    [(line, told, said)] = problems(folder, GOOD + f"dedupe:\n  keep:\n    - length\n    - {keep}\n")
    assert line == 12
    assert what in told
    assert hint in said


def test_mistakes_inside_template_files_are_told_with_their_own_lines(folder: Path) -> None:
    (folder / "pairs.yaml").write_text(
        "- question: a\n  ask: ['{{ id']\n  answer: x\n- question: B\n  ask: y\n  anser: z\n",
        encoding="utf-8",
    )
    recipe = GOOD.replace("- rag", "- llamafactory")
    found = problems(folder, recipe + "synthesize: {tasks: [{template: {corpus: news, file: pairs.yaml}}]}\n")
    assert {line for line, _, _ in found} >= {4, 6}
    assert any("anser" in what and "answer" in hint for _, what, hint in found)


def test_loading_a_recipe_runs_no_code_of_the_schema(folder: Path) -> None:
    (folder / "schema.py").write_text("open('touched', 'w')\nclass Article: ...\n", encoding="utf-8")
    assert problems(folder, GOOD.replace("key: id", "key: id\n    schema: schema.py:Article")) == []
    assert not list(Path.cwd().glob("touched"))


def test_english_is_spoken_on_request(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_LANG", "en")
    found = problems(folder, GOOD.replace("key: id", "keyy: id"))
    assert found == [(5, "there is no option keyy", found[0][2])]
    assert found[0][2].startswith("did you mean key?")
