"""Is what stands in the files what provenance.parquet says, and does no question stand in two splits?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from curate.algorithms.cap import Cap
from curate.algorithms.personal_data import Kind, kinds_in
from curate.export.checks.finding import Finding, anew, learns
from curate.export.checks.info import DataSet
from curate.export.checks.layout import MANIFEST, PROVENANCE
from curate.export.checks.reading import parquet_batches
from curate.export.checks.words import NAMED, rows_found
from curate.export.gates import counted, gate
from curate.export.provenance import FORMS, IDENTITY
from curate.export.provenance import PROVENANCE as COLUMNS
from curate.export.tokens import fits
from curate.language import say
from curate.pairs import ASKED_ONLY, KINDS
from curate.rows import SPLITS

#: Columns that are never null: a row has no cluster where nothing is similar to it, and only a model's pair has a model.
ALWAYS = ("pair_id", "corpus", "split", "kind", "origin", "question_md5", "content_md5")
#: What is held in memory of every pair; texts are looked at batch by batch.
NARROW = [*IDENTITY, "of_pair", "score", "model"]
ORIGINS = ("real", "template", "llm")


def read_provenance(folder: Path) -> tuple[pl.DataFrame, list[Finding]]:
    """The provenance (no rows where it cannot be read) without its texts, and what is wrong with its columns.

    A release that was made before there were columns for the making has them as nulls.
    """
    nothing = pl.DataFrame(schema=COLUMNS).select(NARROW)
    if not (folder / PROVENANCE).is_file():
        return nothing, []  # named as missing already
    try:
        batches = parquet_batches(folder / PROVENANCE)
        there = next(batches).schema
        if there not in [pl.Schema(form) for form in FORMS]:
            return nothing, [
                _told(say(f"列应当是 {list(COLUMNS)}", f"its columns should be {list(COLUMNS)}"))
            ]
        more = [pl.lit(None, COLUMNS[name]).alias(name) for name in NARROW if name not in there]
        return pl.concat([nothing, *(batch.with_columns(more).select(NARROW) for batch in batches)]), []
    except (OSError, ValueError, TypeError) as error:  # Arrow's own errors are among them
        return nothing, [_told(say(f"读不出来：{error}", f"cannot be read: {error}"))]


def _told(what: str, line: int | None = None, hint: str = "") -> Finding:
    return Finding(PROVENANCE, line, what, hint or anew())


def check_provenance(
    folder: Path, manifest: dict[str, Any], pairs: pl.DataFrame, personal: list[Kind]
) -> list[Finding]:
    """The provenance by itself and beside the manifest; and what must hold for the whole release.

    Args:
        personal: the kinds of personal data that must not be there.
    """
    found = []
    known = {"split": SPLITS, "kind": KINDS, "origin": ORIGINS}
    for column in NARROW:
        nulls = pairs[column].null_count()
        if nulls and column in ALWAYS:
            found.append(_told(say(f"{column} 有 {nulls} 个 null", f"{column} has {nulls} null(s)")))
        strange = (
            pairs[column].drop_nulls().unique().sort() if column in known else pl.Series([], dtype=pl.String)
        )
        for value in strange.filter(~strange.is_in(list(known.get(column, ())))):
            found.append(_told(say(f"{column} 没有 {value} 这个值", f"{column} has no value {value}")))
    if pairs["pair_id"].is_duplicated().any():
        twice = pairs.filter(pl.col("pair_id").is_duplicated())["pair_id"][0]
        found.append(_told(say(f"pair_id {twice} 出现两次", f"the pair_id {twice} stands twice")))
    cutoff = manifest["tokens"]["cutoff"]
    over = int((~fits(pairs["tokens"], cutoff)).sum())
    if over:
        told = say(
            f"{over} 条放不进 cutoff_len {cutoff}，会被悄悄截掉",
            f"{over} pair(s) do not fit into cutoff_len {cutoff} and would be cut silently",
        )
        found.append(_told(told))
    found += [*_written(pairs), *_quoted(folder, personal)]
    found += [_told(what, hint=hint) for what, hint in _gated(folder, manifest)]
    return found + list(_counts(manifest, pairs))


def _written(pairs: pl.DataFrame) -> Iterator[Finding]:
    """What a model wrote counts as written by one, and trains only; so does what was made from it without a model."""
    llm = pl.col("origin") == "llm"
    written = pairs.filter(pl.col("model").is_not_null())
    base = pairs.filter(llm).select(pl.col("pair_id").alias("of_pair"))
    hidden = pl.concat([written.filter(~llm), pairs.filter(~llm).join(base, on="of_pair")])
    tested = written.filter((pl.col("split") != "train") & llm)
    if hidden.height:
        such_as = hidden["pair_id"].sort()[0]
        yield _told(
            say(
                f"{hidden.height:,} 条是大模型写的，却没有记作 llm，例如 {such_as}；上限就管不到它们",
                f"a model wrote {hidden.height:,} pair(s) that do not say so, such as {such_as}; the cap passes them by",
            )
        )
    if tested.height:
        such_as = tested["pair_id"].sort()[0]
        yield _told(
            say(
                f"{tested.height:,} 条大模型写的不在训练集里，例如 {such_as}；不能拿它们来评测",
                f"{tested.height:,} pair(s) of a model are not in the training set, such as {such_as}: they cannot judge one",
            )
        )
    odd = pairs.filter(~pl.col("score").is_between(0, 1))  # null is neither
    if odd.height:
        such_as = odd["pair_id"].sort()[0]
        yield _told(
            say(f"{such_as} 的 score 不在 0 到 1 之间", f"the score of {such_as} is not between 0 and 1")
        )


def _quoted(folder: Path, personal: list[Kind]) -> Iterator[Finding]:
    """Sources and evidence are quoted: they hold no more personal data than the pairs may."""
    for batch in parquet_batches(folder / PROVENANCE):
        for column in ("source", "evidence") if "source" in batch.columns else ():
            kinds = kinds_in(batch[column], personal)
            if kinds.is_not_null().any():
                such_as = batch.filter(kinds.is_not_null())["pair_id"][0]
                told = ", ".join(kinds.drop_nulls().unique().sort())
                yield _told(
                    say(
                        f"{such_as} 的 {column} 里有个人信息（{told}）",
                        f"{column} of {such_as} holds personal data ({told})",
                    )
                )
                return


def _gated(folder: Path, manifest: dict[str, Any]) -> list[tuple[str, str]]:
    """What stands against the release as a whole; a manifest whose cap cannot be used is held to the usual one."""
    try:
        cap = Cap.of(manifest["cap"])
    except (ValueError, TypeError):
        cap = Cap()
    found = gate(folder / PROVENANCE, cap)
    told = manifest["cap"].get("rows") if isinstance(manifest["cap"], dict) else None
    there = counted(folder / PROVENANCE, cap)
    if told is not None and told != there:
        what = say(
            f"manifest.json 的 cap 说的是 {told}，这里是 {there}",
            f"manifest.json tells of {told} for the cap, here are {there}",
        )
        found.append((what, anew()))
    return found


def _counts(manifest: dict[str, Any], pairs: pl.DataFrame) -> Iterator[Finding]:
    counted = {(split, kind): rows for split, kind, rows in pairs.group_by("split", "kind").len().iter_rows()}
    claimed = {
        (split, kind): rows for split, kinds in manifest["pairs"].items() for kind, rows in kinds.items()
    }
    for key in sorted({*counted, *claimed}, key=str):
        there, told = counted.get(key, 0), claimed.get(key, 0)
        if there != told:
            yield Finding(
                MANIFEST,
                None,
                say(
                    f"{key[0]} 的 {key[1]} 写的是 {told:,} 条，{PROVENANCE} 里有 {there:,} 条",
                    f"it tells of {told:,} pairs {key[0]}/{key[1]}, {PROVENANCE} has {there:,}",
                ),
                anew(),
            )


def check_contents(
    manifest: dict[str, Any], sets: dict[str, DataSet], seen: dict[str, pl.DataFrame], pairs: pl.DataFrame
) -> list[Finding]:
    """The rows of LLaMA-Factory's data sets are the pairs of the provenance: the same number, the same contents."""
    found = []
    for name, known in sets.items():
        there, told = seen[name].height, manifest["datasets"][name]
        if there != told:
            what = say(
                f"有 {there:,} 行，应有 {told:,} 行", f"it has {there:,} rows and should have {told:,}"
            )
            found.append(Finding(_file(known), None, f"{what}{say('；', '; ')}{learns()}", anew()))
    for split in SPLITS:
        of_split = pairs.filter(pl.col("split") == split)
        for kinds, endings in (
            (["sft"], ["alpaca", "chat"]), (["sft"], ["sharegpt", "chat"]),
            (["preference"], ["preference"]), (["kto"], ["kto"]), (["pretrain"], ["pretrain"]),
        ):  # fmt: skip
            parts = [known for known in sets.values() if known.split == split and known.ending in endings]
            if any(known.ending == endings[0] for known in parts) or len(endings) == 1:
                wanted = of_split.filter(pl.col("kind").is_in(kinds))["content_md5"]
                found += _same(parts, seen, wanted, f"data/{manifest['name']}_{split}_{endings[0]}")
        predicted = sets.get(f"{manifest['name']}_predict")
        if split == "test" and predicted:
            asked = (pl.col("split") == "test") & (pl.col("kind") == "sft") | pl.col("kind").is_in(ASKED_ONLY)
            wanted = pairs.filter(asked)["content_md5"]
            found += strangers(seen[predicted.name], wanted)
    return list(dict.fromkeys(found))


