"""The SQL of a recipe: one SELECT over its corpora, which gives the same each time and opens nothing else."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from curate.synthesize.select import check_select, closed_database, may_disclose, tables_of

REFUSED = {
    "SELECT * FROM read_csv('/etc/passwd')": "read_csv",
    "SELECT * FROM read_text('/etc/passwd')": "read_text",
    "SELECT * FROM read_parquet('x.parquet')": "read_parquet",
    "SELECT * FROM glob('/etc/*')": "glob",
    "SELECT * FROM sniff_csv('/etc/passwd')": "sniff_csv",
    "SELECT * FROM query('SELECT 1')": "query",
    "SELECT * FROM query_table('c')": "query_table",
    "SELECT * FROM json_execute_serialized_sql('{}')": "json_execute_serialized_sql",
    "SELECT * FROM duckdb_settings()": "duckdb_settings",
    "SELECT * FROM pragma_version()": "pragma_version",
    "SELECT * FROM c WHERE x IN (SELECT content FROM read_text('/etc/passwd'))": "read_text",
    "WITH a AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM a": "read_text",
    "SELECT * FROM information_schema.tables": "information_schema.tables",
    "SELECT * FROM memory.main.c": "memory.main.c",
    "SELECT * FROM c UNION ALL SELECT * FROM other.c": "other.c",
    "DESCRIBE c": "SHOW_REF",
    "SHOW TABLES": "tables",
    "SUMMARIZE c": "SHOW_REF",
    "COPY c TO '/tmp/x.csv'": "SELECT",
    "COPY (SELECT 1) TO '/tmp/x.csv'": "SELECT",
    "ATTACH '/tmp/x.db'": "SELECT",
    "INSTALL httpfs": "SELECT",
    "LOAD httpfs": "SELECT",
    "PRAGMA version": "SELECT",
    "SET memory_limit = '1TB'": "SELECT",
    "CREATE TABLE t AS SELECT 1": "SELECT",
    "INSERT INTO c VALUES (1)": "SELECT",
    "DROP VIEW c": "SELECT",
    "CALL pragma_version()": "SELECT",
    "EXPORT DATABASE '/tmp/x'": "SELECT",
    "SELECT 1; SELECT 2": "一条 SELECT",
    "SELECT 1; DROP VIEW c": "SELECT",
    "": "一条 SELECT",
    "-- nothing": "一条 SELECT",
    "SELECT 1 +": "syntax error",
    "SELECT random() FROM c": "random",
    "SELECT * FROM c ORDER BY RANDOM()": "random",
    "SELECT uuid() FROM c": "uuid",
    "SELECT now()": "now",
    "SELECT today()": "today",
    "SELECT current_date": "current_date",
    "SELECT current_timestamp": "current_timestamp",
    "SELECT Localtime": "localtime",
    "SELECT age(founded) FROM c": "age",
    "SELECT current_setting('temp_directory')": "current_setting",
    "SELECT getvariable('x')": "getvariable",
    "SELECT nextval('s')": "nextval",
    "SELECT error('x')": "error",
    "SELECT sleep_ms(10000)": "sleep_ms",
    "SELECT session_user": "session_user",
    "SELECT * FROM c USING SAMPLE 3": "抽样",
    "SELECT * FROM c TABLESAMPLE 10%": "抽样",
    "SELECT approx_count_distinct(x) FROM c": "近似",
    "SELECT reservoir_quantile(x, 0.5) FROM c": "近似",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r": "RECURSIVE",
}
ACCEPTED = {
    "SELECT city AS key, count(*) FROM c GROUP BY city": {"c"},
    "SELECT city AS key FROM c; -- 城市": {"c"},
    "FROM c SELECT city": {"c"},
    "WITH a AS (SELECT * FROM c) SELECT * FROM a JOIN D USING (x)": {"c", "D"},
    "SELECT * FROM (SELECT * FROM c) AS s, unnest([1, 2]) AS u(n), range(3)": {"c"},
    "SELECT row_number() OVER (PARTITION BY a ORDER BY b) FROM c QUALIFY true": {"c"},
    "SELECT [x + 1 for x in l], (SELECT max(y) FROM d) FROM c": {"c", "d"},
    "SELECT c.user, x.current_date FROM c": {"c"},
    "SELECT * FROM (VALUES (1), (2)) AS v(n)": set(),
    "SELECT a FROM c UNION SELECT a FROM d EXCEPT SELECT a FROM e": {"c", "d", "e"},
    "SELECT 'read_csv(''x'')' AS key": set(),
}


@pytest.mark.parametrize("sql", REFUSED, ids=lambda sql: sql or "nothing")
def test_what_could_read_or_change_anything_else_is_refused(sql: str) -> None:
    assert REFUSED[sql] in (check_select(sql) or "accepted")


@pytest.mark.parametrize("sql", ACCEPTED)
def test_a_select_over_corpora_is_accepted_and_its_tables_are_known(sql: str) -> None:
    assert check_select(sql) is None
    assert tables_of(sql) == ACCEPTED[sql]


@pytest.mark.parametrize(
    ("sql", "disclosing"),
    [
        ("SELECT city, count(*) FROM c GROUP BY city", False),
        ("SELECT city, count(*), sum(x), round(avg(x), 1) FROM c GROUP BY city HAVING max(x) > 1", False),
        ("SELECT city, count(*) FROM (SELECT city FROM c WHERE x > 1) GROUP BY 1", False),
        ("WITH n AS (SELECT city, count(*) AS n FROM c GROUP BY city) SELECT list(city ORDER BY n DESC) FROM n", False),
        ("SELECT rank() OVER (ORDER BY n) FROM (SELECT city, count(*) AS n FROM c GROUP BY city)", False),
        ("SELECT count(*) FROM c UNION ALL SELECT count(*) FROM d", False),
        ("SELECT name FROM c", True),
        ("SELECT DISTINCT city FROM c", True),
        ("SELECT city, max(x) FROM c GROUP BY city", True),
        ("SELECT city, list(name) FROM c GROUP BY city", True),
        ("SELECT city, count(*), any_value(name) FROM c GROUP BY city", True),
        ("SELECT name, (SELECT count(*) FROM c) FROM c", True),
        ("SELECT count(*), (SELECT max(name) FROM c) FROM c", True),
        ("WITH n AS (SELECT city, count(*) AS n FROM c GROUP BY city) SELECT * FROM n JOIN c USING (city)", True),
        ("SELECT count(*) FROM c UNION ALL SELECT x FROM c", True),
        ("SELECT x, count(*) OVER () FROM c", True),
    ],
)  # fmt: skip
def test_what_may_tell_of_single_rows_is_known(sql: str, disclosing: bool) -> None:
    assert check_select(sql) is None
    assert may_disclose(sql) is disclosing


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM '{other}'", "SELECT * FROM read_parquet('{other}')", "SELECT * FROM read_text('{other}')",
        "SELECT * FROM glob('{folder}/*')", "COPY (SELECT 1) TO '{folder}/out.csv'", "ATTACH '{folder}/x.db'", "INSTALL httpfs",
        "LOAD httpfs", "SET threads = 2", "SET enable_external_access = true", "SET allowed_paths = ['{other}']", "RESET memory_limit",
    ],
)  # fmt: skip
def test_even_what_is_not_refused_finds_a_closed_door(tmp_path: Path, sql: str) -> None:
    own, other = tmp_path / "own's.parquet", tmp_path / "other.parquet"
    for file in (own, other):
        pl.DataFrame({"x": [1]}).write_parquet(file)
    with closed_database([own], tmp_path / "scratch") as connection:
        with pytest.raises(duckdb.Error):
            connection.execute(sql.format(other=other, folder=tmp_path)).fetchall()
        quoted = str(own).replace("'", "''")
        assert connection.execute(f"SELECT x FROM read_parquet('{quoted}')").fetchall() == [(1,)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.parquet", "own's.parquet"]


def test_frames_of_the_program_are_no_tables(tmp_path: Path) -> None:
    secret = pl.DataFrame({"x": [1]})
    with closed_database([], tmp_path) as connection, pytest.raises(duckdb.Error):
        connection.execute("SELECT * FROM secret").fetchall()
    assert secret.height == 1
