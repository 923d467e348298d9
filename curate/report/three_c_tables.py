"""The tables of the 3C report, for the terminal and the page alike."""

from __future__ import annotations

from typing import Any

from curate.language import say
from curate.report.words import count
from curate.three_c.gates import contradiction, percent

KINDS = {
    "alias": say("别名", "alias"),
    "forbidden": say("禁用词", "forbidden"),
}
PERIODS = {
    "year": say("年", "year"),
    "quarter": say("季度", "quarter"),
    "month": say("月", "month"),
}
#: rows of a table on a terminal
MOST = 20
#: columns of a matrix on a terminal; the page shows more
WIDEST = 12


def axis_text(one: dict[str, Any], name: str = "column") -> str:
    """``founded（年）``."""
    period = one["period" if name == "column" else f"{name}_period"]
    return (
        f"{one[name]}{say(f'（{PERIODS[period]}）', f' ({PERIODS[period]})')}" if period else str(one[name])
    )


def tables_of(metrics: dict[str, Any], of: str, *, page: bool = False) -> list[dict[str, Any]]:
    """title, heads, left (how many columns are text) and rows of the tables of a C."""
    told = metrics[of]
    if of == "consistency":
        found = [_terms_table(told["glossary"]), _codes_table(told["codes"])]
        found += [_same_table(same) for same in told["same"]]
    elif of == "coverage":
        found = [_tail_table(one) for one in told["long_tail"]]
        if not page:  # the page draws them
            found += [_spread_table(one) for one in told["by"]]
            found += [_matrix_table(one) for one in told["matrix"]]
    else:
        found = [_noise_table(told)]
    return [table for table in found if table["rows"]]


def _table(title: str, heads: list[str], left: int, rows: list[list[str]]) -> dict[str, Any]:
    return {"title": title, "heads": heads, "left": left, "rows": rows}


def _terms_table(terms: dict[str, Any] | None) -> dict[str, Any]:
    rows = [
        [one["corpus"], KINDS[one["kind"]], f"{one['found']} → {one['canonical']}", "、".join(one["rows"]), count(one["times"])]
        for one in (terms["left"][:MOST] if terms else [])
    ]  # fmt: skip
    heads = [say("语料", "corpus"), say("种类", "kind"), say("写法 → 标准词", "form → canonical term"),
             say("例如", "such as"), say("次数", "times")]  # fmt: skip
    return _table(say("还没有写成标准词的", "Terms that are not canonical"), heads, 4, rows)


