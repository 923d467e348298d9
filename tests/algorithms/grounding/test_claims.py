"""What can be checked in a text, and in which form it is compared."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.grounding import claims

NUMBERS = {
    "1,200家": "1200 家", "１，２００家": "1200 家", "一千二百家": "1200 家", "0.12万家": "1200 家", "1200 家": "1200 家", "**1200**家": "1200 家",
    "3万元": "30000 元", "叁万元": "30000 元", "人民币3万": "30000 元", "￥30,000": "30000 元", "3万美元": "30000 美元", "$30000": "30000 美元",
    "30%": "30 %", "３０％": "30 %", "三成": "30 %", "百分之三十": "30 %", "七成半": "75 %", "万分之16": "0.16 %", "3‰": "0.3 %", "一半": "50 %",
    "1.2倍": "120 %", "3个百分点": "3 个百分点", "打8折": "8 折", "九五折": "9.5 折", "95折": "9.5 折",
    "214000平方米": "214000 平方米", "21.4万㎡": "214000 平方米", "2公顷": "20000 平方米", "1.5公里": "1500 米", "3m": "3 米", "1.3吨": "1300000 克",
    "90分钟": "5400 秒", "一个半小时": "5400 秒", "1小时30分": "5400 秒", "半小时": "1800 秒", "5分20秒": "320 秒", "三个月": "3 月", "两年": "24 月",
    "24小时": "86400 秒", "五个工作日": "5 个工作日", "30日内": "2592000 秒",
    "两位医生": "2 人", "2名护士": "2 人", "128100人次": "128100 人次", "第十二届": "12 第届", "第12届": "12 第届", "十几家": "11~19 家", "数百名": "200~999 人",
    "两三家": "2~3 家", "零下10℃": "-10 摄氏度", "100Wh": "100 瓦时", "380伏": "380 伏", "70dB": "70 分贝", "每小时": "3600 秒",
}  # fmt: skip
MANY = {
    "3-5万元": "30000 50000", "3到5个工作日": "3 5", "三到五个工作日": "3 5", "3×3米": "3 3", "100-200人": "100 200", "票价5、10元": "5 10",
    "从19%提高到25%": "19 25", "一家公司的一个展位": "", "一天": "", "十分满意，参展一律免费": "", "第一，提前申请；第二，付款": "",
    "1. 主通道；2. 次通道": "", "两家公司共20人": "2 20",
}  # fmt: skip
DATES = {
    "2026-03-05": "2026-03-05", "2026/3/5": "2026-03-05", "2026年3月5日": "2026-03-05", "2026 年 3 月 5 日": "2026-03-05", "二〇二六年三月": "2026-03",
    "3月5号": "????-03-05", "三月五日": "????-03-05", "2026年": "2026", "第三季度": "????-Q3", "2026年上半年": "2026-H1", "3月上旬": "????-03-上旬",
    "年底": "????-年底", "周五": "星期5", "星期日": "星期7", "春季": "春", "国庆": "国庆",
    "3月5日至7日": "????-03-05 ????-03-07", "3月5-7日": "????-03-05 ????-03-07", "2025年12月5日—7日": "2025-12-05 2025-12-07", "2023-2025年": "2023 2025",
    "7-9月": "????-07 ????-09",
    "9:00": "09:00", "19:25:31": "19:25:31", "下午2点": "14:00", "14时": "14:00", "9点半": "09:30", "上午九点三十分": "09:30", "下午3点到4点": "15:00 16:00", "中午12点半": "12:30",
    "8:30至17:30": "08:30 17:30", "三点要求": "", "24小时": "",
}  # fmt: skip
MARKS = {
    "型号XK-2000A": "code XK2000A", "GB/T 15835-2011": "code GBT158352011", "展位B12": "code B12", "版本15.6.2": "code 15.6.2",
    "电话0571-82306617": "code 057182306617", "400-618-0925": "code 4006180925", "手机138 0000 1234": "code 13800001234", "代码688912": "code 688912",
    "9144030009418492X6": "code 9144030009418492X6", "信用代码91440106MA30FH0Y9A": "code 91440106MA30FH0Y9A", "https://www.A-b.com/X/": "url a-b.com/X", "conf.react.dev/photos": "url conf.react.dev/photos",
    "邮箱A.b@c.com": "email a.b@c.com", "《展会管理办法》": "quote 展会管理办法", "“绿色展台”": "quote 绿色展台", "全部使用LED": "latin led",
    "在南京市召开": "place 南京", "来自拉美": "place 拉美", "董事长顾明远表示": "person 顾明远", "主讲人是方志恒，": "person 方志恒",
    "霁川会展服务有限公司": "organisation 有限公司|霁川会展服务有限公司",
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), NUMBERS.items())
def test_a_number_is_read_with_its_unit(text: str, told: str) -> None:
    found = [claim for claim in claims(text) if claim.kind == "number"]
    assert [f"{claim.value} {claim.unit}" for claim in found] == [told]


@pytest.mark.parametrize(("text", "told"), MANY.items())
def test_ranges_are_their_ends_and_articles_are_no_numbers(text: str, told: str) -> None:
    assert " ".join(claim.value for claim in claims(text) if claim.kind == "number") == told


@pytest.mark.parametrize(("text", "told"), DATES.items())
def test_dates_and_times_have_one_form(text: str, told: str) -> None:
    assert " ".join(claim.value for claim in claims(text) if claim.kind in ("date", "time")) == told


@pytest.mark.parametrize(("text", "told"), MARKS.items())
def test_codes_addresses_and_names_are_found(text: str, told: str) -> None:
    assert told in [f"{claim.kind} {claim.value}" for claim in claims(text)]


@pytest.mark.parametrize(
    ("text", "bound"),
    {"超过1200家": "over", "1200多家": "over", "1200家以上": "over", "不少于1200家": "over", "不足1200家": "under", "1200家以内": "under",
     "不超过1200家": "under", "不得高于1200家": "under", "约1200家": "about", "1200家左右": "about", "共1200家": ""}.items(),
)  # fmt: skip
def test_the_hedge_of_a_number_is_read(text: str, bound: str) -> None:
    assert claims(text)[0].bound == bound


def test_claims_stand_where_the_text_has_them_though_white_space_is_skipped() -> None:
    text = "共 有\u200b 1,200 家，  于 3 月 5 日 在南京 市召开"
    assert [text[claim.start : claim.end] for claim in claims(text)] == ["1,200 家", "3 月 5 日", "南京 市"]


@settings(max_examples=60, deadline=None)
@given(
    st.text(
        alphabet="0123456789０１２.,，-年月日时点：:%万亿一二两十百半成折第共约家人元米《》“”AaB@/（） \n公司南京周五几数多⟦",
        max_size=30,
    )
)
def test_any_text_has_claims_inside_of_it(text: str) -> None:
    for claim in claims(text):
        assert 0 <= claim.start < claim.end <= len(text)
        assert claim.value
