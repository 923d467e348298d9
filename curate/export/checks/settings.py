"""The YAMLs: would LLaMA-Factory take them, and train what this release is meant to train?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from curate.export.checks.finding import Finding, anew
from curate.export.checks.info import DataSet
from curate.export.tokens import TEMPLATES
from curate.export.trainer.arguments import check_arguments
from curate.language import say
from curate.yaml_lines import Document, read_yaml

Kind = Literal["train", "predict", "merge", "chat"]
KINDS: dict[str, Kind] = {"evaluate.yaml": "predict", "merge.yaml": "merge", "chat.yaml": "chat"}
#: What a data set of each stage is called at its end.
OF_STAGE = {
    "sft": ("alpaca", "sharegpt", "chat"),
    "dpo": ("preference",),
    "kto": ("kto",),
    "pt": ("pretrain",),
}
PATHS = ("dataset_dir", "output_dir", "export_dir", "adapter_name_or_path", "deepspeed")
Problem = tuple[str, str, str]
"""(key, what is wrong, what to write)"""


@dataclass
class Config:
    """One YAML, and what it belongs to."""

    file: str
    kind: Kind
    document: Document
    manifest: dict[str, Any]
    sets: dict[str, DataSet]
    #: stage -> rows that train, and how many of them think
    thoughts: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Any]:
        return self.document.value if isinstance(self.document.value, dict) else {}

    @property
    def stage(self) -> str:
        """What its name says; of what comes after the training: the first stage."""
        own = self.file.removeprefix("train_").removesuffix(".yaml")
        return own if self.kind == "train" else next(iter(self.manifest["stages"]), "sft")

    def names(self, key: str) -> list[str]:
        """The data sets of a comma text or a list."""
        value = self.settings.get(key) or []
        parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
        return [str(part).strip() for part in parts]


def check_settings(
    folder: Path, manifest: dict[str, Any], sets: dict[str, DataSet], thoughts: dict[str, tuple[int, int]]
) -> list[Finding]:
    """All YAMLs of the release, each by itself and then together.

    Args:
        thoughts: stage -> (rows that train, rows of them with a thought), counted in the files.
    """
    found, configs = [], []
    for path in sorted(folder.glob("*.yaml")):
        kind = KINDS.get(path.name, "train")
        config = Config(path.name, kind, read_yaml(path), manifest, sets, thoughts)
        if config.document.problems or not config.settings:
            told = [(p.line or None, p.what, p.hint) for p in config.document.problems]
            empty = [(None, say("没有设置", "it holds no settings"), anew())]
            found += [Finding(path.name, line, what, hint) for line, what, hint in told or empty]
            continue
        configs.append(config)
        problems = [*check_arguments(config.settings, kind), *_problems(config, folder)]
        found += [
            Finding(
                path.name,
                config.document.line((key,)) if key in config.settings else None,
                what,
                hint or anew(),
            )
            for key, what, hint in dict.fromkeys(problems)
        ]
    return found + list(_together(configs))


def _together(configs: list[Config]) -> Iterator[Finding]:
    """One model and one template for training, answering, merging and chatting."""
    for key in ("model_name_or_path", "template"):
        values = {str(config.settings.get(key)) for config in configs}
        if len(values) > 1:
            told = say(f"各 YAML 的 {key} 不同：", f"the YAMLs differ in {key}: ") + ", ".join(sorted(values))
            then = say("；适配器会用到别的模型上", "; the adapter would be put on another model")
            yield Finding(configs[0].file, None, told + then, anew())


def _problems(config: Config, folder: Path) -> Iterator[Problem]:
    yield from _model(config)
    yield from _paths(config, folder)
    if config.kind == "train":
        yield from _stage(config)
        yield from _train_data(config)
        yield from _evaluation(config)
        yield from _other_rows(config)
    elif config.kind == "predict":
        yield from _predict(config)
    yield from _thinking(config)


def _wanted(config: Config, key: str, value: Any, then: str) -> Iterator[Problem]:
    there = config.settings.get(key)
    if there != value or type(there) is not type(value):
        what = say(f"{key} 是 {there!r}，应为 {value!r}", f"{key} is {there!r} and should be {value!r}")
        yield key, f"{what}{say('；', '; ')}{then}", f"{key}: {json.dumps(value)}"


def _model(config: Config) -> Iterator[Problem]:
    silent = say("不会报错，只会训坏", "there is no error, the training just goes wrong")
    yield from _wanted(config, "template", config.manifest["template"], silent)
    if config.kind in ("train", "predict"):
        cut = say("行会被悄悄截断，或显存不够", "rows would be cut silently, or the card is too small")
        yield from _wanted(config, "cutoff_len", config.manifest["tokens"]["cutoff"], cut)
        place = say("数据在 data/", "the data is in data/")
        yield from _wanted(config, "dataset_dir", "data", place)


def _paths(config: Config, folder: Path) -> Iterator[Problem]:
    for key in PATHS:
        value = config.settings.get(key)
        if not isinstance(value, str):
            continue
        if re.search(r"^[/\\~]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)", value):
            what = say(f"{key} 指到发布文件夹外面", f"{key} leads out of the release folder")
            yield key, what, say("写相对路径", "write a relative path")
        elif key in ("output_dir", "export_dir") and not value.startswith("output/"):
            what = say(
                f"{key} 不在 output/ 里，会改动发布版本",
                f"{key} is not in output/: training would change the release",
            )
            yield key, what, f"{key}: output/..."
        elif key == "deepspeed":
            yield from _deepspeed(folder / value)


def _deepspeed(file: Path) -> Iterator[Problem]:
    try:
        stage = json.loads(file.read_text(encoding="utf-8"))["zero_optimization"]["stage"]
    except (OSError, ValueError, KeyError, TypeError):
        what = say(
            f"{file.name} 不在，或不是 DeepSpeed 的设置",
            f"{file.name} is not there, or holds no settings of DeepSpeed",
        )
        yield "deepspeed", what, ""
        return
    if f"zero{stage}.json" != file.name:
        told = say(f"{file.name} 里写的是 ZeRO {stage}", f"{file.name} says ZeRO {stage}")
        yield "deepspeed", told, ""


def _stage(config: Config) -> Iterator[Problem]:
    other = say("会训成别的", "something else would be trained")
    yield from _wanted(config, "stage", config.stage, other)
    if config.stage == "pt":
        tail = say("拼接会丢掉尾巴", "packing drops the tail")
        yield from _wanted(config, "packing", False, tail)


def _train_data(config: Config) -> Iterator[Problem]:
    """The sets that train are there, fit the stage, are of the train split, and have the rows that they should."""
    names, about = config.names("dataset"), config.manifest["stages"].get(config.stage)
    yield from _sets(config, "dataset", names, "train")
    if about is None or any(name not in config.sets for name in names):
        return
    rows = sum(config.manifest["datasets"][name] for name in names)
    if rows != about["rows_train"]:
        what = say(
            f"dataset 共 {rows:,} 行，应训练 {about['rows_train']:,} 行",
            f"dataset has {rows:,} rows, and {about['rows_train']:,} should be trained",
        )
        yield "dataset", what, f"dataset: {','.join(about['train'])}"


def _sets(config: Config, key: str, names: list[str], split: str) -> Iterator[Problem]:
    for name in names:
        known = config.sets.get(name)
        if known is None:
            what = say(
                f"没有数据集 {name}，LLaMA-Factory 会中断",
                f"there is no data set {name}: LLaMA-Factory would stop",
            )
            yield key, what, say("看 data/dataset_info.json", "see data/dataset_info.json")
        elif known.ending not in OF_STAGE.get(config.stage, ()):
            what = say(
                f"数据集 {name} 不能用于阶段 {config.stage}：LLaMA-Factory 会中断，或训成别的",
                f"the data set {name} is not for stage {config.stage}: LLaMA-Factory would stop or train something else",
            )
            yield key, what, ""
        elif known.split != split:
            what = say(
                f"数据集 {name} 是 {known.split} 的，不该在这里：评测就不准了",
                f"the data set {name} is of the split {known.split} and must not be here: the evaluation would mean nothing",
            )
            yield key, what, ""


def _evaluation(config: Config) -> Iterator[Problem]:
    names, about = config.names("eval_dataset"), config.manifest["stages"].get(config.stage)
    yield from _sets(config, "eval_dataset", names, "validation")
    if config.settings.get("val_size"):
        what = say(
            "val_size 随机切分，相似的行会漏到验证里",
            "val_size splits at random: similar rows leak into the validation",
        )
        yield "val_size", what, say("去掉它，用 eval_dataset", "leave it out; there is eval_dataset")
    if about and about["validation"] and not names:
        what = say(
            "没有 eval_dataset，不会验证也不会早停",
            "eval_dataset is missing: no validation, no early stopping",
        )
        yield "eval_dataset", what, f"eval_dataset: {','.join(about['validation'])}"


def _other_rows(config: Config) -> Iterator[Problem]:
    """Settings under which other rows are trained than the release holds."""
    fewer = say("只训练其中一部分", "only a part would be trained")
    stale = say("会读旧的缓存，不是这些数据", "a stale cache would be read instead of this data")
    again = say("第二次会一步不训就结束", "a second run would end without a step")
    for key, why in {"max_samples": fewer, "streaming": fewer, "tokenized_path": stale}.items():
        if config.settings.get(key):
            yield key, f"{key}{say('：', ': ')}{why}", say("去掉它", "leave it out")
    yield from _wanted(config, "overwrite_cache", True, stale)
    yield from _wanted(config, "overwrite_output_dir", True, again)


def _predict(config: Config) -> Iterator[Problem]:
    step = say("和 eval/tasks.jsonl 对不上", "it must be in step with eval/tasks.jsonl")
    yield from _wanted(config, "eval_dataset", f"{config.manifest['name']}_predict", step)
    for key in ("do_train", "max_samples", "dataset"):
        if config.settings.get(key):
            yield (
                key,
                say(f"评测里不该有 {key}", f"{key} has no place in an evaluation"),
                say("去掉它", "leave it out"),
            )


def _thinking(config: Config) -> Iterator[Problem]:
    """Thoughts in all rows: true; in none: false; in some: null. Where the template thinks, only."""
    template = TEMPLATES.get(str(config.settings.get("template")))
    rows, thinking = config.thoughts.get(config.stage, (0, 0))
    if template is None or not template.reasoning or config.stage == "pt" or not rows:
        return
    wanted = thinking > 0 if thinking in (0, rows) else None
    there = config.settings.get("enable_thinking", True)
    if there is not wanted:
        value = json.dumps(wanted)
        what = say(
            f"enable_thinking 是 {json.dumps(there)}，而 {rows:,} 行里 {thinking:,} 行带思考，应为 {value}：模型会学错要不要思考",
            f"enable_thinking is {json.dumps(there)}, but {thinking:,} of {rows:,} rows have a thought, so it should be {value}: "
            "the model would learn the wrong thing about thinking",
        )
        yield "enable_thinking", what, f"enable_thinking: {value}"
