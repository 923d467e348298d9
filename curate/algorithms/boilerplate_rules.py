"""Boilerplate that every Chinese site writes: rules with names, for the beginning and the end of a text."""

from __future__ import annotations

from dataclasses import dataclass

#: white space within a line; what is between a label and its value; what opens and closes a remark
_W = r"[ \t\u3000\u00a0]*"
_IS = rf"{_W}[：:丨|/]{_W}"
_OPEN, _CLOSE = r"[（(【\[〔]", r"[）)】\]〕]"
_REST = r"[^\n。！？]"
_EDITOR = r"(?:责任编辑|責任編輯|责编|責編|本文编辑|值班编辑|网络编辑|实习编辑|责任校对)"
_PEOPLE = rf"(?:{_EDITOR}|编辑|編輯|校对|审核|监制|总监制|终审|美编)"
_SOURCE = r"(?:本文来源|文章来源|稿件来源|新闻来源|信息来源|图片来源|稿源|来源|來源)"
_LABELS = ("视频", "组图", "图文", "图集", "高清图", "图", "转载", "转")
_SOURCES = ("来源", "來源", "稿源")
_AGENCY = r"(?:新华社|新华网|中新社|中新网|中国新闻网|人民网|央广网|光明网|中国网|本报|本网)"
_REPORTER = r"(?:本报|本刊|本网|央视|总台|新华社|中新社|特约|实习|见习|全媒体)*(?:记者|通讯员)"
#: the hand of a date line: （记者 张三）
_BY = rf"(?:{_W}[（(][^（）()\n]{{1,40}}[）)])?"

#: How many characters at the beginning and at the end of a text the rules look at: more than any rule takes.
HEAD, TAIL = 160, 640


@dataclass(frozen=True)
class Remark:
    """One kind of remark.

    Attributes:
        at: head or tail of a text.
        body: the remark as a regular expression.
        needs: a text without any of these words has none.
        own_line: it counts only on a line of its own, not behind a sentence.
    """

    name: str
    at: str
    body: str
    needs: tuple[str, ...]
    own_line: bool = False

    @property
    def regex(self) -> str:
        """Group 1 is what stays."""
        if self.at == "head":
            return rf"^()\s*(?:{self.body})\s*"
        return rf"{_LINE if self.own_line else _SENTENCE}\s*(?:{self.body})[。.]?\s*$"


_LINE, _SENTENCE = r"(^|\n)", r"(^|[\n。！？!?…；”」』）)\]】>])"