def _codes_table(codes: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [
        [f"{one['corpus']}.{one['column']}", one["kind"], "、".join(f"{row} {value}" for row, value in one["examples"][:3]),
         count(one["checked"]), count(one["invalid"]), percent(one["valid"]), count(one["masked"]), count(one["missing"])]
        for one in codes
    ]  # fmt: skip
    heads = [say("列", "column"), say("种类", "kind"), say("无效的例如", "invalid, such as"), say("查了", "checked"),
             say("无效", "invalid"), say("有效率", "valid"), say("打码", "masked"), say("空着", "empty")]  # fmt: skip
    return _table(say("代码", "Codes"), heads, 3, rows)


def _same_table(same: dict[str, Any]) -> dict[str, Any]:
    rows = []
    for one in same["fields"]:
        told = say("；", "; ").join(map(_outcome, one["examples"]))
        left = "–" if one["left"] is None else count(one["left"])
        rows.append([one["field"], told, count(one["contradicting"]), percent(one["share"]), left])
    entity = "+".join(same["entity"])
    title = say(
        f"{same['corpus']}：{entity} 相同的 {count(same['rows'])} 行（{count(same['entities'])} 个对象）是否自相矛盾",
        f"{same['corpus']}: do the {count(same['rows'])} rows with the same {entity} ({count(same['entities'])} entities) agree?",
    )
    heads = [say("列", "column"), say("例如", "such as"), say("矛盾", "contradicting"), say("占", "share"),
             say("去重后剩", "left")]  # fmt: skip
    return _table(title, heads, 2, rows)


def _outcome(example: dict[str, Any]) -> str:
    """A contradiction, and what dedupe made of it."""
    if example["stays"]:
        return contradiction(example) + say(" → 去重后还在", " → still there behind dedupe")
    if example["kept"] is None:
        return contradiction(example)
    return contradiction(example) + say(f" → 留下 {example['kept']}", f" → kept {example['kept']}")


def _tail_table(one: dict[str, Any]) -> dict[str, Any]:
    how = (
        say("配方写明的少见类别", "the rare categories that the recipe names")
        if one["head"] is None
        else say(
            f"最大的几类合起来到 {percent(one['head'])} 为止，其余的",
            f"all but the largest up to {percent(one['head'])}",
        )
    )
    title = say(
        f"{one['corpus']}.{one['column']} 的长尾（{how}）：{one['tail_categories']}/{one['categories']} 类，{percent(one['share'])} 的行，目标 {percent(one['target'])}",
        f"Long tail of {one['corpus']}.{one['column']} ({how}): {one['tail_categories']} of {one['categories']} categories, {percent(one['share'])} of the rows, target {percent(one['target'])}",
    )
    rows = [
        [value, count(rows)] for value, rows in [*one["largest"], *((name, 0) for name in one["lacking"])]
    ]
    return _table(title, [say("类别", "category"), say("行", "rows")], 1, rows[:MOST])


def _spread_table(one: dict[str, Any]) -> dict[str, Any]:
    whole = max(1, one["rows"])
    rows = [[value, count(rows), percent(rows / whole)] for value, rows in _shown(one)]
    return _table(_spread_title(one), [axis_text(one), say("行", "rows"), "%"], 1, rows)


def _shown(one: dict[str, Any]) -> list[tuple[str, int]]:
    """The values that are shown, and the rest as one; of periods the last are shown, so the rest comes first."""
    few = one["values"][-MOST:] if one["period"] else one["values"][:MOST]
    shown = [(str(value), int(rows)) for value, rows in few]
    others = one["others"] + len(one["values"]) - len(shown)
    if not others:
        return shown
    rest = (
        say(f"其他 {others} 个", f"{others} others"),
        int(one["rows"]) - sum(rows for _, rows in shown),
    )
    return [rest, *shown] if one["period"] else [*shown, rest]


def _spread_title(one: dict[str, Any]) -> str:
    title = say(
        f"{one['corpus']} 按 {axis_text(one)}：{count(one['distinct'])} 个值，{count(one['rows'])} 行，空着 {count(one['missing'])} 行",
        f"{one['corpus']} by {axis_text(one)}: {count(one['distinct'])} values, {count(one['rows'])} rows, {count(one['missing'])} empty",
    )
    if not one["gaps"]:
        return title
    few = "、".join(one["gaps"][:5])
    return title + say(
        f"，{len(one['gaps'])} 段没有数据（{few}）", f", {len(one['gaps'])} without data ({few})"
    )


def _matrix_table(one: dict[str, Any]) -> dict[str, Any]:
    names = one["column_values"][:WIDEST]
    rows = [
        [name, *(count(cell) if cell >= one["min_cell"] else f"{cell}✗" for cell in cells[:WIDEST])]
        for name, cells in zip(one["row_values"], one["grid"], strict=True)
    ]
    title = _matrix_title(one)
    if one["width"] > len(names):
        title += say(f"，只列前 {len(names)} 列", f"; the first {len(names)} columns")
    return _table(title, ["", *names], 1, rows)


def _matrix_title(one: dict[str, Any]) -> str:
    who = {
        "recipe": say("配方", "the recipe"),
        "schema": say("数据规范", "the schema"),
        "data": say("数据", "the data"),
    }
    said = say("、", ", ").join(dict.fromkeys(who[by] for by in one["declared"]))
    return say(
        f"{one['corpus']}：{axis_text(one, 'rows')} × {axis_text(one, 'columns')}（值取自{said}），空 {count(one['empty'])}/{count(one['cells'])} 格，表外 {count(one['outside'])} 行",
        f"{one['corpus']}: {axis_text(one, 'rows')} × {axis_text(one, 'columns')} (values of {said}), {count(one['empty'])} of {count(one['cells'])} cells are empty, {count(one['outside'])} rows outside",
    )


def _noise_table(told: dict[str, Any]) -> dict[str, Any]:
    rows = [
        [corpus, count(one["rows"]), count(one["flagged"]), percent(one["flagged"] / max(1, one["rows"]))]
        for corpus, one in told["corpora"].items()
    ]
    heads = [say("语料", "corpus"), say("行", "rows"), say("规则标出", "flagged"), "%"]
    return _table(say("各语料的噪声", "Noise by corpus"), heads, 1, rows)


def bars_of(one: dict[str, Any]) -> dict[str, Any]:
    """A distribution as bars: (value, rows, per cent of the longest bar)."""
    shown = _shown(one)
    longest = max((rows for _, rows in shown), default=0) or 1
    return {
        "title": _spread_title(one),
        "rows": [(value, count(rows), f"{100 * rows / longest:.1f}", not rows) for value, rows in shown],
    }


def matrix_of(one: dict[str, Any]) -> dict[str, Any]:
    """A matrix as a table: of each cell its count, and whether it is empty."""
    more = [
        say(f"另有 {rest} {what}没有画出", f"{rest} more {what} not shown")
        for rest, what in (
            (one["height"] - len(one["row_values"]), say("行", "rows")),
            (one["width"] - len(one["column_values"]), say("列", "columns")),
        )
        if rest > 0
    ]
    return {
        "title": _matrix_title(one),
        "columns": one["column_values"],
        "rows": [
            (name, [(count(cell), cell < one["min_cell"]) for cell in cells])
            for name, cells in zip(one["row_values"], one["grid"], strict=True)
        ],
        "more": say("，", ", ").join(more),
    }
