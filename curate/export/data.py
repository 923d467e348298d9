"""The data files of a release: every format in one pass over the sorted pairs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from curate.algorithms.personal_data import KINDS, Kind
from curate.errors import AccountingError, CurateError
from curate.export.files import sorted_batches
from curate.export.formats import CHOSEN, KTO, LLAMAFACTORY, SINGLE, Format, text, with_calls
from curate.export.provenance import provenance
from curate.export.writers import HubParquet, JsonLines, Parquet, Shards, Written
from curate.files import write_text
from curate.language import say
from curate.pairs import ASKED_ONLY, asked, thinks
from curate.rows import SPLITS, Table

#: Splits in the order in which they are written.
_PLACE = (
    "CASE split " + " ".join(f"WHEN '{split}' THEN {place}" for place, split in enumerate(SPLITS)) + " END"
)
#: In the order of a hash: neighbours in a file are no neighbours in the source.
ORDER = f"{_PLACE}, md5(pair_id), pair_id"


#: What Arrow takes for a date or a time when all values of a column look so.
DATE = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}(:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?$"

#: Rows of a file that is never a folder of shards.
WHOLE = 1 << 62


@dataclass
class Data:
    """What was written.

    Attributes:
        files: every file.
        info: LLaMA-Factory's data sets: name -> entry of dataset_info.json.
        rows: data set -> rows.
        pairs: (split, kind) -> pairs.
        thoughts: (split, kind) -> pairs with a thought.
        liked: (split, was the answer liked) -> rated pairs.
        asked: split -> questions to be asked after training.
        not_asked: pairs of the test set that are not: conversations of several turns, and what is too much.
    """

    files: list[Written] = field(default_factory=list)
    info: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    thoughts: Counter[tuple[str, str]] = field(default_factory=Counter)
    liked: Counter[tuple[str, bool]] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    not_asked: int = 0


class DataFiles:
    """Writes the data files of one release into ``folder``.

    ``questions``: how many are asked after training, of the rows that train and of the test set each. ``personal_data``:
    the kinds that may stand in the release.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        formats: Iterable[str],
        ending: str,
        shard_rows: int,
        questions: int = 2000,
        personal_data: Sequence[Kind] = (),
    ) -> None:
        self.folder, self.name, self.ending, self.shard_rows = folder, name, ending, shard_rows
        self.questions = questions
        self.looked_for = [kind for kind in KINDS if kind not in personal_data]
        (folder / "data").mkdir()
        (folder / "eval").mkdir()
        self.chosen = tuple(formats)
        self.formats = [*LLAMAFACTORY.values(), *(form for name in self.chosen for form in CHOSEN[name])]
        self.writers: dict[str, Shards] = {}
        self.labels: dict[str, set[str]] = {}
        #: (alpaca data set, column) -> are all of its values dates so far?
        self.dates: dict[tuple[str, str], bool] = {}
        self.data = Data()

    def write(self, tables: list[Table], scratch: Path) -> Data:
        """All files; dataset_info.json last."""
        for batch in sorted_batches(tables, "*", "true", ORDER, scratch):
            pairs = with_calls(batch)
            for part in pairs.partition_by("split", maintain_order=True):
                self._part(part, part["split"][0])
        self._check(sum(table.rows for table in tables))
        self._no_dates()
        self.data.files = [file for writer in self.writers.values() for file in writer.close()]
        labels = {question: sorted(found) for question, found in sorted(self.labels.items())}
        write_text(self.folder / "eval/labels.json", json.dumps(labels, ensure_ascii=False, indent=1) + "\n")
        self._dataset_info()
        return self.data

    def _part(self, pairs: pl.DataFrame, split: str) -> None:
        """Rows of one split into all of their files."""
        for kind, rows, thoughts in (
            pairs.group_by("kind").agg(pl.len(), thinks().sum().alias("thoughts")).iter_rows()
        ):
            self.data.pairs[split, kind] += rows
            self.data.thoughts[split, kind] += thoughts
        for liked, rows in pairs.filter(KTO).group_by("desirable").agg(pl.len()).iter_rows():
            self.data.liked[split, liked] += rows
        for form in self.formats:
            self._write(form, form.path.format(name=self.name, split=split), pairs.filter(form.takes), split)
        self._evaluation(pairs, split)
        self._file("provenance", Parquet, WHOLE).write(provenance(pairs, self.looked_for))

    def _write(self, form: Format, path: str, pairs: pl.DataFrame, split: str) -> None:
        if not pairs.height:
            return  # a split without rows gets no file: an empty file stops the trainer
        kind = (
            HubParquet
            if form.ending == "parquet"
            else Parquet
            if form.info and self.ending == "parquet"
            else JsonLines
        )
        rows = form.rows(pairs)
        self._file(path, kind).write(rows)
        if form.path.endswith("_alpaca"):
            self._look_for_dates(form.dataset(self.name, split), rows)
        if form.info is not None:
            name = form.dataset(self.name, split)
            self.data.rows[name] = self.data.rows.get(name, 0) + pairs.height
            self.data.info[name] = form.info

    def _evaluation(self, pairs: pl.DataFrame, split: str) -> None:
        """The test questions, as tasks with references and as a data set for LLaMA-Factory's predict."""
        labelled = pairs.filter(text("label") != "").select("task", "question", "label").unique()
        for task, question, label in labelled.iter_rows():
            self.labels.setdefault(f"{task}.{question}", set()).add(label)
        tested = pl.col("kind").is_in(ASKED_ONLY) | (SINGLE & pl.lit(split == "test"))
        # the files are in the order of a hash: the first are a sample
        single = pairs.filter(tested).head(self.questions - self.data.asked[split])
        self.data.asked[split] += single.height
        if split == "test":
            self.data.not_asked += (
                pairs.filter(pl.col("kind").is_in(["sft", *ASKED_ONLY])).height - single.height
            )
        if not single.height:
            return
        kind = (
            pl.when(pl.col("kind").is_in(ASKED_ONLY)).then("kind")
            .when(text("label") != "").then(pl.lit("classification"))
            .when(pl.col("facts").list.len().fill_null(0) > 0).then(pl.lit("facts"))
            .otherwise(pl.lit("text"))
        )  # fmt: skip
        tasks = single.select(
            pl.col("pair_id").alias("id"), "corpus", "task", "question", kind.alias("kind"), text("system"),
            asked().alias("prompt"), pl.col("output").alias("reference"),
            pl.col("facts").fill_null([]), text("label"), (pl.col("tier") == "both").alias("retrievable"),
        )  # fmt: skip
        self._file("eval/tasks", JsonLines, WHOLE).write(tasks)
        alpaca, name = CHOSEN["alpaca"][0], f"{self.name}_predict"
        # an evaluation is read in the order of its tasks: one file
        self._file(f"data/{name}", Parquet if self.ending == "parquet" else JsonLines, WHOLE).write(
            alpaca.rows(single)
        )
        self._look_for_dates(name, alpaca.rows(single))
        self.data.rows[name] = self.data.rows.get(name, 0) + single.height
        self.data.info[name] = alpaca.info or {}

    def _file(self, path: str, kind: type[Shards], shard_rows: int | None = None) -> Shards:
        if path not in self.writers:
            self.writers[path] = kind(self.folder, path, shard_rows or self.shard_rows)
        return self.writers[path]

    def _look_for_dates(self, name: str, rows: pl.DataFrame) -> None:
        for column in ("instruction", "input", "output", "system") if self.ending == "jsonl" else ():
            if self.dates.get((name, column), True):
                self.dates[name, column] = rows[column].str.contains(DATE).all()

    def _no_dates(self) -> None:
        """A column of JSON whose values are all dates is read as times, and LLaMA-Factory drops what is no text.

        Raises:
            CurateError: there is such a column.
        """
        for (name, column), only in self.dates.items():
            if only:
                raise CurateError(
                    say(f"{name} 的 {column} 全是日期，会被当作时间类型读入，整份数据都丢掉",
                        f"every {column} of {name} is a date: it is read as a time, and all rows are lost"),
                    say("导出时写 files: parquet，或把日期写成 2026年3月5日（过滤器 date_zh）",
                        "export with files: parquet, or write dates out (the filter date_zh)"),
                )  # fmt: skip

    def _check(self, rows: int) -> None:
        """Every pair that came in stands in the files as often as it should.

        Raises:
            AccountingError: it does not.
        """
        if self.data.pairs.total() != rows or self.writers["provenance"].rows != rows:
            raise _lost("provenance", rows, self.writers["provenance"].rows)
        for (split, kind), wanted in self.data.pairs.items():
            several = self.data.rows.get(f"{self.name}_{split}_chat", 0)
            names = (
                [kind] if kind != "sft" else [name for name in ("alpaca", "sharegpt") if name in self.chosen]
            )
            for name in names if kind not in ASKED_ONLY else ():
                there = self.data.rows.get(f"{self.name}_{split}_{name}", 0)
                if there + (several if kind == "sft" else 0) != wanted:
                    raise _lost(f"{self.name}_{split}_{name}", wanted, there)

    def _dataset_info(self) -> None:
        """In ASCII, because LLaMA-Factory opens it in the machine's own encoding; last, because it names the others."""
        info = {}
        for name in sorted(self.data.info):
            folder = self.folder / "data" / name
            file = name if folder.is_dir() else f"{name}.{self.ending}"
            info[name] = {"file_name": file, **self.data.info[name]}
        write_text(
            self.folder / "data/dataset_info.json", json.dumps(info, ensure_ascii=True, indent=2) + "\n"
        )


def _lost(file: str, wanted: int, there: int) -> AccountingError:
    return AccountingError(
        say(f"{file} 应有 {wanted} 行，写了 {there} 行", f"{file} should hold {wanted} rows but got {there}"),
        say("这是程序的错误，请报告给开发者", "this is a defect of curate: report it"),
    )
