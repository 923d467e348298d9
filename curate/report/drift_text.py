"""Drift between two runs in words."""

from __future__ import annotations

from typing import Any

from curate.language import say
from curate.report.grids import columns, drawn
from curate.report.words import PHASE_NAMES, brief, count, reason_word

LEVELS = {
    "alarm": ("漂移", "drifted"),
    "watch": ("留意", "watch"),
    "few": ("太少", "too few"),
    "stable": ("平稳", "stable"),
}


def _measures(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for corpus in told["corpora"].values() for one in corpus["measures"]]


def flagged(told: dict[str, Any]) -> list[dict[str, Any]]:
    """The measures that have drifted."""
    return [one for one in _measures(told) if one["level"] == "alarm"]


def name_of(measure: dict[str, Any]) -> str:
    column = str(measure["column"])
    names = {
        "columns": say(f"列 {column}", f"column {column}"),
        "empty": say(f"{column} 空值", f"{column} empty"),
        "length": say("正文长度", "length of texts"),
        "vocabulary": say("新正文的词汇", "vocabulary of new texts"),
        "perplexity": say("新正文的困惑度", "perplexity of new texts"),
    }
    return names.get(measure["kind"], column)


def _told(measure: dict[str, Any]) -> str:
    """What the figures say."""
    kind, f = measure["kind"], measure["figures"]
    if measure["level"] == "few":
        sizes = f"{count(measure['before'])} / {count(measure['after'])}"
        return say(f"太少，说不准（{sizes}）", f"too few to tell ({sizes})")
    if kind in ("number", "length"):
        a, b = f["medians"]
        return f"D {f['d']:.3f}，p {_p(f['p_adjusted'])}；" + say(f"中位数 {a:g} → {b:g}，差得最多在 {f['where']:g}", f"median {a:g} → {b:g}, farthest apart at {f['where']:g}")  # fmt: skip
    if kind in ("category", "empty"):
        moved = "、".join(f"{brief(value)} {a:.1%} → {b:.1%}" for value, a, b in f["moved"][:3])
        told = f"PSI {f['psi']:.3f}；{moved}"
        for names, word in ((f["new"], say("新出现", "new")), (f["gone"], say("不见了", "gone"))):
            told += (
                f"；{word} {'、'.join(f'{brief(value)}×{rows}' for value, rows in names)}" if names else ""
            )
        return told
    if kind == "columns":
        a, b = f["types"]
        return say(f"新列（{b}）", f"new ({b})") if not a else say(f"没有了（{a}）", f"gone ({a})") if not b else f"{a} → {b}"  # fmt: skip
    if kind == "vocabulary":
        usual, new = f["usual"], f["new"]
        return say(
            f"没见过的二字组合 {new['new_bigrams']:.1%}（平时 {usual['new_bigrams']:.1%}），没见过的字 {new['new_characters']:.2%}（{usual['new_characters']:.2%}），JS 散度 {new['divergence']:.3f}（{usual['divergence']:.3f}）",
            f"unseen bigrams {new['new_bigrams']:.1%} (usually {usual['new_bigrams']:.1%}), unseen characters {new['new_characters']:.2%} ({usual['new_characters']:.2%}), JS divergence {new['divergence']:.3f} ({usual['divergence']:.3f})",
        )
    advice = say("；建议重新训练", "; train anew") if measure["level"] == "alarm" else ""
    return f"{f['before']:.1f} → {f['after']:.1f}（{f['rise']:+.1%}）{advice}"


