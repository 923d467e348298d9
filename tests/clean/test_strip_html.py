"""strip_html: tags and entities that HTML has, and nothing that merely looks like one."""

from __future__ import annotations

import pytest

from tests.clean.tables import rewritten

STRIPPED = {
    "paragraphs are not glued": ("<p>第一段</p><p>第二段</p>", "第一段\n第二段"),
    "line ends behind a block are source code": ("<p>第一段</p>\r\n<p>第二段</p>\r\n", "第一段\n第二段"),
    "a break": ("上海<br/>北京<BR>广州<br />", "上海\n北京\n广州"),
    "list": ("<ul><li>甲</li><li>乙</li></ul>", "甲\n乙"),
    "inline tags leave no gap": ("上<b>海</b><span style='color:red'>展会</span>", "上海展会"),
    "link with Chinese in its address": ("<a href=http://www.abc.com/新闻中心>新闻</a>", "新闻"),
    "quoted > in an attribute": ("<div data-x=\"1>2\" class='a b'>甲</div>", "甲"),
    "boolean attribute": ("<input disabled>甲<video controls autoplay>", "甲"),
    "attributes over lines": ('<table\n  width="100%"\n>甲</table>', "甲"),
    "image": ('上海<img src="a.png" alt="展会">北京', "上海北京"),
    "script goes with its content": ("甲<script>if (a<b) alert('p')</script>乙", "甲乙"),
    "style goes with its content": ("<style type='text/css'>p {color: red}</style>甲", "甲"),
    "comment over lines": ("甲<!-- <p>\n旧文 -->乙", "甲乙"),
    "document type": ("<!DOCTYPE html>\n<html><body>甲</body></html>", "甲"),
    "pasted from Word": ('<?xml:namespace prefix = o ns = "urn:x" /><o:p>甲</o:p>', "甲"),
    "named entities": ("R&amp;D&nbsp;&ldquo;甲&rdquo;&mdash;&lt;b&gt;", "R&D\u00a0“甲”—<b>"),
    "numbered entities": ("&#20013;&#x6587;&#X6587;", "中文文"),
    "entities that were escaped twice": ("A&amp;amp;B&amp;nbsp;甲", "A&B\u00a0甲"),
    "beside a numbered one too": ("&amp;lt;&#20013;&amp;#39;", "<中'"),
    "an ampersand escaped a hundred times": ("&" + "amp;" * 100 + "lt;500", "<500"),
    "tags that were escaped": ("&lt;p&gt;甲&lt;/p&gt;&amp;lt;br/&amp;gt;乙", "甲\n乙"),
    "tags around an escaped one": ("<p>&lt;b&gt;甲&lt;/b&gt;</p>", "甲"),
    "a tag within a tag's name": ("<<i></i>p>甲</p>", "甲"),
    "an entity across a tag": ("&am<b></b>p;", "&"),
    "what an entity hides": ("上&#8203;海&shy;&zwnj;", "上海"),
    "mojibake that a tag parted": ("Caf\u00c3<b></b>\u00a9", "Café"),
    "a space whose entity lost its end": ("甲&nbsp乙&nbsp；丙&nbsp", "甲\u00a0乙\u00a0丙\u00a0"),
    "search results cut inside": ("上海<em>展会</em>在<em>国家会展", "上海展会在国家会展"),
    "a paragraph that is never closed": ("第一段<p>第二段<P>第三段", "第一段\n第二段\n第三段"),
    "a letter's tag with an attribute": ("见<a name=x>附件", "见附件"),
    "letters' tags in pairs": ("a<b>c</b>d <CODE>x</code>", "acd x"),
    "an emoji by number": ("&#128077;", "👍"),
    "tags and entities": ("<p>价格&lt;500元</p>", "价格<500元"),
}
KEPT = {
    "a condition": "当 0<i 且 i<n 时",
    "two comparisons": "a<b and c>d",
    "a formula in letters": "a<b>c，x<i>y，n<p>q",
    "a placeholder": "git checkout <branch>，docker cp <source> <title>",
    "a tag that is talked about": "用 <b> 加粗，用<code>写代码",
    "the number of no character": "&#0;&#xD800;&#x110000;",
    "temperature": "温度<5℃",
    "price range": "1<价格<5 且 x>3",
    "Chinese in angle brackets": "<温度>与<展位号>",
    "generic types": "List<String> names",
    "an arrow and a heart": "甲 <- 乙 <3",
    "an e-mail address": "<service@abc.com>",
    "ampersands": "AT&T 与 R&D，A&B;",
    "an address with parameters": "http://a.com/?a=1&copy=2&lt=3&region=4",
    "a name that HTML does not have": "&foo;&notit;",
    "a tag that is not closed": "见下文 <a href=",
    "Chinese title marks": "《上海》〈北京〉",
    "emoji": "👨‍👩‍👧<3",
    "line ends at the ends": "\n甲\n",
    "empty": "",
    "null": None,
}


@pytest.mark.parametrize(("text", "expected"), STRIPPED.values(), ids=STRIPPED)
def test_tags_and_entities_go(text: str, expected: str) -> None:
    assert rewritten("strip_html", text) == [expected]


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_merely_looks_like_html_stays(text: str | None) -> None:
    assert rewritten("strip_html", text) == [text]


def test_an_address_beside_a_numbered_entity_keeps_its_parameters() -> None:
    text = "http://a.com/?a=1&copy=2&region=4 &#20013;&foo;"
    assert rewritten("strip_html", text) == ["http://a.com/?a=1&copy=2&region=4 中&foo;"]


def test_a_row_without_entities_is_untouched_beside_rows_with_them() -> None:
    texts = ["甲", None, "&#20013;", "&lt;", "", "AT&T"]
    assert rewritten("strip_html", *texts) == ["甲", None, "中", "<", "", "AT&T"]
