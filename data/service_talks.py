"""Conversations of the service desk: of several turns, and with tools that look things up."""

import json
import random
from typing import Any

from service_world import Topic, answer, question
from structured import brand
from vocabulary import COMPANY_ENDINGS

Turns = list[dict[str, Any]]
Show = dict[str, str]
SYSTEM = (
    "你是展会主办方的在线客服，回答要准确、简短、有礼貌。",
    "你是参展商服务中心的客服。不知道的就说不知道，不要编造价格和日期。",
    "你负责解答展会的票务、展位、搭建和物流问题，请用中文回答。",
)
THANKS = (
    ("好的，谢谢！", "不客气，祝您参展顺利。"), ("明白了，麻烦您了。", "您客气了，有问题随时联系我们。"),
    ("行，我先去系统里填。", "好的，填写中遇到问题可以把截图发过来。"), ("谢谢，我跟领导汇报一下再定。", "没问题，定下来后告诉我们展位号就可以。"),
)  # fmt: skip


def dialogue(rng: random.Random, about: list[Topic], words: Show) -> Turns:
    """(role, content) about one or two topics, with what people ask next."""
    said: list[tuple[str, str]] = []
    for topic in about:
        said.append((question(rng, topic, words), answer(rng, topic, words)))
        if len(about) == 1 or rng.random() < 0.6:
            said.append((topic.then_ask, fill(topic.then_answer, words)))
    if rng.random() < 0.4:
        said.append(rng.choice(THANKS))
    turns: Turns = [{"role": "system", "content": rng.choice(SYSTEM)}] if rng.random() < 0.3 else []
    for asked, told in said:
        turns += [{"role": "user", "content": asked}, {"role": "assistant", "content": told}]
    return turns


def fill(text: str, words: Show) -> str:
    for slot, value in words.items():
        text = text.replace("{" + slot + "}", value)
    return text


def sharegpt(turns: Turns) -> Turns:
    """The same turns as ShareGPT and LLaMA-Factory write them."""
    names = {"system": "system", "user": "human", "assistant": "gpt", "tool": "observation"}
    found: Turns = []
    for turn in turns:
        if calls := turn.get("tool_calls"):
            told = [
                {"name": c["function"]["name"], "arguments": json.loads(c["function"]["arguments"])}
                for c in calls
            ]
            value = json.dumps(told[0] if len(told) == 1 else told, ensure_ascii=False)
            found.append({"from": "function_call", "value": value})
        else:
            found.append({"from": names[turn["role"]], "value": turn["content"]})
    return found


def _tool(name: str, told: str, **parameters: str) -> dict[str, Any]:
    properties = {key: {"type": "string", "description": what} for key, what in parameters.items()}
    about = {"type": "object", "properties": properties, "required": list(parameters)}
    return {"name": name, "description": told, "parameters": about}


TOOLS = (
    _tool("query_booth", "查询展位的位置、面积和状态", exhibition="展会名称", booth="展位号，如3A21"),
    _tool("find_exhibition", "按名称或城市查询展会的日期、场馆和规模", keyword="展会名称或城市"),
    _tool("issue_invoice", "为订单开具电子发票", order="订单编号", title="发票抬头"),
    _tool("track_shipment", "查询展品的物流状态", waybill="运单编号"),
    _tool("book_room", "预订洽谈室或会议室", exhibition="展会名称", day="日期", slot="上午或下午"),
)


def tools_of(rng: random.Random, wanted: str, wrapped: bool) -> str:
    """JSON of the tool and one or two others; OpenAI wraps each."""
    chosen = [tool for tool in TOOLS if tool["name"] == wanted]
    chosen += rng.sample([tool for tool in TOOLS if tool["name"] != wanted], rng.randint(1, 2))
    rng.shuffle(chosen)
    listed = [{"type": "function", "function": tool} if wrapped else tool for tool in chosen]
    return json.dumps(listed, ensure_ascii=False)


Called = tuple[str, list[dict[str, str]], list[dict[str, Any]], str]
"""what is asked, the arguments of each call, what each returns, the answer"""


def _booth(rng: random.Random, words: Show, _: Show) -> Called:
    many = rng.random() < 0.4
    stands = [
        f"{rng.randint(1, 9)}{rng.choice('ABCDEF')}{rng.randint(1, 68):02}" for _ in range(2 if many else 1)
    ]
    found = [
        {"booth": stand, "area": 9 * rng.randint(1, 12), "state": rng.choice(["空闲", "已预订", "已付款"]), "side": rng.choice(["单面开口", "双面开口", "岛形"])}
        for stand in stands
    ]  # fmt: skip
    asked = f"帮我查一下{words['展']}的{'和'.join(stands)}展位，多大，还空着吗？"
    told = "；".join(
        f"{one['booth']}展位面积{one['area']}平方米，{one['side']}，目前{one['state']}" for one in found
    )
    return (
        asked,
        [{"exhibition": words["展"], "booth": stand} for stand in stands],
        found,
        f"查到了：{told}。{'空闲的展位可以先签意向书保留三个工作日。' if any(one['state'] == '空闲' for one in found) else '这里已经没有空位，要不要帮您看看相邻的展位？'}",
    )


