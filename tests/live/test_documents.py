"""Documents of the real corpora: web pages with their content marked, and raw files in GBK.

Main content of the 22 pages of mozilla/readability's tests, as mean precision, recall and F1 of tokens, measured with
the same tokens and the releases named. The pages are the ones that readability's rules, and readability-lxml's after
them, were made for; the thresholds of ours were looked at on them too.

=================================  =========  ======  =====
extractor                          precision  recall  F1
=================================  =========  ======  =====
all text                           0.743      1.000   0.817
trafilatura 2.3.1                  0.906      0.894   0.869
trafilatura 2.3.1 favor_precision  0.966      0.883   0.907
resiliparse 2.0.1 main_content     0.942      0.991   0.963
readability-lxml 0.9               0.994      0.968   0.979
curate                             0.986      0.996   0.991
=================================  =========  ======  =====

The same on the 13 invented Chinese layouts of ``tests/sources/documents/pages.py`` (made by the author of the rules):

=================================  =========  ======  =====
all text                           0.560      1.000   0.684
trafilatura 2.3.1                  0.761      0.987   0.837
trafilatura 2.3.1 favor_precision  0.909      0.837   0.860
resiliparse 2.0.1 main_content     0.841      0.886   0.851
readability-lxml 0.9               0.895      0.854   0.866
curate                             0.974      1.000   0.986
=================================  =========  ======  =====
"""

from __future__ import annotations

import gzip
import json
import tarfile
from pathlib import Path
from statistics import mean

import pytest
from lxml import html

from curate.cache import Cache
from curate.files import sha256_of
from curate.options import files_of
from curate.sources import Corpus, read
from curate.sources.documents import read_document
from curate.sources.opening import File
from tests.sources.documents.pages import scores, tokens

pytestmark = pytest.mark.live


def unpacked(archive: Path, folder: Path) -> Path:
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    return folder


def all_text(page: str) -> str:
    root = html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))
    for element in root.xpath("//script | //style | //noscript | //template"):
        element.drop_tree()
    return "\n".join(root.itertext())


def text_of(path: Path, **options: bool) -> str:
    [batch] = read_document(File(path, Corpus(path="a", format="html", **options), path.name))
    return str(batch.rows["text"][0]) if batch.rows.height else ""


def test_the_main_content_of_web_pages(shared_data: Path, tmp_path: Path) -> None:
    folder = unpacked(shared_data / "noise/html_readability.tar.gz", tmp_path)
    pages = sorted(folder.rglob("source.html"))
    wanted = [all_text(path.with_name("expected.html").read_text(encoding="utf-8")) for path in pages]
    measured = [scores(text_of(path), text) for path, text in zip(pages, wanted, strict=True)]
    stripped = [
        scores(all_text(path.read_text(encoding="utf-8")), text)
        for path, text in zip(pages, wanted, strict=True)
    ]
    precision, recall, f1 = (mean(values) for values in zip(*measured, strict=True))
    print(f"{len(pages)} pages: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")
    assert len(pages) == 22
    assert f1 > 0.98 > mean(value[2] for value in stripped)
    assert recall > 0.99
    assert min(value[1] for value in measured) > 0.94


def test_hardly_anything_is_lost_of_posts_and_news_that_are_content_only(
    shared_data: Path, tmp_path: Path
) -> None:
    """Bodies of articles and posts, where taking out what is beside the content may only do harm."""
    lost = documents = 0
    for name, column in (
        ("news/xwlb_html.jsonl.gz", "content_html"),
        ("community/v2ex_topics.jsonl.gz", "content_html"),
    ):
        with gzip.open(shared_data / name, "rt", encoding="utf-8") as lines:
            bodies = [body for line in lines if "<" in (body := json.loads(line).get(column) or "")][:1000]
        for body in bodies:
            (tmp_path / "a.html").write_text(body, encoding="utf-8")
            every, kept = tokens(all_text(body)), tokens(text_of(tmp_path / "a.html"))
            documents += 1
            lost += (every - kept).total() > 0.05 * every.total()
    print(f"{lost} of {documents} lost more than a twentieth of their text")
    assert documents > 1500
    assert lost < 0.01 * documents


def test_raw_files_in_gbk_are_read_or_dropped_with_a_reason(shared_data: Path, tmp_path: Path) -> None:
    folder = unpacked(shared_data / "news/fudan_gbk_raw.tar.gz", tmp_path)
    paths = files_of(folder, "**/*.txt")
    step = read(Corpus(path="**/*.txt"), "c", paths, Cache(tmp_path / "runs"), sha256_of("c"), 50_000)
    print(step.kept, step.dropped, step.reasons)
    assert len(paths) == 939 == step.kept + step.dropped
    assert set(step.reasons) <= {"undecodable"}
    assert step.kept > 700
