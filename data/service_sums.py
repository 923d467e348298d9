"""Questions to the service desk whose answer has to be worked out, with the working: thoughts for R1."""

import random
from collections.abc import Callable
from datetime import date, timedelta

from service_world import day

Worked = tuple[str, str, str]
"""question, thought, answer"""
Show = dict[str, str]
CHECKS = ("再核对一遍，", "检查一下，", "验算：", "反过来算，", "没有遗漏的话，")


def raw_space(rng: random.Random, show: Show, who: str) -> Worked:
    area, price = 9 * rng.randint(4, 20), int(show["光地价"])
    whole, early = area * price, rng.random() < 0.5
    paid = date.fromisoformat(show["首日"]) - timedelta(
        120 + (rng.randint(3, 30) if early else -rng.randint(3, 30))
    )
    due = whole * 9 // 10 if early else whole
    asked = f"{who}要在{show['展']}订{area}平方米光地，{day(paid)}付定金，展位费一共多少？"
    thought = (
        f"光地每平方米{price}元，面积{area}平方米，原价是{area}×{price}={whole}元。早鸟价截止到{show['早鸟日']}，付款日是{day(paid)}，"
        + (f"在截止之前，可以打9折：{whole}×0.9={due}元。" if early else "已经过了截止日，不能打折。")
        + f"{rng.choice(CHECKS)}{due}÷{area}≈{due / area:.1f}元每平方米，合理。"
    )
    told = f"展位费是{due}元。" + (
        f"原价{whole}元，您在早鸟价截止前付款，享受9折。"
        if early
        else f"早鸟价在{show['早鸟日']}已经截止，按原价每平方米{price}元计算。"
    )
    return asked, thought, told


def deposit(rng: random.Random, show: Show, who: str) -> Worked:
    area, rate = 9 * rng.randint(4, 24), int(show["押金"])
    plain, green = area * rate, rng.random() < 0.4
    half = plain // 2 if green else plain
    due = max(5000, half)
    asked = f"{who}在{show['展']}有个{area}平方米的特装{'，审图时通过了绿色展台' if green else ''}，要交多少施工押金？"
    thought = (
        f"押金标准是每平方米{rate}元，{area}×{rate}={plain}元。"
        + (f"绿色展台减半，{plain}÷2={half}元。" if green else "没有提到绿色展台，不减半。")
        + f"还有一条：最低5000元。{half}和5000比较，取大的，所以是{due}元。"
    )
    told = (
        f"需要交{due}元押金。"
        + (
            f"按面积算是{half}元，低于最低标准，所以按5000元收取。"
            if half < 5000
            else f"计算方法是每平方米{rate}元{'，绿色展台减半' if green else ''}。"
        )
        + "撤展验收合格后15个工作日内退还。"
    )
    return asked, thought, told