def _show(rng: random.Random, words: Show, other: Show) -> Called:
    both = [words, other] if rng.random() < 0.5 else [words]
    found = [
        {"name": one["展"], "city": one["城市"], "venue": one["场馆"], "start": one["开展日"], "end": one["闭展日"], "exhibitors": int(one["展商"])}
        for one in both
    ]  # fmt: skip
    if len(both) == 1:
        asked = rng.choice(
            (
                f"{words['展']}是几号到几号，在哪个馆？",
                f"想带团队去看{words['展']}，日期和地点是什么？",
                f"{words['展']}今年规模大吗，什么时候开？",
            )
        )
    else:
        asked = f"{words['展']}和{other['展']}分别在什么时候、什么地方办？"
    told = "；".join(
        f"{one['name']}于{one['start']}至{one['end']}在{one['city']}{one['venue']}举办，约{one['exhibitors']}家企业参展"
        for one in found
    )
    return asked, [{"keyword": str(one["name"])} for one in found], found, told + "。"


def _invoice(rng: random.Random, words: Show, _: Show) -> Called:
    order = f"ZH{rng.choice('ABCDEFG')}{rng.randint(100, 999)}-{rng.choice('KLMNP')}{rng.randint(10, 99)}"
    title = f"{words['城市']}{brand(rng)}{rng.choice(COMPANY_ENDINGS)}有限公司"
    amount = rng.randrange(9000, 99000, 100)
    result = {
        "order": order,
        "title": title,
        "amount": amount,
        "number": f"FP-{rng.choice('XYZ')}{rng.randint(1000, 9999)}",
        "state": "已开具",
    }
    asked = rng.choice(
        (f"订单{order}麻烦开一张发票，抬头是{title}。", f"给{title}开{words['展']}的发票，订单号{order}。")
    )
    return (
        asked,
        [{"order": order, "title": title}],
        [result],
        f"发票已经开好：抬头{title}，金额{amount}元，发票编号{result['number']}，稍后发送到您登记的邮箱。",
    )


def _shipment(rng: random.Random, words: Show, _: Show) -> Called:
    bills = [f"WL-{rng.choice('QRSTUV')}{rng.randint(1000, 9999)}" for _ in range(rng.choice([1, 1, 2]))]
    found = [
        {"waybill": bill, "state": rng.choice(["运输中", "已到仓库", "等待进馆", "已送达展位"]), "pieces": rng.randint(1, 20), "city": words["城市"]}
        for bill in bills
    ]  # fmt: skip
    told = "；".join(f"{one['waybill']}共{one['pieces']}件，{one['state']}" for one in found)
    asked = f"我们发到{words['展']}的展品到哪里了？运单号{'、'.join(bills)}。"
    return (
        asked,
        [{"waybill": bill} for bill in bills],
        found,
        f"{told}。仓库收货截止{words['到货日']}，请留意时间。",
    )


def _room(rng: random.Random, words: Show, _: Show) -> Called:
    slot, free = rng.choice(["上午", "下午"]), rng.random() < 0.7
    room = f"{rng.choice(['洽谈室', '会议室'])}{rng.randint(101, 320)}"
    result = {
        "room": room if free else "",
        "state": "预订成功" if free else "已订满",
        "price": int(words["会议价"]),
    }
    asked = f"想在{words['展']}订{words['开展日']}{slot}的会议室，还有吗？"
    told = (
        f"已为您订好{words['开展日']}{slot}的{room}，费用{words['会议价']}元，请提前十分钟到场。"
        if free
        else f"{words['开展日']}{slot}已经订满了，可以改到另一个时段，或者登记候补。"
    )
    return asked, [{"exhibition": words["展"], "day": words["开展日"], "slot": slot}], [result], told


CALLS = {
    "query_booth": _booth, "find_exhibition": _show, "issue_invoice": _invoice, "track_shipment": _shipment, "book_room": _room,
}  # fmt: skip


def tool_talk(rng: random.Random, name: str, words: Show, other: Show) -> Turns:
    """OpenAI's turns: the question, the call or calls, what they return, the answer."""
    asked, calls, results, told = CALLS[name](rng, words, other)
    listed = [
        {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": json.dumps(call, ensure_ascii=False)}}
        for number, call in enumerate(calls, 1)
    ]  # fmt: skip
    returned = [
        {"role": "tool", "tool_call_id": f"call_{number}", "content": json.dumps(result, ensure_ascii=False)}
        for number, result in enumerate(results, 1)
    ]
    turns: Turns = [
        {"role": "user", "content": asked},
        {"role": "assistant", "content": None, "tool_calls": listed},
        *returned,
    ]
    turns.append({"role": "assistant", "content": told})
    if rng.random() < 0.25:
        thanks, welcome = rng.choice(THANKS)
        turns += [{"role": "user", "content": thanks}, {"role": "assistant", "content": welcome}]
    return turns
