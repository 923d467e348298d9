"""Units behind numbers: which are the same, and which may stand for one another.

Measures are brought to one base by their factor (SI; 国务院关于在我国统一实行法定计量单位的命令, 1984), counters by a table: 位 and 名 count
people, 家 and 所 institutions. Currencies stay apart, and so do percent and percentage points.
"""

from __future__ import annotations

import re
from decimal import Decimal

#: base: ways to write it and its multiples
_MEASURES: dict[str, dict[str, str]] = {
    "米": {"1": "米 m 公尺", "1000": "千米 公里 km", "0.01": "厘米 cm 公分", "0.001": "毫米 mm"},
    "平方米": {"1": "平方米 平米 ㎡ m² m2", "1000000": "平方公里 平方千米 km² km2", "10000": "公顷", "0.0001": "平方厘米"},
    "立方米": {"1": "立方米 立方 m³ m3", "0.001": "升 L", "0.000001": "毫升 ml mL"},
    "克": {"1": "克 g", "1000": "千克 公斤 kg", "1000000": "吨", "500": "斤", "0.001": "毫克 mg"},
    "秒": {
        "1": "秒 秒钟", "60": "分钟 min", "3600": "小时 个小时 钟头 个钟头 h", "86400": "天 日", "604800": "周 星期 个星期 礼拜 个礼拜",
        "900": "刻钟", "0.001": "毫秒 ms",
    },
    "月": {"1": "个月 月", "3": "个季度", "12": "年"},
    "元": {"1": "元 块 块钱 元人民币", "0.1": "角"},
    "%": {"1": "% 个百分比", "0.1": "‰", "100": "倍"},
    "瓦": {"1": "瓦 W w", "1000": "千瓦 kW KW kw", "1000000": "兆瓦 MW"},
    "瓦时": {"1": "瓦时 Wh wh", "1000": "千瓦时 kWh KWh kwh 度电"},
    "伏": {"1": "伏 伏特 V v", "1000": "千伏 kV KV"},
    "安": {"1": "安 安培 A", "0.001": "毫安 mA"},
    "赫": {"1": "赫兹 Hz", "1000": "千赫 kHz", "1000000": "兆赫 MHz", "1000000000": "GHz 吉赫"},
    "帕": {"1": "帕 Pa", "1000": "千帕 kPa", "1000000": "兆帕 MPa"},
    "字节": {"1000": "KB", "1000000": "MB", "1000000000": "GB", "1000000000000": "TB"},
}  # fmt: skip
#: the same under several names, and nothing else
_ALONE = (
    "个百分点 百分点", "美元 美金 USD", "欧元 EUR", "港元 港币 HKD", "日元 JPY", "英镑 GBP", "韩元", "新台币",
    "摄氏度 ℃ °C", "度", "分贝 dB", "折", "分", "岁 周岁", "亩", "寸 英寸", "尼特", "流明 lm", "像素", "毫安时 mAh", "马力", "转", "兆",
    "个工作日 工作日", "人次", "家次", "件次", "车次", "辆次", "工时", "股", "号", "级", "点", "代",
)  # fmt: skip
#: counters: any of a line may stand for the others
_COUNTERS = (
    "人 名 位 个人", "家 所 户", "个 只", "项 条 桩", "种 类 款 样 档", "台 辆 架 部", "套", "件", "张", "间", "座 栋 幢", "层 楼",
    "场 场次", "次 回 趟 遍", "届", "期", "批", "轮", "份", "页", "篇", "本 册", "幅", "支 枝 枚 颗 粒 根", "把", "盏", "块", "面", "扇",
    "箱", "盒", "袋", "包", "瓶", "桶", "组", "对 双", "列", "排", "句", "字", "行", "版", "章", "节", "门", "步", "班", "票", "单", "笔 宗 起",
    "例", "处", "席", "桌", "集", "道", "口", "头", "匹", "株 棵", "艘", "封", "则", "床", "顶", "串", "段", "帧", "平",
)  # fmt: skip
#: What 个 may stand for, and what may stand for 个: things, not people, shares or turns.
_THINGS_TEXT = """
家 项 种 台 套 件 间 座 层 场 份 组 处 张 期 批 篇 章 节 门 步 例 集 段 票 单 笔 块 面 支
把 箱 盒 口 道 列 版
"""
_THINGS = frozenset(_THINGS_TEXT.split())


