# Everything a person or a CI needs: a virtual environment is made and filled when it is missing or out of date.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: run test check install clean

run: $(VENV)/.dashboard
	$(BIN)/python -m logger

test: $(VENV)/.dev check
	$(BIN)/python -m pytest

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

install: $(VENV)/.dev

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.dashboard: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt pyproject.toml setup.py | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt -e .
	touch $(VENV)/.dashboard $@

clean:
	rm -rf $(VENV)
