"""新闻。"""

from pydantic import BaseModel, ConfigDict, Field

from .fields import ChineseDateTime, Text


class Article(BaseModel):
    """一篇新闻。"""

    model_config = ConfigDict(extra="ignore", frozen=True)

    url: str = Field(description="网址", pattern=r"^https?://")
    title: Text = Field(description="标题", max_length=100)
    text: Text = Field(description="正文（已去掉 HTML）")
    source: Text | None = Field(default=None, description="来源")
    updated_at: ChineseDateTime = Field(description="发布时间")
