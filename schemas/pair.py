"""问答：由企业数据生成的一条训练数据。"""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, Field

from curate.types import Check, Row, Rule


class Turn(BaseModel):
    """对话里的一句。"""

    role: Literal["system", "user", "assistant", "function_call", "tool"] = Field(description="谁说的")
    content: str = Field(description="说了什么；function_call 的内容是 JSON", min_length=1)


class Pair(Row):
    """一条训练数据：一问一答，或一段对话、两个回答的比较、一篇正文。"""

    pair_id: str = Field(description="问答编号：来源行的编号#问题", pattern=r"^[^#]+#.+$")
    parent_id: str = Field(description="来源行的编号", min_length=1)
    corpus: str = Field(description="来源语料", min_length=1)
    cluster_id: str | None = Field(default=None, description="来源行所在的相似组；出自整份语料的没有")
    tier: Literal["primary", "both"] = Field(description="归属：primary 只训练，both 也进检索库")
    split: Literal["train", "validation", "test"] = Field(description="划分")
    origin: Literal["real", "template", "llm"] = Field(description="来历：真实数据、模板、大模型")
    kind: Literal["sft", "preference", "kto", "pretrain", "recall", "unknown"] = Field(
        description="用途：问答、偏好、好坏、预训练、换个说法再问、资料答不了"
    )
    task: str = Field(description="生成它的任务", min_length=1)
    question: str = Field(description="任务里的哪个问题", min_length=1)
    system: str | None = Field(default=None, description="系统提示")
    instruction: str | None = Field(default=None, description="问题", max_length=20_000)
    input: str | None = Field(default=None, description="问题的下一行，如要分类的文字")
    thought: str | None = Field(default=None, description="回答之前的思考")
    output: str | None = Field(default=None, description="回答", max_length=100_000)
    rejected: str | None = Field(default=None, description="较差的回答（只有 preference 有）")
    messages: list[Turn] | None = Field(default=None, description="多轮对话的每一句；单个问答没有")
    tools: str | None = Field(default=None, description="可以调用的工具（JSON）")
    desirable: bool | None = Field(default=None, description="这个回答好不好（只有 kto 有）")
    label: str | None = Field(default=None, description="分类题的正确类别")
    of_pair: str | None = Field(default=None, description="由哪一条问答改写而成")
    score: Annotated[float, Field(ge=0, le=1)] | None = Field(default=None, description="过关的得分（0–1）")

    rules: ClassVar[tuple[Rule, ...]] = (
        Check(
            "preference_has_both",
            "kind != 'preference' or rejected is not None",
            zh="好坏对比缺少较差的回答",
            en="a preference lacks its worse answer",
        ),
        Check(
            "kto_says_which",
            "kind != 'kto' or desirable is not None",
            zh="没有写明这个回答好还是不好",
            en="it does not say whether the answer is good or bad",
        ),
        Check("differs", "rejected != output", zh="较差的回答与较好的一样", en="both answers are the same"),
    )
