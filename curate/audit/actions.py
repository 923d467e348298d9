"""What is recorded, in words, and what each entry's ``about`` holds."""

from __future__ import annotations

from curate.language import say

#: action -> (Chinese, English). In the comments: the keys of ``about``; none of them holds a secret or a value of a row.
ACTIONS: dict[str, tuple[str, str]] = {
    "audit.begin": ("日志开始", "log begun"),  # workspace, log (a random id)
    "audit.torn": ("写到一半的一行", "a torn line"),  # bytes, sha256: of the line before this entry
    "audit.broken": ("发现日志被改动", "log found broken"),  # lines, sha256, head, log
    "run.start": ("开始运行", "run started"),  # run, recipe, until, limit
    "run.end": ("运行结束", "run ended"),  # run, status, overrides
    "change": ("文件有变", "files changed"),  # recipe, changes: [{path, kind, before, after}]
    "quarantine.return": ("退回行已改好交回", "quarantined rows returned"),  # file, sha256, rows, corpora
    "quarantine.undo": ("撤回交回的行", "return undone"),  # file, rows
    "review.push": ("发出审核", "review sent out"),  # recipe, project, items
    "review.pull": ("取回审核", "review taken back"),  # recipe, project, annotations
    "review.requeue": ("退回重看", "put back for review"),  # recipe, project, items
    "review.adjudicate": ("争议交专家", "disputes sent to experts"),  # recipe, project, items
    "review.decide": ("审核定案", "review decided"),  # recipe, project, items
    "gate.override": ("放行关卡", "gate overridden"),  # gate, problem, run
    "statistics.release": ("发布统计", "statistics released"),  # run, epsilon, spent
    "export": ("导出", "export"),  # folder, key, files
    "policy.denied": ("拒绝", "denied"),  # permission, what
}


def action_word(action: str) -> str:
    """The action in the reader's language; the name itself of one that a newer curate wrote."""
    return say(*ACTIONS[action]) if action in ACTIONS else action
