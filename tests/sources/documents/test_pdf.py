"""pdf: paragraphs, tables and headings, of which the file says nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from tests.sources.documents.conftest import ReadDocument

FONT = "STSong-Light"
SENTENCE = "本届展会设置了智能包装、环保材料、食品包装机械三个主题馆，海外展商的比例首次超过两成。"
WIDTH, HEIGHT, SIZE, LEADING = 595, 842, 10, 16
Draw = Callable[["Paper"], object]


class Paper:
    """A page to write on from the top."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas, self.y = canvas, 760.0

    def line(
        self, text: str, x: float = 60, size: float = SIZE, y: float | None = None, font: str = FONT
    ) -> None:
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, self.y if y is None else y, text)
        self.y -= LEADING if y is None else 0

    def paragraph(self, text: str, width: int = 40, x: float = 60, indent: int = 2) -> None:
        """Lines of ``width`` characters, the first with an indent."""
        first, rest = text[: width - indent], text[width - indent :]
        self.line(first, x + indent * SIZE)
        for start in range(0, len(rest), width):
            self.line(rest[start : start + width], x)

    def grid(self, rows: list[list[str]]) -> None:
        """A ruled table; an empty cell is one with its left neighbour."""
        top, wide = self.y, 100
        for down, row in enumerate(rows):
            for right, text in enumerate(row):
                if text:
                    span = next((n for n in range(1, len(row) - right) if row[right + n]), len(row) - right)
                    self.canvas.rect(60 + wide * right, top - 20 * (down + 1), wide * span, 20)
                    self.line(text, 65 + wide * right, y=top - 20 * down - 14)
        self.y -= 20 * len(rows) + LEADING

    def next_page(self) -> None:
        self.canvas.showPage()
        self.y = 760.0


def made(draw: Draw, **options: Any) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), **options)
    draw(Paper(canvas))
    canvas.save()
    return file.getvalue()


def two_paragraphs(paper: Paper) -> None:
    paper.paragraph(SENTENCE * 3)
    paper.paragraph("展会将持续四天。")
    paper.paragraph(SENTENCE)


def english(paper: Paper) -> None:
    for line in (
        "The exhibition attracted more than twelve hundred compa-",
        "nies from twenty-three countries and regions during its",
        "four days.",
    ):
        paper.line(line, font="Helvetica")


def a_list(paper: Paper) -> None:
    paper.line("要求：")
    paper.line("● 展台不高于4.5米")
    paper.line("1. " + SENTENCE[:37])
    paper.line(SENTENCE[37:], x=72)
    paper.line("（二）不得使用易燃材料")


def columns(paper: Paper) -> None:
    paper.line("基于双栏版式的论文", x=230, size=20)
    top = paper.y - 20
    for x in (60, 320):
        paper.y = top
        paper.paragraph("左右"[x > 60] + SENTENCE * 4, width=22, x=x)


def cells(paper: Paper) -> None:
    for row in (("指标", "2023", "2024"), ("展商", "1,050", "1,200"), ("观众", "30,000", "35,000")):
        for place, text in enumerate(row):
            paper.line(text, x=60 + 150 * place, y=paper.y)
        paper.y -= LEADING


def across_pages(paper: Paper) -> None:
    paper.paragraph(SENTENCE[:38] * 1 + SENTENCE[:40])
    paper.next_page()
    paper.line("这是上一页那一段的后半句。")


@pytest.mark.parametrize(
    ("draw", "text"),
    [
        (two_paragraphs, f"{SENTENCE * 3}\n\n展会将持续四天。\n\n{SENTENCE}"),
        (english, "The exhibition attracted more than twelve hundred companies from twenty-three countries and regions during its four days."),
        (a_list, f"要求：\n\n- 展台不高于4.5米\n1. {SENTENCE}\n（二）不得使用易燃材料"),
        (columns, f"左{SENTENCE * 4}\n\n右{SENTENCE * 4}"),
        (cells, "| 指标 | 2023 | 2024 |\n| --- | --- | --- |\n| 展商 | 1,050 | 1,200 |\n| 观众 | 30,000 | 35,000 |"),
        (lambda paper: paper.line("第 一 届 展 会"), "第一届展会"),
        (lambda paper: [paper.line("加粗的字"), paper.line("加粗的字", x=60.4, y=760)], "加粗的字"),
    ],
)  # fmt: skip
def test_lines_become_what_they_were_before_they_were_set(read: ReadDocument, draw: Draw, text: str) -> None:
    assert read("a.pdf", made(draw)).text == text


def test_a_paragraph_goes_on_over_the_page_and_the_page_s_place_is_in_it(read: ReadDocument) -> None:
    seen = read("a.pdf", made(across_pages))
    assert "\n" not in seen.text
    assert seen.page(2) == "这是上一页那一段的后半句。"


