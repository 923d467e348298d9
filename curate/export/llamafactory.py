"""llamafactory: a release that LLaMA-Factory trains as it is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import Field, ValidationInfo, field_validator, model_validator

from curate.algorithms.personal_data import Kind
from curate.errors import CurateError
from curate.export.fit import VERSION as FIT_VERSION
from curate.export.tokens import Lengths, check_tokenizer
from curate.export.training.given import setting_problems
from curate.export.training.gpus import Gpu
from curate.export.training.memory import Method
from curate.export.training.models import Model, load_models
from curate.files import sha256_of_file
from curate.language import say
from curate.messages import did_you_mean
from curate.options import WorkspaceFile, WorkspaceFolder, problem
from curate.pairs import ASKED_ONLY, KINDS, thinks
from curate.rows import Table
from curate.unit import Unit

#: kind of pair -> whether its answers begin with a thought; None where some do
Thinking = dict[str, bool | None]
#: Qwen's vocabularies have 151,643 words and more, Llama 3's 128,256.
QWEN_WORDS = 150_000
Format = Literal["alpaca", "sharegpt", "messages", "huggingface"]


class Llamafactory(Unit):
    """写出一个发布版本：训练数据、训练配置、评测题和说明，LLaMA-Factory 直接能训。 / A release that LLaMA-Factory trains as it is.

    ``exports/<name>/v1/`` holds data files for every split, ``dataset_info.json``, the YAMLs for training, evaluation,
    merging and chatting, and ``train.sh``. Preference pairs, KTO, tool calls and texts for pre-training are written
    where there are any. ``messages``: files that TRL, Unsloth, ms-swift and OpenAI take. ``huggingface``: a folder for the
    ``datasets`` library. Releases do not change: other data, another version.
    """

    version: ClassVar = 2
    use: Literal["llamafactory"] = "llamafactory"
    formats: list[Format] = Field(["sharegpt", "alpaca"], min_length=1)
    """写哪些格式；训练用 alpaca 和 sharegpt 中写在前面的那个 / the formats; the first of alpaca and sharegpt trains"""
    files: Literal["jsonl", "parquet"] = "jsonl"
    """训练数据的文件类型 / the type of the training files"""
    shard_rows: int = Field(500_000, ge=1)
    """超过这么多行就分成几个文件 / rows of a file, at the most"""
    model: str = "deepseek-r1-distill-qwen-7b"
    """要训练的模型：curate export models 列出全部 / the model to train; curate export models lists them"""
    models: WorkspaceFile | None = None
    """自己的模型目录，补充自带的 / a catalogue of models of your own, besides ours"""
    model_path: str = ""
    """训练机上模型的文件夹；不写就用模型库里的名字 / the model's folder on the training machine; else its hub name"""
    tokenizer: WorkspaceFolder | None = None
    """模型的 tokenizer 文件夹，用来数准 token；不写就估算 / the tokenizer's folder, for true lengths; else they are estimated"""
    gpu: Gpu = Gpu()
    """训练用的显卡 / the cards to train on"""
    method: Literal["auto"] | Method = "auto"
    """训练方法：auto 按显存选 / the way to train; auto goes by the card's memory"""
    cutoff: int | None = Field(None, ge=64)
    """一行最多多少 token；不写就按数据定 / tokens a row, at the most; else the data says"""
    questions: int = Field(2000, ge=1)
    """训练后最多问多少道题：学过的和没学过的各这么多 / questions after training, at the most: of trained rows, and of the others"""
    train: dict[str, Any] = {}
    """改训练参数，写 LLaMA-Factory 的参数名，例如 learning_rate: 0.00005 / LLaMA-Factory's settings to change"""
    personal_data: list[Kind] = []
    """允许出现的个人信息；其余的出现在问答里，那条问答就不导出 / kinds of personal data that may stay in a pair"""

    @field_validator("formats")
    @classmethod
    def _trains(cls, formats: list[Format]) -> list[Format]:
        if not {"alpaca", "sharegpt"} & set(formats):
            raise problem(
                say(
                    "formats 里要有 alpaca 或 sharegpt，否则没有可训练的文件",
                    "formats need alpaca or sharegpt to train on",
                ),
                say("例如 [sharegpt, messages]", "for example [sharegpt, messages]"),
            )
        return list(dict.fromkeys(formats))

    @model_validator(mode="after")
    def _known(self, info: ValidationInfo) -> Llamafactory:
        workspace = (info.context or {}).get("workspace")
        if workspace is not None:
            try:
                known = self.catalogue(workspace)
            except CurateError as error:
                raise problem(str(error)) from error
            if self.model not in known:
                raise problem(
                    say(f"没有叫 {self.model} 的模型", f"there is no model {self.model}"),
                    did_you_mean(self.model, known),
                )
            model, method = known[self.model], None if self.method == "auto" else self.method
            try:
                wrong = setting_problems(
                    model, self.gpu, method, self.cutoff, self.train, list(known.values())
                )
            except CurateError as error:
                raise problem(error.problem, error.hint) from error
            if wrong:
                raise problem(*wrong[0])
        return self

    def model_in(self, workspace: Path) -> Model:
        """The model to train."""
        return self.catalogue(workspace)[self.model]

    def catalogue(self, workspace: Path) -> dict[str, Model]:
        """The models that the recipe may name."""
        return load_models(workspace / self.models if self.models else None)

    def tokenizer_in(self, workspace: Path) -> Path | None:
        return workspace / self.tokenizer if self.tokenizer else None

    def lengths(self, workspace: Path, thinking: Thinking) -> dict[str, Lengths]:
        """Kind of pair -> what counts its tokens as LLaMA-Factory will.

        Raises:
            CurateError: the tokenizer cannot be read, or is not one for the model's template.
        """
        model, folder = self.model_in(workspace), self.tokenizer_in(workspace)
        problems = check_tokenizer(model.template, folder) if folder else []
        if problems:
            raise CurateError(
                say(
                    f"tokenizer 和模型 {model.name} 对不上：{'；'.join(problems)}",
                    f"the tokenizer does not fit the model {model.name}: {'; '.join(problems)}",
                ),
                say(f"检查文件夹 {folder} 是不是这个模型的", f"look whether {folder} is this model's"),
            )
        vocabulary: Literal["llama3", "qwen"] = "llama3" if model.vocabulary < QWEN_WORDS else "qwen"
        counters = {
            mode: Lengths(model.template, folder, mode, vocabulary) for mode in set(thinking.values())
        }
        return {kind: counters[mode] for kind, mode in thinking.items()}

    def looked_at(self, workspace: Path, thinking: Thinking) -> list[Any]:
        """What the inspection of a pair depends on besides the pair."""
        folder = self.tokenizer_in(workspace)
        files = [folder / "tokenizer.json", folder / "tokenizer_config.json"] if folder else []
        template = self.model_in(workspace).template
        digests = [sha256_of_file(file) for file in files if file.is_file()]
        return [FIT_VERSION, template, thinking, digests, sorted(self.personal_data)]

    def released(self, workspace: Path) -> list[Any]:
        """What the release depends on besides its pairs."""
        return [self.fingerprint(), self.model_in(workspace).model_dump(mode="json")]


def thinking_of(tables: list[Table]) -> Thinking:
    """Do the answers that train begin with a thought: all (True), none (False), or some of them (None)?"""
    answers, thoughts = Counter[str](), Counter[str]()
    for table in tables:
        for pairs in table.frames(["kind", "split", "thought", "messages"]):
            trained = (
                pairs.filter(pl.col("split") == "train")
                .group_by("kind")
                .agg(pl.len(), thinks().sum().alias("n"))
            )
            for kind, rows, thinking in trained.iter_rows():
                answers[kind] += rows
                thoughts[kind] += thinking
    found = {kind: thoughts[kind] > 0 if thoughts[kind] in (0, answers[kind]) else None for kind in KINDS}
    return found | dict.fromkeys(ASKED_ONLY, found["sft"])
