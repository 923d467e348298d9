"""One training configuration as LLaMA-Factory loads it; for ``load``, where curate is not installed."""

from __future__ import annotations

import copy
import os
import re
from pathlib import Path
from typing import Any

from counts import Row, tokens_of, trains  # type: ignore[import-not-found]

#: keys that need a graphics card, the network or an earlier stage's output, and change no row
NOT_HERE = (
    *("bf16", "fp16", "pure_bf16", "tf32", "bf16_full_eval", "fp16_full_eval", "fp8", "deepspeed", "fsdp"),
    *("fsdp_config", "quantization_bit", "quantization_method", "use_unsloth", "enable_liger_kernel"),
    *("adapter_name_or_path", "tokenized_path", "resume_from_checkpoint", "push_to_hub", "use_swanlab"),
)
#: longer than any row: what a row measures when nothing cuts it
ENDLESS = 1 << 30
MARKERS = re.compile(r"<[|｜][^<>\s]*?[|｜]>|<(?:start|end)_of_turn>")


class Failed(Exception):
    """A configuration that does not load; the data set is "" when none is to blame."""

    def __init__(self, dataset: str, cause: BaseException) -> None:
        super().__init__(f"{type(cause).__name__}: {cause}")
        self.dataset = dataset


def settings_of(path: Path, tokenizer: Path | None, output: str) -> dict[str, Any]:
    """The configuration as training reads it, less what has no bearing on the rows."""
    from omegaconf import OmegaConf  # type: ignore[import-not-found]

    read = OmegaConf.to_container(OmegaConf.load(path))
    if not isinstance(read, dict):
        raise ValueError(f"{path.name} holds no keys")
    settings = {str(key): value for key, value in read.items() if key not in NOT_HERE}
    if settings.get("streaming"):
        raise ValueError("streaming: true cannot be counted")
    if tokenizer is not None:
        settings["model_name_or_path"] = str(tokenizer)
    settings.update(use_cpu=True, report_to="none", output_dir=output, overwrite_cache=True)
    if settings.get("preprocessing_num_workers"):
        settings["preprocessing_num_workers"] = min(
            int(settings["preprocessing_num_workers"]), os.cpu_count() or 1
        )
    return settings


