"""Contradictions: rows of one entity that disagree about it. DuckDB over narrow columns of 64-bit hashes.

The rows are those before dedupe, where duplicates are still to be seen; what dedupe leaves of them is counted in the final rows.
White space, full or half width and case make no difference; an empty value contradicts nothing, nor does a masked one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from curate.rows import Table
from curate.three_c.codes import shown

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Entities whose rows are written into the file of examples, and those of each field that are told.
WRITTEN, TOLD = 1000, 3
#: different values of an entity that are told
VALUES = 20
#: ``row_id``: one of the ``rows`` with that value; ``stays``: the entity contradicts itself behind dedupe too; ``kept``: the one row
#: that dedupe kept of it, and its value (null where it kept none or several)
EXAMPLE: dict[str, pl.DataType] = {
    "corpus": pl.String(),
    "entity": pl.String(),
    "field": pl.String(),
    "row_id": pl.String(),
    "value": pl.String(),
    "rows": pl.Int64(),
    "stays": pl.Boolean(),
    "kept": pl.String(),
    "kept_value": pl.String(),
}

_FULL = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000\u00a0"
_HALF = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)) + "  "


def contradictions(
    corpus: str, entity: list[str], fields: list[str], before: Table, final: Table | None, scratch: Path
) -> tuple[dict[str, Any], pl.DataFrame]:
    """(the figures of a corpus, its examples: the columns of ``EXAMPLE``).

    Figures: ``entities`` with several rows, their ``rows``, and of these entities those that contradict themselves in any field
    and in each; ``left``: those that still do in the final rows, None where these lack the columns.
    """
    import duckdb

    with duckdb.connect(config={"temp_directory": str(scratch), "memory_limit": "1GB"}) as connection:
        _mark(connection, "before", before, entity, fields)
        counts = _count(connection, "before", fields)
        whole = final is not None and {*entity, *fields} <= set(final.schema)
        left = None
        if final is not None and whole:
            _mark(connection, "final", final, entity, fields)
            left = _count(connection, "final", fields)
        _leave(connection, fields, whole)
        examples = _examples(connection, corpus, entity, fields, before, final if whole else None)
    entities = counts["entities"]
    figures = {
        "corpus": corpus,
        "entity": entity,
        "entities": entities,
        "rows": counts["rows"],
        "contradicting": counts["any"],
        "left": left["any"] if left else None,
        "fields": [
            {
                "field": name,
                "contradicting": counts["fields"][name],
                "share": round(counts["fields"][name] / entities, 6) if entities else 0.0,
                "left": left["fields"][name] if left else None,
                "left_share": round(left["fields"][name] / entities, 6) if left and entities else None,
                "examples": _told(examples, name),
            }
            for name in fields
        ],
    }
    return figures, examples


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _plain(column: str) -> str:
    """A value without white space, half-width, in small letters; translating takes ten times as long as looking."""
    text = f"CAST({_quoted(column)} AS VARCHAR)"
    half = f"translate({text}, {_literal(_FULL)}, {_literal(_HALF)})"
    narrow = f"CASE WHEN regexp_matches({text}, {_literal(f'[{_FULL}]')}) THEN {half} ELSE {text} END"
    return f"lower(regexp_replace({narrow}, '\\s+', '', 'g'))"


def _known(name: str) -> str:
    """A plain value, null where it is empty or masked: then nobody knows what it is."""
    return f"CASE WHEN {name} <> '' AND NOT contains({name}, '**') THEN {name} END"


def _mark(
    connection: DuckDBPyConnection, name: str, table: Table, entity: list[str], fields: list[str]
) -> None:
    """Tables ``<name>_marks``: row_id, entity and f0, f1 … of every row with an entity, as hashes; and
    ``<name>_entities``: those with several rows, c0, c1 …: do they disagree in the field?
    """
    keys = [f"k{place}" for place in range(len(entity))]
    plain = [f"{_plain(column)} AS k{place}" for place, column in enumerate(entity)]
    plain += [f"{_plain(column)} AS p{place}" for place, column in enumerate(fields)]
    there = " AND ".join(f"({_known(key)}) IS NOT NULL" for key in keys)
    # the hash of null is a number too
    marks = ", ".join(
        f"CASE WHEN ({_known(f'p{place}')}) IS NOT NULL THEN hash(p{place}) END AS f{place}"
        for place in range(len(fields))
    )
    connection.execute(
        f"""CREATE TABLE {name}_marks AS SELECT row_id, hash(concat_ws(chr(31), {", ".join(keys)})) AS entity, {marks}
            FROM (SELECT row_id, {", ".join(plain)} FROM read_parquet($shards)) WHERE {there}""",
        {"shards": [str(shard) for shard in table.shards]},
    )
    differ = ", ".join(
        f"coalesce(min(f{place}) <> max(f{place}), false) AS c{place}" for place in range(len(fields))
    )
    connection.execute(
        f"""CREATE TABLE {name}_entities AS SELECT entity, count(*) AS rows, min(row_id) AS first, {differ}
            FROM {name}_marks GROUP BY entity HAVING count(*) > 1"""
    )


def _leave(connection: DuckDBPyConnection, fields: list[str], known: bool) -> None:
    """The table ``left_entities``: l0, l1 …: does it still contradict itself behind dedupe?"""
    left = ", ".join(f"c{place} AS l{place}" for place in range(len(fields)))
    if known:
        connection.execute(f"CREATE TABLE left_entities AS SELECT entity, {left} FROM final_entities")
    else:
        connection.execute(
            f"CREATE TABLE left_entities AS SELECT entity, {left} FROM before_entities LIMIT 0"
        )


def _any(fields: list[str]) -> str:
    return " OR ".join(f"c{place}" for place in range(len(fields)))


def _count(connection: DuckDBPyConnection, name: str, fields: list[str]) -> dict[str, Any]:
    each = ", ".join(f"count(*) FILTER (WHERE c{place})" for place in range(len(fields)))
    found = connection.execute(
        f"""SELECT count(*), coalesce(sum(rows), 0)::BIGINT, count(*) FILTER (WHERE {_any(fields)}), {each}
            FROM {name}_entities"""
    ).fetchone()
    assert found is not None
    entities, rows, some, *of_fields = found
    return {
        "entities": entities,
        "rows": rows,
        "any": some,
        "fields": dict(zip(fields, of_fields, strict=True)),
    }


def _examples(
    connection: DuckDBPyConnection,
    corpus: str,
    entity: list[str],
    fields: list[str],
    before: Table,
    final: Table | None,
) -> pl.DataFrame:
    """Some entities that contradict themselves, a line for each field and each of its values; the largest entities first."""
    stay = ", ".join(f"coalesce(l{place}, false) AS l{place}" for place in range(len(fields)))
    some = " OR ".join(f"coalesce(l{place}, false)" for place in range(len(fields)))
    order = f"({some}) DESC, rows DESC, first"  # first those that dedupe left
    connection.execute(
        f"""CREATE TABLE chosen AS SELECT before_entities.*, {stay}, row_number() OVER (ORDER BY {order}) AS number
            FROM before_entities LEFT JOIN left_entities USING (entity) WHERE {_any(fields)} ORDER BY {order} LIMIT {WRITTEN}"""
    )
    connection.execute(
        "CREATE TABLE members AS SELECT before_marks.*, number FROM before_marks JOIN chosen USING (entity)"
    )
    name = " || '，' || ".join(f"trim(CAST({_quoted(column)} AS VARCHAR))" for column in entity)
    values = ", ".join(
        f"CAST({_quoted(column)} AS VARCHAR) AS v{place}" for place, column in enumerate(fields)
    )
    read = "FROM read_parquet($shards) SEMI JOIN members USING (row_id)"
    shards = [str(shard) for shard in before.shards]
    connection.execute(
        f"CREATE TABLE told AS SELECT row_id, {name} AS name, {values} {read}", {"shards": shards}
    )
    if final is None:
        connection.execute("CREATE TABLE final_rows AS SELECT * EXCLUDE (name) FROM told LIMIT 0")
    else:
        shards = [str(shard) for shard in final.shards]
        connection.execute(f"CREATE TABLE final_rows AS SELECT row_id, {values} {read}", {"shards": shards})
    parts = [_of_field(corpus, column, place) for place, column in enumerate(fields)]
    found: pl.DataFrame = connection.sql(
        f"{' UNION ALL '.join(parts)} ORDER BY number, place, rows DESC, row_id"
    ).pl()
    hidden = [shown(found[column]) for column in ("entity", "value", "kept_value")]
    return found.with_columns(hidden).select(*EXAMPLE).cast(EXAMPLE)  # type: ignore[arg-type]


def _of_field(corpus: str, column: str, place: int) -> str:
    """The values of a field, one line each: a row that has it, how many do, and what became of the entity."""
    return f"""
        SELECT {_literal(corpus)} AS corpus, {_literal(column)} AS field, {place} AS place, number, told.entity, row_id,
               value, told.rows, l{place} AS stays, kept, kept_value
        FROM (SELECT number, min(name) OVER (PARTITION BY number) AS entity, row_id, value, rows FROM (
                SELECT number, min(name) AS name, min(row_id) AS row_id, arg_min(v{place}, row_id) AS value, count(*) AS rows
                FROM members JOIN told USING (row_id) JOIN chosen USING (number)
                WHERE c{place} AND members.f{place} IS NOT NULL GROUP BY number, members.f{place})
              QUALIFY row_number() OVER (PARTITION BY number ORDER BY rows DESC, row_id) <= {VALUES}) AS told
        JOIN chosen USING (number)
        LEFT JOIN (SELECT number, min(row_id) AS kept, min(v{place}) AS kept_value FROM members JOIN final_rows USING (row_id)
                   GROUP BY number HAVING count(*) = 1) USING (number)"""


def _told(examples: pl.DataFrame, field: str) -> list[dict[str, Any]]:
    """The first entities of a field: their values, each with a row, and which of them dedupe kept."""
    own = examples.filter(pl.col("field") == field)
    if own.is_empty():
        return []
    entities = own.group_by("entity", "stays", "kept", "kept_value", maintain_order=True).agg(
        pl.struct("row_id", "value", "rows").alias("values")
    )
    return entities.head(TOLD).to_dicts()
