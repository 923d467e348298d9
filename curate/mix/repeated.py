"""The same question is asked once, and never in two splits."""

from __future__ import annotations

import polars as pl

from curate.pairs import question_text
from curate.rows import Table
from curate.sql import ask

NEEDED = [
    "pair_id",
    "split",
    "kind",
    "origin",
    "instruction",
    "input",
    "output",
    "thought",
    "rejected",
    "messages",
]


def repeated(tables: list[Table]) -> pl.DataFrame:
    """(pair_id, of) of pairs whose question stands already in a better pair.

    The test set wins over validation and that over train, whatever the pairs are for, so that no question of an
    evaluation is trained on. Inside a split a question stays once; where answers are compared or rated (preference,
    kto), once with the same answers. A pair with a thought wins over one without: who asks for thoughts before known answers
    wants them in the place of these. Then a real pair wins over a template's and that over a model's, then the smaller MD5
    of the pair's id. A question that is trained on or tested is not asked aside (recall, unknown). Narrow: 32 bytes of hash
    a pair.
    """
    parts = [
        ask(
            """SELECT pair_id, kind, coalesce(thought, '') = '' AS idle, CASE split WHEN 'test' THEN 0 WHEN 'validation' THEN 1 ELSE 2 END AS place,
                      CASE origin WHEN 'real' THEN 0 WHEN 'template' THEN 1 ELSE 2 END AS source,
                      md5(asked) AS question,
                      CASE WHEN kind IN ('preference', 'kto') THEN md5(concat_ws(chr(31), output, rejected)) ELSE '' END AS answers
               FROM pairs""",
            pairs=frame.select(
                "pair_id",
                "split",
                "kind",
                "origin",
                "output",
                "thought",
                "rejected",
                question_text().alias("asked"),
            ),
        )
        for table in tables
        for frame in table.frames(NEEDED)
    ]
    if not parts:
        return pl.DataFrame(schema={"pair_id": pl.String, "of": pl.String})
    return ask(
        """WITH ranked AS (
             SELECT *, md5(pair_id) AS draw, kind IN ('unknown', 'recall') AS aside FROM pairs),
           best AS (
             SELECT *, first_value({'id': pair_id, 'place': place, 'aside': aside}) OVER (
                      PARTITION BY question ORDER BY aside, place, idle, source, draw, pair_id) AS first,
                    first_value(pair_id) OVER (
                      PARTITION BY question, place, kind, answers ORDER BY idle, source, draw, pair_id) AS same
             FROM ranked)
           SELECT pair_id, CASE WHEN place > first.place OR aside AND NOT first.aside
                                THEN first.id ELSE same END AS of
           FROM best WHERE of <> pair_id ORDER BY pair_id""",
        pairs=pl.concat(parts),
    )
