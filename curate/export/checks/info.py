"""data/dataset_info.json, and that the files of data/ are the ones that it names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate.export.checks.finding import Finding, anew, drops, learns, stops
from curate.export.checks.layout import INFO
from curate.export.checks.views import all_formats
from curate.export.formats import CHOSEN, Format
from curate.language import say
from curate.rows import SPLITS

#: Keys that LLaMA-Factory 0.9.5 reads (``data/parser.py``); it ignores all others.
READ = (
    *("formatting", "ranking", "columns", "tags", "split", "subset", "folder", "num_samples"),
    *("hf_hub_url", "ms_hub_url", "om_hub_url", "script_url", "cloud_file_name"),
)


@dataclass(frozen=True)
class DataSet:
    """One of LLaMA-Factory's data sets.

    Attributes:
        form: what its rows look like.
        split: train, validation or test.
        files: relative to the release; several where it is a folder of shards.
    """

    name: str
    form: Format
    split: str
    files: list[str]

    @property
    def ending(self) -> str:
        """``alpaca``, ``chat``, ``preference`` and so on."""
        return self.name.rpartition("_")[2]


def known_sets(folder: Path, manifest: dict[str, Any]) -> dict[str, DataSet]:
    """The data sets that the manifest names, with the files that are there."""
    name = manifest["name"]
    forms = {
        form.dataset(name, split): (form, split)
        for form in all_formats() if form.info is not None for split in SPLITS
    }  # fmt: skip
    forms[f"{name}_predict"] = (CHOSEN["alpaca"][0], "test")
    return {
        dataset: DataSet(dataset, *forms[dataset], files_of(folder, f"data/{dataset}"))
        for dataset in manifest["datasets"]
        if dataset in forms
    }


def files_of(folder: Path, path: str) -> list[str]:
    """The files of ``path``, which is a file without its ending, or a folder of shards; relative to ``folder``."""
    single = [
        f"{path}.{ending}" for ending in ("jsonl", "parquet") if (folder / f"{path}.{ending}").is_file()
    ]
    shards = [shard.relative_to(folder).as_posix() for shard in sorted((folder / path).glob("[0-9]*.*"))]
    hub = [shard.relative_to(folder).as_posix() for shard in sorted(folder.glob(f"{path}-*-of-*.parquet"))]
    return [*single, *shards, *hub]


def check_info(folder: Path, manifest: dict[str, Any], sets: dict[str, DataSet]) -> list[Finding]:
    """Everything about the description of the data sets, and their files by name."""
    if not (folder / INFO).is_file():
        return []  # named as missing already
    content = (folder / INFO).read_bytes()
    info: dict[str, Any] = {}
    try:
        # as text, for LLaMA-Factory opens it as text: then a BOM is a mistake
        loaded = json.loads(content.decode())
        if not isinstance(loaded, dict) or not all(isinstance(entry, dict) for entry in loaded.values()):
            raise ValueError(say("不是数据集的对象", "no object of data sets"))
        info = loaded
    except ValueError as error:
        return [_info(None, say(f"读不出来：{error}", f"cannot be read: {error}"), stops())]
    found = []
    if not content.isascii():
        then = say("在中文 Windows 上会读错或中断", "on a Chinese Windows it is misread, or stops")
        found.append(_info(None, say("有 ASCII 以外的字符或 BOM", "it is not pure ASCII"), then))
    text = content.decode(errors="replace")
    for name in sorted({*info, *manifest["datasets"]}):
        line = _line(text, name)
        if name not in info:
            told = say(f"缺少数据集 {name}", f"the data set {name} is missing")
            found.append(_info(None, told, stops()))
        elif name not in sets:
            told = say(f"数据集 {name} 不是这个版本的", f"the data set {name} is not of this release")
            found.append(_info(line, told, learns()))
        else:
            found += [
                _info(line, f"{name}: {told}", then) for told, then in _entry(info[name], sets[name], folder)
            ]
    return found + list(_strays(folder, sets))


def _info(line: int | None, what: str, then: str) -> Finding:
    return Finding(INFO, line, f"{what}{say('；', '; ')}{then}", anew())


def _line(text: str, name: str) -> int | None:
    at = text.find(json.dumps(name))
    return text.count("\n", 0, at) + 1 if at >= 0 else None


def _entry(entry: dict[str, Any], known: DataSet, folder: Path) -> Iterator[tuple[str, str]]:
    """What is wrong with one entry, and what the trainer would do."""
    file, wanted = entry.get("file_name"), known.form.info or {}
    path = folder / "data" / str(file)
    if "," in known.name:
        yield say("名称里有逗号", "the name has a comma"), stops()
    if not isinstance(file, str) or re.search(r"^[/\\~]|^[A-Za-z]:|\.\.|\[|::", file):
        yield (
            say(f"file_name {file!r} 不是 data/ 里的文件", f"file_name {file!r} is no file in data/"),
            stops(),
        )
    elif not path.exists():
        yield say(f"没有文件 {file}", f"there is no file {file}"), stops()
    elif file.partition(".")[0] != known.name:
        yield (
            say(f"file_name 是 {file}，别的数据集的文件", f"file_name is {file}, another data set's file"),
            learns(),
        )
    for key in READ:
        there, right = entry.get(key), wanted.get(key)
        if (there or right) and there != right:
            yield _difference(key, there, right)


def _difference(key: str, there: Any, right: Any) -> tuple[str, str]:
    what = say(
        f"{key} 是 {_short(there)}，应为 {_short(right)}",
        f"{key} is {_short(there)} and should be {_short(right)}",
    )
    if key == "formatting" and there == "openai":
        return what, say(
            "LLaMA-Factory 会给每一行加上系统提示 detailed thinking off",
            "LLaMA-Factory would add the system text detailed thinking off to every row",
        )
    if key in ("columns", "tags"):
        return what, say("没有列出的列会悄悄丢失", "what is not listed is lost silently")
    return what, drops() if key in ("num_samples", "split") else stops()


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 160 else text[:157] + "..."


def _strays(folder: Path, sets: dict[str, DataSet]) -> Iterator[Finding]:
    """Files and folders in data/ that belong to no data set; shards of two types, or with a gap."""
    owned = {name for known in sets.values() for name in known.files} | {INFO}
    for path in sorted((folder / "data").rglob("*")):
        name = path.relative_to(folder).as_posix()
        inside = path.parent != folder / "data"
        if path.is_dir() and (inside or path.name not in sets):
            yield Finding(name, None, say("多出来的文件夹", "a folder that does not belong here"), anew())
        elif path.is_file() and name not in owned:
            told = say("不属于任何数据集", "belongs to no data set")
            unread = say("LLaMA-Factory 不会读它", "LLaMA-Factory does not read it")
            yield Finding(name, None, f"{told}{say('；', '; ')}{stops() if inside else unread}", anew())
    for known in sets.values():
        names = [file.rpartition("/")[2] for file in known.files]
        if not names:
            yield Finding(
                f"data/{known.name}", None, say("没有数据文件；", "has no data file; ") + stops(), anew()
            )
        elif (
            len({name.rpartition(".")[2] for name in names}) > 1
            or len({file.count("/") for file in known.files}) > 1
        ):
            told = say(
                "有两种类型的文件，或文件和文件夹都有；", "files of two types, or a file and a folder; "
            )
            yield Finding(f"data/{known.name}", None, told + stops(), anew())
        elif len(names) > 1 and [name.partition(".")[0] for name in names] != [
            f"{n:05d}" for n in range(len(names))
        ]:
            yield Finding(f"data/{known.name}", None, say("缺少一个分片", "a shard is missing"), anew())
