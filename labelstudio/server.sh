#!/usr/bin/env bash
# Makes the environment of the Label Studio server, every package pinned:
#     bash server.sh [DIR]          (default: .labelstudio-env in the current folder)
# It needs Python 3.11 or newer and a package index, nothing else; one of its own and not curate's, because
# Label Studio wants an older `openai`. A second call does nothing; a killed one starts over.
# PYTHON chooses the interpreter. `make labelstudio` then starts it (curate review serve); a team uses compose.yaml.
set -euo pipefail

pins() {
  # the whole list, so that the same comes out next year: an unpinned resolver may go back to Label Studio 1.11
  cat <<'PINS'
annotated-doc==0.0.7
annotated-types==0.8.0
anyio==4.16.0
appdirs==1.4.4
argcomplete==3.7.2
asgiref==3.13.0
attr==0.3.1
attrs==26.1.0
azure-core==1.41.0
azure-storage-blob==12.31.1
black==26.10.1
bleach==6.4.0
boto3==1.44.5
botocore==1.44.5
certifi==2026.10.18
cffi==2.1.1
charset-normalizer==3.5.2
click==8.5.1
cloudpickle==3.1.2
colorama==0.4.6
croniter==7.0.0
cryptography==50.0.2
datamodel-code-generator==0.89.0
defusedxml==0.7.1
distro==1.9.0
Django==5.2.19
django-annoying==0.10.6
django-cors-headers==4.7.0
django-csp==3.7
django-debug-toolbar==3.2.1
django-environ==0.10.0
django-extensions==3.2.3
django-filter==24.3
django-migration-linter==5.2.0
django-ranged-fileresponse==0.1.2
django-rq==3.1
django-storages==1.12.3
django-user-agents==0.4.0
djangorestframework==3.17.2
djangorestframework_simplejwt==5.5.1
doclang==0.8.0
drf-dynamic-fields==0.3.0
drf-flex-fields==0.9.5
drf-generators==0.3.0
drf-spectacular==0.28.0
expiringdict==1.2.2
Faker==40.54.0
filelock==4.2.11
genson==1.4.0
google-api-core==2.44.0
google-auth==2.62.2
google-cloud-appengine-logging==1.11.0
google-cloud-audit-log==0.6.3
google-cloud-core==2.8.0
google-cloud-logging==3.17.0
google-cloud-storage==3.17.1
google-crc32c==1.9.0
google-resumable-media==2.11.0
googleapis-common-protos==1.76.0
grpc-google-iam-v1==0.14.6
grpcio==1.85.1
grpcio-status==1.85.1
h11==0.16.0
httpcore==1.0.9
httpx==0.28.1
idna==3.20
ijson==3.6.0
inflect==7.6.0
inflection==0.5.1
isodate==0.7.2
isort==8.0.1
jaraco.functools==4.6.0
Jinja2==3.1.6
jiter==0.19.0
jmespath==1.1.0
joblib==1.6.0
jsf==0.11.2
jsonschema==4.26.0
jsonschema-specifications==2025.9.1
label-studio==1.23.2
label-studio-sdk==2.1.2
launchdarkly-server-sdk==8.2.1
lxml==6.1.3
lxml_html_clean==0.4.6
markdown-it-py==4.3.0
MarkupSafe==3.0.4
mdurl==0.1.2
more-itertools==11.2.1
mypy_extensions==1.2.0
nltk==3.10.4
numpy==2.2.6
openai==1.109.1
opencv-python-headless==4.12.0.88
opentelemetry-api==1.45.2
ordered-set==4.0.2
packaging==26.3
pandas==3.1.1
pathspec==1.1.1
pillow==13.0.0
platformdirs==4.14.7
proto-plus==1.29.0
protobuf==7.36.2
psycopg==3.3.9
psycopg-binary==3.3.9
pyarrow==24.0.0
pyasn1==0.6.5
pyasn1_modules==0.4.2
pyboxen==1.3.0
pycparser==3.12
pydantic==2.14.3
pydantic_core==2.50.4
Pygments==2.21.0
PyJWT==2.13.0
pyRFC3339==2.1.1
python-dateutil==2.9.0.post0
python-json-logger==2.0.4
pytokens==0.4.1
pytz==2022.7.1
PyYAML==6.0.3
redis==5.2.1
referencing==0.37.0
regex==2026.11.15
requests==2.34.2
requests-file==3.0.1
requests-mock==1.12.1
rich==15.0.0
rpds-py==2026.9.1
rq==2.6.1
rstr==3.2.2
rules==3.4
s3transfer==0.19.3
semver==3.1.1
sentry-sdk==2.75.0
shellingham==1.5.4
six==1.17.0
smart_open==9.0.2
sniffio==1.3.1
sqlparse==0.6.1
tldextract==5.4.0
toml==0.10.2
tqdm==4.70.1
typeguard==4.6.0
typer==0.29.2
typing-inspection==0.4.5
typing_extensions==4.16.0
ua-parser==1.0.2
ua-parser-builtins==202610
ujson==6.1.0
uritemplate==4.2.0
urllib3==2.8.0
user-agents==2.2.0
uuid_utils==0.19.0
watchfiles==1.3.0
webencodings==0.6.1
wrapt==2.5.2
xmljson==0.2.1
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

build() {
  "$PYTHON" -m venv "$DIR"
  LOG="$DIR/install.log"
  pins >"$DIR/pins.txt"
  # without dependencies: the list is whole, and the index may have newer ones
  if ! "$DIR/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check --no-input --no-deps \
    --requirement "$DIR/pins.txt" >"$LOG" 2>&1; then
    tail -n 20 "$LOG" >&2
    refuse "安装失败；全部输出在 $LOG" "the installation failed; all output is in $LOG" \
      "检查网络或 pip 镜像设置，再运行一次" "check the network or pip's index settings, then run it again"
  fi
  # without bytecode a first start takes two minutes and not half of one; some files of packages are no Python 3 at all
  "$DIR/bin/python" -m compileall -q -j 0 "$DIR"/lib/python3*/site-packages >>"$LOG" 2>&1 || true
  if ! LABEL_STUDIO_BASE_DATA_DIR="$DIR/probe" XDG_CONFIG_HOME="$DIR/probe" XDG_DATA_HOME="$DIR/probe" \
    COLLECT_ANALYTICS=false LATEST_VERSION_CHECK=false SENTRY_DSN= FRONTEND_SENTRY_DSN= \
    "$DIR/bin/label-studio" version >>"$LOG" 2>&1 </dev/null; then
    tail -n 20 "$LOG" >&2
    refuse "Label Studio 装上了但无法启动；全部输出在 $LOG" "Label Studio is installed but does not start; all output is in $LOG" \
      "换 Python 3.11 再试：PYTHON=python3.11 bash $SCRIPT $DIR" "try Python 3.11: PYTHON=python3.11 bash $SCRIPT $DIR"
  fi
  rm -rf "$DIR/probe"
}

main() {
  SCRIPT="${BASH_SOURCE[0]}"
  PYTHON="$(find_python)"
  # absolute: pip and the interpreter run from anywhere
  DIR="$("$PYTHON" -c 'import os, sys; print(os.path.abspath(sys.argv[1]))' "${1:-.labelstudio-env}")"
  local digest
  digest="$("$PYTHON" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$SCRIPT")"
  mkdir -p "$(dirname "$DIR")"
  if command -v flock >/dev/null; then # two at a time would remove each other's work
    exec 9>"$DIR.lock"
    flock 9
  fi
  if [ "$(cat "$DIR/whole" 2>/dev/null)" = "$digest" ] && "$DIR/bin/python" -c '' 2>/dev/null; then
    say "Label Studio 环境已就绪：$DIR" "the environment of Label Studio is ready: $DIR"
    return
  fi
  if [ -d "$DIR" ] && [ ! -f "$DIR/pyvenv.cfg" ] && [ -n "$(ls -A "$DIR")" ]; then
    refuse "$DIR 里有别的文件，不会清空它" "$DIR holds other files and is not emptied" "换一个文件夹" "choose another folder"
  fi
  rm -rf "$DIR"
  say "正在建立 Label Studio 环境：$DIR（约 1 GB，一两分钟）" "making the environment of Label Studio: $DIR (about 1 GB, a minute or two)"
  build
  printf '%s\n' "$digest" >"$DIR/whole" # last: without it the next call starts over
  say "Label Studio 环境已就绪：$DIR" "the environment of Label Studio is ready: $DIR"
}

main "$@"
