"""展品。"""

from typing import Annotated

from pydantic import Field

from curate.types import ChineseDate, ChineseDateTime, In, References, Row, Text

from .vocabulary import Industry, Unit


class Product(Row):
    """一件展品。"""

    id: str = Field(description="展品编号，如 P00001", pattern=r"^P\d{5}$")
    name: Text = Field(description="名称")
    model: Text = Field(description="型号")
    company_id: Annotated[str, References("companies")] = Field(
        description="参展企业的编号", pattern=r"^C\d{5}$"
    )
    category: Industry = Field(description="类别")
    price_yuan: Annotated[float, In("元")] | None = Field(default=None, description="单价", gt=0)
    unit: Unit = Field(description="计价单位")
    description: Text = Field(description="说明，整句")
    launched: ChineseDate | None = Field(default=None, description="上市日期")
    tags: list[str] = Field(default=[], description="标签")
    updated_at: ChineseDateTime = Field(description="更新时间")
