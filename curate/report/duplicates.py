"""What dedupe did, to be read: for the terminal and for the HTML page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from pydantic import ValidationError

from curate.dedupe import Dedupe
from curate.dedupe.explain import (
    MEASURED,
    Decided,
    Group,
    Pair,
    Standing,
    largest_groups,
    least_similar,
    most_similar_kept,
    waiting,
)
from curate.errors import UsageError
from curate.language import say
from curate.query import decision_of
from curate.report.difference import differences, marked
from curate.report.words import brief, count, reason_name, reason_word
from curate.run import PastRun
from curate.yaml_lines import read_yaml

#: Why two similar rows both stayed.
WHY_KEPT = {
    "below_threshold": ("没到阈值", "below the threshold"),
    "identity": ("identity 列的值不同", "their identity differs"),
    "other_corpus": ("属于不同语料", "of different corpora"),
    "reference": ("都是只供比对的语料", "both are reference rows"),
    "its_copy_went": (
        "与它相似的那行自己先被去掉了",
        "the row that it is like went itself",
    ),
}


def dedupe_of(run: PastRun, corpus: str | None = None) -> Decided | None:
    """The dedupe of a run, of one corpus or all; None where it got no further or had nothing to do.

    Raises:
        UsageError: the rows were deleted with the cache, or the recipe is of another release.
    """
    found = decision_of(run)
    if found is None:
        return None
    run.need_rows()
    decision, steps = found
    recipe: dict[str, Any] = read_yaml(run.folder / "recipe.yaml").value
    try:
        form = Dedupe.model_validate(recipe.get("dedupe") or {})
    except ValidationError as error:
        raise UsageError(
            say(f"运行 {run.name} 的 dedupe 是另一个版本写的", f"the dedupe of {run.name} was written by another release"),
            say("再运行一次 curate run 配方.yaml", "run curate run RECIPE again"),
        ) from error  # fmt: skip
    corpora: dict[str, dict[str, Any]] = recipe["corpora"]
    identity = {name: about.get("identity") or [] for name, about in corpora.items()}
    return Decided(
        decision.folder,
        [step for step in steps if corpus in (None, step.corpus)],
        form,
        {name: [own] if isinstance(own, str) else list(own) for name, own in identity.items()},
        frozenset(name for name, about in corpora.items() if about.get("tier") == "reference"),
    )


def need_dedupe(run: PastRun) -> Decided:
    """Raises:
    UsageError: the run has no dedupe to be asked.
    """
    decided = dedupe_of(run)
    if decided is None:
        raise UsageError(
            say(f"运行 {run.name} 没有去重的结果", f"the run {run.name} has no dedupe"),
            say(
                "配方里要有 dedupe，并且运行到这一步；用 --run 选另一次运行",
                "the recipe needs a dedupe section and the run must get so far; --run names another run",
            ),
        )
    return decided


@dataclass(frozen=True)
class Duplicates:
    """What is shown of a run's dedupe. ``removed``: (corpus, rows in, reason -> rows); ``groups`` by all methods,
    ``near``: further ones by similarity alone.
    """

    removed: list[tuple[str, int, dict[str, int]]]
    groups: list[Group]
    near: list[Group]
    least: list[Pair]
    kept: list[Pair]
    kept_counts: dict[str, int]
    review: list[Pair]
    review_count: int

    @property
    def reasons(self) -> list[str]:
        """Of all corpora, the commonest first."""
        total: dict[str, int] = {}
        for _, _, reasons in self.removed:
            for reason, rows in reasons.items():
                total[reason] = total.get(reason, 0) + rows
        return sorted(total, key=lambda reason: (-total[reason], reason))


def duplicates(decided: Decided, number: int = 3) -> Duplicates:
    """``number`` examples of each kind."""
    counts, kept = most_similar_kept(decided, number)
    waits, review = waiting(decided, number)
    groups = [group for group in largest_groups(decided, number, number) if group.rows > 1]
    near = largest_groups(decided, number, number, MEASURED)
    return Duplicates(
        [(step.corpus, step.rows_in, dict(step.reasons)) for step in decided.steps],
        groups,
        [group for group in near if group.row not in {other.row for other in groups}],
        least_similar(decided, number),
        kept,
        counts,
        review,
        waits,
    )


def why_kept(why: str) -> str:
    return say(*WHY_KEPT[why])


def pair_words(pair: Pair) -> str:
    """What is said of a pair behind its two rows."""
    told = [] if pair.similarity is None else [f"{pair.similarity:.3f}"]
    if pair.why in WHY_KEPT:
        told.append(why_kept(pair.why))
    elif pair.why != "review":
        told.append(reason_word(pair.why))
    return "  ".join([*told, pair.detail] if pair.detail else told)


def pairs_table(pairs: list[Pair]) -> pl.DataFrame:
    """Pairs as a table for a spreadsheet: both texts, and what sets them apart."""
    rows = [
        [pair.row, pair.of, pair.similarity, _what_became(pair), pair.text, pair.of_text, marked(pair.text, pair.of_text)]
        for pair in pairs
    ]  # fmt: skip
    names = ["row_id", "other", "similarity", "why", "text", "other_text", "difference"]
    kinds = {name: pl.Float64 if name == "similarity" else pl.String for name in names}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def _what_became(pair: Pair) -> str:
    if pair.why == "went_for_another":
        return say("去掉了，因为另一行", "went for another row")
    told = why_kept(pair.why) if pair.why in WHY_KEPT else say(f"去掉了：{reason_word(pair.why)}", f"went: {reason_word(pair.why)}")  # fmt: skip
    return f"{told}  {pair.detail}".rstrip()


def pair_rows(pair: Pair) -> str:
    """``row → of`` where the one goes for the other."""
    both = pair.why in WHY_KEPT or pair.why == "review"
    return f"{pair.row} {'↔' if both else '→'} {pair.of}"


def pair_lines(pair: Pair) -> list[str]:
    """A pair for the terminal: its rows, and where they differ."""
    lines = [f"  {pair_rows(pair)}  {pair_words(pair)}"]
    if pair.text is not None and pair.of_text is not None:
        lines.append(f"      {marked(pair.text, pair.of_text)}")
    elif pair.text is not None:
        lines.append(f"      {brief(pair.text)}")
    return lines


def group_lines(group: Group) -> list[str]:
    """A group for the terminal; members with the same text or key are named on one line."""
    reasons = ", ".join(f"{reason_name(reason)} {count(rows)}" for reason, rows in group.reasons.items())
    lines = [f"  {group.row}  {count(group.rows)}: {reasons}", f"      {_text(group.text)}"]
    same = [pair.row for pair in group.members if pair.similarity == 1]
    for pair in group.members:
        if pair.similarity != 1:
            through = "" if pair.of == group.row else f" → {pair.of}"
            lines.append(f"      · {pair.row}{through}  {pair_words(pair)}")
    if same:
        rest = "…" if group.rows > len(group.members) else ""
        lines.append(f"      · {say('、', ', ').join(same)}{rest}")
    return lines


def duplicates_text(found: Duplicates) -> list[str]:
    """Sections of lines for the terminal; the table of removed rows is the caller's."""
    lines: list[str] = []
    if found.groups:
        lines.append(say("\n最大的组（留下的一行，和因为它去掉的）", "\nThe largest groups (the row that stays, and what went for it)"))  # fmt: skip
        lines += [line for group in found.groups for line in group_lines(group)]
    if found.near:
        lines.append(say("\n因为近似而最大的组", "\nThe largest groups by similarity"))
        lines += [line for group in found.near for line in group_lines(group)]
    if found.least:
        lines.append(say("\n去掉的行里最不像的（[-去掉的行才有-]{+留下的行才有+}）", "\nThe least similar rows that went ([-only the row that went-]{+only the one that stays+})"))  # fmt: skip
        lines += [line for pair in found.least for line in pair_lines(pair)]
    if found.kept:
        counts = say("，", ", ").join(
            f"{why_kept(why)} {count(rows)}" for why, rows in found.kept_counts.items()
        )
        lines.append(say(f"\n都留下的行里最像的：{counts}", f"\nThe most similar rows that stay: {counts}"))
        lines += [line for pair in found.kept for line in pair_lines(pair)]
    if found.review_count:
        lines.append(say(f"\n等人看的记录：{count(found.review_count)} 对（curate query \"SELECT * FROM review_pairs\"）", f"\nRecords for people to look at: {count(found.review_count)} pairs (curate query \"SELECT * FROM review_pairs\")"))  # fmt: skip
        lines += [line for pair in found.review for line in pair_lines(pair)]
    return lines


