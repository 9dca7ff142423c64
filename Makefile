# Two commands do all the set-up: `make film` and `make test`. Python 3.11+ and pip are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROMPT ?= rain on a night window, soft piano, far thunder

.PHONY: film test quick lint bench clean

film: $(VENV)/installed
	$(BIN)/clapboard generate "$(PROMPT)" -o film.mp4

test: $(VENV)/installed-dev
	$(MAKE) --no-print-directory lint
	$(BIN)/pytest -m "not slow"
	$(BIN)/pytest -m slow

quick: $(VENV)/installed-dev
	$(BIN)/pytest -m "not slow"

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

bench: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks

$(VENV)/installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/installed-dev: pyproject.toml $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) build dist film*.mp4
