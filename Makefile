# Everything starts here; `make` alone lists the commands. A machine needs python3 (3.11 or later)
# with venv, make, git and curl: the rest is fetched into .tools and .venv, once.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 2
BIN := .venv/bin
UV := .tools/bin/uv
FONT := gvi/web/static/font/OFL.txt

export PORT
export UV_PYTHON_DOWNLOADS := never
export UV_HTTP_TIMEOUT := 180
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# the project's environment only, whatever the shell has active
unexport VIRTUAL_ENV
unexport PYTHONPATH
unexport PYTHONHOME

.PHONY: help setup run test journeys browser provider lint format types migrate migration bench security docs screens wheel sbom lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready $(FONT) ## packages and typeface, so that .venv/bin/gvi works

run: export GVI_ENVIRONMENT := demo
run: setup ## the dashboard on http://127.0.0.1:8000 (PORT=...), with the demo town if there is nothing yet
	@exec $(BIN)/python -m scripts.run

test: setup browser provider ## all tests: SQLite, a real PostgreSQL, a browser (ARGS="-k call_in" for some)
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

journeys: setup browser provider ## only the walks through the pages in a browser
	@$(BIN)/pytest -n $(WORKERS) -m journey $(ARGS)

browser: setup
	@$(BIN)/python -m scripts.browser

provider: setup
	@$(BIN)/python -m scripts.provider

lint: setup ## style, layout, import contracts, templates and types
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/djlint --lint --quiet templates
	@$(BIN)/mypy

types: setup ## mypy --strict
	@$(BIN)/mypy

format: setup ## put imports, layout and what ruff can mend in order
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

migrate: setup ## bring the database to this version
	@$(BIN)/gvi migrate

migration: setup ## write the next migration from the models (m="add review date")
	@test -n "$(m)" || { echo 'Say what it does: make migration m="add review date"' >&2; exit 2; }
	@number=$$(printf '%04d' $$(( $$(find migrations/versions -name '[0-9]*.py' | wc -l) + 1 ))); \
	$(BIN)/alembic revision --autogenerate -m "$(m)" --rev-id "$${number}_$$(tr ' A-Z' '_a-z' <<<"$(m)")"

bench: setup .tools/bench/igraph ## the speed budgets, as ratios within one run (ARGS="--only town")
	@PYTHONPATH=.tools/bench $(BIN)/python -m tests.bench $(ARGS)

# igraph is under the GPL and measured against only: never in the application's environment
.tools/bench/igraph: | setup
	@$(UV) pip install --quiet --python $(BIN)/python --target .tools/bench igraph==1.0.0

security: setup ## the long security checks, all or some (ARGS="rights pairs")
	@$(BIN)/python -m scripts.security $(ARGS)

docs: setup ## rewrite the pages under docs/ that are made from the code
	@$(BIN)/python -m scripts.docs

screens: setup browser ## take the README's pictures anew
	@$(BIN)/python -m scripts.screens

wheel: setup ## build dist/*.whl, which carries templates, migrations and static files
	@$(UV) build --quiet --wheel --out-dir dist
	@ls dist/*.whl

sbom: setup ## dist/sbom.json: every part that is shipped, with version and licence (CycloneDX)
	@mkdir -p .cache dist
	@$(UV) venv --quiet --clear --python $(PYTHON) .cache/sbom
	@$(UV) pip install --quiet --python .cache/sbom -c requirements.lock ".[postgres]"
	@$(UV) tool run --quiet --from cyclonedx-bom cyclonedx-py environment .cache/sbom \
		--pyproject pyproject.toml --mc-type application --output-reproducible --of JSON -o dist/sbom.json
	@echo dist/sbom.json

lock: .tools/.ready ## choose the newest versions that pyproject.toml allows
	@$(UV) pip compile --quiet --upgrade pyproject.toml --all-extras --group dev --universal \
		--python-version 3.11 --generate-hashes --no-header --no-emit-index-url -o requirements.lock

clean: ## remove what can be made again; databases stay
	rm -rf .venv .tools .cache dist build frontend/node_modules frontend/browser/node_modules frontend/provider/node_modules
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov
	rm -rf gvi/web/static/font

# Stamps: a second run has nothing to do here.

.tools/.ready:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) must be 3.11 or later; name another with PYTHON=..." >&2; exit 1; }
	@echo "Setting up, once ..." >&2
	@$(PYTHON) -m venv --clear .tools || { echo "python3 needs its venv module (apt-get install python3-venv)" >&2; exit 1; }
	@.tools/bin/pip install --quiet uv
	@touch $@

.venv/.ready: .tools/.ready requirements.lock pyproject.toml
	@$(BIN)/python -c '' 2>/dev/null || $(UV) venv --quiet --clear --python $(PYTHON) .venv
	@$(UV) pip install --quiet --python .venv --exact --no-deps -r requirements.lock -e .
	@$(UV) pip check --quiet --python .venv
	@touch $@

# Not being able to fetch the typeface stops nobody: the file is then missing and tried again.
$(FONT): frontend/package-lock.json .venv/.ready
	@$(BIN)/python -m scripts.font
