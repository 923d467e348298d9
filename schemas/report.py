"""研究报告。"""

from pydantic import Field

from curate.types import Row, Text


class Report(Row):
    """一篇报告。"""

    file: str = Field(description="文件名（不带扩展名）", min_length=1)
    title: Text = Field(description="标题，取自首行")
    text: Text = Field(description="正文（Markdown）", min_length=50)
