"""What LLaMA-Factory made of a release, in words that say what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curate.export.trainer.loaded import Loaded, LoadedSet, LoadedYaml
from curate.export.trainer.real import loaded_text


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_LANG", "en")


SET = LoadedSet("expo_train_alpaca", "train", 12_431, 12_431, 12_431, (), 0, (), 3_902, 9_000_000, 0)
EVAL = replace(
    SET, dataset="expo_validation_alpaca", part="eval", rows=90, loaded=90, trained=90, longest=800
)
GOOD = LoadedYaml(
    yaml="train_sft.yaml",
    stage="sft",
    template="deepseekr1",
    enable_thinking=True,
    cutoff=4096,
    sequences=12_431,
    datasets=(SET, EVAL),
    example={
        "index": 0,
        "text": "<｜User｜>问\n<｜Assistant｜>答<｜end▁of▁sentence｜>",
        "labels": "答<｜end▁of▁sentence｜>",
    },
)


def told(*yamls: LoadedYaml) -> str:
    return loaded_text(Loaded("0.9.5", "5.5.4", yamls))


def test_a_whole_release_says_so() -> None:
    assert Loaded("0.9.5", "5.5.4", (GOOD,)).ok
    assert told(GOOD).split("\n") == [
        "train_sft.yaml: 12,431 rows in, 12,431 trained, 0 cut, template deepseekr1, longest 3,902 of 4,096",
        "  validation: 90 rows in, 90 trained, 0 cut, template deepseekr1, longest 800 of 4,096",
        "  the model sees: <｜User｜>问\\n<｜Assistant｜>答<｜end▁of▁sentence｜>",
        "  it learns: 答<｜end▁of▁sentence｜>",
        "LLaMA-Factory 0.9.5: every row is trained on",
    ]


def test_chinese_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CURATE_LANG")
    assert told(GOOD).startswith(
        "train_sft.yaml: 读入 12,431 行，训练 12,431 行，截断 0 行，模板 deepseekr1，最长 3,902 / 4,096"
    )


@pytest.mark.parametrize(
    ("bad", "line"),
    [
        pytest.param(
            replace(GOOD, datasets=(replace(SET, trained=12_429, lost_rows=(4, 8)),)),
            "expo_train_alpaca: 2 rows are lost (line 5, 9) → look at",
            id="lost rows, by line",
        ),
        pytest.param(
            replace(GOOD, datasets=(replace(SET, rows=12_441),)),
            "expo_train_alpaca: 12,441 rows in the file, 12,431 read → remove max_samples",
            id="rows that are not read",
        ),
        pytest.param(
            replace(GOOD, datasets=(replace(SET, cut=7, cut_rows=tuple(range(7)), longest=5000),)),
            "expo_train_alpaca: 7 rows are cut (line 1, 2, 3, 4, 5 …), their ends are not learned → cutoff_len of at least 5,000",
            id="cut rows",
        ),
        pytest.param(
            replace(GOOD, split_template_tokens=("<｜User｜>",)),
            "template deepseekr1: <｜User｜> are not single tokens of this tokenizer → use the template",
            id="another model's template",
        ),
        pytest.param(
            replace(GOOD, new_tokens=("<|im_end|>",)),
            "template deepseekr1 adds untrained tokens <|im_end|> → use the template",
            id="tokens that nobody trained",
        ),
    ],
)
def test_a_loss_is_named_with_what_to_do(bad: LoadedYaml, line: str) -> None:
    assert not bad.ok
    text = told(GOOD, bad)
    assert f"  ✗ {line}" in text
    assert text.endswith("not every row is trained on as it is: see above")


def test_a_configuration_that_does_not_load() -> None:
    broken = LoadedYaml("train_dpo.yaml", error="KeyError: 'chosen'", dataset="expo_train_preference")
    assert "train_dpo.yaml: does not load: expo_train_preference: KeyError: 'chosen' →" in told(GOOD, broken)
    assert not broken.ok
    offline = LoadedYaml("train_sft.yaml", error="OSError: Failed to load tokenizer.")
    assert "--tokenizer" in told(offline)


def test_what_packing_leaves_over_is_no_loss_but_is_told() -> None:
    packed = replace(GOOD, stage="pt", packing=True, sequences=900, datasets=(replace(SET, left_over=3),))
    assert packed.ok
    assert "12,428 trained" in told(packed)
    assert "packed into 900 sequences; 3 documents are left over" in told(packed)


def test_a_long_example_keeps_both_ends() -> None:
    text = told(replace(GOOD, example={"text": "<bos>" + "中" * 9000 + "<eos>", "labels": "<eos>"}))
    line = next(line for line in text.split("\n") if "sees" in line)
    assert len(line) < 300
    assert "<bos>" in line
    assert line.endswith("<eos>")


def test_a_pair_shows_both_answers() -> None:
    example = {"chosen_text": "问好", "chosen_labels": "好", "rejected_text": "问坏", "rejected_labels": "坏"}
    text = told(replace(GOOD, example=example))
    assert "the better answer: 好\n  the worse answer: 坏" in text


def test_no_configuration_proves_nothing() -> None:
    assert not Loaded("0.9.5", "5.5.4", ()).ok
