"""A small workspace of two corpora, and how tests run it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from curate.cli import main
from curate.run import PastRun

RECIPE = """\
name: small
corpora:
  companies: {path: companies.csv, key: id, identity: [id], text: "{{name}}。{{intro}}"}
  news: {path: news.jsonl, key: id, tier: secondary}
clean:
  - fold_width
  - drop_short: {min_chars: 3, only: [news]}
  - mask_pii
dedupe: {same_key: , exact: , minhash: }
synthesize:
  tasks:
    - template: {corpus: companies, file: pairs.yaml}
export: [llamafactory, rag]
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def make(folder: Path) -> Path:
    """A workspace with two corpora; returns its recipe."""
    companies = [
        f"{n},展会服务{n}公司,为第{n * 7}届展会提供搭建、物流和第{n}号翻译服务，电话1381234{n:04d}。"
        for n in range(60)
    ]
    (folder / "companies.csv").write_text("id,name,intro\n" + "\n".join(companies) + "\n", encoding="utf-8")
    news = [{"id": n, "text": f"第{n}号消息：本届展会第{n * 13}个展位已经订出"} for n in range(40)] + [
        {"id": 99, "text": "顶"}
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in news)
    (folder / "news.jsonl").write_text(lines + "{\n", encoding="utf-8")
    pairs = (
        "- question: intro\n  ask: ['{{ name }}做什么？', '请介绍{{ name }}。']\n  answer: '{{ intro }}'\n"
    )
    (folder / "pairs.yaml").write_text(pairs, encoding="utf-8")
    (folder / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    return folder / "recipe.yaml"


def fresh(past: PastRun) -> list[tuple[str, str, str]]:
    return [(step.phase, step.unit, step.corpus) for step in past.steps if not step.cached]
