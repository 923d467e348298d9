"""The recipe's shape on real files: every row is accounted for, and the reasons make sense."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from curate.algorithms.minhash import CLASSES
from curate.algorithms.text import normal_form
from curate.export.check_release import check_release
from curate.export.release import read_manifest
from curate.export.verify import verify
from curate.phases import FLOW
from curate.query import query
from curate.run import open_run

pytestmark = pytest.mark.live

READ = {
    "companies": 4936,
    "exhibitions": 3973,
    "forums": 3511,
    "products": 19195,
    "reports": 357,
    "news": 5442,
    "archive": 939,
    "posts": 3162,
    "comments": 24981,
}


def test_every_row_of_the_real_files_is_accounted_for(undisturbed: Path) -> None:
    run = open_run(undisturbed)
    assert run.manifest["status"] == "done"
    for corpus, rows in READ.items():
        flow = [step for step in run.of(corpus) if step.phase in FLOW]
        assert flow[0].rows_in == rows
        assert rows == flow[-1].kept + sum(step.dropped for step in flow)


def test_the_commonest_reasons_are_the_dirt_that_the_files_are_known_for(undisturbed: Path) -> None:
    sql = """SELECT corpus, reason, count(*) AS n FROM dropped
             WHERE phase IN ('sources', 'clean', 'validate', 'dedupe') GROUP BY ALL ORDER BY n DESC LIMIT 10"""
    found = {(corpus, reason): n for corpus, reason, n in query(open_run(undisturbed), sql).iter_rows()}
    print(found)
    assert found["exhibitions", "exact_duplicate"] > 100  # one event in several topic files
    assert found["archive", "exact_duplicate"] > 100  # the same article twice
    assert found["archive", "undecodable"] == 39  # broken GBK
    assert found["reports", "foreign"] == 27  # index pages without a word
    assert sum(found.values()) < 1500


def _jaccard(a: str, b: str) -> float:
    """Plain Python, for comparison."""
    shorter = min(len(a), len(b))
    n = next(n for n, least, most in CLASSES if least <= shorter <= most)
    one, two = ({text[at : at + n] for at in range(max(1, len(text) - n + 1))} for text in (a, b))
    return len(one & two) / len(one | two)


def test_every_near_duplicate_is_as_similar_to_a_row_that_stays_as_it_is_said_to_be(
    undisturbed: Path,
) -> None:
    run = open_run(undisturbed)
    checked = 0
    for corpus in READ:
        pairs = query(
            run,
            f"""SELECT d.row_id, d.text AS a, k.text AS b, d.similarity FROM dropped d LEFT JOIN "{corpus}" k ON k.row_id = d.of
                WHERE d.reason = 'near_duplicate' AND d.corpus = '{corpus}'""",
        )
        plain = pairs.with_columns(normal_form(pl.col("a")), normal_form(pl.col("b")))
        for row_id, a, b, similarity in plain.select("row_id", "a", "b", "similarity").iter_rows():
            assert b, f"{row_id} names a row that is gone"
            assert _jaccard(a, b) == pytest.approx(similarity, abs=1e-9)
            assert similarity >= 0.8
            checked += 1
    assert checked > 50


def test_no_two_distinct_records_became_one(undisturbed: Path) -> None:
    run = open_run(undisturbed)
    for corpus, name in (("companies", "name"), ("products", "name"), ("forums", "title")):
        merged = query(
            run,
            f"""SELECT count(*) AS n FROM dropped d JOIN sources_{corpus} a ON a.row_id = d.row_id
                JOIN sources_{corpus} b ON b.row_id = d.of
                WHERE d.reason LIKE '%duplicate' AND nfc_normalize(lower(regexp_replace(a.{name}, '[^\\p{{L}}\\p{{N}}+#]', '', 'g')))
                <> nfc_normalize(lower(regexp_replace(b.{name}, '[^\\p{{L}}\\p{{N}}+#]', '', 'g')))""",
        )["n"][0]
        assert merged == 0, corpus


def test_the_release_holds_what_its_manifest_says_and_would_train(undisturbed: Path) -> None:
    release = undisturbed / "exports/real/v1"
    files = read_manifest(release)["files"]
    written = [path for path in release.rglob("*.jsonl") if "rag" not in path.parts]
    # split at line feeds only: U+0085 and U+2028 are text
    lines = {path.relative_to(release).as_posix(): path.read_bytes().count(b"\n") for path in written}
    assert lines == {name: about["rows"] for name, about in files.items() if name.endswith(".jsonl")}
    assert sum(lines.values()) > 20_000
    assert [str(finding) for finding in [*verify(release), *check_release(release)]] == []
