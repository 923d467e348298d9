"""An answer whose claims are not all in its source is refused, with the reason."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.grounding import cases, measured
from curate.algorithms.grounding import grounded

SOURCE = (
    "第18届砾石新能源博览会（北京）于2026年3月5日至7日在望潮国际会展中心3号馆举行，吸引1200家企业参展，预计专业观众128100人次，同比增长21%，"
    "净利率提高3个百分点。单层展台限高4.5米，双层展台限高6米，施工押金每平方米80元，不足5000元的按5000元收取。不得在馆内动火，"
    "加班每小时300元，申请通过率不足90%。董事长顾明远表示，合同编号JC-HT-2026-0086，详见https://www.expo.example.com/rules，电话010-66183902。"
)
GROUNDED = {
    "Chinese numerals": "吸引一千二百家企业参展。", "in 万": "预计专业观众12.81万人次。", "个 for 家": "共有1200个企业参展。",
    "hedged": "吸引超过1,200家企业参展。", "rounded from below": "预计专业观众超12.8万人次。", "rounded": "预计专业观众约13万人次。",
    "an interval": "吸引上千家企业参展。", "unit converted": "单层展台限高450厘米。", "yuan": "施工押金不足0.5万元的按5,000元收取。",
    "a date with less": "博览会3月5日开幕。", "a date with the month of its range": "2026年3月7日闭幕。", "a URL bare": "详见expo.example.com/rules/。",
    "a code without hyphens": "合同编号JCHT20260086。", "a telephone number closed up": "电话01066183902。", "an ordinal": "第十八届砾石新能源博览会举行。",
    "a short form": "砾石博览会吸引1200家企业参展。", "an article": "博览会吸引了一批企业参展。", "a list": "1. 吸引1200家企业；2. 增长21%。",
}  # fmt: skip
REFUSED = {
    "吸引1300家企业参展。": ("claim_not_in_source", "1300 家"),
    "吸引1200人参展。": ("claim_not_in_source", "1200 人"),
    "吸引1200万家企业参展。": ("claim_not_in_source", "12000000 家"),
    "专业观众同比增长21个百分点。": ("claim_not_in_source", "21 个百分点"),
    "净利率提高3%。": ("claim_not_in_source", "3 %"),
    "施工押金每平方米80美元。": ("claim_not_in_source", "80 美元"),
    "施工押金每立方米80元。": ("claim_not_in_source", "1 立方米"),
    "专业观众同比下降21%。": ("claim_not_in_source", "21 %"),
    "申请通过率超过90%。": ("claim_not_in_source", "90 %"),
    "博览会于2026年3月6日举行。": ("claim_not_in_source", "2026-03-06 "),
    "博览会于2025年3月5日举行。": ("claim_not_in_source", "2025-03-05 "),
    "博览会在上海举行。": ("claim_not_in_source", "上海 "),
    "在青石湾国际会展中心3号馆举行。": ("claim_not_in_source", None),
    "总经理陆思齐表示，同比增长21%。": ("claim_not_in_source", "陆思齐 "),
    "合同编号JC-HT-2026-0068。": ("claim_not_in_source", "JCHT20260068 "),
    "详见https://www.expo.example.com/prices。": ("claim_not_in_source", "expo.example.com/prices "),
    "《砾石新能源白皮书》显示，同比增长21%。": ("claim_not_in_source", "砾石新能源白皮书 "),
    "单层展台限高6米，双层展台限高4.5米。": ("attached_elsewhere", "6米 "),
    "可以在馆内动火，加班每小时300元。": ("negated", None),
    "吸引1200家企业参展，并为观众免费提供午餐和纪念品。": ("words_not_in_source", None),
}  # fmt: skip


@pytest.mark.parametrize("answer", GROUNDED.values(), ids=GROUNDED)
def test_an_answer_in_other_words_is_grounded(answer: str) -> None:
    told = grounded(answer, SOURCE)
    assert (told.ok, told.reason, told.unsupported) == (True, "", [])


@pytest.mark.parametrize(("answer", "why"), REFUSED.items())
def test_an_answer_that_says_something_else_is_refused(answer: str, why: tuple[str, str | None]) -> None:
    told = grounded(answer, SOURCE)
    reason, claim = why
    assert (told.ok, told.reason) == (False, reason)
    if claim:
        assert f"{told.unsupported[0].value} {told.unsupported[0].unit}" == claim


def test_a_number_that_only_the_question_holds_is_not_grounded_but_a_name_is() -> None:
    question = "橙芯集团的博览会吸引1300家企业吗？"
    assert grounded("吸引1300家企业参展。", SOURCE, question=question).reason == "claim_not_in_source"
    assert not grounded("橙芯集团的博览会吸引1200家企业参展。", SOURCE).ok
    assert grounded("橙芯集团的博览会吸引1200家企业参展。", SOURCE, question=question).ok


@pytest.mark.parametrize(
    "answer",
    {"sum": "甲馆和乙馆共有350家企业。", "difference": "乙馆比甲馆多150家企业。", "ratio": "甲馆企业是乙馆的40%。", "count": "甲馆、乙馆两个馆有企业。"}.values(),
)  # fmt: skip
def test_what_is_worked_out_is_grounded_only_on_request(answer: str) -> None:
    source = "甲馆有100家企业，乙馆有250家企业，展期5天。"
    assert not grounded(answer, source).ok
    assert grounded(answer, source, derived=True).ok
    assert not grounded("甲馆有175家企业。", source, derived=True).ok


def test_too_few_words_of_the_source_are_refused_where_asked() -> None:
    told = grounded("吸引企业参展，大家都高兴。", SOURCE, min_coverage=0.95)
    assert (told.reason, told.coverage < 0.95) == ("low_coverage", True)


def test_of_our_cases_wrong_numbers_and_dates_are_refused_and_right_answers_are_not() -> None:
    for split in ("tune", "held"):
        told = measured(split)
        assert told["ground_recall_numbers"] >= 0.95
        assert told["ground_false_rejects"] < 0.05
        assert told["ground_wrong_unit"] >= 0.9


def test_there_are_cases_enough_of_every_kind() -> None:
    count = {
        label: sum(case.label == label for case in cases()) for label in {case.label for case in cases()}
    }
    least = {
        "right": 60,
        "paraphrased": 60,
        "wrong_number": 60,
        "wrong_unit": 40,
        "wrong_entity": 40,
        "unsupported": 40,
        "wrong_date": 20,
    }
    assert {label: count[label] >= number for label, number in least.items()} == dict.fromkeys(least, True)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([case.source for case in cases()]), st.integers(0, 40))
def test_whole_sentences_of_the_source_are_grounded(source: str, which: int) -> None:
    sentences = source.split("。")
    sentence = sentences[which % len(sentences)]
    told = grounded(sentence, source)
    assert told.ok, told