def overtime(rng: random.Random, show: Show, who: str) -> Worked:
    area, hours, rate = rng.randint(20, 180), rng.randint(1, 4), int(show["加班费"])
    parts = -(-area // 36)
    asked = f"{show['展']}布展，{who}的展位{area}平方米，今晚要加班{hours}小时，费用怎么算？"
    thought = (
        f"加班费按展位收，每小时{rate}元，36平方米以内算一份，每多36平方米加收一份。{area}÷36={area / 36:.2f}，不足一份按一份算，就是{parts}份。"
        f"每小时{parts}×{rate}={parts * rate}元，{hours}小时是{parts * rate * hours}元。登记要在15:00以前，要提醒一句。"
    )
    told = f"加班费共{parts * rate * hours}元：{area}平方米按{parts}份计，每份每小时{rate}元，{hours}小时。请在当天15:00前到服务台登记。"
    return asked, thought, told


def tickets(rng: random.Random, show: Show, who: str) -> Worked:
    people, students, price = rng.randint(8, 60), rng.randint(1, 7), int(show["票价"])
    full = people * price
    group = people >= 20
    due = full * 8 // 10 if group else full
    half = students * price // 2
    asked = f"{who}组织{people}位同事和{students}名实习学生参观{show['展']}，网上买票一共多少钱？"
    thought = (
        f"网上票价{price}元。同事{people}人，原价{people}×{price}={full}元；团体满20人打8折，{people}人"
        + (f"够了，{full}×0.8={due}元。" if group else f"不够20人，没有折扣，是{due}元。")
        + f"学生票半价，{students}×{price}÷2={half}元。合计{due}+{half}={due + half}元。"
    )
    told = f"合计{due + half}元，其中同事{due}元{'（团体8折）' if group else ''}，学生{half}元（半价，入场时查验学生证）。"
    return asked, thought, told


def freight(rng: random.Random, show: Show, who: str) -> Worked:
    boxes, days, rate = rng.randint(2, 12), rng.randint(2, 10), int(show["仓储价"])
    size = [rng.randrange(60, 180, 10) for _ in range(3)]
    one = size[0] * size[1] * size[2] / 1e6
    whole = round(one * boxes, 2)
    due = round(whole * days * rate, 2)
    asked = f"{who}有{boxes}箱展品，每箱{size[0]}×{size[1]}×{size[2]}厘米，比{show['展']}的截止日提前{days}天到仓库，仓储费多少？"
    thought = (
        f"先算体积：{size[0] / 100:g}×{size[1] / 100:g}×{size[2] / 100:g}={one:g}立方米，{boxes}箱共{whole:g}立方米。"
        f"仓储费每立方米每天{rate}元，{days}天：{whole:g}×{days}×{rate}={due:g}元。厘米换成米没有错，单位是立方米。"
    )
    return (
        asked,
        thought,
        f"仓储费约{due:g}元：总体积{whole:g}立方米，按每立方米每天{rate}元计{days}天。最终以仓库实测体积为准。",
    )


def tax(rng: random.Random, show: Show, who: str) -> Worked:
    stands, price = rng.randint(1, 6), int(show["标展价"])
    whole = stands * price
    net = round(whole / 1.06, 2)
    asked = f"{who}订了{show['展']}的{stands}个标准展位，专票上的不含税金额和税额各是多少？"
    thought = (
        f"标展每个{price}元，是含税价，{stands}个共{whole}元。税率6%，不含税金额={whole}÷1.06={net:.2f}元，"
        f"税额={whole}-{net:.2f}={whole - net:.2f}元。验算：{net:.2f}×0.06={net * 0.06:.2f}，一致。"
    )
    return (
        asked,
        thought,
        f"价税合计{whole}元，其中不含税金额{net:.2f}元，税额{whole - net:.2f}元，税率6%，项目为会展服务。",
    )


def refund(rng: random.Random, show: Show, who: str) -> Worked:
    first = date.fromisoformat(show["首日"])
    before, paid = rng.randint(5, 100), rng.randrange(12000, 90000, 600)
    share = 70 if before >= 60 else 30 if before >= 30 else 0
    asked = f"{who}已经为{show['展']}付了{paid}元，{day(first - timedelta(before))}发邮件退展，能退多少？"
    thought = (
        f"开展日是{show['开展日']}，发邮件那天距离开展{before}天。规则分三档：60天以上退70%，30到60天退30%，不足30天不退。"
        f"{before}天属于{'第一' if share == 70 else '第二' if share == 30 else '第三'}档，退{share}%：{paid}×{share / 100:g}={paid * share // 100}元。"
    )
    told = (
        f"可以退{paid * share // 100}元，也就是已付款的{share}%。"
        if share
        else f"距离开展只有{before}天，按合同不能退款，但可以转到同一年的另一场展会，收5%手续费，也就是{paid // 20}元。"
    )
    return asked, thought, told


def badges(rng: random.Random, show: Show, who: str) -> Worked:
    area, staff = 9 * rng.randint(1, 14), rng.randint(6, 60)
    free = min(40, area // 9 * 4)
    extra = max(0, staff - free)
    asked = f"{who}在{show['展']}有{area}平方米，来{staff}个人，参展证够不够，要不要加钱？"
    thought = (
        f"每9平方米4张，{area}÷9={area // 9}，{area // 9}×4={area // 9 * 4}张，上限40张，所以免费{free}张。来{staff}人，"
        + (
            f"还差{staff}-{free}={extra}张，每张50元，{extra}×50={extra * 50}元。"
            if extra
            else "够用，不用加钱。"
        )
    )
    told = (
        f"免费名额是{free}张，"
        + (f"还差{extra}张，需要另付{extra * 50}元。" if extra else f"{staff}人够用，不用另外付费。")
        + f"请在{show['证日']}前上传姓名和照片。"
    )
    return asked, thought, told


def power(rng: random.Random, show: Show, who: str) -> Worked:
    loads = [rng.choice([1.5, 2.2, 3, 4, 5.5, 7.5, 11]) for _ in range(rng.randint(2, 4))]
    whole = sum(loads)
    need = whole * 1.2 / 0.66
    box = next((size for size in (15, 20, 32, 63, 100) if size >= need), 100)
    listed = "、".join(f"{load:g}千瓦" for load in loads)
    asked = f"{who}在{show['展']}有{len(loads)}台三相设备，功率分别是{listed}，该订多大的电箱？"
    thought = (
        f"总功率{'+'.join(f'{load:g}' for load in loads)}={whole:g}千瓦。乘以1.2的启动系数是{whole * 1.2:.2f}，再除以0.66，约{need:.1f}安。"
        f"电箱有15、20、32、63、100安，取不小于{need:.1f}的最小一档，就是{box}安。"
    )
    return (
        asked,
        thought,
        f"建议订{box}安的三相电箱。总功率{whole:g}千瓦，估算电流约{need:.1f}安。请在{show['手册日']}前申请，照明用电另外申请。",
    )


def interpreters(rng: random.Random, show: Show, who: str) -> Worked:
    english, other, days, rate = rng.randint(1, 3), rng.randint(1, 2), rng.randint(2, 4), int(show["翻译价"])
    one, two = english * days * rate, round(other * days * rate * 1.4)
    asked = f"{who}想在{show['展']}请{english}位英语翻译和{other}位日语翻译，各{days}天，预算多少？"
    thought = (
        f"英语每人每天{rate}元：{english}×{days}×{rate}={one}元。日语上浮40%，每人每天{rate * 1.4:g}元：{other}×{days}×{rate * 1.4:g}={two}元。"
        f"加起来{one}+{two}={one + two}元。一天8小时，加时另算，要说明。"
    )
    return (
        asked,
        thought,
        f"预算是{one + two}元：英语{one}元，日语{two}元，按每天8小时计，超出的每小时另收150元。请提前十天预订。",
    )


def rental(rng: random.Random, show: Show, who: str) -> Worked:
    screens, fridges, late = rng.randint(1, 4), rng.randint(1, 3), rng.random() < 0.5
    plain = screens * 800 + fridges * 600
    due = plain * 12 // 10 if late else plain
    when = "过了正常价的期限才下单" if late else "赶在正常价的期限前下单"
    asked = f"{who}在{show['展']}租{screens}台55寸电视和{fridges}台立式冰箱，{when}，要付多少？"
    thought = (
        f"电视每台800元，{screens}台{screens * 800}元；冰箱每台600元，{fridges}台{fridges * 600}元，小计{plain}元。期限是{show['手册日']}，"
        + (f"已经过了，加收20%：{plain}×1.2={due}元。" if late else "还没有过，不加价。")
    )
    return (
        asked,
        thought,
        f"租金共{due}元"
        + ("，已含逾期加收的20%。" if late else "，按正常价计算。")
        + "物品在布展最后一天上午送到展位，请安排人签收。",
    )


def forklift(rng: random.Random, show: Show, who: str) -> Worked:
    pieces, minutes, rate = rng.randint(3, 14), rng.choice([10, 12, 15, 20]), int(show["叉车价"])
    whole = pieces * minutes
    hours = -(-whole // 60)
    asked = f"{who}有{pieces}件两吨左右的设备运到{show['展']}，每件卸货约{minutes}分钟，叉车费估计多少？"
    thought = (
        f"总时间{pieces}×{minutes}={whole}分钟。叉车按小时计，不足一小时按一小时，{whole}÷60≈{whole / 60:.2f}，按{hours}小时。"
        f"每件两吨，没有超过3吨，用普通叉车，每小时{rate}元：{hours}×{rate}={hours * rate}元。"
    )
    return (
        asked,
        thought,
        f"估计{hours * rate}元，按{hours}小时、每小时{rate}元计算。请提前两天预约时段，现场排队的时间不计费。",
    )


def deadline(rng: random.Random, show: Show, who: str) -> Worked:
    first = date.fromisoformat(show["首日"])
    limit, ahead = first - timedelta(40), rng.randint(2, 14)
    sent = limit - timedelta(ahead)
    back = sent + timedelta(7)
    slack = (limit - back).days
    asked = f"{who}{day(sent)}才交{show['展']}的特装图纸，如果被退回修改，还来得及吗？"
    thought = (
        f"截止日是{show['手册日']}。首次审核五个工作日，加上周末大约七天，{day(sent)}提交，{day(back)}左右出结果。离截止还有{slack}天，"
        + (
            "有时间修改后再交，复审不受截止日限制。"
            if slack >= 2
            else "几乎没有修改的时间，退回就会逾期，逾期每个展位收1000元加急费。"
        )
    )
    told = f"预计{day(back)}左右出审核结果，" + (
        f"距离截止日还有{slack}天，来得及修改，请收到意见后尽快重新提交。"
        if slack >= 2
        else "一旦退回就可能逾期，逾期要收1000元加急费，建议先对照审图要点自查再提交。"
    )
    return asked, thought, told


SUMS: tuple[Callable[[random.Random, Show, str], Worked], ...] = (
    raw_space, deposit, overtime, tickets, freight, tax, refund, badges, power, interpreters, rental, forklift, deadline,
)  # fmt: skip
