"""What is told of a pair: values without behaviour."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from curate.trace import Trace


@dataclass(frozen=True)
class Station:
    """What one step did with a pair or a slot: ``made``, ``kept`` or ``dropped``, with the reason as in ``rows.WHY``.

    ``copies``: how often it goes on.
    """

    phase: str
    unit: str
    what: str
    reason: str = ""
    detail: str = ""
    of: str = ""
    similarity: float | None = None
    copies: int = 1


@dataclass(frozen=True)
class Call:
    """A paid request and its answer, from the journal. ``request``: the fields of ``Request`` as it was sent; None where
    the journal does not have it. ``judge``: it asked for a verdict.
    """

    key: str
    judge: bool
    request: dict[str, Any] | None = None
    reply: dict[str, Any] | None = None


@dataclass(frozen=True)
class Words:
    """The file of a prompt or of templates. ``state``: ``same`` as then, ``changed`` since, ``gone``. ``wording``: the
    question of a template file, where it is the same.
    """

    file: str
    sha256: str
    state: str
    wording: dict[str, Any] | None = None


@dataclass(frozen=True)
class Link:
    """A pair of the chain, or a slot that gave none.

    Attributes:
        pair: the columns of ``PAIR`` as they were last; None for a slot without a pair.
        slot: the columns of ``SLOT``, where a model was asked.
        files: the release's folder -> its files that the pair stands in.
        gave: pairs that later tasks made from it.
    """

    id: str
    task: str
    pair: dict[str, Any] | None
    slot: dict[str, Any] | None
    stations: list[Station]
    files: dict[str, list[str]]
    calls: list[Call]
    words: Words | None
    gave: list[str]


@dataclass(frozen=True)
class Explained:
    """The chain, from the pair to the row.

    Attributes:
        links: the pair, the one that it was made from, and so on.
        row: what the run did with the row.
        raw: the row as it came, under the names of its source; what a cleaner hides is hidden.
        source: where the row came from.
        parents: all rows that the pair tells of, where they are several.
    """

    run: str
    links: list[Link]
    row: Trace | None
    raw: dict[str, Any]
    source: str
    parents: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
