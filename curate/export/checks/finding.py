"""What is wrong with a release, in words for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from curate.language import say


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. ``file`` is relative to the release; ``line`` is 1-based (a row, in parquet), None
    stands for the whole file. ``what`` says what the trainer would have done, too.
    """

    file: str
    line: int | None
    what: str
    hint: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.what}" + (f"\n  → {self.hint}" if self.hint else "")


def findings_text(findings: Iterable[Finding]) -> str:
    """All of them, one below the other, and how many; one sentence where there is none."""
    told = [str(finding) for finding in findings]
    if not told:
        return say("没有发现问题", "nothing is wrong")
    return "\n".join([*told, say(f"共 {len(told)} 处问题", f"{len(told)} problem(s)")])


def anew() -> str:
    """What to do with a release that somebody changed."""
    return say(
        "不要手工改发布版本：改配方或源数据后运行 curate run，会生成新的版本；或重新复制原来的文件",
        "a release is not edited: change the recipe or the data and run curate run, which makes a new version; "
        "or copy the file again",
    )


def stops() -> str:
    """LLaMA-Factory's answer to what it cannot read."""
    return say("LLaMA-Factory 会中断", "LLaMA-Factory would stop")


def drops() -> str:
    """LLaMA-Factory's answer to a row that it cannot use."""
    return say("LLaMA-Factory 会悄悄丢掉这样的行", "LLaMA-Factory would drop such rows silently")


def others_stop() -> str:
    """What comes of a mistake in a file that LLaMA-Factory does not read."""
    return say("用这个文件训练或评测会中断，或得到错的结果", "what reads this file would stop, or go wrong")


def flatters() -> str:
    """What comes of a question that is trained on and asked."""
    return say("验证和评测会偏高", "validation and evaluation would be too good")


def remembers() -> str:
    """What comes of personal data."""
    return say("模型会记住它", "the model would remember it")


def learns() -> str:
    """LLaMA-Factory's answer to what is wrong and readable."""
    return say(
        "LLaMA-Factory 会照样训练，学到错的东西", "LLaMA-Factory would train on it, and learn something wrong"
    )
