"""explain: from a pair back to the raw row, whatever became of it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from curate.cli_synthesize import explain as command
from curate.errors import UsageError
from curate.explain import Explained, explain
from curate.query import query, tables
from curate.report.explanation import explained_text
from curate.report.terminal import frame_text, trace_text
from curate.run import PastRun, open_run
from curate.task_steps import tasks_of
from curate.trace import trace
from tests.made_run import AGAIN, DOC, FIRST, GOOD, INVENTED, JUDGE, REWORDED, TEMPLATE, TRIMMED, made_run

NUMBER = "13800138000"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> PastRun:
    return made_run(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def good(run: PastRun) -> Explained:
    return explain(run, GOOD["pair_id"])


def test_the_chain_goes_from_the_pair_to_the_row_as_it_came(good: Explained) -> None:
    (link,) = good.links
    assert (link.id, link.task) == (GOOD["pair_id"], "doc_qa")
    assert [(station.phase, station.what) for station in link.stations] == [
        ("pairs", "made"), ("gate", "kept"), ("gate", "kept"), ("mix", "kept"), ("fit", "kept"), ("fit", "kept"), ("cap", "kept"),
    ]  # fmt: skip
    assert link.pair is not None
    assert link.pair["score"] == 0.86, "as the gates left it"
    assert link.slot is not None
    assert link.slot["slot_id"] == f"{DOC}.0"
    assert [Path(folder).name for folder in link.files] == ["v1"]
    assert list(link.files.values()) == [["data/demo_train_sharegpt.jsonl"]]
    assert link.gave == [REWORDED["pair_id"]]
    assert good.row is not None
    assert (good.row.row_id, good.source) == ("reports:1", "data/*.jsonl")
    assert set(good.raw) == {"id", "正文", "area"}, (
        "under the names of the source, without columns of our own"
    )


def test_the_prompt_is_told_as_it_was_sent_and_what_came_back(good: Explained) -> None:
    calls = good.links[0].calls
    assert [(call.key, call.judge) for call in calls] == [
        (FIRST.key, False),
        (AGAIN.key, False),
        (JUDGE.key, True),
    ]
    sent, reply = calls[0].request, calls[0].reply
    assert sent is not None
    assert [tuple(message) for message in sent["messages"]] == list(FIRST.messages)
    assert (sent["model"], sent["temperature"], sent["max_tokens"]) == ("deepseek-chat", 0.7, 512)
    assert reply is not None
    assert (reply["text"], reply["finish_reason"], str(reply["cost"])) == ("好的，以下是", "stop", "0.0006")


def test_the_text_reads_from_top_to_bottom(good: Explained) -> None:
    text = explained_text(good)
    wanted = [
        "得分 0.86", "花费 0.0010 元（400 + 30 token；这个空位共 3 次请求）", "问：第三届云岚餐饮展有多少家企业参展？", "答：共有1200家企业参展。",
        "去向：问答 → 过关 rules → 过关 → 合并", "发布在", "没有人工复核", "← 所依据的原文 reports:1 第 1–57 字", "【1200家企业参展】",
        "← 请求 1/2 deepseek-chat", "[system] 只依据材料回答。", "[user] 材料：", "→ 回答 · stop · 400 + 30 token · 0.000600 元",
        "← 请求 2/2", "← 过关的分数", "grounded            0.92", "← 请评审打分 qwen-max", "← recipes/doc_qa.j2", "文件已不在",
        "← 当时的行 reports:1", "改过它的：clean（text）", "curate trace reports:1", "← 来源里的原样 data/*.jsonl", "正文: ",
    ]  # fmt: skip
    places = [text.find(part) for part in wanted]
    assert -1 not in places, wanted[places.index(-1)]
    assert places == sorted(places)


#: id -> (where it ended, its reason, words that the text holds)
ENDS = {
    INVENTED["pair_id"]: (
        "gate",
        "not_grounded",
        ["“1500家”", "怎么办：多半是模型编的", "答：共有1500家企业参展。"],
    ),
    f"{DOC}.1.1": ("gate", "malformed", ["不是 JSON", "模型的原话：好的，以下是", "[user] 材料"]),
    f"{DOC}.2.1": ("gate", "unanswered", ["timeout", "再运行一次就会接着问"]),
    TRIMMED["pair_id"]: ("cap", "over_cap", ["超过合成数据的上限", "synthesize.cap"]),
    TEMPLATE[1]["pair_id"]: ("mix", "same_question", [f"与 {TEMPLATE[0]['pair_id']} 重复"]),
    f"{DOC}.4": ("pairs", "over_limit", ["没有写出问答", "max_slots", "← 所依据的原文"]),
}


@pytest.mark.parametrize("name", ENDS)
def test_what_was_dropped_is_explained_with_its_reason_and_what_to_do(run: PastRun, name: str) -> None:
    told = explain(run, name)
    last = told.links[0].stations[-1]
    phase, reason, words = ENDS[name]
    assert (last.phase, last.what, last.reason) == (phase, "dropped", reason)
    assert told.links[0].files == {}
    text = explained_text(told)
    assert [word for word in words if word not in text] == []
    assert told.row is not None, "the chain goes back to the row all the same"


def test_a_pair_made_from_another_leads_to_it(run: PastRun) -> None:
    told = explain(run, REWORDED["pair_id"])
    assert [link.id for link in told.links] == [REWORDED["pair_id"], GOOD["pair_id"]]
    assert f"← 从问答 {GOOD['pair_id']} 改来" in explained_text(told)


def test_a_template_pair_shows_the_wording_while_its_file_is_the_same(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    name = TEMPLATE[2]["pair_id"]
    words = explain(run, name).links[0].words
    assert words is not None
    assert (words.state, words.wording) == (
        "same", {"question": "area", "ask": ["面积多大？", "有多大？"], "answer": "面积是{{ area }}。"}
    )  # fmt: skip
    file = tmp_path / "recipes/report.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "# 改\n", encoding="utf-8")
    words = explain(run, name).links[0].words
    assert words is not None
    assert (words.state, words.wording) == ("changed", None)


def test_a_repeated_pair_is_the_pair_itself(run: PastRun) -> None:
    told = explain(run, f"{TEMPLATE[2]['pair_id']}~2")
    assert told.links[0].id == TEMPLATE[2]["pair_id"]
    assert [station.copies for station in told.links[0].stations] == [1, 2, 2, 2, 2]
    assert "合并 ×2" in explained_text(told)


def test_a_pair_over_several_rows_names_them(run: PastRun) -> None:
    told = explain(run, "reports:*count.全部")
    assert told.parents == ["reports:1", "reports:2"]
    assert told.row is None
    assert "← 讲到的行：reports:1、reports:2" in explained_text(told)


@pytest.mark.parametrize(
    ("part", "name"),
    [("doc_qa.1", f"{DOC}.1.1"), ("3#report", TEMPLATE[2]["pair_id"]), (f"{DOC}.3", TRIMMED["pair_id"]), ("perturb", REWORDED["pair_id"])],
)  # fmt: skip
def test_a_part_that_one_pair_has_is_enough(run: PastRun, part: str, name: str) -> None:
    assert explain(run, part).links[0].id == name


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("#report", "3 条问答的编号含 #report"),
        ("reports:9#report.area", "没有问答"),
        ("reports:9#report.area", "是不是 reports:"),
    ],
)
def test_a_part_of_several_or_none_is_refused_with_what_there_is(run: PastRun, part: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        explain(run, part)
    assert told in str(error.value)


def test_a_slot_of_several_pairs_names_them(run: PastRun) -> None:
    link = explain(run, f"{DOC}.0").links[0]
    assert (link.pair, link.gave) == (None, [GOOD["pair_id"], INVENTED["pair_id"]])
    assert [call.key for call in link.calls] == [FIRST.key]


def test_slots_that_nobody_was_asked_for_are_explained(tmp_path: Path) -> None:
    """Without an endpoint there are slots, and nothing behind them."""
    made = made_run(tmp_path)
    manifest = made.manifest | {"steps": [step for step in made.manifest["steps"] if step["phase"] != "gate"]}
    manifest["steps"] = [
        step for step in manifest["steps"] if "doc_qa" not in step["unit"] or step["unit"] == "slots:doc_qa"
    ]
    (made.folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    run = open_run(tmp_path)
    assert [(station.unit, station.what) for station in explain(run, f"{DOC}.0").links[0].stations] == [
        ("slots:doc_qa", "made")
    ]
    text = trace_text(trace(run, "reports:1"))
    assert f"待模型写  5: {DOC}.0" in text


@pytest.mark.parametrize("as_json", [False, True])
def test_no_personal_data_of_the_raw_row_is_shown(run: PastRun, as_json: bool) -> None:
    """The row as it came held a telephone number, which cleaning masked."""
    told = explain(run, GOOD["pair_id"])
    assert "138****8000" in told.raw["正文"]
    text = json.dumps(told.raw, ensure_ascii=False) if as_json else explained_text(told)
    assert NUMBER not in text


def test_without_its_journal_the_rest_is_still_told(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    (tmp_path / "runs/requests.sqlite").unlink()
    told = explain(run, GOOD["pair_id"])
    assert [call.request for call in told.links[0].calls] == [None, None, None]
    assert "请求日志里已没有它" in explained_text(told)
    assert not (tmp_path / "runs/requests.sqlite").exists(), "looking makes no file"


def test_the_command_prints_text_or_json(run: PastRun) -> None:
    workspace = str(run.folder.parent.parent)
    shown = CliRunner().invoke(command, ["doc_qa.1", "-C", workspace])
    assert shown.exit_code == 0
    assert shown.output.startswith(f"{DOC}.1.1（运行 ")
    told = json.loads(CliRunner().invoke(command, ["doc_qa.1", "-C", workspace, "--json"]).output)
    assert told["links"][0]["stations"][-1]["reason"] == "malformed"


def test_it_speaks_english(run: PastRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_LANG", "en")
    told = explained_text(explain(run, INVENTED["pair_id"]))
    for words in (
        "rules dropped",
        "what to do: mostly invented",
        "← the text it is grounded in",
        "← as it came from",
    ):
        assert words in told


def test_the_trace_of_a_row_names_its_pairs_and_what_was_dropped_of_them(run: PastRun) -> None:
    text = trace_text(trace(run, "reports:1"))
    for words in (
        f"生成  3: {GOOD['pair_id']}", f"答案里有原文没有的内容 not_grounded  “1500家”  [{INVENTED['pair_id']}]",
        f"超过合成数据的上限 over_cap  3/20  [{TRIMMED['pair_id']}]", f"over_limit  [{DOC}.4]", "curate explain 编号",
    ):  # fmt: skip
        assert words in text
    assert "j:0" not in text, "what a judge is asked is no pair"


def test_the_steps_of_a_run_are_sorted_by_task(run: PastRun) -> None:
    found = {task.name: [step.unit for step in task.of_pairs] for task in tasks_of(run)}
    fitted = ["inspect:{0}", "cutoff:{0}", "{0}"]
    assert found == {
        name: [unit.format(name) for unit in [*units, *fitted]]
        for name, units in {
            "report": ["{0}", "{0}"], "doc_qa": ["{0}", "rules:{0}", "{0}", "{0}"], "perturb_doc_qa": ["{0}", "{0}"],
        }.items()
    }  # fmt: skip
    doc_qa = next(task for task in tasks_of(run) if task.name == "doc_qa")
    assert doc_qa.slots is not None
    assert doc_qa.slots.kept == 4, "no more than the task may have"


def test_sql_sees_slots_candidates_and_dropped_pairs(run: PastRun) -> None:
    assert {"slots", "candidates", "dropped_pairs"} <= set(tables(run))
    assert tables(run)["dropped_pairs"][:3] == ["phase", "unit", "pair_id"]
    found = query(
        run, "SELECT phase, unit, reason, round(sum(made.cost), 5) AS cost FROM dropped_pairs WHERE origin = 'llm' GROUP BY ALL ORDER BY ALL"
    )  # fmt: skip
    assert found.rows() == [
        ("cap", "doc_qa", "over_cap", 0.00104),
        ("gate", "rules:doc_qa", "malformed", 0.00104),
        ("gate", "rules:doc_qa", "not_grounded", 0.00104),
        ("gate", "rules:doc_qa", "unanswered", 0.0),
    ]
    assert query(run, "SELECT count(*) FROM slots").item() == 4
    gone = query(run, "SELECT row_id FROM dropped WHERE phase = 'gate' ORDER BY 1")
    assert gone["row_id"][0] == INVENTED["pair_id"]


def test_nested_columns_are_printed_without_their_nulls() -> None:
    rows = pl.DataFrame(
        {"made": [{"model": "m", "cost": None}, None], "requests": [["a"], []]},
        schema={"made": pl.Struct({"model": pl.String, "cost": pl.Float64}), "requests": pl.List(pl.String)},
    )
    text = frame_text(rows)
    assert '{"model": "m"}' in text
    assert "cost" not in text
    assert '["a"]' in text


def test_a_long_table_is_cut_in_its_middle() -> None:
    text = frame_text(pl.DataFrame({"number": range(200)}))
    assert "…" in text
    assert [number for number in (24, 25, 174, 175) if f" {number} " in text] == [24, 175]
    assert text.endswith("200 行")
