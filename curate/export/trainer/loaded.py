"""What LLaMA-Factory makes of a release, as ``load`` tells it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Self


@dataclass(frozen=True)
class LoadedSet:
    """One data set of a configuration. Rows are counted from 0; lengths are in tokens, before anything is cut."""

    dataset: str
    #: train or eval
    part: str
    #: rows in the files, rows that LLaMA-Factory reads, rows with something to learn
    rows: int
    loaded: int
    trained: int
    #: the first of the rows that are read and not trained
    lost_rows: tuple[int, ...]
    cut: int
    cut_rows: tuple[int, ...]
    longest: int
    tokens: int
    #: documents of pre-training that packing leaves out at the end of a batch, by design
    left_over: int

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Self:
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in found.items()}
        return cls(**values)

    @property
    def lost(self) -> int:
        """Rows that should be trained on and are not."""
        return self.rows - self.trained


@dataclass(frozen=True)
class LoadedYaml:
    """One configuration. ``error`` is "" when it loads; otherwise ``dataset`` is the set to blame, if it is one."""

    yaml: str
    error: str = ""
    dataset: str = ""
    stage: str = ""
    template: str | None = None
    enable_thinking: bool | None = None
    cutoff: int = 0
    packing: bool = False
    new_tokens: tuple[str, ...] = ()
    split_template_tokens: tuple[str, ...] = ()
    #: what the trainer counts as one example; with packing several rows are one
    sequences: int = 0
    datasets: tuple[LoadedSet, ...] = ()
    #: text and labels as the model sees them; of a pair chosen_text, chosen_labels and so on
    example: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Self:
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in found.items()
        }
        values["datasets"] = tuple(LoadedSet.from_json(one) for one in found.get("datasets", ()))
        values["example"] = found.get("example") or {}
        return cls(**{one.name: values[one.name] for one in fields(cls) if one.name in values})

    @property
    def ok(self) -> bool:
        whole = all(not one.lost and not one.cut for one in self.datasets)
        return whole and not (self.error or self.new_tokens or self.split_template_tokens)


@dataclass(frozen=True)
class Loaded:
    """What LLaMA-Factory makes of a release."""

    llamafactory: str
    transformers: str
    yamls: tuple[LoadedYaml, ...]

    @property
    def ok(self) -> bool:
        """Every configuration loads, no row is lost or cut, and the template's tokens are the tokenizer's own."""
        return bool(self.yamls) and all(one.ok for one in self.yamls)
