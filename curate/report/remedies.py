"""What to do about pairs that are dropped for a reason: a hint where an analyst can change something."""

from __future__ import annotations

from curate.language import say

REMEDIES = {
    "malformed": (
        "看看模型回了什么；接口支持时用 structured: json_schema，或换一个模型",
        "look at what the model said; use structured: json_schema where the server can, or another model",
    ),
    "truncated": ("加大 model.max_tokens，或让提示词要得短一些", "raise model.max_tokens, or ask for less in the prompt"),
    "content_filter": ("原文触发了接口的过滤：换接口，或不给它这一行", "the source sets off the filter: another endpoint, or leave the row out"),
    "refused": ("看接口的原话，多半是提示太长或参数不支持", "read the server's words: mostly too long a prompt, or a parameter that it lacks"),
    "refused_by_model": ("换一个模型，或改提示词的说法", "another model, or other words in the prompt"),
    "unanswered": ("再运行一次就会接着问，不会重复付费", "run again: it goes on, and nothing is paid twice"),
    "not_grounded": (
        "多半是模型编的；若是换了说法，放宽 gates，或让提示词要求照抄数字",
        "mostly invented; if it is only reworded, loosen the gates, or have the prompt ask for numbers as they stand",
    ),
    "question_not_grounded": ("问题里的数字或名称是模型编的；让提示词要求只问原文里有的", "the model made up what it asks about; have the prompt ask for what the source says alone"),
    "evidence_missing": ("让提示词要求逐字引用原文", "have the prompt ask for a verbatim quote"),
    "leaked_prompt": ("让提示词要求不提“上文”“材料”", "tell the prompt not to speak of the text above"),
    "refers_to_unseen": ("让提示词要求写全公司、展会的名称", "tell the prompt to name its subject in full"),
    "not_judged": ("再运行一次；一直这样就换评审模型", "run again; if it stays so, take another model as the judge"),
    "judged_low": ("看评审的细目；太严就降 judge.min_score", "look at the criteria; lower judge.min_score if it is too strict"),
    "same_question": ("两个任务问了同一句：换问法，或留一个任务", "two tasks ask the same: reword one, or keep one"),
    "near_duplicate": ("几乎一样的已有一条；多加几种问法", "there is one nearly the same; add other phrasings"),
    "contaminated": ("不能留：测试题会因此虚高", "it must go: tests would look too good"),
    "over_quota": ("加大 mix.quota，或多给几行原文", "raise mix.quota, or give more rows"),
    "over_limit": ("加大任务的 max_slots 或 max_pairs", "raise the task's max_slots or max_pairs"),
    "over_cap": (
        "多加真实数据或模板问答，名额会跟着变多；上限是 synthesize.cap",
        "add real data or template pairs, which makes room; the limit is synthesize.cap",
    ),
    "wrong_answer": ("模型算错或说错了：换更强的模型", "the model got it wrong: take a stronger one"),
    "unchanged": ("提高 model.temperature，或换提示词", "raise model.temperature, or change the prompt"),
    "facts_changed": ("模型改动了锁定的内容：换模型或提示词", "the model changed what was locked: another model or prompt"),
    "over_cutoff": ("加大 cutoff，或让答案短一些", "raise the cutoff, or make answers shorter"),
    "personal_data": ("清洗里加 mask_pii；确实要留就写 personal_data", "add mask_pii to clean; if it must stay, allow it in personal_data"),
    "rejected_in_review": ("看拒绝的理由和 curate review report 里按提示词的错误率，改提示词或模板", "read the reasons, and the error rates per prompt in curate review report; mend the prompt or template"),
    "disputed_in_review": ("请专家裁决：disputes: expert，再 curate review adjudicate", "have an expert settle it: disputes: expert, then curate review adjudicate"),
    "not_reviewed": ("加大 sample，或写 unsampled: keep", "raise sample, or say unsampled: keep"),
    "edit_unusable": ("多轮对话里只能改最后的回答", "of a dialogue only the last answer can be edited"),
    "answer_too_long": ("加大任务的 max_answer_chars", "raise the task's max_answer_chars"),
}  # fmt: skip


def remedy(reason: str) -> str:
    """What to do about it; empty where nothing but other data would help."""
    return say(*REMEDIES[reason]) if reason in REMEDIES else ""
