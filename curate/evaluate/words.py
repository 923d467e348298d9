"""Scores and comparisons as text for people."""

from __future__ import annotations

from unicodedata import east_asian_width

from curate.evaluate.figures import FEW, LESS_IS_BETTER, Figure
from curate.evaluate.paired import ALPHA, WORTH, Comparison, Difference
from curate.evaluate.scores import Scores
from curate.language import say

#: characters of a question or an answer that are shown
SHOWN = 80

#: figure -> what it is called
FIGURES = {
    "points": ("得分", "points"),
    "facts_found": ("答出的事实", "facts found"),
    "facts_all": ("事实全对的题", "all facts right"),
    "accuracy": ("分类正确", "right label"),
    "macro_f1": ("分类 F1（宏平均）", "label F1, macro"),
    "micro_f1": ("分类 F1（微平均）", "label F1, micro"),
    "declined": ("不知道的题说不知道", "declined, rightly"),
    "refused": ("答得出却拒答", "declined, wrongly"),
    "exact": ("与标准答案相同", "exact match"),
    "bleu4": ("BLEU-4（逐句）", "BLEU-4, by sentence"),
    "bleu4_corpus": ("BLEU-4（整体）", "BLEU-4, corpus"),
    "rouge1": ("ROUGE-1", "ROUGE-1"),
    "rouge2": ("ROUGE-2", "ROUGE-2"),
    "rougeL": ("ROUGE-L", "ROUGE-L"),
    "empty": ("空答案", "empty"),
    "repetitive": ("反复重复", "runaway repetition"),
}
PARTS = {
    "corpus": ("按语料", "by corpus"),
    "question": ("按问题", "by question"),
    "kind": ("按题型", "by kind"),
}
KINDS = {
    "facts": ("没学过的行：事实", "facts of rows not trained on"),
    "recall": ("学过的事实，换个问法", "trained facts, in other words"),
    "text": ("长答案", "text"),
    "classification": ("分类", "classification"),
    "unknown": ("答不出", "unknown"),
}


def scores_text(scores: Scores) -> str:
    """The report on one model."""
    lines = [
        say(
            f"{scores.predictions}：{scores.rows.height} 题",
            f"{scores.predictions}: {scores.rows.height} questions",
        )
    ]
    header = [
        say("指标（满分 100）", "figure (of 100)"),
        say("值", "value"),
        say("95% 区间", "95 % interval"),
        say("题数", "questions"),
    ]
    lines += _table(
        [header, *(_row(name, scores.figures[name]) for name in FIGURES if name in scores.figures)]
    )
    for part, names in scores.parts.items():
        if len(names) > 1:
            rows = [_row(_part(part, name), figures["points"], named=True) for name, figures in names.items()]
            lines += ["", say(f"{PARTS[part][0]}的得分", f"points {PARTS[part][1]}"), *_table(rows)]
    if scores.labels:
        head = [
            say("标签", "label"),
            *(
                say(*both)
                for both in [
                    ("精确率", "precision"),
                    ("召回率", "recall"),
                    ("F1", "F1"),
                    ("题数", "questions"),
                ]
            ),
        ]
        rows = [
            [
                f"{row['question']} {row['label']}",
                *(_points(row[name]) for name in ("precision", "recall", "f1")),
                str(row["support"]),
            ]
            for row in scores.labels
        ]
        lines += ["", *_table([head, *rows])]
    for row in scores.confusions[:5]:
        named = say("不明", "none") if row["named"] == "none" else row["named"]
        lines.append(
            say(
                f"错认：{row['label']} → {named}，{row['times']} 次",
                f"taken: {row['label']} for {named}, {row['times']} times",
            )
        )
    return "\n".join([*lines, *_notes(scores)])


def _notes(scores: Scores) -> list[str]:
    told = [
        (scores.rows["empty"].sum(), "个答案是空的", "answers are empty"),
        (scores.rows["repetitive"].sum(), "个答案反复重复同一段", "answers repeat themselves without end"),
        (
            scores.unclosed_thoughts,
            "个答案的 <think> 没有结束，按空答案计：加大 max_new_tokens",
            "answers never end their <think> and count as empty: raise max_new_tokens",
        ),
        (
            scores.cut_labels,
            "个标准答案被 cutoff_len 截断，评分用完整的",
            "labels were cut by cutoff_len; the whole ones were used",
        ),
    ]
    notes = [say(f"注意：{count} {zh}", f"note: {count} {en}") for count, zh, en in told if count]
    if scores.rows.height < FEW:
        notes.append(
            say(
                f"注意：只有 {scores.rows.height} 题（少于 {FEW}），区间只作参考",
                f"note: only {scores.rows.height} questions (under {FEW}); take the intervals as a hint",
            )
        )
    return ["", *notes] if notes else []


