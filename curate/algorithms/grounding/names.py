"""Names in a plain text: organisations and shows by how they end, places by their table, people by the words around them.

Chinese is written without spaces, so where the name of an organisation begins is not told. Therefore ``named`` looks for the
longest end of it that the source holds, and asks whether it begins there in one of the two texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from curate.algorithms.grounding.kinds import Kind
from curate.algorithms.personal_data.names import COMPOUND, SINGLE
from curate.algorithms.place_names import place_names

_ENDS = (
    "有限公司|股份公司|分公司|子公司|母公司|总公司|公司|集团|大学(?!生)|学院|协会|学会|商会|委员会|组委会|研究院|研究所|研究中心|基金会|联盟|出版社|银行(?![卡业])|医院|酒店|博物馆|美术馆|图书馆"
    "|体育馆|展览馆|会展中心|博览中心|展览中心|会议中心|中心(?!思)|会展城|博览会|展览会|交易会|采购大会|创新展|洽谈会|订货会|大会|峰会|论坛|会展周|大厦|机场|法院"
    "|检察院|政府(?!采购)|使馆|使领馆|俱乐部|报社|(?:日报|晚报|商报)(?![到名道告送考])|工厂|事务所"
    "|(?:商务|财政|税务|统计|教育|文旅|文化|公安|交通|民政|卫生|环保|市场监管|监督管理|市场监督管理|民用航空|知识产权|规划|住建|农业农村|发改|工信|科技|海关|铁路|电力|气象|体育|城管)(?:总)?(?:[局厅委]|部(?![门分署件位]))"
    "|(?<=[\u4e00-\u9fff]{2})(?:路|街|大道)(?=[0-9一二三四五六七八九十]+号)"
)
_END = re.compile(_ENDS)
#: what a name is written in, backwards from its end
_LETTER = re.compile(r"[\u4e00-\u9fffA-Za-z0-9()·&]")
_LONGEST = 24
#: what stands before a name and is no part of it
_BORDER = frozenset(
    "的了来送交在是由于和与及或对向从被把将为到至给让使如按就都也并但而且则其该此这那各每本某因所者方等有以我前往赴到,，。；;、:：!！?？“”《》\"'()（） \n-/任请经称叫做找归属由据"
)
#: words that say what an organisation is or does, before its bare kind: 参展公司, 本届大会
_GENERIC = re.compile(
    r"(?:参展|主办|承办|协办|支持|举办|上市|国有|民营|外资|搭建|物流|同一|相关|上一届|下一届|本届|这届|本次|此次|这次|这场|届|该|家|个|一|我|保险|航空|代理|大型|外地|境外|国内"
    r"|设在|位于|来自|地点|地址|拨打|组织|执行|年度|当地|所在|省|区|年|日|次|场|召开|举行|参加|出席|启动|联系|通过|名称|为期)$"
)
#: ends that are also said of what was named before: 公司拟派发现金红利
_COMMON_TEXT = """
公司 集团 大学 学院 协会 学会 委员会 组委会 中心 银行 医院 酒店 博物馆 展览馆 博览会 展览会 交易会
采购大会 洽谈会 大会 峰会 论坛 机场 法院 政府 工厂
"""
_COMMON = frozenset(_COMMON_TEXT.split())
_ACTS = (
    r"(?=表示|介绍|指出|认为|透露|坦言|说|称|谈|负责|主持|致辞|出席|发言|[,，。；、)]|的|在|于|和|与|及|$)"
)
_SURNAME = f"(?:{'|'.join(sorted(COMPOUND))}|[{SINGLE}])"
_TITLE = (
    "董事长|总经理|总裁|副总裁|经理|总监|校长|院长|主任|局长|市长|书记|教授|会长|秘书长|创始人|首席执行官|主持人|主讲人|讲者|演讲人|演讲嘉宾|作者|专员|主管|店长|设计师|工程师"
    "|联系人|法定代表人|负责人|顾问|记者"
)
_PERSON = re.compile(
    rf"(?:{_TITLE})(?:是|为|叫|由|:|：)?(?P<told>{_SURNAME}[\u4e00-\u9fff]{{1,2}}?){_ACTS}"
    rf"|(?<![\u4e00-\u9fff])(?P<titled>{_SURNAME}[\u4e00-\u9fff]{{0,2}}?)(?:先生|女士|小姐|教授|博士|总经理|董事长|院士)"
    rf"|(?P<after>{_SURNAME}[\u4e00-\u9fff]{{1,2}}?)(?:担任|主讲|主持|任)(?={_TITLE}|[,，。、])"
)
#: surnames that are little words far more often, and words that begin with a surname
_NO_PERSON = frozenset("和从由时应对向后能经常有关于全明")
_NO_NAMES_TEXT = "费用 单位 方式 公司 简介 全部 方面 方法 时间 程度 连同 房间 路线 车辆 安全 安排 水平 金额"
_NO_NAMES = frozenset(_NO_NAMES_TEXT.split())
#: places abroad that news of trade fairs name
_COUNTRIES_TEXT = """
美国 英国 德国 法国 日本 韩国 朝鲜 印度 俄罗斯 意大利 西班牙 葡萄牙 荷兰 比利时 瑞士 瑞典 挪威 丹麦
芬兰 奥地利 波兰 捷克 匈牙利 希腊 土耳其 伊朗 伊拉克 以色列 沙特 沙特阿拉伯 阿联酋 迪拜 卡塔尔 埃及 南非
尼日利亚 肯尼亚 埃塞俄比亚 摩洛哥 加拿大 墨西哥 巴西 阿根廷 智利 秘鲁 哥伦比亚 澳大利亚 新西兰 新加坡
马来西亚 泰国 越南 印度尼西亚 印尼 菲律宾 柬埔寨 缅甸 老挝 蒙古 哈萨克斯坦 乌兹别克斯坦 巴基斯坦 孟加拉国
斯里兰卡 尼泊尔 乌克兰 白俄罗斯 罗马尼亚 保加利亚 塞尔维亚 爱尔兰 冰岛 台湾 中亚 南亚 东亚 西亚 北非 东非
西非 南部非洲 北欧 西欧 东欧 南欧 中东欧 拉美 拉丁美洲 中东 北美 南美 欧洲 非洲 亚洲 大洋洲 东南亚
高加索 欧盟 东盟 纽约 伦敦 巴黎 东京 首尔 柏林 莫斯科 硅谷 内华达州 加利福尼亚州 旧金山
"""
_COUNTRIES = frozenset(_COUNTRIES_TEXT.split())


@cache
def _places() -> tuple[frozenset[str], frozenset[str], int]:
    """(places, their first two characters, the length of the longest)."""
    han = {
        name for name in place_names()["surface"].to_list() if len(name) >= 2 and not name.isascii()
    } | _COUNTRIES
    return frozenset(han), frozenset(name[:2] for name in han), max(map(len, han))


def names(text: str, taken: bytearray) -> Iterator[tuple[Kind, int, int, str]]:
    """(kind, start, end, value) of the names in a plain text. An organisation's start is where a name may begin."""
    for found in _PERSON.finditer(text):
        start, end = next(found.span(group) for group in ("told", "titled", "after") if found[group])
        if text[start] not in _NO_PERSON and text[start:end] not in _NO_NAMES and not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            yield "person", start, end, text[start:end]
    last = 0
    for found in _END.finditer(text):
        start, end = found.span()
        first = max(last, taken.rfind(1, last, end) + 1, start - _LONGEST)  # behind 第18届
        if first > start:
            continue
        while start > first and _LETTER.match(text[start - 1]):
            start -= 1
        last = end
        yield "organisation", start, end, f"{found[0]}|{text[start:end]}"
    yield from _places_in(text, taken)


