"""The findings about rows: what is wrong with them, and what the trainer would do (LLaMA-Factory 0.9.5, measured)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from curate.export.checks.finding import Finding, anew, drops, flatters, learns, others_stop, remembers, stops
from curate.language import say

#: line numbers that a finding names
NAMED = 3


@dataclass(frozen=True)
class Words:
    """Both wordings of a mistake in a row, and its consequence."""

    zh: str
    en: str
    then: Callable[[], str]


ROWS = {
    "not_utf8": Words("不是 UTF-8", "not UTF-8", stops),
    "blank_line": Words("空行", "an empty line", stops),
    "not_json": Words("不是完整的 JSON", "no complete JSON", stops),
    "not_object": Words("不是 JSON 对象", "no JSON object", stops),
    "keys": Words("键和其他行不一样", "other keys than the other rows", stops),
    "type": Words("值的类型不对", "a value of the wrong type", stops),
    "null": Words("有 null", "a null", stops),
    "surrogate": Words("有落单的代理字符，不是合法的文字", "a lone surrogate, which is no text", stops),
    "twice": Words("同一个键出现两次", "a key stands twice", learns),
    "no_turns": Words("对话是空的", "a conversation without messages", drops),
    "role": Words("不认识的角色", "an unknown role", drops),
    "order": Words(
        "角色的顺序不对，应当是用户、助手轮流", "roles out of order; user and assistant take turns", drops
    ),
    "end": Words("对话不是以助手结尾", "the conversation does not end with the assistant", drops),
    "answer_role": Words("回答的角色不是 assistant", "the role of an answer is not assistant", learns),
    "one_answer": Words("回答应当正好一条", "there should be one answer", stops),
    "empty_answer": Words("回答是空的", "an empty answer", learns),
    "empty_question": Words("问题是空的", "an empty question", learns),
    "empty_turn": Words("有空的消息", "an empty message", learns),
    "empty_text": Words("正文是空的", "an empty text", learns),
    "same_answers": Words("好坏两个回答一样", "chosen and rejected are the same", learns),
    "tools": Words("tools 不是工具列表的 JSON 文字", "tools is no JSON text of a list of tools", stops),
    "call": Words(
        "函数调用不是带 name 和 arguments 对象的 JSON",
        "a function call is no JSON with a name and an arguments object",
        stops,
    ),
    "control": Words("正文里有控制符", "a control token in a text", learns),
    "think": Words("<think> 标记的位置不对", "a stray <think> mark", learns),
    "media": Words("有 <image> 一类的标记", "a media tag such as <image>", stops),
    "nul": Words("有 NUL 字符", "a NUL character", learns),
    "personal": Words("有个人信息", "personal data", remembers),
    "long": Words(
        "放不进 cutoff_len，尾巴会被悄悄截掉",
        "does not fit into cutoff_len and would be cut silently",
        learns,
    ),
    "leak": Words("同一个问题也在别的划分里", "the same question stands in another split, too", flatters),
    "stranger": Words(
        "内容和 provenance.parquet 对不上", "not among the pairs of provenance.parquet", learns
    ),
}


def rows_found(file: str, code: str, lines: list[int], count: int, detail: str = "") -> Finding:
    """A finding about rows.

    Args:
        lines: the first of them, 1-based.
        count: how many there are.
        detail: what stood in the first one.
    """
    words = ROWS[code]
    more = f"（{detail}）" if detail else ""
    more_en = f" ({detail})" if detail else ""
    named = [str(line) for line in lines[:NAMED]]
    where = say(f"{count:,} 行，第 {'、'.join(named)} 行", f"{count:,} row(s), line {', '.join(named)}")
    if count > len(named):
        where += say(" 等", " and others")
    then = words.then() if file.startswith("data/") or words.then is remembers else others_stop()
    what = say(f"{words.zh}{more}：{where}；", f"{words.en}{more_en}: {where}; ")
    return Finding(file, lines[0] if lines else None, what + then, anew())


class Tally:
    """Offending rows by mistake, counted while a file is read."""

    def __init__(self) -> None:
        self.lines: dict[str, list[int]] = {}
        self.counts: dict[str, int] = {}
        self.details: dict[str, str] = {}

    def add(self, code: str, lines: list[int], detail: str = "", count: int | None = None) -> None:
        """``lines``: the first are enough where ``count`` says how many there are."""
        if not lines:
            return
        kept = self.lines.setdefault(code, [])
        kept += lines[: NAMED - len(kept)] if len(kept) < NAMED else []
        self.counts[code] = self.counts.get(code, 0) + (len(lines) if count is None else count)
        self.details.setdefault(code, detail)

    def findings(self, file: str) -> list[Finding]:
        """In the order of ``ROWS``."""
        return [
            rows_found(file, code, self.lines[code], self.counts[code], self.details[code])
            for code in ROWS
            if code in self.lines
        ]
