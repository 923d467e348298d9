"""query: pairs from SQL over whole corpora: how many, which ones, which is larger, in what order; without a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

import polars as pl
from pydantic import Field

from curate.errors import CurateError
from curate.language import say
from curate.options import CorpusName, WorkspaceFile
from curate.pairs import PAIR
from curate.rows import Outcome, because
from curate.synthesize.select import closed_database, quoted, tables_of
from curate.synthesize.sql_questions import SqlQuestion, columns_told, unanswerable
from curate.unit import Unit

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: More rows of an answer are an error: who compares every row with every other wants to know.
MOST_ROWS = 1_000_000
#: Columns of a row of an answer that gave no pair, besides why.
UNUSED = dict.fromkeys(["row_id", "corpus", "question", "key", "text"], pl.String)
#: How the rows that a pair tells of are ranked: the first gives it its split.
STRICTEST = "CASE split WHEN 'test' THEN 0 WHEN 'validation' THEN 1 ELSE 2 END"


class Shares(Protocol):
    """What the split gives to training and validation; the rest is tested."""

    @property
    def train(self) -> float: ...
    @property
    def validation(self) -> float: ...


class Query(Unit):
    """用 SQL 在整份语料上提问：多少家、有哪些、哪个大、怎么排名、合计和平均。 / Pairs from SQL over whole corpora.

    Each corpus is a table of its rows that train, validate or test, with the columns ``row_id`` and ``split``. Every row of an
    answer is a pair; its column ``key`` (unique) names it, and its column ``rows`` lists the ``row_id`` of the rows of which it
    tells. A pair goes where the strictest of these rows is: to the test set if one of them is tested. That row is its parent and
    gives it its cluster, so that a cluster stays in one split; ``made.parents`` holds all. Counts, sums and means of groups tell
    of no single row and need no ``rows``: the MD5 of their key draws their split. Whatever else has no ``rows`` is refused.
    """

    not_in_fingerprint: ClassVar = frozenset({"use", "file"})

    use: Literal["query"] = "query"
    corpus: CorpusName
    """这些问答记在哪份语料名下 / the corpus that they are counted with"""
    file: WorkspaceFile
    """问题文件：recipes/templates/*_query.yaml / the file of queries"""
    system: str = ""
    """每个问答的系统提示 / the system prompt of its pairs"""
    max_answer_chars: int = Field(2000, ge=1)
    """答案超过这么多字就不生成 / answers with more characters are not made"""
    max_pairs: int = Field(2000, ge=1)
    """每个问题最多出多少个问答，按 key 的哈希选 / pairs of a question at the most, chosen by the hash of their keys"""

    @property
    def stem(self) -> str:
        """The task's name in pairs and manifests: its file's, without the ending."""
        return Path(self.file).stem

    def apply(
        self, tables: dict[str, list[Path]], questions: list[SqlQuestion], ratios: Shares, scratch: Path
    ) -> Outcome:
        """Pairs out of the answers; ``dropped`` are the rows of the answers that gave none, with the columns of ``UNUSED``.

        Args:
            tables: corpus -> its shards after the split.
            scratch: a folder for what does not fit into memory.

        Raises:
            CurateError: a query that DuckDB refuses or that gives more than ``MOST_ROWS`` rows.
        """
        parts = [Outcome(pl.DataFrame(schema=PAIR), because(pl.DataFrame(schema=UNUSED), pl.lit(None)))]
        files = [shard for shards in tables.values() for shard in shards]
        with closed_database(files, scratch) as connection:
            _open(connection, tables)
            for question in questions:
                wrong = unanswerable(connection, question, set(tables))
                if wrong:
                    raise CurateError(f"{question.called}: {wrong[0]}", wrong[1])
                parts.append(self._pairs(connection, question, ratios))
        return Outcome(pl.concat(part.kept for part in parts), pl.concat(part.dropped for part in parts))

    def _pairs(self, connection: DuckDBPyConnection, question: SqlQuestion, ratios: Shares) -> Outcome:
        """The pairs of one question, and the rows of its answer that gave none."""
        _run(connection, question, self.max_pairs)
        bad = connection.sql(
            'SELECT key, reason FROM "the answer" WHERE reason IS NOT NULL ORDER BY key, reason'
        ).pl()
        rows = connection.sql(
            'SELECT * EXCLUDE (reason) FROM "the answer" WHERE reason IS NULL ORDER BY key'
        ).pl()
        routed = _disclosed(connection) if "rows" in rows.columns else _drawn(connection, ratios)
        name = question.templates.name
        virtual = (pl.lit(f"{self.corpus}:*{name}.") + pl.col("key").fill_null("")).alias("row_id")
        rows = rows.join(routed, on="key", how="left", maintain_order="left").with_columns(
            virtual, pl.lit(self.corpus).alias("corpus")
        )
        found = question.templates.ask_rows(rows.filter(pl.col("split").is_not_null()), self.system)
        fits = found["output"].str.len_chars() <= self.max_answer_chars
        dropped = pl.concat([bad.with_columns(virtual), _unmade(rows, found, fits)], how="diagonal")
        own = dropped.with_columns(pl.lit(self.corpus).alias("corpus"), pl.lit(name).alias("question"))
        told = because(
            own.select(pl.col(column).cast(kind) for column, kind in UNUSED.items()),
            pl.lit(dropped["reason"]),
            detail=pl.lit(dropped["detail"]),
        )
        return Outcome(_with_parents(found.filter(fits), rows), told)


def _unmade(rows: pl.DataFrame, found: pl.DataFrame, fits: pl.Series) -> pl.DataFrame:
    """The usable rows of an answer that gave no pair, with the reason."""
    too_long = found.filter(~fits).select(pl.col("parent_id").alias("row_id"), pl.col("output").alias("text"))
    reason = (
        pl.when(pl.col("split").is_null()).then(pl.lit("unknown_row"))
        .when(pl.col("text").is_not_null()).then(pl.lit("answer_too_long"))
        .otherwise(pl.lit("fields_missing"))
    )  # fmt: skip
    return (
        rows.select("row_id", "key", "split", "detail")
        .join(too_long, on="row_id", how="left", maintain_order="left")
        .filter(~pl.col("row_id").is_in(found.filter(fits)["parent_id"].implode()))
        .with_columns(reason.alias("reason"))
    )


def _open(connection: DuckDBPyConnection, tables: dict[str, list[Path]]) -> None:
    """A view a corpus, and one of all rows that no query may name."""
    ids = []
    for name, shards in tables.items():
        files = ", ".join(quoted(str(shard)) for shard in shards)
        connection.execute(
            f'CREATE VIEW "{name}" AS SELECT * FROM read_parquet([{files}]) WHERE split IS NOT NULL'
        )
        ids.append(f'SELECT row_id, cluster_id, tier, split FROM "{name}"')
    connection.execute('CREATE VIEW "every row" AS ' + " UNION ALL ".join(ids))


def _run(connection: DuckDBPyConnection, question: SqlQuestion, most: int) -> None:
    """The table ``the answer``: the query's answer, with why a row of it is not used. No corpus has a name with a blank."""
    import duckdb

    try:
        connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE "the found" AS
                SELECT * REPLACE ("key"::VARCHAR AS "key") FROM ({question.sql}\n) LIMIT {MOST_ROWS + 1}"""
        ).fetchall()
        columns = ", ".join(
            '"' + name.replace('"', '""') + '"' for name in connection.table('"the found"').columns
        )
        connection.execute(  # of two rows with one key the smaller stays, whatever order they came in
            f"""CREATE OR REPLACE TEMP TABLE "the answer" AS
                WITH told AS (SELECT *, row_number() OVER (PARTITION BY "key" ORDER BY {columns}) AS "of" FROM "the found"),
                     chosen AS (SELECT "key" FROM told WHERE "of" = 1 AND "key" IS NOT NULL ORDER BY md5("key"), "key" LIMIT {most})
                SELECT * EXCLUDE ("of"), CASE WHEN "key" IS NULL THEN 'fields_missing' WHEN "of" > 1 THEN 'same_key'
                       WHEN "key" NOT IN (FROM chosen) THEN 'over_limit' END AS reason FROM told"""
        ).fetchall()
    except duckdb.Error as error:
        raise CurateError(
            f"{question.called}: {error}",
            columns_told(connection, sorted(tables_of(question.sql))),
        ) from error
    rows = connection.sql('SELECT count(*) FROM "the answer"').fetchall()[0][0]
    if rows > MOST_ROWS:
        raise CurateError(
            say(
                f"{question.called}：结果超过 {MOST_ROWS:,} 行",
                f"{question.called}: its answer has more than {MOST_ROWS:,} rows",
            ),
            say(
                "用 WHERE 或 HAVING 缩小范围，比如每行只与下一行比较",
                "narrow it by WHERE or HAVING; compare each row with the next one only, for example",
            ),
        )


def _disclosed(connection: DuckDBPyConnection) -> pl.DataFrame:
    """(key, split, tier, cluster_id, parent, parents, detail) of answers that tell of rows. ``split`` is null where one of them is
    no row of the corpora; ``detail`` names it.
    """
    found: pl.DataFrame = connection.sql(
        f"""WITH told AS (SELECT key, unnest(rows) AS row_id, generate_subscripts(rows, 1) AS place FROM "the answer" WHERE reason IS NULL),
                 known AS (SELECT key, told.row_id AS row_id, place, split, tier, cluster_id, {STRICTEST} AS strict
                           FROM told LEFT JOIN "every row" USING (row_id)),
                 first AS (SELECT key, list(row_id ORDER BY place) AS parents, bool_and(split IS NOT NULL) AS whole,
                                  first(row_id ORDER BY place) FILTER (split IS NULL) AS detail,
                                  first({{'row_id': row_id, 'split': split, 'tier': tier, 'cluster_id': cluster_id}}
                                        ORDER BY strict, place) AS row
                           FROM known GROUP BY key)
            SELECT key, CASE WHEN whole THEN row.split END AS split, row.tier AS tier, row.cluster_id AS cluster_id,
                   row.row_id AS parent, parents, detail FROM first ORDER BY key"""
    ).pl()
    return found


def _drawn(connection: DuckDBPyConnection, ratios: Shares) -> pl.DataFrame:
    """The same of answers that tell of no single row: their split is drawn by the first 52 bits of the MD5 of their key."""
    found: pl.DataFrame = connection.sql(
        f"""SELECT key, CASE WHEN point < {ratios.train} THEN 'train'
                             WHEN point < {ratios.train + ratios.validation} THEN 'validation' ELSE 'test' END AS split,
                   'primary' AS tier, NULL::VARCHAR AS cluster_id, NULL::VARCHAR AS parent, NULL::VARCHAR[] AS parents,
                   NULL::VARCHAR AS detail
            FROM (SELECT key, ('0x' || substr(md5(key), 1, 13))::BIGINT / 4503599627370496.0 AS point
                  FROM "the answer" WHERE reason IS NULL) ORDER BY key"""
    ).pl()
    return found


def _with_parents(pairs: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """``pairs`` with the rows that they tell of, in place of the row of the answer."""
    of = rows.select(pl.col("row_id").alias("parent_id"), "parent", "parents")
    return (
        pairs.join(of, on="parent_id", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("parent", "parent_id").alias("parent_id"),
            pl.col("made").struct.with_fields(pl.col("parents")),
        )
        .select(*PAIR)
    )