REMARKS = (
    Remark(
        "date_line",
        "head",
        rf"(?:(?:央视网|央视新闻|人民网|新华网|中国网|国际在线|央广网)消息|(?:本报|本刊|本网|本站)讯){_BY}{_W}[：:，,]?|"
        rf"{_AGENCY}[\p{{Han}}、]{{0,12}}\d{{1,2}}月\d{{1,2}}日(?:电|讯|消息){_BY}",
        ("消息", "讯", "日电"),
    ),
    Remark("original_title", "head", rf"{_OPEN}?原标题{_IS}[^\n]{{1,80}}\n", ("原标题",)),
    Remark(
        "source",
        "head",
        r"(?:(?:发布时间|发布日期|时间|日期)?[：:]?[ \t]*\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}日?(?:[ \t]+\d{1,2}:\d{2}(?::\d{2})?)?[ \t|]*)?"
        rf"{_SOURCE}{_IS}[^\n。！？]{{1,40}}\n",
        _SOURCES,
    ),
    Remark(
        "label",
        "head",
        rf"[\[【](?:{'|'.join(_LABELS)})[】\]]",
        tuple(f"{mark}{label}" for mark in "[【" for label in _LABELS),
    ),
    Remark(
        "editor",
        "tail",
        rf"{_OPEN}{_W}{_PEOPLE}[^\n（(）)]{{1,40}}{_CLOSE}|{_EDITOR}{_IS}{_REST}{{1,60}}|"
        rf"{_PEOPLE}{_IS}\p{{Han}}{{2,4}}(?:{_W}[、/ ]{_W}\p{{Han}}{{2,4}})*(?:\s+{_PEOPLE}{_IS}\p{{Han}}{{2,4}})*",
        ("编辑", "編輯", "责编", "責編", "校对", "审核", "监制", "终审"),
    ),
    Remark(
        "source",
        "tail",
        rf"{_OPEN}{_W}{_SOURCE}{_IS}[^\n（(）)]{{1,40}}{_CLOSE}|{_SOURCE}{_IS}{_REST}{{1,40}}",
        _SOURCES,
    ),
    Remark("original_title", "tail", rf"{_OPEN}?原标题{_IS}[^\n]{{1,80}}", ("原标题",)),
    Remark(
        "reporter",
        "tail",
        rf"{_OPEN}{_W}{_REPORTER}(?:[：:\s/][^（）()\n]{{1,40}}|\p{{Han}}{{2,4}}){_CLOSE}|[（(]完[）)]",
        ("记者", "通讯员", "（完）", "(完)"),
    ),
    Remark(
        "follow",
        "tail",
        rf"{_REST}{{0,40}}(?:扫码关注|扫一扫关注|扫码加入|长按(?:识别|扫描|上方|下方|图中)*二维码|识别(?:图中|下方|上方)?二维码|"
        rf"扫描(?:下方|上方|左侧|右侧|以下|图中)?二维码{_REST}{{0,6}}(?:关注|加入|阅读|查看)|"
        rf"(?:欢迎|敬请|请|点击){_REST}{{0,8}}关注{_REST}{{0,20}}(?:公众号|订阅号|视频号|微信号|官方微信|官方微博))[^\n]{{0,60}}",
        ("扫码", "扫一扫", "二维码", "公众号", "订阅号", "视频号", "微信号", "官方微"),
    ),
    Remark(
        "more",
        "tail",
        rf"{_OPEN}?点击(?:此处|这里|下方|左下角|右上角|上方|图片|链接)*(?:查看|阅读|了解|浏览|进入)?{_W}[“\"「]?"
        rf"(?:更多|全文|原文|阅读原文|查看原文)[”\"」]?{_REST}{{0,20}}|"
        rf"(?:阅读原文|阅读全文|查看原文|查看全文|查看更多|展开全文|更多精彩{_REST}{{0,30}}|更多资讯{_REST}{{0,30}})[>》→…\.]*",
        ("更多", "原文", "全文"),
    ),
    Remark(
        "notice",
        "tail",
        rf"{_OPEN}?(?:版权声明|免责声明|特别声明|郑重声明|重要声明|法律声明|风险提示及免责){_CLOSE}?{_IS}?[^\n]{{0,500}}|"
        rf"声明{_IS}[^\n。]{{0,30}}(?:本文|本站|本网|文章|转载|版权)[^\n]{{0,500}}|"
        rf"(?:版权所有|Copyright|COPYRIGHT|©)[^\n]{{0,120}}|"
        rf"{_REST}{{0,30}}(?:未经{_REST}{{1,20}}(?:不得|禁止|请勿|严禁){_REST}{{0,6}}转载|转载{_REST}{{0,10}}注明)[^\n]{{0,60}}",
        ("声明", "风险提示及免责", "版权所有", "Copyright", "COPYRIGHT", "©", "转载"),
    ),
    Remark(
        "furniture",
        "tail",
        r"(?:分享到|分享至)[：:]?[^\n]{0,40}|(?:上一篇|下一篇|上一条|下一条)[：:][^\n]{0,80}|"
        r"【?(?:打印本页|打印|关闭窗口|关闭|返回顶部|返回列表|加入收藏|我要纠错|字号)】?[：:]?"
        r"(?:[ \t|｜/]*[【\[]?(?:大|中|小|打印|关闭|收藏)[】\]]?)*",
        ("分享", "上一", "下一", "打印", "关闭", "返回", "收藏", "纠错", "字号"),
        own_line=True,
    ),
)
