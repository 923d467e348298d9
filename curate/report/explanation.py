"""Explain, in words: a paragraph for each station on the way from a pair back to its row."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from curate.algorithms.personal_data import mask
from curate.explain import Call, Explained, Link, Station, Words
from curate.language import say
from curate.recipe import shown
from curate.report.duplicates import standing_lines
from curate.report.remedies import remedy
from curate.report.words import PHASE_NAMES, brief, count, money, reason_name, why_text
from curate.rows import ADDED, COMMON, ROUTED, SYSTEM

#: columns of a row that are told in other words
ASIDE = {*SYSTEM, *ROUTED, *ADDED}
#: around what the model quoted as evidence
OPEN, CLOSE = "【", "】"


def explained_text(told: Explained) -> str:
    """The whole chain, from the pair to the row as it came."""
    lines = [say(f"{told.links[0].id}（运行 {told.run}）", f"{told.links[0].id} (run {told.run})")]
    for number, link in enumerate(told.links):
        if number:
            lines += ["", say(f"← 从问答 {link.id} 改来", f"← made from the pair {link.id}")]
        lines += _link(link)
    return "\n".join([*lines, *_row(told), *_raw(told)])


def _link(link: Link) -> list[str]:
    currency = ((link.pair or {}).get("made") or {}).get("currency")
    asked, judged = ([call for call in link.calls if call.judge is judge] for judge in (False, True))
    return [
        *_pair(link),
        *_fate(link),
        *_source(link),
        *_calls(asked, say("← 请求", "← request"), currency),
        *_scores(link),
        *_calls(judged, say("← 请评审打分", "← asked to judge it"), currency),
        *_words(link.words),
    ]


def _block(label: str, text: str | None) -> list[str]:
    """A text below its label, with its own line breaks, without personal data."""
    if not text:
        return []
    first, *rest = mask(text).split("\n")
    return [f"  {label}{first}", *(f"      {line}" for line in rest)]


def _pair(link: Link) -> list[str]:
    pair = link.pair
    if pair is None:
        told = say(f"  任务 {link.task}：这个空位没有写出问答", f"  task {link.task}: this slot gave no pair")
        return [told]
    asked = ".".join(name for name in (pair["task"], pair["question"]) if name)
    what = [pair["origin"], pair["kind"], asked, pair["split"]]
    # of a pair that was dropped only the gates before the one that it failed have a score
    if pair["score"] is not None and not (link.stations and link.stations[-1].what == "dropped"):
        what.append(say(f"得分 {pair['score']:.2f}", f"score {pair['score']:.2f}"))
    lines = [f"  {' · '.join(str(part) for part in what if part)}", *_cost(pair["made"] or {})]
    lines += _block(say("系统：", "system: "), pair["system"])
    if pair["messages"] and pair["kind"] != "preference":
        for turn in pair["messages"]:
            lines += _block(f"{turn['role']}: ", turn["content"])
    else:
        lines += _block(say("问：", "question: "), pair["instruction"])
        lines += _block(say("材料：", "material: "), pair["input"])
        lines += _block(say("思考：", "thought: "), pair["thought"])
        failed = (pair["made"] or {}).get("failure")
        spoken = say("模型的原话：", "the model said: ") if failed else say("答：", "answer: ")
        lines += _block(spoken, pair["output"])
    return [*lines, *_block(say("差的答案：", "worse answer: "), pair["rejected"])]


def _cost(made: dict[str, Any]) -> list[str]:
    """Its share of what was paid for its slot."""
    if not made.get("calls"):
        return []
    tokens = f"{count(made['input_tokens'] or 0)} + {count(made['output_tokens'] or 0)}"
    paid = money(made["cost"] or 0, made["currency"])
    return [
        say(
            f"  花费 {paid}（{tokens} token；这个空位共 {made['calls']} 次请求）",
            f"  cost {paid} ({tokens} tokens; {made['calls']} request(s) for the slot)",
        )
    ]


def _fate(link: Link) -> list[str]:
    """Where it went, or where it ended, why, and what to do."""
    lines = [say("  去向：", "  its way: ") + " → ".join(_station(station) for station in link.stations)]
    for station in link.stations:
        if station.what == "dropped":
            lines.append(f"    {reason_name(station.reason)}{why_text(asdict(station))}")
            advice = remedy(station.reason)
            lines += [say(f"    怎么办：{advice}", f"    what to do: {advice}")] if advice else []
    for folder, files in link.files.items():
        lines.append(say(f"  发布在 {shown(Path(folder))}", f"  released in {shown(Path(folder))}"))
        lines += [f"      {file}" for file in files]
    if link.pair is not None and not any(
        station.phase == "review" and station.what == "dropped" for station in link.stations
    ):
        lines += _reviewed(link.pair)
    if link.gave:
        title = say("由它做成的：", "made of it: ")
        lines.append(f"  {title}{', '.join(link.gave)}")
    return lines


def _reviewed(pair: dict[str, Any]) -> list[str]:
    """What people decided on it, and what it was before they changed it."""
    review = pair.get("review")
    if review is None:
        return [say("  没有人工复核", "  no person has reviewed it")]
    by = {
        "agreed": say(f"{review['votes']} 人一致", f"{review['votes']} agreed"),
        "majority": say(f"{review['votes']} 人里的多数", f"most of {review['votes']}"),
        "expert": say("专家裁决", "an expert's decision"),
    }.get(review["by"], review["by"])
    decision = {"accept": say("接受", "accepted"), "edit": say("修改", "edited")}.get(
        review["decision"], review["decision"]
    )
    told = [decision, by, review["reason"], f"{say('说明', 'guideline')} {review['guideline']}"]
    lines = [say("  人工审核：", "  reviewed: ") + " · ".join(part for part in told if part)]
    for name, text in json.loads(review["was"] or "{}").items():
        if text == pair.get(name):
            continue
        label = {
            "instruction": say("原来的问题：", "asked before: "),
            "output": say("原来的回答：", "answered before: "),
        }
        lines += _block(f"  {label.get(name, name)}", text)
    return lines


def _station(station: Station) -> str:
    doing = station.unit.partition(":")[0] if ":" in station.unit else ""
    told = " ".join(part for part in (PHASE_NAMES.get(station.phase, station.phase), doing) if part)
    copies = f" ×{station.copies}" if station.copies > 1 else ""
    dropped = say(" 丢弃", " dropped") if station.what == "dropped" else ""
    return f"{told}{copies}{dropped}"


def _source(link: Link) -> list[str]:
    """The text that the model was given, with the evidence marked in it."""
    made = (link.pair or {}).get("made") or {}
    slot = link.slot or {}
    source = made.get("source") or slot.get("source")
    if not source:
        return []
    start, end = (
        made.get(name) if made.get(name) is not None else slot.get(name) for name in ("start", "end")
    )
    place = say(f"第 {start + 1}–{end} 字", f"characters {start + 1}-{end}") if start is not None else ""
    evidence = made.get("evidence")
    quotes = [line for line in (evidence or "").split("\n") if line.strip()]
    marked, strange = source, [quote for quote in quotes if quote not in source]
    for quote in quotes:
        marked = marked.replace(quote, f"{OPEN}{quote}{CLOSE}", 1)
    title = say("← 所依据的原文", "← the text it is grounded in")
    note = say(f"{OPEN}引文{CLOSE}", f"{OPEN}evidence{CLOSE}") if marked != source else ""
    lines = ["", f"{title} {(slot or link.pair or {}).get('parent_id')} {place} {note}".rstrip()]
    lines += _block("", marked)
    for quote in strange:
        lines += _block(say("引文不是逐字抄的：", "evidence that is not verbatim: "), quote)
    return lines


def _calls(calls: list[Call], title: str, currency: str | None) -> list[str]:
    lines: list[str] = []
    for number, call in enumerate(calls, 1):
        of = f" {number}/{len(calls)}" if len(calls) > 1 else ""
        if call.request is None or call.reply is None:
            gone = say("请求日志里已没有它", "the journal no longer has it")
            lines += ["", f"{title}{of} {call.key[:16]}: {gone}"]
            continue
        lines += ["", f"{title}{of} {call.request['model']} {_parameters(call.request)} {call.key[:16]}"]
        for role, content in call.request["messages"]:
            lines += _block(f"[{role}] ", content)
        lines += _reply(call.reply, currency)
    return lines


def _parameters(request: dict[str, Any]) -> str:
    aside = ("model", "messages", "schema", "extra")
    told = {name: value for name, value in request.items() if name not in aside and value not in (None, {})}
    told |= request.get("extra") or {}
    as_json = " schema" if request.get("schema") else ""
    return " ".join(f"{name}={value}" for name, value in told.items()) + as_json


def _reply(reply: dict[str, Any], currency: str | None) -> list[str]:
    tokens = f"{count(reply['input_tokens'])} + {count(reply['output_tokens'])}"
    about = "" if reply["counted"] else say("（估计）", " (estimated)")
    paid = f" · {money(float(reply['cost']), currency)}" if float(reply["cost"]) else ""
    finish = reply["finish_reason"] if reply["status"] == 200 else f"HTTP {reply['status']}"
    title = say("回答", "answer")
    return [
        f"  → {title} · {finish} · {tokens} token{about}{paid}",
        *_block(say("（思考）", "(thought) "), reply["reasoning"]),
        *_block("    ", reply["text"] or reply["error"]),
    ]


def _scores(link: Link) -> list[str]:
    scores = ((link.pair or {}).get("made") or {}).get("scores") or []
    if not scores:
        return []
    lines = ["", say("← 过关的分数", "← what the gates found")]
    for one in scores:
        score = "" if one["score"] is None else f"{one['score']:.2f}"
        lines.append(f"  {one['gate']:<18} {score:>5}  {brief(one['note'])}".rstrip())
    return lines


def _words(words: Words | None) -> list[str]:
    if words is None:
        return []
    state = {
        "same": say("至今没有改过", "unchanged since"),
        "changed": say("后来改过，下面不是当时的内容", "changed since"),
        "gone": say("文件已不在", "no longer there"),
    }[words.state]
    lines = ["", f"← {words.file} sha256 {words.sha256[:12]} · {state}"]
    for name, value in (words.wording or {}).items():
        for text in value if isinstance(value, list) else [value]:
            lines += _block(f"{name}: ", str(text))
    return lines


def _row(told: Explained) -> list[str]:
    lines: list[str] = []
    if told.parents:
        few = say("、", ", ").join(told.parents[:8])
        more = f" … {len(told.parents)}" if len(told.parents) > 8 else ""
        lines += ["", say(f"← 讲到的行：{few}{more}", f"← the rows that it tells of: {few}{more}")]
    if told.row is None:
        return lines
    title = say("← 当时的行", "← the row as it was then")
    lines += ["", f"{title} {told.row.row_id}"]
    lines += [
        f"  {name}: {brief(value)}"
        for name, value in told.row.row.items()
        if name not in ASIDE and value is not None
    ]
    changed = [
        f"{event.unit}（{', '.join(event.changes)}）" if event.changes else event.unit
        for event in told.row.events
        if event.what == "changed" and event.phase != "split"
    ]
    if told.row.standing:
        lines += [f"  {line}" for line in standing_lines(told.row.standing)]
    if changed:
        lines.append(say("  改过它的：", "  changed by: ") + ", ".join(changed))
    lines.append(
        say(f"  全程：curate trace {told.row.row_id}", f"  all of it: curate trace {told.row.row_id}")
    )
    return lines


def _raw(told: Explained) -> list[str]:
    if not told.raw:
        return ["", say(f"← 来自 {told.source}", f"← from {told.source}")] if told.source else []
    lines = ["", say(f"← 来源里的原样 {told.source}", f"← as it came from {told.source}")]
    return lines + [
        f"  {name}: {brief(value)}" for name, value in told.raw.items() if name not in COMMON or value
    ]
