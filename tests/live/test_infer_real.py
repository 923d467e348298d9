"""Drafts of real data: they load, and reject what they tell of and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.schema_work import draft_of, open_source

pytestmark = pytest.mark.live

FILES = (
    "structured/companies_smoothnlp.jsonl.gz",
    "structured/conferences_confs_tech.jsonl.gz",
    "structured/divisions_streets.jsonl.gz",
    "structured/financedatabase_companies.jsonl.gz",
    "structured/product_names_chainkg.jsonl.gz",
    "structured/talks_pyvideo.jsonl.gz",
    "reports/laws_zh.jsonl.gz",
    "news/xwlb_html.jsonl.gz",
    "community/v2ex_topics.jsonl.gz",
    "comments/waimai_10k.jsonl.gz",
)


@pytest.mark.parametrize("name", FILES)
def test_a_draft_of_real_data_rejects_what_it_tells_of(name: str, shared_data: Path) -> None:
    tried = draft_of(open_source(shared_data, name, None, "Thing", {}), 0.01)
    rejected, fields = tried.judged
    print(
        f"{name}: {tried.draft.rows:,} rows, {len(tried.draft.fields)} columns, {rejected:,} rejected, {fields}"
    )
    assert fields == tried.draft.misfits
    assert rejected <= 0.02 * tried.draft.rows
