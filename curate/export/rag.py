"""rag: the retrieval set, as JSONL and Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import Field, model_validator

from curate.algorithms.personal_data import KINDS, Kind, kinds_in
from curate.errors import GateFailed
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
    personal_data: list[Kind] = []
    """可以留在检索库里的个人信息；其他的一发现就不导出 / personal data that may stay; of the others none is exported"""

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
                    self._check(batch)
                    batch.write_ndjson(file)
                    writer.write_table(batch.to_arrow().cast(schema))
                    rows += batch.height
        return {"chunks.jsonl": rows, "chunks.parquet": rows}

    def _check(self, chunks: pl.DataFrame) -> None:
        """Raises:
        GateFailed: personal data is left in what would leave the house.
        """
        kinds = kinds_in(chunks["text"], [kind for kind in KINDS if kind not in self.personal_data])
        found = chunks.select("parent_id").with_columns(kinds).drop_nulls("kind")
        if found.is_empty():
            return
        told, row = "、".join(found["kind"].unique().sort()), found["parent_id"][0]
        raise GateFailed(
            say(
                f"检索库的 {found.height} 个文本块里还有个人信息（{told}），例如 {row}，所以没有导出",
                f"{found.height} chunks still hold personal data ({told}), such as one of {row}: nothing was exported",
            ),
            say(
                f"在 clean 里加 mask_pii；确实可以公开的，在 rag 下写 personal_data: [{found['kind'][0]}]",
                f"add mask_pii to clean; what may be public goes into rag: personal_data: [{found['kind'][0]}]",
            ),
            gate="release",
        )
