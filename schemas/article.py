"""新闻。"""

from pydantic import Field

from curate.types import ChineseDateTime, Row, Text


class Article(Row):
    """一篇新闻。"""

    url: str = Field(description="网址", pattern=r"^https?://")
    title: Text = Field(description="标题", max_length=100)
    text: Text = Field(description="正文（已去掉 HTML）")
    source: Text | None = Field(default=None, description="来源")
    updated_at: ChineseDateTime = Field(description="发布时间")