def _text(text: str | None) -> str:
    return (
        say("（不在这次运行里：来自索引）", "(not of this run: from an index)")
        if text is None
        else brief(text)
    )


def standing_lines(found: Standing, most: int = 8) -> list[str]:
    """What dedupe says of one row, for the terminal."""
    lines = []
    if found.copies:
        told = say("、", ", ").join(_copy(copy) for copy in found.copies[:most])
        rest = (
            say(f" 等 {count(len(found.copies))} 行", f" … {count(len(found.copies))} rows")
            if len(found.copies) > most
            else ""
        )
        lines.append(say(f"因为与它重复而去掉的：{told}{rest}", f"went as copies of it: {told}{rest}"))
    for value in found.values:
        was = say("（空）", "(none)") if value["was"] is None else brief(value["was"])
        lines.append(
            say(
                f"{value['field']} 取自 {value['from_row_id']}（{value['rule']}）：{was} → {brief(value['value'])}",
                f"{value['field']} is that of {value['from_row_id']} ({value['rule']}): {was} → {brief(value['value'])}",
            )
        )
    for review in found.review:
        lines.append(
            say(
                f"可能与 {review['row_id']} 是同一条记录（{review['score']:.2f}），等人看  {review['why'] or ''}",
                f"may be the same record as {review['row_id']} ({review['score']:.2f}); waits for review  {review['why'] or ''}",
            ).rstrip()
        )
    return lines


