"""评价。"""

from typing import Annotated

from pydantic import Field

from curate.types import ChineseDateTime, In, Row, Text


class Comment(Row):
    """对一件展品或一届展会的评价。"""

    id: str = Field(description="评价编号，如 K00001", pattern=r"^K\d{5}$")
    target: str = Field(description="被评价的展品或展会的编号", pattern=r"^(P\d{5}|E\d{4})$")
    text: Text = Field(description="评价内容")
    stars: Annotated[int, In("星")] = Field(description="星级（1–5）", ge=1, le=5)
    updated_at: ChineseDateTime = Field(description="评价时间")
