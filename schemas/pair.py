"""问答：由企业数据生成的一条训练数据。"""

from typing import ClassVar, Literal

from pydantic import Field

from curate.types import Check, Row, Rule


class Pair(Row):
    """一条问答。"""

    pair_id: str = Field(description="问答编号：来源行的编号#问题", pattern=r"^[^#]+#.+$")
    parent_id: str = Field(description="来源行的编号", min_length=1)
    corpus: str = Field(description="来源语料", min_length=1)
    split: Literal["train", "validation", "test"] = Field(description="划分")
    origin: Literal["real", "template", "llm"] = Field(description="来历：真实数据、模板、大模型")
    kind: Literal["sft", "preference", "kto", "pretrain", "recall", "unknown"] = Field(description="用途")
    task: str = Field(description="生成它的任务", min_length=1)
    instruction: str | None = Field(default=None, description="问题", max_length=20_000)
    output: str | None = Field(default=None, description="回答", max_length=100_000)
    rejected: str | None = Field(default=None, description="较差的回答（只有 preference 有）")
    score: float | None = Field(default=None, description="过关的得分（0–1）", ge=0, le=1)

    rules: ClassVar[tuple[Rule, ...]] = (
        Check(
            "preference_has_both",
            "kind != 'preference' or rejected is not None",
            zh="好坏对比缺少较差的回答",
            en="a preference lacks its worse answer",
        ),
        Check("differs", "rejected != output", zh="较差的回答与较好的一样", en="both answers are the same"),
    )
