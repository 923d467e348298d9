"""row_id: the declared key, else a hash of the row; it depends on the rows and on nothing else."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.cache import Cache
from curate.errors import CurateError
from curate.files import sha256_of
from curate.rows import RESERVED, Table
from curate.sources import Corpus, identify
from tests.sources.conftest import Read

Record = dict[str, str | None]


def identified(folder: Path, shards: list[list[Record]], key: list[str]) -> pl.DataFrame:
    """The rows with their ids, from shards written as they are."""
    paths = []
    names = dict.fromkeys(name for shard in shards for record in shard for name in record)
    for number, shard in enumerate(shards):
        paths.append(folder / f"{number}.parquet")
        columns = {name: [record.get(name) for record in shard] for name in names}
        pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String)).write_parquet(paths[-1])
    corpus = Corpus(path="x", key=key)
    step = identify(corpus, "c", Table("c", tuple(paths)), Cache(folder / "runs"), sha256_of([shards, key]))
    return pl.concat(step.table.frames())


#: few values, so that keys repeat, are empty, and look like what the ids are made of
CELLS = st.sampled_from([None, "", "a", "b", "a|b", "~", "a~", "1.2"])
RECORDS = st.lists(st.fixed_dictionaries({"id": CELLS, "text": CELLS, "ID": CELLS}), min_size=1, max_size=8)


@settings(max_examples=10)
@given(
    records=RECORDS, cut=st.integers(0, 8), key=st.sampled_from([[], ["id"], ["id", "text"]]), data=st.data()
)
def test_ids_are_unique_and_survive_any_order_and_any_shards(
    records: list[Record], cut: int, key: list[str], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(records))
    found = []
    for shards in ([records], [shuffled[:cut], shuffled[cut:]]):
        with TemporaryDirectory() as folder:
            rows = identified(Path(folder), shards, key)
        assert rows["row_id"].is_unique().all()
        found.append(Counter(rows.select("row_id", "id", "text", "ID").rows()))
    assert found[0] == found[1]


def test_a_row_keeps_its_id_when_files_and_lines_change_places(see: Read, tmp_path: Path) -> None:
    lines = [
        json.dumps({"k": None if n % 3 else f"K{n}", "text": f"第{n}条"}, ensure_ascii=False)
        for n in range(30)
    ]
    parts = {"one": (lines[:12], lines[12:]), "two": (lines[:11:-1], lines[11::-1])}
    ids = []
    for name, (first, second) in parts.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jsonl").write_text("\n".join(first), encoding="utf-8")
        (tmp_path / name / "b.jsonl").write_text("\n".join(second), encoding="utf-8")
        rows = see("*.jsonl", key="k", folder=tmp_path / name).rows
        ids.append(dict(rows.select("text", "row_id").iter_rows()))
    assert ids[0] == ids[1]
    assert len(ids[0]) == 30


def test_many_shards_give_the_same_rows_and_ids_as_one(see: Read, tmp_path: Path) -> None:
    rows = [f"K{n % 40},第{n}条" for n in range(95)]
    (tmp_path / "a.csv").write_text("\n".join(["k,text", *rows[:50]]), encoding="utf-8")
    (tmp_path / "b.csv").write_text("\n".join(["k,text", *rows[50:]]), encoding="utf-8")
    one, many = see("*.csv", key="k"), see("*.csv", key="k", shard_rows=10)
    assert len(one.step.table.shards) == 1
    assert [len(frame) for frame in many.step.table.frames()] == [10] * 9 + [5]
    assert one.rows.equals(many.rows)


@pytest.mark.parametrize(
    ("table", "key", "ids"),
    [
        ("k,text\nA,甲\nB,乙\n", ["k"], [r"c:A", r"c:B"]),
        ("k,text\n,甲\nB,乙\n", ["k"], [r"c:~[0-9a-f]{16}", r"c:B"]),
        ("k,text\n甲,上\n甲,下\n", ["k"], [r"c:甲(~[0-9a-f]{8})?", r"c:甲(~[0-9a-f]{8})?"]),
        ("k,text\nA,甲\nA,甲\n", ["k"], [r"c:A", r"c:A~[0-9a-f]{8}\.2"]),
        ("k,text\nA,甲\nA,甲\n", [], [r"c:~[0-9a-f]{16}", r"c:~[0-9a-f]{16}~[0-9a-f]{8}\.2"]),
        ("k,j,text\nA,1,甲\nA,2,甲\nA,,甲\n", ["k", "j"], [r"c:A\|1", r"c:A\|2", r"c:~[0-9a-f]{16}"]),
    ],
    ids=["the key", "an empty key", "one key twice", "equal rows", "equal rows, no key", "a key of two"],
)
def test_the_form_of_an_id(see: Read, tmp_path: Path, table: str, key: list[str], ids: list[str]) -> None:
    (tmp_path / "a.csv").write_text(table, encoding="utf-8")
    found = see("a.csv", key=key).rows
    for row_id, pattern in zip(found["row_id"], ids, strict=True):
        assert pl.Series([row_id]).str.contains(f"^{pattern}$").all(), (row_id, pattern)
    assert found["row_id"].n_unique() == found.height
    assert found["cluster_id"].to_list() == found["row_id"].to_list()
    assert set(found["copies"]) == {1}


def test_a_key_that_very_many_rows_share_still_gives_unique_ids(tmp_path: Path) -> None:
    # eight hex digits of a hash meet again among 200,000 rows about five times
    records: list[Record] = [{"k": "同", "text": str(n)} for n in range(200_000)]
    ids = identified(tmp_path, [records], ["k"])["row_id"]
    assert ids.n_unique() == 200_000
    assert ids.str.ends_with(".2").any()


def test_a_column_that_a_refresh_adds_empty_changes_no_hash(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,n\n甲,1\n", encoding="utf-8")
    before = see("a.csv").ids
    (tmp_path / "a.csv").write_text("extra,n,text\n,1,甲\n", encoding="utf-8")
    assert see("a.csv").ids == before


def test_columns_may_have_any_name_but_curates_own(see: Read, tmp_path: Path) -> None:
    # names that the program uses inside: place, hash, key, number, shard
    (tmp_path / "a.csv").write_text(
        "place,hash,key,number,shard,ID,id,text\n1,2,3,4,5,6,7,甲\n", encoding="utf-8"
    )
    assert see("a.csv", key=["place", "id"]).ids == ["c:1|7"]


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_a_reserved_column_is_refused_with_the_way_out(see: Read, tmp_path: Path, name: str) -> None:
    (tmp_path / "a.csv").write_text(f"{name},text\n1,甲\n", encoding="utf-8")
    with pytest.raises(CurateError, match=f"列 {name} 与系统列同名") as error:
        see("a.csv")
    assert f"columns: {{{name}_: {name}}}" in error.value.hint
    assert see("a.csv", columns={f"{name}_": name}).rows[f"{name}_"].to_list() == ["1"]


@pytest.mark.parametrize(
    ("options", "told", "hint", "option"),
    [
        ({"key": "compny_id"}, "没有列 compny_id", "是不是 company_id？", "key"),
        ({"identity": "nmae"}, "没有列 nmae", "是不是 name？", "identity"),
        ({"text": "{{name}}，{{citty}}"}, "没有列 citty", "是不是 city？", "text"),
        ({"text": "nam"}, "没有列 nam", "是不是 name？", "text"),
        ({"columns": {"城市": "citi"}}, r"没有列 citi", "是不是 city？", "columns"),
        ({"text": "text"}, "没有列 text", "可用的名称：city、company_id、name", "text"),
    ],
)
def test_a_column_that_is_not_there_is_told_with_the_nearest(
    see: Read, tmp_path: Path, options: dict[str, object], told: str, hint: str, option: str
) -> None:
    (tmp_path / "a.csv").write_text("company_id,name,city\n1,甲,上海\n", encoding="utf-8")
    with pytest.raises(CurateError, match=told) as error:
        see("a.csv", **{"text": "name"} | options)
    assert hint in error.value.hint
    assert error.value.option[0] == option


def test_a_record_keeps_its_id_when_a_newer_version_comes(tmp_path: Path) -> None:
    old: Record = {"id": "1", "updated_at": "2026-01-01", "text": "旧"}
    new: Record = {"id": "1", "updated_at": "2026-03-01", "text": "新"}
    undated: Record = {"id": "1", "updated_at": None, "text": "何时"}
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    alone = identified(tmp_path / "a", [[old]], ["id"])
    both = identified(tmp_path / "b", [[undated, old], [new]], ["id"])
    assert alone["row_id"].to_list() == ["c:1"]
    (plain,) = both.filter(pl.col("row_id") == "c:1").to_dicts()
    assert plain["text"] == "新"
