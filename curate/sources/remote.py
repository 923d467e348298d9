"""Options of sources that are no files: a live database, a Hugging Face data set."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, model_validator

from curate.language import say
from curate.options import FolderOrName, problem
from curate.unit import Form


def _environment_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise problem(
            # not shown: who mistakes this option for the address has typed a password into it
            say("url_env 应是环境变量的名称", "url_env must be the name of an environment variable"),
            say(
                "写 url_env: EXPO_DB，把地址放进环境变量：export EXPO_DB=postgresql://…；密码不要写进配方",
                "say url_env: EXPO_DB and export EXPO_DB=postgresql://…; no password belongs into a recipe",
            ),
        )
    return name


class Database(Form):
    """直接读数据库：PostgreSQL、MySQL、SQLite。 / A live database: PostgreSQL, MySQL or SQLite."""

    url_env: Annotated[str, AfterValidator(_environment_name)]
    """存放地址的环境变量：postgresql://用户:密码@主机/库，mysql://…，sqlite:///data/x.sqlite / the environment variable that holds the address: postgresql://user:password@host/name, mysql://…, sqlite:///data/x.sqlite"""
    table: str | None = None
    """要读的表（可以写 模式.表） / the table to read; may be schema.table"""
    query: str | None = None
    """代替 table 的一句 SELECT / a SELECT, in place of table"""
    incremental: str | None = None
    """只会增大的列（例如 updated_at 或自增主键）：第二次起只读比上次大的行；删掉的行不会被发现 / a column that only grows (updated_at, a serial number): later runs read what is greater than last time; deleted rows go unnoticed"""

    @model_validator(mode="after")
    def _table_or_query(self) -> Database:
        if (self.table is None) == (self.query is None):
            raise problem(
                say("table 和 query 要写一个，只写一个", "give table or query, one of the two"),
                say("例如 table: companies", "for example table: companies"),
            )
        return self

    @property
    def place(self) -> str:
        """The table, or the name of the variable: for messages, never the address."""
        return f"{self.url_env}: {self.table or self.query}"


class HubDataset(Form):
    """Hugging Face 数据集：本地文件夹，或 hub 上的名称。 / A Hugging Face data set: a local folder, or a hub name."""

    path: FolderOrName
    """save_to_disk 存下的文件夹、装数据文件的文件夹，或 hub 上的名称 / a folder of save_to_disk, a folder of data files, or a name on the hub"""
    split: str = "train"
    """读哪一部分 / the split"""
    config: str | None = None
    """数据集的配置名 / the configuration's name"""
    revision: str | None = None
    """hub 上的版本（提交号最稳妥） / the revision on the hub; a commit is the safest"""
