"""Commands that look into the pairs of a run: ``curate explain``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from curate.cli_options import JSON, RUN, WORKSPACE
from curate.language import say


@click.command(
    help=say(
        "一条问答是怎么来的：去向、所依据的原文、发给模型的原话和回答、花费、得分，一直到来源里的那一行。PAIR_ID 可以只写一部分。",
        "Where a pair came from: its way, the text it is grounded in, the prompt as sent, what came back and what it cost, "
        "the scores, back to the row in its source. A part of PAIR_ID is enough.",
    )
)
@click.argument("pair_id")
@RUN
@WORKSPACE
@JSON
def explain(pair_id: str, name: str | None, workspace: Path, as_json: bool) -> None:
    from dataclasses import replace

    from curate.explain import explain as explain_pair
    from curate.report.explanation import explained_text
    from curate.report.unmasked import masking_of
    from curate.run import open_run

    past = open_run(workspace, name)
    told = explain_pair(past, pair_id)
    masking = masking_of(past)
    if as_json:
        whole = masking.value(told.as_json()) if masking else told.as_json()
        click.echo(json.dumps(whole, ensure_ascii=False, indent=1, default=str))
        return
    if masking:
        told = replace(told, raw=masking.value(told.raw), row=masking.value(told.row))
    click.echo(explained_text(told))
