"""Back: what the owner changed in a sheet, whether it is good now, and into the store with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from curate.algorithms.personal_data import mask
from curate.errors import CurateError, UsageError
from curate.files import sha256_of_file
from curate.language import say
from curate.quarantine.check import check
from curate.quarantine.grid import Grid, read_grid
from curate.quarantine.grid import Line as Filled
from curate.quarantine.held import Held, held_in
from curate.quarantine.shown import UNMASKED, as_shown, content_of, is_cut
from curate.quarantine.taken import Taken
from curate.quarantine.written import raw_cells
from curate.returned import PATCH, Line, Store, as_cells, now
from curate.run import PastRun, open_run

#: Excel would compute a cell that begins so, where it is opened without our formats.
_FORMULA = re.compile(r"\s*(?:[=@]|[-+].*[A-Za-z(|!])", re.DOTALL)


def take_back(
    workspace: Path, file: Path, *, by: str, why: str = "", anyway: bool = False, only_look: bool = False
) -> Taken:
    """Find what the owner changed in a sheet, check the changed rows, and keep the new values for the next run.

    Args:
        anyway: take rows that are still wrong too.
        only_look: check, and take nothing.

    Raises:
        CurateError: the file is no sheet of this workspace.
    """
    grid = read_grid(file)
    run = _run_of(workspace, grid, file)
    taken = Taken(
        file.name, sha256_of_file(file), run.name, str(run.manifest["name"]), anyway, told=grid.told
    )
    store, lines = Store(workspace), list[Line]()
    held = {one.corpus: one for one in held_in(run)}
    for corpus, filled in _by_corpus(grid, held, taken).items():
        patches = _changed(held[corpus], filled, taken)
        before = store.patches(taken.recipe, corpus)
        problems = check(held[corpus], patches, before, taken.told)
        for row_id in patches["row_id"].unique(maintain_order=True):
            if problems.get(row_id):
                taken.wrong[row_id] = problems[row_id]
            else:
                taken.good.append(row_id)
        wanted = patches.filter(~pl.col("row_id").is_in(taken.refused))
        told = {
            "by": by,
            "at": now(),
            "file": taken.file,
            "sha256": taken.sha256,
            "run": run.name,
            "why": mask(why),
        }
        lines += [
            Line(recipe=taken.recipe, corpus=corpus, kind="return", **patch, **told)
            for patch in wanted.select(list(PATCH)).iter_rows(named=True)
        ]
    if lines and not only_look:
        taken.lines = store.add(lines)
        taken.again = len(lines) - len(taken.lines)
    return taken


def take_off(workspace: Path, what: str, *, by: str, why: str = "") -> list[Line]:
    """Take returned values back, of a file (its path or name) or of a row; what was taken back.

    Raises:
        UsageError: nothing of it is in force.
    """
    store = Store(workspace)
    file = Path(what)
    found = store.in_force("sha256 = ?", sha256_of_file(file)) if file.is_file() else []
    found = found or store.in_force("(row_id = ? OR file = ?)", what, file.name if file.suffix else what)
    if not found:
        raise UsageError(
            say(f"没有 {what} 的退回值", f"no returned value of {what} is in force"),
            say(
                "写退回时的文件，或行号（语料:主键）；curate quarantine show 列出有哪些",
                "name the returned file, or a row (corpus:key); curate quarantine show lists them",
            ),
        )
    return store.undo(found, by, mask(why))


def _run_of(workspace: Path, grid: Grid, file: Path) -> PastRun:
    names = Counter(line.marks["curate_run"] for line in grid.lines)
    names.pop("", None)
    if len(names) != 1:
        raise CurateError(
            say(
                f"{file} 里有几次运行的行：{'、'.join(sorted(names))}",
                f"{file} holds rows of several runs: {', '.join(sorted(names))}",
            )
            if names
            else say(f"{file} 里一行记录也没有", f"{file} holds no row"),
            say("一次运行的表一次退回", "return the sheet of one run at a time"),
        )
    (name,) = names
    try:
        run = open_run(workspace, name)
    except UsageError:
        run = None
    if run is None or run.name != name:
        raise UsageError(
            say(
                f"这个工作区里没有运行 {name[:100]}，表不是从这里写出的",
                f"this workspace has no run {name[:100]}: the sheet is of another one",
            ),
            say("用 -C 指定写出这张表的工作区", "name the workspace that wrote it with -C"),
        )
    return run


def _by_corpus(grid: Grid, held: Mapping[str, Held], taken: Taken) -> dict[str, list[Filled]]:
    """Corpus -> its lines; lines that are none of ours are told."""
    found: dict[str, list[Filled]] = {}
    met: dict[tuple[str, str], str] = {}
    for line in grid.lines:
        corpus = line.marks["curate_corpus"]
        if not line.row_id or not any(line.marks.values()):
            taken.told.append(
                say(f"{line.place}：是后来加的，没有收", f"{line.place}: was added, and is not taken")
            )
        elif corpus not in held:
            taken.told.append(
                say(
                    f"{line.place}：不是这次运行隔离的行，没有收",
                    f"{line.place}: is no quarantined row, and is not taken",
                )
            )
        elif (corpus, line.row_id) in met:
            other = met[corpus, line.row_id]
            taken.told.append(
                say(
                    f"{line.place}：和“{other}”是同一行，只收前一个",
                    f"{line.place}: is the row of “{other}”; the first counts",
                )
            )
        else:
            met[corpus, line.row_id] = line.place
            found.setdefault(corpus, []).append(line)
    return found


def _changed(held: Held, filled: Sequence[Filled], taken: Taken) -> pl.DataFrame:
    """``PATCH``: the cells that differ from what the sheet showed; what cannot be taken is told."""
    ids = [line.row_id for line in filled]
    masked = held.cells_of(ids)
    shown = {"": masked}
    if any(line.marks["curate_shown"] == UNMASKED for line in filled):
        shown[UNMASKED] = raw_cells(held, masked["row_id"].to_list())
    known = {
        how: {row_id: [as_shown(cell) for cell in cells] for row_id, *cells in frame.iter_rows()}
        for how, frame in shown.items()
    }
    _tell_columns(held, filled, taken)
    new: list[tuple[str, str, str | None]] = []
    for line in filled:
        how = UNMASKED if line.marks["curate_shown"] == UNMASKED else ""
        was = known[how].get(line.row_id)
        if was is None or content_of(held.corpus, line.row_id, was) != line.marks["curate_content"]:
            taken.told.append(
                say(f"{line.place}：行号 {line.row_id[:80]} 或隐藏的列被改过，没有收", f"{line.place}: {line.row_id[:80]}: its 行号 or its hidden columns were edited; not taken")
            )  # fmt: skip
            continue
        changes = _changes(held, line, was, taken)
        taken.untouched += not changes
        new += [(line.row_id, column, value) for column, value in changes.items()]
    return _with_source(held, new)


def _changes(held: Held, line: Filled, was: Sequence[str], taken: Taken) -> dict[str, str | None]:
    """Column -> its new text, None for an emptied cell."""
    found: dict[str, str | None] = {}
    for (column, heading), before in zip(held.headings.items(), was, strict=True):
        now_ = line.cells.get(heading, before)
        if heading in line.formulas:
            what = say("是公式，没有收：请写值", "is a formula and not taken: write the value")
        elif now_ == before:
            continue
        elif is_cut(before):
            what = say(
                "太长，不能在表里改，没有收：请在源数据里改",
                "is too long for a sheet and not taken: mend it in the source",
            )
        elif now_.lstrip().startswith("="):
            what = say(
                "以 = 开头，像公式，没有收：请写值",
                "begins with =, like a formula, and is not taken: write the value",
            )
        else:
            found[column] = now_ or None
            if not _FORMULA.match(now_):
                continue
            what = say("像公式，按文字收下", "looks like a formula; taken as the text that it is")
        taken.told.append(say(f"{line.place}“{heading}”{what}", f"{line.place}, {heading}: {what}"))
    named = {*held.about.key, *held.about.identity} & set(found)
    if named:
        heads = "、".join(held.headings[name] for name in sorted(named))
        taken.told.append(
            say(f"{line.place}：改了主键或身份列（{heads}），行号仍是 {line.row_id}", f"{line.place}: {heads} is a key; the row keeps its id {line.row_id}")
        )  # fmt: skip
    return found


def _tell_columns(held: Held, filled: Sequence[Filled], taken: Taken) -> None:
    there = set(filled[0].cells) if filled else set()
    lacking, more = (
        [name for name in held.headings.values() if name not in there],
        there - set(held.headings.values()),
    )
    if lacking:
        names = "、".join(lacking)
        taken.told.append(
            say(
                f"{held.corpus}：表里没有这些列，按没有改处理：{names}",
                f"{held.corpus}: columns that are gone count as unchanged: {names}",
            )
        )
    if more:
        names = "、".join(sorted(more))
        taken.told.append(
            say(
                f"{held.corpus}：这些列是后来加的，没有收：{names}",
                f"{held.corpus}: columns that were added are not taken: {names}",
            )
        )
    gone = held.rows - len(filled)
    if gone > 0:
        taken.told.append(
            say(
                f"{held.corpus}：有 {gone} 行不在表里，仍然隔离",
                f"{held.corpus}: {gone} rows are not in the file and stay in quarantine",
            )
        )


def _with_source(held: Held, new: Sequence[tuple[str, str, str | None]]) -> pl.DataFrame:
    """``PATCH``: with what the source said, which is what a value takes the place of."""
    patches = pl.DataFrame(new, schema=["row_id", "column", "value"], orient="row").cast(pl.String)
    if patches.is_empty():
        return pl.DataFrame(schema=PATCH)
    rows = held.source_rows(patches["row_id"].unique(maintain_order=True).to_list(), returned=False)
    names = [name for name in held.columns if name in rows.columns]
    cells = as_cells(rows, names).unpivot(index="row_id", variable_name="column", value_name="was")
    return patches.join(cells, on=["row_id", "column"], how="left", maintain_order="left").select(list(PATCH))
