"""query: questions over whole corpora; what is told of a test row is not trained on."""

from __future__ import annotations

from hashlib import md5
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from pydantic import BaseModel

from curate.errors import CurateError
from curate.export.gates import _twice
from curate.pairs import PAIR
from curate.rows import Outcome
from curate.synthesize.query import Query
from curate.synthesize.sql_questions import SqlQuestion, load_queries, query_problems
from schemas.company import Company
from schemas.exhibition import Exhibition

RATIOS = SimpleNamespace(train=0.5, validation=0.25)
COUNT = """\
- question: count
  query: SELECT city AS key, count(*) AS n FROM c GROUP BY city
  ask: ["{{key}}有几家？", "{{key}}一共有多少家？"]
  answer: "{{key}}有{{n}}家。"
"""
LIST = """\
- question: names
  query: SELECT city AS key, list(name ORDER BY name) AS names, list(row_id ORDER BY name) AS rows FROM c GROUP BY city
  ask: "{{key}}有哪些？"
  answer: "{{key}}有{{names | list_zh}}。"
"""


def companies(splits: dict[str, str | None], **columns: list[Any]) -> pl.DataFrame:
    """A company a split, named by its number; all in one city unless told."""
    ids = list(splits)
    own = {
        "name": [f"公司{name}" for name in ids],
        "city": ["上海"] * len(ids),
        "size": list(range(len(ids))),
    } | columns
    return pl.DataFrame(
        {
            "row_id": [f"c:{name}" for name in ids], "corpus": "c", "cluster_id": [f"c:{name}" for name in ids],
            "tier": "primary", "split": list(splits.values()),
        } | own,
        schema_overrides={"split": pl.String},
    )  # fmt: skip


def loaded(folder: Path, text: str) -> list[SqlQuestion]:
    (folder / "c_query.yaml").write_text(text, encoding="utf-8")
    questions, problems = load_queries(folder, "c_query.yaml")
    assert not problems, problems
    return questions


def asked(folder: Path, text: str, *frames: pl.DataFrame, **options: Any) -> Outcome:
    """The outcome over the corpora ``c``, ``d``, ``e``; ``c`` in shards of two rows."""
    tables: dict[str, list[Path]] = {}
    for name, frame in zip("cde", frames, strict=False):
        for number, shard in enumerate(frame.iter_slices(2 if name == "c" else 1000)):
            file = folder / f"{name}{number}.parquet"
            shard.write_parquet(file)
            tables.setdefault(name, []).append(file)
    unit = Query(corpus="c", file="c_query.yaml", **options)
    outcome = unit.apply(tables, loaded(folder, text), RATIOS, folder / "scratch")
    assert outcome.kept.schema == pl.Schema(PAIR)
    return outcome


def test_a_pair_carries_where_it_comes_from(tmp_path: Path) -> None:
    rows = companies({"1": "train", "2": "train"})
    pair = asked(tmp_path, LIST, rows, system="你是顾问。").kept.row(0, named=True)
    made = {name: value for name, value in pair.pop("made").items() if value is not None}
    assert made.pop("prompt_sha256")
    assert made == {"prompt": "c_query.yaml", "parents": ["c:1", "c:2"]}
    assert {name: value for name, value in pair.items() if value is not None} == {
        "pair_id": "c:*names.上海#c_query.names", "parent_id": "c:1", "corpus": "c", "cluster_id": "c:1", "tier": "primary",
        "split": "train", "origin": "template", "kind": "sft", "task": "c_query", "question": "names", "system": "你是顾问。",
        "instruction": "上海有哪些？", "input": "", "output": "上海有公司1、公司2。", "label": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("splits", "split", "parent"),
    [
        ({"1": "train", "2": "train"}, "train", "c:1"),
        ({"1": "train", "2": "test", "3": "validation", "4": "test"}, "test", "c:2"),
        ({"1": "train", "2": "validation"}, "validation", "c:2"),
        ({"1": "validation", "2": "test"}, "test", "c:2"),
    ],
    ids=["all train", "one tested is enough", "one validates", "the test set is stricter"],
)
def test_a_pair_goes_where_the_strictest_of_its_rows_is(
    tmp_path: Path, splits: dict[str, str | None], split: str, parent: str
) -> None:
    pair = asked(tmp_path, LIST, companies(splits)).kept.row(0, named=True)
    assert (pair["split"], pair["parent_id"], pair["cluster_id"]) == (split, parent, parent)
    assert pair["made"]["parents"] == [f"c:{name}" for name in splits]


