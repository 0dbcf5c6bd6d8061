# Everything happens in ./.venv; nothing is installed elsewhere, but for the Debian packages that the tests with a
# browser or with Kafka need, and only when you are root; Kafka itself is kept in ~/.cache/milepost.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROJECT_FILES := pyproject.toml README.md

.DEFAULT_GOAL := help
.PHONY: help demo test soak lint format docs bench bench-newsletter lock clean

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(BIN)/milepost ## the main job on sample data, into ./demo-output
	$(BIN)/milepost demo

test: $(VENV)/.dev ## every test
	@sh tests/system-packages.sh
	@$(BIN)/python -m tests.services fetch
	@$(BIN)/python -m tests.editor
	$(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

soak: $(VENV)/.dev ## MINUTES=10 of workers, broker and database being killed, drawn from SEED=…
	@sh tests/system-packages.sh
	@$(BIN)/python -m tests.services fetch
	$(BIN)/python -u -m tests.distributed.soak $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

lint: $(VENV)/.dev ## lint, format, types, layers, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m docs.build --check

format: $(VENV)/.dev ## formats the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.dev ## writes anew what of docs/ is made from the code
	$(BIN)/python -m docs.build

bench: $(VENV)/.dev ## measures speed, prints a table
	$(BIN)/python -m benchmarks

bench-newsletter: $(VENV)/.dev ## how fast a newsletter goes out, by SendGrid and by SMTP
	@sh tests/system-packages.sh
	$(BIN)/python -m benchmarks newsletter $(ARGS)

lock: ## pins the newest versions that pyproject.toml allows
	$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install -q uv
	$(VENV)/lock/bin/uv pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --extra build pyproject.toml -o requirements.lock
	$(VENV)/lock/bin/uv pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --extra build --extra dev pyproject.toml -o requirements-dev.lock

clean: ## removes what was made
	rm -rf $(VENV) demo-output .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Milepost needs Python 3.11 or newer; name one by: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "Python's venv is missing; on Debian: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

$(BIN)/milepost: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Setting up $(VENV) (once, about a minute) …"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(BIN)/milepost
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
