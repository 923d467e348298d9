"""What every corpus looks like: key, main text field, columns, and the text that duplicates are judged by."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Layout:
    key: str
    body: str  # the field that planted dirt goes into
    text: str  # the rendered text of a row, with {field} slots
    columns: Mapping[str, str]  # field -> heading in the file


def _same(names: str) -> dict[str, str]:
    return {name: name for name in names.split()}


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split())


LAYOUTS = {
    "companies": Layout(
        "company_id",
        "introduction",
        "{name}（{short_name}），{industry}企业，位于{province}{city}。主营业务：{business}。{introduction}",
        _pairs(
            "company_id=企业编号 credit_code=统一社会信用代码 "
            "name=公司名称 short_name=简称 industry=行业 province=省份 "
            "city=城市 founded=成立日期 capital_wan=注册资本万元 "
            "employees=员工人数 business=主营业务 introduction=简介 "
            "contact=联系人 phone=联系电话 website=官网 updated_at=更新时间"
        ),
    ),
    "visitors": Layout(
        "visitor_id",
        "remark",
        "{name}，{company}{title}，关注{interests}。{remark}",
        _pairs(
            "visitor_id=观众编号 name=姓名 phone=手机 email=邮箱 "
            "id_number=身份证号 company=公司 title=职位 city=城市 "
            "age=年龄 interests=感兴趣行业 updated_at=登记时间 remark=备注"
        ),
    ),
    "products": Layout(
        "id",
        "description",
        "{name}（型号{model}），{category}。{description}",
        _same("id name model company_id category price_yuan unit description launched tags updated_at"),
    ),
    "exhibitions": Layout(
        "id",
        "introduction",
        "{name}，{start_date}至{end_date}在{city}{venue}举办。{theme}。{introduction}",
        _same(
            "id name edition city venue start_date end_date area_sqm exhibitors visitors organizer_id theme "
            "introduction updated_at"
        ),
    ),
    "forums": Layout(
        "id",
        "abstract",
        "{title}。{abstract}",
        _same("id exhibition_id title speaker speaker_title start room abstract updated_at"),
    ),
    "reports": Layout("file", "text", "{text}", _same("file title text")),
    "news": Layout(
        "url", "text", "{text}", _pairs("url=网址 title=标题 text=正文 source=来源 updated_at=发布时间")
    ),
    "posts": Layout(
        "id",
        "text",
        "{text}",
        _pairs("id=id board=board title=title text=content author=author updated_at=created"),
    ),
    "comments": Layout(
        "id", "text", "{text}", _pairs("id=id target=target text=content stars=stars updated_at=created")
    ),
}


def render(corpus: str, row: Row) -> str:
    """The text of a row; a null is an empty string."""
    return re.sub(r"\{(\w+)\}", lambda match: str(row.get(match.group(1)) or ""), LAYOUTS[corpus].text)
