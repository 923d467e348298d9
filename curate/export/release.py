"""Release: a folder ``exports/<name>/<version>/`` that is made once and never changed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock

from curate import __version__
from curate.algorithms.cap import USUAL, Cap
from curate.errors import CurateError, GateFailed
from curate.export.card import write_card
from curate.export.check_release import check_frame, findings_text
from curate.export.data import Data, DataFiles
from curate.export.decide import parts_of
from curate.export.gates import counted, gate, lost_or_added, retrieved_test
from curate.export.llamafactory import Llamafactory
from curate.export.training.configs import write_configs
from curate.export.training.plan import Part, Plan, choose
from curate.export.writers import Written
from curate.files import need_own, sha256_of_file, write_json, write_text
from curate.language import say
from curate.rows import Table

#: The trainer's own, below a release but no part of it.
OUTPUT = "output"
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
#: Category -> weight, for a trainer that weighs its loss.
WEIGHTS = "class_weights.json"


def versions(folder: Path) -> dict[int, Path]:
    """Number -> release of a data set's folder, oldest first."""
    found = {int(path.name[1:]): path for path in folder.glob("v*") if re.fullmatch(r"v[1-9]\d*", path.name)}
    return dict(sorted(found.items()))


def read_manifest(release: Path) -> dict[str, Any]:
    """A release's manifest.

    Raises:
        CurateError: there is none, or it is no JSON.
    """
    try:
        found: dict[str, Any] = json.loads((release / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise CurateError(
            say(
                f"{release} 不是一个发布版本：没有 {MANIFEST}",
                f"{release} is no release: it has no {MANIFEST}",
            ),
            say("给出 exports/名称/v1 这样的文件夹", "name a folder such as exports/NAME/v1"),
        ) from None
    except ValueError as error:
        raise CurateError(
            say(f"{release / MANIFEST} 读不出来：{error}", f"{release / MANIFEST} cannot be read: {error}"),
            say(
                "这个版本坏了，重新复制或重新生成", "the release is damaged: copy it again or make a new one"
            ),
        ) from error
    return found


def find_release(folder: Path, key: str) -> Path | None:
    """The version that was made from the same pairs with the same options."""
    for path in versions(folder).values():
        try:
            if read_manifest(path).get("key") == key:
                return path
        except CurateError:
            continue  # a damaged one is nobody's result; `curate export verify` says so
    return None


def need_unchanged(release: Path, digest: Callable[[Path], str] = sha256_of_file) -> None:
    """Raises:
    CurateError: a file of the release is gone or was changed since it was made; the first of them.
    """
    for name, about in read_manifest(release)["files"].items():
        file = release / name
        if not file.is_file() or digest(file) != about["sha256"]:
            raise CurateError(
                say(
                    f"{file} 被改动或删除了，发布版本不能改",
                    f"{file} was changed or removed; a release does not change",
                ),
                say(
                    f"恢复它，或删除文件夹 {release} 后再运行，会重新生成",
                    f"restore it, or delete {release} and run again: it is made anew",
                ),
            )


@dataclass(frozen=True)
class Order:
    """What a release is made of.

    Attributes:
        name: the data set's.
        key: what the release depends on, as a digest.
        tables: the pairs.
        chunks: the retrieval set of the same run.
        fit: the figures of the phase fit: cutoff, longest, longest_kept, over, bars, measured, thinking, dropped.
        scratch: a folder for what does not fit into memory.
        cap: the cap that holds for it (``cap`` and ``counts``), with the figures of the phase cap.
        weights: the categories of the training set with their class weights; None where the recipe balances nothing.
        overridden: gates that failed and that a person answered for: gate, problem, reason, who.
        statistics: a section for the card on what may be published of the data, and its figures; None where there is none.
    """

    exporter: Llamafactory
    workspace: Path
    name: str
    key: str
    tables: list[Table]
    chunks: list[Table]
    fit: dict[str, Any]
    scratch: Path
    cap: dict[str, Any] = field(default_factory=lambda: {"cap": str(USUAL), "counts": ["llm"]})
    weights: dict[str, Any] | None = None
    overridden: tuple[dict[str, str], ...] = ()
    statistics: tuple[str, dict[str, Any]] | None = None


def write_release(order: Order) -> tuple[Path, dict[str, Any]]:
    """Make the next version; returns its folder and its manifest.

    It is written beside its place and renamed: nobody sees half a release. What a killed run left is removed.

    Raises:
        GateFailed: a limit is exceeded.
        CurateError: nothing to train on, or the model does not fit the card.
    """
    folder = need_own(order.workspace / "exports" / order.name, order.workspace)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".release.lock"):
        making = folder / ".making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        number = max(versions(folder), default=0) + 1
        manifest = _make(order, making, f"v{number}")
        target = folder / f"v{number}"
        making.rename(target)
    return target, manifest


def _make(order: Order, folder: Path, version: str) -> dict[str, Any]:
    exporter = order.exporter
    files = DataFiles(
        folder, order.name, exporter.formats, exporter.files, exporter.shard_rows, exporter.questions,
        exporter.personal_data,
    )  # fmt: skip
    data = files.write(order.tables, order.scratch)
    _gate(folder, order, data)
    trained = next(form for form in exporter.formats if form in ("alpaca", "sharegpt"))
    parts = parts_of(data.rows, data.pairs, data.thoughts, order.name, trained, order.fit["longest_kept"])
    if not parts:
        raise CurateError(
            say("训练集是空的", "the training set is empty"),
            say("看 split 的比例，以及 curate show fit", "look at split.ratios, and at curate show fit"),
        )
    plans = _plans(order, parts)
    write_configs(
        folder,
        order.name,
        plans,
        parts,
        model_path=exporter.model_path or None,
        overrides=exporter.train,
        predict=f"{order.name}_predict" if data.asked.total() else None,
    )
    if order.weights is not None:
        write_json(folder / WEIGHTS, order.weights, indent=1)
    about = _about(order, folder, version, data, parts, plans)
    write_card(folder, about, plans[parts[0].stage], parts, order.statistics[0] if order.statistics else "")
    manifest = _seal(folder, data, about)
    wrong = check_frame(folder)
    if wrong:
        raise CurateError(
            findings_text(wrong),
            say(
                "改配方里的 llamafactory 一节；改不了就请报告",
                "mend llamafactory in the recipe; if you cannot, report it",
            ),
        )
    return manifest


def _plans(order: Order, parts: list[Part]) -> dict[str, Plan]:
    """A plan a stage: the two sequences of a preference shall not push the others into fewer bits."""
    exporter = order.exporter
    return {
        part.stage: choose(
            exporter.model_in(order.workspace),
            exporter.gpu,
            cutoff=order.fit["cutoff"],
            longest=part.longest,
            rows=part.rows_train,
            part=part,
            method=None if exporter.method == "auto" else exporter.method,
            catalogue=exporter.catalogue(order.workspace).values(),
        )
        for part in parts
    }


def _about(
    order: Order, folder: Path, version: str, data: Data, parts: list[Part], plans: dict[str, Plan]
) -> dict[str, Any]:
    """The manifest but for its files."""
    model = plans[parts[0].stage].model
    return {
        "name": order.name,
        "version": version,
        "exporter": "llamafactory",
        "key": order.key,
        "curate": __version__,
        "model": model.name,
        "template": model.template,
        "methods": {stage: plan.method for stage, plan in plans.items()},
        "gpu": order.exporter.gpu.model_dump(mode="json"),
        "memory_gb": {stage: round(plan.estimate.total, 2) for stage, plan in plans.items()},
        "cap": order.cap | {"rows": counted(folder / "provenance.parquet", Cap.of(order.cap))},
        "personal_data": sorted(order.exporter.personal_data),
        "tokens": order.fit,
        "datasets": {dataset: data.rows[dataset] for dataset in sorted(data.rows)},
        "pairs": _nested(data.pairs),
        "thoughts": _nested(data.thoughts),
        "asked": data.asked.total(),
        "not_asked": data.not_asked,
        "stages": {part.stage: asdict(part) for part in parts},
        **({"overrides": list(order.overridden)} if order.overridden else {}),
        **({"privacy": order.statistics[1]} if order.statistics else {}),
    }


def _gate(folder: Path, order: Order, data: Data) -> None:
    problems = gate(folder / "provenance.parquet", Cap.of(order.cap)) + lost_or_added(folder, order.name)
    leaked = retrieved_test(folder / "provenance.parquet", order.chunks)
    if leaked:
        problems.append(
            (
                say(
                    f"检索库里有 {leaked} 条测试集的行",
                    f"the retrieval set holds {leaked} rows of the test set",
                ),
                say("这是程序的错误，请报告给开发者", "this is a defect of curate: report it"),
            )
        )
    liked, disliked = data.liked["train", True], data.liked["train", False]
    if bool(liked) != bool(disliked):
        problems.append(
            (
                say(
                    f"训练集里的评价全是一种：满意 {liked}，不满意 {disliked}；KTO 学不到东西",
                    f"all ratings of the training set are the same: {liked} liked, {disliked} not; KTO learns nothing from them",
                ),
                say("补上另一种评价，或去掉 desirable", "add ratings of the other kind, or drop desirable"),
            )
        )
    if problems:
        raise GateFailed(
            say("；", "; ").join(what for what, _ in problems),
            say("；", "; ").join(hint for _, hint in problems),
            gate="release",
        )


def _nested(counts: dict[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (split, kind), rows in sorted(counts.items()):
        found.setdefault(split, {})[kind] = rows
    return found


def _seal(folder: Path, data: Data, about: dict[str, Any]) -> dict[str, Any]:
    """Write the manifest and SHA256SUMS, last: what there is, and the digest of everything."""
    known: dict[str, Written] = {file.path: file for file in data.files}
    files = {}
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        name = path.relative_to(folder).as_posix()
        done = known.get(name)
        files[name] = {
            "rows": done.rows if done else None,
            "bytes": path.stat().st_size,
            "sha256": done.sha256 if done else sha256_of_file(path),
        }
    manifest = {**about, "files": files}
    write_json(folder / MANIFEST, manifest, indent=1)
    sums = {name: file["sha256"] for name, file in files.items()} | {
        MANIFEST: sha256_of_file(folder / MANIFEST)
    }
    write_text(folder / SUMS, "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())))
    return manifest
