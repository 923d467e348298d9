"""mask_pii: what leads to a person: numbers, accounts, addresses, names."""

from __future__ import annotations

import hmac
import os
from collections import Counter
from functools import cached_property
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import Field, ValidationInfo, model_validator

from curate.algorithms.characters import ANY
from curate.algorithms.personal_data import (
    KINDS,
    Found,
    Kind,
    find_plain,
    names_in_cell,
    replaced,
    search,
    with_instead,
)
from curate.algorithms.personal_data.words import Language, hashed, placeholder
from curate.clean.cleaner import Notes, Scan, TextCleaner
from curate.errors import CurateError
from curate.language import say
from curate.options import Names, problem
from curate.rows import Outcome, keep_where, nothing_dropped

Action = Literal["mask", "hash", "remove", "drop_row"]
#: a salt that can be tried out is none
SALT_CHARS = 16
#: a column of its own: the kinds of personal data for which a row goes
WHY_NOT = "__personal_data"


class MaskPii(TextCleaner):
    """遮盖、哈希或去掉个人信息（电话、证件、账号、车牌、住址、姓名）。 / Mask, hash or remove what leads to a person.

    Identity cards are confirmed by birth date and check digit (GB 11643), bank cards by Luhn's, so that order numbers
    stay; so do unified credit codes (GB 32100), toll-free and service numbers (400, 800, 95…). Accounts, passports and
    names are found by the words before them (微信：…, 法定代表人：…). An address counts where somebody lives (家住, 收货地址,
    小区 … 室); those of companies are public and stay, but for the few that read like a flat: list such columns in ``skip``.

    ``mask`` leaves what leads to nobody: 138****5678, 11****************, z***@abc.com, 沪A*****, 张*, an address
    without its numbers. ``hash`` writes 手机_c3f9a2…, the same for the same value in all rows and runs, by HMAC-SHA-256
    under a salt from the environment. ``remove`` writes [手机]. ``drop_row`` drops the row, reason ``personal_data``.
    """

    version: ClassVar = 2
    looks_for: ClassVar = ANY
    hides: ClassVar = True
    use: Literal["mask_pii"] = "mask_pii"
    kinds: list[Kind] = list(KINDS)
    """处理哪些个人信息 / the kinds that are looked for"""
    action: Action = "mask"
    """找到后：mask 遮盖、hash 换成代号、remove 去掉、drop_row 丢弃整行 / what becomes of them"""
    actions: dict[Kind, Action] = {}
    """某一种另外处理，例如 id_card: remove / another action for some kinds"""
    names: Names = []
    """整格都是人名的列 / columns that hold names of people and nothing else"""
    salt_env: str = Field("CURATE_PII_SALT", pattern=r"^[A-Za-z_]\w*$")
    """hash 用的密钥在哪个环境变量里 / the environment variable with the secret salt of hash"""
    language: Language = "zh"
    """hash 和 remove 写的字用中文还是英文 / the language of what hash and remove write"""

    @model_validator(mode="after")
    def _possible(self, info: ValidationInfo) -> MaskPii:
        if self.names and self._action("person_name") == "drop_row":
            raise problem(
                say(
                    "names 的列整格都是人名，drop_row 会丢掉所有行",
                    "drop_row would drop every row of the columns in names",
                ),
                say("person_name 写 mask、hash 或 remove", "let person_name be masked, hashed or removed"),
            )
        if (info.context or {}).get("workspace") is not None and self._hashes:
            try:
                _ = self._salt
            except CurateError as error:
                raise problem(error.problem, error.hint) from error
        return self

    def fingerprint(self) -> dict[str, Any]:
        """Another salt gives other tokens; what is kept of it is a digest."""
        told = super().fingerprint()
        if self._hashes:
            told["salt"] = hmac.new(self._salt, b"fingerprint", "sha256").hexdigest()[:16]
        return told

    @property
    def _hashes(self) -> bool:
        return "hash" in map(self._action, self.kinds)

    @property
    def drops(self) -> bool:
        """Does it drop rows besides? Then ``apply`` does the work."""
        return "drop_row" in map(self._action, self.kinds)

    def places(self, values: pl.Series, scan: Scan) -> pl.Series:
        if values.name in self.names:
            return values.is_not_null().arg_true()
        kinds = [kind for kind in self.kinds if self._action(kind) != "drop_row"]
        found = search(values, kinds, scan.marks(values))
        return pl.Series([suspect.place for suspect in found], dtype=pl.UInt32)

    def rewrite_column(self, values: pl.Series, notes: Notes) -> pl.Series:
        counts: Counter[str] = Counter()
        cells = self._names(values, counts) if values.name in self.names else values
        kinds = [kind for kind in self.kinds if self._action(kind) != "drop_row"]
        texts, found = replaced(cells, kinds, self._instead)
        counts.update(one.kind for one in found)
        _tell(notes, values.name, counts)
        return texts

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        notes = notes or Notes()
        kept = super().apply(rows, notes).kept
        kinds = [kind for kind in self.kinds if self._action(kind) == "drop_row"]
        told: dict[int, set[str]] = {}
        for name in self.columns(kept) if kinds else ():
            counts: Counter[str] = Counter()
            for suspect in search(kept[name], kinds):
                found = [one.kind for one in find_plain(suspect.plain, suspect.kinds)]
                counts.update(found)
                if found:
                    told.setdefault(suspect.place, set()).update(found)
            _tell(notes, name, counts)
        if not told:
            return Outcome(kept, nothing_dropped(kept))
        details = [
            say("、", ", ").join(sorted(told[place])) if place in told else None
            for place in range(kept.height)
        ]
        seen = kept.with_columns(pl.Series(WHY_NOT, details, dtype=pl.String))
        rule = {"personal_data": pl.col(WHY_NOT).is_null()}
        outcome = keep_where(seen, rule, {"personal_data": pl.col(WHY_NOT)})
        return Outcome(outcome.kept.drop(WHY_NOT), outcome.dropped.drop(WHY_NOT))

    def _names(self, values: pl.Series, counts: Counter[str]) -> pl.Series:
        """Cells that hold nothing but names."""
        new: dict[str, str] = {}
        for cell, times in values.value_counts().iter_rows():
            found = names_in_cell(cell)
            text = with_instead(cell, found, self._instead)
            if text != cell:
                new[cell] = text
                counts["person_name"] += len(found) * times
        return values.replace(new) if new else values

    def _action(self, kind: Kind) -> Action:
        return self.actions.get(kind, self.action)

    def _instead(self, found: Found) -> str:
        """What stands in the place of a value."""
        match self._action(found.kind):
            case "hash":
                return hashed(found, self._salt, self.language)
            case "remove":
                return placeholder(found.kind, self.language)
            case _:
                return found.shown

    @cached_property
    def _salt(self) -> bytes:
        salt = os.environ.get(self.salt_env, "")
        if len(salt) < SALT_CHARS:
            raise CurateError(
                say(
                    f"mask_pii 要用密钥做 hash，环境变量 {self.salt_env} 里没有，或不足 {SALT_CHARS} 个字符",
                    f"mask_pii hashes with a secret salt: {self.salt_env} is not set, or has less than {SALT_CHARS} characters",
                ),
                say(
                    f'先执行 export {self.salt_env}="$(openssl rand -hex 32)"，并把它存好：换了密钥，代号就对不上',
                    f'first export {self.salt_env}="$(openssl rand -hex 32)", and keep it: another salt gives other tokens',
                ),
            )
        return salt.encode()


def _tell(notes: Notes, column: str, counts: Counter[str]) -> None:
    for kind, count in sorted(counts.items()):
        notes.add(column, kind, count=count)
