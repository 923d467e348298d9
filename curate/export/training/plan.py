"""Which method, batch and length fit the card: every candidate is tried in a fixed order and told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from curate.errors import CurateError
from curate.export.training.gpus import Gpu, cards_with
from curate.export.training.memory import METHODS, Estimate, Method, estimate, method_label
from curate.export.training.models import Model
from curate.language import say

Stage = Literal["sft", "dpo", "kto", "pt"]
STAGES: tuple[Stage, ...] = ("sft", "dpo", "kto", "pt")

CUTOFFS = (512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072)
#: share of the card that a plan may fill; the estimate was up to 10 % below measured runs of Qwen 7B and 14B
FILL = 0.95
#: share up to which the recomputation of layers, a third more time, is left out
ROOMY = 0.80
BATCH = 2
ACCUMULATION = 4
#: an epoch shall have at least so many updates
UPDATES = 20


@dataclass(frozen=True)
class Part:
    """One training of the release: its data sets by name and what they hold."""

    stage: Stage
    train: list[str]
    validation: list[str]
    rows_train: int
    rows_validation: int = 0
    thoughts: int = 0
    """rows with a thought"""
    longest: int = 0
    """tokens of the longest row"""


@dataclass(frozen=True)
class Tried:
    """A candidate: its estimate and why it was refused ('' for the one that was taken)."""

    method: Method
    batch: int
    cutoff: int
    checkpointing: bool
    zero: int
    total: float
    refused: str

    @property
    def label(self) -> str:
        """``QLoRA INT4, batch 1, ZeRO-2``."""
        parts = [method_label(self.method), say(f"批 {self.batch}", f"batch {self.batch}")]
        if not self.checkpointing:
            parts.append(say("梯度检查点关", "no checkpointing"))
        if self.zero:
            parts.append(f"ZeRO-{self.zero}")
        return say("，", ", ").join(parts)


@dataclass(frozen=True)
class Sizes:
    """How many rows make an update: ``batch`` a card x ``accumulation`` x cards."""

    batch: int
    accumulation: int
    effective: int


@dataclass(frozen=True)
class Plan:
    """What was chosen. ``batch`` is sequences on one card; a row of preferences is two of them."""

    model: Model
    gpu: Gpu
    method: Method
    cutoff: int
    batch: int
    accumulation: int
    checkpointing: bool
    zero: int
    rank: int
    targets: str
    estimate: Estimate
    tried: list[Tried] = field(default_factory=list)

    def sizes(self, part: Part) -> Sizes:
        """Rows of an update for this part. Preferences: half the rows and twice the accumulation. Few rows: less
        accumulation, so that an epoch has some 20 updates and not two.
        """
        batch = max(1, self.batch // 2) if part.stage == "dpo" else self.batch
        accumulation = self.accumulation * max(1, self.batch // batch)
        while accumulation > 1 and part.rows_train < UPDATES * batch * accumulation * self.gpu.count:
            accumulation //= 2
        return Sizes(batch, accumulation, batch * accumulation * self.gpu.count)


def cutoff_for(model: Model, longest: int) -> int:
    """The smallest usual length that holds the longest row; the model's whole context when only that does.

    Raises:
        CurateError: the row is longer than the model's context.
    """
    if longest > model.context:
        raise CurateError(
            say(
                f"最长的一行有 {longest:,} token，{model.name} 最多 {model.context:,}",
                f"the longest row has {longest:,} tokens, {model.name} takes {model.context:,}",
            ),
            say(
                "给训练数据设 cutoff，丢掉过长的行，或换上下文更长的模型",
                "set a cutoff so that longer rows are left out, or take a model with a longer context",
            ),
        )
    return next((cutoff for cutoff in CUTOFFS if longest <= cutoff <= model.context), model.context)


def choose(
    model: Model,
    gpu: Gpu,
    *,
    cutoff: int | None,
    longest: int,
    rows: int,
    part: Part | Sequence[Part],
    method: Method | None = None,
    rank: int = 16,
    targets: str = "all",
    catalogue: Iterable[Model] = (),
) -> Plan:
    """The best method that fits, 16-bit LoRA before INT8 before INT4, with the largest batch up to 2.

    Args:
        cutoff: the user's; None takes the smallest usual one that holds ``longest``.
        longest: tokens of the longest row of all parts.
        rows: training rows; told only when nothing fits.
        part: what shall be trained with this plan, one or several.
        method: the user's; None tries all.
        catalogue: models to name when this one is too large.

    Raises:
        CurateError: nothing fits; says what would.
    """
    length = cutoff or cutoff_for(model, longest)
    if length > model.context:
        raise CurateError(
            say(
                f"cutoff 是 {length:,}，{model.name} 最多 {model.context:,} token",
                f"the cutoff is {length:,}, {model.name} takes {model.context:,} tokens",
            ),
            say(f"cutoff 不要超过 {model.context}", f"set a cutoff of at most {model.context}"),
        )
    parts = [part] if isinstance(part, Part) else list(part)
    # a row of preferences is a chosen and a rejected sequence in one forward pass
    least = 2 if any(each.stage == "dpo" for each in parts) else 1
    limit = gpu.memory_gb * FILL
    tried: list[Tried] = []
    compared = any(each.stage in ("dpo", "kto") for each in parts)
    fixed = partial(_plan, model, gpu, length, rank, targets, compared)
    for way, zero, batch in _candidates(gpu, method, least):
        plan = fixed(way, zero, batch, checkpointing=True)
        if plan.estimate.total <= limit:
            roomy = fixed(way, zero, batch, checkpointing=False)
            taken = roomy if roomy.estimate.total <= gpu.memory_gb * ROOMY else plan
            if taken is plan:
                tried.append(_tried(roomy, say("不重算会太满", "too full without recomputation")))
            tried.append(_tried(taken, ""))
            return replace(taken, tried=tried)
        over = plan.estimate.total - limit
        tried.append(_tried(plan, say(f"超出 {over:.1f} GB", f"{over:.1f} GB too much")))
    raise _nothing_fits(model, gpu, length, rows, tried, (least, compared), list(catalogue))


def _candidates(gpu: Gpu, method: Method | None, least: int) -> Iterable[tuple[Method, int, int]]:
    """(method, ZeRO stage, batch), best first."""
    for way in (method,) if method else METHODS:
        # the weights of an 8-bit model cannot be shared out
        zeros = (0,) if gpu.count == 1 else (2,) if way == "int8" else (2, 3)
        for zero in zeros:
            for batch in sorted({BATCH, least}, reverse=True):
                yield way, zero, batch


def _plan(
    model: Model,
    gpu: Gpu,
    cutoff: int,
    rank: int,
    targets: str,
    compared: bool,
    method: Method,
    zero: int,
    batch: int,
    checkpointing: bool,
) -> Plan:
    expected = estimate(
        model,
        method,
        batch=batch,
        cutoff=cutoff,
        rank=rank,
        targets=targets,
        checkpointing=checkpointing,
        gpus=gpu.count,
        zero=zero,
        compared=compared,
    )
    accumulation = ACCUMULATION * max(1, BATCH // batch)
    return Plan(model, gpu, method, cutoff, batch, accumulation, checkpointing, zero, rank, targets, expected)


def _tried(plan: Plan, refused: str) -> Tried:
    total = plan.estimate.total
    return Tried(plan.method, plan.batch, plan.cutoff, plan.checkpointing, plan.zero, total, refused)


def _nothing_fits(
    model: Model,
    gpu: Gpu,
    cutoff: int,
    rows: int,
    tried: list[Tried],
    row: tuple[int, bool],
    catalogue: list[Model],
) -> CurateError:
    """``row``: the sequences of a row and whether a reference model is compared with."""
    smallest = min(tried, key=lambda candidate: candidate.total)
    need = smallest.total / FILL

    def fits(other: Model, length: int) -> bool:
        expected = estimate(
            other,
            smallest.method,
            batch=row[0],
            cutoff=length,
            gpus=gpu.count,
            zero=smallest.zero,
            compared=row[1],
        )
        return expected.total <= gpu.memory_gb * FILL

    ways = []
    shorter = [length for length in CUTOFFS if length < cutoff and fits(model, length)]
    if shorter:
        ways.append(say(f"cutoff 改成 {shorter[-1]}", f"a cutoff of {shorter[-1]}"))
    smaller = [
        other.name
        for other in sorted(
            catalogue, key=lambda other: (other.template != model.template, -other.parameters)
        )
        if other.parameters < model.parameters and other.context >= cutoff and fits(other, cutoff)
    ][:3]
    if smaller:
        ways.append(say("换小一点的模型：", "a smaller model: ") + ", ".join(smaller))
    if cards := cards_with(need)[:3]:
        ways.append(say("换显存更大的卡：", "a larger card: ") + ", ".join(cards))
    label = method_label(smallest.method)
    ways.append(say(f"每张卡至少 {need:.0f} GB 显存（{label}）", f"at least {need:.0f} GB a card ({label})"))
    return CurateError(
        say(
            f"{model.name} 在 {gpu.label} 上放不下：cutoff {cutoff}、{rows:,} 行，最省的办法（{label}）也要 {smallest.total:.1f} GB",
            f"{model.name} does not fit on {gpu.label}: with a cutoff of {cutoff} and {rows:,} rows the thriftiest way "
            f"({label}) takes {smallest.total:.1f} GB",
        ),
        say("可以：", "you can take ") + say("；", "; ").join(ways),
    )
