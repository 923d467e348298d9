"""The index: this week's rows against all earlier ones."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from curate import __version__
from curate.cache import Cache
from curate.dedupe import Dedupe, Source, sign
from curate.dedupe.index import HEADER, Index
from curate.errors import CurateError
from curate.files import sha256_of
from curate.rows import Table
from tests.dedupe.conftest import Deduped, similarity, table
from tests.dedupe.test_minhash import words

ONE = "第二十三届中国国际工业博览会将于九月在上海国家会展中心举办，主题为智能互联与产业升级，预计吸引来自二十八个国家和地区的两千六百家企业参展。"
ONE_EDITED = ONE.replace("将于九月", "将在九月")
ONE_TWICE_EDITED = ONE_EDITED.replace("家企业参展", "个公司参加")
OTHER = "广州春季家具展昨日闭幕，组委会介绍到场专业买家超过十八万人次，海外采购商占比上升到百分之二十三，创历年新高。"
THIRD = "深圳电子元器件论坛讨论了车规芯片的供应安全，多位专家建议建立本地化的失效分析实验室并共享测试数据。"

Week = Callable[..., Deduped]


@pytest.fixture
def week(tmp_path: Path) -> Week:
    """``week({"news": frame}, remember=True, index="news", …)``: one run in a workspace that lasts."""

    def do(
        corpora: dict[str, pl.DataFrame],
        *,
        remember: bool = True,
        identity: tuple[str, ...] = (),
        protected: tuple[str, ...] = (),
        **options: object,
    ) -> Deduped:
        cache = Cache(tmp_path / "cache")
        sources = []
        for name, frame in corpora.items():
            key = sha256_of([name, frame.write_json()])
            shard = tmp_path / "in" / key / "00000.parquet"
            shard.parent.mkdir(parents=True, exist_ok=True)
            frame.write_parquet(shard)
            sources.append(Source(Table(name, (shard,)), key, (), identity, None, name in protected))
        dedupe = Dedupe(**({"exact": {}, "minhash": {}} | options))
        decided, steps = dedupe.run(sources, cache)
        if remember:
            dedupe.remember(sources, decided, cache)
        return Deduped(
            pl.concat([frame for step in steps for frame in step.table.frames()], how="diagonal"),
            pl.concat(
                [pl.read_parquet(file) for step in steps for file in step.dropped_shards], how="diagonal"
            ),
        )

    return do


def news(texts: dict[str, str | None], corpus: str = "news") -> dict[str, pl.DataFrame]:
    return {corpus: table(dict(texts), corpus)}


def why(found: Deduped) -> dict[str, tuple[str, str, float]]:
    return {
        row: (reason, of, round(alike, 6))
        for row, reason, of, alike in found.dropped.select("row_id", "reason", "of", "similarity").iter_rows()
    }


def test_new_rows_that_repeat_one_of_an_earlier_week_go_and_name_it(week: Week) -> None:
    week(news({"a": ONE, "b": OTHER}), index="news")
    found = week(news({"c": ONE + "！", "d": ONE_EDITED, "e": THIRD}), index="news")
    alike = round(similarity(ONE, ONE_EDITED), 6)
    assert why(found) == {
        "news:c": ("seen_before", "news:a", 1.0),
        "news:d": ("seen_before", "news:a", alike),
    }
    assert found.kept["row_id"].to_list() == ["news:e"]


def test_a_row_that_was_removed_stays_in_the_index(week: Week) -> None:
    assert similarity(ONE, ONE_TWICE_EDITED) < 0.8 <= similarity(ONE_EDITED, ONE_TWICE_EDITED)
    first = week(news({"a": ONE, "b": ONE_EDITED}), index="news", keep=["length"])
    assert why(first)["news:b"][1] == "news:a"
    found = week(news({"c": ONE_TWICE_EDITED}), index="news")
    assert why(found)["news:c"][:2] == ("seen_before", "news:b")


def test_without_remembering_nothing_is_known(week: Week) -> None:
    week(news({"a": ONE}), index="news", remember=False)
    assert not why(week(news({"b": ONE}), index="news"))


@pytest.mark.parametrize("edited", [False, True])
def test_an_earlier_week_can_be_run_again(week: Week, edited: bool) -> None:
    """Not even when later rows went because of it, and its own rows have changed since."""
    before = {"a": ONE, "b": ONE_EDITED, "x": OTHER}
    first = week(news(dict(before)), index="news")
    week(news({"c": ONE + "。", "y": THIRD}), index="news")
    if edited:
        before["x"] = OTHER + "（完）"
    again = week(news(dict(before)), index="news")
    assert why(again) == why(first)
    later = week(news({"c": ONE + "。", "y": THIRD}), index="news")
    assert set(why(later)) == {"news:c"}


def test_a_run_over_old_and_new_rows_together_decides_them_anew(week: Week) -> None:
    week(news({"a": ONE}), index="news")
    found = week(news({"a": ONE, "b": ONE_EDITED}), index="news")
    assert why(found)["news:b"][:2] == ("near_duplicate", "news:a")


def test_an_old_segment_whose_rows_all_came_again_is_replaced(week: Week, tmp_path: Path) -> None:
    week(news({"a": ONE}), index="news")
    week(news({"b": THIRD}), index="news")
    week(news({"a": ONE + "（更新）", "x": OTHER}), index="news")
    segments = Index(tmp_path / "index" / "news").segments
    assert sorted(tuple(segment.rows("row_id")["row_id"]) for segment in segments) == [
        ("news:a", "news:x"),
        ("news:b",),
    ]


def test_of_several_corpora_each_replaces_its_own_segment(week: Week, tmp_path: Path) -> None:
    """Also where all rows of one went because of the other: they stay in the index, or their copies come back."""
    posts = {"posts": table({"p": ONE_EDITED}, "posts")}
    across = [["news", "posts"]]
    first = week({**news({"a": ONE}), **posts}, index="all", across=across)
    assert set(why(first)) == {"posts:p"}
    again = week(
        {**news({"a": ONE, "b": OTHER}), "posts": table({"p": ONE_EDITED, "q": THIRD}, "posts")},
        index="all",
        across=across,
    )
    assert set(why(again)) == {"posts:p"}
    week(news({"a": ONE, "b": OTHER, "c": THIRD + "（续）"}), index="all")
    rows = {
        segment.header["corpus"]: segment.rows("row_id")["row_id"].to_list()
        for segment in Index(tmp_path / "index" / "all").segments
    }
    assert rows == {"news": ["news:a", "news:b", "news:c"], "posts": ["posts:p", "posts:q"]}


def test_the_same_run_again_is_read_from_disk(week: Week, tmp_path: Path) -> None:
    week(news({"a": ONE}), index="news")
    week(news({"b": ONE_EDITED}), index="news")
    steps = {file: file.stat().st_mtime_ns for file in (tmp_path / "cache").glob("*/step.json")}
    week(news({"b": ONE_EDITED}), index="news")
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "cache").glob("*/step.json")} == steps


def test_another_corpus_does_not_lose_rows_to_the_index_of_this_one(week: Week) -> None:
    week(news({"a": ONE}), index="all")
    posts = news({"p": ONE}, "posts")
    assert not why(week({**news({"b": THIRD}), **posts}, index="all"))
    both = week(
        {**news({"c": OTHER}), "posts": table({"q": ONE}, "posts")}, index="all", across=[["news", "posts"]]
    )
    assert why(both)["posts:q"][:2] == ("seen_before", "news:a")


def test_what_the_recipe_is_against_wins_over_every_corpus(week: Week) -> None:
    week({"reports": table({"r": ONE}, "reports")}, index="expo")
    found = week(news({"a": ONE_EDITED, "b": THIRD}), index="news", against=["expo"])
    assert why(found)["news:a"][:2] == ("protected", "reports:r")


def test_an_index_that_is_not_there_is_said_so(week: Week) -> None:
    with pytest.raises(CurateError, match="expo"):
        week(news({"a": ONE}), against=["expo"])


def test_an_index_made_with_another_alike_is_refused(week: Week) -> None:
    week(news({"a": ONE}), index="news")
    with pytest.raises(CurateError, match=r"另一个 alike(.|\n)*bands: \[32, 4\]") as raised:
        week(news({"b": ONE}), index="news", minhash={"threshold": 0.9, "alike": 0.8})
    assert "alike 改回" in raised.value.hint


def test_an_index_of_another_algorithm_names_the_release_that_made_it(
    week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    week(news({"a": ONE}), index="news")
    monkeypatch.setattr("curate.dedupe.index.ALGORITHM", "another; 2")
    with pytest.raises(CurateError, match=f"它是 curate {__version__} 建的") as raised:
        week(news({"b": ONE}), index="news")
    assert "alike" not in raised.value.hint
    assert "用全部数据重建" in raised.value.hint


def templated(number: int, seed: int = 1) -> list[str]:
    """Texts with a common beginning, which is more than half of each, and an end of their own."""
    draw = random.Random(seed)
    common = words(random.Random(0), 60)
    return [common + words(draw, 40) for _ in range(number)]


def test_two_indexes_with_templates_of_their_own_cannot_be_used_together(week: Week) -> None:
    week(news({f"{n}": text for n, text in enumerate(templated(60))}), index="news")
    week({"posts": table({"p": OTHER}, "posts")}, index="posts")
    with pytest.raises(CurateError, match="另一个索引的不同") as raised:
        week(news({"a": THIRD}), index="news", against=["posts"])
    assert "只留其中一个" in raised.value.hint
    week({"others": table({"o": OTHER}, "others")}, index="others", against=["news"])
    week(news({"a": THIRD}), index="news", against=["others"])


def test_the_header_names_how_the_keys_were_made(week: Week, tmp_path: Path) -> None:
    week(news({"a": ONE}), index="news")
    file = next((tmp_path / "index" / "news").glob("*/rows.parquet"))
    header = json.loads(pl.read_parquet_metadata(file)[HEADER])
    assert header["bands"] == [32, 4]
    assert header["corpus"] == "news"
    assert set(header) >= {
        "format",
        "algorithm",
        "normal_form",
        "classes",
        "permutations",
        "stops",
        "heights",
        "curate",
    }


def test_a_different_identity_is_respected_across_weeks(week: Week) -> None:
    first = table({"a": ONE}, "news", city=["上海"])
    second = table({"b": ONE, "c": ONE, "d": ONE}, "news", city=["北京", "上 海", None])
    week({"news": first}, index="news", identity=("city",))
    found = week({"news": second}, index="news", identity=("city",))
    assert {row: of for row, (reason, of, _) in why(found).items() if reason == "seen_before"} == {
        "news:c": "news:a",
        "news:d": "news:a",
    }


def test_an_old_row_of_another_identity_does_not_hide_one_of_the_same(week: Week) -> None:
    """A text too short to be similar: only the rows with the same text tell."""
    first = table({"a": "好评", "b": "好评"}, "news", city=["上海", "北京"])
    second = table({"c": "好评", "d": "好评"}, "news", city=["北京", "广州"])
    week({"news": first}, index="news", identity=("city",))
    found = week({"news": second}, index="news", identity=("city",))
    assert why(found) == {"news:c": ("seen_before", "news:b", 1.0)}


def test_a_corpus_that_lost_all_its_rows_before_does_not_stop_the_others(week: Week) -> None:
    both = {"news": table({"a": ONE}, "news"), "posts": table({"p": OTHER}, "posts")}
    week(both, index="all")
    found = week({"news": both["news"].clear(), "posts": table({"q": ONE}, "posts")}, index="all")
    assert found.kept["row_id"].to_list() == ["posts:q"]


def test_rows_that_share_their_template_only_are_no_group_across_weeks(week: Week) -> None:
    old = templated(80)
    fresh = templated(80, seed=2)
    # 0.7 alike with the template and 0.4 without
    new = {f"n{n:02d}": one[:84] + other[-16:] for n, (one, other) in enumerate(zip(old, fresh, strict=True))}
    week(news({f"o{n:02d}": text for n, text in enumerate(old)}), index="news")
    found = week(news(dict(new)), index="news")
    assert why(found) == {}
    assert found.groups == {f"news:{name}": f"news:{name}" for name in new}


def test_a_run_over_the_same_rows_reads_no_text_for_the_templates(
    week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = week(news({"a": ONE, "b": ONE_EDITED}), index="news", remember=False)
    monkeypatch.setattr(sign, "_sample", None)
    assert why(week(news({"a": ONE, "b": ONE_EDITED}), index="news")) == why(first)


def test_a_similar_new_row_joins_the_group_of_the_old(week: Week) -> None:
    longer = ONE + "开幕式后还将举办六十场专题论坛，覆盖机器人、数控机床、新能源与工业软件等方向。"
    assert 0.5 <= similarity(ONE, longer) < 0.8
    first = week(news({"a": ONE, "b": ONE_EDITED}), index="news")
    found = week(news({"z": longer}), index="news")
    assert found.groups["news:z"] == next(iter(first.groups.values()))


def test_what_a_killed_run_left_behind_does_no_harm(week: Week, tmp_path: Path) -> None:
    week(news({"a": ONE}), index="news")
    half = tmp_path / "index" / "news" / ".0123.tmp"
    half.mkdir()
    (half / "rows.parquet").write_bytes(b"half")
    found = week(news({"b": ONE}), index="news")
    assert set(why(found)) == {"news:b"}
    assert not half.exists()


def test_rows_of_a_protected_corpus_win_and_are_not_remembered(week: Week, tmp_path: Path) -> None:
    exam = table({"q": ONE_EDITED}, "exam")
    found = week({**news({"a": ONE, "b": THIRD}), "exam": exam}, index="news", protected=("exam",))
    assert why(found)["news:a"][:2] == ("protected", "exam:q")
    assert [segment.header["corpus"] for segment in Index(tmp_path / "index" / "news").segments] == ["news"]