def test_ruled_tables_have_their_merged_cells_filled_and_go_on_over_the_page(read: ReadDocument) -> None:
    def draw(paper: Paper) -> None:
        paper.line("价格如下：")
        paper.y = 130
        paper.grid([["展位", "价格", ""], ["", "早鸟", "普通"], ["A区", "8|800", "9800"]])
        paper.next_page()
        paper.grid([["B区", "6800", "7800"]])
        paper.line("以上不含税。")

    seen = read("a.pdf", made(draw))
    assert seen.text.split("\n") == [
        "价格如下：",
        "",
        "| 展位 | 价格 | 价格 |",
        "| --- | --- | --- |",
        "|  | 早鸟 | 普通 |",
        "| A区 | 8\\|800 | 9800 |",
        "| B区 | 6800 | 7800 |",
        "",
        "以上不含税。",
    ]
    assert seen.page(2) == "| B区 | 6800 | 7800 |\n\n以上不含税。"


def test_headings_are_told_by_their_size(read: ReadDocument) -> None:
    def draw(paper: Paper) -> None:
        paper.line("2024年度报告", x=200, size=22)
        for part in ("概况", "展望"):
            paper.y -= 10
            paper.line(part, size=14)
            paper.paragraph(SENTENCE * 2)

    seen = read("a.pdf", made(draw))
    assert (seen.row["title"], seen.headings) == ("2024年度报告", [[2, "概况"], [2, "展望"]])
    assert seen.text.startswith(f"## 概况\n\n{SENTENCE}")


def test_headers_footers_page_numbers_and_watermarks_are_no_text(read: ReadDocument) -> None:
    def draw(paper: Paper) -> None:
        for number in range(1, 5):
            paper.line("华展网络 年度报告", y=810)
            paper.line(f"第 {number} 页 共 4 页", x=270, y=30)
            paper.canvas.saveState()
            paper.canvas.rotate(45)
            paper.line("内部资料", x=500, y=100, size=40)
            paper.canvas.restoreState()
            paper.line(f"{'甲乙丙丁'[number - 1]}：这一页的正文。")
            paper.next_page()

    seen = read("a.pdf", made(draw))
    assert seen.text == "\n\n".join(f"{one}：这一页的正文。" for one in "甲乙丙丁")
    assert seen.page(3) == "丙：这一页的正文。\n\n"


def test_a_turned_page_reads_like_any_other(read: ReadDocument) -> None:
    def draw(paper: Paper) -> None:
        paper.canvas.setPageRotation(90)
        paper.canvas.translate(WIDTH, 0)
        paper.canvas.rotate(90)
        paper.y = 500
        paper.paragraph(SENTENCE * 2)

    assert read("a.pdf", made(draw)).text == SENTENCE * 2


def picture(paper: Paper) -> None:
    paper.canvas.drawImage(ImageReader(Image.new("L", (30, 40), 200)), 0, 0, WIDTH, HEIGHT)


def scan(paper: Paper) -> None:
    for _ in range(3):
        picture(paper)
        paper.next_page()


def without_meaning() -> bytes:
    """Glyph numbers of a font that does not say which characters they are."""
    shown = b"BT /F 12 Tf 50 700 Td <" + b"".join(b"%04x" % glyph for glyph in range(300, 340)) + b"> Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(shown), shown),
        b"<</Type/Font/Subtype/Type0/BaseFont/AAAAAA+S/Encoding/Identity-H/DescendantFonts[6 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/AAAAAA+S/DW 1000/FontDescriptor 7 0 R"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>",
        b"<</Type/FontDescriptor/FontName/AAAAAA+S/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800"
        b"/Descent -200/CapHeight 700/StemV 80>>",
    ]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, one) for number, one in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer <</Size 8/Root 1 0 R>>\n%%EOF"


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (made(scan), "scanned", "3 页，3 张图片，没有文字层"),
        (made(two_paragraphs, encrypt="secret"), "encrypted", "有密码"),
        (without_meaning(), "garbled_font", "100% 的字符在字体里没有对应的文字"),
        (made(lambda paper: paper.canvas.rect(50, 50, 100, 100)), "no_content", "没有文字"),
        (b"", "no_content", "文件是空的"),
        (b"%PDF-1.4 cut short", "unreadable", "不是完整的 pdf："),
        (b"<html>a page in place of the file</html>", "unreadable", "不是完整的 pdf："),
    ],
)
def test_what_has_no_text_goes_alone_with_its_reason(
    read: ReadDocument, data: bytes, reason: str, detail: str
) -> None:
    dropped = read("a.pdf", data).dropped
    assert (dropped["line"], dropped["reason"]) == (1, reason)
    assert dropped["detail"].startswith(detail)


def test_a_scanned_page_among_others_is_counted(read: ReadDocument) -> None:
    def draw(paper: Paper) -> None:
        picture(paper)
        paper.next_page()
        two_paragraphs(paper)

    row = read("a.pdf", made(draw)).row
    assert (row["pages"], row["pages_without_text"]) == (2, 1)


def test_author_and_date_of_the_properties(read: ReadDocument) -> None:
    def draw(paper: Paper) -> None:
        paper.canvas.setTitle("年度报告")
        paper.canvas.setAuthor("王某")
        paper.paragraph(SENTENCE * 3)

    row = read("a.pdf", made(draw, invariant=1)).row
    assert (row["title"], row["author"], row["created"]) == ("年度报告", "王某", "2000-01-01")


def test_a_sample_reads_the_first_pages_only(read: ReadDocument) -> None:
    def draw(paper: Paper) -> None:
        for _ in range(9):
            paper.line("正文")
            paper.next_page()

    assert read("a.pdf", made(draw), sample=True).row["pages"] == 5
