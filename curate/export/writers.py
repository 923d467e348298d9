"""Files of a release, digested while they are written; large ones become a folder of shards."""

from __future__ import annotations

import hashlib
import io
import shutil
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import polars as pl


@dataclass(frozen=True)
class Written:
    """A file: its path inside the release, its rows, bytes and SHA-256."""

    path: str
    rows: int | None
    bytes: int
    sha256: str


class Digesting(io.RawIOBase):
    """A file that computes the SHA-256 of what goes through it, so that nobody needs to read it again."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._digest.update(data)
        written = self._file.write(data)
        self.size += written
        return written

    def tell(self) -> int:
        return self.size

    def close(self) -> None:
        self._file.close()
        super().close()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


class Shards(ABC):
    """Numbered files in a folder; a single one takes the folder's name."""

    ending = ""

    def __init__(self, root: Path, path: str, shard_rows: int) -> None:
        self.root, self.path, self.shard_rows = root, path, shard_rows
        self.rows = 0
        self._done: list[tuple[int, int, str]] = []
        self._in_shard = 0
        self._file: Digesting | None = None
        (root / path).mkdir(parents=True)

    def write(self, frame: pl.DataFrame) -> None:
        while frame.height:
            if self._file is None:
                self._file = Digesting(self.root / self.path / f"{len(self._done):05d}.{self.ending}")
                self._begin(frame, self._file)
            part = frame.head(self.shard_rows - self._in_shard)
            self._rows(part, self._file)
            self._in_shard += part.height
            self.rows += part.height
            frame = frame.slice(part.height)
            if self._in_shard == self.shard_rows:
                self._end_shard()

    def close(self) -> list[Written]:
        self._end_shard()
        folder = self.root / self.path
        if len(self._done) > 1:
            names = [self._shard_name(number, len(self._done)) for number in range(len(self._done))]
            for number, name in enumerate(names):
                old = folder / f"{number:05d}.{self.ending}"
                old.rename(self.root / name)
            if not any(folder.iterdir()):
                folder.rmdir()
            return [Written(name, *done) for name, done in zip(names, self._done, strict=True)]
        name = self._only_name()
        (folder / f"00000.{self.ending}").rename(self.root / name)
        shutil.rmtree(folder)
        return [Written(name, *self._done[0])]

    def _end_shard(self) -> None:
        if self._file is not None:
            self._finish()
            self._file.close()
            self._done.append((self._in_shard, self._file.size, self._file.sha256))
            self._file, self._in_shard = None, 0

    def _begin(self, frame: pl.DataFrame, file: Digesting) -> None:  # noqa: B027
        """A shard begins."""

    def _finish(self) -> None:  # noqa: B027
        """A shard ends."""

    @abstractmethod
    def _rows(self, frame: pl.DataFrame, file: Digesting) -> None: ...

    def _shard_name(self, number: int, _of: int) -> str:
        return f"{self.path}/{number:05d}.{self.ending}"

    def _only_name(self) -> str:
        return f"{self.path}.{self.ending}"


class JsonLines(Shards):
    """JSON Lines, UTF-8."""

    ending = "jsonl"

    def _rows(self, frame: pl.DataFrame, file: Digesting) -> None:
        frame.write_ndjson(cast(IO[bytes], file))


class Parquet(Shards):
    """Parquet."""

    ending = "parquet"

    def _begin(self, frame: pl.DataFrame, file: Digesting) -> None:
        import pyarrow.parquet as pq

        self._schema = _arrow(frame).schema
        self._writer = pq.ParquetWriter(file, self._schema, compression="zstd")

    def _rows(self, frame: pl.DataFrame, file: Digesting) -> None:  # noqa: ARG002
        self._writer.write_table(_arrow(frame).cast(self._schema))

    def _finish(self) -> None:
        self._writer.close()


class HubParquet(Parquet):
    """Parquet as the ``datasets`` library finds it: ``train-00000-of-00002.parquet``."""

    def _shard_name(self, number: int, of: int) -> str:
        return f"{self.path}-{number:05d}-of-{of:05d}.parquet"

    def _only_name(self) -> str:
        return self._shard_name(0, 1)


def _arrow(frame: pl.DataFrame) -> Any:
    # without string views, which the datasets library of LLaMA-Factory does not know
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())
