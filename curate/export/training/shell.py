"""train.sh and requirements-train.txt: from a fresh machine with a card to a training, in two commands.

The messages of train.sh stand in both languages: it runs where curate's language setting is not known.
"""

from __future__ import annotations

from curate.language import say

TRAINER = "0.9.5"

#: torchvision and torchaudio are named because LLaMA-Factory imports them, and a newer one would bring another torch
REQUIREMENTS = f"""\
torch==2.13.0
torchvision==0.28.0
torchaudio==2.11.0
llamafactory=={TRAINER}
transformers==5.5.4
datasets==4.0.0
accelerate==1.11.0
peft==0.18.1
trl==0.24.0
bitsandbytes==0.50.2
tensorboard==2.21.0
jieba==0.42.1
nltk==3.10.4
rouge_chinese==1.0.3
"""
#: the newest that LLaMA-Factory 0.9.5 allows
DEEPSPEED = "deepspeed==0.18.4\n"


def requirements(deepspeed: bool) -> str:
    """requirements-train.txt: the versions that were run together."""
    head = say(
        "# 训练环境，和 curate 的环境分开装（datasets 的版本互相冲突）。Python 3.11 或以上，显卡驱动要新：\n"
        "#   python3 -m venv train-env && . train-env/bin/activate\n"
        "#   pip install -r requirements-train.txt\n"
        "# 这组版本一起跑通过（在 CPU 上，deepspeed 除外）；transformers 不要升到 5.6 以上。\n"
        "# bitsandbytes 用于 INT8/INT4，tensorboard 画训练曲线，jieba、nltk、rouge_chinese 给评测打分。\n",
        "# The environment to train in; not curate's own (their versions of datasets exclude each other).\n"
        "# Python 3.11 or newer and a recent driver:\n"
        "#   python3 -m venv train-env && . train-env/bin/activate\n"
        "#   pip install -r requirements-train.txt\n"
        "# These versions were run together (on a CPU, without deepspeed); transformers must stay below 5.6.\n"
        "# bitsandbytes is for INT8 and INT4, tensorboard draws curves, jieba, nltk and rouge_chinese score.\n",
    )
    return head + REQUIREMENTS + (DEEPSPEED if deepspeed else "")


def train_script(stages: list[str], predict: bool, gpus: int, distributed: bool) -> str:
    """train.sh for the stages that have a YAML; the first is the default."""
    tasks = [*stages, *(["evaluate"] if predict else []), "merge", "chat"]
    # without this LLaMA-Factory takes every card of the machine, and an update has other rows than planned
    cards = ",".join(str(number) for number in range(gpus))
    launch = f'export CUDA_VISIBLE_DEVICES="${{CUDA_VISIBLE_DEVICES-{cards}}}"\n'
    torchrun = ""
    if distributed:
        torchrun = (
            f'  export FORCE_TORCHRUN="${{FORCE_TORCHRUN-1}}" NPROC_PER_NODE="${{NPROC_PER_NODE-{gpus}}}"\n'
        )
    return (
        SCRIPT.replace("@TASKS@", "|".join(tasks))
        .replace("@TRAININGS@", "|".join(stages))
        .replace("@FIRST@", stages[0])
        .replace("@LAUNCH@", launch)
        .replace("@TORCHRUN@", torchrun)
        .replace("@TRAINER@", TRAINER)
    )


