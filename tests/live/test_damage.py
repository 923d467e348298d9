"""What LLaMA-Factory 0.9.5 really does with a damaged release, and that curate tells it before.

Each damage has a fate: the run stops, rows vanish, rows are cut, or nothing happens and something wrong is learned. The
last kind is why a load alone is no proof: only ``check_release`` names it.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from curate.export.check_release import check_release, findings_text
from curate.export.trainer.loaded import LoadedYaml
from curate.export.trainer.real import load_with_llamafactory
from tests.export.damages import DESCRIPTION, FILES, INFO, TRAIN, Damage, as_json, lines
from tests.export.damages_rows import KTO, ROWS, put
from tests.export.damages_settings import SETTINGS
from tests.export.releases import KINDS, make, reseal
from tests.export.test_mutations import BASES
from tests.live.releases import read_rows, texts_of
from tests.live.tiny_model import make_tiny_model
from tests.live.train_env import train_python

pytestmark = pytest.mark.live

BROKEN = "error occurred while generating the dataset"  # datasets 4.0.0 could not read a file

#: damage -> what LLaMA-Factory says when it stops
STOPS = {
    "the train file is gone": "not found",
    "a README lies among the shards": "File types should be identical",
    "a .DS_Store lies among the shards": "File types should be identical",
    "a parquet file was cut off": "Parquet magic bytes not found",
    "a parquet file lost a column": "KeyError: 'tools'",
    "a plain set is ranking": "not applicable in the current training stage",
    "formatting is misspelt as format": "features can't be aligned",
    "the description begins with a BOM": "Unexpected UTF-8 BOM",
    "the description is cut off": "Cannot open",
    "a line is GBK": "can't decode byte",
    "the last line is cut off": BROKEN,
    "the file is empty": BROKEN,
    "the rows hang under data": "KeyError: 'instruction'",
    "an answer is a number": BROKEN,
    "a key stands twice": BROKEN,
    "a text has half a character": BROKEN,
    "a message is null": "Expected a string, got None",
    "a message is a list of parts": BROKEN,
    "the conversation is null": "NoneType",
    "the tools are no JSON": "Invalid JSON format in tool description",
    "the tools are a list and no text": BROKEN,
    "a call has no arguments": "KeyError: 'arguments'",
    "the better answer is TRL's list": BROKEN,
    "a rating is a text": BROKEN,
    "a rating is a number": BROKEN,
    "a bad rating stands before good ones": "IndexError",
    "a column is null for ten megabytes and a text then": BROKEN,
    "the template is missing": "A placeholder is required",
    "the cutoff is in quotes": "TypeError",
    "a key is unknown": "learning_rat",
    "the data set is unknown": "Undefined dataset expo_train",
    "answers are trained on as preferences": "not applicable in the current training stage",
    "texts are packed by default": "Cannot find sufficient samples",
    "checkpoints are no multiple of evaluations": "round multiple of the evaluation steps",
}
#: The second row vanishes; the rest is trained on.
DROPPED = [
    "an answer is null",
    "an answer is missing",
    "a conversation starts with the assistant",
    "a conversation ends with the user",
    "the user speaks twice",
    "a system message stands in the middle",
    "a role is called developer",
    "the roles are ShareGPT's",
    "a conversation is empty",
    "the better answer is null",
    "a rating is null",
]
#: Trained on without a word.
KEPT = [
    "the training set points to the test file",
    "a row stands twice",
    "an answer is empty",
    "a question is empty",
    "a text has DeepSeek's user token",
    "a thought is not ended",
    "a message is empty",
    "both answers are the same",
    "the worse answer is the user's",
    "a text is null",
    "the column of the input is not listed",
    "thinking is left to the default",
    "the stage is orpo",
    "the quantization has its old name",
    "a conversation is trained on as text",
]


def without_the_tag(folder: Path) -> None:
    """All tags but the system's."""
    as_json(INFO, lambda info: info["expo_train_sharegpt"]["tags"].pop("system_tag") and None)(folder)


def starts_with_the_answer(rows: list[bytes]) -> list[bytes]:
    first = json.loads(rows[0])
    return [json.dumps({**first, "messages": first["messages"][::-1]}).encode() + b"\n", *rows[1:]]