def _places_in(text: str, taken: bytearray) -> Iterator[tuple[Kind, int, int, str]]:
    known, starts, longest = _places()
    place, last = 0, len(text) - 1
    while place < last:
        if text[place : place + 2] in starts and not taken[place]:
            for end in range(min(place + longest, len(text)), place + 1, -1):
                if text[place:end] in known:
                    taken[place:end] = b"\1" * (end - place)
                    yield "place", place, end, bare_place(text[place:end])
                    place = end - 1
                    break
        place += 1


def bare_place(name: str) -> str:
    """南京 for 南京市."""
    return name[:-1] if len(name) > 2 and name[-1] in "市省" else name


def named(value: str, before: str, source: str) -> bool:
    """Whether a source (plain) names the organisation ``end|run`` of ``names``; ``before``: the answer's text before the run."""
    end, _, run = value.partition("|")
    for cut in range(len(run) - len(end) + 1):
        name = run[cut:]
        if name not in source:
            continue
        left = before + run[:cut]
        begins = not left or left[-1] in _BORDER or bool(_GENERIC.search(left)) or left[-1].isdigit()
        if len(name) <= len(end):
            return begins or _shortened(left, end, source)
        return begins or any(_begins(source, found.start()) for found in re.finditer(re.escape(name), source))
    head = run[: len(run) - len(end)]
    if end not in _COMMON:
        return False
    return not head or head[-1] in _BORDER or bool(_GENERIC.search(head))


def _shortened(head: str, end: str, source: str) -> bool:
    """Whether a name is a longer one of the source with characters left out: 农机大会, 农业机械采购大会."""
    short = ""
    for letter in reversed(head[-6:]):
        if letter in _BORDER:
            break
        short = letter + short
    for found in re.finditer(re.escape(end), source):
        rest = iter(source[max(0, found.start() - 20) : found.start()])
        if len(short) >= 2 and all(letter in rest for letter in short):
            return True
    return False


def _begins(text: str, place: int) -> bool:
    return not place or text[place - 1] in _BORDER or bool(_GENERIC.search(text, max(0, place - 4), place))
