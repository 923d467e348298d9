"""What is new in a release: pairs, splits, settings, lengths; and whether a test row of the old one is now trained on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from curate.errors import CurateError
from curate.export.checks.layout import PROVENANCE, read_manifest
from curate.export.checks.origin import read_provenance
from curate.export.checks.quote import quotes
from curate.language import say
from curate.rows import SPLITS
from curate.yaml_lines import read_yaml

#: examples of each kind of difference
EXAMPLES = 3
#: what the pairs of a difference are counted by
COUNTED = ("split", "kind", "origin", "corpus", "task")
#: the manifest's figures that are compared
MODEL = ("model", "template", "methods", "gpu", "curate", "personal_data", "asked")
TOKENS = ("cutoff", "longest", "over", "measured")
RED, PLAIN = "\x1b[31m", "\x1b[0m"


@dataclass(frozen=True)
class Pairs:
    """Some pairs: how many, by split, kind, origin, corpus and task; and a few of them with what they say."""

    count: int = 0
    by: dict[str, dict[str, int]] = field(default_factory=dict)
    examples: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class ReleaseDiff:
    """The differences of two releases. Values that changed are ``[old, new]``; None where there is none.

    Attributes:
        leaked: pairs that train in the new one and are about what the old one's test asks: a model trained on the new
            release must not be compared on the old test set.
        moved: ``train > test`` -> pairs.
        settings: YAML -> key -> [old, new].
        files: data files of other bytes although none of their pairs changed (order, or tools).
    """

    old: str
    new: str
    added: Pairs
    removed: Pairs
    changed: Pairs
    leaked: Pairs
    moved: dict[str, int]
    model: dict[str, list[Any]]
    tokens: dict[str, list[Any]]
    settings: dict[str, dict[str, list[Any]]]
    files: list[str]

    @property
    def same(self) -> bool:
        """Nothing but the name differs."""
        pairs = self.added.count + self.removed.count + self.changed.count + self.leaked.count
        return not (pairs or self.moved or self.model or self.tokens or self.settings or self.files)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "same": self.same}

    def text(self, color: bool = False) -> str:
        """For people; the leak in red, where there are colors."""
        lines = [f"{self.old} → {self.new}"]
        if self.same:
            return "\n".join([*lines, say("没有区别", "no difference")])
        lines += self._leak(color)
        for title, pairs in (
            (say("新增", "added"), self.added), (say("去掉", "removed"), self.removed), (say("改了", "changed"), self.changed),
        ):  # fmt: skip
            lines += _pairs_text(title, pairs)
        lines += [
            say(f"换了划分 {move}：{count:,} 条", f"moved {move}: {count:,}")
            for move, count in self.moved.items()
        ]
        lines += _values_text(say("模型", "model"), self.model) + _values_text(
            say("长度", "lengths"), self.tokens
        )
        for file, values in self.settings.items():
            lines += _values_text(file, values)
        if self.files:
            told = ", ".join(self.files)
            lines.append(
                say(
                    f"内容没变、文件变了（顺序或工具）：{told}",
                    f"other files of the same pairs (order, tools): {told}",
                )
            )
        return "\n".join(lines)

    def _leak(self, color: bool) -> list[str]:
        if not self.leaked.count:
            return []
        told = say(
            f"危险：{self.leaked.count:,} 条训练数据和 {self.old} 的测试集是同一个问题或同一行；"
            f"用旧测试集评新模型会偏高，只能用 {self.new} 的测试集",
            f"DANGER: {self.leaked.count:,} training pairs are about what the test set of {self.old} asks; on it the new "
            f"model would look too good: use the test set of {self.new}",
        )
        return [f"{RED}{told}{PLAIN}" if color else told, *(_example(one) for one in self.leaked.examples)]


def diff(old: Path, new: Path) -> ReleaseDiff:
    """Compare two releases.

    Raises:
        CurateError: one of them is no release, or its provenance cannot be read.
    """
    (before, was), (after, now) = _read(old), _read(new)
    both = was.join(now, on="pair_id", suffix="_now")
    changed = both.filter(pl.col("content_md5") != pl.col("content_md5_now"))
    moved = both.filter(pl.col("split") != pl.col("split_now"))
    moves = moved.group_by("split", "split_now").len().sort("split", "split_now")
    added, removed = now.join(was, on="pair_id", how="anti"), was.join(now, on="pair_id", how="anti")
    tested = was.filter(pl.col("split") == "test")
    # the same question; or another one about a row, or a group of similar rows, that was tested
    shared = [
        pl.col(name).is_in(tested[name].drop_nulls().implode())
        for name in ("question_md5", "parent_id", "cluster_id")
    ]
    leaked = now.filter((pl.col("split") == "train") & pl.any_horizontal(shared))
    same_pairs = added.is_empty() and removed.is_empty() and changed.is_empty() and moved.is_empty()
    return ReleaseDiff(
        old=_name(old, before),
        new=_name(new, after),
        added=_pairs(added, new, after),
        removed=_pairs(removed, old, before),
        changed=_changed(changed, old, before, new, after),
        leaked=_pairs(leaked, new, after),
        moved={f"{a} > {b}": count for a, b, count in moves.iter_rows()},
        model=_values(before, after, MODEL),
        tokens=_values(before["tokens"], after["tokens"], TOKENS),
        settings=_settings(old, new),
        files=_files(before, after) if same_pairs else [],
    )


def _read(release: Path) -> tuple[dict[str, Any], pl.DataFrame]:
    manifest, wrong = read_manifest(release)
    pairs, more = read_provenance(release) if manifest else (pl.DataFrame(), [])
    if wrong or more or pairs.is_empty():
        told = str((wrong + more)[0]) if wrong or more else PROVENANCE
        raise CurateError(
            say(f"{release} 不能比较：{told}", f"{release} cannot be compared: {told}"),
            say("给出 exports/名称/v1 这样的文件夹；核对：curate export verify", "name a folder such as exports/NAME/v1; check it: curate export verify"),
        )  # fmt: skip
    return manifest, pairs


def _name(release: Path, manifest: dict[str, Any]) -> str:
    return f"{manifest['name']} {manifest['version']}" if manifest["version"] else release.name


def _counts(pairs: pl.DataFrame) -> dict[str, dict[str, int]]:
    found = {}
    for column in COUNTED:
        counts = (
            pairs.group_by(pl.col(column).fill_null("")).len().sort("len", column, descending=[True, False])
        )
        found[column] = dict(counts.iter_rows())
    order = {split: place for place, split in enumerate(SPLITS)}
    found["split"] = dict(sorted(found["split"].items(), key=lambda item: order.get(item[0], len(order))))
    return found


def _few(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.sort("pair_id").head(EXAMPLES)


def _pairs(pairs: pl.DataFrame, release: Path, manifest: dict[str, Any]) -> Pairs:
    if pairs.is_empty():
        return Pairs()
    few = _few(pairs)
    said = quotes(release, manifest, few["content_md5"].to_list())
    examples = [
        {"pair_id": pair, "text": said.get(md5, "")}
        for pair, md5 in few.select("pair_id", "content_md5").iter_rows()
    ]
    return Pairs(pairs.height, _counts(pairs), examples)


def _changed(
    pairs: pl.DataFrame, old: Path, before: dict[str, Any], new: Path, after: dict[str, Any]
) -> Pairs:
    """Pairs of the same id that say something else, counted as they are in the new release."""
    if pairs.is_empty():
        return Pairs()
    few = _few(pairs)
    was = quotes(old, before, few["content_md5"].to_list())
    now = quotes(new, after, few["content_md5_now"].to_list())
    examples = [
        {"pair_id": pair, "old": was.get(a, ""), "text": now.get(b, "")}
        for pair, a, b in few.select("pair_id", "content_md5", "content_md5_now").iter_rows()
    ]
    counted = pairs.select(pl.col(f"{column}_now").alias(column) for column in COUNTED)
    return Pairs(pairs.height, _counts(counted), examples)


def _values(
    old: dict[str, Any], new: dict[str, Any], keys: tuple[str, ...] | list[str]
) -> dict[str, list[Any]]:
    return {key: [old.get(key), new.get(key)] for key in keys if old.get(key) != new.get(key)}


def _settings(old: Path, new: Path) -> dict[str, dict[str, list[Any]]]:
    names = sorted({path.name for release in (old, new) for path in release.glob("*.yaml")})
    found = {}
    for name in names:
        was, now = (
            (read_yaml(release / name).value or {}) if (release / name).is_file() else {}
            for release in (old, new)
        )
        values = _values(was, now, list(dict.fromkeys([*was, *now])))
        if values:
            found[name] = values
    return found


def _files(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Files of rows that differ; what names the version differs always."""
    rows = {
        name
        for files in (old["files"], new["files"])
        for name, about in files.items()
        if about.get("rows") is not None
    }
    digests = [
        {name: about["sha256"] for name, about in manifest["files"].items()} for manifest in (old, new)
    ]
    return sorted(name for name in rows - {PROVENANCE} if digests[0].get(name) != digests[1].get(name))


def _pairs_text(title: str, pairs: Pairs) -> list[str]:
    if not pairs.count:
        return []
    lines = [say(f"{title} {pairs.count:,} 条", f"{title}: {pairs.count:,} pairs")]
    for column, counts in pairs.by.items():
        shown = list(counts.items())[:8]
        told = ", ".join(f"{name or '-'} {count:,}" for name, count in shown)
        lines.append(f"  {column}: {told}" + (" ..." if len(counts) > len(shown) else ""))
    return [*lines, *(_example(one) for one in pairs.examples)]


def _example(one: dict[str, str]) -> str:
    changed = f"{one['old']} → {one['text']}" if "old" in one else one["text"]
    return f"  · {one['pair_id']}  {changed}"


def _values_text(title: str, values: dict[str, list[Any]]) -> list[str]:
    return [f"{title} {key}: {_shown(old)} → {_shown(new)}" for key, (old, new) in values.items()]


def _shown(value: Any) -> str:
    return say("（没有）", "(none)") if value is None else str(value)
