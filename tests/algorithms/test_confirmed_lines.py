"""The file in which a person confirms boilerplate."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from curate.algorithms.confirmed_lines import ConfirmedLine, Malformed, as_file, read_confirmed, written

READ = {
    "a whole line": ("欢迎光临本站", ("line", ("欢迎光临本站",))),
    "the beginning of a text": ("^央视网消息：", ("head", ("央视网消息：",))),
    "the end of a text": ("更多内容$", ("tail", ("更多内容",))),
    "anything within": ("热线：*转*号", ("line", ("热线：", "转", "号"))),
    "a count behind it": ("欢迎光临\t# 120 行 3.1%", ("line", ("欢迎光临",))),
    "signs that are meant": (r"\^甲\*乙\$", ("line", ("^甲*乙$",))),
    "a number sign": (r"\#展会\#", ("line", ("#展会#",))),
    "white space around": ("  欢迎光临  ", ("line", ("欢迎光临",))),
}


@pytest.mark.parametrize(("line", "expected"), READ.values(), ids=READ)
def test_a_line_is_a_pattern(line: str, expected: tuple[str, tuple[str, ...]], tmp_path: Path) -> None:
    (tmp_path / "news.txt").write_text(f"# 说明\n\n{line}\n", encoding="utf-8")
    (read,) = read_confirmed(tmp_path / "news.txt")
    assert (read.where, read.parts) == expected


@pytest.mark.parametrize("line", ["*", "^*", "甲*", "$", "^"])
def test_a_pattern_that_would_remove_almost_anything_is_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / "news.txt").write_text(f"# 说明\n{line}\n", encoding="utf-8")
    with pytest.raises(Malformed, match="几乎任何") as refused:
        read_confirmed(tmp_path / "news.txt")
    assert refused.value.line == 2


@pytest.mark.parametrize("where", ["line", "head", "tail"])
@pytest.mark.parametrize("line", ["央视网消息：", "^a*b$", r"1\2", "#展会#", "价格$", "（责任编辑*）"])
def test_what_is_written_is_read_again(where: str, line: str, tmp_path: Path) -> None:
    (tmp_path / "news.txt").write_text(written(where, line), encoding="utf-8")
    (read,) = read_confirmed(tmp_path / "news.txt")
    assert (read.where, read.parts) == (where, (line,))
    assert read.covers(where, line)


def test_a_pattern_covers_what_it_would_remove() -> None:
    pattern = ConfirmedLine("line", "热线：*号", ("热线：", "号"))
    assert pattern.covers("line", "热线：400号")
    assert not pattern.covers("line", "热线：400号楼")
    assert not pattern.covers("head", "热线：400号")


def test_the_file_keeps_what_is_confirmed_and_offers_the_rest_as_comments(tmp_path: Path) -> None:
    found = pl.DataFrame(
        {
            "line": ["央视网消息：", "欢迎光临", "更多内容"],
            "rows": [5401, 120, 30],
            "share": [0.9963, 0.022, 0.0055],
            "where": ["head", "line", "tail"],
            "confirmed": [False, True, False],
        }
    )
    confirmed = [ConfirmedLine("line", "欢迎光临", ("欢迎光临",))]
    text = as_file(found, confirmed, "news：5,442 行")
    lines = text.splitlines()
    assert lines[0] == "# news：5,442 行"
    assert lines[3:] == ["欢迎光临", "", "#^央视网消息：\t# 5,401 行 99.6%", "#更多内容$\t# 30 行 0.5%"]
    (tmp_path / "news.txt").write_text(text.replace("#^", "^"), encoding="utf-8")
    assert [one.shown for one in read_confirmed(tmp_path / "news.txt")] == ["欢迎光临", "^央视网消息："]
