"""展品。"""

from pydantic import BaseModel, ConfigDict, Field

from .fields import ChineseDate, ChineseDateTime, Text


class Product(BaseModel):
    """一件展品。"""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str = Field(description="展品编号，如 P00001", pattern=r"^P\d{5}$")
    name: Text = Field(description="名称")
    model: Text = Field(description="型号")
    company_id: str = Field(description="参展企业的编号", pattern=r"^C\d{5}$")
    category: Text = Field(description="类别")
    price_yuan: float | None = Field(default=None, description="单价（元）", gt=0)
    unit: Text = Field(description="计价单位，如 台、件")
    description: Text = Field(description="说明，整句")
    launched: ChineseDate | None = Field(default=None, description="上市日期")
    tags: list[str] = Field(default=[], description="标签")
    updated_at: ChineseDateTime = Field(description="更新时间")
