"""What is planted in the service data: a row holds one thing at the most, and truth.jsonl tells its fate.

``reason`` is the reason beside the row (or its pair) where it must go; without it the row stays.
"""

import json
import random
from collections.abc import Callable
from typing import Any

import ids

Row = dict[str, Any]
#: of Qwen, R1 and Llama 3
CONTROL = ("<|im_end|>", "<｜User｜>", "<|endoftext|>", "<|im_start|>")


class Planter:
    """The rows of a corpus that nothing was planted in yet."""

    def __init__(self, name: str, rows: list[Row], truth: list[Row]) -> None:
        self.name, self.rows, self.truth = name, rows, truth
        self.rng = random.Random(f"客服样例-埋入-{name}")
        self.free = [row for row in rows if not row.get("reasoning")]
        self.rng.shuffle(self.free)

    def take(self, wanted: Callable[[Row], bool] = lambda row: True) -> Row:
        row = next(row for row in self.free if wanted(row))
        self.free.remove(row)
        return row

    def record(self, row: Row, kind: str, reason: str = "", **more: Any) -> None:
        told = {"corpus": self.name, "key": row["id"], "kind": kind} | ({"reason": reason} if reason else {})
        self.truth.append(told | more)

    def set(self, count: int, kind: str, reason: str, field: str, *values: str) -> None:
        """Other values in a column."""
        for number in range(count):
            row = self.take()
            row[field] = values[number % len(values)]
            self.record(row, kind, reason, field=field)

    def put(
        self, count: int, kind: str, reason: str, field: str, make: Callable[[random.Random], tuple[str, str]]
    ) -> None:
        """A snippet behind what a column holds; ``make`` gives it with what in it is planted."""
        for _ in range(count):
            row = self.take()
            snippet, dirty = make(self.rng)
            row[field] += snippet
            self.record(row, kind, reason, field=field, dirty=dirty)

    def copy(self, count: int, kind: str, reason: str, change: Callable[[Row], None]) -> None:
        """A second row, somewhere behind the first."""
        for number in range(count):
            row = self.take()
            again = json.loads(json.dumps(row)) | {"id": f"{row['id'][0]}9{number:02}{kind[0].upper()}"}
            change(again)
            self.rows.insert(self.rng.randint(self.rows.index(row) + 1, len(self.rows)), again)
            self.record(again, kind, reason, of=row["id"])


def phone(rng: random.Random) -> tuple[str, str]:
    number = ids.mobile(rng)
    return rng.choice(("现场联系人{}。", "也可以直接打{}找我。", "急事请拨{}。")).format(number), number


def email(rng: random.Random) -> tuple[str, str]:
    address = f"{rng.choice(['zhanwu', 'kefu', 'booth', 'visa'])}{rng.randint(10, 99)}@service.example.com"
    return f"材料请发到{address}。", address


def identity(rng: random.Random) -> tuple[str, str]:
    number = ids.id_number(rng, rng.randint(1975, 2001))
    return f"登记的身份证号是{number}。", number


def control(rng: random.Random) -> tuple[str, str]:
    token = rng.choice(CONTROL)
    return token, token


def stray_think(_: random.Random) -> tuple[str, str]:
    return "<think>还要再确认一下。", "<think>"


def late_thought(_: random.Random) -> tuple[str, str]:
    return "</think>所以就是这个数。", "</think>"


def picture(_: random.Random) -> tuple[str, str]:
    return "平面图见<image>。", "<image>"


def _same(_: Row) -> None:
    """As it is."""


def _nearly(row: Row) -> None:
    row["answer"] = row["answer"].replace("。", "；", 1) + "以上。"


def plant(corpora: dict[str, list[Row]]) -> list[Row]:
    """All that is planted; changes the rows."""
    truth: list[Row] = []
    planters = {name: Planter(name, rows, truth) for name, rows in corpora.items()}
    _answers(planters["answers"])
    _reasoned(planters["reasoned"])
    _dialogues(planters["dialogues"])
    _tools(planters["tools"])
    _comparisons(planters["comparisons"])
    _ratings(planters["ratings"])
    guides = planters["guides"]
    guides.put(1, "phone_in_text", "", "text", phone)
    guides.put(1, "email_in_text", "", "text", email)
    guides.put(1, "control_token", "control_token", "text", control)
    return truth


def _answers(rows: Planter) -> None:
    rows.set(4, "empty_answer", "fields_missing", "answer", "", "暂无", "  ")
    rows.put(3, "phone_in_text", "", "answer", phone)
    rows.put(2, "email_in_text", "", "answer", email)
    rows.put(1, "id_in_text", "", "question", identity)
    rows.put(2, "control_token", "control_token", "answer", control)
    rows.put(1, "stray_think", "broken_thought", "answer", stray_think)
    rows.put(1, "media_tag", "media_tag", "answer", picture)
    rows.copy(3, "exact_dup", "exact_duplicate", _same)
    rows.copy(3, "near_dup", "near_duplicate", _nearly)


def _reasoned(rows: Planter) -> None:
    rows.put(1, "control_token", "control_token", "thought", control)
    rows.put(1, "stray_think", "broken_thought", "thought", late_thought)
    rows.put(1, "phone_in_text", "", "thought", phone)
    rows.set(1, "empty_answer", "fields_missing", "answer", "")
    rows.copy(2, "exact_dup", "exact_duplicate", _same)


