"""A pair as people see it: question and answer, what it was made from, and the places of its evidence; and the way back from their edits.

Its own words are Chinese whatever the language of the program: a verdict counts for what was shown, to the letter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import md5
from typing import Any

import polars as pl

from curate.review.schema import as_json, content_of
from curate.rows import ADDED, Table, value_columns

#: Characters of a source at the most: a page with more is no longer read.
MOST_SOURCE = 20_000
#: Rows of a question over whole tables that are shown.
MOST_PARENTS = 8
#: Values so short are shown though they may stand in the text by chance.
SHORT = 4
ROLES = {"user": "用户", "assistant": "助手", "function_call": "调用", "tool": "结果", "system": "系统"}
#: What stands before a thought, and between it and the answer.
THOUGHT, ANSWER = "思考：", "\n\n回答："


def read_pairs(tables: Sequence[Table], ids: pl.Series) -> pl.DataFrame:
    """The pairs of these ids whole, in the order of the ids; a shard at a time."""
    wanted = pl.col("pair_id").is_in(ids.implode())
    found = [pl.scan_parquet(shard).filter(wanted).collect() for table in tables for shard in table.shards]
    order = ids.alias("pair_id").to_frame()
    return (
        order.join(pl.concat(found), on="pair_id", how="inner", maintain_order="left")
        if found
        else order.clear()
    )


def turns_shown(messages: Iterable[Mapping[str, Any]]) -> str:
    """Turns of a conversation, one below the other.

    >>> print(turns_shown([{"role": "user", "content": "在哪？"}, {"role": "assistant", "content": "上海。"}]))
    用户：在哪？
    助手：上海。
    """
    return "\n".join(f"{ROLES.get(turn['role'], turn['role'])}：{turn['content']}" for turn in messages)


def question_shown(pair: Mapping[str, Any]) -> str:
    """What is asked: instruction and input, or all turns before the answer; of a preference all turns."""
    if pair["messages"]:
        return turns_shown(pair["messages"] if pair["kind"] == "preference" else pair["messages"][:-1])
    return f"{pair['instruction']}\n{pair['input']}" if pair["input"] else str(pair["instruction"])


def answer_shown(pair: Mapping[str, Any]) -> str:
    """The answer, with the thought that stands before it."""
    if pair["messages"]:
        return str(pair["messages"][-1]["content"])
    thought = f"{THOUGHT}{pair['thought']}{ANSWER}" if pair["thought"] else ""
    return thought + str(pair["output"])


def edited(pair: Mapping[str, Any], question: str | None, answer: str | None) -> dict[str, Any] | None:
    """The columns of the pair that an edit changes, with their new values; empty where it changes nothing, None where it cannot be
    applied: a text is empty, a question belongs to a conversation, the mark between thought and answer is gone.

    Args:
        question, answer: the texts as people left them; None where they did not touch them.
    """
    changes: dict[str, Any] = {}
    if question is not None and not _same(question, question_shown(pair)):
        if pair["messages"] or not question.strip():
            return None
        changes |= _asked(pair, question.strip())
    if answer is not None and not _same(answer, answer_shown(pair)):
        told = _answered(pair, answer.strip())
        if told is None:
            return None
        changes |= told
    return {name: value for name, value in changes.items() if value != pair[name]}


def _same(new: str, old: str) -> bool:
    """A browser may change line ends and outer space."""
    return new.replace("\r\n", "\n").strip() == old.replace("\r\n", "\n").strip()


def _asked(pair: Mapping[str, Any], question: str) -> dict[str, Any]:
    """The input stays where it stands as it was."""
    more = pair["input"] or ""
    if more and question.endswith(f"\n{more.strip()}"):
        return {"instruction": question.removesuffix(f"\n{more.strip()}").rstrip()}
    if more and question.startswith(f"{pair['instruction']}\n"):
        return {"input": question.removeprefix(f"{pair['instruction']}\n").strip()}
    return {"instruction": question, "input": ""} if more else {"instruction": question}


def _answered(pair: Mapping[str, Any], answer: str) -> dict[str, Any] | None:
    if pair["messages"]:
        last = {**pair["messages"][-1], "content": answer}
        return {"messages": [*pair["messages"][:-1], last], "output": answer} if answer else None
    if not pair["thought"]:
        return {"output": answer} if answer else None
    before, mark, after = answer.partition(ANSWER)
    if not before.startswith(THOUGHT) or not mark or not after.strip():
        return None
    return {"thought": before.removeprefix(THOUGHT).strip(), "output": after.strip()}


class Sources:
    """What pairs were made from: their span of a text, else the rows that they tell of, read once for all of them."""

    def __init__(self, pairs: pl.DataFrame, rows: Mapping[str, Table]) -> None:
        parents = pairs.select(
            pl.col("parent_id"), pl.col("made").struct.field("parents").list.head(MOST_PARENTS).alias("more")
        )
        ids = pl.concat([parents["parent_id"], parents["more"].explode()]).drop_nulls().unique()
        self.rows: dict[str, tuple[str, str]] = {}
        for corpus, table in rows.items():
            mine = ids.filter(ids.str.starts_with(f"{corpus}:"))
            for shard in table.shards if mine.len() else ():
                found = pl.scan_parquet(shard).filter(pl.col("row_id").is_in(mine.implode())).collect()
                own = [name for name in value_columns(found) if name not in ADDED | {"text", "updated_at"}]
                self.rows |= {
                    row["row_id"]: (_called(row), _told(row, own)) for row in found.iter_rows(named=True)
                }

    def of(self, pair: Mapping[str, Any]) -> str:
        """The text that the answer must be grounded in."""
        made = pair["made"] or {}
        text = made.get("source") or self._of_rows(pair, made.get("parents") or [pair["parent_id"]])
        return text if len(text) <= MOST_SOURCE else text[:MOST_SOURCE] + "……"

    def about(self, pair: Mapping[str, Any]) -> str:
        """One line: corpus, task, and what the row is called."""
        called, _ = self.rows.get(pair["parent_id"], ("", ""))
        return " · ".join([pair["corpus"], pair["task"], called or pair["parent_id"]]).replace("\n", " ")

    def _of_rows(self, pair: Mapping[str, Any], parents: Sequence[str]) -> str:
        told = [self.rows[parent][1] for parent in parents[:MOST_PARENTS] if parent in self.rows]
        if not told:
            file = (pair["made"] or {}).get("prompt") or pair["task"]
            return f"这个回答是用 {file} 里的查询在整份 {pair['corpus']} 语料上算出来的，没有单独的原文。"
        if len(parents) > len(told):
            told.append(f"……（共 {len(parents)} 行）")
        return "\n\n".join(told)


def _called(row: Mapping[str, Any]) -> str:
    return str(next((row[name] for name in ("name", "title") if row.get(name)), ""))[:60]


def _told(row: Mapping[str, Any], own: Sequence[str]) -> str:
    """A row: its text, and its other columns below, for a template may ask for what the text does not hold."""
    text = row["text"] or ""
    lines = [f"{name}：{value}" for name in own if (value := _value(row[name]))]
    more = [line for line in lines if not _stands_in(line.partition("：")[2], text)]
    return "\n".join([*([text] if text else []), *more])


def _stands_in(value: str, text: str) -> bool:
    return len(value) >= SHORT and value in text


def _value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "、".join(value)
    return (
        json.dumps(value, ensure_ascii=False, default=str)
        if isinstance(value, list | dict)
        else str(value).strip()
    )


def evidence_marks(source: str, evidence: str | None) -> str | None:
    """The places of the evidence in the source as regions of Label Studio, in JSON; null where none is found. Evidence of several
    lines that do not stand together there is looked for line by line.
    """
    told = (evidence or "").strip()
    parts = [told] if told in source else [line.strip() for line in told.split("\n")]
    places = sorted({(source.find(part), part) for part in parts if part and part in source})
    regions = [
        {
            "id": md5(f"{start}\x1f{part}".encode(), usedforsecurity=False).hexdigest()[:10],
            "from_name": "evidence",
            "to_name": "source",
            "type": "labels",
            "value": {"start": start, "end": start + len(part), "text": part, "labels": ["evidence"]},
        }
        for start, part in places
    ]
    return as_json(regions) if regions else None


def item_of(
    pair: Mapping[str, Any], data: Mapping[str, str], stratum: str, marks: str | None = None
) -> dict[str, Any]:
    """A pair as an item of the sample (``schema.ITEM``); its ``place`` is not known yet."""
    made = pair["made"] or {}
    scores = {found["gate"]: found["score"] for found in made.get("scores") or []}
    return {
        "item_id": pair["pair_id"], "content": content_of(data), "data": as_json(data), "marks": marks,
        "part": "sample", "expected": None, "of": None, "stratum": stratum, "corpus": pair["corpus"],
        "origin": pair["origin"], "task": pair["task"], "question": pair["question"], "source": pair["parent_id"],
        "prompt": made.get("prompt"), "score": pair["score"], "judge": scores.get("judge"), "place": None,
    }  # fmt: skip
