"""研究报告。"""

from pydantic import BaseModel, ConfigDict, Field

from .fields import Text


class Report(BaseModel):
    """一篇报告。"""

    model_config = ConfigDict(extra="ignore", frozen=True)

    file: str = Field(description="文件名（不带扩展名）", min_length=1)
    title: Text = Field(description="标题，取自首行")
    text: Text = Field(description="正文（Markdown）", min_length=50)
