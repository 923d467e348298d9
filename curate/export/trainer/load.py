"""Loads a release with LLaMA-Factory's own code, up to where training would start, and counts what arrives.

Run by the Python of the train environment; needs LLaMA-Factory and nothing of curate:

    python load.py RELEASE [--tokenizer FOLDER] [--example N] [--lengths FILE] [--yaml NAME ...]

The last line of stdout is one JSON object, see ``main``; all that LLaMA-Factory prints goes to stderr. No
weights are read: a folder with the tokenizer's files and config.json serves as the model. Exit code 1 when
a configuration does not load. Lengths are in tokens, rows are counted from 0 within their data set.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

# the neighbours, last in the path: a library's module of the same name goes first
sys.path.append(str(Path(__file__).parent))
from configuration import Configuration, Failed  # type: ignore[import-not-found]
from counts import Row, count_rows, left_over  # type: ignore[import-not-found]


def check_arrived(loaded: Configuration, ready: dict[str, Any], measured: list[list[Row]]) -> None:
    """What training gets is what was counted row by row, where a row stays a row."""
    if loaded.data.packing or loaded.data.mix_strategy != "concat" or loaded.data.eval_on_each_dataset:
        return
    kept = sum(tokens >= 0 for rows in measured for tokens, _, _ in rows)
    got = sum(len(ready[name]) for name in ("train_dataset", "eval_dataset") if name in ready)
    if kept != got:
        raise Failed("", ValueError(f"{kept} rows were counted one by one, {got} arrive together"))


def add_left_over(loaded: Configuration, counts: list[dict[str, Any]], measured: list[list[Row]]) -> None:
    """``left_over``: the documents of each data set that packing leaves out; 0 where nothing is packed."""
    packs = loaded.stage == "pt" and loaded.data.packing and loaded.data.mix_strategy == "concat"
    for count in counts:
        count["left_over"] = 0
    for part in ("train", "eval") if packs else ():
        own = [(count, rows) for count, rows in zip(counts, measured, strict=True) if count["part"] == part]
        owners = [count for count, rows in own for _ in rows]
        for index in left_over(
            [tokens for _, rows in own for tokens, _, _ in rows],
            loaded.data.cutoff_len,
            loaded.data.preprocessing_batch_size,
            loaded.data.preprocessing_num_workers or 1,
        ):
            owners[index]["left_over"] += 1


def report(loaded: Configuration, example: int, lengths: list[dict[str, Any]]) -> dict[str, Any]:
    """What ``main`` says of one configuration; the length of each row goes to ``lengths``."""
    ready, aligned = loaded.load()
    measured = [loaded.measure(rows) for rows in aligned]
    check_arrived(loaded, ready, measured)
    directory = Path(loaded.data.dataset_dir)
    info = json.loads((directory / "dataset_info.json").read_text(encoding="utf-8"))
    counts = []
    for (part, name), rows in zip(loaded.names(), measured, strict=True):
        file = info[name].get("file_name")
        counts.append(count_rows(name, part, directory / file if file else None, rows))
        about = {"yaml": loaded.report["yaml"], "part": part, "dataset": name}
        lengths += [
            {**about, "index": index, "tokens": row[0], "cut": row[1]} for index, row in enumerate(rows)
        ]
    add_left_over(loaded, counts, measured)
    sequences = len(ready.get("train_dataset") or ())
    return {
        **loaded.report,
        "sequences": sequences,
        "datasets": counts,
        "example": loaded.example(ready, example),
    }


def load_yaml(
    path: Path, wanted: argparse.Namespace, output: str, lengths: list[dict[str, Any]]
) -> dict[str, Any]:
    """The report of one configuration, or why it does not load."""
    try:
        return report(Configuration(path, wanted.tokenizer, output), wanted.example, lengths)
    except Failed as error:
        return {"yaml": path.name, "error": str(error), "dataset": error.dataset}
    except Exception as error:  # whatever stops training is an answer
        return {"yaml": path.name, "error": f"{type(error).__name__}: {error}", "dataset": ""}


def main() -> int:
    """Print ``{"llamafactory", "transformers", "yamls": [...]}``; an entry of ``yamls`` that did not load has
    ``error`` and ``dataset``, the others the keys of ``Configuration.report``, ``sequences`` (what the trainer
    counts as one example), ``datasets`` (``count_rows``) and ``example``.
    """
    parser = argparse.ArgumentParser(description="load a release as LLaMA-Factory would")
    parser.add_argument("release", type=Path)
    parser.add_argument("--tokenizer", type=Path, help="a folder with the tokenizer and config.json")
    parser.add_argument("--example", type=int, default=0, help="which row to show")
    parser.add_argument("--lengths", type=Path, help="write the length of each row here, JSON lines")
    parser.add_argument("--yaml", action="append", default=[], help="these configurations only")
    wanted = parser.parse_args()
    for name in ("tokenizer", "lengths"):
        if getattr(wanted, name):
            setattr(wanted, name, getattr(wanted, name).resolve())
    answer = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # LLaMA-Factory logs to stdout
    lengths: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="curate-load-") as scratch:
        # a cache of its own: nothing stale is read and nothing stays behind
        os.environ["HF_DATASETS_CACHE"] = scratch
        for name in ("HF_HUB_OFFLINE", "HF_DATASETS_DISABLE_PROGRESS_BARS"):
            os.environ.setdefault(name, "1")
        os.environ.setdefault("LLAMAFACTORY_VERBOSITY", "ERROR")
        # paths in the configurations are relative to the release
        os.chdir(wanted.release)
        paths = [Path(name) for name in wanted.yaml] or sorted(Path().glob("train_*.yaml"))
        import llamafactory  # type: ignore[import-not-found]
        import transformers  # type: ignore[import-not-found]

        yamls = [load_yaml(path, wanted, f"{scratch}/{number}", lengths) for number, path in enumerate(paths)]
    if wanted.lengths:
        wanted.lengths.write_text("".join(json.dumps(row) + "\n" for row in lengths), encoding="ascii")
    versions = {"llamafactory": llamafactory.__version__, "transformers": transformers.__version__}
    with answer:
        answer.write(json.dumps({**versions, "yamls": yamls}) + "\n")
    return int(any("error" in entry for entry in yamls))


if __name__ == "__main__":
    sys.exit(main())
