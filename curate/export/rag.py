"""rag: the retrieval set, as JSONL and Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import Field, model_validator

from curate.export.files import sorted_batches
from curate.files import replacing
from curate.language import say
from curate.options import problem
from curate.rows import CHUNK, Table
from curate.unit import Unit


class Rag(Unit):
    """写出检索用的文本块：chunks.jsonl 和 chunks.parquet。 / Chunks for retrieval, as JSONL and Parquet.

    Chinese text has about 1.5 characters a token in Qwen's and DeepSeek's vocabularies, so the default of 700
    characters stays below the usual 512 tokens of an embedding model.
    """

    use: Literal["rag"] = "rag"
    chunk_chars: int = Field(700, ge=20)
    """每块最多多少字 / characters a chunk, at the most"""
    overlap_chars: int = Field(80, ge=0)
    """相邻两块重叠多少字 / characters that two neighbours share, at the most"""

    @model_validator(mode="after")
    def _smaller(self) -> Rag:
        if self.overlap_chars * 2 > self.chunk_chars:
            what = say(
                "overlap_chars 不能超过 chunk_chars 的一半",
                "overlap_chars must be at most half of chunk_chars",
            )
            raise problem(what)
        return self

    @property
    def times(self) -> int:
        """How often a chunk is written."""
        return 2

    def write(self, folder: Path, _name: str, tables: list[Table], scratch: Path) -> dict[str, int]:
        """Write the files; returns the rows of each."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        rows = 0
        jsonl, parquet = folder / "chunks.jsonl", folder / "chunks.parquet"
        schema = pa.schema(
            [
                (column, pa.int64() if kind == pl.Int64 else pa.large_string())
                for column, kind in CHUNK.items()
            ]
        )
        with replacing(jsonl) as lines, replacing(parquet) as table, lines.open("wb") as file:
            with pq.ParquetWriter(table, schema, compression="zstd") as writer:
                for batch in sorted_batches(
                    tables, ", ".join(f'"{c}"' for c in CHUNK), "true", "parent_id, start", scratch
                ):
                    batch.write_ndjson(file)
                    writer.write_table(batch.to_arrow().cast(schema))
                    rows += batch.height
        return {"chunks.jsonl": rows, "chunks.parquet": rows}
