"""records in the flow: what is merged, the golden row on disk, the review list."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.algorithms.template import RowTemplate
from curate.cache import Cache, Step
from curate.dedupe import Dedupe, Source
from curate.errors import CurateError
from curate.rows import Table
from tests.dedupe.conftest import table

CODE, OTHER_CODE = "91310000132211688K", "91440300708461136T"
RULES = {
    "match": {"name": "company_name", "code": "code", "phone": "phone"},
    "golden": {"intro": "longest"},
}


def companies(rows: dict[str, tuple[Any, ...]]) -> pl.DataFrame:
    columns = ("name", "code", "phone", "intro")
    values = {name: [row[place] for row in rows.values()] for place, name in enumerate(columns)}
    texts: dict[str, str | None] = {key: f"{row[0]}：{row[3]}" for key, row in rows.items()}
    return table(texts, "companies", **values)


ROWS = {
    "a": ("上海华展展览服务有限公司", None, "021-62345678", "办展二十年。"),
    "b": ("华展展览服务（上海）有限公司", CODE, "021-62345678", "成立于一九九八年，主办华东进口食品展与包装机械展，年办展十余场。"),
    "c": ("上海华展展览服务有限公司深圳分公司", OTHER_CODE, None, "负责华南业务。"),
    "d": ("广州家博会展有限公司", None, "020-88887777", "家具展。"),
}  # fmt: skip


def deduped(
    folder: Path, frame: pl.DataFrame, rules: dict[str, Any], shard_rows: int = 2, **options: Any
) -> tuple[Step, Step]:
    shards = []
    for number, part in enumerate(frame.iter_slices(shard_rows)):
        shards.append(folder / f"{number}.parquet")
        part.write_parquet(shards[-1])
    source = Source(Table("companies", tuple(shards)), "key", derived_text="{{name}}：{{intro}}")
    decided, [step] = Dedupe(records={"companies": rules}, **options).run([source], Cache(folder / "cache"))
    return decided, step


def test_one_entity_becomes_one_golden_row_whose_text_is_made_anew(tmp_path: Path) -> None:
    decided, step = deduped(tmp_path, companies(ROWS), RULES, keep=["corpus"])
    dropped = pl.concat([pl.read_parquet(file) for file in step.dropped_shards])
    assert dropped.select("row_id", "reason", "of").rows() == [("companies:b", "same_entity", "companies:a")]
    assert "phone=1.00" in dropped["detail"].item()
    kept = pl.concat(step.table.frames())
    golden = kept.filter(pl.col("row_id") == "companies:a").row(0, named=True)
    assert (golden["name"], golden["code"], golden["copies"]) == (ROWS["a"][0], CODE, 2)
    assert golden["intro"] == ROWS["b"][3]
    assert golden["text"] == f"{ROWS['a'][0]}：{ROWS['b'][3]}"
    provenance = pl.read_parquet(decided.folder / "provenance.parquet")
    assert provenance.select("row_id", "field", "from_row_id", "rule", "was").rows() == [
        ("companies:a", "code", "companies:b", "best", None),
        ("companies:a", "intro", "companies:b", "longest", "办展二十年。"),
    ]


def test_only_the_texts_of_golden_rows_are_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    render = RowTemplate.render

    def counted(self: RowTemplate, rows: pl.DataFrame) -> pl.Series:
        made.extend(rows["row_id"])
        return render(self, rows)

    monkeypatch.setattr(RowTemplate, "render", counted)
    deduped(tmp_path, companies(ROWS), RULES, shard_rows=4, keep=["corpus"])
    assert made == ["companies:a"]


def test_a_branch_with_a_code_of_its_own_is_not_merged(tmp_path: Path) -> None:
    _, step = deduped(tmp_path, companies(ROWS), RULES)
    assert "companies:c" in step.table.narrow(["row_id"])["row_id"].to_list()


def test_pairs_between_the_thresholds_wait_for_people(tmp_path: Path) -> None:
    decided, step = deduped(tmp_path, companies(ROWS), RULES | {"merge_above": 1.0, "review_above": 0.5})
    review = pl.read_parquet(decided.folder / "review.parquet")
    assert step.dropped == 0
    pairs = {frozenset(pair) for pair in review.select("left", "right").rows()}
    assert frozenset(("companies:a", "companies:b")) in pairs
    assert not any("companies:d" in pair for pair in pairs)
    assert decided.metrics["records"]["companies"]["review"] == review.height
    assert all(re.fullmatch(r"((name|code|phone)=[01]\.\d\d ?)+", why) for why in review["why"])


def test_the_result_does_not_depend_on_shards_or_order(tmp_path: Path) -> None:
    found = []
    for number, (frame, rows) in enumerate([(companies(ROWS), 1), (companies(ROWS).reverse(), 3)]):
        (tmp_path / str(number)).mkdir()
        _, step = deduped(tmp_path / str(number), frame, RULES, rows)
        found.append(pl.concat(step.table.frames()).sort("row_id").rows())
    assert found[0] == found[1]


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(CurateError, match="nane") as raised:
        deduped(tmp_path, companies(ROWS), {"match": {"nane": "company_name"}})
    assert "name" in raised.value.hint
