"""spans: people mark names and the like in a text; the spans become a column, from which ``extract`` makes pairs."""

from __future__ import annotations

import json
from hashlib import md5
from typing import Any, ClassVar, Literal

import polars as pl

from curate.errors import CurateError
from curate.language import say
from curate.review.column import Column
from curate.review.interface import Control, Interface
from curate.review.schema import as_json


class Spans(Column):
    """人工在文字里标出名称等片段，写进新的一列（之后可用 extract 出题）。 / People mark spans in the rows of a corpus; they become a column, for extract.

    The column holds JSON, ``[{"start", "end", "text", "label"}]`` with places in characters, end exclusive; ``[]`` where people found nothing,
    null where nobody looked. ``text`` is there so that a span is refused, and not read elsewhere, where the text has changed.
    ``label`` is the word that annotators saw.
    """

    control: ClassVar[str] = "spans"

    use: Literal["spans"] = "spans"
    marks: str | None = None
    """预先标出的片段所在的列（JSON：start、end、label），人再改 / a column of spans, in JSON, that people see and correct"""

    def cell(self, interface: Interface, told: Any) -> str:
        spans = [{**span, "label": interface.word(self.control, span["label"])} for span in told or ()]
        return as_json(spans)

    def marked(self, rows: pl.DataFrame, texts: pl.Series) -> pl.Series:
        if self.marks is None:
            return super().marked(rows, texts)
        control = self.page.controls[self.control]
        ids, cells = rows["row_id"], rows[self.marks].cast(pl.String)
        told = [self._regions(control, *one) for one in zip(ids, texts, cells, strict=True)]
        return pl.Series(told, dtype=pl.String)

    @property
    def columns(self) -> dict[str, str]:
        return super().columns | ({"marks": self.marks} if self.marks else {})

    def _regions(self, control: Control, row_id: str, text: str, cell: str | None) -> str | None:
        """The spans of a cell as Label Studio's regions.

        Raises:
            CurateError: the cell is no list of spans of this text.
        """
        if not (cell or "").strip():
            return None
        values = {word: value for value, word in control.words.items()} | {v: v for v in control.values}
        try:
            told = json.loads(cell or "")
            spans = [(one["start"], one["end"], values[one["label"]]) for one in told]
            good = isinstance(told, list) and all(
                type(a) is int and type(b) is int and 0 <= a < b <= len(text) for a, b, _ in spans
            )
        except (ValueError, KeyError, TypeError):
            good = False
        if not good:
            raise CurateError(
                say(
                    f"审核项目 {self.name}：{row_id} 的 {self.marks} 不是这段文字的标注：{(cell or '')[:80]}",
                    f"review project {self.name}: {self.marks} of {row_id} holds no spans of its text: {(cell or '')[:80]}",
                ),
                say(
                    f"要写成 [{{start, end, label}}]，label 用界面里有的：{'、'.join(control.words.values())}",
                    f"write [{{start, end, label}}], with the labels of the interface: {', '.join(control.words.values())}",
                ),
            )
        regions = [
            {
                "id": md5(
                    f"{row_id}\x1f{start}\x1f{end}\x1f{value}".encode(), usedforsecurity=False
                ).hexdigest()[:10],
                "from_name": control.name,
                "to_name": control.to,
                "type": "labels",
                "value": {"start": start, "end": end, "text": text[start:end], "labels": [value]},
            }
            for start, end, value in sorted(set(spans))
        ]
        return as_json(regions) if regions else None
