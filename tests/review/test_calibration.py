"""calibration: what to go over with each annotator."""

from __future__ import annotations

import polars as pl

from curate.review.calibration import CALIBRATION, calibration
from curate.review.schema import as_json
from tests.review.small_pages import PAIR_DATA, SPANS, SPANS_DATA, page
from tests.review.small_votes import (
    assessed,
    assessed_spans,
    control_items,
    decides,
    items,
    marked,
    project,
    said,
)


def test_it_lists_missed_controls_gold_items_and_other_decisions() -> None:
    judged = pl.concat(
        [
            items("p1", "p2"),
            control_items("k1"),
            items("gold:1", part="gold", expected=as_json({"decision": "accept"})),
        ]
    )
    rows = [
        said("p1", "a", "accept"), said("p1", "b", "reject:unsupported"), decides("p1", "accept", "见第二段"),
        said("p2", "a", "accept"), said("p2", "b", "accept"),
        said("k1", "a", "edit:一共 49 家。"), said("k1", "b", "accept"), said("gold:1", "b", "reject"), said("gold:1", "a", "accept"),
    ]  # fmt: skip
    told = calibration(assessed(judged, *rows), judged, page())
    assert told.schema == pl.Schema(CALIBRATION)
    assert told.select("annotator", "kind", "item_id", "said", "more", "right", "by", "reason").rows() == [
        ("b@example.com", "control", "k1", "接受", None, "拒绝或修改", None, None),
        ("b@example.com", "gold", "gold:1", "拒绝", "数字错误", "接受", None, None),
        ("b@example.com", "decision", "p1", "拒绝", "资料里没有", "接受", "expert", "见第二段"),
    ]
    assert set(told["text"]) == {PAIR_DATA["question"]}


def test_spans_are_written_out() -> None:
    judged = items("t1", data=SPANS_DATA)
    rows = [marked("t1", "a", (2, 4, "PER")), marked("t1", "b")]
    expert = marked("t1", "zhuanjia", (2, 4, "PER"), (8, 10, "PER"), stage="adjudicate")
    expert["result"] = (
        expert["result"][:-1]
        + ', {"from_name": "decision_reason", "to_name": "verdicts", "type": "textarea", "value": {"text": ["两处"]}}]'
    )
    told = calibration(assessed_spans(judged, *rows, expert), judged, page(SPANS))
    assert told.select("annotator", "said", "right").rows() == [
        ("a@example.com", "张三[人名]", "张三[人名]、张三[人名]"),
        ("b@example.com", "（无）", "张三[人名]、张三[人名]"),
    ]


def test_who_said_as_was_decided_has_nothing_to_go_over() -> None:
    judged = items("p1")
    rows = [said("p1", who, "accept") for who in "ab"]
    assert calibration(assessed(judged, *rows), judged, page()).is_empty()


def test_what_was_dropped_for_a_dispute_blames_nobody() -> None:
    judged = items("p1")
    rows = [said("p1", "a", "accept"), said("p1", "b", "reject")]
    assert calibration(assessed(judged, *rows, what=project(disputes="drop")), judged, page()).is_empty()
