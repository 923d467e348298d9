"""Names of phases, units and reasons in the reader's language; the English names stay what files and SQL hold."""

from __future__ import annotations

import json
from typing import Any
from unicodedata import east_asian_width

from curate.algorithms.personal_data import mask
from curate.language import say
from curate.report.summary import Line
from curate.run import PastRun

#: characters of a value that are shown
SHOWN = 160

PHASE_NAMES = {
    "sources": say("读取", "sources"),
    "clean": say("清洗", "clean"),
    "validate": say("校验", "validate"),
    "dedupe": say("去重", "dedupe"),
    "noise": say("噪声", "noise"),
    "split": say("分流", "split"),
    "anonymize": say("匿名化", "anonymize"),
    "three_c": say("3C", "3C"),
    "annotate": say("标注", "annotate"),
    "pairs": say("问答", "pairs"),
    "gate": say("过关", "gate"),
    "review": say("审核", "review"),
    "mix": say("合并", "mix"),
    "fit": say("适配", "fit"),
    "cap": say("上限", "cap"),
    "chunk": say("切块", "chunk"),
    "export": say("导出", "export"),
}

#: reason -> what it means
REASONS = {
    "bad_json": ("不是完整的 JSON", "not a whole JSON object"),
    "unclosed_quote": ("引号没有闭合", "a quote that nothing closes"),
    "wrong_cell_count": ("格数与表头不同", "other cell count than the header"),
    "undecodable": ("有解不出来的字节", "bytes that do not decode"),
    "scanned": ("只有扫描图片，没有文字", "pictures of text only"),
    "encrypted": ("有密码", "protected by a password"),
    "unreadable": ("文件损坏，读不出来", "damaged, cannot be read"),
    "garbled_font": ("字体没有文字编码", "a font that does not say its characters"),
    "old_format": ("2007 年以前的格式，请另存", "a format of before 2007: save it anew"),
    "no_content": ("没有文字内容", "no text in it"),
    "garbled": ("乱码，原文已丢失", "garbled beyond repair"),
    "empty": ("正文为空", "no text"),
    "too_short": ("正文太短", "too short"),
    "unread_field": ("字段值认不出", "a field's value cannot be read"),
    "sensitive": ("含敏感词", "holds a sensitive word"),
    "too_long": ("正文太长", "too long"),
    "foreign": ("不是中文", "not Chinese"),
    "repeated_lines": ("整行重复太多", "too many repeated lines"),
    "repeated_ngrams": ("大段文字重复", "passages repeat"),
    "repeated_phrase": ("同一个词反复出现", "one phrase over and over"),
    "too_many_lines": ("换行太多", "too many line feeds"),
    "too_many_signs": ("符号太多", "too many signs"),
    "few_letters": ("几乎没有文字", "hardly any letters"),
    "menu": ("像菜单或目录", "looks like a menu"),
    "low_quality": ("质量分低", "low quality score"),
    "older_version": ("同一主键的旧版本", "an older version of its record"),
    "exact_duplicate": ("正文相同", "the same text"),
    "near_duplicate": ("近似重复", "nearly the same text"),
    "same_entity": ("同一家公司、同一个人或产品", "the same company, person or product"),
    "seen_before": ("以前的运行里已有", "seen in an earlier run"),
    "protected": ("与受保护的行重复", "repeats a protected row"),
    "retrieval_only": ("只供检索", "retrieved, not trained on"),
    "training_only": ("只供训练", "trained on, not retrieved"),
    "reference_only": ("只用来比对", "only compared with"),
    "fields_missing": ("问题要用的字段为空", "the questions' fields are empty"),
    "answer_too_long": ("答案太长", "the answer is too long"),
    "same_question": ("问题与另一条相同", "the same question as another pair"),
    "bad_turns": ("对话的轮次不对", "turns that cannot be trained on"),
    "bad_rating": ("看不懂的评价", "a rating that says neither yes nor no"),
    "control_token": ("含有模型的控制符", "holds a control token of the model"),
    "broken_thought": ("思考标记不完整或不在开头", "marks of a thought in the wrong place"),
    "media_tag": ("含有图片、视频或音频标记", "holds a mark of a picture, film or sound"),
    "personal_data": ("还有个人信息", "still holds personal data"),
    "rejected_in_review": ("审核的人不接受", "rejected by the reviewers"),
    "disputed_in_review": ("审核意见不一", "the reviewers disagree"),
    "not_reviewed": ("没有抽到审核，配方不留", "not chosen for review, and the recipe keeps no such pair"),
    "edit_unusable": ("改了多轮对话里的问题，用不上", "an edited question inside a dialogue cannot be used"),
    "base_rejected": ("它由一条没通过审核的问答改写而来", "made from a pair that was rejected"),
    "base_edited": ("它由一条被改过的问答改写而来", "made from a pair that was edited"),
    "tie_in_review": ("两个回答分不出好坏", "neither answer is better"),
    "both_bad_in_review": ("两个回答都不好", "both answers are bad"),
    "noisy_in_review": ("看的人认为是噪声", "noise, as people say"),
    "personal_data_in_review": ("看的人发现了个人信息", "people found personal data"),
    "same_answers": ("好坏两个回答相同", "the better answer equals the worse"),
    "over_cutoff": ("太长，训练时会被截断", "too long: training would cut it"),
    "malformed": ("回答的格式不对", "an answer that cannot be read"),
    "truncated": ("回答没有写完", "an answer that was cut off"),
    "content_filter": ("被接口的内容过滤拦下", "stopped by the server's filter"),
    "refused": ("接口拒绝了这个请求", "a request that the server refused"),
    "refused_by_model": ("模型拒绝回答", "the model declined to answer"),
    "unanswered": ("接口一直没有回答", "no answer from the server"),
    "no_pairs": ("回答里没有问答", "an answer without a pair"),
    "nothing_to_ask": ("没有可问的内容", "nothing to ask about"),
    "not_grounded": ("答案里有原文没有的内容", "says what its source does not"),
    "evidence_missing": ("引文不在原文里", "evidence that is not in the source"),
    "leaked_prompt": ("露出提示词的说法（根据上文……）", "speaks of its prompt"),
    "wrong_language": ("不是要求的语言", "another language than asked for"),
    "question_not_grounded": ("问题里有原文没有的内容", "asks about what its source does not say"),
    "question_too_short": ("问题太短", "the question is too short"),
    "question_too_long": ("问题太长", "the question is too long"),
    "answer_too_short": ("答案太短", "the answer is too short"),
    "refers_to_unseen": ("问题离开原文就看不懂", "a question that needs the unseen text"),
    "echo": ("答案只是重复问题", "repeats the question"),
    "not_judged": ("评审没有给分", "got no verdict"),
    "judged_low": ("评审给分太低", "a low verdict"),
    "k_anonymity": ("匿名以后凑不满 k 行", "too few alike to be anonymous"),
    "missing_reference": ("指向的行不存在", "refers to a row that is not there"),
    "contaminated": ("与测试题或评测题重复", "repeats what tests ask"),
    "over_quota": ("超过一行、一表或一类题的份额", "over the quota of its row or kind"),
    "over_limit": ("超过任务的条数上限", "over the task's limit"),
    "over_cap": ("超过合成数据的上限", "over the cap of made pairs"),
    "over_share": ("超过这类数据的份额", "over the share of its category"),
    "over_max": ("超过这一类的条数上限", "over the limit of its category"),
    "wrong_answer": ("推理的结果不对", "reasons to a wrong answer"),
    "no_thought": ("没有写出思考", "without a thought"),
    "no_worse_answer": ("找不到可用的差答案", "no worse answer was found"),
    "too_few_turns": ("凑不成多轮对话", "too few pairs for a conversation"),
    "not_for_task": ("这个任务不用这种问答", "a pair that the task does not take"),
    "not_sampled": ("没有抽中", "not in the sample"),
    "not_by_model": ("不是大模型写的，不用评审", "no model wrote it: nothing to judge"),
    "not_a_question": ("不是一问一答", "not a question with an answer"),
    "held_out": ("不在训练集里，不给大模型", "not trained on: no model is shown it"),
    "several_turns": ("多轮对话", "of several turns"),
    "unknown_row": ("说的行不在数据里", "tells of a row that is not there"),
    "unchanged": ("改写后几乎没变", "hardly reworded"),
    "facts_changed": ("改写时数字、编号或名称变了", "numbers, codes or names changed"),
    "unknown_label": ("不认识的标签", "an unknown label"),
    "bad_spans": ("标注的位置不合法", "spans that are not valid"),
}


