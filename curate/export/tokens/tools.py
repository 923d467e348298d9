"""Tools and tool calls as LLaMA-Factory 0.9.5 writes them into the text of a conversation.

Source: ``llamafactory/data/tool_utils.py`` and ``formatter.py`` of version 0.9.5 (Apache-2.0). The wording is part
of the sequence, so it is repeated to the letter.
"""

from __future__ import annotations

import json
import re
from typing import Any

from curate.export.tokens.templates import THOUGHT, ToolFormat

#: LLaMA-Factory writes the day of the training into llama3's prompt; a fixed day keeps the count the same every day.
DAY = "01 Jan 2026"

_DEFAULT = (
    "You have access to the following tools:\n{tools}"
    "Use the following format if using a tool:\n"
    "```\n"
    "Action: tool name (one of [{names}])\n"
    "Action Input: the input to the tool, in a JSON format representing the kwargs "
    '(e.g. ```{{"input": "hello world", "num_beams": 5}}```)\n'
    "```\n"
)
_LLAMA3 = (
    "Cutting Knowledge Date: December 2023\nToday Date: {day}\n\n"
    "You have access to the following functions. To call a function, please respond with JSON for a function call. "
    'Respond in the format {{"name": function name, "parameters": dictionary of argument name and its value}}. '
    "Do not use variables.\n\n{tools}"
)
_QWEN = (
    "\n\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
    "You are provided with function signatures within <tools></tools> XML tags:\n<tools>{tools}"
    "\n</tools>\n\nFor each function call, return a json object with function name and arguments within "
    '<tool_call></tool_call> XML tags:\n<tool_call>\n{{"name": <function-name>, '
    '"arguments": <args-json-object>}}\n</tool_call>'
)


def tools_text(form: ToolFormat, tools: str) -> str | None:
    """What stands behind the system text for a row with ``tools``.

    Args:
        form: the template's tool format.
        tools: the row's list of tools, a JSON string.

    Returns:
        The text, ``""`` for an empty list, None where LLaMA-Factory would stop: no JSON, or no list of tools.
    """
    try:
        listed = json.loads(tools)
        if not listed:
            return ""
        if form == "default":
            return _default_tools(listed)
        wrapped = [t if t.get("type") == "function" else {"type": "function", "function": t} for t in listed]
    except (json.JSONDecodeError, AttributeError, KeyError, TypeError):
        return None
    if form == "qwen":
        return _QWEN.format(tools="".join("\n" + _json(tool) for tool in wrapped))
    shown = "".join(json.dumps(tool, indent=4, ensure_ascii=False) + "\n\n" for tool in wrapped)
    return _LLAMA3.format(day=DAY, tools=shown)


def calls_text(form: ToolFormat, content: str) -> str | None:
    """What a ``function_call`` message becomes.

    Args:
        form: the template's tool format.
        content: ``{"name":, "arguments":}`` or a list of these, as JSON; behind a thought, or within
            ``<tool_call>`` tags.

    Returns:
        The text, or None where LLaMA-Factory would stop.
    """
    tagged = re.search(r"<tool_call>(.*?)</tool_call>", content, re.DOTALL)
    if tagged:
        lead, body = content.replace(tagged.group(0), ""), tagged.group(1)
    else:
        thought = re.search(f"{THOUGHT[0]}(.*?){THOUGHT[1]}", content, re.DOTALL)
        lead = thought.group(0) if thought else ""
        body = content.replace(lead, "") if thought else content
    try:
        parsed = json.loads(body)
        calls = [(c["name"], c["arguments"]) for c in (parsed if isinstance(parsed, list) else [parsed])]
        return lead + _calls(form, calls)
    except (json.JSONDecodeError, KeyError, TypeError, IndexError):
        return None


def _calls(form: ToolFormat, calls: list[tuple[Any, Any]]) -> str:
    if form == "default":
        return "\n".join(f"Action: {name}\nAction Input: {_json(values)}" for name, values in calls)
    if form == "qwen":
        texts = [_json({"name": name, "arguments": values}) for name, values in calls]
        return "\n".join(f"<tool_call>\n{text}\n</tool_call>" for text in texts)
    objects = [{"name": name, "parameters": values} for name, values in calls]
    return _json(objects[0] if len(objects) == 1 else objects)


def _default_tools(tools: list[dict[str, Any]]) -> str:
    text, names = "", []
    for listed in tools:
        tool = listed["function"] if listed.get("type") == "function" else listed
        wanted = tool["parameters"].get("required", [])
        arguments = ""
        for name, value in tool["parameters"]["properties"].items():
            required = ", required" if name in wanted else ""
            enum = f", should be one of [{', '.join(value['enum'])}]" if value.get("enum") else ""
            items = (
                f", where each item should be {value['items'].get('type', '')}" if value.get("items") else ""
            )
            kind, told = value.get("type", ""), value.get("description", "")
            arguments += f"  - {name} ({kind}{required}): {told}{enum}{items}\n"
        text += f"> Tool Name: {tool['name']}\nTool Description: {tool.get('description', '')}\nTool Args:\n{arguments}\n"
        names.append(tool["name"])
    return _DEFAULT.format(tools=text, names=", ".join(names))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
