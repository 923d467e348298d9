# make demo: set up and run the worked example. make test: set up and run the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: all demo env test test-live check format lock bench clean train-env labelstudio labelstudio-env

all: check test

# The stamp is newer than the lock when the environment is whole.
$(VENV)/.whole: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "curate needs Python 3.11 or newer; try: make PYTHON=python3.11 / curate 需要 Python 3.11 以上")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

env: $(VENV)/.whole

demo: env
	$(BIN)/curate run recipes/expo.yaml

test: env
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

test-live: env train-env
	$(BIN)/python -m pytest -m live

# LLaMA-Factory on a processor, in an environment of its own: for `curate export check --with-llamafactory`.
train-env:
	bash curate/export/trainer/env.sh .train-env

# Label Studio in an environment of its own. labelstudio: starts it on 127.0.0.1:8080 with the accounts of labelstudio/accounts.csv;
# who they are and their passwords is kept in runs/labelstudio/accounts.json.
labelstudio-env:
	bash labelstudio/server.sh .labelstudio-env

labelstudio: env labelstudio-env
	$(BIN)/curate review serve --accounts labelstudio/accounts.csv

check: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: env
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Needs uv; the lock names no registry.
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --custom-compile-command "make lock" --quiet --output-file requirements.lock

bench: env
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.flow
	$(BIN)/python -m benchmarks.sources
	$(BIN)/python -m benchmarks.clean
	$(BIN)/python -m benchmarks.validate
	$(BIN)/python -m benchmarks.three_c
	$(BIN)/python -m benchmarks.privacy
	$(BIN)/python -m benchmarks.personal_data
	$(BIN)/python -m benchmarks.quality
	$(BIN)/python -m benchmarks.fields
	$(BIN)/python -m benchmarks.export
	$(BIN)/python -m benchmarks.dedupe
	$(BIN)/python -m benchmarks.matching
	$(BIN)/python -m benchmarks.synthesize
	$(BIN)/python -m benchmarks.agreement
	$(BIN)/python -m benchmarks.review

# Not runs/index, runs/audit, runs/*.sqlite: they are the memory of what was seen and done.
clean:
	rm -rf runs/cache runs/[0-9]* .pytest_cache .mypy_cache .ruff_cache .hypothesis