def _file(known: DataSet) -> str:
    return known.files[0] if len(known.files) == 1 else f"data/{known.name}"


def _same(
    parts: list[DataSet], seen: dict[str, pl.DataFrame], wanted: pl.Series, path: str
) -> Iterator[Finding]:
    """The rows of these data sets are exactly the ``wanted``; each as often."""
    rows = pl.concat([seen[known.name] for known in parts]) if parts else None
    there = rows["content_md5"] if rows is not None else wanted.clear()
    if there.hash().sort().equals(wanted.hash().sort()):
        return  # the usual case, without counting how often each stands there
    if rows is not None:
        yield from strangers(rows, wanted)
    missing = _more(wanted.to_frame("content_md5"), there).height
    if missing:
        told = say(
            f"{PROVENANCE} 里的 {missing:,} 条不在文件里",
            f"{missing:,} pair(s) of {PROVENANCE} are not in the files",
        )
        yield Finding(_file(parts[0]) if parts else path, None, told, anew())


def _more(rows: pl.DataFrame, wanted: pl.Series) -> pl.DataFrame:
    """The rows whose content stands oftener among them than in ``wanted``."""
    numbered = rows.with_columns(pl.int_range(pl.len()).over("content_md5").alias("number"))
    others = wanted.to_frame("content_md5").with_columns(
        pl.int_range(pl.len()).over("content_md5").alias("number")
    )
    return numbered.join(others, on=["content_md5", "number"], how="anti", maintain_order="left")


def strangers(rows: pl.DataFrame, wanted: pl.Series) -> Iterator[Finding]:
    """Rows whose content is none of the ``wanted``."""
    yield from _by_file("stranger", _more(rows, wanted))


def _by_file(code: str, rows: pl.DataFrame, detail: str = "") -> Iterator[Finding]:
    for part in rows.sort("file", "line").partition_by("file", maintain_order=True):
        yield rows_found(part["file"][0], code, part["line"].head(NAMED).to_list(), part.height, detail)


def check_leaks(sets: dict[str, DataSet], seen: dict[str, pl.DataFrame]) -> list[Finding]:
    """Questions of the files themselves that stand in more than one split, in whatever spelling; named where they are
    trained on or validated with.
    """
    parts = [
        seen[name].select("file", "line", "question", pl.lit(known.split).alias("split"))
        for name, known in sets.items()
    ]
    if not parts:
        return []
    asked = pl.concat(parts)
    splits = pl.col("split").n_unique().over("question")
    twice = asked.filter(splits > 1).filter(pl.col("split") != "test")
    return list(_by_file("leak", twice))
