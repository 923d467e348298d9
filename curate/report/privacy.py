"""What anonymisation did and what it cost, to be read."""

from __future__ import annotations

from typing import Any

from curate.language import say
from curate.privacy.gates import kind_word, level_word
from curate.report.words import count
from curate.run import PastRun

#: what happened to cells of free text
ACTIONS = {"stop": ("停下", "stopped"), "drop": ("清空", "emptied"), "redact": ("遮去", "redacted")}


def _metrics(run: PastRun) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Of each anonymised corpus: what was decided, and what was measured (empty where the run stopped before)."""
    steps = [step for step in run.steps if step.phase == "anonymize" and step.corpus == "*"]
    measured = {step.metrics["corpus"]: step.metrics for step in steps if step.unit.startswith("measure:")}
    return [
        (step.metrics, measured.get(step.metrics["corpus"], {}))
        for step in steps
        if step.unit.startswith("decide:")
    ]


def privacy_lines(run: PastRun) -> list[str]:
    """The terminal's lines, one corpus after the other; none where nothing was anonymised."""
    return [line for decided, measured in _metrics(run) for line in _lines(decided, measured)]


def privacy_page(run: PastRun) -> dict[str, Any] | None:
    """For the page: ``corpora``, each with ``name``, ``head``, ``levels`` (rows of a table), ``lines``; None where nothing was anonymised."""
    corpora = [
        {
            "name": decided["corpus"],
            "head": _head(decided, measured),
            "columns": [say("列", "column"), say("层级", "level"), say("取值", "values"), say("认不出而隐去的行", "rows not read, suppressed")],
            "levels": _levels(decided, measured),
            "lines": _lines(decided, measured)[1:],
        }
        for decided, measured in _metrics(run)
    ]  # fmt: skip
    return {"title": say("匿名", "Anonymity"), "corpora": corpora} if corpora else None


def _head(decided: dict[str, Any], measured: dict[str, Any]) -> str:
    name, k = decided["corpus"], decided["k"]
    if not decided["reached"]:
        return say(f"{name} 没有做到 k = {k}", f"{name} does not reach k = {k}")
    if not measured:
        return say(f"{name}：k = {k}，还没有量过结果", f"{name}: k = {k}, the result is not measured yet")
    if not measured["rows"]:
        return say(f"{name}：没有留下一行", f"{name}: no row is left")
    return say(
        f"{name} 做到 k = {k}：{count(measured['rows'])} 行分成 {count(measured['classes'])} 类，最小的一类 {count(measured['smallest'])} 行",
        f"{name} reaches k = {k}: {count(measured['rows'])} rows in {count(measured['classes'])} classes, the smallest of {count(measured['smallest'])}",
    )


def _lines(decided: dict[str, Any], measured: dict[str, Any]) -> list[str]:
    levels = say("，", ", ").join(
        say(f"{name} → {level}（{values}）", f"{name} → {level} ({values})")
        for name, level, values, _ in _levels(decided, measured)
    )
    told = [
        _head(decided, measured),
        say(f"准标识符的层级：{levels}", f"levels of the quasi-identifiers: {levels}"),
    ]
    if decided["identifiers"]:
        names = say("、", ", ").join(decided["identifiers"])
        told.append(say(f"去掉的列：{names}", f"columns taken out: {names}"))
    told.append(_cost(decided, measured))
    unknown = {name: about["unknown"] for name, about in decided["levels"].items() if about["unknown"]}
    if unknown:
        cells = say("，", ", ").join(f"{name} {count(rows)}" for name, rows in unknown.items())
        told.append(
            say(
                f"认不出或超出范围、因此隐去的值：{cells}",
                f"values not read or out of range, suppressed: {cells}",
            )
        )
    return told + (_measured_lines(measured) if measured else [])


def _levels(decided: dict[str, Any], measured: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """column, level, values before and after, rows suppressed because the level does not know them."""
    before, after = measured.get("distinct_before", {}), measured.get("distinct", {})
    return [
        (
            name,
            say(f"{level_word(about['name'])}，{about['level']}/{len(about['names']) - 1} 级", f"{level_word(about['name'])}, {about['level']} of {len(about['names']) - 1}"),
            say(f"{count(before[name])} 种 → {count(after[name])} 种", f"{count(before[name])} → {count(after[name])} values") if name in before else "",
            count(about["unknown"]),
        )
        for name, about in decided["levels"].items()
    ]  # fmt: skip


def _cost(decided: dict[str, Any], measured: dict[str, Any]) -> str:
    rows = max(decided["rows"], 1)
    gone = decided["suppressed"]
    fate = (
        say("凑不满一类，丢弃", "dropped, too few for a class") if decided["dropped"] else say("准标识符隐去", "quasi-identifiers suppressed")
    )  # fmt: skip
    more = (
        say(f"，平均每类是 k 的 {measured['average']} 倍，可辨性 {count(measured['discernibility'])}", f", classes of {measured['average']} k on average, discernibility {count(measured['discernibility'])}")
        if measured.get("average") is not None
        else ""
    )  # fmt: skip
    return say(
        f"信息损失 {decided['loss']:.1%}（精度 Prec {decided['precision']:.3f}{more}）；{count(gone)} 行（{gone / rows:.1%}）{fate}；在 {count(decided['nodes'])} 种层级组合里损失最小",
        f"information lost {decided['loss']:.1%} (Prec {decided['precision']:.3f}{more}); {count(gone)} rows ({gone / rows:.1%}) {fate}; the least loss of {count(decided['nodes'])} combinations of levels",
    )


def _measured_lines(measured: dict[str, Any]) -> list[str]:
    told = []
    for name, found in measured["diversity"].items():
        least, entropy = found["distinct"], found["entropy"]
        warn = (
            say(
                "；有的类里人人相同，知道谁在里面就知道他的值",
                "; in some class all are the same: who is known to be in it is known",
            )
            if least == 1
            else ""
        )
        told.append(say(f"l-多样性 {name}：每类至少 {least} 种值，熵 l {entropy}{warn}", f"l-diversity of {name}: at least {least} values a class, entropy l {entropy}{warn}"))  # fmt: skip
    if measured["sizes"]:
        sizes = say("、", ", ").join(map(count, measured["sizes"]))
        told.append(say(f"最小的几类：{sizes} 行", f"the smallest classes: {sizes} rows"))
    for name, found in measured["free_text"].items():
        kinds = say("、", ", ").join(
            f"{kind_word(what)} {count(cells)}" for what, cells in found["kinds"].items()
        )
        action = say(*ACTIONS[found["action"]])
        told.append(say(f"自由文本 {name}：{count(found['cells'])} 格泄露身份（{kinds}），已{action}", f"free text {name}: {count(found['cells'])} cells gave something away ({kinds}): {action}"))  # fmt: skip
    if measured["undeclared"]:
        names = say("、", ", ").join(measured["undeclared"])
        told.append(say(f"没有声明、原样留下的列：{names}（能指向人的，写进 quasi 或 identifiers）", f"columns nobody declared, kept as they are: {names} (name in quasi or identifiers what may lead to a person)"))  # fmt: skip
    return told
