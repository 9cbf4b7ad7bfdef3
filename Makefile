# `make demo` and `make test` do everything by themselves; the others are for people who work on the program.
PYTHON ?= python3
BIN := .venv/bin

# What one process has compiled the next need not compile, whatever the environment says.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test verify storm soak run check bench approve docs lock venv clean venv-run venv-demo venv-dev

demo: venv-demo
	$(BIN)/rotation-bot demo

test: venv
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

# What takes too long for every change: the suite again with the thorough tests and branches counted, how many of them must be reached,
# and more answers for the readers than every change needs.
verify: venv
	$(BIN)/coverage erase
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal --thorough --cov --cov-report=
	$(BIN)/coverage report --fail-under=90 > /dev/null || ($(BIN)/coverage report; exit 1)
	$(BIN)/coverage report --include='signals/*' --fail-under=95
	$(BIN)/coverage report --include='bot/alerts/*,bot/courier/*' --fail-under=100
	FUZZED_ANSWERS=60000 $(BIN)/python -m pytest --numprocesses auto --dist worksteal tests/bot/sources/fuzz

# 1,000 kills of engine, outbox and courier and 100 of the whole bot; `verify` makes 60 and 5.
storm: venv
	STORM_KILLS=1000 STORM_BOTS=100 $(BIN)/python -m pytest --numprocesses auto --dist worksteal --thorough tests/storm

# The whole bot over 60 sessions on a fast clock, with faults and kills (SOAK_SESSIONS=400 for once); `verify` has 4.
soak: venv
	$(BIN)/python -m tests.soak

run: venv-run
	$(BIN)/rotation-bot run

check: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: venv
	$(BIN)/python -m benchmarks

# The approved texts of what people read; read the diff before it is committed.
approve: venv
	$(BIN)/python -m pytest -q -n 0 tests/test_approved.py tests/test_approved_acts.py tests/test_approved_refusals.py --approve

# Pages that are made from the code.
docs: venv
	$(BIN)/python -m tools.signals_page
	$(BIN)/python -m tools.schema_page

venv: venv-dev

# Tops up what is there; takes nothing away.
venv-run venv-demo venv-dev: venv-%:
	@$(PYTHON) -m tools.set_up $*

# Rewrites the locks from pyproject.toml; the newest versions that it allows.
lock:
	$(PYTHON) -m tools.lock

clean:
	rm -rf .venv
