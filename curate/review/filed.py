"""Annotations in files of our own form: JSONL, an object a line with the fields of ``schema.ANNOTATION`` and ``project``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from curate.errors import CurateError
from curate.language import say
from curate.messages import in_words
from curate.review.schema import ANNOTATION, Stage, as_json


class _Line(BaseModel):
    """A line. ``made_by`` says what made annotations that no person gave (a script, for a sample); it decides nothing."""

    model_config = ConfigDict(extra="forbid", strict=True)

    project: str = Field(min_length=1)
    item_id: str = Field(min_length=1)
    content: str = Field(min_length=1)
    annotator: str | None
    result: Any
    updated_at: str
    annotation_id: str | None = None
    stage: Stage = "annotate"
    round: int = Field(1, ge=1)
    skipped: bool = False
    deleted: bool = False
    seconds: float | None = Field(None, ge=0, allow_inf_nan=False)
    guideline: str | None = None
    wrong: str | None = None
    detail: str | None = None
    created_at: str | None = None
    made_by: str | None = None

    @field_validator("result")
    @classmethod
    def _as_text(cls, result: Any) -> str:
        """A result may stand there as JSON, or as the text of JSON, as tables hold it."""
        if not isinstance(result, str):
            return as_json(result)
        try:
            json.loads(result)
        except ValueError:
            raise ValueError(say("应当是 JSON", "must be JSON")) from None
        return result

    @field_validator("created_at", "updated_at")
    @classmethod
    def _in_utc(cls, at: str | None) -> str | None:
        if at is None:
            return None
        try:
            read = datetime.fromisoformat(at)
        except ValueError:
            raise ValueError(
                say("不是时间，请写成 2026-03-05T14:30:00Z", "is not a time; write 2026-03-05T14:30:00Z")
            ) from None
        # a time that says no zone is taken as UTC: the result may not depend on where it is read
        read = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
        return read.isoformat().replace("+00:00", "Z")


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Literal["put_back", "exclude", "include"]
    item_id: str | None
    annotator: str | None
    by: str
    why: str
    at: str


class _EventLine(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    project: str = Field(min_length=1)
    event: _Event


@dataclass(frozen=True)
class Filed:
    """What files hold: project -> its annotations (``schema.ANNOTATION``), and what was put back and who was excluded
    (``log.EVENT`` without ``event_id``), in the order of files and lines.
    """

    annotations: dict[str, pl.DataFrame]
    events: dict[str, list[dict[str, Any]]]


def read_filed(files: Sequence[Path]) -> Filed:
    """An annotation, or ``{"project": …, "event": {…}}`` as ``curate review save`` writes it, a line; a repeated annotation counts
    once.

    Raises:
        CurateError: a line is no JSON object of these forms, or two lines of one annotation_id differ; with file and line.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    events: dict[str, list[dict[str, Any]]] = {}
    seen: dict[tuple[str, str], tuple[dict[str, Any], str]] = {}
    for file in files:
        for number, text in enumerate(_lines(file), 1):
            if not text.strip():
                continue
            place = f"{file}:{number}"
            line = _read(text, place)
            if isinstance(line, _EventLine):
                events.setdefault(line.project, []).append(line.event.model_dump())
                continue
            row = _row(line, f"{file.name}:{number}")
            there = seen.setdefault((line.project, row["annotation_id"]), (row, place))
            if there[0] != row:
                raise _twice(row["annotation_id"], there[1], place)
            if there[1] == place:
                rows.setdefault(line.project, []).append(row)
    return Filed({project: pl.DataFrame(some, schema=ANNOTATION) for project, some in rows.items()}, events)


def _lines(file: Path) -> list[str]:
    try:
        # not splitlines: JSON allows U+2028 and others within a line
        return file.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CurateError(
            say(f"标注文件 {file} 读不出来：{error}", f"the annotations {file} cannot be read: {error}"),
            say("文件应当是 UTF-8 的 jsonl", "it must be jsonl in UTF-8"),
        ) from error


def _read(text: str, place: str) -> _Line | _EventLine:
    hint = say(
        "一行一条标注，字段见 curate review save 写出的文件",
        "one annotation a line, with the fields that curate review save writes",
    )
    try:
        found = json.loads(text)
        form = _EventLine if isinstance(found, dict) and "event" in found else _Line
        return form.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "JSON"
        raise CurateError(f"{place}: {field} {in_words(first)}", hint) from None
    except (ValueError, RecursionError):
        raise CurateError(f"{place}: " + say("不是 JSON", "is not JSON"), hint) from None


def _row(line: _Line, name: str) -> dict[str, Any]:
    """The fields of an annotation; ``name``: its id where the line gives none."""
    return line.model_dump(exclude={"made_by", "project"}) | {
        "annotation_id": line.annotation_id or name,
        "created_at": line.created_at or line.updated_at,
    }


def _twice(annotation_id: str, first: str, second: str) -> CurateError:
    return CurateError(
        say(
            f"{second}: 标注 {annotation_id} 在 {first} 已经有了，但内容不同",
            f"{second}: the annotation {annotation_id} stands in {first} too, and differs",
        ),
        say("只留较新的一行", "keep the newer line"),
    )
