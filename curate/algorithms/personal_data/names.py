"""Names of people in plain texts, where the words around them say that a person's name follows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curate.algorithms.person_name import DOUBLE
from curate.algorithms.personal_data.kinds import WORDED, Found, Search, in_order, matches
from curate.algorithms.personal_data.words import TOKEN

#: Surnames in use, the common ones first; source: 百家姓, and the names of the ministry's yearly reports.
SINGLE = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅付钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎闫薛尹段雷黎史龙陶贺顾"
    "毛郝龚邵万钱严覃武洪戚莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房"
    "滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班"
    "储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺"
    "战慕危玉银亢嵇公哈湛宾戎勾茅利呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由水昌凤酆贝经贲诸钮滑荀於家羿汲邴糜松弓牧隗山宓蓬郗仰秋暴钭韶蓟怀从鄂咸籍赖能苍双莘贡逄扶堵宰郦郤璩濮"
    "寿通郏别充习宦鱼慎庾终暨步弘广禄东殳沃蔚越夔厍融訾空毋乜养须巢蒯后红竺益桓代撒"
)
#: Surnames that are everyday words too: without a label and a colon nothing but a title may stand behind the name.
_WORDY = frozenset(
    "于和由时应那从全后元经商关方能有言公温平成常安文向高明国权强满位信展来都相计利但干居呼战海花官容初门智富单连支原解任包简路游万石金白水云家松山秋双空须通别充终益"
    "越红东广步寿印索怀薄暴弓牧养习鱼慎弘禄融丰巢代伏谈封贝米危党车盛管房宣项席梅童毕康乐华"
)
_DOUBLE = (
    "司空 淳于 单于 申屠 宗政 濮阳 闻人 赫连 澹台 百里 钟离 鲜于 闾丘 公羊 拓跋 纳兰 东郭 南门 梁丘 左丘"
)
COMPOUND = frozenset(f"{DOUBLE} {_DOUBLE}".split())

_H = "[\u4e00-\u9fff]"
_LABEL = (
    "(?:法定代表人|法人代表|法人|联[系络]人|经办人|经手人|负责人|责任人|收[件货]人|[寄发]件人|申请人|代理人|委托人|受托人|保险人|投保人|持卡人|开户人"
    "|(?<!用)户名|填表人|报名人|参会人|参展人|业务员|经纪人|监护人|店主|车主|房东|业主|姓名|名字|(?:项目|业务|客户|销售)经理|患者)"
)
_SIGN = r"(?:签[名字章])?(?: ?\([^()\n]{1,8}\))?(?: ?[:=|] ?| ?\((?=[\u4e00-\u9fff]{2,4}\))| {1,4}(?=[\u4e00-\u9fff]{2,4}(?![\u4e00-\u9fff])))"
_TITLE = "(?:先生|女士|小姐|太太|师傅|经理|总监|老师|主任|部长|处长|科长|工程师|教授|博士|律师|医生|主管|会计|总(?![统理部局共是会体经数量的之结计]))"
#: What may stand behind a name without a mark between them.
_BEHIND = (
    rf"(?:{_TITLE}|同志|同学|电话|手机|联系|座机|传真|身份证|微信|邮箱|地址|住址|家住|性别|年龄|职务|职位|职称|出生|注册|成立|公司|单位|以及|等|与|及|和|或|在|于|是|为|说|表示|称|介绍"
    r"|告诉|参加|出席|负责|签|统一|号码|的|现|已|从|将|会|向|对|收|本人|先|来|到|请|护照|QQ|经营|住所|类型|企业|拨)"
)
#: What forms say where no name was filled in, and other words that begin with a surname's character.
_WORDS = (
    "暂无 未知 本人 同上 不详 待定 全部 所有 管理员 客服 时间 电话 手机 方式 名称 地址 单位 公司 单元 应填 必填 和电话 及电话 与电话 姓名 信息 证件 身份 国籍 职务 职位 部门 性别 年龄"
    " 学历 籍贯 明细 如下 成员 相关 关系 任务 万元 石材 金额 方法 方案 平台 包括 安排 常见 文件 花名 英文 时任 应当 应该 连接 解决 全名 国家 何时 麻烦 温馨 白天 明天 和我 我们 时候 别人 家人"
    " 家长 后台 成功 顾问 平时 通话 通讯 文档 那就 那个 那么 全程 明确 经过 经常 关于 关注 双方 高级 能否 能够"
)
#: What stands before a title and is a role's.
_ROLE_WORDS = (
    "项目 商务 宣传 安保 安全 常务 高级 公关 文化 金融 区域 程序 经济 通讯 应用 运营 全国 华东 华南 华北 华中 展会 展商 展务 计划 法务 党委 党支 国际 国内 东区 南区 能源 营业 车间 门店"
    " 居委 管理 支行 水电 干部 广告 房产 成本 信息 信贷 都市 乐器 海外 农业 游戏 石油 相关 双方 家居 时尚"
)
_NONE, _ROLES = frozenset(_WORDS.split()), frozenset(_ROLE_WORDS.split())
#: What no name holds: an organisation's kinds, particles; 某 is masked already.
_BODY = re.compile(
    r"有限|公司|集团|中心|学院|大学|委员会|协会|工厂|[厂局部处科办]$|银行|医院|研究|股份|事务所|商行|合作社|个体|[店组会院站所队]$|人员|部门|[不谁填须应的了着吗呢啊们这哪某]|什么|同意"
)
_COMPANY = re.compile(r"[^,。;: \n\x1a]{0,12}(?:公司|集团|控股|股份|大学|学院|银行|协会|合作社)")

_DOTTED = rf"{_H}{{1,8}}(?:·{_H}{{1,8}}){{1,3}}"
_LATIN = r"[A-Z][a-z]{1,15}(?:[ \-·][A-Z](?:[a-z]{1,15}|\.)){1,3}"
_LABELLED = re.compile(rf"{_LABEL}{_SIGN}(?P<name>{_DOTTED}|{_H}{{2,24}}|{_LATIN})")
_CONTACT = re.compile(
    rf"(?:[Cc]ontact(?: [Pp]erson)?|CONTACT|[Aa]ttn|ATTN|(?:[Ff]ull )?[Nn]ame) ?: ?(?P<name>{_LATIN}|{_H}{{2,4}}(?!{_H}))"
)
#: labels that need no colon, since nothing else stands behind them
_ALONE = "收[件货]人|寄件人|投保人|持卡人|(?<!用)户名|(?:客户|真实|本人)姓名"
_SPOKEN = re.compile(
    rf"(?:(?:法定代表人|法人代表|联[系络]人|经办人)(?:为|是|叫)?|负责人(?:为|是|叫)|我(?:的名字)?叫|{_ALONE})(?P<name>{_DOTTED}|{_H}{{2,24}})"
)
_CALLS = "(?:联系|联络|致电|咨询|请找|电联|洽|联系人|垂询|请加)"
_ADDRESSED = re.compile(rf"{_CALLS}[: ]?(?P<name>{_H}{{2,4}}?)(?P<title>{_TITLE})")
_NEXT = re.compile(rf" ?[、/和及] ?(?P<name>{_H}{{2,4}})(?![*\u4e00-\u9fff])")
_TITLED = re.compile(_TITLE)
_FOLLOWED = re.compile(_BEHIND)


def _surname(run: str) -> int:
    """How many characters of the surname that it begins with; 0 without."""
    if run[:2] in COMPOUND and len(run) > 2:
        return 2
    return 1 if run[:1] and run[0] in SINGLE else 0


def _length(run: str, strong: bool) -> int:
    """How long the name is that a run of Han characters begins with; 0 without one.

    Args:
        strong: behind a label and a colon.
    """
    surname = _surname(run)
    if not surname or run in _NONE or run[:2] in _NONE or run[:3] in _NONE:
        return 0
    if _TITLED.match(run, surname) and len(run) <= surname + 3:  # 王经理, 王总: a surname names nobody
        return 0
    behind = _TITLED if not strong and run[0] in _WORDY else _FOLLOWED
    for end in (surname + 2, surname + 1):
        if end == len(run) or (end < len(run) and behind.match(run, end) and not _TITLED.match(run, surname)):
            return 0 if _BODY.search(run[:end]) else end
    if not strong or _BODY.search(run[:16]):
        return 0
    both_parents = len(run) == 4 and surname == 1 and run[1] in SINGLE
    return 4 if both_parents else surname + 2 if len(run) > 4 else 0


def _names(text: str) -> Iterator[Found]:
    for pattern, strong in ((_LABELLED, True), (_SPOKEN, False)):
        for found in pattern.finditer(text):
            name = found["name"]
            if name[0].isascii():
                length = len(name)
            elif "·" in name:
                length = len(_FOLLOWED.split(name)[0])
                length = length if length > 2 else 0
            else:
                length = _length(name, strong)
            behind = text[found.start("name") + length :][:16]
            if length and behind[:1] != "*" and not _COMPANY.match(behind):
                yield _name(found.start("name"), name[:length])
                yield from _others(text, found.start("name") + length)
    for found in _CONTACT.finditer(text):
        name = found["name"]
        if name[0].isascii() or _length(name, True) == len(name):
            yield _name(found.start("name"), name)
    for found in matches(_ADDRESSED, text):
        name, surname = found["name"], _surname(found["name"])
        told = 0 < surname < len(name) <= surname + 2 and name[:2] not in _ROLES
        if told and name[:2] not in _NONE and not _BODY.search(name):
            yield _name(found.start("name"), name)


def _others(text: str, end: int) -> Iterator[Found]:
    """More names in a list."""
    while (found := _NEXT.match(text, end)) and _length(found["name"], True) == len(found["name"]):
        end = found.end()
        yield _name(found.start("name"), found["name"])


def _name(start: int, name: str) -> Found:
    return Found("person_name", start, start + len(name), name_value(name), name_shown(name))


def names_in_cell(cell: str) -> list[Found]:
    """The names in a cell that holds nothing else: one, or several with marks between them.

    What is masked, hashed or removed already is none.
    """
    told = []
    for part in re.finditer(r"[^、,，;；/|\n]+", cell):
        name = part[0].strip()
        if name and not re.search(r"[*\[\]]", name) and not TOKEN.fullmatch(name):
            told.append(_name(part.start() + part[0].index(name), name))
    return told


def name_value(name: str) -> str:
    """The form that the writings of a name share."""
    return re.sub(r"[\s·.\u200b]", "", name).lower()


def name_shown(name: str) -> str:
    """张伟 -> 张*, 欧阳娜娜 -> 欧阳**, John Smith -> J*** S***."""
    if name[:1].isascii():
        return re.sub(r"[^\W_]+\.?", lambda word: word[0][0] + "***", name)
    kept = 2 if name[:2] in COMPOUND and len(name) > 2 else 1
    return name[:kept] + "".join("·" if mark == "·" else "*" for mark in name[kept:])


_TITLE_BARE = _TITLE.split("(?!")[0] + ")"
# Rust's regular expressions look neither back nor ahead
_LABEL_BARE, _ALONE_BARE = (label.replace("(?<!用)", "") for label in (_LABEL, _ALONE))
_LIKELY = (
    rf"{_LABEL_BARE}(?:签[名字章]?)?(?: ?[:=|(]| [ \u4e00-\u9fff])|法定代表人|法人代表|联[系络]人|经办人|负责人[为是叫]|我(?:的名字)?叫|{_ALONE_BARE}"
    rf"|{_CALLS}[: ]?{_H}{{2,4}}?{_TITLE_BARE}|(?:[Cc]ontact|CONTACT|[Pp]erson|[Aa]ttn|ATTN|[Nn]ame) ?:"
)
_TRIGGERS = (
    "法人 责任人 负责人 申请人 代理人 托人 户名 业务员 经纪人 监护人 店主 车主 房东 业主 名字 患者 经理 法定代表 联系 联络 经办人 经手人 件人 收货人 保险人 投保人 持卡人 开户人"
    " 表人 报名人 参会人 参展人 姓名 我叫 致电 咨询 请找 电联 洽 垂询 请加 ontact CONTACT ttn ATTN ame"
)
_SIGNS = "[ 　]?(?:签[名字章])?[:：=|（(【\\[〔  　为是叫]"
_QUICK = (
    rf"(?:法人|责任人|负责人|申请人|代理人|[委受]托人|户名|业务员|经纪人|监护人|店主|车主|房东|业主|名字|患者|经理){_SIGNS}|法定代表人|法人代表|联[系络]人|经[办手]人|[收寄发]件人"
    r"|收货人|保险人|投保人|持卡人|开户人|[填报]表人|报名人|参[会展]人|姓名|户名|我叫|名字叫|[Cc]ontact|CONTACT|[Aa]ttn|ATTN|[Nn]ame ?[:：]"
    rf"|{_CALLS}[:： ]?{_H}{{2,4}}?{_TITLE_BARE}"
)
SEARCHES = (
    Search(
        "person_name",
        ((WORDED, _QUICK),),
        _LIKELY,
        lambda text: in_order(_names(text)),
        tuple(_TRIGGERS.split()),
    ),
)