def _p(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


def _terms(measure: dict[str, Any]) -> list[str]:
    """The words that tell new texts apart, of a measure of vocabulary."""
    if measure["kind"] != "vocabulary" or measure["level"] == "few":
        return []
    words = {"more": say("多起来的词", "more frequent"), "fewer": say("少下去的词", "less frequent")}
    return [
        f"{word}："
        + "、".join(f"{one['term']} {one['before']}→{one['after']}" for one in measure["figures"][side])
        for side, word in words.items()
        if measure["figures"][side]
    ]


def _rows(corpus: dict[str, Any]) -> str:
    rows = corpus["rows"]
    told = f"{count(rows['before'])} → {count(rows['after'])} " + say("行", "rows")
    if corpus["same"]:
        return told + say("，没有变化", ", nothing changed")
    if "added" not in rows:
        return told
    return told + say(
        f"：新增 {count(rows['added'])}，去掉 {count(rows['removed'])}，改了 {count(rows['changed'])}",
        f": {count(rows['added'])} added, {count(rows['removed'])} removed, {count(rows['changed'])} changed",
    )


def _phase_lines(corpus: dict[str, Any]) -> list[str]:
    lines = []
    for step in corpus["phases"]:
        kept, gone = ("-" if n is None else count(n) for n in step["kept"]), ("-" if n is None else count(n) for n in step["dropped"])  # fmt: skip
        why = "、".join(
            f"{reason_word(name)} {count(a)} → {count(b)}"
            for name, (a, b) in list(step["reasons"].items())[:5]
        )
        told = say(f"保留 {' → '.join(kept)}，丢弃 {' → '.join(gone)}", f"kept {' → '.join(kept)}, dropped {' → '.join(gone)}")  # fmt: skip
        lines.append(f"{PHASE_NAMES[step['phase']]} {step['unit']}：{told}" + (f"（{why}）" if why else ""))
    return lines


def summary_lines(told: dict[str, Any]) -> list[str]:
    """The whole in a few sentences."""
    lines = [f"{told['before']} → {told['after']}"]
    if told["same"]:
        return [
            *lines,
            say("没有变化：两次运行的数据是同一份", "nothing changed: both runs have the same rows"),
        ]
    for names, zh, en in ((told["only_before"], "没有了的语料", "corpora that are gone"), (told["only_after"], "新的语料", "new corpora")):  # fmt: skip
        if names:
            lines.append(say(f"{zh}：{'、'.join(names)}", f"{en}: {', '.join(names)}"))
    found = flagged(told)
    if found:
        names = "、".join(f"{one['corpus']} {name_of(one)}" for one in found)
        lines.append(say(f"有漂移 {len(found)} 处：{names}", f"drifted, {len(found)}: {names}"))
    else:
        lines.append(say("没有查出漂移", "no drift was found"))
    for level, zh, en in (("watch", "留意", "to watch"), ("few", "行数太少，说不准", "too few rows to tell")):
        own = [f"{one['corpus']} {name_of(one)}" for one in _measures(told) if one["level"] == level]
        if own:
            lines.append(say(f"{zh} {len(own)} 处：{'、'.join(own)}", f"{en}, {len(own)}: {', '.join(own)}"))
    if any(one["kind"] == "perplexity" for one in found):
        limit = told["limits"]["perplexity"]
        lines.append(
            say(
                f"新正文的困惑度上升超过 {limit:.0%}：建议用新数据重新训练",
                f"the perplexity of new texts rose by more than {limit:.0%}: train anew on the new data",
            )
        )
    return lines


def sections_of(told: dict[str, Any]) -> list[dict[str, Any]]:
    """A corpus each: title, what its phases did, its measures as (level, name, sizes, what), its terms."""
    return [
        {
            "corpus": name,
            "rows": _rows(corpus),
            "phases": _phase_lines(corpus),
            "measures": [
                (one["level"], say(*LEVELS[one["level"]]), name_of(one), f"{count(one['before'])} / {count(one['after'])}", _told(one))
                for one in corpus["measures"]
            ],
            "terms": [line for one in corpus["measures"] for line in _terms(one)],
        }
        for name, corpus in told["corpora"].items()
    ]  # fmt: skip


def drift_text(told: dict[str, Any]) -> str:
    """For a terminal."""
    parts: list[Any] = summary_lines(told)
    for section in [] if told["same"] else sections_of(told):
        parts += ["", f"{section['corpus']}  {section['rows']}", *(f"  {line}" for line in section["phases"])]
        if section["measures"]:
            grid = columns(
                "", say("什么", "what"), say("个数", "values"), say("差别", "difference"), right=(2,)
            )
            for _, *cells in section["measures"]:
                grid.add_row(*cells)
            parts += [grid, *(f"  {line}" for line in section["terms"])]
    return drawn(*parts)
