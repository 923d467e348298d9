"""csv: encodings, delimiters, and cells that don't fit."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import pyarrow as pa
import pytest
from pydantic import ValidationError

from curate.errors import CurateError
from curate.sources import Corpus
from tests.sources.conftest import Read

TABLE = [["name", "city"], ["上海展会", "上海"], ["广州家具展", "广州"], ["深圳“光电”展", "深圳"]]


def joined(delimiter: str, newline: str = "\n") -> str:
    return newline.join(delimiter.join(row) for row in TABLE) + newline


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (joined(",").encode(), "utf-8"),
        (codecs.BOM_UTF8 + joined(",").encode(), "utf-8 with a byte order mark"),
        (joined(",", "\r\n").encode(), "Windows line ends"),
        (joined(",").encode("gb18030"), "gb18030"),
        (joined(",").encode("utf-16"), "utf-16 with its mark"),
        (joined("\t").encode("utf-16"), "what Excel calls Unicode text"),
        (codecs.BOM_UTF16_BE + joined(",").encode("utf-16-be"), "utf-16, big end first"),
        (joined("\t").encode(), "tabs"),
        (joined(";").encode("gb18030"), "semicolons"),
        (joined("|").encode(), "bars"),
        (joined(",").encode().rstrip(b"\n"), "no line end behind the last row"),
        (joined(",").replace("\n", "\n\n").encode(), "blank lines between the rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_table_reads_the_same_in_every_encoding(
    see: Read, tmp_path: Path, content: bytes, what: str
) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    seen = see("a.csv", text="name")
    assert seen.rows.select("name", "city").rows() == [tuple(row) for row in TABLE[1:]], what
    assert seen.dropped.is_empty()


@pytest.mark.parametrize("declared", ["utf-8", "gb18030", "big5", "utf-16"])
def test_a_declared_encoding_is_used(see: Read, tmp_path: Path, declared: str) -> None:
    (tmp_path / "a.csv").write_bytes("name,city\n展會,臺北\n".encode(declared))
    assert see("a.csv", text="name", encoding=declared).rows["city"].to_list() == ["臺北"]


def test_a_byte_order_mark_is_no_part_of_a_quoted_header_even_when_utf8_is_declared(
    see: Read, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_bytes(codecs.BOM_UTF8 + '"name","city"\n甲,乙\n'.encode())
    assert see("a.csv", text="name", encoding="utf-8").rows["name"].to_list() == ["甲"]


def test_gzip_is_read_through_and_a_cut_one_says_so(see: Read, tmp_path: Path) -> None:
    whole = gzip.compress("name\n甲\n乙\n".encode())
    (tmp_path / "a.csv.gz").write_bytes(whole)
    (tmp_path / "cut.csv.gz").write_bytes(whole[:-9])
    assert see("a.csv.gz", text="name").rows["name"].to_list() == ["甲", "乙"]
    for declared in (None, "utf-8"):
        with pytest.raises(CurateError, match="读不出来") as error:
            see("cut.csv.gz", text="name", encoding=declared)
        assert "没有传完整" in error.value.hint


def test_a_quoted_cell_may_hold_line_breaks_delimiters_and_quotes(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('name,note\n甲,"第一行\n第二行,还有""引号"""\n乙,平\n', encoding="utf-8")
    assert see("a.csv", text="name").rows["note"].to_list() == ['第一行\n第二行,还有"引号"', "平"]


def test_cells_stay_text_and_an_empty_cell_is_null(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,code,n\n甲,00123,1e5\n乙,,NA\n", encoding="utf-8")
    assert see("a.csv", text="name").rows.select("code", "n").rows() == [("00123", "1e5"), (None, "NA")]


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ("丙,杭州,多一格", "a.csv 第 5 行有 3 格，表头有 2 格"),
        ("丙", "a.csv 第 5 行有 1 格，表头有 2 格"),
    ],
    ids=["too many", "too few"],
)
def test_a_row_with_another_number_of_cells_goes_alone(
    see: Read, tmp_path: Path, line: str, detail: str
) -> None:
    # the quoted line break moves the physical line: the reader of the file finds it where we say
    (tmp_path / "a.csv").write_text(f'name,city\n甲,"上\n海"\n乙,广州\n{line}\n丁,成都\n', encoding="utf-8")
    seen = see("a.csv", text="name")
    assert seen.rows["name"].to_list() == ["甲", "乙", "丁"]
    assert seen.dropped.select("row_id", "reason", "detail", "text").rows() == [
        ("c:!a.csv:5", "wrong_cell_count", detail, line)
    ]
    assert (seen.step.rows_in, seen.step.kept, seen.step.dropped) == (4, 3, 1)
    assert seen.step.reasons == {"wrong_cell_count": 1}


def test_bytes_that_do_not_decode_take_their_row_only(see: Read, tmp_path: Path) -> None:
    lines = [f"展会{number},好".encode() for number in range(50)]
    lines[20] = "展会".encode() + b"\xff\xfe" + ",坏".encode()
    (tmp_path / "a.csv").write_bytes(b"\n".join([b"name,note", *lines]) + b"\n")
    seen = see("a.csv", text="name")
    assert seen.rows.height == 49
    assert seen.dropped.select("reason", "detail", "text").rows() == [
        ("undecodable", "a.csv 第 22 行有解不出来的字节（文件的第 266 字节，从 0 数起）", "展会��,坏")
    ]
    assert (tmp_path / "a.csv").read_bytes()[266] == 0xFF


