# Two commands do all the set-up: `make film` and `make test`. Python 3.11+ and pip are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROMPT ?= rain on a night window, soft piano, far thunder
# What `make test` installs beside the package; EXTRAS=dev,nava adds torch, and with it the tests of the NAVA engine.
EXTRAS ?= dev
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: film test quick lint bench pictures clean

film: $(VENV)/installed
	$(BIN)/clapboard generate "$(PROMPT)" -o film.mp4

test: lint
	$(BIN)/pytest -n 2 -m "not slow"
	$(BIN)/pytest -n 2 -m slow
	@$(BIN)/python -c "import torch" 2>/dev/null || echo "The NAVA tests were left out, torch is not installed; run: make test EXTRAS=dev,nava"

quick: $(VENV)/installed-$(EXTRAS)
	$(BIN)/pytest -n 2 -m "not slow"

lint: $(VENV)/installed-$(EXTRAS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

bench: $(VENV)/installed-$(EXTRAS)
	$(BIN)/python -m benchmarks

pictures: $(VENV)/installed-$(EXTRAS)
	$(BIN)/python docs/make_pictures.py

$(VENV)/installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/installed-$(EXTRAS): pyproject.toml $(VENV)/installed
	$(PIP) --editable ".[$(EXTRAS)]"
	touch $@

clean:
	rm -rf $(VENV) build dist film.mp4