COMPARED = """\
- question: larger
  query: >
    SELECT a.row_id || '|' || b.row_id AS key, [a.row_id, b.row_id] AS rows, a.name AS one, b.name AS other,
           CASE WHEN a.size > b.size THEN a.name ELSE b.name END AS larger
    FROM c AS a JOIN c AS b ON a.row_id < b.row_id
  ask: "{{one}}和{{other}}哪个大？"
  answer: "{{larger}}更大。"
"""


def test_no_training_pair_tells_of_a_row_that_is_not_trained_on(tmp_path: Path) -> None:
    parts: list[str | None] = ["train", "train", "train", "validation", "test"]
    splits = {str(10 + number): parts[number % 5] for number in range(20)}
    rows = companies(splits, city=[f"城{number % 4}" for number in range(20)])
    pairs = asked(tmp_path, COMPARED + LIST, rows).kept
    assert set(pairs["split"]) == {"train", "validation", "test"}
    of = dict(rows.select("row_id", "split").iter_rows())
    names = dict(rows.select("name", "split").iter_rows())
    for pair in pairs.iter_rows(named=True):
        parents = {of[row] for row in pair["made"]["parents"]}
        shown = {split for name, split in names.items() if name in pair["instruction"] + pair["output"]}
        assert shown <= parents
        if pair["split"] == "train":
            assert parents == {"train"}
        if pair["split"] == "validation":
            assert "test" not in parents
    assert _twice(pairs, "cluster_id") == []


def test_a_cluster_of_several_rows_stays_in_one_split(tmp_path: Path) -> None:
    rows = companies({"1": "train", "2": "test", "3": "test"}).with_columns(
        cluster_id=pl.Series(["c:1", "c:2", "c:2"])
    )
    assert _twice(asked(tmp_path, COMPARED, rows).kept, "cluster_id") == []


def test_counts_tell_of_no_row_and_their_split_is_drawn_by_their_key(tmp_path: Path) -> None:
    rows = companies(
        {str(number): "train" for number in range(200)}, city=[f"城{number % 100}" for number in range(200)]
    )
    pairs = asked(tmp_path, COUNT, rows).kept
    assert pairs.height == 100
    drawn = dict(pairs["split"].value_counts().iter_rows())
    assert 35 <= drawn["train"] <= 65
    assert min(drawn.values()) >= 10
    assert pairs["cluster_id"].null_count() == 100
    assert pairs["parent_id"].sort().to_list()[0] == "c:*count.城0"
    # other rows, another question about the same key: the same split
    more = COUNT + COUNT.replace("question: count", "question: again").replace("有几家", "有几个")
    both = asked(tmp_path, more, rows.head(150)).kept
    assert both.group_by("instruction").first().height
    splits = dict(pairs.select("parent_id", "split").iter_rows())
    again = both.with_columns(pl.col("parent_id").str.replace("again", "count"))
    assert all(splits[parent] == split for parent, split in again.select("parent_id", "split").iter_rows())


def test_the_answers_of_held_out_pairs_have_their_facts(tmp_path: Path) -> None:
    pair = asked(tmp_path, LIST, companies({"1": "test", "2": "train"})).kept.row(0, named=True)
    assert pair["facts"] == ["公司1", "公司2"]


@pytest.mark.parametrize(
    ("columns", "text", "options", "reasons"),
    [
        ({"city": [None, "上海", "上海"]}, LIST, {}, {"fields_missing": 1}),
        ({"city": ["上海", "北京", "北京"]}, LIST.replace("GROUP BY city", "GROUP BY city, row_id"), {}, {"same_key": 1}),
        ({"city": ["上海", "北京", "天津"]}, LIST, {"max_pairs": 2}, {"over_limit": 1}),
        ({"name": ["甲" * 40, "乙", "丙"], "city": ["上海", "北京", "天津"]}, LIST, {"max_answer_chars": 30}, {"answer_too_long": 1}),
        ({}, LIST.replace("row_id ORDER", "name ORDER"), {}, {"unknown_row": 1}),
        ({}, LIST.replace("list(row_id ORDER BY name)", "['c:0', NULL]"), {}, {"unknown_row": 1}),
        ({}, LIST.replace("list(row_id ORDER BY name)", "[]::VARCHAR[]"), {}, {"unknown_row": 1}),
        ({"city": ["上海", "北京", "天津"]}, LIST.replace("city AS key", "city AS key, nullif(city, '上海') AS there").replace("。", "{{there}}。"), {}, {"fields_missing": 1}),
    ],
    ids=[
        "no key", "a key twice", "too many", "too long", "rows that are none", "half of them are none",
        "a list of nothing: who knows of whom it tells?", "an empty column of the answer",
    ],
)  # fmt: skip
def test_every_row_of_an_answer_gives_a_pair_or_says_why_not(
    tmp_path: Path, columns: dict[str, list[Any]], text: str, options: dict[str, Any], reasons: dict[str, int]
) -> None:
    rows = companies({"0": "train", "1": "train", "2": "train"}, **columns)
    outcome = asked(tmp_path, text, rows, **options)
    assert dict(outcome.dropped["reason"].value_counts().iter_rows()) == reasons
    assert set(outcome.dropped["question"]) == {"names"}
    assert set(outcome.dropped.columns) >= {"row_id", "corpus", "key", "text", "detail", "of", "similarity"}


