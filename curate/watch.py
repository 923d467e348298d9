"""A run as a person watches it: bars on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from curate.cache import Step
from curate.check import check, check_file
from curate.clients.chat.ask import Stopped
from curate.dry_run import Prices
from curate.errors import CurateError, RecipeError, Waiting
from curate.files import sha256_of, write_json
from curate.language import say
from curate.overrides import overrides_of
from curate.phases import PAIR_PHASES, PHASES
from curate.pipeline import Pipeline, open_cache
from curate.policy import need
from curate.recipe import Loaded, load
from curate.recorded import begin, end
from curate.report.words import PHASE_NAMES, count, reasons_text, wide
from curate.run import PastRun, Run, open_run, runs_folder, task_of

#: columns of a terminal that the name of a phase takes
LABEL = 18


def watch(
    recipe: Path,
    *,
    until: str,
    limit: int | None,
    shard_rows: int,
    quiet: bool = False,
    override: Sequence[str] = (),
    reason: str = "",
) -> PastRun:
    """Load, check and run a recipe, and show its progress on stderr.

    Args:
        override: gates that the user answers for, and ``reason``: why.

    Raises:
        CurateError: whatever stops it; the run's manifest says so too.
    """
    with _running(recipe, limit, shard_rows, quiet, until, override, reason) as (run, pipeline):
        folders = pipeline.go(until)
        run.about["exports"] = [str(folder) for folder in folders]
    return open_run(run.folder.parent.parent, run.folder.name)


def price(
    recipe: Path,
    *,
    limit: int | None,
    shard_rows: int,
    quiet: bool = False,
    override: Sequence[str] = (),
    reason: str = "",
) -> Prices:
    """Load, check and run a recipe up to its pairs without a request to its model: what would they cost?

    Raises:
        CurateError: whatever stops it.
    """
    with _running(recipe, limit, shard_rows, quiet, "pairs", override, reason) as (run, pipeline):
        run.about["dry_run"] = True
        return pipeline.price()


@contextmanager
def _running(
    recipe: Path, limit: int | None, shard_rows: int, quiet: bool, until: str,
    override: Sequence[str] = (), reason: str = "",
) -> Iterator[tuple[Run, Pipeline]]:  # fmt: skip
    """A run of a recipe that passed its check; its end stands in its manifest and in the audit log, whatever it is."""
    try:
        loaded = load(recipe)
    except RecipeError:
        raise RecipeError(check_file(recipe).problems) from None
    need(loaded.workspace, "run", say(f"运行 {recipe}", f"run {recipe}"))
    if until == PHASES[-1]:
        need(
            loaded.workspace,
            "export",
            say("导出（--until cap 只运行到导出之前）", "export (--until cap stops before it)"),
        )
    overrides = overrides_of(loaded.workspace, override, reason)
    display = Display(quiet)
    cache = open_cache(loaded.workspace, on_rows=display.advance, on_wait=display.say)
    run = Run(loaded, limit)
    overrides.run = run.folder.name
    pipeline = Pipeline(loaded, run, cache, display.begin, shard_rows, limit, overrides)
    display.run = run
    with display:
        begin(loaded, run, pipeline.tracked(), until)
        try:
            _check_once(loaded, display, pipeline)
            yield run, pipeline
            display.flush()
        except BaseException as error:
            display.flush()
            end(loaded, run, _status(error), overrides, error=str(error))
            if isinstance(error, CurateError):
                _quarantined(run, display)
            raise
        end(loaded, run, "done", overrides)
        _quarantined(run, display)
        for line in overrides.not_needed():
            display.say(line)


def _quarantined(run: Run, display: Display) -> None:
    """The rows that were set aside stand on a sheet, also where a gate stopped the run."""
    from curate.quarantine import write_quarantine

    try:
        told = write_quarantine(open_run(run.folder.parent.parent, run.folder.name))
    except (CurateError, OSError) as error:  # the run's own end is what the reader must see
        display.say(say(f"隔离表没有写成：{error}", f"the quarantine sheet was not written: {error}"))
        return
    for line in told.lines() if told else ():
        display.say(line)


def _status(error: BaseException) -> str:
    if isinstance(error, Waiting):
        return "waiting"
    return "stopped" if isinstance(error, KeyboardInterrupt | Stopped) else "failed"


def _check_once(loaded: Loaded, display: Display, pipeline: Pipeline) -> None:
    """What would fail after an hour is better found on the sample; a recipe and files that passed are not
    checked again.
    """
    key = pipeline.inputs_digest()
    passed = runs_folder(loaded.workspace) / "cache" / "checked" / f"{key[:32]}.json"
    if passed.exists():
        return
    display.say(say("先用样本检查配方 …", "checking the recipe on a sample …"))
    if loaded.code:
        files = ", ".join(loaded.code)
        display.say(say(f"会运行这些数据规范里的代码：{files}", f"runs the code of these schemas: {files}"))
    checked = check(loaded)
    if checked.problems:
        raise RecipeError(checked.problems)
    write_json(passed, {"recipe": sha256_of(loaded.recipe.model_dump(mode="json", by_alias=True))})


class Display:
    """On a terminal a bar with rows, rate and time; else a line a phase and corpus. Writes to stderr."""

    def __init__(self, quiet: bool) -> None:
        self.quiet, self.live = quiet, not quiet and sys.stderr.isatty()
        self.shown = 0
        self.run: Run | None = None
        self._lock = threading.Lock()
        self._began = time.perf_counter()

    def __enter__(self) -> Display:
        if self.live:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            self.progress = Progress(
                TextColumn("{task.description:<22}"), BarColumn(24), MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"), TimeElapsedColumn(),
                console=Console(stderr=True), transient=True,
            )  # fmt: skip
            self.progress.start()
            self.task = self.progress.add_task("", total=None, rate="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.live:
            self.progress.stop()

    def begin(self, phase: str, corpus: str, rows: int | None) -> None:
        """A phase starts on a corpus; what is finished before it is told."""
        self.flush()
        if self.live:
            self._began = time.perf_counter()
            label = f"{PHASE_NAMES.get(phase, phase)} {corpus}"
            self.progress.reset(self.task, description=label, total=rows, rate="")

    def advance(self, rows: int) -> None:
        if self.live:
            with self._lock:
                self.progress.advance(self.task, rows)
                done = self.progress.tasks[0].completed
                rate = done / max(1e-6, time.perf_counter() - self._began)
                self.progress.update(self.task, rate=say(f"{count(rate)} 行/秒", f"{count(rate)} rows/s"))

    def flush(self) -> None:
        """One line for each phase and corpus among the steps that were not told yet."""
        steps = self.run.steps if self.run else []
        new = steps[self.shown :]
        while new and new[-1].phase in PAIR_PHASES and new[-1].corpus != "*" and not task_of(new[-1]):
            new.pop()  # what is asked of a model is told with the pairs that come of it
        self.shown += len(new)
        groups: dict[tuple[str, str, str], list[Step]] = {}
        for step in new:
            if step.phase in PAIR_PHASES:  # rows are a task's
                name = step.unit.rpartition(":")[2]
            elif step.corpus != "*" or step.phase in ("export", "noise", "three_c"):
                name = "" if step.corpus == "*" else step.corpus
            else:
                continue
            if step.phase not in PAIR_PHASES or step.corpus != "*":
                groups.setdefault((step.phase, step.corpus, name), []).append(step)
        deciding = sum(
            step.seconds for step in new if step.corpus == "*" and step.phase == "dedupe" and not step.cached
        )
        for (phase, _, name), group in groups.items():
            label = (
                f"{PHASE_NAMES[phase]} {group[0].unit}"
                if phase in ("dedupe", "export")
                else PHASE_NAMES[phase]
            )
            self.say(f"{label:<{LABEL - wide(label)}} {name:<12} {_told(group)}")
        if deciding >= 1:
            self.say(
                say(
                    f"{'':<{LABEL}} 其中比较用时 {deciding:.1f} s",
                    f"{'':<{LABEL}} comparing took {deciding:.1f} s",
                )
            )

    def say(self, line: str) -> None:
        if self.quiet:
            return
        if self.live:
            self.progress.console.print(line, highlight=False, markup=False, soft_wrap=True)
        else:
            print(line, file=sys.stderr, flush=True)


def _told(steps: list[Step]) -> str:
    """Rows in and out of some steps of a phase on a corpus, what they cost, and why rows were dropped."""
    fresh = [step for step in steps if not step.cached]
    reasons: Counter[str] = Counter()
    for step in steps:
        reasons.update(step.reasons)
    last = steps[-1]
    cost = say("未变，用上次的结果", "unchanged, from cache")
    if fresh:
        cost = f"{sum(step.seconds for step in fresh):.1f} s"
        if len(fresh) < len(steps):
            cost += say(
                f"，{len(steps) - len(fresh)} 步用上次的", f", {len(steps) - len(fresh)} steps from cache"
            )
    out = last.kept if last.rows_out is None else last.rows_out
    return f"{count(steps[0].rows_in):>9} → {count(out):>9}  {cost}  {reasons_text(reasons)}".rstrip()
