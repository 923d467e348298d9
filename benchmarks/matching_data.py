"""Data sets with known answers for entity matching, read from ../shared/data (nothing of it is in the repo)."""

from __future__ import annotations

import gzip
import io
import json
import random
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

SHARED = Path(__file__).parent.parent.parent / "shared" / "data"
Pair = tuple[int, int]


@dataclass(frozen=True)
class Task:
    """Rows, the pairs of them that are one entity, and how they are matched.

    ``first``: rows of the first of two tables, between which pairs are sought; 0 for pairs within one table.
    """

    name: str
    rows: pl.DataFrame
    truth: frozenset[Pair]
    match: dict[str, Any]
    first: int = 0


def _member(archive: str, name: str, separator: str = ",", **options: Any) -> pl.DataFrame:
    with tarfile.open(SHARED / "matching" / archive) as held:
        found = held.extractfile(name)
        assert found is not None, name
        text = found.read()
    return pl.read_csv(
        io.BytesIO(text),
        separator=separator,
        infer_schema=False,
        **options,
    )


def two_tables(name: str, folder: str, files: tuple[str, str], separator: str, match: dict[str, Any]) -> Task:
    """Two tables without duplicates of their own; rows that stand for the same are pairs."""
    place = f"pyjedai/data/ccer/{folder}"
    one, other, gold = (
        _member("er_pyjedai.tar.gz", f"{place}/{file}.csv", separator, quote_char='"')
        for file in (*files, "gt")
    )
    one, other = (frame.rename(lambda column: column.split("#")[-1]) for frame in (one, other))
    at = {row: place for place, row in enumerate(one["id"])}
    then = {row: place + one.height for place, row in enumerate(other["id"])}
    truth = frozenset((at[left], then[right]) for left, right in gold.iter_rows())
    return Task(name, pl.concat([one, other], how="diagonal").drop("id"), truth, match, one.height)


def febrl(number: int) -> Task:
    """People made by FEBRL with its slips; rec-12-org and rec-12-dup-0 are one."""
    rows = _member("febrl.tar.gz", f"dataset{number}.csv")
    rows = rows.rename(str.strip).with_columns(pl.all().str.strip_chars().replace("", None))
    groups = rows["rec_id"].str.extract(r"rec-(\d+)-").to_list()
    match = {
        "given_name": "person",
        "surname": "person",
        "date_of_birth": "date",
        "soc_sec_id": "code",
        "address_1": "address",
        "address_2": "address",
        "suburb": "category",
        "postcode": "category",
        "state": "category",
        "street_number": "category",
    }
    return Task(f"FEBRL dataset{number}", rows.drop("rec_id"), frozenset(_within(groups)), match)


def cora() -> Task:
    """Citations, several of each paper."""
    rows = _member("er_pyjedai.tar.gz", "pyjedai/data/der/cora/cora.csv", "|", truncate_ragged_lines=True)
    gold = _member("er_pyjedai.tar.gz", "pyjedai/data/der/cora/cora_gt.csv", "|", has_header=False)
    truth = frozenset((min(int(a), int(b)), max(int(a), int(b))) for a, b in gold.iter_rows())
    return Task("Cora", rows, truth, {"title": "title", "author": "text", "venue": "text", "year": "date"})


def _within(groups: list[str]) -> Iterator[Pair]:
    members: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        yield from ((earlier, row) for earlier in members.setdefault(group, []))
        members[group].append(row)