def test_a_row_that_is_none_is_named(tmp_path: Path) -> None:
    outcome = asked(tmp_path, LIST.replace("row_id ORDER", "name ORDER"), companies({"7": "train"}))
    assert outcome.dropped["detail"].to_list() == ["公司7"]


def test_rows_that_are_only_retrieved_are_neither_counted_nor_told(tmp_path: Path) -> None:
    pairs = asked(tmp_path, COUNT + LIST, companies({"1": "train", "2": None})).kept
    assert pairs.sort("question")["output"].to_list() == ["上海有1家。", "上海有公司1。"]


def test_corpora_can_be_joined(tmp_path: Path) -> None:
    text = """\
- question: fairs
  query: SELECT c.row_id AS key, c.name AS who, [c.row_id, d.row_id] AS rows, d.name AS fair FROM c JOIN d ON d.of = c.name
  ask: "{{who}}办了什么展？"
  answer: "{{fair}}。"
"""
    fairs = companies({"9": "test"}, name=["车展"]).with_columns(row_id=pl.lit("d:9"), of=pl.lit("公司1"))
    pair = asked(tmp_path, text, companies({"1": "train", "2": "train"}), fairs).kept.row(0, named=True)
    assert (pair["output"], pair["split"], pair["corpus"], pair["parent_id"]) == (
        "车展。",
        "test",
        "c",
        "d:9",
    )


def test_the_order_and_the_shards_of_the_rows_make_no_difference(tmp_path: Path) -> None:
    rows = companies(
        {str(number): "train" for number in range(30)}, city=[f"城{number % 3}" for number in range(30)]
    )
    text = LIST.replace("GROUP BY city", "GROUP BY city, size % 2") + COUNT  # keys twice: which stays?
    once = asked(tmp_path, text, rows)
    again = asked(tmp_path, text, rows.sample(fraction=1, shuffle=True, seed=5))
    assert once.kept.equals(again.kept)
    assert once.dropped.equals(again.dropped)


def test_of_too_many_the_hash_of_their_keys_chooses(tmp_path: Path) -> None:
    cities = [f"城{number}" for number in range(50)]
    rows = companies({str(number): "train" for number in range(50)}, city=cities)
    few = set(asked(tmp_path, COUNT, rows, max_pairs=10).kept["pair_id"])
    more = set(asked(tmp_path, COUNT, rows, max_pairs=20).kept["pair_id"])
    first = sorted(cities, key=lambda city: md5(city.encode()).hexdigest())[:10]
    assert few == {f"c:*count.{city}#c_query.count" for city in first}
    assert few < more


