"""The limits of the three Cs: what was measured against what the recipe allows, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from curate.algorithms.sample_size import clean_sample_size
from curate.language import say
from curate.three_c.form import Cleanliness, Consistency, Coverage, limit_of

#: examples that a message names
NAMED = 3
#: characters of a value in a message
BRIEF = 24


def judged(
    of: str, name: str, where: str, value: float | None, limit: float | None, *, at_least: bool = False
) -> Iterator[dict[str, Any]]:
    """A line of the verdict, where the recipe sets a limit. A value of None (there was nothing to measure) breaks none."""
    if limit is not None:
        passed = value is None or (value >= limit if at_least else value <= limit)
        yield {
            "of": of,
            "name": name,
            "where": where,
            "value": value,
            "limit": limit,
            "at_least": at_least,
            "passed": passed,
        }


def of_consistency(section: Consistency, told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    terms = told["glossary"]
    if terms is not None:
        yield from judged(
            "consistency", "min_preferred", "", terms["preferred"], section.min_preferred, at_least=True
        )
        yield from judged("consistency", "max_forbidden", "", terms["banned"], section.max_forbidden)
    for one in told["codes"]:
        corpus, where = one["corpus"], f"{one['corpus']}.{one['column']}"
        limit = limit_of(section.min_valid, corpus)
        yield from judged("consistency", "min_valid", where, one["valid"], limit, at_least=True)
    for same in told["same"]:
        corpus = same["corpus"]
        found, left = limit_of(section.max_contradictions, corpus), limit_of(section.max_left, corpus)
        for one in same["fields"]:
            where = f"{corpus}.{one['field']}"
            yield from judged("consistency", "max_contradictions", where, one["share"], found)
            yield from judged("consistency", "max_left", where, one["left_share"], left)


def of_coverage(section: Coverage, told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in told["long_tail"]:
        where = f"{one['corpus']}.{one['column']}"
        yield from judged("coverage", "target", where, one["share"], one["target"], at_least=True)
    for rule, one in zip(section.matrix, told["matrix"], strict=True):
        where = f"{one['corpus']}.{one['rows']}×{one['columns']}"
        yield from judged("coverage", "max_empty", where, one["share"], rule.max_empty)


def of_cleanliness(section: Cleanliness, told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    value = told["rate"]
    if section.sure and value <= section.max_noise:
        value = 1.0 if told["high"] is None else told["high"]
    yield from judged("cleanliness", "max_noise", "", value, section.max_noise)


def problem_of(gate: dict[str, Any], metrics: dict[str, Any]) -> tuple[str, str]:
    """(what is wrong and where, what to do next) of a limit that is exceeded."""
    what, next_ = _WORDS[gate["name"]](gate, metrics)
    sign = say("至少", "at least") if gate["at_least"] else say("至多", "at most")
    return f"{what}{say('，要求 ', '; ')}{gate['name']} {sign} {percent(gate['limit'])}", next_


def percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.2%}"


def _terms(gate: dict[str, Any], metrics: dict[str, Any]) -> tuple[str, str]:
    terms = metrics["consistency"]["glossary"]
    few = say("、", ", ").join(
        f"{one['found']}→{one['canonical']} {one['times']:,}（{one['rows'][0]}）"
        for one in terms["left"][:NAMED]
    )
    if gate["name"] == "max_forbidden":
        what = say(
            f"正文里的术语有 {percent(gate['value'])} 是禁用词（{terms['forbidden']:,}/{terms['terms']:,}）",
            f"{percent(gate['value'])} of the terms are forbidden forms ({terms['forbidden']:,} of {terms['terms']:,})",
        )
    else:
        what = say(
            f"正文里的术语只有 {percent(gate['value'])} 写成标准词（{terms['canonical']:,}/{terms['terms']:,}）",
            f"only {percent(gate['value'])} of the terms are canonical ({terms['canonical']:,} of {terms['terms']:,})",
        )
    return what, say(
        f"还剩 {few}。在 clean 里加 apply_glossary: {{file: 术语表}}，或改术语表",
        f"left are {few}. Add apply_glossary: {{file: …}} to clean, or mend the glossary",
    )


def _codes(gate: dict[str, Any], metrics: dict[str, Any]) -> tuple[str, str]:
    one = next(
        one for one in metrics["consistency"]["codes"] if f"{one['corpus']}.{one['column']}" == gate["where"]
    )
    few = say("、", ", ").join(f"{row} {value}" for row, value in one["examples"][:NAMED])
    return (
        say(
            f"{gate['where']} 只有 {percent(gate['value'])} 是有效的 {one['kind']}（{one['checked']:,} 个里 {one['invalid']:,} 个无效）",
            f"{gate['where']}: only {percent(gate['value'])} are valid ({one['kind']}; {one['invalid']:,} of {one['checked']:,} are not)",
        ),
        say(
            f"例如 {few}。改源数据，或在 clean 里用 normalize_fields",
            f"such as {few}. Mend the source, or use normalize_fields in clean",
        ),
    )


def _contradictions(gate: dict[str, Any], metrics: dict[str, Any]) -> tuple[str, str]:
    corpus, _, field = gate["where"].partition(".")
    same = next(one for one in metrics["consistency"]["same"] if one["corpus"] == corpus)
    one = next(one for one in same["fields"] if one["field"] == field)
    left = gate["name"] == "max_left"
    number = one["left"] if left else one["contradicting"]
    few = say("；", "; ").join(contradiction(example) for example in one["examples"][:NAMED])
    where = say("去重之后还有", "behind dedupe") if left else say("去重之前有", "before dedupe")
    what = say(
        f"{corpus} 里 {same['entities']:,} 个有几行的对象，{where} {number:,} 个（{percent(gate['value'])}）的 {field} 自相矛盾",
        f"{corpus}: of {same['entities']:,} entities with several rows {number:,} ({percent(gate['value'])}) contradict themselves in {field} {where}",
    )
    if left:
        return what, say(
            f"例如 {few}。在 dedupe 的 records 里把同一个对象合并成一行，再用 golden 指定取哪个值",
            f"such as {few}. Merge them by records in dedupe; golden says which value is taken",
        )
    return what, say(
        f"例如 {few}。用 curate trace 看这些行，改源数据里错的一行",
        f"such as {few}. See the rows by curate trace, and mend the wrong one at its source",
    )


def contradiction(example: dict[str, Any]) -> str:
    """``某公司：浙江省（companies:1）≠ 江苏省（companies:2）``."""
    values = " ≠ ".join(f"{_brief(one['value'])}（{one['row_id']}）" for one in example["values"][:NAMED])
    return f"{example['entity']}{say('：', ': ')}{values}"


def _brief(value: str) -> str:
    return value if len(value) <= BRIEF else value[: BRIEF - 1] + "…"


def _tail(gate: dict[str, Any], metrics: dict[str, Any]) -> tuple[str, str]:
    one = next(
        one for one in metrics["coverage"]["long_tail"] if f"{one['corpus']}.{one['column']}" == gate["where"]
    )
    few = say("、", ", ").join([*one["lacking"], *(value for value, _ in one["largest"][::-1])][: 2 * NAMED])
    return (
        say(
            f"{gate['where']} 的长尾类别（{one['tail_categories']} 类）只占 {percent(gate['value'])} 的行（{one['tail_rows']:,}/{one['rows']:,}）",
            f"{gate['where']}: the long tail ({one['tail_categories']} categories) holds {percent(gate['value'])} of the rows ({one['tail_rows']:,} of {one['rows']:,})",
        ),
        say(
            f"约缺 {one['wanted']:,} 行，补这些类别的数据：{few or '主流以外的类别'}",
            f"about {one['wanted']:,} rows are wanting: add data of {few or 'categories beyond the head'}",
        ),
    )


def _empty(gate: dict[str, Any], metrics: dict[str, Any]) -> tuple[str, str]:
    one = next(
        one
        for one in metrics["coverage"]["matrix"]
        if f"{one['corpus']}.{one['rows']}×{one['columns']}" == gate["where"]
    )
    few = say("、", ", ").join(f"{row} × {column}" for row, column in one["empty_cells"][: 2 * NAMED])
    return (
        say(
            f"{gate['where']} 的 {one['cells']:,} 格里有 {one['empty']:,} 格空着（{percent(gate['value'])}，少于 {one['min_cell']} 行算空）",
            f"{gate['where']}: {one['empty']:,} of {one['cells']:,} cells are empty ({percent(gate['value'])}; fewer than {one['min_cell']} rows)",
        ),
        say(
            f"例如 {few}。补这些格子的数据，或在 values 里只写应有的值",
            f"such as {few}. Add data for these cells, or declare in values only what there should be",
        ),
    )


def _noise(gate: dict[str, Any], metrics: dict[str, Any]) -> tuple[str, str]:
    told = metrics["cleanliness"]
    if told["rate"] <= gate["limit"]:  # then only certainty is wanting
        needed = clean_sample_size(gate["limit"], told["rows"], told["confidence"])
        return (
            say(
                f"噪声率估计为 {percent(told['rate'])}，但还不能肯定",
                f"the noise rate is put at {percent(told['rate'])}, but is not sure",
            ),
            say(
                f"请人多看一些：noise 的 sample 至少 {needed:,}，判断写进 verdicts",
                f"have more rows judged: noise with sample {needed:,} at least, and name the file in verdicts",
            ),
        )
    most = say("、", ", ").join(f"{rule} {rows:,}" for rule, rows in list(told["rules"].items())[:NAMED])
    return (
        say(f"噪声率 {percent(told['rate'])}", f"the noise rate is {percent(told['rate'])}"),
        say(
            f"最多的是 {most}。看例子：curate show noise；补上相应的清洗项",
            f"most of it is {most}. curate show noise has examples: add a cleaner",
        ),
    )


_WORDS = {
    "min_preferred": _terms,
    "max_forbidden": _terms,
    "min_valid": _codes,
    "max_contradictions": _contradictions,
    "max_left": _contradictions,
    "target": _tail,
    "max_empty": _empty,
    "max_noise": _noise,
}
