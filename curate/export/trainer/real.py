"""The proof that a release trains: LLaMA-Factory itself loads it, and every row is accounted for."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from curate.errors import CurateError, UsageError
from curate.export.trainer.loaded import Loaded, LoadedYaml
from curate.export.trainer.told import loaded_text
from curate.language import say

__all__ = ["Loaded", "find_python", "load_with_llamafactory", "loaded_text"]

HERE = Path(__file__).parent
#: LLaMA-Factory needs no secrets to load files, and these change what it accepts or start it as one of many
NOT_PASSED = re.compile(
    r"TOKEN|SECRET|PASSWORD|API_KEY|^(PYTHON.*|USE_\w*_HUB|USE_MCA|USE_RAY|ALLOW_EXTRA_ARGS|RANK|LOCAL_RANK|WORLD_SIZE)$"
)


def find_python(given: Path | None = None) -> Path:
    """The train environment's Python: ``given`` (it or its folder), ``$CURATE_TRAIN_ENV``, or ``.train-env`` here
    or above.

    Raises:
        UsageError: there is none.
    """
    named = given or (Path(os.environ["CURATE_TRAIN_ENV"]) if os.environ.get("CURATE_TRAIN_ENV") else None)
    if named:
        python = named / "bin" / "python" if named.is_dir() else named
        if python.is_file():
            return python.absolute()  # not resolved: a venv's Python is a link to another
        looked = say(f"{python} 不存在", f"{python} does not exist")
    else:
        for folder in (Path.cwd(), *Path.cwd().parents):
            # the mark is written last: without it the installation was broken off
            if (folder / ".train-env" / "whole").is_file():
                return folder / ".train-env" / "bin" / "python"
        looked = say("当前文件夹及上级都没有 .train-env", "no .train-env here or in a folder above")
    raise UsageError(
        say(
            f"找不到 LLaMA-Factory 的训练环境：{looked}",
            f"LLaMA-Factory's environment is not found: {looked}",
        ),
        say(
            f"运行 make train-env，或 bash {HERE / 'env.sh'} .train-env（约 1.8 GB）；已有环境则设 CURATE_TRAIN_ENV=文件夹",
            f"run make train-env, or bash {HERE / 'env.sh'} .train-env (about 1.8 GB); "
            "if you have one, set CURATE_TRAIN_ENV to its folder",
        ),
    )


def load_with_llamafactory(
    release: Path,
    python: Path | None = None,
    tokenizer: Path | None = None,
    example: int = 0,
    lengths: Path | None = None,
    yamls: tuple[str, ...] = (),
) -> Loaded:
    """Load every train_*.yaml of a release (or only ``yamls``) as training would; no weights, no network.

    Args:
        tokenizer: a folder with the tokenizer's files and config.json, instead of the configurations' model.
        example: which row of each train set to show.
        lengths: write ``{"yaml", "part", "dataset", "index", "tokens", "cut"}`` of each row there.

    Raises:
        CurateError: there is no environment, or the loader itself breaks off. A configuration that does not load
            is an answer, not an error.
    """
    if not yamls and not list(release.glob("train_*.yaml")):
        raise UsageError(
            say(f"{release} 里没有 train_*.yaml", f"there is no train_*.yaml in {release}"),
            say(
                "请给出一个发布版本的文件夹，例如 exports/名称/v1",
                "name the folder of a release, such as exports/name/v1",
            ),
        )
    command: list[str | Path] = [
        find_python(python),
        "-I",
        HERE / "load.py",
        release,
        "--example",
        str(example),
    ]
    for option, path in (("--tokenizer", tokenizer), ("--lengths", lengths)):
        if path is not None:
            command += [option, path]
    for name in yamls:
        command += ["--yaml", name]
    environment = {name: value for name, value in os.environ.items() if not NOT_PASSED.search(name)}
    offline = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    # no graphics card either: the same answer everywhere, and none is taken from a running training
    environment |= {**offline, "CUDA_VISIBLE_DEVICES": "", "HF_HUB_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", errors="replace", env=environment
    )
    try:
        found = json.loads(done.stdout.strip().rsplit("\n", 1)[-1])
    except ValueError:
        last = "\n".join(done.stderr.strip().split("\n")[-5:])
        raise CurateError(
            say(f"LLaMA-Factory 的加载程序中断：\n{last}", f"LLaMA-Factory's loader broke off:\n{last}"),
            say(
                f"训练环境可能不完整：删掉它，再运行 bash {HERE / 'env.sh'}",
                f"the environment may be broken: remove it and run bash {HERE / 'env.sh'} again",
            ),
        ) from None
    entries = tuple(LoadedYaml.from_json(one) for one in found["yamls"])
    return Loaded(found["llamafactory"], found["transformers"], entries)
