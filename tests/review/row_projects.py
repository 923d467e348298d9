"""Rows on disk, a small interface of each kind, and decisions, for projects over rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from curate.review.schema import DECISION, as_json
from curate.rows import Table

CHOICE = '<Choice alias="{0}" value="{1}"/>'
PAGES = {
    "labels": '<View><Text name="text" value="$text"/><Header name="h" value="$about"/><Choices name="label" toName="text" required="true">'
    + "".join(CHOICE.format(*one) for one in [("positive", "正面"), ("negative", "负面"), ("neutral", "中性")])
    + "</Choices></View>",
    "spans": '<View><Header name="h" value="$about"/><Labels name="spans" toName="text"><Label alias="ORG" value="公司"/><Label alias="PER" value="人名"/></Labels>'
    '<Text name="text" value="$text"/></View>',
    "noise": '<View><Header name="h" value="$about"/><Text name="text" value="$text"/><Choices name="noisy" toName="text" required="true">'
    '<Choice alias="yes" value="有噪声"/><Choice alias="no" value="没有"/></Choices>'
    '<Choices name="kinds" toName="text" choice="multiple"><Choice alias="advert" value="广告"/><Choice alias="garbled" value="乱码"/></Choices></View>',
    "duplicates": '<View><Header name="h" value="$about"/><Text name="l" value="$left"/><Text name="r" value="$right"/><Choices name="same" toName="l" required="true">'
    '<Choice alias="same" value="同一个"/><Choice alias="different" value="不是"/><Choice alias="unsure" value="拿不准"/></Choices></View>',
    "personal_data": '<View><Header name="h" value="$about"/><Choices name="leaked" toName="text" required="true"><Choice alias="yes" value="有"/><Choice alias="no" value="没有"/></Choices>'
    '<Labels name="found" toName="text"><Label alias="phone" value="电话"/><Label alias="name" value="姓名"/></Labels><Text name="text" value="$text"/></View>',
}  # fmt: skip


def page(folder: Path, kind: str) -> dict[str, Any]:
    """The options ``interface`` and ``guideline`` of a project of this kind."""
    (folder / f"{kind}.xml").write_text(PAGES[kind], encoding="utf-8")
    (folder / f"{kind}.md").write_text("# 说明", encoding="utf-8")
    return {"interface": str(folder / f"{kind}.xml"), "guideline": str(folder / f"{kind}.md")}


def rows(texts: Mapping[str, str | None], corpus: str = "comments", **columns: list[Any]) -> pl.DataFrame:
    """Rows behind the split, by their key; all of them train unless ``split`` says otherwise."""
    ids = [f"{corpus}:{key}" for key in texts]
    count = len(ids)
    system = {"row_id": ids, "corpus": [corpus] * count, "cluster_id": ids, "copies": [1] * count}
    routed = {"tier": ["primary"] * count, "split": columns.pop("split", ["train"] * count)}
    own = {"text": list(texts.values()), "updated_at": [None] * count}
    kinds = {"text": pl.String, "updated_at": pl.String, "split": pl.String}
    return pl.DataFrame(system | own | columns | routed, schema_overrides=kinds)


def on_disk(folder: Path, frame: pl.DataFrame, shard_rows: int = 3) -> Table:
    corpus = frame["corpus"][0]
    shards = []
    for number, part in enumerate(frame.iter_slices(shard_rows)):
        shards.append(folder / f"{corpus}{number}.parquet")
        part.write_parquet(shards[-1])
    return Table(corpus, tuple(shards))


def decisions(control: str, **values: Any) -> pl.DataFrame:
    """Decisions by item_id, the values of all controls or that of the declared one; None is a dispute that was dropped."""
    told = {
        item: one if isinstance(one, dict) or one is None else {control: one} for item, one in values.items()
    }
    lines = []
    for item, one in told.items():
        said = (one or {}).get(control, [] if one is not None else None)
        value = said if said is None or isinstance(said, str) else as_json(said)
        lines.append(
            {
                "item_id": item,
                "value": value,
                "values": as_json(one or {}),
                "by": "agreed" if one else "dropped",
            }
        )
    return pl.DataFrame(lines, schema=DECISION)


def data_of(items: pl.DataFrame) -> dict[str, dict[str, str]]:
    """item_id -> what is shown."""
    return {item: json.loads(data) for item, data in items.select("item_id", "data").iter_rows()}
