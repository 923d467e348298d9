"""论坛帖子。"""

from pydantic import Field

from curate.types import ChineseDateTime, Row, Text

from .vocabulary import Board


class Post(Row):
    """一个帖子。"""

    id: str = Field(description="帖子编号，如 T00001", pattern=r"^T\d{5}$")
    board: Board = Field(description="版块")
    title: Text = Field(description="标题", max_length=100)
    text: Text = Field(description="正文")
    author: Text | None = Field(default=None, description="作者昵称")
    updated_at: ChineseDateTime = Field(description="发帖时间")
