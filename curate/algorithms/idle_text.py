"""Texts that say nothing: rows typed to try a form, keyboard runs, what a site puts around an article, advertising."""

from __future__ import annotations

import re
from functools import cache

import polars as pl

#: What a wrong conversion leaves: lost characters, two of UTF-8 and three of GB2312 read as Latin-1.
GARBLED = r"锟斤|斤拷锟|烫烫烫|屯屯屯|\uFFFD|[\u00C0-\u00FF][\u0080-\u00BF]{1,2}[\u00C0-\u00FF][\u0080-\u00BF]|(?:[\u00B0-\u00B6\u00B8-\u00F7][\u00A1-\u00FE]){3}|â€[\u0080-\u00FF™œ“”]"
GARBLED_CUES = ["锟斤", "斤拷锟", "烫烫烫", "屯屯屯", "\ufffd", *map(chr, range(0xC0, 0x100))]

#: A phrase that a site puts around its articles, and what follows it in its clause; a cue, the rest of the pattern.
REST = r"[^。！？；，\n]{0,20}"
BOILERPLATE = {
    "责任编辑": rf"[：:（(]?{REST}",
    "责编：": REST,
    "本文来源": rf"[：:于自]?{REST}",
    "文章来源：": REST,
    "原文链接": rf"[：:]?{REST}",
    "原标题：": REST,
    "点击查看更多": REST,
    "查看更多": REST,
    "点击阅读": REST,
    "阅读原文": REST,
    "展开全文": "",
    "扫码关注": REST,
    "扫一扫": REST,
    "扫描二维码": REST,
    "关注公众号": REST,
    "微信公众号：": REST,
    "版权所有": REST,
    "版权声明": rf"[：:]?{REST}",
    "免责声明": rf"[：:]?{REST}",
    "未经授权": REST,
    "转载请注明": REST,
    "请勿转载": "",
    "上一篇": rf"[：:]?{REST}",
    "下一篇": rf"[：:]?{REST}",
    "相关阅读": rf"[：:]?{REST}",
    "推荐阅读": rf"[：:]?{REST}",
    "返回搜狐": REST,
    "分享到": REST,
    "加载中": "[.…]*",
    "广告位": REST,
    "网站地图": "",
    "联系我们": "",
    "友情链接": "",
    "登录注册": "",
    "ICP备": r"[0-9\-号]*",
}
#: Phrases of those who sell what nobody asked for. One of them proves nothing: density does.
ADVERTS = [
    "加微信", "加微", "加v", "加V", "薇信", "威信号", "徽信", "vx：", "VX：", "vx:", "V信", "微信号", "加qq", "加QQ", "扣扣", "私聊我",
    "代开发票", "刷单", "刷信誉", "兼职日结", "日结", "日赚", "月入过万", "躺赚", "包过", "办证", "低息贷款", "无抵押", "秒到账",
    "免费领取", "点击链接", "点击领取", "限时抢购", "仅限今日", "返利", "高仿", "货到付款", "正规可查", "非诚勿扰", "稳赚", "内部渠道",
    "开户送", "优惠券群", "福利群", "进群", "招代理", "诚招代理", "淘宝客", "全网最低", "包邮秒杀",
]  # fmt: skip
#: Words that a row typed to try a form is made of, as a whole.
TRIED = r"测试|试一下|试试|试用|样例|示例|示范|占位|随便写写?|随便填填?|随便|test(?:ing)?|demo|sample|example|foo|bar|hello|world"
FILLING = r"数据|内容|文本|标题|名称|公司|企业|用户|账号|记录|一下|用例|用|行|请忽略|忽略|删除|勿删|这是|这里是|一条|一个|的|row|data|user|abc|\d+|第|号"
#: A longer text is no trial.
TRIAL_BYTES = 120
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "abcdefg")


@cache
def _boilerplate() -> str:
    return "|".join(f"(?:{re.escape(cue)}{rest})" for cue, rest in BOILERPLATE.items())


@cache
def _site_line() -> str:
    cues = "|".join(re.escape(cue) for cue in BOILERPLATE)
    return rf"(?m)(?:^|[。！？…）)\s])[【\[（(]?(?:{cues}).{{0,40}}$"


@cache
def _keyboard() -> str:
    """Runs of three or more neighbouring keys, either way."""
    runs = {
        row[first:last]
        for keys in KEYS
        for row in (keys, keys[::-1])
        for first in range(len(row))
        for last in range(first + 3, len(row) + 1)
    }
    return "|".join(sorted(runs, key=lambda run: (-len(run), run)))


def idle_parts(texts: pl.Series) -> pl.DataFrame:
    """What of each text says nothing; null is an empty text.

    Returns:
        Columns ``boilerplate``: the share of the characters in phrases that a site puts around an article,
        0 unless one has a line of its own or the end of one; ``advert``: phrases of advertising a hundred characters; ``garbled``: characters were lost, or UTF-8 was read as something else; ``trial``: the whole
        text was typed to try a form (测试数据1, asdf, 111, qwerty123).
    """
    text = pl.col("text")
    frame = texts.fill_null("").alias("text").to_frame().with_row_index("place")
    rest = text.str.replace_all(_boilerplate(), "").str.len_chars()
    chars = text.str.len_chars()
    cues = frame.filter(text.str.contains_any(_cues())).select(
        "place",
        boilerplate=pl.when(text.str.contains(_site_line())).then(1 - rest / chars),
        advert=100 * text.str.extract_many(ADVERTS, leftmost=True).list.len() / chars.clip(20),
        garbled=text.str.contains(GARBLED),
    )
    short = frame.filter(text.str.len_bytes() <= TRIAL_BYTES).select("place", trial=_is_trial(text))
    told = frame.select("place")
    for found in (cues, short):
        told = told.join(found, on="place", how="left", maintain_order="left")
    return told.select(
        pl.col("boilerplate", "advert").fill_null(0.0),
        pl.col("garbled", "trial").fill_null(False),
    )


@cache
def _cues() -> list[str]:
    return [*GARBLED_CUES, *BOILERPLATE, *ADVERTS]


def _is_trial(text: pl.Expr) -> pl.Expr:
    bare = text.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]", "")
    words = bare.str.contains(rf"^(?:{FILLING})*(?:{TRIED})(?:{TRIED}|{FILLING})*$")
    same = bare.str.contains("^(?:" + "|".join(f"{mark}{{2,}}" for mark in "0123456789asdxz") + ")$")
    return words | same | bare.str.contains(rf"^(?:{_keyboard()})+$")