SCRIPT = r"""#!/usr/bin/env bash
# 用法 / usage: bash train.sh [@TASKS@] [key=value ...]
#   bash train.sh                          训练 @FIRST@ / trains @FIRST@
#   bash train.sh @FIRST@ num_train_epochs=1    改一个设置 / changes a setting
#   SKIP_CHECK=1 bash train.sh             明知文件改过也继续 / goes on although files were changed
#   USE_MODELSCOPE_HUB=1 bash train.sh     从魔搭下载模型（先 pip install modelscope）/ downloads from ModelScope
set -eu

tell() { printf '%s\n%s\n' "$1" "$2" >&2; }

# 所有路径都从这个文件夹算起 / every path starts at this folder
here=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
cd -- "$here"

task=@FIRST@
case "${1-}" in
  *=* | "") ;;
  -h | --help | help)
    sed -n '2,6s/^# //p' "train.sh"
    exit 0 ;;
  @TASKS@) task=$1; shift ;;
  *)
    tell "没有 $1 这个任务。可用：@TASKS@" "There is no task $1. There are: @TASKS@"
    exit 2 ;;
esac

check_files() {
  if [ ! -f SHA256SUMS ]; then
    tell "缺少 SHA256SUMS，文件夹不完整：请重新复制整个发布文件夹。" \
         "SHA256SUMS is missing, the folder is not whole: copy the release folder again."
    exit 1
  fi
  if command -v sha256sum >/dev/null 2>&1; then
    result=$(LC_ALL=C sha256sum -c SHA256SUMS 2>&1) && return 0
  elif command -v shasum >/dev/null 2>&1; then
    result=$(LC_ALL=C shasum -a 256 -c SHA256SUMS 2>&1) && return 0
  else
    tell "没有 sha256sum 或 shasum，无法核对文件。" "Neither sha256sum nor shasum is here to check the files."
    exit 1
  fi
  printf '%s\n' "$result" | grep -v ': OK$' >&2 || true
  tell "上面的文件和发布时不一样，没有开始训练。请重新复制，或让 curate 再导出一个版本；改设置请用 key=value。" \
       "The files above are not what was released; nothing was started. Copy the folder again or let curate export a new version; change settings by key=value."
  exit 1
}

check_trainer() {
  if ! command -v llamafactory-cli >/dev/null 2>&1; then
    tell "找不到 llamafactory-cli。先装训练环境：pip install -r requirements-train.txt" \
         "llamafactory-cli is not here. Install it first: pip install -r requirements-train.txt"
    exit 1
  fi
  version=$(llamafactory-cli version 2>/dev/null | sed -n 's/.*version \([0-9][0-9A-Za-z.]*\).*/\1/p' | head -n 1) || version=
  if [ "$version" != "@TRAINER@" ]; then
    tell "LLaMA-Factory 是 ${version:-未知版本}，这些配置是为 @TRAINER@ 写的：pip install -r requirements-train.txt" \
         "LLaMA-Factory is ${version:-of an unknown version}, these settings are for @TRAINER@: pip install -r requirements-train.txt"
    exit 1
  fi
}

if [ "${SKIP_CHECK-}" = 1 ]; then
  tell "SKIP_CHECK=1：没有核对文件和版本。" "SKIP_CHECK=1: files and versions were not checked."
else
  check_files
  check_trainer
fi

# 只用计划好的显卡，不然每次更新的行数会变 / only the planned cards, or an update has other rows
@LAUNCH@
# 评测、合并、对话用训练好的适配器 / these three need a trained adapter
need_adapter() {
  case " $* " in *" adapter_name_or_path="*) return 0 ;; esac
  adapter=$(sed -n 's/^adapter_name_or_path: \([A-Za-z0-9_.\/-]*\)  #.*/\1/p' "$task.yaml")
  if [ -n "$adapter" ] && [ ! -d "$adapter" ]; then
    tell "还没有 $adapter：先训练（bash train.sh），再运行 $task。" \
         "There is no $adapter yet: train first (bash train.sh), then run $task."
    exit 1
  fi
}

case "$task" in
  @TRAININGS@)
@TORCHRUN@    exec llamafactory-cli train "train_$task.yaml" "$@" ;;
  evaluate)
    need_adapter "$@"
    exec llamafactory-cli train evaluate.yaml "$@" ;;
  merge)
    need_adapter "$@"
    exec llamafactory-cli export merge.yaml "$@" ;;
  chat)
    need_adapter "$@"
    exec llamafactory-cli chat chat.yaml "$@" ;;
esac
"""