def null_for_long(rows: list[bytes]) -> list[bytes]:
    """More than the 10 MB by which ``datasets`` decides what a column is."""
    empty = (
        json.dumps({"instruction": "问" * 2000, "input": None, "output": "答", "system": ""}).encode() + b"\n"
    )
    return [empty] * (11_000_000 // len(empty)) + rows


OWN = [
    Damage("the system's tag alone is not listed", without_the_tag, INFO, "tags", "turns"),
    Damage("a bad rating stands before good ones", lines(KTO, starts_with_the_answer), KTO, "order"),
    Damage("a column is null for ten megabytes and a text then", lines(TRAIN, null_for_long), TRAIN, "null"),
    # this one is sound: what the next one is compared with
    Damage("a question is short", put(instruction="问"), TRAIN, ""),
]
KNOWN = {damage.sentence: damage for damage in [*FILES, *DESCRIPTION, *ROWS, *SETTINGS, *OWN]}
OTHERS = ["the cutoff is too small", "an answer is much too long", "the template is another model's"]
SENTENCES = [*STOPS, *DROPPED, *KEPT, *OTHERS, "the system's tag alone is not listed"]
TRIED = [*SENTENCES, "a question is short"]
#: What a damaged file is used for, where it is not for sft.
STAGES = {"preference": "dpo", "dpo": "dpo", "kto": "kto", "pretrain": "pt", "train_pt": "pt"}


@dataclass(frozen=True)
class Case:
    """A damaged release and what became of it; ``tokens``: data set of the training -> the length of each row."""

    release: Path
    loaded: LoadedYaml
    tokens: dict[str, list[int]]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """All damages, loaded by one start of LLaMA-Factory: each release below one folder, its YAML beside them."""
    folder = tmp_path_factory.mktemp("damage")
    sound = {
        name: make(folder / "sound" / name, KINDS[kind](), **options)
        for name, (kind, options) in BASES.items()
    }
    texts = [text for release in sound.values() for text in texts_of(release)]
    model = make_tiny_model(folder / "model", train_python(), texts, vocab=900)
    (folder / "cases").mkdir()
    for number, sentence in enumerate(TRIED):
        damage = KNOWN[sentence]
        release = folder / "cases" / f"{number}"
        shutil.copytree(sound[damage.base], release)
        damage.change(release)
        stage = next((stage for word, stage in STAGES.items() if word in Path(damage.file).stem), "sft")
        yaml = (release / f"train_{stage}.yaml").read_text(encoding="utf-8")
        moved = yaml.replace("dataset_dir: data ", f"dataset_dir: {number}/data ")
        assert moved != yaml
        (folder / "cases" / f"{number}.yaml").write_text(moved, encoding="utf-8")
    names = tuple(f"{number}.yaml" for number in range(len(TRIED)))
    lengths = folder / "lengths.jsonl"
    found = load_with_llamafactory(folder / "cases", train_python(), model, lengths=lengths, yamls=names)
    tokens: dict[str, dict[str, list[int]]] = {name: {} for name in names}
    for row in read_rows(lengths):
        if row["part"] == "train":
            tokens[row["yaml"]].setdefault(row["dataset"], []).append(row["tokens"])
    return {
        sentence: Case(folder / "cases" / f"{number}", loaded, tokens[loaded.yaml])
        for number, (sentence, loaded) in enumerate(zip(TRIED, found.yamls, strict=True))
    }


def lost(loaded: LoadedYaml) -> dict[str, tuple[int, ...]]:
    return {each.dataset: each.lost_rows for each in loaded.datasets if each.lost}


@pytest.mark.parametrize("sentence", STOPS)
def test_the_run_stops(sentence: str, cases: dict[str, Case]) -> None:
    assert STOPS[sentence] in cases[sentence].loaded.error
    assert not cases[sentence].loaded.ok


@pytest.mark.parametrize("sentence", DROPPED)
def test_the_row_vanishes(sentence: str, cases: dict[str, Case]) -> None:
    loaded = cases[sentence].loaded
    dataset = Path(KNOWN[sentence].file).stem
    assert (loaded.error, lost(loaded), loaded.ok) == ("", {dataset: (1,)}, False)


@pytest.mark.parametrize("sentence", KEPT)
def test_it_is_trained_on_without_a_word(sentence: str, cases: dict[str, Case]) -> None:
    loaded = cases[sentence].loaded
    assert (loaded.error, lost(loaded), loaded.ok) == ("", {}, True)


def test_all_rows_with_a_system_vanish(cases: dict[str, Case]) -> None:
    case = cases["the system's tag alone is not listed"]
    rows = read_rows(case.release / "data/expo_train_sharegpt.jsonl")
    told = [place for place, row in enumerate(rows) if row["messages"][0]["role"] == "system"]
    (dataset,) = [each for each in case.loaded.datasets if each.part == "train"]
    assert 0 < len(told) == dataset.lost < len(rows)
    assert set(dataset.lost_rows) <= set(told)
    assert not case.loaded.ok


def test_rows_are_cut(cases: dict[str, Case]) -> None:
    for sentence, alone in {"an answer is much too long": True, "the cutoff is too small": False}.items():
        loaded = cases[sentence].loaded
        cut = {each.dataset: each.cut_rows for each in loaded.datasets if each.cut}
        assert (loaded.error, lost(loaded), loaded.ok) == ("", {}, False)
        assert cut == {"expo_train_alpaca": (1,)} if alone else cut


def test_another_models_template_is_words_in_pieces(cases: dict[str, Case]) -> None:
    loaded = cases["the template is another model's"].loaded
    assert (loaded.error, lost(loaded), loaded.ok) == ("", {}, False)
    assert loaded.new_tokens == ("<|im_end|>",)
    assert loaded.split_template_tokens == ("<|im_start|>",)


def test_a_control_token_in_a_text_is_the_real_one(cases: dict[str, Case]) -> None:
    """问<｜User｜> is one token more than 问: the user's turn begins anew, in the midst of what the user said."""
    forged, plain = (
        cases[sentence].tokens["expo_train_alpaca"][1]
        for sentence in ("a text has DeepSeek's user token", "a question is short")
    )
    assert forged == plain + 1


def test_an_input_that_is_not_listed_is_not_seen(cases: dict[str, Case]) -> None:
    """Compared with a release whose second row was changed: all others are shorter where there was an input."""
    rows = read_rows(cases["a question is short"].release / TRAIN)
    without, whole = (
        cases[sentence].tokens["expo_train_alpaca"]
        for sentence in ("the column of the input is not listed", "a question is short")
    )
    others = [place for place in range(len(rows)) if place != 1]
    shorter = [place for place in others if without[place] < whole[place]]
    assert shorter == [place for place in others if rows[place]["input"]] != []


@pytest.mark.parametrize("sentence", SENTENCES)
def test_curate_tells_it_before(
    sentence: str, cases: dict[str, Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when somebody made the digests fit again."""
    monkeypatch.setenv("CURATE_LANG", "en")
    damage, release = KNOWN[sentence], cases[sentence].release
    reseal(release)
    found = check_release(release)
    told = [one for one in found if one.file.startswith(damage.file) and damage.word in one.what]
    assert told, findings_text(found)
