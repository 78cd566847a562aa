# `make run` and `make test` need nothing but python3 (3.11 or newer) and make.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Where nothing compiled is kept, each of the tests' processes compiles the bot, and each worker all tests.
unexport PYTHONDONTWRITEBYTECODE

# A Python that is gone, or was upgraded away, takes with it all that was installed for it.
$(shell $(BIN)/python -c "" 2>/dev/null || rm -rf .venv)

.PHONY: run venv test coverage lint bench torture lock clean

## Run on Discord where DISCORD_TOKEN is set (environment or .env), else play in the browser. ARGS go to the bot.
run: .venv/.installed
	@$(BIN)/python -m bot start $(ARGS)

## What the bot needs, installed and not started.
venv: .venv/.installed

## Lint, types, and the whole suite. ARGS go to pytest.
test: lint
	$(BIN)/python -m pytest -n 3 $(ARGS)

## The same, and how much of the code it runs: half as long again.
coverage: lint
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -n 3 $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright

## Speed, beside what the platform allows and what most bots do. ARGS: --quick, --scale, --only clicks.
bench: .venv/.installed-dev
	@$(BIN)/python -m tests.bench $(ARGS)

## Kill it, fill its disk, damage its file: nothing acknowledged may be lost. Needs root and strace. ARGS: --rounds 20.
torture: .venv/.installed-dev
	@$(BIN)/python -m tests.torture $(ARGS)

## Renew the lock files from pyproject.toml; needs uv.
LOCK := uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11
lock:
	$(LOCK) --extra playground --extra speed --extra postgres --extra pictures --extra import pyproject.toml --output-file requirements.lock
	$(LOCK) --extra speed --extra postgres --extra pictures --extra import --group deploy --constraints requirements.lock pyproject.toml \
		--output-file .deploy/requirements.lock
	$(LOCK) --all-extras --constraints requirements.lock pyproject.toml --output-file tests/requirements.lock

clean:
	rm -rf .venv build dist .coverage .coverage.* .pytest_cache .ruff_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Sheepbot needs Python 3.11 or newer; set PYTHON=python3.12, say, to the one to use." >&2; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "Python's venv module is incomplete; on Debian: apt install python3-venv" >&2; exit 1; }

.venv/.installed: requirements.lock | .venv/bin/python
	@echo "Installing what Sheepbot needs (once) ..."
	@$(PIP) --require-hashes -r requirements.lock
	@touch $@

.venv/.installed-dev: tests/requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what the tests need (once) ..."
	@$(PIP) --require-hashes -r tests/requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@ .venv/.installed
