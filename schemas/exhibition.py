"""展会。"""

from typing import Annotated, ClassVar

from pydantic import Field

from curate.types import Check, ChineseDate, ChineseDateTime, In, References, Row, Rule, Text


class Exhibition(Row):
    """一届展会。"""

    id: str = Field(description="展会编号，如 E0001", pattern=r"^E\d{4}$")
    name: Text = Field(description="名称")
    edition: int = Field(description="届次（第几届）", ge=1)
    city: Text = Field(description="举办城市")
    venue: Text = Field(description="场馆")
    start_date: ChineseDate = Field(description="开幕日期")
    end_date: ChineseDate = Field(description="闭幕日期")
    area_sqm: Annotated[int, In("平方米")] | None = Field(default=None, description="展览面积", gt=0)
    exhibitors: Annotated[int, In("家")] | None = Field(default=None, description="参展企业数", ge=0)
    visitors: Annotated[int, In("人次")] | None = Field(default=None, description="观众人次", ge=0)
    organizer_id: Annotated[str, References("companies")] = Field(
        description="主办企业的编号", pattern=r"^C\d{5}$"
    )
    theme: Text | None = Field(default=None, description="主题，不带句号")
    introduction: Text = Field(description="介绍，整句")
    updated_at: ChineseDateTime = Field(description="更新时间")

    rules: ClassVar[tuple[Rule, ...]] = (
        Check(
            "ends_after_start",
            "end_date >= start_date",
            zh="闭幕日期早于开幕日期，请核对两个日期是否填反",
            en="it ends before it starts: are the two dates the wrong way round?",
        ),
    )