def _comparisons(rows: Planter) -> None:
    for _ in range(3):
        row = rows.take()
        row["worse"] = row["better"] + " "
        rows.record(row, "same_answers", "same_answers", field="worse")
    rows.set(2, "empty_answer", "fields_missing", "worse", "", "暂无")
    rows.set(1, "empty_answer", "fields_missing", "better", "")
    rows.put(1, "control_token", "control_token", "worse", control)
    rows.put(2, "phone_in_text", "", "better", phone)
    rows.copy(2, "exact_dup", "exact_duplicate", _same)


def _ratings(rows: Planter) -> None:
    rows.set(5, "unreadable_rating", "bad_rating", "评价", "一般", "三星", "", "还行吧", "N/A")
    rows.set(1, "empty_answer", "fields_missing", "answer", "")
    rows.put(1, "phone_in_text", "", "answer", phone)
    rows.put(1, "control_token", "control_token", "question", control)
    rows.copy(2, "exact_dup", "exact_duplicate", _same)


def _value(turn: Row) -> str:
    """The name of the key that holds a turn's text."""
    return "value" if "value" in turn else "content"


def _role(turn: Row) -> str:
    return "from" if "from" in turn else "role"


def _turns(
    rows: Planter, kind: str, reason: str, change: Callable[[list[Row]], None], count: int = 1, **more: Any
) -> None:
    """A conversation that is changed."""
    for _ in range(count):
        row = rows.take(
            lambda row: (
                len(row["messages"]) >= 4
                and row["messages"][-1].get(_role(row["messages"][-1])) in ("gpt", "assistant")
            )
        )
        change(row["messages"])
        rows.record(row, kind, reason, **more)


def _say(
    rows: Planter,
    kind: str,
    reason: str,
    make: Callable[[random.Random], tuple[str, str]],
    at: int,
    count: int = 1,
) -> None:
    """A snippet behind what somebody says."""
    for _ in range(count):
        snippet, dirty = make(rows.rng)

        def change(turns: list[Row], snippet: str = snippet) -> None:
            turns[at][_value(turns[at])] += snippet

        _turns(rows, kind, reason, change, dirty=dirty)


def _twice_the_user(turns: list[Row]) -> None:
    turns.insert(-2, dict(turns[-2]))


def _starts_with_answer(turns: list[Row]) -> None:
    while turns[0][_role(turns[0])] not in ("gpt", "assistant"):
        turns.pop(0)


def _unknown_role(turns: list[Row]) -> None:
    turns[-1][_role(turns[-1])] = "客服"


def _empty_content(turns: list[Row]) -> None:
    turns[-2][_value(turns[-2])] = ""


def _dialogues(rows: Planter) -> None:
    _turns(rows, "ends_with_user", "bad_turns", lambda turns: turns.pop(), 2)  # type: ignore[arg-type]
    _turns(rows, "two_users", "bad_turns", _twice_the_user, 2)
    _turns(rows, "unknown_role", "bad_turns", _unknown_role, 2)
    _turns(rows, "empty_content", "bad_turns", _empty_content, 2)
    _turns(rows, "starts_with_answer", "bad_turns", _starts_with_answer)
    _say(rows, "phone_in_turns", "personal_data", phone, -2, 2)
    _say(rows, "email_in_turns", "personal_data", email, -1)
    _say(rows, "control_token", "control_token", control, -1)
    _say(rows, "stray_think", "broken_thought", stray_think, -1)
    rows.copy(2, "exact_dup", "exact_duplicate", _same)
    row = rows.take()
    row["messages"] = "用户：展位还能换吗？客服：可以申请一次。"
    rows.record(row, "not_json", "bad_turns")
    row = rows.take()  # a JSON text in a JSON text, as exports of databases have it: that is fine
    row["messages"] = json.dumps(row["messages"], ensure_ascii=False)
    rows.record(row, "json_in_json")
    row = rows.take()
    row["raw"] = json.dumps(row, ensure_ascii=False)[:-20]
    rows.truth.append(
        {
            "corpus": rows.name,
            "key": row["id"],
            "kind": "bad_json_line",
            "reason": "bad_json",
            "line": rows.rows.index(row) + 1,
        }
    )


def _tools(rows: Planter) -> None:
    def is_openai(row: Row) -> bool:
        return "tool_calls" in row["messages"][1]

    row = rows.take(is_openai)
    row["messages"][1]["tool_calls"][0]["function"]["arguments"] = "{展会: 未知"
    rows.record(row, "broken_arguments", "bad_turns")
    row = rows.take(is_openai)
    row["messages"][1]["content"] = "我来查一下。"
    rows.record(row, "content_and_calls", "bad_turns")
    row = rows.take()
    row["tools"] = "query_booth, find_exhibition"
    rows.record(row, "tools_not_json", "bad_turns")
    row = rows.take(lambda row: not is_openai(row))
    row["messages"] = [turn for turn in row["messages"] if turn["from"] != "observation"]
    rows.record(row, "call_without_result", "bad_turns")
    _say(rows, "phone_in_turns", "personal_data", phone, -1)