def test_a_file_in_no_known_encoding_names_the_option(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"name\n" + b"\xff\xff\n" * 200)
    with pytest.raises(CurateError, match="都读不成中文") as error:
        see("a.csv", text="name")
    assert "encoding: gb18030" in error.value.hint


def test_a_quote_that_nothing_closes_costs_its_own_line(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('name,note\n甲,好\n乙,"没闭合\n丙,好\n丁,好\n', encoding="utf-8")
    seen = see("a.csv", text="name")
    assert seen.rows["name"].to_list() == ["甲", "丙", "丁"]
    assert seen.dropped.select("row_id", "reason", "detail", "text").rows() == [
        (
            "c:!a.csv:3",
            "unclosed_quote",
            "a.csv 第 3 行的引号没有闭合，只丢弃这一行，从下一行接着读",
            '乙,"没闭合',
        )
    ]


def test_a_last_cell_of_several_lines_that_is_closed_is_a_row(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('name,note\n甲,"一\n二"\n', encoding="utf-8")
    assert see("a.csv", text="name").rows["note"].to_list() == ["一\n二"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("name,city,name\n甲,乙,丙\n", "表头里 name 出现了两次"),
        ("name, name\n甲,乙\n", "表头里 name 出现了两次"),
        ("2026年展商名单,,\nname,city,note\n甲,乙,丙\n", "表头里有几列没有名称"),
        ("", "没有表头"),
    ],
)
def test_a_header_that_is_none_is_an_error(see: Read, tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    with pytest.raises(CurateError, match=told) as error:
        see("a.csv", text="name")
    assert "a.csv" in error.value.problem
    assert "第一行写列名" in error.value.hint


def test_a_title_above_the_header_is_skipped_where_the_recipe_says_so(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "2026年展商名单\n（内部）\nname,city\n甲,上海\n乙,广州,多\n丙,深圳\n丁,成都\n", encoding="utf-8"
    )
    seen = see("a.csv", text="name", header=3)
    assert seen.rows["city"].to_list() == ["上海", "深圳", "成都"]
    assert seen.dropped["row_id"].to_list() == ["c:!a.csv:5"]
    with pytest.raises(CurateError, match="表头有 1 格，下面的行却都不是（多数有 2 格）") as error:
        see("a.csv", text="name", header=2)
    assert "header: 3" in error.value.hint


def test_a_header_whose_quote_is_open_is_an_error(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('name,"city\n甲,上海\n', encoding="utf-8")
    with pytest.raises(CurateError, match="表头（第 1 行）引号没有闭合"):
        see("a.csv", text="name")


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ('name;note\n甲;"一,二,三"\n乙;一,二\n', [("甲", "一,二,三"), ("乙", "一,二")]),
        ('name,note\n甲,"一;二"\n乙,"三;四|五"\n', [("甲", "一;二"), ("乙", "三;四|五")]),
        ("name\tnote\n甲\t一,二\n乙\t三,四,五\n", [("甲", "一,二"), ("乙", "三,四,五")]),
        ('"name,or so"|note\n甲|x\n', [("甲", "x")]),
    ],
    ids=["semicolons", "commas", "tabs", "a comma in the quoted header"],
)
def test_marks_inside_cells_do_not_deceive_the_delimiter(
    see: Read, tmp_path: Path, content: str, rows: list[tuple[str, str]]
) -> None:
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    seen = see("a.csv", text="note")
    assert seen.rows.select(seen.rows.columns[4], "note").rows() == rows


@pytest.mark.parametrize("delimiter", [":", "；", "\t"])
def test_a_declared_delimiter_is_used(see: Read, tmp_path: Path, delimiter: str) -> None:
    (tmp_path / "a.csv").write_text(f"name{delimiter}note\n甲{delimiter}a,b\n", encoding="utf-8")
    assert see("a.csv", text="name", delimiter=delimiter).rows["note"].to_list() == ["a,b"]


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n"])
def test_a_delimiter_is_one_character(delimiter: str) -> None:
    with pytest.raises(ValidationError, match="不是一个字符"):
        Corpus(path="a.csv", delimiter=delimiter)


def test_zstandard_is_read_through_and_a_cut_one_says_so(see: Read, tmp_path: Path) -> None:
    whole = pa.compress("name\n甲\n乙\n".encode("gb18030"), codec="zstd", asbytes=True)
    (tmp_path / "a.csv.zst").write_bytes(whole)
    (tmp_path / "cut.csv.zst").write_bytes(whole[:-3])
    assert see("a.csv.zst", text="name").rows["name"].to_list() == ["甲", "乙"]
    with pytest.raises(CurateError, match="读不出来"):
        see("cut.csv.zst", text="name")


def test_a_header_alone_is_no_row(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,city\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("name,city\n甲,乙\n", encoding="utf-8")
    assert see("*.csv", text="name").rows["name"].to_list() == ["甲"]


def test_an_unknown_ending_asks_for_the_format(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_text("name\n甲\n", encoding="utf-8")
    with pytest.raises(CurateError, match="看不出") as error:
        see("a.dat", text="name")
    assert "format: csv" in error.value.hint
    assert see("a.dat", text="name", format="csv").rows["name"].to_list() == ["甲"]


def test_a_file_name_may_hold_braces(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a{1}.csv").write_text("name,b\n甲\n乙,丙\n", encoding="utf-8")
    assert see("a{1}.csv", text="name").dropped["row_id"].to_list() == ["c:!a{1}.csv:2"]