def jsonl(name: str) -> list[dict[str, Any]]:
    with gzip.open(SHARED / "matching" / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def labelled_companies() -> Task:
    """Pairs of company names with a person's 是 or 否; each name is a row of its own."""
    pairs = jsonl("company_pairs_labelled.jsonl.gz")
    names = [pair[side] for pair in pairs for side in ("name1", "name2")]
    truth = frozenset((2 * at, 2 * at + 1) for at, pair in enumerate(pairs) if pair["same"] == "是")
    return Task("company pairs, labelled", pl.DataFrame({"name": names}), truth, {"name": "company_name"})


def full_names() -> list[str]:
    """Registered Chinese names of listed companies."""
    names = {row["公司中文名称"] for row in jsonl("company_short_full.jsonl.gz")}
    return sorted(name for name in names if name.endswith(("有限公司",)) and len(name) > 8)


def labelled_with_negatives(seed: int = 20) -> Task:
    """The labelled pairs, and for the first name of each an invented other company (a person would say 否)."""
    from curate.algorithms.company_name import company_names

    task, chance = labelled_companies(), random.Random(seed)
    names = task.rows["name"].gather_every(2).to_list()
    parts = company_names(pl.Series(names)).to_dicts()
    others = [_others(name, part, chance) for name, part in zip(names, parts, strict=True)]
    more = [text for name, other in zip(names, others, strict=True) for text in (name, other)]
    rows = pl.DataFrame({"name": task.rows["name"].to_list() + more})
    return Task("company pairs, labelled + invented negatives", rows, task.truth, task.match)


PLACES = [
    "深圳市",
    "上海",
    "北京",
    "广州市",
    "杭州市",
    "成都市",
    "武汉",
    "南京市",
    "西安市",
    "苏州市",
    "青岛市",
    "厦门市",
]
TRADES = ["科技", "贸易", "实业", "投资", "医药", "食品", "物流", "环保", "电子", "置业"]
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
TRADITIONAL = str.maketrans(
    "华东电国业发团务医药汽车龙贸环资产园兴实", "華東電國業發團務醫藥汽車龍貿環資產園興實"
)


def synthetic_companies(seed: int = 20) -> Task:
    """Full names (Apache-2.0, see the data's README) and ways to write or to change them.

    The same company: brackets, legal form, traditional characters, full width and spaces, 市 or the place left out. Another one: another place, another character in the core, another trade, a number, a branch.
    """
    from curate.algorithms.company_name import company_names

    chance = random.Random(seed)
    names = full_names()
    parts = company_names(pl.Series(names)).to_dicts()
    told = [
        (name, way, same)
        for name, part in zip(names, parts, strict=True)
        for way, same in _ways(name, part, chance)
    ]
    rows = [text for name, way, _ in told for text in (name, way)]
    truth = frozenset((2 * at, 2 * at + 1) for at, (_, _, same) in enumerate(told) if same)
    return Task("company pairs, synthetic", pl.DataFrame({"name": rows}), truth, {"name": "company_name"})


def _ways(name: str, part: dict[str, str], chance: random.Random) -> Iterator[tuple[str, bool]]:
    """One positive and one negative of each name, of a kind drawn at random among those that fit it."""
    at = name.find(part["core"])
    bare = name[at:] if part["place"] not in ("", "0") and at in (2, 3) else name
    same = [
        name.translate(WIDE).replace("股份", "　股份"),
        name.translate(TRADITIONAL),
        name.replace("股份有限公司", "有限责任公司")
        if "股份" in name
        else name.replace("有限公司", "有限责任公司"),
        name.replace("(", "（").replace(")", "）").replace("集团", "(集团)")
        if "(" not in name
        else name.replace("(", "[").replace(")", "]"),
        name.replace("市", "", 1)
        if name[2:3] == "市"
        else name[:2] + "市" + name[2:]
        if name[:2] in ("深圳", "杭州", "苏州")
        else name,
    ]
    yield chance.choice([way for way in [*same, bare] if way != name]), True
    yield _others(name, part, chance), False


def _others(name: str, part: dict[str, str], chance: random.Random) -> str:
    """A company that is another one, of a kind drawn at random among those that fit the name."""
    core, at = part["core"], name.find(part["core"])
    other = []
    if at >= 0 and len(core) >= 2:
        letter = chance.randrange(len(core))
        swapped = core[:letter] + chance.choice("安宝诚达德恒宏嘉康隆瑞泰兴亿裕") + core[letter + 1 :]
        other.append(name.replace(core, swapped, 1))
    front = name[: max(at, 0)]
    place = chance.choice([place for place in PLACES if place[:2] != name[:2]])
    if part["place"] and len(front) >= 2 and "中国" not in front:
        other.append(place + name[len(front) :])
    if part["industry"] and name.count(part["industry"]) == 1:
        trade = chance.choice([trade for trade in TRADES if trade not in part["industry"]])
        other.append(name.replace(part["industry"], trade))
    other += [
        name + chance.choice(["上海分公司", "深圳分公司", "第二分公司"]),
        name.replace("有限公司", "有限公司北京办事处"),
    ]
    if at >= 0:
        other.append(name[: at + len(core)] + chance.choice(["二", "第三", "88"]) + name[at + len(core) :])
    different = [way for way in other if way != name]
    return chance.choice(different)


def many_companies(rows: int, seed: int = 20) -> Task:
    """Invented companies with codes and phones, a tenth of them twice: written another way, some without a code.

    The cores are drawn from the characters of listed companies' cores, as often as they are met there, two to four
    each, so that companies collide as real ones do: in their core, in their trade, in a character.
    """
    from curate.algorithms.company_name import company_names

    chance = np.random.default_rng(seed)
    cores = company_names(pl.Series(full_names()))["core"].str.extract_all(r"\p{Han}").explode().drop_nulls()
    letters = cores.to_numpy().astype(str)
    single = rows - rows // 11
    places, trades = (
        np.array(PLACES),
        np.array([*TRADES, "信息技术", "机械设备", "服装", "广告", "建筑工程", "供应链管理"]),
    )
    length = chance.choice([2, 3, 4], single, p=[0.5, 0.35, 0.15])
    drawn = letters[chance.integers(0, len(letters), (single, 4))]
    core = ["".join(row[:size]) for row, size in zip(drawn, length, strict=True)]
    told = pl.DataFrame(
        {
            "place": places[chance.integers(0, len(places), single)],
            "core": core,
            "trade": trades[chance.integers(0, len(trades), single)],
            "code": [f"9144{number:014d}" for number in range(single)],
            "phone": [f"1{number:010d}" for number in chance.integers(3_000_000_000, 9_900_000_000, single)],
        }
    )
    twice = told.sample(rows - single, seed=seed)
    names = pl.concat_str("place", "core", "trade", pl.lit("有限公司"))
    again = pl.concat_str(
        "core",
        pl.lit("（"),
        pl.col("place").str.replace("市", ""),
        pl.lit("）"),
        "trade",
        pl.lit("有限责任公司"),
    )
    blank = pl.when(pl.int_range(pl.len()) % 2 == 0)
    whole = pl.concat(
        [
            told.select(name=names, code="code", phone="phone", row=pl.int_range(pl.len())),
            twice.select(name=again, code=blank.then("code"), phone="phone", row=pl.lit(-1).cast(pl.Int64)),
        ]
    )
    owner = dict(zip(told["code"], range(single), strict=True))
    truth = frozenset((owner[code], single + at) for at, code in enumerate(twice["code"]))
    match = {"name": "company_name", "code": "code", "phone": "phone"}
    return Task(f"{rows:,} companies", whole.drop("row"), truth, match)
