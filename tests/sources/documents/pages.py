"""Invented Chinese web pages in the layouts that Chinese sites have, and what of each is its content."""

from __future__ import annotations

import re
from collections import Counter


def tokens(text: str) -> Counter[str]:
    """Chinese characters and words of other scripts."""
    return Counter(re.findall(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+", text.lower()))


def scores(got: str, wanted: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of the tokens, with their counts."""
    one, other = tokens(got), tokens(wanted)
    common = (one & other).total()
    if not common:
        return 0.0, 0.0, 0.0
    precision, recall = common / one.total(), common / other.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def links(*names: str, tag: str = "li") -> str:
    return "".join(f'<{tag}><a href="/{place}">{name}</a></{tag}>' for place, name in enumerate(names))


def each(tag: str, texts: list[str]) -> str:
    return "".join(f"<{tag}>{text}</{tag}>" for text in texts)


NAVIGATION = (
    '<div class="header"><div class="logo"><a href="/">华展网</a></div><ul class="nav">'
    + links("首页", "新闻中心", "展会日历", "展商名录", "观众登记", "行业报告", "招商加盟", "关于我们")
    + "</ul><form><input name=q><button>搜索</button></form></div>"
)
FOOTER = (
    '<div class="footer"><p><a href=/a>关于我们</a> | <a href=/b>网站地图</a> | <a href=/c>法律声明</a></p>'
    "<p>版权所有 © 2024 华展网络科技有限公司 沪ICP备12345678号-1</p>"
    "<p>违法和不良信息举报电话：021-00000000　举报邮箱：jubao@example.com</p></div>"
)
POPULAR = (
    '<div class="sidebar"><h3>热门排行</h3><ol>'
    + links("春季家具展定档三月", "五金展观众预登记开启", "食品展新增预制菜专区", "机床展吸引两百家企业")
    + "</ol></div>"
)
SHARE = '<div class="share">分享到：<a>微信</a><a>微博</a><a>QQ空间</a> 扫码关注公众号</div>'
NEWS = [
    "第十八届华东国际包装展于三月二十日在上海新会展中心开幕，来自二十三个国家和地区的一千二百余家企业参展。",
    "本届展会设置了智能包装、环保材料、食品包装机械三个主题馆。今年海外展商的比例首次超过两成，预登记人数增长百分之三十五。",
    "“我们带来了可降解的薄膜新品，第一天就收到了十几家采购商的询价。”一家材料企业的销售经理说。",
    "展会将持续四天。",
    "展会同期还将举办二十余场论坛，议题包括碳足迹核算、包装回收与跨境物流。观众须凭身份证件入场，1.4米以下儿童谢绝入场。",
]
NOTICE = [
    "各有关单位：",
    "为规范展览场馆的消防安全管理，现就做好展会临时搭建工作通知如下：",
    "一、搭建单位应当具备相应资质，进场前向主场单位提交图纸。",
    "二、展台高度不得超过4.5米。",
    "附件：展台搭建安全承诺书",
    "市会展业促进中心",
    "2024年3月1日",
]
SHORT = [
    "华展网络成立于2008年，总部位于上海。",
    "公司专注展会数字化服务。",
    "累计服务主办方六百余家。",
    "让每一次见面都有价值。",
]
FEATURES = ["双变频器控制，袋长即设即切", "故障自诊断，一目了然"]
NUMBERS = [("型号", "HZ-200A"), ("额定功率", "2.5 kW"), ("包装速度", "30–60 包/分钟")]
POSTS = [
    "第一次参展，三米乘三米的标准展位一般要准备多少预算？",
    "我们去年标摊费一万二，加上差旅和样品运输，总共三万左右。",
    "特装的话每平米搭建费在八百到一千五之间，一定要提前报馆，不然现场要交加急费。",
    "谢谢楼上两位，很有帮助！",
]
QUESTIONS = [
    ("需要预登记吗？", "需要。请在官网提交信息。"),
    ("门票多少钱？", "专业观众免费。"),
    ("有停车场吗？", "有，P1至P4，每小时十元。"),
]
DUTIES = [
    "岗位职责：",
    "1、负责展会项目的招商与客户维护；",
    "2、协助制定年度销售计划。",
    "任职要求：",
    "1、大专及以上学历。",
]
HISTORY = [("历史", "该展创办于1998年，最初只有六十家企业参加。"), ("规模", "2024年展览面积十一万平方米。")]
ANSWERS = [
    "先说结论：值得去，但别指望现场成交。展会的作用是见面，把邮件里的名字变成真人。",
    "我做外贸八年，每年参加两次。第三年开始老客户会带新客户来。关键是提前约，会后两周内跟进。",
    "不值得。摊位费年年涨，来的都是推销的。",
]

#: layout -> (title, body, content)
LAYOUTS: dict[str, tuple[str, str, list[str]]] = {
    "a news portal": (
        "华东国际包装展在沪开幕",
        f'{NAVIGATION}<div class="crumb"><a>首页</a> &gt; <a>新闻</a> &gt; 正文</div><div class="main">'
        '<h1>华东国际包装展在沪开幕</h1><div class="info"><span>2024-03-20</span> <span>来源：华展网</span></div>'
        f'<div class="content">{each("p", NEWS)}</div><div class="editor">（责任编辑：李某）</div>{SHARE}'
        f'<div class="related"><h3>相关阅读</h3><ul>{links("上届回顾", "展位分配", "绿色搭建")}</ul></div></div>{POPULAR}{FOOTER}',
        NEWS,
    ),
    "tables of 2003 with line breaks for paragraphs": (
        "关于举办秋季五金展的通知",
        f"<table width=100%><tr><td colspan=2><table><tr>{links('首页', '新闻', '会员', '论坛', tag='td')}</tr></table>"
        f"</td></tr><tr><td width=180><table>{links('公司动态', '行业新闻', '展会预告', tag='tr')}</table></td>"
        f"<td><font size=2>　　{'<br><br>　　'.join(NEWS)}</font></td></tr><tr><td colspan=2 align=center>"
        "<font size=1>Copyright 2003 五金网 版权所有 京ICP证000000号 建议使用IE6.0浏览</font></td></tr></table>",
        NEWS,
    ),
    "a government's notice": (
        "关于加强展会临时搭建安全管理的通知",
        f'{NAVIGATION}<div class="position">当前位置：<a>首页</a>&gt;<a>政务公开</a>&gt;<a>通知公告</a></div>'
        '<h1>关于加强展会临时搭建安全管理的通知</h1><div class="TRS_Editor">'
        + "".join(f'<p style="text-indent:2em"><span>{line}</span></p>' for line in NOTICE)
        + f'</div><div class="pchide"><a>打印本页</a><a>关闭窗口</a></div>{FOOTER}',
        NOTICE,
    ),
    "short paragraphs about a company": (
        "公司简介",
        f'{NAVIGATION}<div class="side"><ul>{links("公司简介", "发展历程", "企业文化")}</ul></div>'
        f'<div class="about-main"><h1>公司简介</h1>{each("p", SHORT)}</div>{FOOTER}',
        SHORT,
    ),
    "a product's list and table": (
        "HZ-200A 枕式包装机",
        f'{NAVIGATION}<div class="cate"><h3>产品分类</h3><ul>{links("枕式", "立式", "封口机")}</ul></div><div class="product">'
        f"<h1>HZ-200A 枕式包装机</h1><h2>特点</h2><ul>{each('li', FEATURES)}</ul><h2>参数</h2><table>"
        + "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in NUMBERS)
        + f"</table></div>{FOOTER}",
        ["特点", *FEATURES, "参数", *(" ".join(row) for row in NUMBERS)],
    ),
    "a forum's thread": (
        "参展预算怎么做？",
        f'{NAVIGATION}<h1>参展预算怎么做？</h1><div id="thread">'
        + "".join(
            f'<div class="post"><div class="author"><a>展友{place}</a><p>积分 {place}</p></div><div class="message">{post}</div>'
            '<div class="op"><a>回复</a><a>举报</a><a>支持</a></div></div>'
            for place, post in enumerate(POSTS)
        )
        + f"</div>{POPULAR}{FOOTER}",
        POSTS,
    ),
    "questions with answers of a few characters": (
        "观众常见问题",
        f'{NAVIGATION}<div class="faq-box"><h1>观众常见问题</h1>'
        + "".join(f"<h3>{question}</h3><p>{answer}</p>" for question, answer in QUESTIONS)
        + f"</div>{FOOTER}",
        ["".join(pair) for pair in QUESTIONS],
    ),
    "an article of WeChat, which a script makes visible": (
        "带你逛展",
        '<h1>带你逛展</h1><div id="js_content" style="visibility: hidden;"><section>'
        + "".join(f"<section><p><span>{line}</span></p></section>" for line in NEWS)
        + '</section></div><div class="qr_code_pc"><p>微信扫一扫<br>关注该公众号</p></div>',
        NEWS,
    ),
    "nothing but div, with names that mean nothing": (
        "预制菜展观察",
        f'<div class="a1">{links("推荐", "热点", "视频", tag="div")}</div><div class="c1">{each("div", NEWS)}</div>'
        f'<div class="d2">{links("为什么今年的家具展人少了", "一张椅子的成本", "从代工到品牌", tag="div")}</div>',
        NEWS,
    ),
    "an encyclopaedia": (
        "华东国际包装展",
        f'<div id="mw-head"><ul>{links("条目", "讨论", "查看历史")}</ul></div><h1>华东国际包装展</h1><div id="bodyContent">'
        f'<div id="toc"><ul>{links("历史", "规模", "奖项")}</ul></div><p>该展是在<a>上海</a>举办的包装行业<a>展览会</a>。</p>'
        + "".join(f"<h2>{head}</h2><p>{text}</p>" for head, text in HISTORY)
        + '</div><div id="footer"><p>本站全部文字在知识共享协议之条款下提供。</p></div>',
        ["该展是在上海举办的包装行业展览会。", *("".join(part) for part in HISTORY)],
    ),
    "a vacancy with line breaks": (
        "会展项目经理",
        f'{NAVIGATION}<div class="job-detail"><h1>会展项目经理</h1><div class="job-text">{"<br>".join(DUTIES)}</div></div>'
        f'<div class="recommend"><h3>相似职位</h3><ul>{links("展览设计师", "客户经理")}</ul></div>{FOOTER}',
        DUTIES,
    ),
    "a question with its answers": (
        "参加展会值得吗？",
        '<div class="AppHeader"><a>首页</a><a>会员</a><a>发现</a><button>提问</button></div><h1>参加展会值得吗？</h1>'
        '<div class="QuestionHeader-detail">公司想去，预算五万，求有经验的人说说。</div><div class="List">'
        + "".join(
            f'<div class="List-item"><div class="RichContent-inner"><p>{answer}</p></div><button>赞同</button></div>'
            for answer in ANSWERS
        )
        + f'</div><div class="Card"><h3>相关问题</h3>{links("展会怎么选？", "如何布展？", "怎么参展？", tag="div")}</div>',
        ["公司想去，预算五万，求有经验的人说说。", *ANSWERS],
    ),
    "a piece of a page": ("第十八届", f"<p>{'</p><p>'.join(NEWS)}</p>", NEWS),
}


def page(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}_华展网</title>'
        f"<script>if(0<i){{x}}</script></head><body>{body}</body></html>"
    )
