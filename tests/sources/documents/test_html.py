"""html: the main content of a page, and nothing of it lost."""

from __future__ import annotations

from statistics import mean

import pytest

from tests.sources.documents.conftest import ReadDocument
from tests.sources.documents.pages import LAYOUTS, page, scores


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_content_of_a_chinese_page_is_kept_whole(read: ReadDocument, layout: str) -> None:
    title, body, content = LAYOUTS[layout]
    seen = read("a.html", page(title, body))
    precision, recall, _ = scores(seen.text, "\n".join(content))
    assert (recall, seen.row["title"]) == (1.0, title)
    assert precision > 0.8


def test_hardly_anything_beside_the_content_stays(read: ReadDocument) -> None:
    def f1(**options: bool) -> float:
        return mean(
            scores(read("a.html", page(title, body), **options).text, "\n".join(content))[2]
            for title, body, content in LAYOUTS.values()
        )

    assert f1() > 0.95
    assert f1(main_content=False) < 0.8


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>一段</p><p>二段</p>", "一段\n\n二段"),
        ("一行<br>二行<br><br>　　另一段", "一行\n二行\n\n另一段"),
        ("<p>源文件里\n   换行的中文</p>", "源文件里换行的中文"),
        ("<p>two\n  words</p>", "two words"),
        ("<p>温度0<i 且 i<n 时，用 List<String> 保存</p>", "温度0<i 且 i<n 时，用 List<String> 保存"),
        ("<p>若a<b则继续，<温度>过高则停</p>", "若a<b则继续，<温度>过高则停"),
        ("<p>重<b class=x>点</b>和<i>斜体</i></p>", "重点和斜体"),
        ("<h2>标题</h2><p>正文</p>", "## 标题\n\n正文"),
        ("<p>有</p><ul><li>甲</li><li>乙<ul><li>丙</li></ul></li></ul>", "有\n\n- 甲\n- 乙\n  - 丙"),
        ("<p>有</p><ol start=3><li><p>甲</p></li><li>乙</li></ol>", "有\n\n3. 甲\n4. 乙"),
        ("<p>有</p><ol start=²><li>甲</li></ol>", "有\n\n1. 甲"),
        ("<p>码</p><pre>if a:\n    b</pre>", "码\n\n```\nif a:\n    b\n```"),
        ("<p>一<ruby>展<rt>zhǎn</rt></ruby>会</p>", "一展会"),
        ("<p>显</p><p style='display:none'>藏</p><p hidden>藏</p><!-- 注 --><script>x</script>", "显"),
        ("<p>&lt;b&gt; &amp;amp; 5&nbsp;m²</p>", "<b> &amp; 5\xa0m²"),
        (
            "<p>表</p><table><tr><th>区</th><th>价</th></tr><tr><td rowspan=2>A</td><td>1|2</td></tr><tr><td>3</td></tr></table>",
            "表\n\n| 区 | 价 |\n| --- | --- |\n| A | 1\\|2 |\n| A | 3 |",
        ),
        (
            "<p>表</p><table><tr><td colspan=2>甲</td><td>乙</td></tr><tr><td>1</td><td>2</td><td>3</td></tr></table>",
            "表\n\n| 甲 | 甲 | 乙 |\n| --- | --- | --- |\n| 1 | 2 | 3 |",
        ),
        ("<table><tr><td><table><tr><td>排</td><td>版</td></tr></table></td></tr></table>", "排\n\n版"),
    ],
)
def test_layout_becomes_markdown(read: ReadDocument, body: str, text: str) -> None:
    assert read("a.html", f"<title>题</title>{body}", main_content=False).text == text


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "gb2312"),  # many a page says so and is not
        ("gb18030", "gb2312"),
        ("gb18030", "GBK"),
        ("big5", "big5"),
        ("big5hkscs", "Big5"),
        ("utf-16", "utf-8"),
        ("utf-8-sig", "iso-8859-1"),
        ("shift_jis", "Shift_JIS"),
        ("gb18030", ""),
        ("gb18030", "no-such-charset"),
    ],
)
def test_the_bytes_decide_before_what_the_page_declares(
    read: ReadDocument, encoding: str, declared: str
) -> None:
    text = (
        "展覽會開幕，來自各地的企業參加。" * 4
        if "big5" in encoding or "jis" in encoding
        else "展览会开幕，来自各地的企业参加。" * 4
    )
    text = "展示会の開催について、ご案内いたします。" if encoding == "shift_jis" else text
    source = (
        f"<html><head><meta charset='{declared}'><title>t</title></head><body><p>{text}</p></body></html>"
    )
    assert read("a.html", source.encode(encoding)).text == text


def test_a_page_whose_text_does_not_decode_goes_but_one_bad_byte_in_a_script_is_nothing(
    read: ReadDocument,
) -> None:
    good = "<p>展会总结，观众增加。</p>".encode()
    assert read("a.html", good + b"<p>\xff\xff</p>", encoding="utf-8").dropped["reason"] == "undecodable"
    assert read("a.html", good + b"<script>\xff</script>", encoding="utf-8").text == "展会总结，观众增加。"


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>包装展开幕_华展网</title>", "<h1>包装展开幕</h1><p>正文</p>", "包装展开幕"),
        ("<title>包装展开幕 - 新闻 - 华展网</title>", "<p>正文</p>", "包装展开幕"),
        ("<title>包装展_华展网</title>", "<h1>华展网</h1><p>正文</p>", "包装展"),
        ("<title>华展网</title><meta property='og:title' content='包装展开幕'>", "<p>正文</p>", "包装展开幕"),
        ("", "<p>只有一行</p>", "只有一行"),
    ],
)
def test_the_title_is_the_page_s_and_not_the_site_s(
    read: ReadDocument, head: str, body: str, title: str
) -> None:
    assert read("a.html", f"<html><head>{head}</head><body>{body}</body></html>").row["title"] == title


def test_author_and_date_of_the_head(read: ReadDocument) -> None:
    head = "<meta name=author content=李某><meta property='article:published_time' content='2024-03-20'>"
    row = read("a.html", f"<head>{head}</head><body><p>正文</p></body>").row
    assert (row["author"], row["created"], row["pages"]) == ("李某", "2024-03-20", None)


def test_a_page_of_links_only_is_kept_whole(read: ReadDocument) -> None:
    seen = read(
        "a.html", "<title>目录</title><ul><li><a>甲展</a></li><li><a>乙展</a></li><li><a>丙展</a></li></ul>"
    )
    assert seen.text == "- 甲展\n- 乙展\n- 丙展"


@pytest.mark.parametrize(
    "source", ["", "  \n", "<html><body></body></html>", "<script>a</script>", "<!-- x -->"]
)
def test_a_page_without_text_goes_with_its_reason(read: ReadDocument, source: str) -> None:
    assert read("a.html", source).dropped["reason"] == "no_content"
