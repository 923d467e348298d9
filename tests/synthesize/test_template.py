"""template: pairs from rows; a hole in the data gives no question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from curate.files import sha256_of_file
from curate.pairs import PAIR
from curate.synthesize import Synthesize
from curate.synthesize.question_files import load_questions
from curate.synthesize.questions import Compiled
from curate.synthesize.template import Template

COMPANY = """\
- question: location
  ask: ["{{name}}在哪里？", "请问{{name}}位于何处？", "{{name}}的地址是？"]
  answer: ["{{name}}位于{{city}}{% if street %}{{street}}{% endif %}。", "在{{city}}。"]
- question: business
  ask: 介绍一下{{name}}。
  answer: "{{business}}"
  input: "{{note}}"
"""


def questions(folder: Path, text: str = COMPANY) -> list[Compiled]:
    (folder / "company.yaml").write_text(text, encoding="utf-8")
    compiled, problems = load_questions(folder, "company.yaml")
    assert not problems
    return compiled


def table(count: int = 1, **columns: list[Any]) -> pl.DataFrame:
    ids = [f"c:{number}" for number in range(count)]
    own = {
        "name": [f"公司{number}" for number in range(count)],
        "city": ["上海"] * count,
        "street": [None] * count,
        "business": ["做展览"] * count,
        "note": ["材料"] * count,
        "tier": ["primary"] * count,
        "split": ["train"] * count,
    } | columns
    return pl.DataFrame(
        {"row_id": ids, "corpus": "c", "cluster_id": ids} | own,
        schema_overrides=dict.fromkeys(own, pl.String),
    )


def unit(**options: Any) -> Template:
    return Template(corpus="c", file="company.yaml", **options)


def test_a_pair_carries_where_it_comes_from(tmp_path: Path) -> None:
    outcome = unit(system="你是展会顾问。").apply(table(), questions(tmp_path))
    assert outcome.kept.schema == pl.Schema(PAIR)
    pair = outcome.kept.filter(question="business").row(0, named=True)
    made = {name: value for name, value in pair.pop("made").items() if value is not None}
    assert made == {"prompt": "company.yaml", "prompt_sha256": sha256_of_file(tmp_path / "company.yaml")}
    assert {name: value for name, value in pair.items() if value is not None} == {
        "pair_id": "c:0#company.business",
        "parent_id": "c:0",
        "corpus": "c",
        "cluster_id": "c:0",
        "tier": "primary",
        "split": "train",
        "origin": "template",
        "kind": "sft",
        "task": "company",
        "question": "business",
        "system": "你是展会顾问。",
        "instruction": "介绍一下公司0。",
        "input": "材料",
        "output": "做展览",
        "label": "",
    }


def test_every_phrasing_is_used_and_a_row_keeps_its_own(tmp_path: Path) -> None:
    rows, asked = table(300), questions(tmp_path)
    made = unit().apply(rows, asked).kept.filter(question="location")
    forms = made.select(
        ask=pl.struct("instruction", "parent_id").map_elements(
            lambda pair: pair["instruction"].replace(f"公司{pair['parent_id'][2:]}", "某"),
            return_dtype=pl.String,
        ),
        answer=pl.col("output").str.contains("公司"),
    )
    assert forms["ask"].n_unique() == 3
    assert forms.n_unique() == 6, "the phrasings of question and answer are chosen apart"
    assert min(forms["ask"].value_counts()["count"]) > 60
    # neither the other rows nor their order change what a row is asked
    again = unit().apply(rows.sample(fraction=0.5, shuffle=True, seed=2), asked).kept
    both = made.filter(kind="sft").join(again, on="pair_id")
    assert both.height == 150
    assert both["instruction"].equals(both["instruction_right"])
    assert both["output"].equals(both["output_right"])


def test_rows_shards_and_empty_frames_give_the_same(tmp_path: Path) -> None:
    rows, asked = table(20), questions(tmp_path)
    whole = unit().apply(rows, asked).kept.sort("pair_id")
    parts = pl.concat(unit().apply(part, asked).kept for part in rows.iter_slices(3)).sort("pair_id")
    assert whole.equals(parts)
    nothing = unit().apply(rows.clear(), asked)
    assert nothing.kept.schema == pl.Schema(PAIR)
    assert nothing.dropped.is_empty()


@pytest.mark.parametrize(
    ("columns", "asked", "reason"),
    [
        ({}, {"location", "business"}, None),
        ({"city": [None]}, {"business"}, None),
        ({"street": ["南京路"]}, {"location", "business"}, None),
        ({"business": [None]}, {"location"}, None),
        ({"note": [None]}, {"location"}, None),
        ({"name": [None]}, set(), "fields_missing"),
        ({"split": [None]}, set(), "retrieval_only"),
        ({"business": ["长" * 31], "city": [None]}, set(), "answer_too_long"),
        ({"business": ["长" * 30], "city": [None]}, {"business"}, None),
        ({"business": ["长" * 31]}, {"location"}, None),
        ({"business": ["  "], "city": [None]}, set(), "fields_missing"),
    ],
    ids=[
        *("all there", "no city", "a name in an if is not needed", "no answer", "no material"),
        *(
            "nothing to ask about",
            "not trained",
            "too long",
            "just fits",
            "one of two too long",
            "an empty answer",
        ),
    ],
)
def test_a_question_with_a_hole_is_not_asked(
    tmp_path: Path, columns: dict[str, list[Any]], asked: set[str], reason: str | None
) -> None:
    outcome = unit(max_answer_chars=30).apply(table(1, **columns), questions(tmp_path))
    assert set(outcome.kept["question"]) == asked
    assert outcome.dropped["reason"].to_list() == ([reason] if reason else [])


def test_every_row_gave_pairs_or_says_why_not(tmp_path: Path) -> None:
    rows = table(
        6,
        name=["甲", None, "丙", "丁", None, "己"],
        split=["train", "test", None, "validation", None, "test"],
    )
    outcome = unit().apply(rows, questions(tmp_path))
    assert set(outcome.kept["parent_id"]) | set(outcome.dropped["row_id"]) == set(rows["row_id"])
    assert not set(outcome.kept["parent_id"]) & set(outcome.dropped["row_id"])
    assert dict(outcome.kept.select("parent_id", "split").iter_rows()) == {
        "c:0": "train",
        "c:3": "validation",
        "c:5": "test",
    }


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("- question: a\n  ask: [x\n  answer: y\n", 3, "不是合法的 YAML"),
        ("- question: a\n  ask: x\n  anwser: y\n  answer: z\n", 3, "anwser: 没有这个选项"),
        ("- question: a\n  ask: x\n", 1, "answer: 缺少这一项"),
        ("- question: 地址\n  ask: x\n  answer: y\n", 1, "question: 不符合格式"),
        ("- question: a\n  ask: []\n  answer: y\n", 2, "ask: 至少要 1 项"),
        ("- question: a\n  ask: x\n  answer:\n  - y\n  - '{{ name'\n", 5, "模板写法有误"),
        ("- question: a\n  ask: '{% if x %}'\n  answer: y\n", 2, "模板写法有误"),
        ("- question: a\n  ask: x\n  answer: '{{ x | no_such_filter }}'\n", 3, "模板写法有误"),
        (
            "- question: a\n  ask: x\n  answer: y\n- question: a\n  ask: x\n  answer: z\n",
            4,
            "问题 a 写了两次",
        ),
        ("- question: a\n  ask: x\n  ask: y\n  answer: z\n", 3, "ask 在这里写了两次"),
        ("question: a\nask: x\nanswer: y\n", 1, "应当是列表"),
        ("", 1, "应当是列表"),
    ],
    ids=[
        *("YAML", "unknown key", "missing key", "a name that is none", "no phrasing", "Jinja", "an open if"),
        *("unknown filter", "doubled question", "doubled key", "no list", "empty file"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, told: str
) -> None:
    (tmp_path / "company.yaml").write_text(text, encoding="utf-8")
    problems = load_questions(tmp_path, "company.yaml")[1]
    assert [problem.line for problem in problems] == [line]
    assert told in problems[0].what


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    text = "- question: a\n  ask: '{{ x'\n  answer: '{{ y'\n- question: b\n  ask: ok\n  answer: '{% for %}'\n"
    (tmp_path / "company.yaml").write_text(text, encoding="utf-8")
    assert [problem.line for problem in load_questions(tmp_path, "company.yaml")[1]] == [2, 3, 6]


def test_an_unknown_key_has_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "company.yaml").write_text(
        "- question: a\n  ask: x\n  anwser: y\n  answer: z\n", encoding="utf-8"
    )
    assert "是不是 answer？" in load_questions(tmp_path, "company.yaml")[1][0].hint


def test_two_tasks_of_one_name_for_one_corpus_are_refused() -> None:
    twice = [{"template": {"corpus": "c", "file": file}} for file in ("a/company.yaml", "b/company.yaml")]
    with pytest.raises(ValidationError, match="c: company"):
        Synthesize.model_validate({"tasks": twice})
    twice[1]["template"]["corpus"] = "d"
    assert len(Synthesize.model_validate({"tasks": twice}).tasks) == 2


def test_two_files_may_ask_a_row_a_question_of_one_name(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text(
        "- {question: location, ask: '{{name}}？', answer: '{{city}}'}\n", encoding="utf-8"
    )
    more, _ = load_questions(tmp_path, "more.yaml")
    pairs = unit().apply(table(), [*questions(tmp_path), *more]).kept
    assert pairs["pair_id"].is_unique().all()