@pytest.mark.parametrize(
    ("query", "what", "hint"),
    [
        ("SELECT city AS key, count(*) AS n FROM firms GROUP BY 1", "没有语料 firms", "c"),
        ("SELECT city AS key, count(*) AS n FROM duckdb_tables GROUP BY 1", "没有语料 duckdb_tables", "c"),
        ('SELECT split AS key, count(*) AS n FROM "every row" GROUP BY 1', "没有语料 every row", "c"),
        ("SELECT city AS key, count(*) AS n FROM '/etc/passwd' GROUP BY 1", "没有语料 /etc/passwd", "c"),
        ("SELECT citty AS key, count(*) AS n FROM c GROUP BY 1", "citty", "city"),
        ("SELECT city, count(*) AS n FROM c GROUP BY 1", "缺少 key 列", "AS key"),
        ("SELECT city AS key, count(*) AS m FROM c GROUP BY 1", "模板用到的 n", "m"),
        ("SELECT city AS key, size AS n FROM c", "没有 rows 列", "list(row_id) AS rows"),
        ("SELECT city AS key, max(size) AS n FROM c GROUP BY 1", "没有 rows 列", "list(row_id) AS rows"),
        ("SELECT city AS key, size AS n, row_id AS rows FROM c", "rows 应当是 row_id 的列表", "[row_id] AS rows"),
        ("SELECT city AS key, size AS n, [size] AS rows FROM c", "rows 应当是 row_id 的列表", "[row_id] AS rows"),
        ("SELECT city AS key, count(*) AS n, 1 AS Split FROM c GROUP BY 1", "列名 split", "AS"),
        ("SELECT city AS key, getenv('HOME') AS n, [row_id] AS rows FROM c", "getenv", "city"),
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_asked_is_told_before_it_runs(
    tmp_path: Path, query: str, what: str, hint: str
) -> None:
    text = COUNT.replace("SELECT city AS key, count(*) AS n FROM c GROUP BY city", query)
    rows = companies({"1": "train"})
    ((question, told, advice),) = query_problems(loaded(tmp_path, text), {"c": rows.drop("split", "tier")})
    assert question.templates.name == "count"
    assert what in told
    assert hint in advice
    with pytest.raises(CurateError, match=r"c_query.yaml 第 2 行的问题 count") as caught:
        asked(tmp_path, text, rows)
    assert what in caught.value.problem


def test_a_query_that_fails_on_the_data_is_told_in_the_words_of_duckdb(tmp_path: Path) -> None:
    text = COUNT.replace("count(*) AS n", "count(*) + max(name)::INT AS n, list(row_id) AS rows")
    with pytest.raises(CurateError, match=r"c_query.yaml 第 2 行的问题 count.*公司1") as caught:
        asked(tmp_path, text, companies({"1": "train"}))
    assert "row_id" in caught.value.hint


def test_an_answer_that_explodes_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curate.synthesize.query.MOST_ROWS", 1000)
    rows = companies({"1": "train"})
    text = COUNT.replace("FROM c GROUP BY city", "FROM range({}) AS r(city) GROUP BY city")
    assert asked(tmp_path, text.replace("{}", "1000"), rows).kept.height == 1000
    with pytest.raises(CurateError, match="超过 1,000 行"):
        asked(tmp_path, text.replace("{}", "1001"), rows)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("COPY c TO 'x.csv'", "SELECT"),
        ("SELECT 1; SELECT 2", "一条 SELECT"),
        ("SELECT city AS key, 1 AS n FROM c; -- 完", "分号后面"),
        ("SELECT * FROM read_text('/etc/passwd')", "read_text"),
        ("SELECT city AS key, random() AS n FROM c", "random"),
    ],
)
def test_what_is_wrong_with_a_query_is_told_with_its_line(tmp_path: Path, query: str, told: str) -> None:
    text = COUNT + LIST.replace(
        "SELECT city AS key, list(name ORDER BY name) AS names, list(row_id ORDER BY name) AS rows FROM c GROUP BY city",
        query,
    )
    (tmp_path / "q.yaml").write_text(text, encoding="utf-8")
    questions, problems = load_queries(tmp_path, "q.yaml")
    assert [question.templates.name for question in questions] == ["count"]
    assert [problem.line for problem in problems] == [6]
    assert told in problems[0].what


def test_a_question_without_a_query_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "q.yaml").write_text("- question: a\n  ask: x\n  answer: y\n", encoding="utf-8")
    assert "query: 缺少这一项" in load_queries(tmp_path, "q.yaml")[1][0].what


@pytest.mark.parametrize("end", [";", "-- 完", "-- 完\n    ;", "/* 完 */"])
def test_a_trailing_semicolon_or_remark_does_no_harm(tmp_path: Path, end: str) -> None:
    query = f"|\n    -- 每个城市\n    SELECT city AS key, count(*) AS n FROM c GROUP BY city {end}"
    text = COUNT.replace("SELECT city AS key, count(*) AS n FROM c GROUP BY city", query)
    assert asked(tmp_path, text, companies({"1": "train"})).kept["output"].to_list() == ["上海有1家。"]


RECIPES = Path(__file__).parents[2] / "recipes" / "templates"
NUMBERS = ["employees", "capital_wan", "area_sqm", "exhibitors", "visitors"]
DATES = ["founded", "start_date", "end_date"]


def sample(model: type[BaseModel]) -> pl.DataFrame:
    """No row, with the columns of a schema of the worked example."""
    kinds = {
        name: pl.Float64 if name in NUMBERS else pl.Date if name in DATES else pl.String
        for name in model.model_fields
    }
    return pl.DataFrame(schema={"row_id": pl.String, **kinds})


@pytest.mark.parametrize("file", ["company_query.yaml", "exhibition_query.yaml"])
def test_the_queries_of_the_worked_example_can_be_asked(file: str) -> None:
    questions, problems = load_queries(RECIPES, file)
    assert not problems
    frames = {"companies": sample(Company), "exhibitions": sample(Exhibition)}
    assert query_problems(questions, frames) == []
