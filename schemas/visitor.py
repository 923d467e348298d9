"""观众登记。"""

from typing import Annotated

from pydantic import Field

from curate.types import ChineseDateTime, Email, IdNumber, In, Phone, Row, Text


class Visitor(Row):
    """一位登记的观众。"""

    visitor_id: str = Field(description="观众编号，如 V00001", pattern=r"^V\d{5}$")
    name: Text = Field(description="姓名", max_length=20)
    phone: Phone | None = Field(default=None, description="手机（已打码）")
    email: Email | None = Field(default=None, description="邮箱（已打码）")
    id_number: IdNumber | None = Field(default=None, description="身份证号（已打码）")
    company: Text = Field(description="所在公司")
    title: Text = Field(description="职位")
    city: Text = Field(description="城市")
    age: Annotated[int, In("岁")] | None = Field(default=None, description="年龄", ge=14, le=100)
    interests: Text | None = Field(default=None, description="感兴趣的行业，用顿号隔开")
    updated_at: ChineseDateTime = Field(description="登记时间")
    remark: Text | None = Field(default=None, description="备注")
