"""The manifest, and what files there must be."""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath
from typing import Any, get_args

from curate.algorithms.cap import Cap
from curate.algorithms.personal_data import Kind
from curate.export.checks.finding import Finding, anew, stops
from curate.export.tokens import TEMPLATES
from curate.export.training.plan import STAGES
from curate.language import say

MANIFEST, SUMS, OUTPUT = "manifest.json", "SHA256SUMS", "output"
INFO, PROVENANCE = "data/dataset_info.json", "provenance.parquet"
#: What a manifest must say.
KEYS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(["name", "version", "exporter", "key", "curate", "model", "template"], str),
    **dict.fromkeys(["gpu", "methods", "tokens", "datasets", "pairs", "thoughts", "stages", "files"], dict),
    **dict.fromkeys(["asked", "not_asked"], int),
    "cap": (float, dict),  # a number, before there was a choice
    "personal_data": list,
}
ALWAYS = [
    "README.md",
    INFO,
    PROVENANCE,
    "train.sh",
    "requirements-train.txt",
    "merge.yaml",
    "chat.yaml",
    "eval/labels.json",
]


def read_manifest(folder: Path) -> tuple[dict[str, Any], list[Finding]]:
    """The manifest ({} where it cannot be used) and what is wrong with it."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, [_manifest(say("没有 manifest.json", "there is no manifest.json"))]
    except (OSError, ValueError) as error:
        return {}, [_manifest(say(f"读不出来：{error}", f"cannot be read: {error}"))]
    if not isinstance(found, dict):
        return {}, [_manifest(say("不是一个 JSON 对象", "no JSON object"))]
    wrong = _wrong_keys(found) or _wrong_files(found["files"])
    return ({}, [_manifest(wrong)]) if wrong else (found, [])


def _manifest(what: str) -> Finding:
    hint = say(
        "这个版本不完整：重新复制整个文件夹，或重新导出",
        "the release is not whole: copy the folder again, or export it anew",
    )
    return Finding(MANIFEST, None, what, hint)


def _wrong_keys(found: dict[str, Any]) -> str:
    for key, kind in KEYS.items():
        if key not in found:
            return say(f"缺少 {key}", f"{key} is missing")
        if not isinstance(found[key], kind) or isinstance(found[key], bool):
            return say(f"{key} 的类型不对", f"{key} is of the wrong type")
    tokens, stages = found["tokens"], found["stages"].values()
    thinking = tokens.get("thinking")
    modes = list(thinking.values()) if isinstance(thinking, dict) else [0]
    if not isinstance(tokens.get("cutoff"), int) or not all(
        mode is None or isinstance(mode, bool) for mode in modes
    ):
        return say("tokens 缺少 cutoff 或 thinking", "tokens lacks cutoff or thinking")
    if not all(
        isinstance(stage, dict) and {"train", "validation", "rows_train"} <= set(stage) for stage in stages
    ):
        return say("stages 不完整", "stages is not complete")
    if not all(isinstance(kinds, dict) for kinds in found["pairs"].values()):
        return say("pairs 不完整", "pairs is not complete")
    return ""


def _wrong_files(files: dict[str, Any]) -> str:
    for name, about in files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or path.as_posix() != name:
            return say(f"文件名 {name} 不在这个文件夹里", f"the file name {name} leads out of the folder")
        whole = isinstance(about, dict) and isinstance(about.get("bytes"), int)
        if not whole or not re.fullmatch("[0-9a-f]{64}", str(about.get("sha256"))):
            return say(f"文件 {name} 没有大小或 SHA-256", f"the file {name} has no size or no SHA-256")
    return ""


def check_layout(folder: Path, manifest: dict[str, Any]) -> list[Finding]:
    """What the manifest says of itself, and the files that a release of this kind has."""
    found = _claims(manifest)
    wanted = [*ALWAYS, SUMS, *(f"train_{stage}.yaml" for stage in manifest["stages"])]
    wanted += ["evaluate.yaml", "eval/tasks.jsonl"] if manifest["asked"] else []
    for name in wanted:
        if not (folder / name).is_file():
            told = say("缺少这个文件", "this file is missing")
            found.append(Finding(name, None, f"{told}{say('；', '; ')}{stops()}", anew()))
    for path in sorted(folder.glob("train_*.yaml")):
        if path.stem.removeprefix("train_") not in manifest["stages"]:
            told = say("manifest.json 没有这个阶段", "manifest.json knows no such stage")
            found.append(Finding(path.name, None, told, anew()))
    return found


def _claims(manifest: dict[str, Any]) -> list[Finding]:
    told = []
    if manifest["template"] not in TEMPLATES:
        told.append(say(f"没有模板 {manifest['template']}", f"there is no template {manifest['template']}"))
    try:
        Cap.of(manifest["cap"])
    except (ValueError, TypeError) as error:
        told.append(say(f"cap 不能用：{error}", f"the cap cannot be used: {error}"))
    if not set(manifest["personal_data"]) <= set(get_args(Kind)):
        told.append(say("personal_data 有不认识的种类", "personal_data names unknown kinds"))
    if not manifest["stages"] or not set(manifest["stages"]) <= set(STAGES):
        told.append(say("stages 是空的，或有不认识的阶段", "stages is empty or has an unknown stage"))
    if not re.fullmatch(r"v[1-9]\d*", manifest["version"]):
        told.append(
            say(
                f"版本 {manifest['version']} 不是 v1 这样的写法",
                f"the version {manifest['version']} is not like v1",
            )
        )
    return [_manifest(what) for what in told]
