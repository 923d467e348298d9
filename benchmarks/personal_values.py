"""Values that lead to a person, and numbers of things, made at random with the check digits that their standards ask for."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

NUMERALS = "零一二三四五六七八九"
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_SURNAMES = (
    "王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 高 罗 郑 梁 谢 宋 唐 许 邓 韩 冯 曹 彭 曾 肖 田 董 潘 袁 蔡 蒋 余 于 杜 叶 程 魏 苏 吕 丁 任 卢 姚 沈 钟 姜 崔 谭 陆 范 汪 廖 石 金 韦 贾 夏 付 方 邹 熊 白 孟 秦 邱 侯 江 尹 薛 闫 段 雷 龙 黎 史 陶 贺 毛 郝 顾 龚 邵 万 覃 武 钱 戴 严 莫 孔 向 常 汤 康 施 牛 洪 鲍 尚 翁 俞 柳 甄 祝"
    " 欧阳 上官 诸葛 司马 皇甫 令狐 慕容 尉迟"
)
SURNAMES = _SURNAMES.split()
GIVEN = list(
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红建国志文海波宇欣怡子轩浩然梓涵诗琪雨泽俊熙佳宁晓东春梅秀珍凤云思远天佑一鸣若曦振兴学智德胜宝珠小龙飞雪晨曦立新永康瑞峰嘉辉景行"
)
_PINYIN = (
    "zhangwei lina wangfang chenjie liuyang zhaolei sunyu hexin gaofei xiaolin tangmin luoqi songyan fanbing"
)
PINYIN = _PINYIN.split()
_AMOUNTS = "元 万元 亿元 美元 股 吨 人次 平方米"
AMOUNTS = _AMOUNTS.split()


def _digits(dice: random.Random, count: str | int, first: str = "123456789") -> str:
    return dice.choice(first) + "".join(dice.choices("0123456789", k=int(count) - 1))


def _spoken(dice: random.Random, number: str) -> str:
    said = "".join(NUMERALS[int(mark)] if mark.isdigit() else mark for mark in number)
    said = said.replace("一", "幺") if dice.random() < 0.4 else said
    return said.replace("零", "〇") if dice.random() < 0.3 else said


def _mobile(dice: random.Random) -> str:
    number = "1" + dice.choice("3456789") + _digits(dice, 9, "0123456789")
    a, b, c = number[:3], number[3:7], number[7:]
    forms: list[Callable[[], str]] = [
        lambda: number,
        lambda: number,
        lambda: f"{a} {b} {c}",
        lambda: f"{a}-{b}-{c}",
        lambda: f"{a}－{b}－{c}",
        lambda: f"{a}.{b}.{c}",
        lambda: f"{a}·{b}·{c}",
        lambda: f"{a}-{b}{c}",
        lambda: f"{a}{b} {c}",
        lambda: f"{a}　{b}　{c}",
        lambda: f"（{a}）{b}{c}",
        lambda: f"({a}) {b}-{c}",
        lambda: number.translate(WIDE),
        lambda: f"{a} {b} {c}".translate(WIDE),
        lambda: f"+86{number}",
        lambda: f"+86 {number}",
        lambda: f"+86-{a}-{b}-{c}",
        lambda: f"＋86 {a} {b} {c}",
        lambda: f"0086{number}",
        lambda: f"0086-{number}",
        lambda: f"86-{number}",
        lambda: f"(+86){number}",
        lambda: f"（86）{a}-{b}-{c}",
        lambda: f"（+86） {a} {b} {c}",
        lambda: _spoken(dice, number),
        lambda: _spoken(dice, number),
        lambda: _spoken(dice, a) + " " + _spoken(dice, b) + " " + _spoken(dice, c),
        lambda: "".join(_spoken(dice, mark) if dice.random() < 0.4 else mark for mark in number),
        lambda: " ".join(number),
        lambda: "-".join(number),
        lambda: "\u200b".join([a, b, c]),
        lambda: a + "\u200d" + b + c,
        lambda: "\ufeff".join(number),
        lambda: f"{a}\u00a0{b}\u00a0{c}",
        lambda: f"{a} - {b} - {c}",
        lambda: f"{a}_{b}_{c}",
        lambda: f"{a}/{b}/{c}",
        lambda: f"{_spoken(dice, a)}、{_spoken(dice, b)}、{_spoken(dice, c)}",
    ]
    return dice.choice(forms)()


def _landline(dice: random.Random) -> str:
    area = dice.choice(
        ["010", "021", "020", "022", "027", "0571", "0755", "0512", "0532", "0411", "0991", "0311", "0898"]
    )
    own = (
        _digits(dice, 8, "2345678") if area[1] in "12" or dice.random() < 0.7 else _digits(dice, 7, "2345678")
    )
    forms = [
        f"{area}-{own}",
        f"{area}-{own}",
        f"{area}{own}",
        f"{area} {own}",
        f"（{area}）{own}",
        f"({area}) {own}",
        f"{area}-{own[:4]}-{own[4:]}",
        f"{area} {own[:4]} {own[4:]}",
        f"{area}－{own}".translate(WIDE),
        f"{area}—{own}",
        f"+86-{area[1:]}-{own}",
        f"+86 {area[1:]} {own}",
        f"0086-{area[1:]}-{own}",
        f"86-{area[1:]}-{own}",
        f"{area}-{own}-{_digits(dice, 3)}",
        f"{area}-{own}转{_digits(dice, 4)}",
        f"{area}-{own} 转 {_digits(dice, 3)}",
        f"{area}-{own}ext.{_digits(dice, 3)}",
        f"{area}-{own}分机{_digits(dice, 3)}",
        _spoken(dice, area + own),
    ]
    return dice.choice(forms)


def _id_card(dice: random.Random) -> str:
    region = dice.choice(
        [
            "110105",
            "310115",
            "440305",
            "320102",
            "330106",
            "510107",
            "420111",
            "610113",
            "370202",
            "500112",
            "650102",
            "460105",
        ]
    )
    born = f"{dice.randint(1940, 2012)}{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}"
    first = region + born + f"{dice.randint(0, 999):03d}"
    rest = 0
    for mark in first:
        rest = (rest + int(mark)) * 2 % 11
    number = first + "0123456789X"[(12 - rest) % 11]
    forms = [
        number,
        number,
        number.lower(),
        f"{number[:6]} {number[6:14]} {number[14:]}",
        f"{number[:6]}-{number[6:14]}-{number[14:]}",
        f"{number[:3]} {number[3:6]} {number[6:10]} {number[10:14]} {number[14:]}",
        f"{number[:6]} {number[6:10]} {number[10:14]} {number[14:]}",
        number.translate(WIDE).replace("X", "Ｘ"),
        "\u200b".join([number[:6], number[6:14], number[14:]]),
        _spoken(dice, number),
    ]
    return dice.choice(forms)


def _named_id_card(dice: random.Random) -> str:
    """Numbers that have no check digit."""
    region = dice.choice(["110105", "310115", "440305", "320102"])
    old = f"{region}{dice.randint(40, 99)}{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}{dice.randint(0, 999):03d}"
    return dice.choice([old, old.translate(WIDE)])


def _permit(dice: random.Random) -> str:
    return dice.choice(
        [
            f"H{_digits(dice, 8)}",
            f"M{_digits(dice, 8)}",
            f"C{_digits(dice, 8)}",
            _digits(dice, 8),
            f"H{_digits(dice, 10)}",
        ]
    )


def _bank_card(dice: random.Random) -> str:
    prefix, length = dice.choice(
        [
            ("622202", 19),
            ("621700", 19),
            ("622848", 19),
            ("621661", 19),
            ("622588", 16),
            ("625912", 16),
            ("436742", 16),
            ("524094", 16),
            ("955880", 19),
            ("356833", 16),
            ("621226", 19),
        ]
    )
    body = prefix + "".join(dice.choices("0123456789", k=length - len(prefix) - 1))
    total = sum(sum(divmod(int(mark) * (2 - place % 2), 10)) for place, mark in enumerate(reversed(body)))
    number = body + str(-total % 10)
    groups = [number[place : place + 4] for place in range(0, len(number), 4)]
    forms = [
        number,
        number,
        " ".join(groups),
        "-".join(groups),
        number.translate(WIDE),
        " ".join(groups).translate(WIDE),
        f"{number[:6]} {number[6:]}",
        "　".join(groups),
    ]
    return dice.choice(forms)


def _email(dice: random.Random) -> str:
    name = dice.choice(PINYIN)
    own = dice.choice(
        [
            name,
            f"{name}{_digits(dice, 3)}",
            f"{name}.{dice.choice(PINYIN)}",
            f"{name}_{_digits(dice, 2)}",
            _digits(dice, 9),
            f"{name}-sales",
            f"{name}+fair",
            "1" + _digits(dice, 10),
        ]
    )
    domain = dice.choice(
        [
            "qq.com",
            "163.com",
            "126.com",
            "gmail.com",
            "outlook.com",
            f"{dice.choice(PINYIN)}.com.cn",
            f"mail.{dice.choice(PINYIN)}.cn",
            f"{dice.choice(PINYIN)}-expo.com",
            "foxmail.com",
            "sina.cn",
            "hotmail.com",
        ]
    )
    whole = f"{own}@{domain}"
    wide = "".join(chr(ord(mark) + 0xFEE0) if mark.isalnum() else mark for mark in whole)
    return dice.choice(
        [
            whole,
            whole,
            whole,
            whole.upper(),
            whole.replace("@", "＠"),
            wide,
            whole.replace("@", "(at)"),
            whole.replace("@", " @ "),
            whole.replace("@", "[at]"),
        ]
    )


def _wechat(dice: random.Random) -> str:
    name = dice.choice(PINYIN)
    return dice.choice(
        [
            f"{name}_{_digits(dice, 3)}",
            f"{name}{_digits(dice, 4)}",
            f"wxid_{_wxid(dice)}",
            f"{name}-{dice.choice(PINYIN)}",
            f"{name.title()}{_digits(dice, 3)}",
            f"{name}_{dice.choice(PINYIN)}",
        ]
    )


def _wxid(dice: random.Random) -> str:
    return "".join(dice.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=14))


def _qq(dice: random.Random) -> str:
    number = _digits(dice, dice.randint(5, 11))
    return dice.choice([number, number, number.translate(WIDE)])


def _passport(dice: random.Random) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    number = dice.choice(
        [
            f"E{_digits(dice, 8)}",
            f"G{_digits(dice, 8)}",
            f"E{dice.choice(letters)}{_digits(dice, 7)}",
            f"D{_digits(dice, 8)}",
            f"S{_digits(dice, 8)}",
            f"PE{_digits(dice, 7)}",
            f"K{_digits(dice, 8)}",
            f"SE{_digits(dice, 7)}",
        ]
    )
    return dice.choice([number, number, number.lower(), number.translate(WIDE)])


def _plate(dice: random.Random) -> str:
    province = dice.choice("京沪粤苏浙鲁川鄂湘豫冀辽皖闽渝津陕贵云新藏青宁蒙吉黑桂琼甘晋赣")
    city, letter = dice.choice("ABCDEFGHJ"), dice.choice("ABCDEFGHJKLMNPQRSTUVWXYZ")
    digits = _digits(dice, 5, "0123456789")
    own = dice.choice(
        [
            digits,
            letter + digits[:4],
            digits[:4] + letter,
            f"{letter}{digits[0]}{letter}{digits[1:3]}",
            f"{digits[:2]}{letter}{digits[2:4]}",
        ]
    )
    special = dice.choice(
        [
            digits[:4] + "学",
            digits[:4] + "警",
            digits[:4] + "挂",
            "D" + digits,
            "F" + digits,
            digits + "D",
            f"{digits[:4]}港",
        ]
    )
    own = own if dice.random() < 0.6 else special
    return province + city + dice.choice(["", "", "·", " ", "•", "-", "．"]) + own


def _address(dice: random.Random) -> str:
    """What comes before the mark may stay."""
    city = dice.choice(
        [
            "上海市浦东新区",
            "北京市朝阳区",
            "浙江省杭州市西湖区",
            "深圳市南山区",
            "成都市武侯区",
            "河南省洛阳市洛龙区",
            "南京市",
            "广州天河",
            "苏州工业园区",
        ]
    )
    road = dice.choice(
        [
            "张江路",
            "建国门外大街",
            "文三路",
            "科苑南路",
            "人民中路",
            "龙门大道",
            "中山北路",
            "解放东路",
            "长江西路",
        ]
    )
    estate = dice.choice(
        ["阳光花园", "幸福小区", "翠苑新村", "万科城市花园", "绿地家园", "丽景公寓", "碧桂园", "保利香槟苑"]
    )
    room, house, unit = (
        dice.choice(["301", "1202", "502", "801", "1503"]),
        dice.randint(1, 30),
        dice.randint(1, 4),
    )
    return city + dice.choice(
        [
            f"{road}|{_digits(dice, 2)}号",
            f"{road}|{_digits(dice, 3)}弄{house}号{room}室",
            f"{road}|{_digits(dice, 3)}号{house}栋{unit}单元{room}室",
            f"{estate}|{house}号楼{unit}单元{room}室",
            f"{road}{estate}|{house}栋{unit}单元{room}",
            f"{estate}|{house}-{unit}-{room}",
            f"{road}{estate}|{NUMERALS[house % 9 + 1]}号楼{NUMERALS[unit]}单元{room}",
            f"{estate}|{house}幢{room}室",
            f"{estate}|{house}＃{room}",
        ]
    )


def _flat(dice: random.Random) -> str:
    """An address that says by itself that somebody lives there."""
    address = _address(dice)
    while not re.search("单元|(?:园|村|区|寓|苑)\\|[0-9]+(?:幢|栋|号楼)[0-9]+室", address):
        address = _address(dice)
    return address


def _name(dice: random.Random) -> str:
    return dice.choice(SURNAMES) + "".join(dice.sample(GIVEN, dice.choice([1, 2, 2])))


def _label_name(dice: random.Random) -> str:
    special = [
        "阿依古丽·买买提",
        "买买提·艾力",
        "John Smith",
        "Maria Garcia",
        "司徒美堂",
        "欧阳修远",
        "迪丽热巴·迪力木拉提",
        "陈李佳怡",
    ]
    return dice.choice(special) if dice.random() < 0.12 else _name(dice)


def _credit_code(dice: random.Random, _: str) -> str:
    marks = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = dice.choice(["91", "92", "52", "12"]) + dice.choice(["310115", "110108", "440300", "330106"])
    body += "".join(dice.choices(marks if dice.random() < 0.6 else "0123456789", k=9))
    return body + marks[-sum(pow(3, place, 31) * marks.index(mark) for place, mark in enumerate(body)) % 31]


def _isbn(dice: random.Random, _: str) -> str:
    body = "9787" + _digits(dice, 8, "0123456789")
    check = str(-sum(int(mark) * (1 + 2 * (place % 2)) for place, mark in enumerate(body)) % 10)
    return dice.choice([body + check, f"978-7-{body[4:7]}-{body[7:12]}-{check}"])


def _day(dice: random.Random, _: str) -> str:
    y, m, d = dice.randint(1998, 2026), dice.randint(1, 12), dice.randint(1, 28)
    return dice.choice(
        [
            f"{y}-{m:02d}-{d:02d}",
            f"{y}年{m}月{d}日",
            f"{y}.{m:02d}.{d:02d}",
            f"{y}/{m}/{d}",
            f"{y}{m:02d}{d:02d}",
        ]
    )


def _stamp(dice: random.Random, _: str) -> str:
    seconds = dice.randint(1_300_000_000, 1_790_000_000)
    return dice.choice([str(seconds), f"{seconds}{dice.randint(0, 999):03d}"])


def _hexadecimal(dice: random.Random, count: str) -> str:
    return "".join(dice.choices("0123456789abcdef", k=int(count)))


#: what ``{digits:4}`` and the like in a template stand for
SLOTS: dict[str, Callable[[random.Random, str], str]] = {
    "digits": lambda dice, count: _digits(dice, count),
    "credit": _credit_code,
    "isbn": _isbn,
    "day": _day,
    "stamp": _stamp,
    "hex": _hexadecimal,
    "order": lambda dice, _: (
        f"{_day(dice, '')[:4]}{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}{_digits(dice, dice.choice([6, 8, 10, 12]))}"
    ),
    "unit": lambda dice, _: dice.choice(AMOUNTS),
    "mobile_like": lambda dice, _: "1" + dice.choice("3456789") + _digits(dice, 9, "0123456789"),
    "capital": lambda dice, _: dice.choice("ABCDEFGHJKLMNPQRSTUVWXYZ"),
    "company": lambda dice, _: dice.choice(
        [
            "上海鹭原展览有限公司",
            "杭州华澜科技股份有限公司",
            "深圳市康岳机械设备有限公司",
            "王府井集团",
            "马钢（集团）控股有限公司",
        ]
    ),
    "line": lambda _dice, _: "\n",
    "ip": lambda dice, _: ".".join(str(dice.randint(1, 255)) for _ in range(4)),
}
#: a kind -> what makes its values; some kinds are made, and counted, in parts
MAKERS: dict[str, Callable[[random.Random], str]] = {
    "mobile": _mobile,
    "landline": _landline,
    "id_card": _id_card,
    "id_card_by_words": _named_id_card,
    "permit": _permit,
    "bank_card": _bank_card,
    "email": _email,
    "wechat": _wechat,
    "qq": _qq,
    "passport": _passport,
    "plate": _plate,
    "address": _address,
    "address_by_itself": _flat,
    "person_name": _label_name,
    "name_in_prose": _name,
}
