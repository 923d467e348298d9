"""What went out to the annotators and what came back, in words."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from curate.language import say
from curate.report.words import count
from curate.review.schema import state_name
from curate.review_work import Told


def pushed_text(told: Told) -> str:
    """One project: what went out, what was there, and where people find it."""
    done = told.found
    name = _named(told)
    if done.project_id is None:
        return say(f"{name}：没有要发的", f"{name}: nothing to send")
    parts = [
        say(f"新发 {count(done.created)} 条", f"{count(done.created)} sent"),
        say(f"已有 {count(done.already)} 条", f"{count(done.already)} there already"),
    ]
    if done.updated_overlap:
        parts.append(
            say(
                f"{count(done.updated_overlap)} 条改了要看的人数",
                f"{count(done.updated_overlap)} ask for another number of people",
            )
        )
    if done.deleted:
        parts.append(
            say(f"删掉不再需要的 {count(done.deleted)} 条", f"{count(done.deleted)} no longer wanted deleted")
        )
    lines = [f"{name}{say('：', ': ')}{say('，', ', ').join(parts)}"]
    if done.obsolete:
        lines.append(
            say(
                f"  服务器上有 {count(done.obsolete)} 条不再需要、还没人看；加 --prune 删掉",
                f"  {count(done.obsolete)} task(s) there are no longer wanted and nobody judged them; --prune deletes them",
            )
        )
    lines.append(say(f"  标注的地址：{done.url}", f"  people judge at {done.url}"))
    return "\n".join(lines)


def pulled_text(told: Told) -> str:
    """One project: what was new, and what cannot be used."""
    done, name = told.found, _named(told)
    lines = [
        say(
            f"{name}：新 {count(done.new)}，改动 {count(done.changed)}，删除 {count(done.deleted)}，跳过 {count(done.skipped)}（{done.seconds:.1f} 秒）",
            f"{name}: {count(done.new)} new, {count(done.changed)} changed, {count(done.deleted)} deleted, {count(done.skipped)} skipped ({done.seconds:.1f} s)",
        )
    ]
    return "\n".join(lines + _wrong(dict(done.wrong)))


def filed_text(items: int, file: Path, more: str = "") -> str:
    """What a file holds and how it comes back. ``more``: a further option of the command for that."""
    if not items:
        return say(f"没有要看的，{file} 里没有条目", f"nothing to judge: {file} holds no item")
    return say(
        f"{file}：{count(items)} 条。填好后 curate review pull 配方 --from {file} --as 邮箱{more}",
        f"{file}: {count(items)} item(s). Once it is filled in: curate review pull RECIPE --from {file} --as E-MAIL{more}",
    )


def read_text(told: tuple[int, pl.DataFrame], file: Path) -> str:
    """What a file held: how much of it is new, and what cannot be used, line by line."""
    fresh, read = told
    lines = [
        say(
            f"{file}：{count(read.height)} 个判断，其中 {count(fresh)} 个是新的或改过的",
            f"{file}: {count(read.height)} annotation(s), {count(fresh)} new or changed",
        )
    ]
    wrong = read.filter(pl.col("wrong").is_not_null())
    counts = dict(wrong["wrong"].value_counts(sort=True).iter_rows())
    details = wrong["detail"].drop_nulls().head(10).to_list()
    return "\n".join([*lines, *_wrong(counts), *(f"    {detail}" for detail in details)])


def _wrong(counts: dict[str, int]) -> list[str]:
    if not counts:
        return []
    listed = say("，", ", ").join(f"{state_name(state)} {count(number)}" for state, number in counts.items())
    return [say(f"  不能用的：{listed}", f"  that cannot be used: {listed}")]


def _named(told: Told) -> str:
    return told.name + (say("（裁决）", " (experts)") if told.stage == "adjudicate" else "")
