"""Small labeling interfaces, and results as Label Studio sends them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from curate.review.interface import Interface, read_interface
from curate.review.result import Judged, read_result
from curate.review.schema import ITEM, as_json, content_of

PAIR = """<View>
  <Text name="source" value="$passage"/>
  <Text name="answer" value="$answer"/>
  <Labels name="evidence" toName="source"><Label value="依据" alias="evidence"/></Labels>
  <Choices name="decision" toName="answer" choice="single" required="true">
    <Choice value="接受" alias="accept" hotkey="a"/>
    <Choice value="修改" alias="edit" hotkey="e"/>
    <Choice value="拒绝" alias="reject" hotkey="r"/>
  </Choices>
  <View visibleWhen="choice-selected" whenTagName="decision" whenChoiceValue="拒绝">
    <Choices name="reasons" toName="answer" choice="multiple" required="true">
      <Choice value="数字错误" alias="wrong_fact" hotkey="1"/>
      <Choice value="资料里没有" alias="unsupported" hotkey="2"/>
    </Choices>
  </View>
  <View visibleWhen="choice-selected" whenTagName="decision" whenChoiceValue="edit">
    <TextArea name="edited_answer" toName="answer" value="$answer" required="true"/>
  </View>
  <Rating name="clear" toName="answer" maxRating="5"/>
  <TextArea name="note" toName="answer"/>
</View>
"""
SPANS = """<View>
  <Labels name="spans" toName="text"><Label value="人名" alias="PER"/><Label value="机构" alias="ORG"/></Labels>
  <Text name="text" value="$text"/>
</View>
"""
PAIR_DATA = {
    "question": "几家？",
    "answer": "一共 48 家。",
    "passage": "本届展会有 48 家企业参展。",
    "about": "报告",
}
SPANS_DATA = {"text": "😀𠮷张三在北京。张三回来了。", "about": "新闻"}


def page(xml: str = PAIR) -> Interface:
    return read_interface(Path("page.xml"), xml, "# 说明\n\n接受就是都对。")


def choice(name: str, *picked: Any, to: str = "answer") -> dict[str, Any]:
    return {"from_name": name, "to_name": to, "type": "choices", "value": {"choices": list(picked)}}


def text(name: str, *lines: Any, to: str = "answer") -> dict[str, Any]:
    return {"from_name": name, "to_name": to, "type": "textarea", "value": {"text": list(lines)}}


def mark(rating: Any, name: str = "clear", to: str = "answer") -> dict[str, Any]:
    return {"from_name": name, "to_name": to, "type": "rating", "value": {"rating": rating}}


def span(
    start: Any, end: Any, told: Any, *labels: Any, name: str = "spans", to: str = "text"
) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": told, "labels": list(labels)}
    return {
        "id": "x1",
        "from_name": name,
        "to_name": to,
        "type": "labels",
        "origin": "prediction",
        "value": value,
    }


def items_of(*datas: dict[str, str], marks: list[Any] | None = None) -> pl.DataFrame:
    """Items p:0, p:1, … of these data; the first is a control."""
    rows = [
        dict.fromkeys(ITEM)
        | {
            "item_id": f"p:{place}" + ("!control" if place == 0 else ""),
            "content": content_of(data),
            "data": as_json(data),
            "marks": as_json(marks) if marks else None,
            "part": "control" if place == 0 else "sample",
            "expected": as_json({"decision": ["reject"]}) if place == 0 else None,
            "place": place,
        }
        for place, data in enumerate(datas)
    ]
    return pl.DataFrame(rows, schema=ITEM)


def judged(interface: Interface, items: pl.DataFrame, annotations: pl.DataFrame) -> dict[str, Judged]:
    """Item -> what its annotation says once it is checked."""
    data = {item_id: json.loads(data) for item_id, data in items.select("item_id", "data").iter_rows()}
    return {
        row["item_id"]: read_result(interface, data[row["item_id"]], json.loads(row["result"]))
        for row in annotations.iter_rows(named=True)
    }
