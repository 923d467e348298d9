"""parquet: rows with their types."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from curate.errors import CurateError
from curate.language import say
from curate.sources.opening import BATCH, Batch, File, batch


def read_parquet(file: File) -> Iterator[Batch]:
    """Columns keep their types; categories become text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(file.path)
    except (pa.ArrowInvalid, OSError) as error:
        raise CurateError(
            say(
                f"{file.path} 不是完整的 parquet 文件：{error}",
                f"{file.path} is not a whole parquet file: {error}",
            ),
            say("重新导出这个文件", "export the file again"),
        ) from error
    with table:
        for part in table.iter_batches(BATCH):
            rows = pl.from_arrow(pa.Table.from_batches([part]))
            assert isinstance(rows, pl.DataFrame)
            yield batch(rows.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String)))
