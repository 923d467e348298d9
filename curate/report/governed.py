"""What governs a run beside its phases: what differs from the last one, what could not be checked, who let which gate pass."""

from __future__ import annotations

from curate.language import say
from curate.run import PastRun


def governed_lines(run: PastRun) -> list[str]:
    """A line each; none where there is nothing to tell. The head of the audit log is the last."""
    about = run.manifest
    lines = []
    if changes := about.get("schema_drift"):
        head = say(
            f"数据与上次运行不同，有 {len(changes)} 处：",
            f"the data differ from the last run in {len(changes)} place(s):",
        )
        lines += [head, *(f"  {change}" for change in changes)]
    lines += about.get("governed", [])
    for one in about.get("overrides", []):
        lines.append(
            say(
                f"{one['who']} 放行了没通过的关卡 {one['gate']}：{one['reason']}",
                f"{one['who']} overrode the gate {one['gate']}: {one['reason']}",
            )
        )
    if noted := about.get("audit"):
        lines.append(
            say(
                f"审计日志写到第 {noted['seq']} 条（{noted['hash'][:16]}…），核对：curate audit verify",
                f"the audit log stands at entry {noted['seq']} ({noted['hash'][:16]}…); check it: curate audit verify",
            )
        )
    return lines
