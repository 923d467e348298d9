"""论坛帖子。"""

from pydantic import BaseModel, ConfigDict, Field

from .fields import ChineseDateTime, Text


class Post(BaseModel):
    """一个帖子。"""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str = Field(description="帖子编号，如 T00001", pattern=r"^T\d{5}$")
    board: Text = Field(description="版块")
    title: Text = Field(description="标题", max_length=100)
    text: Text = Field(description="正文")
    author: Text | None = Field(default=None, description="作者昵称")
    updated_at: ChineseDateTime = Field(description="发帖时间")
