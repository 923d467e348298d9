"""The well-known table of what fine-tuning takes, cell by cell beside our estimate.

The table (16, 10 and 6 GB for 7B, and so on) was made for models of the LLaMA-2 generation; LLaMA-Factory marks its
numbers as estimates and names batch 1 and 1,024 tokens for its 4-bit measurements.
"""

from __future__ import annotations

from dataclasses import dataclass

from curate.export.training.memory import GIB, METHODS, Method, estimate, weight_bytes
from curate.export.training.models import Model, find_model, load_models
from curate.language import say

#: model -> GB for LoRA, INT8, INT4
PUBLISHED: dict[str, tuple[float, float, float]] = {
    "deepseek-r1-distill-qwen-7b": (16, 10, 6),
    "deepseek-r1-distill-qwen-14b": (32, 20, 12),
    "deepseek-r1-distill-qwen-32b": (65, 40, 24),
}
#: tokens of a sequence, batch 1, with gradient checkpointing, rank 16 on all linear layers
CUTOFF = 1024
#: a deviation above this has an explanation
TELLING = 0.20

LLAMA_2_7B = Model(
    name="llama-2-7b",
    hub="meta-llama/Llama-2-7b-hf",
    template="llama2",
    context=4096,
    parameters=6_738_415_616,
    layers=32,
    hidden=4096,
    intermediate=11008,
    heads=32,
    kv_heads=32,
    vocabulary=32000,
    license="Llama 2",
)
"""The shape that the table's first row was made for: a vocabulary of 32,000 instead of 152,064."""


@dataclass(frozen=True)
class Cell:
    """One cell: GB as published and ours under the stated conditions; ``deviation`` 0.1 means ours is 10 % more."""

    model: str
    method: Method
    published: float
    ours: float
    explanation: str

    @property
    def deviation(self) -> float:
        """Ours against the published one."""
        return self.ours / self.published - 1


def published_table(cutoff: int = CUTOFF) -> list[Cell]:
    """Every cell of the table; those that deviate by more than 20 % say why, in numbers."""
    models = load_models()
    cells = []
    for name, row in PUBLISHED.items():
        model = find_model(name, models)
        for method, published in zip(METHODS, row, strict=True):
            ours = estimate(model, method, batch=1, cutoff=cutoff).total
            far = abs(ours / published - 1) > TELLING
            why = explain(model, method, published, cutoff) if far else ""
            cells.append(Cell(name, method, published, ours, why))
    return cells


def explain(model: Model, method: Method, published: float, cutoff: int) -> str:
    """What the published number leaves out for this model: its vocabulary, in weights and in logits."""
    ours = estimate(model, method, batch=1, cutoff=cutoff)
    small = estimate(LLAMA_2_7B, method, batch=1, cutoff=cutoff)
    words, few = (2 * each.embeddings / GIB for each in (model, LLAMA_2_7B))
    linear = (weight_bytes(model, method) - 2 * model.embeddings) / GIB
    return say(
        f"词表 {model.vocabulary:,}：输入输出两张词表始终是 16 位，占 {words:.2f} GB（Llama-2 的 32,000 词只占 {few:.2f}），"
        f"{cutoff} token 的 logits 再占 {ours.logits:.2f}（Llama-2 {small.logits:.2f}），加上 CUDA 环境和碎片 {ours.reserve:.2f}；"
        f"压缩的只有线性层（{linear:.2f}）。同样条件下 Llama-2 7B 是 {small.total:.1f} GB，公开的数字是 {published:g} GB",
        f"a vocabulary of {model.vocabulary:,}: both tables of it stay in 16 bits and take {words:.2f} GB (Llama-2's 32,000 "
        f"take {few:.2f}), the logits of {cutoff} tokens {ours.logits:.2f} (Llama-2 {small.logits:.2f}), CUDA context and "
        f"fragmentation {ours.reserve:.2f}; only the linear layers shrink ({linear:.2f}). A Llama-2 7B takes "
        f"{small.total:.1f} GB under the same conditions; the published number is {published:g} GB",
    )
