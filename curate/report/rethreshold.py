"""What another threshold would do, for the terminal."""

from __future__ import annotations

from curate.dedupe.explain import Pair
from curate.dedupe.rethreshold import Rethreshold
from curate.language import say
from curate.report.duplicates import pair_lines
from curate.report.grids import columns, drawn
from curate.report.words import count


def rethreshold_text(answer: Rethreshold) -> str:
    """The answer as a table, with examples, and what to write in the recipe."""
    grid = columns(
        say("语料", "corpus"),
        say("进", "in"),
        say(f"现在 {answer.before}", f"now {answer.before}"),
        say(f"改成 {answer.threshold}", f"with {answer.threshold}"),
        say("回来", "back"),
        say("多去掉", "more go"),
        right=(1, 2, 3, 4, 5),
    )
    cells = [[one.rows, one.now, one.then, one.back, one.more] for one in answer.corpora]
    for one, row in zip(answer.corpora, cells, strict=True):
        grid.add_row(one.corpus, *map(count, row))
    total = [sum(column) for column in zip(*cells, strict=True)]
    grid.add_row(say("合计", "total"), *map(count, total))
    head = say(
        "因为近似去掉的行（按存下的相似度计算，没有重新比较）",
        "Rows that go as near-duplicates (from the stored similarities; nothing was compared again)",
    )
    return drawn(
        head,
        grid,
        *_examples(say("\n会回来的", "\nThese come back"), answer.back),
        *_examples(say("\n会多去掉的", "\nThese go as well"), answer.more),
        *_notes(answer),
        "",
        _advice(answer, total),
        width=130,
    )


def _examples(title: str, pairs: list[Pair]) -> list[str]:
    legend = say("（[-这一行才有-]{+另一行才有+}）", " ([-only this row-]{+only the other+})")
    return [title + legend, *(line for pair in pairs for line in pair_lines(pair))] if pairs else []


def _notes(answer: Rethreshold) -> list[str]:
    told = []
    if answer.records:
        told.append(
            say(
                "按字段合并记录（records）在这之后，它的变化没有算进来。",
                "Matching of records follows and is not counted here.",
            )
        )
    if answer.known:
        told.append(
            say(
                f"与索引里的行重复而去掉的 {count(answer.known)} 行没有算进来。",
                f"{count(answer.known)} rows that went because of an index are not counted here.",
            )
        )
    return ["", *told] if told else []


def _advice(answer: Rethreshold, total: list[int]) -> str:
    if answer.threshold == answer.before:
        return say("这就是现在的 threshold。", "This is the threshold as it is.")
    if total[3] == total[4] == 0:
        return say("去掉的行不会变。", "The same rows go.")
    line = f"minhash: {{threshold: {answer.threshold}, alike: {answer.alike}}}"
    return say(
        f"要这样做，就在配方的 dedupe 下写：{line}，再 curate run。",
        f"To do so, write below dedupe in the recipe: {line}, then curate run.",
    )
