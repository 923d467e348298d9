"""A corpus: one source with its own columns, its schema and its default tier."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from curate.language import say
from curate.options import DataPath, Names, SchemaReference, Template, problem
from curate.rows import RESERVED
from curate.sources.remote import Database, HubDataset
from curate.unit import Unit

Format = Literal[
    "csv", "xlsx", "json", "jsonl", "parquet", "sqlite", "text", "pdf", "docx", "pptx", "html"
]  # fmt: skip

#: endings of packed files, read through
PACKED = (".gz", ".zst")

#: ending of a file name -> format; one of ``PACKED`` may stand behind it
FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xls": "xlsx",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".md": "text",
    ".txt": "text",
    ".pdf": "pdf",
    ".docx": "docx",
    ".doc": "docx",  # which says that it is too old
    ".pptx": "pptx",
    ".ppt": "pptx",  # likewise
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
}


def _one_character(delimiter: str) -> str:
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise problem(
            say(f"分隔符 {delimiter!r} 不是一个字符", f"the delimiter {delimiter!r} is not one character"),
            say(r'例如 delimiter: ";"，制表符写 "\t"', r'for example delimiter: ";", or "\t" for a tab'),
        )
    return delimiter


class Corpus(Unit):
    """一份语料：从哪里读、主键是什么、每行的正文怎么拼。 / One source: where it is, its key, and its text.

    It is read from one of ``path``, ``database`` and ``dataset``. Values of csv, xlsx, json and jsonl are read as
    text and get their types from the schema; an empty cell is null.
    """

    version: ClassVar[int] = 3  # encodings by frequent characters, merged cells, hashtags that are no heading
    libraries: ClassVar[tuple[str, ...]] = ()
    #: what does not change the rows that are read
    not_in_fingerprint: ClassVar[frozenset[str]] = frozenset(
        {"schema", "tier", "identity", "path", "database", "dataset"}
    )

    path: DataPath | None = None
    """数据文件，或通配符 data/news/*.jsonl.gz / a file, or a glob"""
    database: Database | None = None
    """直接读数据库（PostgreSQL、MySQL、SQLite），代替 path / a live database, in place of path"""
    dataset: HubDataset | None = None
    """Hugging Face datasets 的数据集，代替 path / a Hugging Face data set, in place of path"""
    format: Format | None = None
    """文件格式；不写就看扩展名 / the format; by the file's ending when left out"""
    encoding: Literal["utf-8", "gb18030", "big5", "utf-16"] | None = None
    """文字编码；不写就自动识别（UTF-8、UTF-16、UTF-32、GB18030、Big5） / the text encoding; found by itself when left out"""
    delimiter: Annotated[str, AfterValidator(_one_character)] | None = None
    """csv 的分隔符；不写就自动识别（逗号、制表符、分号、竖线） / the csv delimiter; found by itself when left out: comma, tab, semicolon or bar"""
    header: int = Field(1, ge=1)
    """csv、xlsx 的表头在第几行（从 1 数起）；它上面的行是标题，不读 / the line of the header in csv and xlsx, from 1; what is above it is a title and not read"""
    sheet: str | int = 1
    """xlsx 的工作表：名称或从 1 数起的序号 / the xlsx sheet: its name, or its number from 1"""
    merged: Literal["fill", "first"] = "fill"
    """xlsx 的合并单元格：fill 每一格都填上它的值，first 只有左上角那格有值 / merged xlsx cells: fill gives each cell the value, first leaves it to the top left one"""
    records: str | None = None
    """json 里记录所在的数组，例如 data.list；不写就是整个文件，或其中唯一的数组 / where a json file has its records, such as data.list; when left out the file itself, or the one array in it"""
    table: str | None = None
    """SQLite 文件里的表 / the table of a SQLite file"""
    main_content: bool = True
    """html：只取正文，去掉导航、广告、页脚 / html: the main content only, without navigation, advertisements and footers"""
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

    @model_validator(mode="after")
    def _one_source(self) -> Corpus:
        given = [name for name in ("path", "database", "dataset") if getattr(self, name) is not None]
        if len(given) != 1:
            raise problem(
                say("语料没有写从哪里读", "the corpus does not say where it is read from")
                if not given
                else say(f"{'、'.join(given)} 只能写一个", f"only one of {', '.join(given)} may be given"),
                say(
                    "写 path: data/a.csv，或 database，或 dataset",
                    "say path: data/a.csv, or database, or dataset",
                ),
            )
        if self.format and self.path is None:
            raise problem(
                say(f"{given[0]} 没有文件格式", f"{given[0]} has no file format"),
                say("去掉 format", "leave out format"),
            )
        return self

    @property
    def place(self) -> str:
        """Where its rows come from, for messages: never more of a database than its table."""
        if self.database:
            return self.database.place
        return self.dataset.path if self.dataset else str(self.path)

    @property
    def derived_text(self) -> str | None:
        """The template or column that ``text`` is made from; None when the source has the column itself."""
        return None if self.text == "text" else self.text

    def fingerprint(self) -> dict[str, Any]:
        return super().fingerprint() | {"unit": "corpus"}
