"""mask_pii: personal numbers go, numbers of things stay."""

from __future__ import annotations

import polars as pl
import pytest

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
    "mobile with 86 in brackets": ("(+86)13812345678", "(+86)138****5678"),
    "mobiles in a row": ("13812345678/13912345678、15012345678", "138****5678/139****5678、150****5678"),
    "mobile at the end of a sentence": ("请拨13812345678.", "请拨138****5678."),
    "mobile between Latin words": ("phone13812345678fax", "phone138****5678fax"),
    "mobile in front of another number": ("13812345678QQ12345", "138****5678QQ12345"),
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
    "landline with extension": ("010-61234567-801", "010-********-801"),
    "landline of seven digits": ("0911-2345678", "0911-*******"),
    "e-mail in Chinese": ("邮箱zhang.san@abc.com.cn联系", "邮箱z***@abc.com.cn联系"),
    "e-mail behind a dash or dots": ("邮箱-zhang@abc.com", "邮箱-z***@abc.com"),
    "e-mail behind dots": ("邮箱...li+fair@abc.com", "邮箱...l***@abc.com"),
    "e-mail with two domains": ("a@b.com@c.com", "a***@c.com"),
    "all in one": (f"{ID}，13812345678，a@b.cn", "11****************，138****5678，a***@b.cn"),
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
    "amount": "注册资本1,380,000.00万元",
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
    "masked already": "138****5678，11****************，z***@abc.com，021-********",
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
