"""论坛场次。"""

from typing import Annotated

from pydantic import Field

from curate.types import ChineseDateTime, References, Row, Text


class Forum(Row):
    """展会期间的一场报告。"""

    id: str = Field(description="场次编号，如 F0001", pattern=r"^F\d{4}$")
    exhibition_id: Annotated[str, References("exhibitions")] = Field(
        description="所属展会的编号", pattern=r"^E\d{4}$"
    )
    title: Text = Field(description="题目")
    speaker: Text = Field(description="主讲人")
    speaker_title: Text | None = Field(default=None, description="主讲人的单位和职务")
    start: ChineseDateTime = Field(description="开始时间")
    room: Text | None = Field(default=None, description="会议室")
    abstract: Text = Field(description="摘要，整句")
    updated_at: ChineseDateTime = Field(description="更新时间")
