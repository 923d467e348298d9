"""The tables of review: items, annotations, votes, decisions. One row each, the same columns for every kind of project."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import md5
from typing import Any, Literal

import polars as pl

from curate.language import say

#: Why an item is there. ``sample``: what is to be judged. ``control``: a copy that was made wrong, to see who notices.
#: ``gold``: an item whose right answer is known.
Part = Literal["sample", "control", "gold"]
#: ``annotate``: the first judgement. ``adjudicate``: an expert's decision on a dispute.
Stage = Literal["annotate", "adjudicate"]

#: Something to judge. ``item_id``: of a pair its pair_id, of a row its row_id, of two rows ``left|right``. ``content``:
#: digest of ``data``, so that a verdict counts only for what was shown. ``data``: JSON, field -> text, the ``$fields`` of the
#: interface. ``marks``: JSON, a list of Label Studio regions that are shown beforehand (evidence, spans; never a verdict), or null.
#: ``expected``: JSON, control -> value of a control or gold item; it stays in the house. ``of``: the item that a control copies.
#: ``source``: the row or file that it comes from; ``prompt``: the file of the prompt or template; ``score``: of the gates, 0 to 1;
#: ``judge``: the judge's, 0 to 1. ``place``: the order in which people should see them, from 0.
ITEM: dict[str, pl.DataType | type[pl.DataType]] = {
    "item_id": pl.String,
    "content": pl.String,
    "data": pl.String,
    "marks": pl.String,
    "part": pl.String,
    "expected": pl.String,
    "of": pl.String,
    "stratum": pl.String,
    "corpus": pl.String,
    "origin": pl.String,
    "task": pl.String,
    "question": pl.String,
    "source": pl.String,
    "prompt": pl.String,
    "score": pl.Float64,
    "judge": pl.Float64,
    "place": pl.Int64,
}

#: An annotation as it was seen. ``annotation_id`` is unique over all sources: ``ls/<host>/<project>/<id>``, or ``<file>:<line>``.
#: ``result``: JSON, Label Studio's list of results. ``annotator``: e-mail or name. ``seconds``: the time that it took. ``guideline``:
#: the version of interface and guideline that it was made with. ``wrong``: null, or why its source does not vouch for it
#: (``forged``, ``deleted_user``, ``unknown_item`` …). ``updated_at``: ISO 8601, UTC.
ANNOTATION: dict[str, pl.DataType | type[pl.DataType]] = {
    "annotation_id": pl.String,
    "stage": pl.String,
    "item_id": pl.String,
    "content": pl.String,
    "round": pl.Int64,
    "annotator": pl.String,
    "result": pl.String,
    "skipped": pl.Boolean,
    "deleted": pl.Boolean,
    "seconds": pl.Float64,
    "guideline": pl.String,
    "wrong": pl.String,
    "detail": pl.String,
    "created_at": pl.String,
    "updated_at": pl.String,
}

#: An annotation after it was checked. ``values``: JSON, control -> value. ``value``: that of the declared control, as text (null where
#: it cannot be read). ``state``: ``counted``, or why it does not count (``STATES``).
VOTE: dict[str, pl.DataType | type[pl.DataType]] = {
    "annotation_id": pl.String,
    "stage": pl.String,
    "item_id": pl.String,
    "part": pl.String,
    "round": pl.Int64,
    "annotator": pl.String,
    "values": pl.String,
    "value": pl.String,
    "state": pl.String,
    "detail": pl.String,
    "seconds": pl.Float64,
    "guideline": pl.String,
    "at": pl.String,
}

#: Why an annotation is no vote. ``stale``: the item's content changed since. ``invalid``: the result does not fit the interface.
#: ``replaced``: the same person judged again. ``set_aside``: the item was put back, or the annotator excluded. ``surplus``: there
#: were enough before it. State -> its words, Chinese and English.
STATES = {
    "counted": ("计入", "counted"),
    "skipped": ("跳过", "skipped"),
    "deleted": ("已删除", "deleted"),
    "unknown_item": ("不在本次抽样", "not of this sample"),
    "stale": ("内容已变", "of changed content"),
    "forged": ("冒名", "in another's name"),
    "deleted_user": ("账号已删除", "of a deleted account"),
    "no_annotator": ("不知是谁", "of nobody"),
    "not_an_expert": ("不是专家", "not by an expert"),
    "invalid": ("不合界面", "not fitting the page"),
    "replaced": ("被同一人改过", "replaced by the same person"),
    "set_aside": ("搁置", "set aside"),
    "surplus": ("多余", "surplus"),
}

#: What was decided on an item of the sample. ``value``: of the declared control; ``values``: JSON, control -> value.
#: ``by``: ``agreed`` (all votes), ``majority``, ``expert``. ``votes``: how many counted. ``reason``: the expert's, or the
#: reasons that were ticked. ``decider``: the expert's e-mail.
DECISION: dict[str, pl.DataType | type[pl.DataType]] = {
    "item_id": pl.String,
    "content": pl.String,
    "value": pl.String,
    "values": pl.String,
    "by": pl.String,
    "votes": pl.Int64,
    "reason": pl.String,
    "decider": pl.String,
    "guideline": pl.String,
    "at": pl.String,
}


def state_name(state: str) -> str:
    """A state in the reader's language."""
    return say(*STATES.get(state, (state, state)))


def as_json(value: Any) -> str:
    """The one spelling of a value, so that equal values are equal texts."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_of(data: Mapping[str, Any]) -> str:
    """16 hexadecimal digits of what is shown."""
    return md5(as_json(dict(data)).encode(), usedforsecurity=False).hexdigest()[:16]


def opaque(project: str, item_id: str) -> str:
    """The name under which an item is known outside, which does not betray whether it is a control. 16 hexadecimal digits."""
    return md5(f"{project}\x1f{item_id}".encode(), usedforsecurity=False).hexdigest()[:16]
