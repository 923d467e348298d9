#!/usr/bin/env bash
# Makes the environment in which LLaMA-Factory trains on a processor, every package pinned:
#     bash env.sh [DIR]          (default: .train-env in the current folder)
# It needs Python 3.11 or newer and a package index, nothing else; one of its own and not curate's, because
# LLaMA-Factory wants an older `datasets`. A second call does nothing; a killed one starts over.
# PYTHON chooses the interpreter. On a machine with a GPU follow the release's requirements-train.txt instead.
set -euo pipefail

TORCH=2.13.0

pins() {
  # the whole list, so that the same comes out next year
  cat <<'PINS'
absl-py==2.5.1
accelerate==1.11.0
aiohappyeyeballs==2.7.1
aiohttp==3.14.5
aiosignal==1.4.0
annotated-doc==0.0.7
annotated-types==0.8.0
anyio==4.16.0
attrs==26.1.0
bitsandbytes==0.50.2
certifi==2026.10.18
charset-normalizer==3.5.2
click==8.5.1
cloudpickle==3.1.2
contourpy==1.3.3
cycler==0.12.1
datasets==4.0.0
defusedxml==0.7.1
dill==0.3.8
filelock==4.2.11
fonttools==4.68.0
frozenlist==1.8.0
fsspec==2025.3.0
grpcio==1.85.1
h11==0.16.0
hf-xet==1.8.0
httpcore==1.0.9
httpx==0.28.1
huggingface_hub==1.33.0
idna==3.20
Jinja2==3.1.6
joblib==1.6.0
kiwisolver==1.5.1
llamafactory==0.9.5
markdown-it-py==4.3.0
Markdown==3.11.3
MarkupSafe==3.0.4
matplotlib==3.11.2
mdurl==0.1.2
mpmath==1.3.0
multidict==7.2.1
multiprocess==0.70.16
networkx==3.6.1
nltk==3.10.4
numpy==2.4.6
omegaconf==2.4.0
packaging==26.3
pandas==3.1.1
peft==0.18.1
pillow==13.0.0
propcache==0.5.4
protobuf==7.36.2
psutil==7.2.2
pyarrow==26.0.1
pydantic==2.14.3
pydantic_core==2.50.4
Pygments==2.21.0
pyparsing==3.3.3
python-dateutil==4.0.0
PyYAML==6.0.3
regex==2026.11.15
requests==2.34.2
rich==15.0.0
rouge-chinese==1.0.3
safetensors==0.8.0
sentencepiece==0.2.3
setuptools==84.2.1
shellingham==1.5.4
six==1.17.0
sympy==1.14.0
tensorboard-data-server==0.7.2
tensorboard==2.21.0
tokenizers==0.22.2
torchaudio==2.11.0
tqdm==4.70.1
transformers==5.5.4
trl==0.24.0
typer==0.29.2
typing-inspection==0.4.5
typing_extensions==4.16.0
tzdata==2026.6
urllib3==2.8.0
Werkzeug==3.1.9
xxhash==4.1.0
yarl==1.25.1
PINS
}

say() { case "${CURATE_LANG:-}" in [eE][nN]*) printf '%s\n' "$2" ;; *) printf '%s\n' "$1" ;; esac; }

refuse() {
  say "$1" "$2" >&2
  say "  → $3" "  → $4" >&2
  exit 1
}

find_python() {
  local python
  for python in "${PYTHON:-}" python3.11 python3; do
    # asked, because the name may be that of a starter without an interpreter behind it
    if [ -n "$python" ] && "$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s' "$python"
      return
    fi
    if [ -n "$python" ] && [ "$python" = "${PYTHON:-}" ]; then
      break
    fi
  done
  refuse "找不到可用的 Python 3.11 以上版本（含 venv）" "no Python 3.11 or newer with venv is found" \
    "安装后再运行，或用 PYTHON=/路径/python3.11 指定" "install one, or name it: PYTHON=/path/to/python3.11"
}

pip_install() {
  "$DIR/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$@" >>"$LOG" 2>&1 && return
  tail -n 20 "$LOG" >&2
  refuse "安装失败：pip install $*；全部输出在 $LOG" "the installation failed: pip install $*; all output is in $LOG" \
    "检查网络或 pip 镜像设置，再运行一次" "check the network or pip's index settings, then run it again"
}

build() {
  "$PYTHON" -m venv "$DIR"
  LOG="$DIR/install.log"
  # alone and first: what comes later would swap a small build for the newest big one
  pip_install "torch==$TORCH"
  pins >"$DIR/pins.txt"
  # without dependencies: the list is whole, and the index may have newer ones
  pip_install --no-deps --requirement "$DIR/pins.txt"
  # a source package; with the setuptools of the list and not with the newest one
  pip_install --no-deps --no-build-isolation --use-pep517 jieba==0.42.1
  # LLaMA-Factory imports torchaudio even for text; its libraries belong to another torch and do not load
  rm -f "$DIR"/lib/python3*/site-packages/torchaudio/lib/*.so
  if ! HF_HUB_OFFLINE=1 "$DIR/bin/python" -c 'from llamafactory.train.tuner import run_exp' >>"$LOG" 2>&1; then
    tail -n 20 "$LOG" >&2
    refuse "LLaMA-Factory 装上了但无法启动；全部输出在 $LOG" "LLaMA-Factory is installed but does not start; all output is in $LOG" \
      "换 Python 3.11 再试：PYTHON=python3.11 bash $SCRIPT $DIR" "try Python 3.11: PYTHON=python3.11 bash $SCRIPT $DIR"
  fi
}

main() {
  SCRIPT="${BASH_SOURCE[0]}"
  PYTHON="$(find_python)"
  # absolute: pip and the interpreter run from anywhere
  DIR="$("$PYTHON" -c 'import os, sys; print(os.path.abspath(sys.argv[1]))' "${1:-.train-env}")"
  local digest
  digest="$("$PYTHON" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$SCRIPT")"
  mkdir -p "$(dirname "$DIR")"
  if command -v flock >/dev/null; then # two at a time would remove each other's work
    exec 9>"$DIR.lock"
    flock 9
  fi
  if [ "$(cat "$DIR/whole" 2>/dev/null)" = "$digest" ] && "$DIR/bin/python" -c '' 2>/dev/null; then
    say "训练环境已就绪：$DIR" "the train environment is ready: $DIR"
    return
  fi
  if [ -d "$DIR" ] && [ ! -f "$DIR/pyvenv.cfg" ] && [ -n "$(ls -A "$DIR")" ]; then
    refuse "$DIR 里有别的文件，不会清空它" "$DIR holds other files and is not emptied" "换一个文件夹" "choose another folder"
  fi
  rm -rf "$DIR"
  say "正在建立训练环境：$DIR（约 1.8 GB，几分钟）" "making the train environment: $DIR (about 1.8 GB, some minutes)"
  build
  printf '%s\n' "$digest" >"$DIR/whole" # last: without it the next call starts over
  say "训练环境已就绪：$DIR" "the train environment is ready: $DIR"
}

main "$@"
