"""企业名录。"""

from typing import Annotated, ClassVar

from pydantic import Field

from curate.types import ChineseDate, ChineseDateTime, CreditCode, In, Phone, RegionOf, Row, Rule, Text

from .vocabulary import Industry, Province


class Company(Row):
    """一家企业。"""

    company_id: str = Field(description="企业编号，如 C00001", pattern=r"^C\d{5}$")
    credit_code: CreditCode = Field(description="统一社会信用代码（18 位，含校验码）")
    name: Text = Field(description="公司名称（全称）", max_length=60)
    short_name: Text | None = Field(default=None, description="简称")
    industry: Industry = Field(description="行业")
    province: Province = Field(description="省份")
    city: Text = Field(description="城市")
    founded: ChineseDate = Field(description="成立日期")
    capital_wan: Annotated[float, In("万元")] | None = Field(default=None, description="注册资本", ge=0)
    employees: Annotated[int, In("人")] | None = Field(default=None, description="员工人数", ge=1)
    business: Text = Field(description="主营业务，不带句号")
    introduction: Text = Field(description="简介，整句")
    contact: Text | None = Field(default=None, description="联系人姓名")
    phone: Phone | None = Field(default=None, description="联系电话（已打码）")
    website: Text | None = Field(default=None, description="官网网址")
    updated_at: ChineseDateTime = Field(description="更新时间")

    rules: ClassVar[tuple[Rule, ...]] = (RegionOf("credit_code", province="province"),)
