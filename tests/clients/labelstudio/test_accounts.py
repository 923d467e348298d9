"""Who may annotate: the csv, and the private file with passwords and tokens."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from curate.clients.labelstudio.accounts import ADMIN, Account, Accounts, read_people
from curate.errors import CurateError
from tests.conftest import ROOT


def people(tmp_path: Path, text: str, encoding: str = "utf-8") -> list[tuple[str, str, str]]:
    file = tmp_path / "accounts.csv"
    file.write_bytes(text.encode(encoding))
    return read_people(file)


def test_the_csv_of_excel_is_read_and_an_address_is_lower_case_as_on_the_server(tmp_path: Path) -> None:
    found = people(
        tmp_path,
        "email,name,role\r\nWang@Example.com, 王芳 ,annotator\r\nli@example.com,,expert\r\n",
        "utf-8-sig",
    )
    assert found == [("wang@example.com", "王芳", "annotator"), ("li@example.com", "li", "expert")]


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("email,name,role\nwang,王芳,annotator\n", ":2:", "不是邮箱"),
        ("email,name,role\na@b.cn,甲,annotator\nA@B.CN,乙,expert\n", ":3:", "邮箱重复"),
        (f"email,name,role\n{ADMIN},甲,expert\n", ":2:", "邮箱重复"),
        ("email,name,role\na@b.cn,甲,boss\n", ":2:", "annotator 或 expert"),
        ("邮箱,姓名\na@b.cn,甲\n", ":2:", "不是邮箱"),
        ("email,name,role\n", "accounts.csv", "空的"),
    ],
    ids=["no address", "twice", "the administrator's", "an unknown role", "other columns", "nobody"],
)
def test_a_wrong_line_is_named(text: str, where: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(CurateError) as raised:
        people(tmp_path, text)
    assert where in raised.value.problem
    assert what in raised.value.problem


def test_a_csv_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CurateError, match="读不出来"):
        people(tmp_path, "email,name,role\na@b.cn,甲,expert\n", "gb18030")


def test_the_example_has_three_annotators_and_an_expert() -> None:
    roles = [role for _, _, role in read_people(ROOT / "labelstudio" / "accounts.csv")]
    assert roles == ["annotator"] * 3 + ["expert"]


def test_everybody_has_a_password_of_their_own_in_a_file_that_others_cannot_read(tmp_path: Path) -> None:
    file = tmp_path / "accounts.json"
    Accounts(file).expect([("a@b.cn", "甲", "annotator"), ("c@d.cn", "丙", "expert")])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    there = json.loads(file.read_text(encoding="utf-8"))["accounts"]
    assert [one["role"] for one in there] == ["admin", "annotator", "expert"]
    assert len({one["password"] for one in there}) == 3
    assert min(len(one["password"]) for one in there) >= 20


def test_a_second_start_keeps_passwords_and_tokens_and_takes_over_names(tmp_path: Path) -> None:
    file = tmp_path / "accounts.json"
    Accounts(file).expect([("a@b.cn", "甲", "annotator"), ("c@d.cn", "丙", "expert")])
    listed = json.loads(file.read_text(encoding="utf-8"))
    for one in listed["accounts"]:
        one["token"] = f"token of {one['email']}"
    file.write_text(json.dumps(listed), encoding="utf-8")
    again = Accounts(file)
    again.expect([("a@b.cn", "甲甲", "expert"), ("e@f.cn", "戊", "annotator")])
    now = {one["email"]: one for one in json.loads(file.read_text(encoding="utf-8"))["accounts"]}
    before = {one["email"]: one for one in listed["accounts"]}
    assert list(now) == [ADMIN, "a@b.cn", "c@d.cn", "e@f.cn"], (
        "nobody is removed: their annotations are there"
    )
    assert now["a@b.cn"] == before["a@b.cn"] | {"name": "甲甲", "role": "expert"}
    assert now["c@d.cn"] == before["c@d.cn"]
    assert now["e@f.cn"]["token"] is None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nothing_is_asked_of_a_server_when_all_tokens_are_there(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "accounts.json")
    there = {"a@b.cn": Account("a@b.cn", "甲", "expert", "geheim", "token")}
    accounts.there = dict(there)
    accounts.make("http://127.0.0.1:9")  # where nothing answers
    assert accounts.there == there


def test_an_account_in_a_log_shows_neither_password_nor_token() -> None:
    assert repr(Account("a@b.cn", "甲", "expert", "geheim", "token-x")) == "Account(a@b.cn, expert)"
