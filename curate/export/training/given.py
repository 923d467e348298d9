"""What a recipe sets itself, tried before there is any data."""

from __future__ import annotations

from typing import Any

from curate.errors import CurateError
from curate.export.trainer.argument_rules import Kind
from curate.export.trainer.arguments import check_arguments
from curate.export.training.gpus import Gpu
from curate.export.training.memory import Method
from curate.export.training.models import Model
from curate.export.training.plan import CUTOFFS, STAGES, Part, choose
from curate.export.training.settings import settings_for
from curate.language import say

#: tasks beside the stages that may have settings of their own -> LLaMA-Factory's command behind each
TASKS: dict[str, Kind] = {"evaluate": "predict", "merge": "merge", "chat": "chat"}

#: settings that follow from the release itself -> the recipe's option that decides them
DECIDED = {
    "model_name_or_path": "model_path", "template": "model", "cutoff_len": "cutoff", "quantization_bit": "method",
    "stage": "synthesize.tasks", "dataset": "formats", "eval_dataset": "split.ratios", "val_size": "split.ratios",
    "dataset_dir": "formats", "enable_thinking": "synthesize.tasks", "overwrite_cache": "", "overwrite_output_dir": "",
}  # fmt: skip


def setting_problems(
    model: Model,
    gpu: Gpu,
    method: Method | None,
    cutoff: int | None,
    given: dict[str, Any],
    known: list[Model],
) -> list[tuple[str, str]]:
    """(what is wrong, hint) of a recipe's settings, tried in the place that they will have in each file.

    Raises:
        CurateError: the model does not fit the card, not even with the shortest rows.
    """
    problems: dict[tuple[str, str], None] = {}
    scopes = [key for key in given if key in (*STAGES, *TASKS)]
    for scope in scopes:
        if not isinstance(given[scope], dict):
            what = say(f"{scope} 下面要写“参数: 值”", f"{scope} holds settings: key: value")
            return [(what, say(f"例如 {scope}: {{seed: 1}}", f"for example {scope}: {{seed: 1}}"))]
    for place in (given, *(given[scope] for scope in scopes if scope in STAGES)):
        for key in place.keys() & DECIDED.keys():
            what = say(
                f"{key} 由发布版本决定，不能在 train 里改", f"{key} is the release's to decide, not train's"
            )
            option = DECIDED[key]
            hint = (
                say(f"改用选项 {option}", f"use the option {option}")
                if option
                else say("去掉它", "leave it out")
            )
            problems[what, hint] = None
    own = {key for key in given if key not in scopes} | {key for scope in scopes for key in given[scope]}
    length = cutoff or CUTOFFS[0]
    for stage in STAGES:
        part = Part(stage, ["train"], ["validation"], rows_train=1000, rows_validation=100, longest=length)
        try:
            plan = choose(
                model,
                gpu,
                cutoff=cutoff,
                longest=length,
                rows=1000,
                part=part,
                method=method,
                catalogue=known,
            )
        except CurateError:
            if stage == "sft":
                raise
            continue  # two sequences a row may be too much where one is not, and there may be no such rows
        settings = {setting.key: setting.value for setting in settings_for(plan, part, given)}
        for key, what, hint in check_arguments(settings, "train"):
            if key in own:
                problems[f"{key}: {what}", hint] = None
    for task, kind in TASKS.items():
        alone = {key: value for key, value in (given.get(task) or {}).items() if value is not None}
        for key, what, hint in check_arguments(alone, kind):
            if key in alone:
                problems[f"{task}.{key}: {what}", hint] = None
    return list(problems)
