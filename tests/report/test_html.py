"""The HTML page of a run: whole in itself, true in its figures, and closed to markup from the data."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from curate.cli import main
from curate.report.summary import summary
from curate.run import PastRun

VOID = {"meta", "br"}


class Page(HTMLParser):
    """Gathers the text and checks that every element is closed."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def report(workspace: Path) -> Page:
    result = CliRunner().invoke(main, ["report", "-C", str(workspace)])
    assert result.exit_code == 0, result.output
    return whole(Path(result.output.strip()).read_text(encoding="utf-8"))


def whole(source: str) -> Page:
    page = Page(source)
    assert page.open == []
    return page


@pytest.fixture(scope="module")
def page(expo_page: str) -> Page:
    return whole(expo_page)


def test_the_page_holds_every_corpus_and_the_accounting(page: Page, expo_run: PastRun) -> None:
    text = " ".join(page.words)
    lines = summary(expo_run)
    read, kept, gone = (sum(getattr(line, name) for line in lines) for name in ("read", "kept", "gone"))
    assert read == kept + gone
    assert f"核对：读入 {read:,} = 保留 {kept:,} + 丢弃 {gone:,}" in text
    for line in lines:
        assert line.corpus in text
        for reason in line.by_reason:
            assert reason in text


def test_the_page_needs_nothing_from_elsewhere(page: Page) -> None:
    assert page.links == []
    assert "script" not in page.tags


def test_the_page_names_the_exported_files(page: Page, expo: Path) -> None:
    files = json.loads((expo / "exports/expo/rag/manifest.json").read_text("utf-8"))["files"]
    text = " ".join(page.words)
    assert "chunks.jsonl" in text
    assert files["chunks.jsonl"]["sha256"][:16] in text


def test_a_row_cannot_bring_its_own_markup(tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(
        '{"text": "<script>alert(1)</script>"}\n{"text": "好"}\n', encoding="utf-8"
    )
    (tmp_path / "recipe.yaml").write_text(
        "name: small\ncorpora: {posts: {path: posts.jsonl, tier: secondary}}\nclean: [{drop_short: {min_chars: 50}}]\n"
        "export: [rag]\n",
        encoding="utf-8",
    )
    assert CliRunner().invoke(main, ["run", str(tmp_path / "recipe.yaml")]).exit_code == 0
    page = report(tmp_path)
    assert "script" not in page.tags
    assert "<script>alert(1)</script>" in " ".join(page.words)


def test_a_report_of_a_failed_run_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text('{"text": "今日开幕"}\n', encoding="utf-8")
    (tmp_path / "recipe.yaml").write_text(
        "name: small\ncorpora: {posts: {path: posts.jsonl, text: title, tier: secondary}}\nexport: [rag]\n",
        encoding="utf-8",
    )
    assert CliRunner().invoke(main, ["run", str(tmp_path / "recipe.yaml")]).exit_code == 1
    assert re.search("失败", " ".join(report(tmp_path).words))