#: what a cleaner notes besides the rows -> what it means
NOTES = {
    "read": ("已规范", "in normal form now"),
    "unread": ("认不出，原样保留", "not read, left as it is"),
    "matched": ("近似匹配", "matched"),
    "review": ("请人看", "for people to look at"),
    "canonical": ("标准词", "the canonical term"),
    "alias": ("别名", "an alias"),
    "forbidden": ("禁用词", "a forbidden form"),
    "unknown_code": ("代码表里没有", "a code that the table lacks"),
    "unsettled": ("改不定，原样保留", "would never settle, left as it is"),
    "candidate": ("重复行，待确认", "shared by many texts, to be confirmed"),
    "confirmed": ("已确认的重复行", "a confirmed line"),
    "editor": ("责任编辑", "editor"),
    "source": ("来源", "source"),
    "original_title": ("原标题", "original title"),
    "reporter": ("记者", "reporter"),
    "follow": ("扫码关注", "follow us"),
    "more": ("查看更多", "read more"),
    "notice": ("版权、免责声明", "a legal notice"),
    "furniture": ("网页按钮", "buttons of a page"),
    "date_line": ("电头", "date line"),
    "label": ("标签", "label"),
}


def note_word(what: str) -> str:
    return say(*NOTES[what]) if what in NOTES else what