class Configuration:
    """One YAML file, loaded."""

    def __init__(self, path: Path, tokenizer: Path | None, output: str) -> None:
        from llamafactory.data import get_template_and_fix_tokenizer, template  # type: ignore[import-not-found]
        from llamafactory.hparams import get_train_args  # type: ignore[import-not-found]
        from llamafactory.model import load_tokenizer  # type: ignore[import-not-found]

        arguments = get_train_args(settings_of(path, tokenizer, output))
        self.model, self.data, self.training, self.finetuning = arguments[:4]
        # the reward model's stage: dpo trains on the same rows
        self.stage = "rm" if self.finetuning.stage == "dpo" else self.finetuning.stage
        self.module = load_tokenizer(self.model)
        self.tokenizer = self.module["tokenizer"]
        before = set(self.tokenizer.get_vocab())
        name = self.data.template
        # LLaMA-Factory writes into its table: the next configuration must not inherit this one's system text
        table, template.TEMPLATES = template.TEMPLATES, copy.deepcopy(template.TEMPLATES)
        try:
            self.template = get_template_and_fix_tokenizer(self.tokenizer, self.data)
        finally:
            template.TEMPLATES = table
        self.new_tokens = sorted(set(self.tokenizer.get_vocab()) - before)
        self.report = {
            "yaml": path.name,
            "stage": self.finetuning.stage,
            "template": name,
            "enable_thinking": self.data.enable_thinking,
            "cutoff": self.data.cutoff_len,
            "packing": bool(self.data.packing),
            "new_tokens": self.new_tokens,
            "split_template_tokens": self.split_markers() if self.stage != "pt" else [],
        }

    def split_markers(self) -> list[str]:
        """Special strings of the template that the tokenizer takes to pieces."""
        from llamafactory.data.template import ReasoningTemplate  # type: ignore[import-not-found]

        parts: list[Any] = list(self.template.stop_words)
        for name in ("prefix", "system", "user", "assistant", "observation"):
            parts += getattr(self.template, f"format_{name}").slots
        if isinstance(self.template, ReasoningTemplate):
            parts += [word.strip() for word in self.template.thought_words]
        words = {word for part in parts if isinstance(part, str) for word in MARKERS.findall(part)}
        words |= {part["token"] for part in parts if isinstance(part, dict)}
        if isinstance(self.template, ReasoningTemplate):
            words |= {word.strip() for word in self.template.thought_words}
        return sorted(
            word for word in words if len(self.tokenizer.encode(word, add_special_tokens=False)) != 1
        )

    def names(self) -> list[tuple[str, str]]:
        """(part, data set), in the order in which LLaMA-Factory reads them."""
        return [("train", name) for name in self.data.dataset or []] + [
            ("eval", name) for name in self.data.eval_dataset or []
        ]

    def load(self) -> tuple[dict[str, Any], list[Any]]:
        """What training gets, and the rows of each data set before they are tokens.

        Raises:
            Failed: with the data set that is to blame.
        """
        from llamafactory.data import loader

        aligned: list[Any] = []
        original = loader._load_single_dataset

        def watched(*arguments: Any) -> Any:
            aligned.append(original(*arguments))
            return aligned[-1]

        loader._load_single_dataset = watched
        try:
            ready = loader.get_dataset(
                self.template, self.model, self.data, self.training, stage=self.stage, **self.module
            )
        except Exception as error:
            raise Failed(self.guilty(), error) from error
        finally:
            loader._load_single_dataset = original
        return ready, aligned

    def guilty(self) -> str:
        """The first data set that does not load alone, or "" when all do."""
        from llamafactory.data import loader

        for part, name in self.names():
            try:
                rows = loader._get_merged_dataset(
                    [name], self.model, self.data, self.training, self.stage, return_dict=False
                )
                loader._get_preprocessed_dataset(
                    rows, self.data, self.training, self.stage, self.template, **self.module, is_eval=part == "eval"
                )  # fmt: skip
            except Exception:
                return name
        return ""

    def processor(self, cutoff: int) -> Any:
        """LLaMA-Factory's code that makes tokens of rows, one row for one, with another limit."""
        from llamafactory.data.loader import _get_dataset_processor  # type: ignore[import-not-found]

        data = copy.copy(self.data)
        data.cutoff_len, data.packing, data.neat_packing = cutoff, False, False
        stage = self.stage
        return _get_dataset_processor(data, stage, self.template, self.tokenizer, self.module["processor"])

    def measure(self, rows: Any) -> list[Row]:
        """Of each row: its tokens uncut (-1 when it is dropped), whether it is cut, whether it trains anything."""
        endless, real = self.processor(ENDLESS), self.processor(self.data.cutoff_len)

        def one_by_one(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
            found = []
            for index in range(len(batch["_prompt"])):
                row = {name: [values[index]] for name, values in batch.items()}
                made = endless.preprocess_dataset(row)
                tokens = tokens_of(made)
                # made again with the limit, so that what is cut is seen and not computed
                if tokens >= self.data.cutoff_len and not (self.stage == "pt" and self.data.packing):
                    made = real.preprocess_dataset(row)
                found.append((tokens, tokens_of(made) < tokens, trains(made)))
            return {
                "tokens": [f[0] for f in found],
                "cut": [f[1] for f in found],
                "trains": [f[2] for f in found],
            }

        measured = rows.map(
            one_by_one,
            batched=True,
            remove_columns=rows.column_names,
            num_proc=self.data.preprocessing_num_workers,
            load_from_cache_file=False,
        )
        return list(zip(measured["tokens"], measured["cut"], measured["trains"], strict=True))

    def example(self, ready: dict[str, Any], wanted: int) -> dict[str, Any] | None:
        """One row of the train set as the model sees it, and what of it is learned."""
        train = ready.get("train_dataset")
        if train is None or not len(train):
            return None
        index = min(wanted, len(train) - 1)
        row = train[index]
        names = ("chosen", "rejected") if self.stage == "rm" else ("",)
        shown: dict[str, Any] = {"index": index}
        for name in names:
            mark = f"{name}_" if name else ""
            tokens = row[f"{mark}input_ids"]
            labels = row.get(f"{mark}labels", tokens)
            shown[f"{mark}text"] = self.tokenizer.decode(tokens)
            shown[f"{mark}labels"] = self.tokenizer.decode([token for token in labels if token >= 0])
        if "kto_tags" in row:
            shown["kto_tag"] = row["kto_tags"]
        return shown
