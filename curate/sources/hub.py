"""Hugging Face data sets, through ``datasets``: local folders, and names on the hub for users who have one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from curate.errors import CurateError
from curate.files import sha256_of
from curate.language import say
from curate.messages import did_you_mean
from curate.sources.remote import HubDataset

#: rows of a batch
BATCH = 5_000


class HubRows:
    """See ``fetch.Remote``. A hub name is streamed: no copy of the whole stays in a cache of its own."""

    form = "datasets"

    def __init__(self, dataset: HubDataset, workspace: Path) -> None:
        self.dataset = dataset
        self.folder = workspace / dataset.path
        self.identity: Any = dataset.model_dump()

    def mark(self) -> str | None:
        """The folder's files by size and time; on the hub a commit, which never changes."""
        if self.folder.is_dir():
            files = sorted(file for file in self.folder.rglob("*") if file.is_file())
            stats = [(str(file.relative_to(self.folder)), file.stat()) for file in files]
            return sha256_of([[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats])
        commit = re.fullmatch("[0-9a-f]{40}", self.dataset.revision or "")
        return commit[0] if commit else None

    def frames(self, limit: int | None) -> Iterator[pl.DataFrame]:
        try:
            for table in self._split().with_format("arrow").iter(batch_size=min(BATCH, limit or BATCH)):
                rows = pl.from_arrow(table)
                assert isinstance(rows, pl.DataFrame)
                yield rows.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
        except CurateError:
            raise
        except Exception as error:  # datasets, its file systems and its network each have their own
            raise CurateError(
                say(
                    f"数据集 {self.dataset.path} 读不出来：{error}",
                    f"the data set {self.dataset.path} cannot be read: {error}",
                ),
                say(
                    "本地文件夹从工作区算起；hub 上的名称要能联网（HF_ENDPOINT、HF_TOKEN），config 和 split 要存在",
                    "a local folder is relative to the workspace; a hub name needs the network (HF_ENDPOINT, HF_TOKEN), "
                    "and its config and split must exist",
                ),
                option=("dataset",),
            ) from error

    def _split(self) -> Any:
        try:
            import datasets
        except ImportError as error:
            raise CurateError(
                say("没有安装 datasets", "datasets is not installed"),
                "pip install 'curate[hub]'",
                option=("dataset",),
            ) from error
        wanted, name = self.dataset, self.dataset.split
        if (self.folder / "state.json").is_file() or (self.folder / "dataset_dict.json").is_file():
            found = datasets.load_from_disk(str(self.folder))
            if isinstance(found, datasets.Dataset):
                return found  # saved without splits
            return self._named(found, name)
        if self.folder.is_dir():
            found = datasets.load_dataset(str(self.folder), wanted.config, streaming=True)
            return self._named(found, name)
        return datasets.load_dataset(
            wanted.path, wanted.config, split=name, revision=wanted.revision, streaming=True
        )

    def _named(self, found: Any, name: str) -> Any:
        if name not in found:
            raise CurateError(
                say(f"{self.dataset.path} 里没有 {name}", f"{self.dataset.path} has no {name}"),
                did_you_mean(name, list(found)),
                option=("dataset", "split"),
            )
        return found[name]