def _table() -> dict[str, tuple[str, Decimal]]:
    told: dict[str, tuple[str, Decimal]] = {}
    for base, factors in _MEASURES.items():
        for factor, ways in factors.items():
            told.update(dict.fromkeys(ways.split(), (base, Decimal(factor))))
    for line in (*_ALONE, *_COUNTERS):
        first, *rest = line.split()
        told.update(dict.fromkeys((first, *rest), (first, Decimal(1))))
    return told


#: way of writing: (base, factor)
UNITS = _table()
COUNTERS = frozenset(line.split()[0] for line in _COUNTERS)
#: not units where these stand behind: 3个人工智能项目, 三分之一
_NOT_BEHIND = {
    "个人": "(?![工才物资])", "分": "(?![之为期别析布])", "日": "(?![元常均])", "月": "(?![台饼])", "点": "(?![五六七八九零])", "折": "(?![叠扣合])",
    "人": "(?![工才次员均])", "次": "(?![品])", "家": "(?![具电居长])", "天": "(?![津然])", "年": "(?![级度轻])", "面": "(?![积料板])",
    "包": "(?![装括含])", "组": "(?![委织成装])", "部": "(?![门件分署])", "套": "(?![餐])", "场": "(?![馆地所])", "单": "(?![位价元])",
    "门": "(?![票店])", "道": "(?![路])", "节": "(?![能约])", "口": "(?![岸])", "行": "(?![业程李])", "票": "(?![价])", "字": "(?![体节])", "平": "(?=[,，。；;、)）]|$)",
    "升": "(?![级值高至])", "元": "(?![器素件宵旦])", "代": "(?![码理表])", "安": "(?![装全])", "位": "(?![于置])", "根": "(?![据本])",
    "对": "(?![于外比])", "本": "(?![届次])", "周": "(?![年边期])", "股": "(?![份权])", "版": "(?![本权])", "期": "(?![间限])", "台": "(?![湾阶])",
    "间": "(?![隔])", "头": "(?![部])", "把": "(?![握])", "支": "(?![持付])", "款": "(?![项式])", "名": "(?![称单])", "排": "(?![列名队])",
    "种": "(?![植子])", "只": "(?![有要需])", "份": "(?![额])", "层": "(?![次面])", "批": "(?![准发])", "条": "(?![件例款])", "项": "(?![目])", "样": "(?![品本])",
    "起": "(?![订步])", "处": "(?![理置])", "类": "(?![似型别])", "章": "(?![程])", "集": "(?![团])", "列": "(?![为入])",
}  # fmt: skip


def _pattern() -> str:
    ways = sorted(UNITS, key=lambda way: (-len(way), way))
    return "|".join(
        re.escape(way)
        + ("(?![A-Za-z])" if way[-1].isascii() and way[-1].isalpha() else _NOT_BEHIND.get(way, ""))
        for way in ways
    )


_MEASURED = frozenset((*_MEASURES, *(line.split()[0] for line in _ALONE[:12])))
#: a unit behind a number
UNIT = _pattern()


def same_unit(told: str, found: str) -> bool:
    """Whether a number with unit ``told`` says what the source says with ``found`` (both in their base, ``UNITS``)."""
    if told.startswith("第") or found.startswith("第"):
        bare = {told[1:], found[1:]} if told[:1] == found[:1] == "第" else None
        return bare is not None and (len(bare) == 1 or "" in bare)
    if told == found:
        return True
    if not told or not found:  # 参展企业达1200, a table's cell: never a share, a length or a sum of money
        return told + found not in _MEASURED
    return (told == "个" and found in _THINGS) or (found == "个" and told in _THINGS)
