"""labels: people say which class a text is of; the class becomes a column, from which ``classify`` makes pairs."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from curate.review.column import Column
from curate.review.interface import Interface
from curate.review.row_items import words


class Labels(Column):
    """人工给一个语料的文字分类，类别写进新的一列（之后可用 classify 出题）。 / People label the rows of a corpus; the class becomes a column, for classify.

    The column holds the word that annotators saw (正面), not its short name in the interface (positive), for the word is what a model shall
    answer. Several choices are joined by 、.
    """

    control: ClassVar[str] = "label"

    use: Literal["labels"] = "labels"

    def cell(self, interface: Interface, told: Any) -> str:
        return "、".join(words(interface, self.control, told))
