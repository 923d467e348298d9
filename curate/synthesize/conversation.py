"""Conversations in the shapes that people keep them in, as one: turns of (role, content) in the order that trains."""

from __future__ import annotations

import json
import re
from typing import Any

from curate.language import say
from curate.pairs import THINK, THOUGHT

Turns = list[dict[str, str]]

#: The names that ShareGPT, OpenAI and LLaMA-Factory give the roles.
ROLES = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user",
    "assistant": "assistant", "gpt": "assistant", "bot": "assistant",
    "function_call": "function_call", "tool_call": "function_call",
    "tool": "tool", "observation": "tool", "function": "tool", "tool_response": "tool",
}  # fmt: skip
ASKS, ANSWERS = ("user", "tool"), ("assistant", "function_call")
#: Half of a character that JSON wrote as two escapes: it cannot be written to a file.
HALF = re.compile("[\ud800-\udfff]")


def read_conversation(text: str, *, ends_asking: bool) -> tuple[Turns | None, str | None, str | None]:
    """(turns without the system's, the system's message, why it cannot be used) of a JSON list of messages.

    LLaMA-Factory drops, with one line in its log, whatever does not alternate: user or tool, then assistant or
    function_call. Results of parallel calls, several messages in a row, are put together. OpenAI's ``tool_calls`` become
    one function_call message.

    Args:
        ends_asking: the last turn is the user's, because two answers to it stand elsewhere.
    """
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        return None, None, say(f"不是 JSON：{error}", f"no JSON: {error}")
    except RecursionError:
        return None, None, say("JSON 嵌套太深", "JSON that is nested too deep")
    if not isinstance(found, list) or not found:
        return None, None, say("不是消息的列表", "no list of messages")
    turns: Turns = []
    system = None
    for number, item in enumerate(found, 1):
        turn = _turn(item)
        if isinstance(turn, str):
            return None, None, say(f"第 {number} 条消息：{turn}", f"message {number}: {turn}")
        if turn["role"] == "system" and number == 1:
            system = turn["content"]
        elif turn["role"] == "tool" and turns and turns[-1]["role"] == "tool":
            turns[-1]["content"] += "\n" + turn["content"]
        else:
            turns.append(turn)
    why = _order(turns, ends_asking)
    return (None, None, why) if why else (turns, system, None)


def wrong_tools(text: str) -> str | None:
    """What is wrong with the tools of a conversation (a JSON list of objects, or nothing), or null: LLaMA-Factory
    stops the whole run at one that is no JSON.
    """
    if not text:
        return None
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return say("tools 不是 JSON", "the tools are no JSON")
    if not isinstance(found, list) or not all(isinstance(tool, dict) for tool in found):
        return say("tools 不是对象的列表", "the tools are no list of objects")
    halves = HALF.search(json.dumps(found, ensure_ascii=False))
    return say("tools 里有半个字符", "the tools hold half of a character") if halves else None


def answer_of(text: str) -> str:
    """The text of an answer that is kept as a message (LLaMA-Factory) or a list that ends with it (TRL), in JSON; any
    other text as it is.
    """
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return text
    turn = _turn(found[-1] if isinstance(found, list) and found else found)
    return turn["content"] if isinstance(turn, dict) and turn["role"] == "assistant" else text


def _turn(item: Any) -> dict[str, str] | str:
    """One message, or what is wrong with it."""
    if not isinstance(item, dict):
        return say("不是一个对象", "no object")
    # one after the other: in Parquet a message holds both names, one of them null
    name = item.get("role") or item.get("from")
    role = ROLES.get(str(name))
    if role is None:
        return say(f"不认识的角色 {name}", f"unknown role {name}")
    content = item["content"] if item.get("content") is not None else item.get("value")
    old = item.get("function_call")  # OpenAI's name until 2023, of a single call
    calls = item.get("tool_calls") or ([old] if isinstance(old, dict) else None)
    if calls:
        if content:
            return say("既有内容又有 tool_calls", "has both a content and tool_calls")
        return _call(calls)
    if isinstance(content, dict | list) and role in ("function_call", "tool"):
        content = json.dumps(content, ensure_ascii=False)
    if not isinstance(content, str) or not content.strip():
        return say("内容是空的或不是文字", "its content is empty or no text")
    if HALF.search(content):
        return say("有半个字符（\\ud83d 之类）", "holds half a character (such as \\ud83d)")
    if role == "function_call":
        try:
            return _call(
                [json.loads(content)] if not content.lstrip().startswith("[") else json.loads(content)
            )
        except json.JSONDecodeError:
            return say("函数调用不是 JSON", "the function call is no JSON")
    thought = item.get("reasoning_content")  # where DeepSeek's interface and those like it keep the thought
    if role == "assistant" and isinstance(thought, str) and thought.strip() and not HALF.search(thought):
        content = THINK + thought.strip() + THOUGHT + content
    return {"role": role, "content": content}


def _call(calls: Any) -> dict[str, str] | str:
    """A function_call message out of OpenAI's or LLaMA-Factory's form of it."""
    told = []
    for call in calls if isinstance(calls, list) else []:
        inner = call.get("function", call) if isinstance(call, dict) else {}
        arguments = inner.get("arguments") if isinstance(inner, dict) else None
        if isinstance(arguments, str):
            try:
                arguments = json.loads(arguments)
            except json.JSONDecodeError:
                arguments = None
        if not isinstance(arguments, dict) or not isinstance(inner.get("name"), str):
            return say("函数调用缺少 name 或 arguments", "a function call without name or arguments")
        told.append({"name": inner["name"], "arguments": arguments})
    if not told:
        return say("函数调用是空的", "the function call is empty")
    content = json.dumps(told[0] if len(told) == 1 else told, ensure_ascii=False)
    if HALF.search(content):
        return say("有半个字符（\\ud83d 之类）", "holds half a character (such as \\ud83d)")
    return {"role": "function_call", "content": content}


def _order(turns: Turns, ends_asking: bool) -> str | None:
    for number, turn in enumerate(turns):
        wanted = ANSWERS if number % 2 else ASKS
        if turn["role"] not in wanted:
            return say(
                f"第 {number + 1} 轮是 {turn['role']}，应当是 {' 或 '.join(wanted)}",
                f"turn {number + 1} is {turn['role']}, not {' or '.join(wanted)}",
            )
    if not turns or turns[0]["role"] != "user":
        return say("对话要由用户开始", "a conversation starts with the user")
    if (len(turns) % 2 == 1) != ends_asking:
        return (
            say(
                "要以用户的话结尾，因为两个回答写在别处",
                "it must end with the user: the two answers stand elsewhere",
            )
            if ends_asking
            else say("要以助手的回答结尾", "it must end with the assistant's answer")
        )
    return None