def reason_word(reason: str) -> str:
    """``too_short`` -> ``正文太短``."""
    if reason.startswith("invalid_"):
        field = reason.removeprefix("invalid_")
        return say(f"{field} 不合规范", f"{field} breaks the schema")
    return say(*REASONS[reason]) if reason in REASONS else reason


def reason_name(reason: str) -> str:
    """``too_short`` -> ``正文太短 too_short``: the word for the reader, and the name for SQL."""
    word = reason_word(reason)
    return reason if word == reason else say(f"{word} {reason}", f"{reason} ({word})")


def reasons_text(reasons: dict[str, int], most: int = 4) -> str:
    """The commonest reasons of a line."""
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    told = [f"{say(reason_word(name), name)} {count(rows)}" for name, rows in ordered[:most]]
    more = sum(rows for _, rows in ordered[most:])
    if more:
        told.append(say(f"其他 {count(more)}", f"others {count(more)}"))
    return say("，", ", ").join(told)


def count(number: float) -> str:
    """``12,345``."""
    return f"{round(number):,}"


def money(amount: float, currency: str | None = None) -> str:
    """``0.0026 元``: two digits that say something, however little it is."""
    told = (
        f"{amount:,.2f}"
        if amount >= 1 or not amount
        else f"{amount:.4f}"
        if amount >= 0.001
        else f"{amount:.6f}"
    )
    unit = say("元", "CNY") if currency == "CNY" else currency
    return f"{told} {unit}" if unit else told


def wide(text: str) -> int:
    """How many characters of a text take two columns of a terminal."""
    return sum(east_asian_width(mark) in "WF" for mark in text)


def why_text(row: dict[str, Any]) -> str:
    told = f"  {row['detail']}" if row["detail"] else ""
    if row["of"] and row["reason"] == "older_version":
        told += say(f"  留下的一版是 {row['of']}", f"  the version that stays: {row['of']}")
    elif row["of"]:
        told += say(f"  与 {row['of']} 重复", f"  copy of {row['of']}")
    if row["similarity"] is not None and row["similarity"] < 1:
        told += say(f"，相似度 {row['similarity']:.2f}", f", similarity {row['similarity']:.2f}")
    return told


def brief(value: Any) -> str:
    """The beginning of a value on one line, without personal data: what is shown gets passed on."""
    text = (
        value
        if isinstance(value, str)
        else ""
        if value is None
        else json.dumps(value, ensure_ascii=False, default=str)
    )
    flat = mask(text[: 2 * SHOWN]).replace("\n", "⏎")
    return flat if len(flat) <= SHOWN else flat[:SHOWN] + "…"


def head_text(run: PastRun) -> str:
    return say(f"运行 {run.name}（{run.status}）", f"run {run.name} ({run.status})")


def accounts_text(lines: list[Line]) -> str:
    """The accounting in one sentence: in = kept + dropped."""
    read, kept, gone = (sum(getattr(line, name) for line in lines) for name in ("read", "kept", "gone"))
    sign = "=" if read == kept + gone else "≠"
    return say(
        f"核对：读入 {count(read)} {sign} 保留 {count(kept)} + 丢弃 {count(gone)}",
        f"accounts: {count(read)} in {sign} {count(kept)} kept + {count(gone)} dropped",
    )
