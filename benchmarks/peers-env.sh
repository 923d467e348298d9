#!/usr/bin/env bash
# Makes the environment of the tools that benchmarks/dedupe.py is measured against:
#     bash benchmarks/peers-env.sh [DIR]          (default: .peers-env in the current folder)
# One of its own and not curate's: the tools bring 90 packages (spaCy, jieba, pandas, datasets) that curate does not
# want, and must not decide which versions curate is measured with. A second call does nothing; a killed one starts over.
# text-dedup goes in without its dependencies: its MinHash needs none of Spark, JAX and gensim.
set -euo pipefail

pins() {
  # the whole list, so that the same comes out next year
  cat <<'PINS'
annotated-doc==0.0.7
annotated-types==0.8.0
anyio==4.16.0
babel==2.18.0
blis==1.3.4
catalogue==2.0.10
certifi==2026.10.18
charset-normalizer==3.5.2
click==8.5.1
click-option-group==0.5.9
cloudpathlib==0.26.0
cloudpickle==3.1.2
confection==1.3.4
courlan==1.4.0
cymem==2.0.16
datasets==5.2.0
datasketch==2.0.0
datatrove==0.10.1
dateparser==1.5.0
defusedxml==0.7.1
dill==0.4.1
fasteners==0.20
fasttext-numpy2-wheel==0.9.2
filelock==4.2.11
fsspec==2026.9.0
ftfy==6.3.1
h11==0.16.0
hf-xet==1.8.0
htmldate==1.11.0
httpcore==1.0.9
httpcore2==2.16.2
httpx==0.28.1
httpx2==2.16.2
huggingface_hub==2.4.0
humanize==4.17.0
idna==3.20
inscriptis==2.7.6
jieba==0.42.1
Jinja2==3.1.6
joblib==1.6.0
jusText==3.0.2
loguru==0.7.3
lxml==6.1.3
markdown-it-py==4.3.0
MarkupSafe==3.0.4
mdurl==0.1.2
multiprocess==0.70.19
murmurhash==1.0.16
nltk==3.10.4
numpy==2.4.6
orjson==3.13.0
packaging==26.3
pandas==3.1.1
polars==2.1.0
polars-runtime-32==2.1.0
preshed==3.0.15
pyahocorasick==2.3.1
pyarrow==26.0.1
pybind11==3.1.0
pydantic==2.14.3
pydantic_core==2.50.4
Pygments==2.21.0
python-dateutil==4.0.0
pytz==2026.6
PyYAML==6.0.3
regex==2026.11.15
rensa==0.5.0
requests==2.34.2
requests-file==3.0.1
rich==15.0.0
scipy==1.17.1
shellingham==1.5.4
smart_open==9.0.2
spacy==3.8.18
spacy-legacy==3.0.12
spacy-loggers==1.0.5
srsly==2.5.6
text-dedup==0.4.0
thinc==8.3.14
tld==0.13.2
tldextract==5.4.0
tokenizers==0.23.3
tqdm==4.70.1
trafilatura==1.11.0
truststore==0.10.5
typer==0.29.2
typing-inspection==0.4.5
typing_extensions==4.16.0
tzdata==2026.6
tzlocal==5.4.5
urllib3==2.8.0
wasabi==1.1.3
wcwidth==0.9.4
weasel==1.0.1
wrapt==2.5.2
xxhash==3.8.2
PINS
}

main() {
  local dir="${1:-.peers-env}" digest
  digest="$(sha256sum "${BASH_SOURCE[0]}" | cut -d ' ' -f 1)"
  if [ "$(cat "$dir/whole" 2>/dev/null)" = "$digest" ]; then
    echo "the environment of the peers is ready: $dir"
    return
  fi
  if [ -d "$dir" ] && [ ! -f "$dir/pyvenv.cfg" ] && [ -n "$(ls -A "$dir")" ]; then
    echo "$dir holds other files and is not emptied; choose another folder" >&2
    exit 1
  fi
  rm -rf "$dir"
  echo "making the environment of the peers: $dir (about 1.2 GB, a minute or two)"
  "${PYTHON:-python3.11}" -m venv "$dir"
  echo '*' >"$dir/.gitignore"
  pins >"$dir/pins.txt"
  # without dependencies: the list is whole, and the index may have newer ones
  "$dir/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps --requirement "$dir/pins.txt"
  "$dir/bin/python" -c 'import datasketch, rensa, text_dedup.minhash, datatrove.pipeline.dedup'
  printf '%s\n' "$digest" >"$dir/whole" # last: without it the next call starts over
  echo "the environment of the peers is ready: $dir"
}

main "$@"
