"""What can be wrong with the log, in words, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from curate.language import say

#: kind -> what it means (Chinese, English)
KINDS: dict[str, tuple[str, str]] = {
    "edited": ("被改过", "edited"),
    "dropped": ("被删掉", "dropped"),
    "swapped": ("次序被换过", "moved"),
    "inserted": ("是后来插进去的", "put in between"),
    "copied": ("是另一行的重放", "a replay of another line"),
    "replayed": ("末尾被截掉，或换回了旧的一份", "cut short, or an older copy put back"),
    "rebuilt": ("是重新做的", "built anew"),
    "forged": ("封印不对", "with a wrong seal"),
    "unsealed": ("没有封印", "without a seal"),
    "torn": ("只写了一半", "torn"),
    "broken": ("以前就被改动过", "broken before"),
    "head": ("记号不对", "with a wrong head"),
    "link": ("不是文件", "no file"),
}


def _keep() -> str:
    return say(
        "先把 runs/audit 整个复制一份留作凭证，再从备份找回原来的日志对照，查清谁在什么时候写过它",
        "keep a copy of runs/audit as evidence first, then compare it with a backup and find out who wrote to it, and when",
    )


def hint_of(kind: str) -> str:
    """What to do next."""
    match kind:
        case "torn":
            return say(
                "多半是进程被中断；下一次记录会注明这一行，日志接着用",
                "most likely a process was killed; the next entry tells of this line, and the log goes on",
            )
        case "forged" | "unsealed":
            return (
                say(
                    "核对 CURATE_AUDIT_KEY 是不是写日志时的那一个、是不是每个人运行时都有；都没错，就是没有密钥的人写的。",
                    "is CURATE_AUDIT_KEY the one that the log was written with, and does everybody who runs curate have it? If so, "
                    "somebody without the key wrote this. ",
                )
                + _keep()
            )
        case "broken":
            return say(
                "这一条是 curate 当时写下的，不会消失；查清以后把结论写进事故记录",
                "curate wrote this at the time, and it stays; find out what happened and write it down",
            )
        case "link":
            return say(
                "日志要是普通文件：查清链接指到哪里、谁建的",
                "the log must be a plain file: see who made the link",
            )
        case _:
            return _keep()


@dataclass(frozen=True)
class Trouble:
    """``line`` is 1-based; None stands for the log as a whole. ``told``: what is known besides the kind."""

    line: int | None
    kind: str
    told: str = ""

    @property
    def hint(self) -> str:
        return hint_of(self.kind)

    def __str__(self) -> str:
        zh, en = ("日志", "the log") if self.line is None else (f"第 {self.line} 行", f"line {self.line}")
        what = say(*KINDS[self.kind])
        return say(zh, f"{en}: ") + what + (say("：", "; ") + self.told if self.told else "")
