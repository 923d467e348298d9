"""docx: what its reader sees."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from zipfile import ZipFile

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml

from curate.sources.documents.numbering import shown
from tests.sources.documents.conftest import ReadDocument

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
Fill = Callable[[Any], object]


def made(fill: Fill) -> bytes:
    document = docx.Document()
    fill(document)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def with_xml(*pieces: str) -> Fill:
    """A paragraph 头尾 with elements between its two runs."""

    def fill(document: Any) -> None:
        paragraph = document.add_paragraph("头")
        for piece in pieces:
            paragraph._p.append(parse_xml(piece.replace("<w:", "<w:", 1).replace(">", f" {W}>", 1)))
        paragraph.add_run("尾")

    return fill


def headed(document: Any) -> None:
    document.add_paragraph("参展合同", style="Title")
    document.add_heading("总则", 1)
    document.add_paragraph("正文")
    style = document.styles.add_style("标题 2", WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("中文样式", style=style)
    derived = document.styles.add_style("公司小标题", WD_STYLE_TYPE.PARAGRAPH)
    derived.base_style = document.styles["Heading 3"]
    document.add_paragraph("派生样式", style=derived)


def listed(document: Any) -> None:
    for text, style in (
        ("甲", "List Bullet"),
        ("乙", "List Bullet"),
        ("一步", "List Number"),
        ("二步", "List Number"),
    ):
        document.add_paragraph(text, style=style)


def merged(document: Any) -> None:
    table = document.add_table(3, 3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "展位"
    table.cell(0, 2).text = "价格|元"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "A区"
    for place, text in (((1, 1), "1"), ((1, 2), "98\n00"), ((2, 1), "2"), ((2, 2), "8800")):
        table.cell(*place).text = text


def boxed(document: Any) -> None:
    with_xml(
        "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>框里</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
    )(document)


@pytest.mark.parametrize(
    ("fill", "text"),
    [
        (with_xml("<w:ins w:id='1'><w:r><w:t>加</w:t></w:r></w:ins>"), "头加尾"),
        (with_xml("<w:del w:id='1'><w:r><w:delText>删</w:delText></w:r></w:del>"), "头尾"),
        (with_xml("<w:moveFrom w:id='1'><w:r><w:t>旧处</w:t></w:r></w:moveFrom>"), "头尾"),
        (with_xml("<w:r><w:rPr><w:vanish/></w:rPr><w:t>藏</w:t></w:r>"), "头尾"),
        (with_xml("<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>显</w:t></w:r>"), "头显尾"),
        (with_xml("<w:sdt><w:sdtContent><w:r><w:t>控件</w:t></w:r></w:sdtContent></w:sdt>"), "头控件尾"),
        (with_xml("<w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink>"), "头链接尾"),
        (with_xml("<w:r><w:instrText>PAGE</w:instrText></w:r>"), "头尾"),
        (with_xml("<w:r><w:br/><w:tab/></w:r>"), "头\n\t尾"),
        (boxed, "头尾\n\n框里"),
        (listed, "- 甲\n- 乙\n1. 一步\n2. 二步"),
        (merged, "| 展位 | 展位 | 价格\\|元 |\n| --- | --- | --- |\n| A区 | 1 | 98 00 |\n| A区 | 2 | 8800 |"),
    ],
)
def test_text_is_what_is_seen(read: ReadDocument, fill: Fill, text: str) -> None:
    assert read("a.docx", made(fill)).text == text


def test_headings_come_from_styles_in_either_language_and_the_title_is_no_text(read: ReadDocument) -> None:
    seen = read("a.docx", made(headed))
    assert seen.row["title"] == "参展合同"
    assert seen.headings == [[1, "总则"], [2, "中文样式"], [3, "派生样式"]]
    assert seen.text == "# 总则\n\n正文\n\n## 中文样式\n\n### 派生样式"


def clauses(document: Any) -> None:
    """A list of 第一条, 第二条 with （一） below, as contracts have it."""
    levels = (("chineseCounting", "第%1条"), ("chineseCounting", "（%2）"), ("decimal", "%1.%2.%3"))
    kinds = "".join(
        f"<w:lvl w:ilvl='{depth}'><w:start w:val='1'/><w:numFmt w:val='{form}'/><w:lvlText w:val='{text}'/></w:lvl>"
        for depth, (form, text) in enumerate(levels)
    )
    numbering = document.part.numbering_part.element
    numbering.insert(0, parse_xml(f"<w:abstractNum {W} w:abstractNumId='77'>{kinds}</w:abstractNum>"))
    numbering.append(parse_xml(f"<w:num {W} w:numId='77'><w:abstractNumId w:val='77'/></w:num>"))
    for depth, text in ((0, "定义"), (1, "展位"), (1, "展品"), (0, "付款"), (1, "定金"), (2, "比例")):
        paragraph = document.add_paragraph(text)
        paragraph._p.get_or_add_pPr().append(
            parse_xml(f"<w:numPr {W}><w:ilvl w:val='{depth}'/><w:numId w:val='77'/></w:numPr>")
        )


def test_numbers_that_word_writes_are_in_the_text(read: ReadDocument) -> None:
    assert read("a.docx", made(clauses)).text.split("\n") == [
        "第一条 定义", "（一） 展位", "（二） 展品", "第二条 付款", "（一） 定金", "二.一.1 比例",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "form", "text"),
    [
        (10, "chineseCounting", "十"),
        (12, "chineseCountingThousand", "十二"),
        (20, "chineseCounting", "二十"),
        (103, "japaneseCounting", "一百零三"),
        (1010, "chineseCounting", "一千零一十"),
        (15, "ideographDigital", "一五"),
        (3, "decimalEnclosedCircle", "③"),
        (7, "decimalZero", "07"),
        (28, "upperLetter", "BB"),
        (14, "lowerRoman", "xiv"),
        (5, "of another program", "5"),
    ],
)
def test_formats_of_numbers(number: int, form: str, text: str) -> None:
    assert shown(number, form) == text


def test_notes_stand_at_the_end_where_the_text_cites_them(read: ReadDocument) -> None:
    data = made(with_xml("<w:r><w:footnoteReference w:id='2'/></w:r>"))
    notes = f"<w:footnotes {W}><w:footnote w:id='2'><w:p><w:r><w:t>出处</w:t></w:r></w:p></w:footnote></w:footnotes>"
    whole = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as old, ZipFile(whole, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "word/_rels/document.xml.rels":
                kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
                part = part.replace(
                    b"</Relationships>",
                    f'<Relationship Id="n1" Type="{kind}" Target="footnotes.xml"/></Relationships>'.encode(),
                )
            if name == "[Content_Types].xml":
                kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
                part = part.replace(
                    b"</Types>",
                    f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>'.encode(),
                )
            new.writestr(name, part)
        new.writestr("word/footnotes.xml", notes)
    assert read("a.docx", whole.getvalue()).text == "头[^2]尾\n\n[^2]: 出处"


def test_properties_are_kept_where_no_program_wrote_them(read: ReadDocument) -> None:
    def fill(document: Any) -> None:
        document.add_paragraph("第一段写得很长，" * 20)
        document.core_properties.title, document.core_properties.author = "年度计划", "王某"

    seen = read("a.docx", made(fill))
    assert (seen.row["title"], seen.row["author"]) == ("年度计划", "王某")
    assert read("b.docx", made(listed)).row["author"] is None


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (OLE + "WordDocument".encode("utf-16-le"), "old_format", "是 2007 年以前的格式，请另存为 .docx"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted", "有密码"),
        (b"", "no_content", "文件是空的"),
        (made(lambda document: None), "no_content", "没有文字"),
        (b"PK\x03\x04 cut short", "unreadable", "不是完整的 .docx：File is not a zip file"),
        (made(listed)[:-2000], "unreadable", "不是完整的 .docx：File is not a zip file"),
    ],
)
def test_what_cannot_be_read_goes_alone(read: ReadDocument, data: bytes, reason: str, detail: str) -> None:
    dropped = read("a.docx", data).dropped
    assert (dropped["line"], dropped["reason"], dropped["detail"]) == (1, reason, detail)


def test_a_zip_that_is_no_docx_is_unreadable(read: ReadDocument) -> None:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "x")
    assert read("a.docx", file.getvalue()).dropped["reason"] == "unreadable"
