"""文本块：检索库里的一段。"""

from typing import Annotated, ClassVar

from pydantic import Field

from curate.types import Check, In, Row, Rule


class Chunk(Row):
    """检索库里的一段文字。"""

    chunk_id: str = Field(description="文本块编号：来源行的编号#第几块", pattern=r"^.+#\d+$")
    parent_id: str = Field(description="来源行的编号", min_length=1)
    corpus: str = Field(description="来源语料", min_length=1)
    title: str = Field(description="标题；来源行没有就是空的")
    text: str = Field(description="文字", min_length=1)
    start: Annotated[int, In("字")] = Field(description="在正文里从第几个字开始（从 0 数起）", ge=0)
    end: Annotated[int, In("字")] = Field(description="到第几个字之前", ge=1)
    updated_at: str | None = Field(default=None, description="来源行的更新时间")

    rules: ClassVar[tuple[Rule, ...]] = (
        Check(
            "ends_after_start", "end > start", zh="结束位置不在开始位置之后", en="it ends before it starts"
        ),
    )
