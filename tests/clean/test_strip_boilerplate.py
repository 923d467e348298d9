"""strip_boilerplate: by rules, by what was learned, and only what is confirmed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from curate.clean.cleaner import Notes
from curate.clean.strip_boilerplate import StripBoilerplate

BODY = "展会今天在上海开幕，来自各地的企业参加。"
STRIPPED = {
    "editor": [
        f"{BODY}\n责任编辑：张三",
        f"{BODY}（责任编辑杨三）",
        f"{BODY}\n责编：李四 校对：王五",
        f"{BODY}\n编辑：张三\n审核：李四",
        f"{BODY}\n責任編輯：張三",
    ],
    "source": [f"{BODY}\n来源：新华社", f"{BODY}（来源：某某网）", f"2024-01-01 12:00 来源：某某网\n{BODY}"],
    "original_title": [f"原标题：展会开幕\n{BODY}", f"{BODY}\n（原标题：展会开幕）"],
    "reporter": [f"{BODY}（记者 张三 李四）", f"{BODY}（本报记者张三）", f"{BODY}（完）"],
    "follow": [
        f"{BODY}扫码关注我们",
        f"{BODY}\n长按识别二维码，加入读者群",
        f"{BODY}\n欢迎关注某某展览网官方微信公众号",
    ],
    "more": [f"{BODY}\n点击查看更多", f"{BODY}\n阅读全文>>", f"{BODY}更多精彩内容请下载客户端"],
    "notice": [
        f"{BODY}\n版权声明：本文为原创。侵权必究。",
        f"{BODY}\n免责声明：本文仅代表作者观点。",
        f"{BODY}转载请注明出处",
        f"{BODY}\n未经许可，不得转载。",
        f"{BODY}\nCopyright 2024 某某网",
    ],
    "furniture": [f"{BODY}\n上一篇：甲\n下一篇：乙", f"{BODY}\n分享到：微信 微博", f"{BODY}\n打印 关闭"],
    "date_line": [
        f"央视网消息（新闻联播）：{BODY}",
        f"新华社上海1月1日电（记者 张三）{BODY}",
        f"本报讯（记者张三）{BODY}",
    ],
    "label": [f"[视频]{BODY}", f"【组图】{BODY}"],
}
KEPT = {
    "an editor in a sentence": "由他担任责任编辑：张三",
    "an editor who speaks": f"{BODY}\n编辑：使用的插件是 AdBlock，谢谢大家的帮助",
    "a source in a sentence": "据本报消息来源：多方人士",
    "a source of data": f"{BODY}\n数据来源：国家统计局",
    "a source in the middle": f"他说（来源：某某网）以后再看。{BODY}",
    "a reporter in a sentence": "本报记者张三报道了此事。",
    "a code to register": "请扫描二维码报名参加展会。",
    "a declaration of a company": f"{BODY}\n声明：我公司从未授权任何个人。",
    "a question about copyright": "转载别人的文章要付费吗？",
    "the state of a record": "关闭",
    "a print shop": "我去打印。",
    "a text that is nothing but boilerplate": "来源：新华社",
    "words at the beginning": "消息人士说，央视网消息：今天",
    "empty": "",
}


def applied(cleaner: StripBoilerplate, *texts: str | None) -> tuple[list[str | None], dict[Any, int]]:
    """The texts, and what was told: (what, value) -> count."""
    notes = Notes()
    kept = cleaner.apply(pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}), notes).kept
    told = {
        (what, value): count
        for what, value, count in notes.frame().select("what", "value", "count").iter_rows()
    }
    return kept["text"].to_list(), told


@pytest.mark.parametrize("rule", STRIPPED)
def test_each_rule_removes_its_remarks_and_says_so(rule: str) -> None:
    for text in STRIPPED[rule]:
        found, told = applied(StripBoilerplate(), text)
        assert found == [BODY], text
        assert (rule, None) in told, text
        assert applied(StripBoilerplate(), BODY) == ([BODY], {})


@pytest.mark.parametrize("rule", STRIPPED)
def test_a_rule_that_is_not_named_does_nothing(rule: str) -> None:
    others = [name for name in STRIPPED if name != rule]
    found, told = applied(StripBoilerplate(rules=others), STRIPPED[rule][0])
    assert found == [STRIPPED[rule][0]]
    assert told == {}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_is_part_of_the_text_stays(text: str) -> None:
    assert applied(StripBoilerplate(), text) == ([text], {})


def test_remarks_behind_each_other_all_go_and_are_counted() -> None:
    text = (
        f"[视频]央视网消息：{BODY}（记者 张三）\n来源：某某网\n责任编辑：李四\n版权声明：原创。\n上一篇：甲"
    )
    found, told = applied(StripBoilerplate(), text, BODY, None)
    assert found == [BODY, BODY, None]
    assert {what for what, _ in told} == {
        "label",
        "date_line",
        "reporter",
        "source",
        "editor",
        "notice",
        "furniture",
    }


def test_the_middle_of_a_long_text_is_whole_behind_its_edges() -> None:
    middle = "".join(f"第{number}段。" for number in range(400))
    text = f"[视频]央视网消息：{middle}（完）\n责任编辑：张三"
    assert applied(StripBoilerplate(), text)[0] == [middle]


def test_what_is_confirmed_goes_where_the_pattern_says(tmp_path: Path) -> None:
    file = tmp_path / "news.txt"
    file.write_text("欢迎光临\n^某某网：\n谢谢*$\n热线：*\n", encoding="utf-8")
    cleaner = StripBoilerplate(confirmed=str(file))
    texts = [
        "某某网：甲说。\n欢迎光临\n乙说。谢谢您的阅读",
        "甲说欢迎光临，某某网：乙说。",
        "热线：400-1\n甲说。\n  热线：400-2  ",
    ]
    found, told = applied(cleaner, *texts)
    assert found == ["甲说。\n\n乙说。", "甲说欢迎光临，某某网：乙说。", "甲说。"]
    assert told == {
        ("confirmed", "欢迎光临"): 1,
        ("confirmed", "^某某网："): 1,
        ("confirmed", "谢谢*$"): 1,
        ("confirmed", "热线：*"): 2,
    }
    assert applied(cleaner, *found) == (found, {})


def test_a_confirmed_pattern_that_would_remove_almost_anything_is_refused(tmp_path: Path) -> None:
    (tmp_path / "news.txt").write_text("欢迎光临\n*\n", encoding="utf-8")
    with pytest.raises(ValidationError, match=r"news.txt:2: .*几乎任何"):
        StripBoilerplate.model_validate(
            {"use": "strip_boilerplate", "confirmed": "news.txt"}, context={"workspace": tmp_path}
        )


def _corpus() -> list[str | None]:
    return [
        f"央视网消息：第{n}届展会开幕，共{n * 7}家企业。\n欢迎关注某某展览网\n第{n}号公告。"
        for n in range(30)
    ]


def test_what_many_texts_share_is_listed_and_not_removed(tmp_path: Path) -> None:
    frames = [pl.DataFrame({"text": part}) for part in (_corpus()[:12], _corpus()[12:])]
    figures = StripBoilerplate(rules=[]).learn(iter(frames), tmp_path)
    assert figures == {"texts": 30, "candidates": 2, "missed": 0}
    found, told = applied(StripBoilerplate(rules=[]).learned(tmp_path), *_corpus()[:10])
    assert found == _corpus()[:10]
    assert told == {("candidate", "欢迎关注某某展览网"): 10, ("candidate", "央视网消息："): 10}


def test_what_a_rule_removes_is_no_candidate() -> None:
    found = StripBoilerplate().candidates([pl.DataFrame({"text": _corpus()})])
    assert found.rows() == [("欢迎关注某某展览网", 30, 1.0, "line", False)]


def test_what_is_confirmed_is_marked_and_kept_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "news.txt"
    file.write_text("欢迎关注*\n", encoding="utf-8")
    cleaner = StripBoilerplate(rules=[], confirmed=str(file))
    found = cleaner.candidates([pl.DataFrame({"text": _corpus()})])
    assert {line: confirmed for line, *_, confirmed in found.iter_rows()} == {
        "欢迎关注某某展览网": True,
        "央视网消息：": False,
    }
    lines = cleaner.confirmed_file(found, "news").splitlines()
    assert "欢迎关注*" in lines
    assert "#^央视网消息：\t# 30 行 100.0%" in lines


def test_the_same_rows_are_learned_to_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        StripBoilerplate().learn(iter([pl.DataFrame({"text": _corpus()})]), tmp_path / name)
        written.append((tmp_path / name / "candidates.parquet").read_bytes())
    assert written[0] == written[1]
