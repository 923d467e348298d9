"""Encodings, found by decoding."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.encoding import (
    MARK,
    UNDECODABLE,
    best_encoding,
    undecodable,
    undecodable_offsets,
)

TEXT = "上海国际汽车展览会，展位A12，面积36平方米。\n" * 3
TAIWAN = "臺北國際電腦展覽會，展位A12，聯絡人請洽本會。\n" * 3
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1)


def found(content: bytes, block: int = 7) -> tuple[str, int, int]:
    """In small blocks, so that characters lie across their borders."""

    def streams() -> Iterator[list[bytes]]:
        while True:
            yield [content[at : at + block] for at in range(0, len(content), block)]

    return best_encoding(content[:4], streams())


CASES = {
    "UTF-8": (TEXT.encode("utf-8"), "utf-8"),
    "UTF-8 with a mark": (TEXT.encode("utf-8-sig"), "utf-8-sig"),
    "GBK": (TEXT.encode("gbk"), "gb18030"),
    "GB18030 of four bytes": ("𠮷野家㐂".encode("gb18030"), "gb18030"),
    "UTF-16, little end first": (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16"),
    "UTF-16, big end first": (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), "utf-16-le"),
    "UTF-16 without a mark, big end first": (TEXT.encode("utf-16-be"), "utf-16-be"),
    "UTF-16 of Han alone": ("上海国际展会新能源汽车".encode("utf-16-be"), "utf-16-be"),
    "UTF-32": (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "utf-32"),
    "UTF-32, big end first": (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), "utf-32"),
    "UTF-32 without a mark": (TEXT.encode("utf-32-be"), "utf-32-be"),
    "Big5": (TAIWAN.encode("cp950"), "cp950"),
    "Big5 of four characters": ("name,city\n展會,臺北\n".encode("cp950"), "cp950"),
    "Big5 of Hong Kong": (f"香港嘅公司，{TAIWAN}".encode("big5hkscs"), "big5hkscs"),
    "traditional characters in GBK": (TAIWAN.encode("gbk"), "gb18030"),
    "names in GBK": ("王伟\n李娜\n龚翀\n".encode("gbk"), "gb18030"),
    "one rare name in GBK": ("龚翀".encode("gbk"), "gb18030"),
    "ASCII": (b"name,city\n", "utf-8"),
    "nothing": (b"", "utf-8"),
    "a table of numbers with little GBK": (b"1,2,3\n" * 500 + "上海".encode("gbk"), "gb18030"),
}


@pytest.mark.parametrize(("content", "encoding"), CASES.values(), ids=CASES)
def test_a_whole_file_is_read_in_its_own_encoding(content: bytes, encoding: str) -> None:
    assert found(content) == (encoding, 0, len(content.decode(encoding)))


FOREIGN = {
    "Korean": (
        "대한민국의 모든 국민은 인간으로서의 존엄과 가치를 가지며, 행복을 추구할 권리를 가진다.\n" * 4
    ).encode("euc-kr"),
    "Japanese": ("東京国際展示場へようこそ。出展者一覧はこちらです。\n" * 2).encode("shift_jis"),
    "Russian": ("Международная выставка автомобилей в Москве\n" * 2).encode("cp1251"),
    "French": ("Élégant, à côté du château, déjà très fréquenté; où êtes-vous né\n" * 4).encode("latin-1"),
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_a_text_that_is_no_chinese_is_told_as_utf8_with_its_errors(content: bytes) -> None:
    # read as GB18030 the Korean one would be Han without a single error
    encoding, errors, characters = found(content)
    assert encoding == "utf-8"
    assert errors > characters / 50


def test_a_stray_zero_byte_makes_no_utf16() -> None:
    assert found(TEXT.encode("gbk") + b"\0\n")[0] == "gb18030"
    assert found(TEXT.encode() + b"\0\n")[:2] == ("utf-8", 0)


@pytest.mark.parametrize("bad", [b"\xff", b"\xe4\xb8", b"\xc0", b"\x80"], ids=["ff", "cut", "c0", "80"])
@pytest.mark.parametrize("behind", ["测试", ",a", "\n"])
def test_one_bad_place_makes_no_utf8_file_a_gbk_file(bad: bytes, behind: str) -> None:
    encoding, errors, _ = found("上海国际展会".encode() + bad + behind.encode())
    assert (encoding, errors) == ("utf-8", 1)


def test_a_bad_byte_in_a_gbk_file_is_marked() -> None:
    content = TEXT.encode("gbk") + b"\xff\n" + TEXT.encode("gbk")
    assert found(content)[:2] == ("gb18030", 1)
    assert content.decode("gb18030", MARK) == f"{TEXT}{UNDECODABLE}\n{TEXT}"


def test_a_bad_byte_in_a_utf8_file_is_marked() -> None:
    content = TEXT.encode() + b"\xff" + TEXT.encode()
    assert content.decode("utf-8", MARK) == f"{TEXT}{UNDECODABLE}{TEXT}"
    assert undecodable([content], "utf-8") == (1, 2 * len(TEXT) + 1)


def test_a_character_cut_at_the_end_is_counted() -> None:
    assert undecodable([TEXT.encode()[:-1] + "海".encode()[:2]], "utf-8")[0] == 1
    assert undecodable([b"\xc9\xcf\xba"], "gb18030")[0] == 1


def test_a_text_that_cannot_be_written_is_an_error_and_not_marked() -> None:
    with pytest.raises(UnicodeEncodeError):
        "上".encode("ascii", MARK)


@given(text=HAN)
@settings(max_examples=60)
def test_any_han_text_in_utf8_is_taken_for_utf8(text: str) -> None:
    assert found(text.encode())[:2] == ("utf-8", 0)


@given(text=st.text(alphabet=TEXT, min_size=10))
@settings(max_examples=60)
def test_a_text_of_common_characters_in_gbk_is_not_taken_for_utf8(text: str) -> None:
    content = (text + "上海国际展会").encode("gbk")
    assert found(content)[:2] == ("gb18030", 0)


@given(text=HAN, block=st.integers(1, 9))
@settings(max_examples=60)
def test_blocks_of_any_size_give_the_same(text: str, block: int) -> None:
    content = text.encode("gb18030") + b"\xff"
    assert found(content, block) == found(content, len(content))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "cp950"])
@pytest.mark.parametrize("block", [1, 2, 7, 1000])
def test_the_bytes_that_do_not_decode_are_told_by_their_offsets(encoding: str, block: int) -> None:
    parts = [part.encode(encoding) for part in ("展會", "上海，", "x\n")]
    content = b"\xff".join(parts) + b"\xff"
    wanted = [len(parts[0]), len(parts[0] + parts[1]) + 1, len(content) - 1]
    assert [content[offset] for offset in wanted] == [0xFF] * 3
    blocks = [content[at : at + block] for at in range(0, len(content), block)]
    assert undecodable_offsets(blocks, encoding) == wanted
