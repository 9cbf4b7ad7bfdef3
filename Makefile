# `make demo` and `make test` do everything by themselves; the others are for people who work on the program.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test run check bench lock venv clean

demo: venv
	$(BIN)/rotation-bot demo

# Tests start many processes: what one has compiled the next need not compile, whatever the environment says.
test: export PYTHONDONTWRITEBYTECODE =
test: venv
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

run: venv
	$(BIN)/rotation-bot run

check: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: venv
	$(BIN)/python -m benchmarks

venv: $(READY)

# The stamp is written last, so an interrupted set-up starts again.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(READY)

# Rewrites the lock file from pyproject.toml; the newest versions that it allows.
lock:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --all-extras --upgrade \
	    --no-header --no-annotate --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV)
