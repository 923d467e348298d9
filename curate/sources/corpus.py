"""A corpus: one source with its own columns, its schema and its default tier."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from curate.language import say
from curate.options import DataPath, Names, SchemaReference, Template, problem
from curate.rows import RESERVED
from curate.unit import Unit

Format = Literal["csv", "xlsx", "jsonl", "parquet", "text"]

#: ending of a file name -> format; ``.gz`` behind it is read through
FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".md": "text",
    ".txt": "text",
}


class Corpus(Unit):
    """一份语料：从哪里读、主键是什么、每行的正文怎么拼。 / One source: where it is, its key, and its text.

    Values of csv, xlsx and jsonl are read as text and get their types from the schema; an empty cell is null.
    """

    libraries: ClassVar[tuple[str, ...]] = ()
    #: what does not change the rows that are read
    not_in_fingerprint: ClassVar[frozenset[str]] = frozenset({"schema", "tier", "identity", "path"})

    path: DataPath
    """数据文件，或通配符 data/news/*.jsonl.gz / a file, or a glob"""
    format: Format | None = None
    """文件格式；不写就看扩展名 / the format; by the file's ending when left out"""
    encoding: Literal["utf-8", "gb18030", "big5", "utf-16"] | None = None
    """文字编码；不写就自动识别（UTF-8、UTF-16、GB18030） / the text encoding; found by itself when left out"""
    sheet: str | int = 1
    """xlsx 的工作表：名称或从 1 数起的序号 / the xlsx sheet: its name, or its number from 1"""
    key: Names = []
    """主键列（改名之后的名字）；不写就用整行内容的哈希 / key column(s), after renaming; else a hash of the row"""
    columns: dict[str, str] = {}
    """改名：新列名: 原列名 / new column name: name in the file"""
    text: Template = "text"
    """正文：一个列名，或 Jinja 模板 "{{name}}，{{intro}}" / the text: a column, or a Jinja template"""
    schema_: SchemaReference | None = Field(None, alias="schema")
    """数据规范：schemas/company.py:Company / the pydantic model that a good row fulfils"""
    tier: Literal["primary", "secondary", "both", "reference"] = "primary"
    """默认归属：primary 进训练，secondary 进检索库，both 两者都进；reference 只用来比对（考题、测试集），与它重复的行会被去掉 / where its rows go by default; reference rows are only compared with, and what repeats them goes"""
    identity: Names = []
    """区分两条记录的列：其中一列的值不同，就绝不当作重复 / rows that differ in one of these are never duplicates"""

    @field_validator("columns")
    @classmethod
    def _no_reserved_names(cls, columns: dict[str, str]) -> dict[str, str]:
        taken = sorted(RESERVED & set(columns))
        if taken:
            raise problem(
                say(f"列名 {taken[0]} 由系统占用", f"the column name {taken[0]} is curate's own"),
                say("在 columns 里换一个新列名", "choose another new name"),
            )
        return columns

    @property
    def derived_text(self) -> str | None:
        """The template or column that ``text`` is made from; None when the source has the column itself."""
        return None if self.text == "text" else self.text

    def fingerprint(self) -> dict[str, Any]:
        return super().fingerprint() | {"unit": "corpus"}
