"""How much memory of a card a fine-tuning takes: an estimate whose every part can be checked by hand.

What is counted, a card, in bytes:

- weights: 16 bit, 2 a parameter. QLoRA holds only the linear layers of the blocks in 8 bits (1, and a float32 for
  every output, LLM.int8(), Dettmers et al. 2022) or 4 bits (0.5, and for every 64 weights a scale of 8 bits with a
  float32 for every 256 scales: double quantisation, Dettmers et al. 2023); embeddings, output layer and norms stay
  in 16 bits.
- adapters: float32, as LLaMA-Factory 0.9.5 raises what it trains to float32; gradients the same; AdamW keeps two
  float32 a parameter; DeepSpeed keeps one more as its master copy.
- activations: Korthikanti et al. 2022, "Reducing Activation Recomputation in Large Transformer Models": with full
  recomputation one 16-bit input a layer (their 2sbh) and one whole layer at the time of its backward pass; without,
  all layers whole. Their 34sbh + 5as²b is GPT's layer; here it is counted for RMSNorm, rotary attention without the
  s² matrix (PyTorch's fused kernel), SwiGLU, and LoRA's own copies of its inputs (see ``layer_bytes``).
- logits: tokens x vocabulary, 12 bytes each at the worst moment, the loss's backward pass in float32: log-softmax,
  its gradient and that of the logits, 4 each. It is over before the first layer is recomputed, so the larger of the
  two counts. Preferences take 18: the trainer keeps the logits (4) and their log-softmax (4) while the reference
  model's logits are made (2 in 16 bits, 4 in float32, 4 log-softmax).
- reserve: the CUDA context, DeepSpeed's buckets, and what the allocator cannot use.

How near it is: 1 to 10 % below what Qwen's makers measured for LoRA on 7B and 14B at 256 to 8,192 tokens, 3 to 19 %
below for 1.8B (tests/export/training/test_memory.py has the numbers). A layer's kept bytes were counted with PyTorch's
saved-tensor hooks on a small Qwen2 with PEFT: 34.5 kB a token where ``layer_bytes`` says 35.8. Never run on a card.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from curate.export.training.models import Model
from curate.language import say

Method = Literal["lora", "int8", "int4"]
METHODS: tuple[Method, ...] = ("lora", "int8", "int4")
GIB = 1024**3

#: bytes a quantised parameter: 4 bits, 8 bits a 64, a float32 a 64 x 256
INT4 = 0.5 + 1 / 64 + 4 / (64 * 256)
#: bytes a logit at the peak of the loss's backward pass
LOGIT = 12
#: the same where a reference model is compared with (dpo, kto)
LOGIT_COMPARED = 18
#: CUDA context, cuBLAS work space and kernels (GiB)
CONTEXT = 0.8
#: share of what comes and goes in training that the caching allocator cannot use
FRAGMENTED = 0.10
#: elements in each of DeepSpeed's buckets, as our deepspeed/*.json say
BUCKET = 50_000_000
#: parameters that ZeRO-3 may hold gathered, as our deepspeed/zero3.json says
LIVE = 500_000_000


def method_label(method: Method) -> str:
    """``QLoRA INT4``."""
    return {"lora": say("LoRA（16 位）", "LoRA (16 bit)"), "int8": "QLoRA INT8", "int4": "QLoRA INT4"}[method]


@dataclass(frozen=True)
class Estimate:
    """The memory of one card by what it is for, in GiB. ``working`` is the larger of ``layer`` and ``logits``,
    which do not exist at the same time; a quantised layer unpacked for its use counts with ``layer``.
    """

    weights: float
    adapters: float
    gradients: float
    optimizer: float
    activations: float
    layer: float
    logits: float
    reserve: float
    trained: int
    conditions: str

    @property
    def working(self) -> float:
        """The larger of one recomputed layer and the logits."""
        return max(self.layer, self.logits)

    @property
    def total(self) -> float:
        """All of it."""
        lasting = self.weights + self.adapters + self.gradients + self.optimizer
        return lasting + self.activations + self.working + self.reserve

    def table(self) -> list[tuple[str, float, str]]:
        """Rows of (part, GiB, how it comes about); they add up to ``total``."""
        larger = say("输出层的 logits", "the logits") if self.logits > self.layer else ""
        larger = larger or say("一层的重算", "one layer recomputed")
        return [
            (say("模型权重", "weights"), self.weights, self.conditions),
            (
                "LoRA",
                self.adapters,
                say(f"{self.trained:,} 个参数，float32", f"{self.trained:,} parameters in float32"),
            ),
            (say("梯度", "gradients"), self.gradients, say("只有 LoRA 有", "of LoRA only")),
            (
                say("优化器", "optimizer"),
                self.optimizer,
                say("AdamW 的 float32 状态", "AdamW's float32 states"),
            ),
            (
                say("保存的激活", "kept activations"),
                self.activations,
                say("反向传播要用", "for the backward pass"),
            ),
            (
                say("临时工作区", "working space"),
                self.working,
                say(
                    f"{larger}（重算一层 {self.layer:.2f}，logits {self.logits:.2f}，取大的）",
                    f"{larger} (a layer {self.layer:.2f}, logits {self.logits:.2f}: the larger)",
                ),
            ),
            (
                say("余量", "reserve"),
                self.reserve,
                say("CUDA 环境和显存碎片", "CUDA context and fragmentation"),
            ),
        ]


def chosen_shapes(model: Model, targets: str) -> dict[str, tuple[int, int]]:
    """The linear layers that LoRA is put on: ``all``, or names with commas."""
    if targets == "all":
        return model.shapes
    wanted = {name.strip() for name in targets.split(",")}
    return {name: shape for name, shape in model.shapes.items() if name in wanted}


def adapter_parameters(model: Model, rank: int, targets: str = "all") -> int:
    """Parameters that LoRA trains: rank x (in + out) a layer that it is put on (Hu et al. 2021)."""
    shapes = chosen_shapes(model, targets).values()
    return model.layers * rank * sum(wide + out for wide, out in shapes)


def weight_bytes(model: Model, method: Method) -> float:
    """The frozen weights."""
    rest = 2 * (model.parameters - model.linear)
    if method == "lora":
        return 2 * model.parameters
    if method == "int8":
        outputs = model.layers * sum(out for _, out in model.shapes.values())
        return model.linear + 4 * outputs + rest
    return INT4 * model.linear + rest


def layer_bytes(model: Model, targets: str = "all") -> int:
    """What one block keeps for its backward pass, bytes a token.

    Two RMSNorms keep their input in float32; attention keeps query, key, value (repeated for every query head) and
    its result; SwiGLU keeps gate, SiLU of it, and up. Frozen linear layers keep nothing. Each LoRA keeps its input
    after dropout (2) and the mask (1).
    """
    inner = model.intermediate * max(1, model.experts_per_token)
    block = 2 * 4 * model.hidden + 4 * 2 * model.query_width + 3 * 2 * inner
    return block + sum(3 * wide for wide, _ in chosen_shapes(model, targets).values())


def unpacked_bytes(model: Model, method: Method) -> int:
    """The largest quantised layer, unpacked to 16 bits while it is used."""
    return 0 if method == "lora" else 2 * max(wide * out for wide, out in model.shapes.values())


def estimate(
    model: Model,
    method: Method,
    *,
    batch: int,
    cutoff: int,
    rank: int = 16,
    targets: str = "all",
    checkpointing: bool = True,
    gpus: int = 1,
    zero: int = 0,
    compared: bool = False,
) -> Estimate:
    """The memory of one card.

    Args:
        batch: sequences at a time on one card; a row of preferences is two.
        cutoff: tokens of a sequence; all are taken to be that long.
        gpus: cards.
        zero: DeepSpeed's stage. 2 shares out gradients and optimizer, 3 the weights as well.
        compared: with a reference model (dpo, kto), which is the same weights without the adapters.
    """
    trained = adapter_parameters(model, rank, targets)
    shared = gpus if zero >= 2 else 1
    held = gpus if zero == 3 else 1
    tokens = batch * cutoff
    whole = tokens * layer_bytes(model, targets)
    kept = tokens * 2 * model.hidden * model.layers if checkpointing else whole * model.layers
    layer = (whole if checkpointing else 0) + unpacked_bytes(model, method)
    logits = tokens * model.vocabulary * (LOGIT_COMPARED if compared else LOGIT)
    buckets = (4 * BUCKET if zero else 0) + (2 * LIVE if zero == 3 else 0)
    return Estimate(
        weights=weight_bytes(model, method) / held / GIB,
        adapters=4 * trained / held / GIB,
        gradients=4 * trained / shared / GIB,
        optimizer=(12 if zero else 8) * trained / shared / GIB,
        activations=kept / GIB,
        layer=layer / GIB,
        logits=logits / GIB,
        reserve=CONTEXT + (buckets + FRAGMENTED * (kept + max(layer, logits))) / GIB,
        trained=trained,
        conditions=_conditions(method, batch, cutoff, checkpointing, gpus, zero),
    )


def generation(model: Model, method: Method, *, batch: int, tokens: int) -> float:
    """GiB of one card that writes answers: weights, keys and values of all tokens in 16 bits, one step's logits."""
    cache = batch * tokens * model.layers * 2 * model.kv_width * 2
    step = batch * (tokens * 4 * model.hidden * 2 + model.vocabulary * LOGIT)
    return CONTEXT + (weight_bytes(model, method) + cache + step) / GIB


def _conditions(method: Method, batch: int, cutoff: int, checkpointing: bool, gpus: int, zero: int) -> str:
    parts = [
        method_label(method),
        say(f"批 {batch}", f"batch {batch}"),
        say(f"{cutoff} token", f"{cutoff} tokens"),
        say("梯度检查点开", "gradient checkpointing")
        if checkpointing
        else say("梯度检查点关", "no checkpointing"),
    ]
    if gpus > 1:
        parts.append(say(f"{gpus} 张卡", f"{gpus} cards"))
    if zero:
        parts.append(f"ZeRO-{zero}")
    return say("，", ", ").join(parts)
