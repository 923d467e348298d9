"""Lines that many texts of a corpus share, for a person to confirm as boilerplate."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from curate.algorithms.confirmed_lines import Malformed, read_confirmed
from curate.clean.strip_boilerplate import StripBoilerplate
from curate.errors import CurateError, UsageError
from curate.language import say
from curate.messages import did_you_mean
from curate.replay import Replay
from curate.run import PastRun


def boilerplate(run: PastRun, corpus: str, file: Path | None = None) -> tuple[pl.DataFrame, str]:
    """What many cleaned texts of a corpus share (line, rows, share, where, confirmed), and the text of the file to
    confirm it in: what is confirmed already, by the recipe or in ``file``, and what was found as comments.

    Raises:
        UsageError: the run has no cleaned rows of the corpus.
        CurateError: a line of ``file`` is no pattern.
    """
    replay = Replay(run, corpus)
    step = replay.step
    if step is None:
        there = [step.corpus for step in run.steps if step.phase == "clean"]
        raise UsageError(
            say(f"运行 {run.name} 没有清洗过 {corpus}", f"the run {run.name} cleaned no {corpus}"),
            did_you_mean(corpus, there),
        )
    run.need_rows()
    cleaners = replay.chain.cleaners if replay.chain else ()
    cleaner = next((one for one in cleaners if isinstance(one, StripBoilerplate)), StripBoilerplate())
    about = say(f"语料 {corpus}，运行 {run.name}", f"corpus {corpus}, run {run.name}")
    try:
        also = read_confirmed(file) if file and file.is_file() else []
    except Malformed as error:
        raise CurateError(f"{file}:{error.line}: {error}", error.hint) from error
    found = cleaner.candidates(step.table.frames(["text"]), also)
    return found, cleaner.confirmed_file(found, about, also)