def compare_text(comparison: Comparison) -> str:
    """The report on two models, the verdict first."""
    first, second = comparison.first.predictions, comparison.second.predictions
    lines = [
        verdict(comparison),
        "",
        say(f"甲：{first}", f"A: {first}"),
        say(f"乙：{second}", f"B: {second}"),
    ]
    header = [
        say("指标（满分 100）", "figure (of 100)"),
        say("甲", "A"),
        say("乙", "B"),
        say("甲-乙", "A-B"),
        say("95% 区间", "95 % interval"),
        "p",
    ]
    rows = [
        _difference(_figure(name), comparison.differences[name])
        for name in FIGURES
        if name in comparison.differences
    ]
    lines += _table([header, *rows])
    for part, names in comparison.parts.items():
        if len(names) > 1:
            rows = [_difference(_part(part, name), found["points"]) for name, found in names.items()]
            lines += ["", say(f"{PARTS[part][0]}的得分", f"points {PARTS[part][1]}"), *_table(rows)]
    lines += [
        "",
        say(
            "p 没有按比较的次数校正：看分项时，20 个里会有 1 个偶然小于 0.05",
            "p is not corrected for the number of comparisons: of 20 parts, one is below 0.05 by chance",
        ),
    ]
    if comparison.most:
        lines += ["", say("差别最大的题：", "questions that differ most:")]
    for row in comparison.most:
        lines += [
            f"{row['id']}  {row['difference'] * 100:+.1f}  {_short(row['prompt'])}",
            say(f"  答案 {_short(row['reference'])}", f"  right {_short(row['reference'])}"),
            say(f"  甲   {_short(row['first'])}", f"  A     {_short(row['first'])}"),
            say(f"  乙   {_short(row['second'])}", f"  B     {_short(row['second'])}"),
        ]
    return "\n".join(lines)


def verdict(comparison: Comparison) -> str:
    """Did the data help? One sentence."""
    points = comparison.differences["points"]
    size, seen = f"{abs(points.value) * 100:.1f}", points.questions
    if points.p is None or points.low is None or points.high is None:
        return say("下不了结论：所有题都出自同一行数据", "no conclusion: all questions are about one row")
    range_ = say(
        f"95% 区间 {_signed(points.low)} 到 {_signed(points.high)}，p={points.p:.3f}，{seen} 题",
        f"95 % interval {_signed(points.low)} to {_signed(points.high)}, p={points.p:.3f}, {seen} questions",
    )
    if comparison.outcome == "better":
        return say(
            f"数据有用：甲比乙高 {size} 分（{range_}）",
            f"the data help: A is {size} points above B ({range_})",
        )
    if comparison.outcome == "worse":
        return say(f"甲比乙差：低 {size} 分（{range_}）", f"A is worse: {size} points below B ({range_})")
    if comparison.needed is None:
        more = say("每道题两边得分都一样", "both get the same points for every question")
    elif comparison.needed <= seen:
        more = say(
            f"题数足以看出 {WORTH * 100:.0f} 分的差别",
            f"the questions suffice to see a difference of {WORTH * 100:.0f} points",
        )
    else:
        wanted = f"{max(abs(points.value), WORTH) * 100:.1f}"
        more = say(
            f"要看出 {wanted} 分的差别，大约需要 {comparison.needed} 题",
            f"to see a difference of {wanted} points takes about {comparison.needed} questions",
        )
    return say(
        f"看不出差别：甲减乙 {_signed(points.value)} 分（{range_}，不小于 {ALPHA}）；{more}",
        f"no difference can be shown: A minus B is {_signed(points.value)} points ({range_}, not under {ALPHA}); {more}",
    )


def _row(name: str, figure: Figure, *, named: bool = False) -> list[str]:
    span = (
        "" if figure.low is None or figure.high is None else f"{_points(figure.low)} - {_points(figure.high)}"
    )
    count = str(figure.questions) + ("*" if figure.questions < FEW else "")
    return [name if named else _figure(name), _points(figure.value), span, count]


def _difference(name: str, found: Difference) -> list[str]:
    span = "" if found.low is None or found.high is None else f"{_signed(found.low)} … {_signed(found.high)}"
    p = "" if found.p is None else f"{found.p:.3f}"
    return [name, _points(found.first), _points(found.second), _signed(found.value), span, p]


def _figure(name: str) -> str:
    return say(*FIGURES[name]) + (say("（越低越好）", " (less is better)") if name in LESS_IS_BETTER else "")


def _part(part: str, name: str) -> str:
    return say(*KINDS[name]) if part == "kind" else name


def _points(value: float) -> str:
    return f"{value * 100:.1f}"


def _signed(value: float) -> str:
    return f"{value * 100:+.1f}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def _table(rows: list[list[str]]) -> list[str]:
    """Aligned columns, the first to the left and the others to the right; a Chinese character is two wide."""

    def width(text: str) -> int:
        return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)

    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [" " * (size - width(cell)) + cell for cell, size in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join([row[0] + " " * (widths[0] - width(row[0])), *cells]).rstrip())
    return lines
