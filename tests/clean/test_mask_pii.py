"""mask_pii: personal numbers go, numbers of things stay."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from pydantic import ValidationError

from curate.clean.cleaner import Notes
from curate.clean.mask_pii import MaskPii
from curate.errors import CurateError
from tests.clean.tables import cleaner, rewritten

ID = "11010519491231002X"  # the example of GB 11643-1999
CARD = "6222021234567890128"  # invented; Luhn's digit fits
MASKED = {
    "mobile behind Han": ("电话13812345678", "电话138****5678"),
    "mobile in front of Han": ("13812345678联系", "138****5678联系"),
    "mobile with spaces": ("手机 138 1234 5678。", "手机 138****5678。"),
    "mobile with hyphens": ("138-1234-5678", "138****5678"),
    "mobile, full-width": ("手机１３８１２３４５６７８", "手机138****5678"),
    "mobile with country code": ("+86 13812345678", "138****5678"),
    "mobile with country code and hyphen": ("＋86-138-1234-5678", "138****5678"),
    "mobile with 0086": ("008613812345678", "138****5678"),
    "mobile with 86 in brackets": ("(+86)13812345678", "138****5678"),
    "mobiles in a row": ("13812345678/13912345678、15012345678", "138****5678/139****5678、150****5678"),
    "mobile at the end of a sentence": ("请拨13812345678.", "请拨138****5678."),
    "mobile between Latin words": ("phone13812345678fax", "phone138****5678fax"),
    "mobile in front of another number": ("13812345678QQ12345", "138****5678QQ1****"),
    "ID card behind Han": (f"身份证号{ID}", "身份证号11****************"),
    "ID card, lower case x": (ID.lower(), "11****************"),
    "ID card with spaces": ("110105 19491231 002X", "11****************"),
    "ID card, full-width": ("１１０１０５１９４９１２３１００２Ｘ", "11****************"),
    "bank card": (f"卡号{CARD}。", "卡号***************0128。"),
    "bank card in groups": ("6222 0212 3456 7890 128", "***************0128"),
    "Visa": ("4111-1111-1111-1111", "************1111"),
    "landline": ("座机021-61234567", "座机021-********"),
    "landline without hyphen": ("传真02161234567", "传真021-********"),
    "landline with full-width hyphen": ("021－61234567", "021-********"),
    "landline with dash": ("0571—87654321", "0571-********"),
    "landline, area in brackets": ("（0571）87654321", "0571-********"),
    "landline in brackets keeps both": ("欢迎来电(021-61234567)咨询", "欢迎来电(021-********)咨询"),
    "landline with extension": ("010-61234567-801", "010-********"),
    "landline of seven digits": ("0911-2345678", "0911-*******"),
    "e-mail in Chinese": ("邮箱zhang.san@abc.com.cn联系", "邮箱z***@abc.com.cn联系"),
    "e-mail behind a dash or dots": ("邮箱-zhang@abc.com", "邮箱-z***@abc.com"),
    "e-mail behind dots": ("邮箱...li+fair@abc.com", "邮箱...l***@abc.com"),
    "e-mail with two domains": ("a@b.com@c.com", "a***@c.com"),
    "all in one": (f"{ID}，13812345678，a@b.cn", "11****************，138****5678，a***@b.cn"),
    "mobile in Chinese numerals": ("电话幺三八零零一三八零零零", "电话138****8000"),
    "mobile in both": ("1三8零零1三8零零零", "138****8000"),
    "mobile, a digit at a time": ("1 3 8 1 2 3 4 5 6 7 8", "138****5678"),
    "mobile with invisible marks": ("138\u200b1234\ufeff5678", "138****5678"),
    "mobile with brackets": ("（138）1234-5678", "138****5678"),
    "mobile behind a nought": ("账号：13812345678", "账号：138****5678"),
    "mobile of Hong Kong": ("+852 9123 4567", "+852****67"),
    "landline with its country": ("+86-21-61234567", "021-********"),
    "landline with extension in words": ("021-61234567转801", "021-********"),
    "landline without its area": ("电话：61234567", "电话：********"),
    "ID card with a slip behind its name": ("身份证号110105194912310021", "身份证号11****************"),
    "ID card of 15 digits behind its name": ("身份证：110105491231002", "身份证：11*************"),
    "ID card of Hong Kong": ("A123456(3)", "A*********"),
    "home return permit": ("回乡证号码H12345678", "回乡证号码H********"),
    "e-mail, full-width": ("ｚｈａｎｇ＠ａｂｃ．ｃｏｍ", "z***@abc.com"),
    "e-mail with at in brackets": ("li[at]abc.com", "l***@abc.com"),
    "e-mail that begins with a mobile": ("13812345678@qq.com", "1***@qq.com"),
    "WeChat": ("微信：zhang_san1", "微信：z***"),
    "WeChat, abbreviated": ("加我vx：lily2020，谢谢", "加我vx：l***，谢谢"),
    "WeChat, without a colon": ("加微信lily2020", "加微信l***"),
    "WeChat that is a mobile": ("微信同号13812345678", "微信同号138****5678"),
    "QQ": ("QQ：12345678", "QQ：1****"),
    "QQ in Chinese": ("扣扣号 1234567", "扣扣号 1****"),
    "QQ of a group": ("Q群：123456789", "Q群：1****"),
    "passport": ("护照号E12345678", "护照号E********"),
    "passport without its name": ("请为EA1234567订票", "请为E********订票"),
    "plate": ("车牌沪A12345", "车牌沪A*****"),
    "plate of an electric car": ("粤B·D12345入场", "粤B*****入场"),
    "plate of a coach": ("京A1234学", "京A*****"),
    "home address": ("家住上海市浦东新区张江路100弄5号302室。", "家住上海市浦东新区张江路***。"),
    "home address in a village": ("住址：洛阳市关林镇皂角树村3组12号", "住址：洛阳市关林镇皂角树村***"),
    "delivery address": ("收货地址：杭州市西湖区文三路8号", "收货地址：杭州市西湖区文三路***"),
    "flat": ("阳光花园3号楼2单元501室", "阳光花园***"),
    "flat in numerals": ("幸福小区三号楼二单元501", "幸福小区***"),
    "legal representative": ("法定代表人：张伟，注册资本100万元", "法定代表人：张*，注册资本100万元"),
    "legal representative in prose": ("法定代表人张晓明，", "法定代表人张**，"),
    "contact in front of a telephone": ("联系人：李娜电话13812345678", "联系人：李*电话138****5678"),
    "double surname": ("联系人：欧阳娜娜", "联系人：欧阳**"),
    "name with a middle dot": ("姓名：阿依古丽·买买提", "姓名：阿***·***"),
    "Latin name": ("Contact: John Smith", "Contact: J*** S***"),
    "name with a title": ("请联系张晓明先生", "请联系张**先生"),
    "beside an emoji": ("👨‍👩‍👧13812345678", "👨‍👩‍👧138****5678"),
}
KEPT = {
    "order number of 16 digits": "订单号2023051312345678",
    "order number of 20 digits": "订单号20230513123456780001",
    "12 digits": "单号138123456789",
    "10 digits": "单号1381234567",
    "a number that begins like a mobile but is no range": "12012345678",
    "ID number with a wrong check digit": "110105194912310021",
    "ID number with a date that does not exist": "110105194913310027",
    "card number that Luhn's digit does not fit": "6222021234567890123",
    "unified credit code": "统一社会信用代码91310000MA1FL1234Q",
    "unified credit code of digits alone that passes Luhn": "913100001300000073",
    "decimal": "0.13812345678",
    "capital": "注册资本1,380,000.00万元",
    "dates": "2026-03-05至2026-03-08，2026.03.05 14:30:00",
    "toll-free number": "400-820-8820",
    "hotline": "拨打12345、95588、110",
    "area and count": "展览面积120000平方米，2023-2024年度",
    "EAN of a product": "6901234567892",
    "booth": "展位A12-345，3号馆",
    "an account mentioned": "关注@上海展会 即可",
    "software version": "v1.13812345678",
    "a file's hexadecimal name": "v2-9c27a0c4e05258945187c581cf9a0557_720w.jpg",
    "a hexadecimal id": "?id=aidd8e4220d039148825690e7209e&x=1",
    "order number with a mobile's form": "订单号13812345678",
    "amount": "成交额13812345678元",
    "addresses of computers and coordinates": "192.168.10.100，138.1234,56.7890",
    "ISBN": "ISBN 978-7-115-12345-6",
    "patent": "专利号ZL201912345678.9",
    "id in a web address": "https://a.cn/13812345678.html",
    "official account": "微信公众号：shanghai_expo",
    "mini program": "微信小程序Expo2026",
    "users counted": "QQ 100000人在线",
    "licence of telecommunications": "粤B2-20040001",
    "product": "型号：E12345678",
    "address of a company": "北京市海淀区知春路1号1202室",
    "registered address": "注册地址：杭州市西湖区文三路90号3幢2单元201室",
    "office": "中关村软件园3号楼2单元501室",
    "a role, no name": "负责人：市场部，联系人：客服",
    "a surname alone": "联系王经理",
    "a form's own words": "法定代表人应当签字，姓名：必填",
    "a company that applies": "申请人：华为技术有限公司",
    "a name without a word before it": "张伟说今天开幕",
    "masked by hand": "法定代表人王某某",
    "years in numerals": "二〇二六年三月十二日",
    "masked already": "138****5678，11****************，z***@abc.com，021-********，沪A*****，联系人：张*，家住张江路***",
    "empty": "",
    "null": None,
}


@pytest.mark.parametrize(("text", "expected"), MASKED.values(), ids=MASKED)
def test_what_leads_to_a_person_is_masked(text: str, expected: str) -> None:
    assert rewritten("mask_pii", text) == [expected]


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_numbers_of_things_stay(text: str | None) -> None:
    assert rewritten("mask_pii", text) == [text]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("mobile", f"138****5678 {ID} {CARD} 021-61234567 a@b.cn"),
        ("id_card", f"13812345678 11**************** {CARD} 021-61234567 a@b.cn"),
        ("bank_card", f"13812345678 {ID} ***************0128 021-61234567 a@b.cn"),
        ("landline", f"13812345678 {ID} {CARD} 021-******** a@b.cn"),
        ("email", f"13812345678 {ID} {CARD} 021-61234567 a***@b.cn"),
    ],
)
def test_only_the_named_kinds_are_masked(kind: str, expected: str) -> None:
    text = f"13812345678 {ID} {CARD} 021-61234567 a@b.cn"
    assert rewritten("mask_pii", text, kinds=[kind]) == [expected]


def test_every_text_column_is_masked_and_no_other() -> None:
    rows = pl.DataFrame({"row_id": ["a:13812345678"], "phone": ["13812345678"], "n": [13812345678]})
    kept = cleaner("mask_pii").apply(rows).kept
    assert kept.rows() == [("a:13812345678", "138****5678", 13812345678)]


@pytest.mark.parametrize(
    ("cell", "expected"),
    {
        "张伟": "张*",
        "欧阳娜娜、李红": "欧阳**、李*",
        "John Smith": "J*** S***",
        "阿依古丽·买买提": "阿***·***",
        "张*": "张*",
        "": "",
    }.items(),
)
def test_cells_of_a_column_of_names_are_names(cell: str, expected: str) -> None:
    rows = pl.DataFrame({"contact": [cell, None], "name": [cell, None]})
    kept = cleaner("mask_pii", names=["contact"]).apply(rows).kept
    assert kept.rows() == [(expected, cell), (None, None)]


@pytest.fixture
def salt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_PII_SALT", "a salt of tests, 32 characters long")


@pytest.mark.usefixtures("salt")
def test_a_value_has_one_token_in_all_its_writings_rows_and_runs() -> None:
    texts = ["13812345678", "电话+86 138-1234-5678", "１３８１２３４５６７８", "13912345678"]
    told = [str(text)[-13:] for text in rewritten("mask_pii", *texts, action="hash")]
    assert told[0] == told[1] == told[2] == "手机_" + told[0][3:]
    assert re.fullmatch("手机_[a-f][0-9a-f]{9}", told[0])
    assert told[3] != told[0]
    assert [str(text)[-13:] for text in rewritten("mask_pii", *texts, action="hash")] == told
    assert rewritten("mask_pii", *told, action="hash") == told


@pytest.mark.usefixtures("salt")
def test_another_salt_gives_other_tokens_and_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    first = rewritten("mask_pii", "13812345678", action="hash")
    mark = cleaner("mask_pii", action="hash").fingerprint()
    monkeypatch.setenv("CURATE_PII_SALT", "another salt of tests")
    assert rewritten("mask_pii", "13812345678", action="hash") != first
    other = cleaner("mask_pii", action="hash").fingerprint()
    assert other["salt"] != mark["salt"]
    assert "another salt" not in str(other)


@pytest.mark.parametrize("value", ["", "short"])
def test_without_a_salt_nothing_is_hashed(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_PII_SALT", value)
    hashing = cleaner("mask_pii", actions={"mobile": "hash"})
    with pytest.raises(CurateError, match="CURATE_PII_SALT"):
        hashing.apply(pl.DataFrame({"text": ["13812345678"]}))
    with pytest.raises(ValidationError, match="CURATE_PII_SALT"):
        MaskPii.model_validate({"action": "hash"}, context={"workspace": Path()})


def test_what_is_removed_leaves_its_kind() -> None:
    texts = ("致电13812345678", "法定代表人：张伟")
    assert rewritten("mask_pii", *texts, action="remove") == ["致电[手机]", "法定代表人：[姓名]"]
    english = rewritten("mask_pii", *texts, action="remove", language="en")
    assert english == ["致电[mobile]", "法定代表人：[name]"]


@pytest.mark.usefixtures("salt")
def test_a_kind_may_meet_another_fate() -> None:
    text = f"{ID}，13812345678，a@b.cn"
    told = rewritten("mask_pii", text, actions={"id_card": "remove", "mobile": "hash"})[0]
    assert re.fullmatch(r"\[证件\]，手机_[0-9a-f]{10}，a\*\*\*@b\.cn", str(told))


def test_rows_are_dropped_with_the_kinds_and_never_the_value() -> None:
    rows = pl.DataFrame({"row_id": ["a", "b", "c"], "text": [ID, "13812345678", "无事"]})
    outcome = cleaner("mask_pii", actions={"id_card": "drop_row"}).apply(rows)
    assert outcome.kept.rows() == [("b", "138****5678"), ("c", "无事")]
    assert outcome.dropped.select("row_id", "reason", "detail").rows() == [("a", "personal_data", "id_card")]


def test_rows_of_names_are_not_dropped_for_their_names() -> None:
    with pytest.raises(ValidationError, match="drop_row"):
        cleaner("mask_pii", names=["contact"], actions={"person_name": "drop_row"})


def test_the_ledger_counts_and_names_no_value() -> None:
    notes = Notes()
    rows = pl.DataFrame({"text": ["13812345678，13912345678", "a@b.cn"], "contact": ["张伟", "李红、王芳"]})
    cleaner("mask_pii", names="contact").apply(rows, notes)
    told = notes.frame()
    assert sorted(told.select("column", "what", "count").rows()) == [
        ("contact", "person_name", 3),
        ("text", "email", 1),
        ("text", "mobile", 2),
    ]
    assert told.select("value", "proposal").null_count().row(0) == (3, 3)
