"""The phases of a run, in order. Light, so that the command line can offer them without the heavy packages."""

from __future__ import annotations

#: Phases whose rows flow from one to the next within a corpus.
FLOW = ("sources", "clean", "validate", "dedupe", "anonymize", "split", "annotate")
#: All of them; ``annotate`` is people's work on rows, ``review`` on pairs; ``noise`` and ``three_c`` only measure, those behind the flow make something else of rows.
PHASES = (
    "sources",
    "clean",
    "validate",
    "dedupe",
    "noise",
    "three_c",
    "anonymize",
    "split",
    "annotate",
    "pairs",
    "gate",
    "review",
    "mix",
    "fit",
    "cap",
    "chunk",
    "export",
)
#: Phases whose rows are pairs, in order.
PAIR_PHASES = ("pairs", "gate", "review", "mix", "fit", "cap")
