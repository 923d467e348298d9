"""What all exporters share: rows of many shards in one order, and a folder that appears whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
from filelock import FileLock

from curate.errors import AccountingError
from curate.files import sha256_of_file, write_json
from curate.language import say
from curate.rows import Table

#: rows a batch
BATCH = 20_000


def sorted_batches(
    tables: list[Table], columns: str, where: str, order: str, scratch: Path
) -> Iterator[pl.DataFrame]:
    """The rows of all tables in one order; DuckDB sorts, and spills to ``scratch`` what memory does not hold."""
    import duckdb

    shards = [str(shard) for table in tables for shard in table.shards]
    if not shards:
        return
    scratch.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"temp_directory": str(scratch), "memory_limit": "2GB"}) as connection:
        found = connection.sql(
            f"SELECT {columns} FROM read_parquet($shards) WHERE {where} ORDER BY {order}",
            params={"shards": shards},
        )
        for batch in found.to_arrow_reader(BATCH):
            rows = pl.from_arrow(batch)
            assert isinstance(rows, pl.DataFrame)
            yield rows


def describe(folder: Path, counts: dict[str, int], about: dict[str, Any]) -> None:
    """Write ``manifest.json``, last: what the export is and the SHA-256 of each of its files."""
    files = {
        path.name: {
            "rows": counts.get(path.name),
            "bytes": path.stat().st_size,
            "sha256": sha256_of_file(path),
        }
        for path in sorted(folder.iterdir())
        if path.name != "manifest.json"
    }
    write_json(folder / "manifest.json", {**about, "files": files}, indent=1)


def written_digests(folder: Path) -> dict[str, str]:
    """File -> SHA-256, from the folder's own manifest."""
    files = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    return {name: about["sha256"] for name, about in files.items()}


def check_written(exporter: str, rows: int, counts: dict[str, int]) -> None:
    """Every row that came in stands in the files as often as the exporter writes it.

    Raises:
        AccountingError: it does not.
    """
    if sum(counts.values()) != rows:
        raise AccountingError(
            say(
                f"导出 {exporter} 应写 {rows} 行，文件里有 {sum(counts.values())} 行",
                f"the export {exporter} should hold {rows} rows but holds {sum(counts.values())}",
            ),
            say("这是程序的错误，请报告给开发者", "this is a defect of curate: report it"),
        )


def publish(made: Path, target: Path, digest: Callable[[Path], str] = sha256_of_file) -> bool:
    """Put a copy of the folder ``made`` in the place of ``target``; False when it is there already, by ``digest``.

    The copy is made beside the target and renamed, so that nobody sees half an export. A lock keeps two runs
    apart; what a killed one left lying is removed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.parent / f".{target.name}.lock"):
        new, old = target.with_name(f".{target.name}.new"), target.with_name(f".{target.name}.old")
        if _same(made, target, digest):
            changed = False
        else:
            _clear(new, old)
            shutil.copytree(made, new)
            if target.exists():
                target.rename(old)
            new.rename(target)
            changed = True
        _clear(new, old)
    return changed


def _clear(*folders: Path) -> None:
    """Of a link the link goes, never what it leads to."""
    for folder in folders:
        if folder.is_symlink():
            folder.unlink()
        shutil.rmtree(folder, ignore_errors=True)


def _same(made: Path, target: Path, digest: Callable[[Path], str]) -> bool:
    names = {path.name for path in made.iterdir()}
    return (
        target.is_dir()
        and {path.name for path in target.iterdir()} == names
        and all((target / name).is_file() and digest(made / name) == digest(target / name) for name in names)
    )
