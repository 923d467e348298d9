"""展会。"""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .fields import ChineseDate, ChineseDateTime, Text


class Exhibition(BaseModel):
    """一届展会。"""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str = Field(description="展会编号，如 E0001", pattern=r"^E\d{4}$")
    name: Text = Field(description="名称")
    edition: int = Field(description="届次（第几届）", ge=1)
    city: Text = Field(description="举办城市")
    venue: Text = Field(description="场馆")
    start_date: ChineseDate = Field(description="开幕日期")
    end_date: ChineseDate = Field(description="闭幕日期")
    area_sqm: int | None = Field(default=None, description="展览面积（平方米）", gt=0)
    exhibitors: int | None = Field(default=None, description="参展企业数（家）", ge=0)
    visitors: int | None = Field(default=None, description="观众人次", ge=0)
    organizer_id: str = Field(description="主办企业的编号", pattern=r"^C\d{5}$")
    theme: Text | None = Field(default=None, description="主题，不带句号")
    introduction: Text = Field(description="介绍，整句")
    updated_at: ChineseDateTime = Field(description="更新时间")

    @model_validator(mode="after")
    def ends_after_start(self) -> "Exhibition":
        if self.end_date < self.start_date:
            raise ValueError(
                f"闭幕日期 {self.end_date} 早于开幕日期 {self.start_date}，请核对两个日期是否填反"
            )
        return self
