"""Read the written corpora back and verify every claim of truth.jsonl."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import ids
from dirt import SOILS
from layout import LAYOUTS, Row, render
from normal import Shingled, jaccard, normal
from readers import Unreadable, read_all
from reference import clean
from snippets import SNIPPETS

Truth = dict[str, Any]
MUST_GO = {"garbled", "too_short", "foreign", "test_row", "empty", "invalid"}
COPIES = {"same_key", "exact_dup", "near_dup", "alike", "lookalike", "repeated"}
BOUNDS = {"near_dup": (0.83, 0.98), "alike": (0.55, 0.75), "lookalike": (0.8, 1.0)}
CERTAIN = 0.75  # no unplanted pair is as similar as this
UNREADABLE = {"bad_json_line", "bad_csv_line", "undecodable"}


def table(truth: list[Truth]) -> str:
    """How often each kind is planted in each corpus, as a Markdown table."""
    counts = Counter((line["kind"], line["corpus"]) for line in truth)
    kinds = sorted({kind for kind, _ in counts})
    lines = ["| 种类 | " + " | ".join(LAYOUTS) + " | 合计 |", "|---|" + "--:|" * (len(LAYOUTS) + 1)]
    for kind in kinds:
        numbers = [counts[kind, corpus] for corpus in LAYOUTS]
        lines.append(
            f"| {kind} | " + " | ".join(str(number or "") for number in numbers) + f" | {sum(numbers)} |"
        )
    return "\n".join(lines)


def check_texts(corpora: dict[str, list[Row]], truth: list[Truth]) -> list[str]:
    """Dirty texts become the clean ones; texts with nothing planted in them do not change."""
    wrong = []
    claims = {
        (line["corpus"], line["key"]): line for line in truth if "clean" in line and line["clean"] is not None
    }
    gone = {(line["corpus"], line["key"]) for line in truth if line["kind"] in MUST_GO | {"exact_dup"}}
    for corpus, rows in corpora.items():
        layout = LAYOUTS[corpus]
        for row in rows:
            place = (corpus, row[layout.key])
            raw, claim = str(row[layout.body] or ""), claims.get(place)
            found = clean(raw, corpus == "news")
            if claim and raw != claim["dirty"]:
                wrong.append(f"{place}：文件里的正文与 dirty 不同")
            if claim and found != claim["clean"]:
                wrong.append(f"{place}：{claim['kind']} 清洗后不等于 clean：{found!r}")
            expected = raw.removeprefix("<p>").removesuffix("</p>").replace("</p><p>", "\n")
            if not claim and place not in gone and found != expected:
                wrong.append(f"{place}：没有埋脏东西的正文，清洗后变了：{expected!r} -> {found!r}")
            row[layout.body] = found
    return wrong


def check_secrets(corpora: dict[str, list[Row]], truth: list[Truth]) -> list[str]:
    """Numbers with check digits are right, except where they are meant to be wrong."""
    wrong = []
    invalid = {line["key"] for line in truth if line["kind"] == "invalid" and line["field"] == "credit_code"}
    for row in corpora["companies"]:
        if ids.credit_is_valid(str(row["credit_code"])) == (row["company_id"] in invalid):
            wrong.append(f"{row['company_id']}：统一社会信用代码 {row['credit_code']}")
    for row in corpora["visitors"]:
        if row["id_number"] and not ids.id_is_valid(row["id_number"]):
            wrong.append(f"{row['visitor_id']}：身份证号 {row['id_number']}")
    texts = {
        (name, row[LAYOUTS[name].key]): str(row[LAYOUTS[name].body])
        for name, rows in corpora.items()
        for row in rows
    }
    for line in truth:
        secret = str(line.get("dirty"))
        if line["kind"] in SNIPPETS and secret not in texts[line["corpus"], line["key"]]:
            wrong.append(f"{line['key']}：正文里找不到 {secret}")
        if line["kind"] == "id_in_text" and not ids.id_is_valid(secret):
            wrong.append(f"{line['key']}：{secret} 不是有效的身份证号")
        if line["kind"] == "order_number" and (
            ids.id_is_valid(secret) or (secret.isdigit() and ids.luhn_is_valid(secret))
        ):
            wrong.append(f"{line['key']}：{secret} 不该是有效的号码")
    return wrong


def check_pairs(corpora: dict[str, list[Row]], truth: list[Truth]) -> list[str]:
    """Planted pairs are as similar as claimed; no others come near."""
    wrong = []
    planted = {
        (line["corpus"], frozenset((line["key"], line["of"]))) for line in truth if line["kind"] in COPIES
    }
    exempt = {
        (line["corpus"], line["key"])
        for line in truth
        if line["kind"] in MUST_GO - {"invalid"} | {"repeated"}
    }
    texts: dict[tuple[str, str], str] = {}
    for corpus, rows in corpora.items():
        key, index = LAYOUTS[corpus].key, Shingled()
        for number, row in enumerate(rows):
            text = render(corpus, row)
            texts[corpus, row[key]] = text
            for other, score in index.similar(text, CERTAIN):
                pair = frozenset((row[key], rows[other][key]))
                if (
                    len(pair) == 2
                    and (corpus, pair) not in planted
                    and not any((corpus, one) in exempt for one in pair)
                ):
                    wrong.append(f"{corpus} {sorted(pair)}：没有记录，J={score:.3f}：{text}")
            index.add(text)
            assert len(index.sets) == number + 1
    for line in truth:
        if line["kind"] not in COPIES:
            continue
        copy, original = texts[line["corpus"], line["key"]], texts[line["corpus"], line["of"]]
        score = jaccard(copy, original)
        low, high = (0.0, CERTAIN) if line["corpus"] == "comments" else BOUNDS.get(line["kind"], (0.0, 1.0))
        if line["kind"] in BOUNDS and not (low <= score <= high and line["note"] == f"J={score:.3f}"):
            wrong.append(
                f"{line['corpus']} {line['key']}：{line['kind']} 的 J={score:.3f}，记录为 {line['note']}"
            )
        if line["kind"] in {"exact_dup", "repeated"} and normal(copy) != normal(original):
            wrong.append(f"{line['corpus']} {line['key']}：与 {line['of']} 归一后不相同")
    return wrong


def check_places(corpora: dict[str, list[Row]], truth: list[Truth], unreadable: Unreadable) -> list[str]:
    """Keys exist, once unless planted twice; the unreadable lines are the recorded ones."""
    wrong = []
    twice = {(line["corpus"], line["key"]) for line in truth if line["kind"] == "same_key"}
    keys = Counter((corpus, row[LAYOUTS[corpus].key]) for corpus, rows in corpora.items() for row in rows)
    for place, count in keys.items():
        if count != 1 + (place in twice):
            wrong.append(f"{place}：出现 {count} 次")
    for line in truth:
        for name in ("key", "of"):
            if line.get(name) and not keys[line["corpus"], line[name]]:
                wrong.append(f"{line}：没有这一行")
    recorded = {(line["file"], line["line"]) for line in truth if line["kind"] in UNREADABLE}
    wrong += [f"{place}：读不了的行与记录不符" for place in sorted(recorded ^ unreadable)]
    busy = Counter((line["corpus"], line["key"]) for line in truth if line["key"])
    busy.update(
        {(line["corpus"], line["of"]) for line in truth if line["kind"] in COPIES - {"same_key", "repeated"}}
    )
    return wrong + [f"{place}：埋了不止一样东西" for place, count in busy.items() if count > 1]


def check(folder: Path) -> list[str]:
    truth: list[Truth] = [
        json.loads(line) for line in (folder / "truth.jsonl").read_text("utf-8").split("\n")[:-1]
    ]
    corpora, unreadable = read_all(folder)
    missing = [
        f"没有埋 {kind}"
        for kind in set(SOILS) | COPIES | MUST_GO
        if all(line["kind"] != kind for line in truth)
    ]
    wrong = missing + check_places(corpora, truth, unreadable) + check_texts(corpora, truth)
    wrong += check_secrets(corpora, truth) + check_pairs(corpora, truth)
    if table(truth) not in (folder / "README.md").read_text("utf-8"):
        wrong.append(f"README.md 里的表不是最新的，应为：\n{table(truth)}")
    return wrong