def _copy(copy: dict[str, Any]) -> str:
    near = "" if copy["similarity"] is None or copy["similarity"] == 1 else f" {copy['similarity']:.2f}"
    return f"{copy['row_id']}（{reason_word(copy['reason'])}{near}）"


def shown_pair(pair: Pair) -> dict[str, Any]:
    """A pair for the page."""
    pieces = (
        differences(pair.text, pair.of_text)
        if pair.text is not None and pair.of_text is not None
        else [("same", brief(pair.text))]
    )
    return {"rows": pair_rows(pair), "words": pair_words(pair), "pieces": pieces}


def shown_group(group: Group) -> dict[str, Any]:
    """A group for the page."""
    return {
        "row": group.row,
        "rows": count(group.rows),
        "reasons": ", ".join(f"{reason_word(name)} {count(rows)}" for name, rows in group.reasons.items()),
        "text": _text(group.text),
        "members": [(pair.row, "" if pair.similarity == 1 else pair_words(pair)) for pair in group.members],
    }


def duplicates_page(found: Duplicates) -> dict[str, Any] | None:
    """What the page's template shows; None where dedupe removed nothing and found nothing alike."""
    if not (found.groups or found.kept or found.review_count):
        return None
    return {
        "reasons": [(reason, reason_word(reason)) for reason in found.reasons],
        "removed": [
            (corpus, rows, [reasons.get(reason, 0) for reason in found.reasons], sum(reasons.values()))
            for corpus, rows, reasons in found.removed
        ],
        "groups": [shown_group(group) for group in found.groups],
        "near": [shown_group(group) for group in found.near],
        "least": [shown_pair(pair) for pair in found.least],
        "kept": [shown_pair(pair) for pair in found.kept],
        "kept_counts": [(why_kept(why), count(rows)) for why, rows in found.kept_counts.items()],
        "review": [shown_pair(pair) for pair in found.review],
        "review_count": count(found.review_count) if found.review_count else "",
    }
