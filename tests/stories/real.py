"""The workspace of the real corpora: files of ``../shared/data`` beside the recipe ``real.yaml``."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

FILES = (
    "structured/companies_smoothnlp.jsonl.gz",
    "structured/conferences_confs_tech.jsonl.gz",
    "structured/talks_pyvideo.jsonl.gz",
    "structured/product_names_chainkg.jsonl.gz",
    "reports/laws_zh.jsonl.gz",
    "news/xwlb_html.jsonl.gz",
    "community/v2ex_topics.jsonl.gz",
    "comments/online_shopping_10_cats.jsonl.gz",
)


def make_workspace(shared: Path, folder: Path) -> Path:
    """Link the data files, unpack the archive of GBK texts, copy recipe and templates; returns the recipe."""
    here = Path(__file__).parent
    (folder / "data").mkdir(parents=True)
    for name in FILES:
        (folder / "data" / Path(name).name).symlink_to(shared / name)
    with tarfile.open(shared / "news/fudan_gbk_raw.tar.gz") as archive:
        archive.extractall(folder / "data/fudan", filter="data")
    shutil.copytree(here / "templates", folder / "templates")
    return Path(shutil.copy(here / "real.yaml", folder / "real.yaml"))
