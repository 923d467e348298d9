"""drop_repetitive: repetition and what is no prose; good Chinese stays."""

from __future__ import annotations

import polars as pl
import pytest
from pydantic import ValidationError

from curate.clean.drop_repetitive import DropRepetitive

PROSE = (
    "第十二届国际照明展览会昨日在广州开幕，来自二十多个国家的近两千家企业参展，预计观众超过十五万人次。主办方介绍，今年首次设立智能家居专区，"
    "面积一万平方米；同期举办论坛四十余场，议题涉及节能标准、城市景观和供应链。开幕当天签约金额达三亿元，比去年增长两成。"
)
LAW = "".join(
    f"第{number}条　当事人{what}的，应当自收到通知之日起{days}日内向有管辖权的人民法院提出。"
    for number, what, days in [
        ("一", "不服裁决", "十"),
        ("二", "申请复议", "十五"),
        ("三", "请求变更", "二十"),
        ("四", "要求解除", "三十"),
    ]
)
CASES = {
    "prose": (PROSE, None),
    "a law, whose sentences repeat each other": (LAW, None),
    "null": (None, None),
    "a short review": ("好好好好好！！！", None),
    "a short list": ("首页\n新闻\n产品\n联系\n关于", None),
    "one sentence pasted five times": (PROSE[:60] * 5, "repeated_ngrams"),
    "one line pasted over": ("上海国际展览中心，\n" + PROSE + "\n" + "请在这里登记您的信息，\n" * 9, "repeated_lines"),
    "one word": ("很不错哦" + "好评" * 20, "repeated_phrase"),
    "half of it line feeds": ("\n\n".join(PROSE.replace("，", "").replace("。", "")), "too_many_lines"),
    "a table of dots": (PROSE[:50] + "、".join("★☆◆◇●○■□▲△" * 12), "too_many_signs"),
    "figures": ("数据如下：" + " ".join(str(number * 7919 % 100003) for number in range(40)), "few_letters"),
    "a menu": ("\n".join(PROSE[start : start + 7] for start in range(0, 126, 7)).replace("，", "网").replace("。", "网"), "menu"),
}  # fmt: skip


def outcome(*texts: str | None, **options: object) -> tuple[list[str | None], pl.DataFrame]:
    rows = pl.DataFrame(
        {"row_id": [str(n) for n in range(len(texts))], "text": pl.Series(texts, dtype=pl.String)}
    )
    made = DropRepetitive(**options).apply(rows)
    told = dict(made.dropped.select("row_id", "reason").iter_rows())
    assert made.kept["row_id"].to_list() == [row for row in rows["row_id"] if row not in told]
    return [told.get(row) for row in rows["row_id"]], made.dropped


@pytest.mark.parametrize(("text", "reason"), CASES.values(), ids=CASES.keys())
def test_why_a_row_goes(text: str | None, reason: str | None) -> None:
    assert outcome(text)[0] == [reason]


def test_all_cases_together_go_as_they_go_alone() -> None:
    assert outcome(*(text for text, _ in CASES.values()))[0] == [reason for _, reason in CASES.values()]


def test_the_detail_names_the_value_and_its_limit() -> None:
    _, dropped = outcome(PROSE[:60] * 5)
    assert dropped["detail"].item() == "repeated_5 0.79 > 0.65"


def test_limits_are_options() -> None:
    assert outcome(LAW, max_repeated={5: 0.198})[0] == ["repeated_ngrams"]
    assert outcome(PROSE[:60] * 5, max_repeated={}, max_top={}, max_repeated_lines=1)[0] == [None]
    assert outcome("哈哈哈哈哈哈", min_top_chars=3)[0] == ["repeated_phrase"]


@pytest.mark.parametrize(
    "options", [{"max_repeated": {1: 0.5}}, {"max_top": {2: 0}}, {"min_chars": 0}, {"max_signs": 1.5}]
)
def test_limits_that_make_no_sense_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DropRepetitive(**options)


def test_no_rows_keep_their_columns() -> None:
    empty = DropRepetitive().apply(pl.DataFrame(schema={"row_id": pl.String, "text": pl.String}))
    assert empty.kept.columns == ["row_id", "text"]
    assert empty.dropped.columns == ["row_id", "text", "reason", "detail", "of", "similarity"]
